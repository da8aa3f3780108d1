//! How an answer is worded: bare, in a sentence, in a fenced block, after some steps; and what is said where there is
//! no right answer to give.

use std::fmt::Write;

use serde_json::Value;

use crate::grade::Frame;

use super::chance::Chance;
use super::oracle::Shape;
use super::profile::Style;

/// Words by which a prompt asks for the answer and nothing else, in some languages.
const BARE: [&str; 26] = [
    " only",
    "only ",
    " just ",
    "just the",
    "one word",
    "single word",
    "single letter",
    "single number",
    "nothing else",
    "no explanation",
    "without explanation",
    "no other text",
    "nothing but",
    "no prose",
    "verbatim",
    "nur ",
    "einem wort",
    "solo ",
    "sólo ",
    "una palabra",
    "apenas ",
    "uniquement",
    "seulement",
    "un mot",
    "только",
    "だけ",
];

/// Whether the prompt asks for the answer and nothing else.
pub(super) fn demands_bare(prompt: &str) -> bool {
    let prompt = prompt.to_lowercase();
    BARE.iter().any(|words| prompt.contains(words)) || ["仅", "只", "만 ", "فقط"].iter().any(|w| prompt.contains(w))
}

/// The answer in the model's own words.
pub(super) fn worded(answer: &str, shape: Shape, style: Style, chance: &mut Chance) -> String {
    if shape == Shape::Whole {
        return answer.to_owned();
    }
    if matches!(shape, Shape::Json | Shape::Calls) {
        return match style {
            Style::Bare => answer.to_owned(),
            Style::Sentence => pretty(answer),
            Style::Fenced => format!("```json\n{}\n```", pretty(answer)),
            Style::Steps => format!("Here is the JSON you asked for:\n\n```json\n{}\n```", pretty(answer)),
        };
    }
    let long = answer.len() > 60;
    match style {
        Style::Bare => answer.to_owned(),
        _ if long || answer.contains("```") => answer.to_owned(),
        Style::Sentence => match chance.within(0, 3) {
            0 => format!("**{answer}**"),
            _ => format!("The answer is **{answer}**."),
        },
        Style::Fenced => format!("```\n{answer}\n```"),
        Style::Steps => {
            let steps = thoughts(24, chance);
            format!("Let me work through this step by step. {steps}\n\nAnswer: {answer}")
        }
    }
}

/// The answer with what has to stand around it.
pub(super) fn framed(answer: &str, frame: &Frame, style: Style, chance: &mut Chance) -> String {
    let Frame { before, after } = frame;
    let answer = format!("{before}{answer}{after}");
    if style == Style::Bare { answer } else { format!("{}\n\n{answer}", thoughts(24, chance)) }
}

/// The same JSON over several lines.
fn pretty(json: &str) -> String {
    let value: Option<Value> = serde_json::from_str(json).ok();
    value.and_then(|value| serde_json::to_string_pretty(&value).ok()).unwrap_or_else(|| json.to_owned())
}

/// Sentences of a model thinking aloud; about this many tokens.
pub(super) fn thoughts(tokens: u32, chance: &mut Chance) -> String {
    const THOUGHTS: [&str; 12] = [
        "First, restate what is being asked.",
        "The key facts are in the question itself.",
        "Consider the most likely reading before the unusual ones.",
        "Check the units and the sign.",
        "That rules out the first idea.",
        "Going through the cases one at a time is safer.",
        "The second condition narrows it down further.",
        "This matches what the wording suggests.",
        "Let me verify that with a quick check.",
        "The other options do not fit all of the constraints.",
        "Nothing in the text contradicts this.",
        "So the conclusion follows.",
    ];
    let mut text = String::new();
    let mut length = 0;
    while length < tokens {
        let thought = chance.pick(THOUGHTS[0], &THOUGHTS[1..]);
        length += super::tokens::count(thought);
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(thought);
    }
    text
}

/// An answer to a request nobody told us the answer of: a few general sentences that take up words of the prompt.
pub(super) fn filler(prompt: &str, chance: &mut Chance) -> String {
    let mut topics: Vec<&str> =
        prompt.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 4).collect();
    topics.truncate(200);
    let mut topic = || topics.get(chance.within(0, topics.len())).copied().unwrap_or("this").to_owned();
    let (first, second, third) = (topic(), topic(), topic());
    let mut text = format!("In short, {first} depends on how it is used. ");
    let _ = write!(text, "What matters most about {second} is the context it stands in, ");
    let _ = write!(text, "and a good rule of thumb is to start with {third} and check the result. ");
    text.push_str(&thoughts(20, chance));
    text
}

/// A sentence about something in the prompt.
pub(super) fn phrase(prompt: &str, chance: &mut Chance) -> String {
    let text = filler(prompt, chance);
    text.find(". ").map_or(text.as_str(), |end| &text[..=end]).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prompts_that_want_the_bare_answer_are_recognised() {
        for prompt in [
            "Answer with one word.",
            "Reply with ONLY the number",
            "Just the city, please",
            "Antworte nur mit der Zahl",
        ] {
            assert!(demands_bare(prompt), "{prompt}");
        }
        assert!(!demands_bare("What is the capital of France?"));
    }

    #[test]
    fn every_style_holds_the_answer() {
        for style in [Style::Bare, Style::Sentence, Style::Fenced, Style::Steps] {
            let mut chance = Chance::new(1, &[]);
            assert!(worded("42", Shape::Number, style, &mut chance).contains("42"));
            let json = worded("{\"a\":1}", Shape::Json, style, &mut chance);
            let inner = json.rsplit("```json\n").next().unwrap().trim_end_matches("\n```");
            assert_eq!(serde_json::from_str::<Value>(inner).unwrap(), json!({"a": 1}), "{style:?}");
        }
        assert_eq!(worded("42", Shape::Number, Style::Bare, &mut Chance::new(1, &[])), "42");
    }

    #[test]
    fn filler_takes_up_the_prompt_and_survives_an_empty_one() {
        assert!(filler("Explain photosynthesis", &mut Chance::new(1, &[])).contains("photosynthesis"));
        assert!(!filler("", &mut Chance::new(1, &[])).is_empty());
        assert_eq!(phrase("", &mut Chance::new(1, &[])), "In short, this depends on how it is used.");
    }
}
