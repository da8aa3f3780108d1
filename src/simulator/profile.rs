//! Who the simulated models are: how often right, how fast, how dear, and what goes wrong with them.
//!
//! Twelve models are written down in `roster`; any other id gets a profile drawn from a hash of
//! the id, so that it too is always the same model.

use std::borrow::Cow;
use std::time::Duration;

use rust_decimal::Decimal;

use super::chance::Chance;
use super::roster::roster;

/// Prices in millionths of a millionth of a dollar a token: exact, and $1 a million tokens is 1,000,000.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prices {
    /// A prompt token.
    pub(super) prompt: i64,
    /// A token of answer or reasoning.
    pub(super) completion: i64,
    /// A prompt token read from a cache.
    pub(super) cache_read: i64,
}

impl Prices {
    /// Nothing at all, as of `:free` models.
    pub(super) const FREE: Self = Self { prompt: 0, completion: 0, cache_read: 0 };

    /// From cents a million tokens; a cached token costs a tenth of a fresh one.
    pub(super) const fn cents_per_million(prompt: i64, completion: i64) -> Self {
        Self { prompt: prompt * 10_000, completion: completion * 10_000, cache_read: prompt * 1_000 }
    }

    /// Dollars for a number of these units.
    pub(super) fn dollars(units: i64) -> Decimal {
        Decimal::new(units, 12).normalize()
    }
}

/// The share of right answers by how hard the question is; between the three it is interpolated.
#[derive(Debug, Clone, Copy)]
pub(super) struct Accuracy {
    pub(super) easy: f64,
    pub(super) medium: f64,
    pub(super) hard: f64,
}

impl Accuracy {
    /// The share at a difficulty in [0, 1].
    pub(super) fn at(self, difficulty: f64) -> f64 {
        let (low, high, along) = if difficulty < 0.5 {
            (self.easy, self.medium, difficulty * 2.0)
        } else {
            (self.medium, self.hard, difficulty * 2.0 - 1.0)
        };
        low + (high - low) * along
    }
}

/// How fast a model is in real life; the simulator divides every time by its speed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Speed {
    /// To the first token.
    pub(super) ttft: Duration,
    /// Tokens a second after the first.
    pub(super) rate: f64,
    /// How far both stray, as a share: 0.3 is ±30 %, with a tail twice as far now and then.
    pub(super) jitter: f64,
}

/// How a model reasons before it answers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Thinking {
    /// Cannot be switched off.
    pub(super) mandatory: bool,
    /// Whether the reasoning is shown; hidden reasoning is only counted.
    pub(super) shown: bool,
    /// Tokens of reasoning at medium effort, about.
    pub(super) tokens: u32,
}

/// How a model words an answer when nothing in the prompt asks for the bare answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// The answer and nothing else.
    Bare,
    /// `The answer is **X**.`
    Sentence,
    /// In a fenced block.
    Fenced,
    /// Some steps first, then `Answer: X`.
    Steps,
}

/// What goes wrong with a model on its own, as shares of requests.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Temper {
    /// 429 with `Retry-After`.
    pub(super) rate_limited: f64,
    /// 502 before anything was answered.
    pub(super) bad_gateway: f64,
    /// An error inside the stream.
    pub(super) breaks: f64,
    /// Goes silent in the middle of an answer for a while.
    pub(super) stalls: f64,
    /// Declines to answer.
    pub(super) refuses: f64,
    /// Talks until `max_tokens` cuts it off.
    pub(super) rambles: f64,
    /// Explains although the prompt asks for the bare answer.
    pub(super) disobeys: f64,
}

/// A simulated model.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    /// `author/slug`.
    pub(super) id: Cow<'static, str>,
    /// As the catalog shows it.
    pub(super) name: Cow<'static, str>,
    /// Who serves it.
    pub(super) provider: Cow<'static, str>,
    /// Context length in tokens.
    pub(super) context: u32,
    /// Longest answer in tokens.
    pub(super) max_completion: u32,
    /// Unix time of its release.
    pub(super) created: i64,
    /// Whether it takes images.
    pub(super) vision: bool,
    pub(super) prices: Prices,
    pub(super) accuracy: Accuracy,
    pub(super) speed: Speed,
    pub(super) thinking: Option<Thinking>,
    pub(super) style: Style,
    pub(super) temper: Temper,
}

impl Profile {
    /// The model with this id. A variant (`:free`, `:nitro` …) is its model; `:free` costs nothing.
    pub(super) fn find(id: &str) -> Self {
        let (base, variant) = id.split_once(':').unwrap_or((id, ""));
        let known = roster().iter().find(|profile| profile.id == base).cloned();
        let mut profile = known.unwrap_or_else(|| Self::derived(base));
        if variant == "free" {
            profile.prices = Prices::FREE;
        }
        profile
    }

    /// `author` of `author/slug`.
    pub(super) fn author(&self) -> &str {
        self.id.split_once('/').map_or("local", |(author, _)| author)
    }

    /// What stands in `provider`: no answer can be taken for a real one.
    pub(super) fn provider_name(&self) -> String {
        format!("SIMULATED {}", self.provider)
    }

    /// A profile for any id at all, drawn from the id alone.
    fn derived(id: &str) -> Self {
        let mut chance = Chance::new(0, &[b"profile", id.as_bytes()]);
        let skill = chance.unit();
        let price = (4.0 * 100_f64.powf(chance.unit())).round();
        #[expect(clippy::cast_possible_truncation, reason = "between 4 and 400 cents")]
        let cents = price as i64;
        let (author, slug) = id.split_once('/').unwrap_or(("local", id));
        Self {
            id: id.to_owned().into(),
            name: slug.to_owned().into(),
            provider: author.to_owned().into(),
            context: 131_072,
            max_completion: 16_384,
            created: 1_735_689_600,
            vision: false,
            prices: Prices::cents_per_million(cents, cents * 4),
            accuracy: Accuracy { easy: 0.80 + 0.19 * skill, medium: 0.50 + 0.45 * skill, hard: 0.15 + 0.65 * skill },
            speed: Speed {
                ttft: Duration::from_secs_f64(chance.between(0.3, 1.5)),
                rate: chance.between(50.0, 200.0),
                jitter: 0.25,
            },
            thinking: None,
            style: chance.pick(Style::Bare, &[Style::Bare, Style::Sentence, Style::Steps, Style::Fenced]),
            temper: Temper { disobeys: 0.02, ..Temper::default() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_id_is_always_the_same_model() {
        let (one, two) = (Profile::find("acme/zed-9b"), Profile::find("acme/zed-9b"));
        assert_eq!(format!("{one:?}"), format!("{two:?}"));
        assert_ne!(format!("{:?}", one.prices), format!("{:?}", Profile::find("acme/zed-70b").prices));
        assert_eq!(Profile::find("smollm2-135m").author(), "local");
    }

    #[test]
    fn a_variant_is_its_model_and_free_costs_nothing() {
        let (base, free) = (Profile::find("openai/gpt-4o-mini"), Profile::find("openai/gpt-4o-mini:free"));
        assert_eq!(base.name, free.name);
        assert_eq!(Prices::dollars(base.prices.prompt).to_string(), "0.00000015");
        assert_eq!(free.prices, Prices::FREE);
        assert_eq!(Profile::find("openai/gpt-4o-mini:nitro").prices, base.prices);
    }

    #[test]
    fn accuracy_falls_as_questions_get_harder() {
        let accuracy = Accuracy { easy: 1.0, medium: 0.8, hard: 0.2 };
        for (difficulty, share) in [(0.0, 1.0), (0.25, 0.9), (0.5, 0.8), (0.75, 0.5), (1.0, 0.2)] {
            assert!((accuracy.at(difficulty) - share).abs() < 1e-9);
        }
        for profile in roster() {
            let a = profile.accuracy;
            assert!(1.0 >= a.easy && a.easy >= a.medium && a.medium >= a.hard && a.hard > 0.0, "{}", profile.id);
        }
    }
}
