//! `min`, `max` and `exactly`: bounds on a count.

use super::options::{Count, OptionError, OptionErrors};

/// The options as they were written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Bounds {
    pub(super) min: Option<Count>,
    pub(super) max: Option<Count>,
    pub(super) exactly: Option<Count>,
}

/// A range that some count lies in, and some does not.
#[derive(Debug, Clone, Copy)]
pub(super) struct Range {
    min: u64,
    max: Option<u64>,
}

impl Bounds {
    /// The range that is meant. `what` and `example` word the mistake of saying nothing.
    ///
    /// # Errors
    /// Bounds that say nothing, contradict each other, or cannot fail.
    pub(super) fn checked(self, what: &str, example: &str) -> Result<Range, OptionErrors> {
        let bound = |count: Option<Count>| count.map(|Count(n)| n);
        let error = |path: &str, message: String, hint: &str| Err(OptionError::at(path, message, Some(hint)).into());
        match (bound(self.min), bound(self.max), bound(self.exactly)) {
            (None, None, None) => error("", format!("nothing says {what}"), &format!("add for example `{example}`")),
            (None, None, Some(n)) => Ok(Range { min: n, max: Some(n) }),
            (_, _, Some(_)) => {
                error("exactly", "`exactly` leaves nothing to `min` and `max`".to_owned(), "leave one or the other out")
            }
            (Some(0), None, None) => {
                error("min", "`min: 0` holds for every answer".to_owned(), "add `max`, or a higher `min`")
            }
            (Some(min), Some(max), None) if min > max => {
                error("max", format!("`max: {max}` is below `min: {min}`"), "no answer could pass")
            }
            (min, max, None) => Ok(Range { min: min.unwrap_or(0), max }),
        }
    }
}

impl Range {
    pub(super) fn holds(self, count: u64) -> bool {
        count >= self.min && self.max.is_none_or(|max| count <= max)
    }

    /// In words, for after "expected".
    pub(super) fn describe(self, one: &str, many: &str) -> String {
        let unit = |n: u64| if n == 1 { one } else { many };
        match (self.min, self.max) {
            (min, None) => format!("at least {min} {}", unit(min)),
            (0, Some(max)) => format!("at most {max} {}", unit(max)),
            (min, Some(max)) if min == max => format!("exactly {min} {}", unit(min)),
            (min, Some(max)) => format!("{min} to {max} {}", unit(max)),
        }
    }
}
