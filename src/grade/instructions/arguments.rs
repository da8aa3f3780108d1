//! The arguments of one instruction, by their published names → its check.

use serde_json::Value;

use crate::grade::options::{OptionError, noun};
use crate::text::{closest, excerpt, one_line};

use super::check::{Amount, Check, Relation};
use super::language::{LANGUAGES, Language};
use super::pattern::Pattern;
use super::read::Instruction;
use super::text::strip;

/// What is given for an instruction, and what was found wrong with it.
pub(super) struct Arguments<'a> {
    path: String,
    given: Vec<(&'a String, &'a Value)>,
    /// The names that were asked for: the instruction takes no others.
    taken: Vec<&'static str>,
    errors: Vec<OptionError>,
}

impl<'a> Arguments<'a> {
    pub(super) fn new(path: &str, given: Vec<(&'a String, &'a Value)>) -> Self {
        Self { path: path.to_owned(), given, taken: Vec::new(), errors: Vec::new() }
    }

    /// The instruction with these arguments.
    ///
    /// # Errors
    /// Every argument that is missing, wrong or not the instruction's.
    pub(super) fn read(mut self, id: &'static str) -> Result<Instruction, Vec<OptionError>> {
        let check = self.check(id);
        for (name, _) in &self.given {
            if !self.taken.iter().any(|taken| taken == name) {
                self.errors.push(self.unknown(id, name));
            }
        }
        match check {
            Some(check) if self.errors.is_empty() => Ok(Instruction { id, check }),
            _ => Err(self.errors),
        }
    }

    fn check(&mut self, id: &str) -> Option<Check> {
        Some(match id {
            "keywords:existence" => Check::Existence(self.patterns("keywords", Pattern::new)?),
            "keywords:frequency" => {
                let (keyword, amount) = (self.pattern("keyword"), self.amount("frequency", "relation"));
                Check::Frequency(keyword?, amount?)
            }
            "keywords:forbidden_words" => Check::Forbidden(self.patterns("forbidden_words", Pattern::word)?),
            "keywords:letter_frequency" => {
                let (letter, amount) = (self.letter("letter"), self.amount("let_frequency", "let_relation"));
                Check::LetterFrequency(letter?, amount?)
            }
            "language:response_language" => Check::Language(self.language("language")?),
            "length_constraints:number_sentences" => Check::Sentences(self.amount("num_sentences", "relation")?),
            "length_constraints:number_paragraphs" => Check::Paragraphs(self.count("num_paragraphs")?),
            "length_constraints:number_words" => Check::Words(self.amount("num_words", "relation")?),
            "length_constraints:nth_paragraph_first_word" => self.first_word()?,
            "detectable_content:number_placeholders" => Check::Placeholders(self.count("num_placeholders")?),
            "detectable_content:postscript" => self.postscript()?,
            "detectable_format:number_bullet_lists" => Check::Bullets(self.count("num_bullets")?),
            "detectable_format:number_highlighted_sections" => Check::Highlights(self.count("num_highlights")?),
            "detectable_format:multiple_sections" => {
                let (mark, count) = (self.section("section_spliter"), self.count("num_sections"));
                Check::Sections { mark: mark?, count: count? }
            }
            "combination:repeat_prompt" => Check::RepeatPrompt(self.text("prompt_to_repeat")?),
            "startend:end_checker" => Check::End(self.text("end_phrase")?),
            "change_case:capital_word_frequency" => {
                Check::CapitalWords(self.amount("capital_frequency", "capital_relation")?)
            }
            "detectable_format:constrained_response" => Check::Constrained,
            "detectable_format:json_format" => Check::Json,
            "detectable_format:title" => Check::Title,
            "combination:two_responses" => Check::TwoResponses,
            "startend:quotation" => Check::Quotation,
            "change_case:english_capital" => Check::EnglishCapital,
            "change_case:english_lowercase" => Check::EnglishLowercase,
            "punctuation:no_comma" => Check::NoComma,
            _ => return None,
        })
    }

    fn first_word(&mut self) -> Option<Check> {
        let (paragraphs, nth) = (self.count("num_paragraphs"), self.count("nth_paragraph"));
        let word = self.text("first_word");
        let (paragraphs, nth, word) = (paragraphs?, nth?, word?.to_lowercase());
        if nth == 0 || nth > paragraphs {
            return self.wrong("nth_paragraph", format!("there is no paragraph {nth} of {paragraphs}"), None);
        }
        Some(Check::FirstWord { paragraphs, nth, word })
    }

    /// Two markers are looked for with and without blanks between their letters.
    fn postscript(&mut self) -> Option<Check> {
        let marker = strip(&self.text("postscript_marker")?).to_owned();
        let pattern = match marker.as_str() {
            "P.P.S" => r"p\.\s?p\.\s?s",
            "P.S." => r"p\.\s?s\.",
            other => other,
        };
        let pattern = self.compiled("postscript_marker", Pattern::new(pattern))?;
        Some(Check::Postscript { marker, pattern })
    }

    fn wrong<T>(&mut self, name: &str, message: impl Into<String>, hint: Option<&str>) -> Option<T> {
        self.errors.push(OptionError::at(&format!("{}.{name}", self.path), message, hint));
        None
    }

    fn unknown(&self, id: &str, name: &str) -> OptionError {
        let hint = match closest(name, self.taken.iter().copied()) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None if self.taken.is_empty() => "it takes none".to_owned(),
            None => {
                let names: Vec<String> = self.taken.iter().map(|name| format!("`{name}`")).collect();
                format!("it takes {}", names.join(", "))
            }
        };
        let name = one_line(name);
        let message = format!("`{id}` has no argument `{}`", excerpt(&name, 60));
        OptionError::at(&format!("{}.{name}", self.path), message, Some(&hint))
    }

    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        self.taken.push(name);
        let given = self.given.iter().find(|(given, _)| *given == name).map(|(_, value)| *value);
        if given.is_none() {
            self.errors.push(OptionError::at(&self.path, format!("`{name}` is missing"), None));
        }
        given
    }

    /// A whole number; one that was written as `3.0`, as tables do, too.
    fn count(&mut self, name: &'static str) -> Option<u64> {
        const MOST: f64 = 1e15;
        let value = self.value(name)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, positive and small")]
        let whole = |x: f64| (x.fract() == 0.0 && (0.0..MOST).contains(&x)).then_some(x as u64);
        match value.as_u64().or_else(|| value.as_f64().and_then(whole)) {
            Some(count) => Some(count),
            None if value.is_number() => self.wrong(name, format!("expected a whole number, got {value}"), None),
            None => self.wrong(name, format!("expected a whole number, got {}", noun(value)), None),
        }
    }

    fn amount(&mut self, count: &'static str, relation: &'static str) -> Option<Amount> {
        let (bound, named) = (self.count(count), self.text(relation));
        let named = named?;
        let names = Relation::NAMES.map(|(name, _)| name);
        let Some((_, meant)) = Relation::NAMES.into_iter().find(|(name, _)| *name == named) else {
            let hint = closest(&named, names).map(|meant| format!("did you mean `{meant}`?"));
            let message = format!("`{}` is neither `less than` nor `at least`", one_line(&excerpt(&named, 60)));
            return self.wrong(relation, message, hint.as_deref());
        };
        if meant == Relation::LessThan && bound == Some(0) {
            return self.wrong(count, "nothing is less than 0", None);
        }
        Some(Amount { relation: meant, bound: bound? })
    }

    /// A text that is not empty; numbers and booleans as they are written.
    fn text(&mut self, name: &'static str) -> Option<String> {
        let value = self.value(name)?;
        self.one_text(name, value)
    }

    fn one_text(&mut self, name: &str, value: &Value) -> Option<String> {
        match value {
            Value::String(text) if strip(text).is_empty() => self.wrong(name, "the text is empty", None),
            Value::String(text) => Some(text.clone()),
            Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
            Value::Null => self.wrong(name, "expected a text, got null", Some("put the text in quotes")),
            other => self.wrong(name, format!("expected a text, got {}", noun(other)), None),
        }
    }

    fn compiled(&mut self, name: &str, pattern: Result<Pattern, String>) -> Option<Pattern> {
        const HINT: &str =
            "a keyword is a regular expression: write `\\` in front of a sign that is meant, as in `C\\+\\+`";
        match pattern {
            Ok(pattern) => Some(pattern),
            Err(message) => self.wrong(name, message, Some(HINT)),
        }
    }

    fn pattern(&mut self, name: &'static str) -> Option<Pattern> {
        let text = self.text(name)?;
        self.compiled(name, Pattern::new(strip(&text)))
    }

    fn section(&mut self, name: &'static str) -> Option<Pattern> {
        let text = self.text(name)?;
        self.compiled(name, Pattern::section(strip(&text)))
    }

    /// A list of keywords, or one.
    fn patterns(&mut self, name: &'static str, compile: fn(&str) -> Result<Pattern, String>) -> Option<Vec<Pattern>> {
        let items = match self.value(name)? {
            Value::Array(items) if items.is_empty() => return self.wrong(name, "the list is empty", None),
            Value::Array(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        let mut patterns = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let name = if items.len() > 1 { format!("{name}[{index}]") } else { name.to_owned() };
            let text = self.one_text(&name, item);
            patterns.push(text.and_then(|text| self.compiled(&name, compile(&text))));
        }
        patterns.into_iter().collect()
    }

    /// One character, small. The published checks take a random letter where it is not one of the 26.
    fn letter(&mut self, name: &'static str) -> Option<String> {
        let text = self.text(name)?;
        let letter = strip(&text);
        if letter.chars().count() == 1 {
            return Some(letter.to_lowercase());
        }
        self.wrong(name, format!("expected one letter, got `{}`", one_line(&excerpt(letter, 60))), None)
    }

    fn language(&mut self, name: &'static str) -> Option<Language> {
        let code = self.text(name)?;
        if let Some(language) = Language::of_code(strip(&code)) {
            return Some(language);
        }
        let named = LANGUAGES.iter().find(|language| language.name.eq_ignore_ascii_case(strip(&code)));
        let codes = || LANGUAGES.iter().map(|language| language.code).collect::<Vec<_>>().join(", ");
        let hint = match named {
            Some(named) => format!("did you mean `{}`?", named.code),
            None => format!("the languages that can be told are {}", codes()),
        };
        let message = format!("unknown language `{}`", one_line(&excerpt(&code, 60)));
        self.wrong(name, message, Some(&hint))
    }
}
