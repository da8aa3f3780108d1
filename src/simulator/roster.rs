//! The twelve models of the catalog. Their ids and prices are those of real models in 2026, so that a suite written
//! against the simulator runs against OpenRouter as it stands; their skill and their faults are made up.

use std::sync::LazyLock;
use std::time::Duration;

use super::profile::{Accuracy, Prices, Profile, Speed, Style, Temper, Thinking};

/// No faults of its own.
const STEADY: Temper =
    Temper { rate_limited: 0.0, bad_gateway: 0.0, breaks: 0.0, stalls: 0.0, refuses: 0.0, rambles: 0.0, disobeys: 0.0 };

/// First token in real milliseconds, tokens a second, jitter as a share.
const fn speed(ttft: u64, rate: f64, jitter: f64) -> Speed {
    Speed { ttft: Duration::from_millis(ttft), rate, jitter }
}

/// Right answers in percent of easy, medium and hard questions.
const fn accuracy(easy: u8, medium: u8, hard: u8) -> Accuracy {
    Accuracy { easy: easy as f64 / 100.0, medium: medium as f64 / 100.0, hard: hard as f64 / 100.0 }
}

/// A steady model with a million tokens of context that takes images; the entries below say where they differ.
/// Prices are cents a million tokens in and out.
fn model(id: &'static str, name: &'static str, provider: &'static str, cents: (i64, i64)) -> Profile {
    Profile {
        id: id.into(),
        name: name.into(),
        provider: provider.into(),
        context: 1_000_000,
        max_completion: 65_536,
        created: 1_760_000_000,
        vision: true,
        prices: Prices::cents_per_million(cents.0, cents.1),
        accuracy: accuracy(90, 80, 60),
        speed: speed(1000, 100.0, 0.25),
        thinking: None,
        style: Style::Bare,
        temper: STEADY,
    }
}

/// The twelve, dearest first.
static ROSTER: LazyLock<[Profile; 12]> = LazyLock::new(|| {
    [
        Profile {
            context: 200_000,
            accuracy: accuracy(99, 96, 80),
            speed: speed(1900, 55.0, 0.3),
            ..model("anthropic/claude-opus-4.5", "Anthropic: Claude Opus 4.5", "Anthropic", (500, 2500))
        },
        Profile {
            accuracy: accuracy(98, 94, 72),
            speed: speed(1200, 70.0, 0.25),
            style: Style::Steps,
            ..model("anthropic/claude-sonnet-4.5", "Anthropic: Claude Sonnet 4.5", "Anthropic", (300, 1500))
        },
        // The slow one: long reasoning that cannot be switched off.
        Profile {
            accuracy: accuracy(99, 96, 84),
            speed: speed(2000, 100.0, 0.3),
            thinking: Some(Thinking { mandatory: true, shown: true, tokens: 160 }),
            ..model("google/gemini-3.1-pro-preview", "Google: Gemini 3.1 Pro Preview", "Google AI Studio", (200, 1200))
        },
        Profile {
            context: 400_000,
            max_completion: 128_000,
            accuracy: accuracy(99, 97, 86),
            speed: speed(1300, 90.0, 0.25),
            thinking: Some(Thinking { mandatory: false, shown: false, tokens: 90 }),
            ..model("openai/gpt-5.2", "OpenAI: GPT-5.2", "OpenAI", (175, 1400))
        },
        // The careful one: it sometimes declines.
        Profile {
            context: 200_000,
            accuracy: accuracy(96, 86, 52),
            speed: speed(550, 150.0, 0.2),
            style: Style::Sentence,
            temper: Temper { refuses: 0.03, disobeys: 0.03, ..STEADY },
            ..model("anthropic/claude-haiku-4.5", "Anthropic: Claude Haiku 4.5", "Anthropic", (100, 500))
        },
        Profile {
            accuracy: accuracy(96, 87, 55),
            speed: speed(400, 220.0, 0.2),
            style: Style::Fenced,
            ..model("google/gemini-2.5-flash", "Google: Gemini 2.5 Flash", "Google Vertex", (30, 250))
        },
        // The one that hangs now and then.
        Profile {
            context: 163_840,
            vision: false,
            accuracy: accuracy(97, 90, 64),
            speed: speed(1400, 60.0, 0.4),
            temper: Temper { stalls: 0.04, ..STEADY },
            ..model("deepseek/deepseek-v3.2", "DeepSeek: DeepSeek V3.2", "DeepSeek", (28, 40))
        },
        Profile {
            context: 400_000,
            max_completion: 128_000,
            accuracy: accuracy(98, 92, 70),
            speed: speed(900, 140.0, 0.25),
            thinking: Some(Thinking { mandatory: true, shown: true, tokens: 70 }),
            ..model("openai/gpt-5-mini", "OpenAI: GPT-5 Mini", "OpenAI", (25, 200))
        },
        Profile {
            context: 128_000,
            max_completion: 16_384,
            accuracy: accuracy(94, 78, 36),
            speed: speed(450, 90.0, 0.2),
            style: Style::Sentence,
            temper: Temper { disobeys: 0.02, ..STEADY },
            ..model("openai/gpt-4o-mini", "OpenAI: GPT-4o-mini", "OpenAI", (15, 60))
        },
        // The verbose one: `max_tokens` cuts it off now and then.
        Profile {
            context: 262_144,
            vision: false,
            accuracy: accuracy(95, 82, 45),
            speed: speed(500, 240.0, 0.25),
            style: Style::Steps,
            temper: Temper { rambles: 0.12, disobeys: 0.05, ..STEADY },
            ..model("qwen/qwen3-next-80b-a3b-instruct", "Qwen: Qwen3 Next 80B A3B Instruct", "Alibaba", (10, 80))
        },
        // The crowded one: it answers 429 with `Retry-After`.
        Profile {
            context: 131_072,
            vision: false,
            accuracy: accuracy(93, 76, 34),
            speed: speed(300, 200.0, 0.35),
            temper: Temper { rate_limited: 0.08, disobeys: 0.02, ..STEADY },
            ..model("meta-llama/llama-3.3-70b-instruct", "Meta: Llama 3.3 70B Instruct", "Groq", (10, 32))
        },
        // The flaky one: 502 before the answer, or an error in the middle of it.
        Profile {
            context: 131_072,
            vision: false,
            accuracy: accuracy(88, 66, 24),
            speed: speed(350, 130.0, 0.3),
            temper: Temper { bad_gateway: 0.08, breaks: 0.04, disobeys: 0.03, ..STEADY },
            ..model("mistralai/mistral-small-3.2-24b-instruct", "Mistral: Mistral Small 3.2 24B", "Mistral", (6, 18))
        },
    ]
});

/// The twelve models of the catalog, dearest first.
pub(super) fn roster() -> &'static [Profile] {
    &*ROSTER
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn twelve_models_that_differ_in_every_way() {
        let distinct = |of: fn(&Profile) -> String| roster().iter().map(of).collect::<HashSet<_>>().len();
        assert_eq!(distinct(|p| p.id.to_string()), 12);
        assert_eq!(distinct(|p| format!("{:?}", p.accuracy)), 12);
        assert_eq!(distinct(|p| format!("{:?}", p.speed)), 12);
        assert_eq!(distinct(|p| format!("{:?}", p.prices)), 12);
    }
}
