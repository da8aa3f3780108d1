//! Options in another order for each case, against position bias: what a grader asks for, and what travels with a case.
//!
//! The suite reorders the variable as it is read, before any prompt is rendered, and puts the order beside it, as the
//! variable [`order_variable`]: for each displayed position the original one, from 0. So the grader undoes it from the
//! case alone, also in a run that is graded again.

use std::sync::LazyLock;

use regex::Regex;

/// A variable whose options are reordered before the case is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shuffle {
    /// The case's variable: a list of texts, a map from letter to text, or `{ text: […], label: […] }`.
    pub variable: String,
    /// The same seed gives the same orders.
    pub seed: u64,
    /// Whether `All of the above` and its kin stay where they are.
    pub keep_last: bool,
}

/// The variable that holds the order.
pub fn order_variable(variable: &str) -> String {
    format!("{variable}_order")
}

static ABOVE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)^\W*(?:(?:all|none|any|both|neither|either|some)\s+(?:of\s+)?(?:the\s+)?(?:above|these|those|options|answers|choices|preceding|other)\b",
        r"|none\W*$|all\W*$|both\W*$|neither\W*$)",
    ))
    .ok()
});

static LETTERS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^\W*(?:(?i:both|neither|either|only|options?|choices?|answers?)\s+)*\(?[A-J]\)?(?:\s*,\s*\(?[A-J]\)?)*",
        r"\s*(?:,?\s*(?i:and|or|nor)|&|/)\s*\(?[A-J]\)?(?:\s+(?i:only|both|are correct|above))?\W*$",
        r"|^\W*(?i:options?|choices?|answers?|only)\s+\(?[A-J]\)?\W*$",
    ))
    .ok()
});

/// Whether an option speaks of those above it, so that it has to stay behind them: `None of the above`.
pub fn speaks_of_those_above(text: &str) -> bool {
    ABOVE.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// Whether an option speaks of others by their letters (`Both A and C`): then nothing may move.
pub fn speaks_of_letters(text: &str) -> bool {
    text.len() < 80 && LETTERS.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_that_speak_of_others_are_known() {
        for text in
            ["All of the above", "None of the above.", "none of these", "Neither of the above", "Both of these", "None"]
        {
            assert!(speaks_of_those_above(text), "{text}");
        }
        for text in ["All of Gaul", "Above all", "Nonetheless", "None of his brothers", "Both hands", "Paris"] {
            assert!(!speaks_of_those_above(text), "{text}");
        }
        for text in ["Both A and C", "A and B", "(A) and (B) only", "Neither B nor C", "A, B, and D", "Option C"] {
            assert!(speaks_of_letters(text), "{text}");
        }
        for text in ["A", "Vitamin C", "A and I went", "B-52", "Plan B or nothing", "Paris"] {
            assert!(!speaks_of_letters(text), "{text}");
        }
    }
}
