//! What a simulated judge finds in the request: the answer it is to judge, and whether that is good.
//!
//! A good answer is one that holds the reference answer. Where there is none to compare with, three in four are good,
//! drawn from the answer's text: the same for every judge, so that those of a panel mostly agree.

use super::chance::Chance;

/// The share of good answers where nothing tells.
const GOOD: f64 = 0.75;

/// What is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Matter<'p> {
    /// The answer, or the whole request where it is not marked.
    pub(super) answer: &'p str,
    /// What is right, one a line, where it is marked.
    reference: Option<&'p str>,
}

/// Looks for the blocks `⟦ANSWER id⟧ … ⟦/ANSWER id⟧` and `⟦REFERENCE id⟧ …` in a request.
pub(super) fn matter(prompt: &str) -> Matter<'_> {
    Matter { answer: block(prompt, "ANSWER").unwrap_or(prompt), reference: block(prompt, "REFERENCE") }
}

/// Which of two marked answers is better: `first`, `second` or `tie`. `None` where no two are marked.
pub(super) fn better(prompt: &str, seed: u64) -> Option<&'static str> {
    let reference = block(prompt, "REFERENCE");
    let is_good = |name| Some(Matter { answer: block(prompt, name)?, reference }.is_good(seed));
    Some(match (is_good("FIRST ANSWER")?, is_good("SECOND ANSWER")?) {
        (true, false) => "first",
        (false, true) => "second",
        _ => "tie",
    })
}

fn block<'p>(prompt: &'p str, name: &str) -> Option<&'p str> {
    let rest = prompt.split_once(&format!("⟦{name} "))?.1;
    let (_, inside) = rest.split_once("⟧\n")?;
    Some(inside.split_once(&format!("\n⟦/{name} "))?.0)
}

impl Matter<'_> {
    /// Whether the answer is good.
    pub(super) fn is_good(&self, seed: u64) -> bool {
        let Some(reference) = self.reference else {
            return Chance::new(seed, &[b"good", self.answer.as_bytes()]).happens(GOOD);
        };
        let answer = self.answer.to_lowercase();
        let holds = |text: &str| !text.trim().is_empty() && answer.contains(&text.trim().to_lowercase());
        // Of several right answers each stands behind its number.
        let numbered =
            reference.lines().filter_map(|line| line.split_once(". ").filter(|(n, _)| n.parse::<u32>().is_ok()));
        holds(reference) || numbered.into_iter().any(|(_, text)| holds(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prompt(answer: &str, reference: Option<&str>) -> String {
        let reference = reference.map(|text| format!("⟦REFERENCE 0a⟧\n{text}\n⟦/REFERENCE 0a⟧\n")).unwrap_or_default();
        format!("Between ⟦NAME 0a⟧ and ⟦/NAME 0a⟧ …\n{reference}\n⟦ANSWER 0a⟧\n{answer}\n⟦/ANSWER 0a⟧\nGrade it.")
    }

    #[test]
    fn an_answer_is_good_where_it_holds_the_reference() {
        for (answer, reference, good) in [
            ("It is in norway.", "Norway", true),
            ("It is in Sweden.", "Norway", false),
            ("It is in Sweden.", "Any one of these is right:\n1. Norway\n2. Sweden", true),
            ("", "Norway", false),
        ] {
            assert_eq!(matter(&prompt(answer, Some(reference))).is_good(1), good, "{answer} {reference}");
        }
    }

    #[test]
    fn without_a_reference_three_in_four_are_good_whatever_stands_around_them() {
        let good =
            |n: u32, around: &str| matter(&format!("{around}{}", prompt(&format!("answer {n}"), None))).is_good(1);
        let share = (0..400).filter(|&n| good(n, "")).count();
        assert!((270..330).contains(&share), "{share}");
        assert!((0..50).all(|n| good(n, "") == good(n, "Another criterion.\n")));
        assert_eq!(matter("no marks").answer, "no marks");
    }

    #[test]
    fn of_two_answers_the_one_that_holds_the_reference_is_better() {
        let prompt = |first: &str, second: &str| {
            format!(
                "⟦REFERENCE 0a⟧\nOslo\n⟦/REFERENCE 0a⟧\n⟦FIRST ANSWER 0a⟧\n{first}\n⟦/FIRST ANSWER 0a⟧\n\
                 ⟦SECOND ANSWER 0a⟧\n{second}\n⟦/SECOND ANSWER 0a⟧"
            )
        };
        assert_eq!(better(&prompt("Oslo", "Rome"), 1), Some("first"));
        assert_eq!(better(&prompt("Rome", "It is Oslo."), 1), Some("second"));
        assert_eq!(better(&prompt("Rome", "Paris"), 1), Some("tie"));
        assert_eq!(better("⟦ANSWER 0a⟧\nOslo\n⟦/ANSWER 0a⟧", 1), None);
    }
}
