//! Templates of other tools → Jinja as suites read it.
//!
//! promptfoo writes Nunjucks, lm-eval the Jinja of Python with its methods. Only what stands between braces is touched;
//! what has no equivalent is an error that says so.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use minijinja::UndefinedBehavior;
use minijinja::value::ValueKind;
use regex::{Captures, Regex};
use serde_json::{Map, Value};

use crate::jinja;

/// A rendered text may not be longer than this.
const MAX_RENDERED: usize = 4 << 20;

/// The filters that suites know.
const FILTERS: [&str; 46] = [
    "abs",
    "attr",
    "batch",
    "bool",
    "capitalize",
    "chain",
    "d",
    "default",
    "dictsort",
    "e",
    "escape",
    "first",
    "float",
    "format",
    "groupby",
    "indent",
    "int",
    "items",
    "join",
    "last",
    "length",
    "count",
    "lines",
    "list",
    "lower",
    "map",
    "max",
    "min",
    "pprint",
    "reject",
    "rejectattr",
    "replace",
    "reverse",
    "round",
    "safe",
    "select",
    "selectattr",
    "slice",
    "sort",
    "split",
    "string",
    "sum",
    "title",
    "tojson",
    "trim",
    "upper",
];

/// Further ones, which take no argument list in the table above.
const MORE_FILTERS: [&str; 3] = ["unique", "urlencode", "zip"];

static FILTER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(^|[^|])\|\s*([A-Za-z_]\w*)").ok());

/// Whether a text has anything to insert.
pub(super) fn is_template(text: &str) -> bool {
    ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark))
}

/// A text that is to be taken as it is, where a template is read.
pub(super) fn literal(text: &str) -> String {
    if !is_template(text) {
        text.to_owned()
    } else if text.contains("endraw") {
        text.replace("{{", "{{ '{{' }}").replace("{%", "{{ '{%' }}").replace("{#", "{{ '{#' }}")
    } else {
        format!("{{% raw %}}{text}{{% endraw %}}")
    }
}

/// What is written otherwise, outside quoted texts.
type Rules = LazyLock<Vec<(Regex, &'static str)>>;

fn rules(pairs: &[(&str, &'static str)]) -> Vec<(Regex, &'static str)> {
    pairs.iter().filter_map(|(from, to)| Some((Regex::new(from).ok()?, *to))).collect()
}

static NUNJUCKS: Rules = LazyLock::new(|| {
    rules(&[
        (r"===", "=="),
        (r"!==", "!="),
        (r"\s*&&\s*", " and "),
        (r"\s*\|\|\s*", " or "),
        (r"!\s*([A-Za-z_(])", "not $1"),
        (r"\|\s*dump\b(\(\s*\d+\s*\))?", "| tojson"),
        (r"\b(null|undefined)\b", "none"),
        (r"^(-?\s*)else\s?if\b", "${1}elif"),
        (r"^(-?\s*)for\s+(\w+\s*,\s*\w+)\s+in\s+([\w.]+)\s*(-?)$", "${1}for $2 in $3 | items $4"),
        (r"\.length\b", " | length"),
        (r"\.(trim|toString)\(\)", ""),
        (r"\.toUpperCase\(\)", " | upper"),
        (r"\.toLowerCase\(\)", " | lower"),
        (r"\bJSON\.stringify\(([\w.]+)(,[^)]*)?\)", "$1 | tojson"),
    ])
});

static PYTHON: Rules = LazyLock::new(|| {
    rules(&[
        (r"\.(?:l|r)?strip\(\)", " | trim"),
        (r"\.lower\(\)", " | lower"),
        (r"\.upper\(\)", " | upper"),
        (r"\.title\(\)", " | title"),
        (r"\.capitalize\(\)", " | capitalize"),
        (r"\.items\(\)", " | items"),
        (r"\.(replace|split)\(", " | $1("),
        (r"\bNone\b", "none"),
        (r"\bTrue\b", "true"),
        (r"\bFalse\b", "false"),
    ])
});

static OR: Rules = LazyLock::new(|| rules(&[(r"\|\|", " or ")]));

static QUOTED: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r#""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'"#).ok());

/// Nunjucks → Jinja.
///
/// # Errors
/// What has no equivalent.
pub(super) fn nunjucks(text: &str) -> Result<String, String> {
    translate(text, &|code| Ok(outside_quotes(code, &NUNJUCKS)))
}

/// The Jinja of Python → Jinja.
///
/// # Errors
/// What has no equivalent.
pub(super) fn python(text: &str) -> Result<String, String> {
    translate(text, &|code| {
        // `x | trim[0]` would not be what `x.strip()[0]` was.
        let code = parenthesised(&outside_quotes(code, &PYTHON));
        let called = blank_quotes(&code);
        match METHOD.as_ref().and_then(|method| method.captures(&called)) {
            Some(found) => Err(format!("the template calls `.{}()`, a method of Python", &found[1])),
            None => Ok(code),
        }
    })
}

static METHOD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\.([A-Za-z_]\w*)\(").ok());
static FILTERED: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"((?:[A-Za-z_]\w*)(?:\.\w+|\[[^\[\]]*\])*(?: \| \w+(?:\([^()]*\))?)+)(\[|\.)").ok());

/// Puts filtered values that go on with an index or a field into parentheses.
fn parenthesised(code: &str) -> String {
    match FILTERED.as_ref() {
        Some(filtered) => filtered.replace_all(code, "($1)$2").into_owned(),
        None => code.to_owned(),
    }
}

/// Replaces in code, but not inside its quoted texts.
fn outside_quotes(code: &str, rules: &[(Regex, &'static str)]) -> String {
    let Some(quotes) = QUOTED.as_ref().filter(|_| rules.iter().any(|(from, _)| from.is_match(code))) else {
        return code.to_owned();
    };
    // Quoted texts stand aside meanwhile; no template has such a character.
    let mut texts: Vec<String> = Vec::new();
    let mut bare = quotes
        .replace_all(code, |found: &Captures<'_>| {
            texts.push(found[0].to_owned());
            "\u{1}"
        })
        .into_owned();
    for (from, to) in rules {
        bare = from.replace_all(&bare, *to).into_owned();
    }
    let mut texts = texts.into_iter();
    let mut out = String::new();
    for (i, part) in bare.split('\u{1}').enumerate() {
        if i > 0 {
            out.push_str(&texts.next().unwrap_or_default());
        }
        out.push_str(part);
    }
    out
}

/// Translates what stands between braces, and checks the whole.
fn translate(text: &str, code: &dyn Fn(&str) -> Result<String, String>) -> Result<String, String> {
    if !is_template(text) {
        return Ok(text.to_owned());
    }
    if text.contains('\u{1}') {
        return Err("the template holds a control character".to_owned());
    }
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = ["{{", "{%", "{#"].iter().filter_map(|mark| rest.find(mark)).min() {
        let close = match &rest[at..at + 2] {
            "{{" => "}}",
            "{%" => "%}",
            _ => "#}",
        };
        let Some(length) = rest[at + 2..].find(close) else { break };
        let inner = &rest[at + 2..at + 2 + length];
        out.push_str(&rest[..at + 2]);
        let end = at + 2 + length + 2;
        if close == "%}" && matches!(inner.trim_matches([' ', '-']), "raw" | "verbatim") {
            let tail = ["endraw", "endverbatim"].iter().filter_map(|word| rest[end..].find(word)).min();
            let Some(tail) = tail else { break };
            let stop = rest[end + tail..].find("%}").map_or(rest.len(), |i| end + tail + i + 2);
            out.push_str(&rest[at + 2..stop].replace("verbatim", "raw"));
            rest = &rest[stop..];
            continue;
        }
        if close == "#}" {
            out.push_str(inner);
        } else {
            if let Some(name) = filters(inner).into_iter().find(|name| !is_filter(name) && name != "dump") {
                return Err(format!("the template uses the filter `{name}`, which suites do not have"));
            }
            out.push_str(&code(inner)?);
        }
        out.push_str(close);
        rest = &rest[end..];
    }
    out.push_str(rest);
    match compiled(&out) {
        Ok(_) => Ok(out),
        Err(why) => Err(format!("the template cannot be read as Jinja: {why}")),
    }
}

fn is_filter(name: &str) -> bool {
    FILTERS.contains(&name) || MORE_FILTERS.contains(&name)
}

fn filters(code: &str) -> Vec<String> {
    let without = blank_quotes(&outside_quotes(code, &OR));
    FILTER
        .as_ref()
        .map_or_else(Vec::new, |filter| filter.captures_iter(&without).map(|found| found[2].to_owned()).collect())
}

fn blank_quotes(code: &str) -> String {
    QUOTED.as_ref().map_or_else(|| code.to_owned(), |quotes| quotes.replace_all(code, "''").into_owned())
}

fn compiled(text: &str) -> Result<minijinja::Environment<'static>, String> {
    let mut engine = jinja::engine();
    jinja::compile(&mut engine, text)
        .map_err(|error| error.detail().map_or_else(|| error.kind().to_string(), str::to_owned))?;
    Ok(engine)
}

/// The variables that a template names; none where it cannot be read.
pub(super) fn variables(text: &str) -> BTreeSet<String> {
    if !is_template(text) {
        return BTreeSet::new();
    }
    // Functions of the engine count as its own.
    let ours = ["range", "dict", "debug", "namespace", "loop", "row"];
    let names = compiled(text).map(|engine| jinja::names(&engine)).unwrap_or_default();
    names.into_iter().filter(|name| !ours.contains(&name.as_str())).collect()
}

/// Renders a translated template; what is undefined is empty, as in Nunjucks.
///
/// # Errors
/// Why it cannot be rendered.
pub(super) fn render(text: &str, vars: &Map<String, Value>) -> Result<String, String> {
    if !is_template(text) {
        return Ok(text.to_owned());
    }
    let mut engine = compiled(text)?;
    engine.set_undefined_behavior(UndefinedBehavior::Chainable);
    engine.set_formatter(|out, state, value| match value.kind() {
        ValueKind::Bool | ValueKind::Seq | ValueKind::Map | ValueKind::Iterable => {
            out.write_str(&jinja::json(value)?).map_err(minijinja::Error::from)
        }
        _ => minijinja::escape_formatter(out, state, value),
    });
    // By way of its text, as the engine reads values.
    let context = serde_json::to_string(vars).and_then(|json| serde_json::from_str::<minijinja::Value>(&json));
    let context = context.map_err(|error| error.to_string())?;
    jinja::render(&engine, context, MAX_RENDERED).map_err(|error| match error {
        jinja::Unrendered::TooLong => "the template renders to too long a text".to_owned(),
        jinja::Unrendered::Wrong(error) => {
            format!("the template cannot be rendered: {}", error.detail().unwrap_or("it is wrong"))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nunjucks_becomes_jinja() {
        for (from, to) in [
            ("a {{ x | dump }} b", "a {{ x | tojson }} b"),
            (
                "{% if a === 'x === y' && !b %}1{% elseif c %}2{% endif %}",
                "{% if a == 'x === y' and not b %}1{% elif c %}2{% endif %}",
            ),
            ("{{ items.length }}", "{{ items | length }}"),
            ("{% for k, v in map %}{{ k }}{% endfor %}", "{% for k, v in map | items %}{{ k }}{% endfor %}"),
            ("{% raw %}{{ a === b }}{% endraw %}", "{% raw %}{{ a === b }}{% endraw %}"),
            ("{% if a !== null %}x{% endif %}", "{% if a != none %}x{% endif %}"),
            ("no braces || here", "no braces || here"),
        ] {
            assert_eq!(nunjucks(from).as_deref(), Ok(to));
        }
        assert!(nunjucks("{{ x | allcaps }}").unwrap_err().contains("allcaps"));
        assert!(nunjucks("{{ x ").unwrap_err().contains("Jinja"));
    }

    #[test]
    fn the_jinja_of_python_becomes_jinja() {
        for (from, to) in [
            ("{{question.strip()}}\nA. {{choices[0]}}", "{{question | trim}}\nA. {{choices[0]}}"),
            ("{{answer.split('#### ')[-1].strip()}}", "{{(answer | split('#### '))[-1] | trim}}"),
            ("{{x.strip().lower()}}", "{{x | trim | lower}}"),
            ("{{ 'a.strip()' }}", "{{ 'a.strip()' }}"),
        ] {
            assert_eq!(python(from).as_deref(), Ok(to));
        }
        assert!(python("{{ x.index(y) }}").unwrap_err().contains("index"));
        let vars = serde_json::json!({ "answer": "work #### 7 " });
        let template = python("{{answer.split('#### ')[-1].strip()}}").unwrap();
        assert_eq!(render(&template, vars.as_object().unwrap()).as_deref(), Ok("7"));
    }

    #[test]
    fn rendering_knows_the_variables_and_nothing_else() {
        let vars = serde_json::json!({ "a": "x", "list": [1, true], "m": { "k": "v" } });
        let vars = vars.as_object().unwrap();
        assert_eq!(render("{{ a }}-{{ none_such }}-{{ list }}-{{ m.k }}", vars).as_deref(), Ok("x--[1,true]-v"));
        assert_eq!(variables("{{ a }}{% for b in c %}{{ b }}{% endfor %}"), ["a", "c"].map(str::to_owned).into());
    }

    #[test]
    fn a_literal_text_renders_to_itself() {
        for text in ["plain", "{{ x }}", "{% raw %}{{ y }}{% endraw %} {#"] {
            assert_eq!(render(&literal(text), &Map::new()).as_deref(), Ok(text));
        }
    }

    proptest::proptest! {
        #[test]
        fn no_template_panics(text in "[{}%# a-c|.'\"()!&=\\[\\]-]{0,60}") {
            let _ = nunjucks(&text).map(|text| render(&text, &Map::new()));
            let _ = python(&text);
        }
    }
}
