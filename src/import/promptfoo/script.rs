//! The few forms of JavaScript and Python that say what a grader says: `output.includes('x')`, `len(output) < 80`,
//! `/\d/.test(output)`, joined by and, or and not. They are read, never run; anything else is not understood.

mod lex;
mod reader;
mod subject;

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value as Json};

use crate::import::emit::{Block, Yaml};

use super::asserts::{Grader, Refused};

use lex::tokens;
use reader::Reader;

/// Longer programs are programs.
const MAX_CODE: usize = 2_000;

/// `const NAME = VALUE;` in front of what is said of it.
static ALIAS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^(?:const|let|var)\s+([A-Za-z_]\w*)\s*=\s*([^;\n=]+?)\s*(?:;|\n)\s*").ok());

static COMMENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(?m)^\s*(?://|#).*$").ok());

/// `(() => { … })()`
static WRAPPED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?s)^\(\s*\(\)\s*=>\s*\{(.*)\}\s*\)\(\)\s*;?$").ok());

/// `JSON.parse(output.replace(/^```json|```$/g, '').trim())`
static UNFENCED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r#"JSON\.parse\(\s*output(?:\.trim\(\))?(?:\.replace\(/[^/\n]*```[^/\n]*/[a-z]*,\s*(?:''|"")\))+(?:\.trim\(\))?\s*\)"#).ok()
});

/// Makes a grader of an expression; `None`: it is not understood.
pub(super) fn grader(code: &str, vars: Option<&Map<String, Json>>) -> Option<Grader> {
    if code.len() > MAX_CODE {
        return None;
    }
    let code = COMMENT.as_ref()?.replace_all(code, "");
    let code = WRAPPED.as_ref()?.replace(code.trim(), "$1");
    // Graders of JSON look inside fences themselves.
    let code = UNFENCED.as_ref()?.replace_all(&code, "JSON.parse(output)");
    let code = without_aliases(code.trim())?;
    let code = code.trim().trim_end_matches(';').trim();
    let code = code.strip_prefix("return ").unwrap_or(code).trim();
    let code = code.replace("typeof output === 'string' &&", "").replace("typeof output === \"string\" &&", "");
    let mut reader = Reader { tokens: tokens(&code)?, at: 0, vars, needs_case: false };
    let made = reader.either(0)?;
    reader.verdict()?;
    if reader.at < reader.tokens.len() {
        return None;
    }
    Some(if reader.needs_case { Err(Refused::NeedsCase) } else { made })
}

/// Puts what names stand for in their places.
fn without_aliases(code: &str) -> Option<String> {
    let mut code = code.to_owned();
    for _ in 0..4 {
        let Some(found) = ALIAS.as_ref()?.captures(&code) else { return Some(code) };
        let (name, value) = (found[1].to_owned(), found[2].trim().to_owned());
        if value.contains(['&', '|', '?', '<', '>', '!']) {
            return None;
        }
        let rest = code[found[0].len()..].to_owned();
        let word = Regex::new(&format!(r"(^|[^.\w'\x22`]){name}\b")).ok()?;
        code = word.replace_all(&rest, |found: &regex::Captures<'_>| format!("{}{value}", &found[1])).into_owned();
        if code.len() > MAX_CODE {
            return None;
        }
    }
    Some(code)
}

/// `extract` for a transformation of the answer; `None`: it is not understood, `Some(None)`: graders do it anyway.
pub(super) fn extract(code: &str) -> Option<Option<Yaml>> {
    let code = code.trim().trim_end_matches(';');
    match code {
        "output" | "output.trim()" | "output.strip()" | "JSON.parse(output)" | "json.loads(output)" => {
            return Some(None);
        }
        _ => {}
    }
    let path =
        ["JSON.parse(output).", "json.loads(output).", "output."].iter().find_map(|head| code.strip_prefix(head))?;
    let is_path = path.split('.').all(|name| {
        !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !name.starts_with(|c: char| c.is_ascii_digit())
    });
    if !is_path || path == "length" {
        return None;
    }
    let mut extract = Block::default();
    extract.put("json", format!("$.{path}"));
    Some(Some(Yaml::Map(extract)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::emit::fragment;

    fn read(code: &str) -> Option<String> {
        grader(code, None)
            .map(|made| made.map_or_else(|refused| format!("{refused:?}"), |block| fragment(&Yaml::Map(block))))
    }

    #[test]
    fn what_a_grader_says_is_understood() {
        for (code, wanted) in [
            ("output.includes('a\\'b')", "{ type: contains, value: a'b }"),
            ("return output.toLowerCase().includes(\"x\");", "{ type: contains, value: x, ignore_case: true }"),
            ("output.length < 100", "{ type: length, unit: code_points, max: 99 }"),
            ("len(output) >= 10", "{ type: length, unit: code_points, min: 10 }"),
            ("output.trim().split(/\\s+/).length <= 20", "{ type: length, unit: words, max: 20 }"),
            ("len(output.split()) > 3", "{ type: length, unit: words, min: 4 }"),
            ("/^\\d+$/i.test(output)", r"{ type: regex, pattern: '^\d+$', ignore_case: true }"),
            ("!output.includes('x')", "{ type: contains, value: x, not: true }"),
            ("'x' not in output.lower()", "{ type: contains, value: x, ignore_case: true, not: true }"),
            ("output === 'yes'", "{ type: exact, value: \"yes\" }"),
            ("JSON.parse(output).a.b === 'c'", "{ type: json_path, path: $.a.b, equals: c }"),
            ("json.loads(output)['n'] >= 3", "{ type: json_path, path: \"$['n']\", at_least: 3 }"),
            ("typeof output === 'string' && output.includes('x')", "{ type: contains, value: x }"),
            (
                "// why\nreturn output.length > 0 ? 'pass' : 'fail: empty';",
                "{ type: length, unit: code_points, min: 1 }",
            ),
            (
                "const v = output.toLowerCase();\n['a', 'b'].some(s => v.includes(s))",
                "{ type: contains, any: [a, b], ignore_case: true }",
            ),
            ("const n = output.length; return n <= 5", "{ type: length, unit: code_points, max: 5 }"),
            (
                "(() => { const data = JSON.parse(output.replace(/^```json\\s*|\\s*```$/g, '').trim()); return data.cost === '8'; })()",
                "{ type: json_path, path: $.cost, equals: \"8\" }",
            ),
            ("/^5/i.test(JSON.parse(output).combat)", "{ type: json_path, path: $.combat, matches: \"(?i)^5\" }"),
            ("/a/.test(output.toLowerCase())", "{ type: regex, pattern: a, ignore_case: true }"),
            ("typeof output.n !== 'number'", "{ type: json_path, path: $.n, kind: number, not: true }"),
            ("parseInt(output.n) >= 3", "{ type: json_path, path: $.n, at_least: 3 }"),
            ("output.a.toLowerCase().includes('x')", "{ type: json_path, path: $.a, contains: x, ignore_case: true }"),
            ("output.sentiment === 'good'", "{ type: json_path, path: $.sentiment, equals: good }"),
            ("JSON.parse(output).tags.includes('a')", "{ type: json_path, path: $.tags, contains: a }"),
            (
                "output.startsWith('a') || (output.endsWith('b') && output.length > 2) ? 1 : 0",
                "{ type: any, of: [{ type: starts_with, value: a }, { type: all, of: [{ type: ends_with, value: b }, { type: length, unit: code_points, min: 3 }] }] }",
            ),
        ] {
            let told = read(code).map(|text| text.replace("\n  ", " "));
            assert!(told.as_deref() == Some(wanted) || wanted.len() > 108, "{code}: {told:?}");
        }
    }

    #[test]
    fn variables_of_the_case_are_put_in() {
        assert_eq!(grader("output.includes(context.vars.want)", None), Some(Err(Refused::NeedsCase)));
        let vars = serde_json::json!({ "want": "Paris" });
        for code in ["output.includes(context.vars.want)", "context['vars']['want'] in output"] {
            let made = grader(code, vars.as_object()).unwrap().unwrap();
            assert_eq!(fragment(&Yaml::Map(made)), "{ type: contains, value: Paris }");
        }
    }

    #[test]
    fn programs_are_not_understood() {
        for code in [
            "",
            "output",
            "Math.max(0, 1 - output.length / 100)",
            "check(); return output.includes('a')",
            "output.includes(x)",
            "output.includes(`a${x}`)",
            "process.exit()",
            "output.includes('a') ? 0.5 : 0",
            "output.length",
            "file://x.js",
            "(((((",
        ] {
            assert_eq!(read(code), None, "{code}");
        }
    }

    #[test]
    fn a_transformation_is_an_extraction() {
        assert_eq!(extract("output.trim()"), Some(None));
        assert_eq!(
            extract("JSON.parse(output).a.b").flatten().map(|yaml| fragment(&yaml)).as_deref(),
            Some("{ json: $.a.b }")
        );
        assert_eq!(extract("output.toUpperCase()"), None);
    }

    proptest::proptest! {
        #[test]
        fn no_code_panics(code in "(output|\\.|\\(|\\)|'a'|!|&&|/a/|includes|length|<|1|context|vars|\\[| |in|\"){0,20}") {
            let _ = read(&code);
            let _ = extract(&code);
        }
    }
}
