//! A Jinja expression that says yes or no of a row.
//!
//! The engine alone would drop rows in silence where an author was mistaken: an undefined name is equal to nothing, and
//! every text is greater than every number. So names are looked up before an expression is evaluated, and what it
//! compares with numbers is looked at; `tokens` finds both in the expression's text.

use std::collections::{BTreeMap, HashSet};
use std::fmt::{self, Write as _};
use std::sync::{Arc, LazyLock};

use minijinja::{Environment, Expression as Compiled, Value};

use crate::jinja;
use crate::suite::read::{closest, is_name};

use super::compiled::meant;
use super::engine::explain;
use super::tokens::{self, Mention, Versus};
use super::{TemplateError, Vars};

/// The engine of all expressions, which borrow it.
static ENGINE: LazyLock<Environment<'static>> = LazyLock::new(jinja::engine);

/// A compiled expression.
#[derive(Clone)]
pub(in crate::suite) struct Expression {
    source: Box<str>,
    compiled: Arc<Compiled<'static, 'static>>,
    /// The variables it needs.
    names: HashSet<String>,
    /// What must be there.
    mentions: Vec<Mention>,
    /// What is compared with numbers.
    versus: Vec<Versus>,
}

impl fmt::Debug for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Expression").field(&self.source).finish()
    }
}

impl Expression {
    /// Compiles an expression; braces around it do not matter.
    ///
    /// # Errors
    /// The syntax mistake.
    pub(in crate::suite) fn new(text: &str) -> Result<Self, TemplateError> {
        let inner = text.trim().strip_prefix("{{").and_then(|rest| rest.strip_suffix("}}"));
        // With the text before it, so that places in it are places in what was written.
        let source = match inner {
            Some(inner) => format!("{}{inner}", " ".repeat(text.len() - text.trim_start().len() + 2)),
            None => text.to_owned(),
        };
        if source.trim().is_empty() {
            let hint = Some("write for example `lang == 'de'`".to_owned());
            return Err(TemplateError { message: "an empty expression".to_owned(), range: None, hint });
        }
        let compiled = ENGINE.compile_expression_owned(source.clone()).map_err(|error| explain(&error, None))?;
        let names = compiled.undeclared_variables(false);
        let found = tokens::look(&source, &names);
        Ok(Self {
            source: source.into(),
            compiled: Arc::new(compiled),
            names,
            mentions: found.mentions,
            versus: found.versus,
        })
    }

    /// Whether it holds, by Jinja's idea of truth.
    ///
    /// # Errors
    /// An undefined name, a text compared with a number, or what the engine says.
    pub(in crate::suite) fn holds(&self, vars: &Vars<'_>) -> Result<bool, TemplateError> {
        for Mention { path, range } in &self.mentions {
            if let Err(missing) = find(vars, path) {
                let hint = hint_for(vars, &path[..missing]);
                let message = format!("`{}` is undefined", written(&path[..missing]));
                return Err(TemplateError { message, range: Some(range.clone()), hint });
            }
        }
        for Versus { path, range, operator, number } in &self.versus {
            let Ok(json) = find(vars, path) else { continue };
            // That a text which is no number is not equal to one may well be meant.
            let is_meant = matches!(*operator, "==" | "!=") && text_of(json).parse::<f64>().is_err();
            if json.starts_with('"') && !is_meant {
                let name = &self.source[range.clone()];
                let message = format!("`{name}` is a text here, compared with the number {number}");
                let filter = if number.contains('.') { "float" } else { "int" };
                let hint = format!("make a number of it: `{name} | {filter} {operator} {number}`");
                return Err(TemplateError { message, range: Some(range.clone()), hint: Some(hint) });
            }
        }
        let mut context: BTreeMap<&str, Value> = BTreeMap::new();
        for name in &self.names {
            let Some(json) = vars.get(name) else { continue };
            let value = serde_json::from_str(json).map_err(|error| TemplateError {
                message: format!("`{name}`: {error}"),
                range: None,
                hint: None,
            })?;
            context.insert(name, value);
        }
        let value = self.compiled.eval(context).map_err(|error| explain(&error, Some(vars)))?;
        Ok(value.is_true())
    }
}

/// A path as an expression says it.
fn written(path: &[String]) -> String {
    let mut out = String::new();
    for (at, name) in path.iter().enumerate() {
        match name.as_str() {
            name if at == 0 => out.push_str(name),
            name if is_name(name) => _ = write!(out, ".{name}"),
            name => _ = write!(out, "['{name}']"),
        }
    }
    out
}

/// What was probably meant by a path whose last name is not there.
fn hint_for(vars: &Vars<'_>, path: &[String]) -> Option<String> {
    let (last, parents) = path.split_last()?;
    if parents.is_empty() || parents == ["env"] {
        return meant(&path.join("."), vars);
    }
    let inner = Vars::parse(find(vars, parents).ok()?).ok()?;
    let mut meant = parents.to_vec();
    meant.push(closest(last, inner.names())?.to_owned());
    Some(format!("did you mean `{}`?", written(&meant)))
}

fn text_of(json: &str) -> &str {
    json.trim_matches('"').trim()
}

/// The value at a path, or how many of its names lead to the first that is not there.
fn find<'a>(vars: &Vars<'a>, path: &[String]) -> Result<&'a str, usize> {
    let (head, rest) = path.split_first().ok_or(0_usize)?;
    let mut json = vars.get(head).ok_or(1_usize)?;
    for (at, name) in rest.iter().enumerate() {
        json = Vars::parse(json).ok().and_then(|inner| inner.get(name)).ok_or(at + 2)?;
    }
    Ok(json)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ROW: &str = r#"{"lang":"de","score":"5","n":7,"meta":{"kind":"x","n":1},"tags":["a"],"Q text":"hi","none":null,"mixed":"n/a"}"#;

    fn holds(expression: &str) -> Result<bool, TemplateError> {
        Expression::new(expression)?.holds(&Vars::of_row(ROW).unwrap())
    }

    #[test]
    fn it_is_jinja_with_its_idea_of_truth() {
        for (expression, wanted) in [
            ("lang == 'de'", true),
            (" {{ lang == 'en' }} ", false),
            ("lang == 'de' and score | int > 3", true),
            ("(score|int) > 5", false),
            ("n > 6.5 and not none", true),
            ("tags", true),
            ("'a' in tags and lang in ['de', 'en']", true),
            ("meta.kind == 'x' and meta['n'] == 1", true),
            ("row['Q text'] | length == 2", true),
            ("row['Q text']|length > 1", true),
            ("meta | items | length == 2", true),
            ("nope is defined and nope > 3", false),
            ("nope | default(0) > 3", false),
            ("meta.more is not defined", true),
            ("score is number and score > 3", false),
            ("mixed == 3", false),
            ("lang is in(['de'])", true),
            ("dict(a=1).a == 1 and range(3) | length == 3", true),
        ] {
            assert_eq!(holds(expression), Ok(wanted), "{expression}");
        }
    }

    #[test]
    fn what_would_drop_rows_in_silence_is_a_mistake() {
        for (expression, message, hint) in [
            ("lagn == 'de'", "`lagn` is undefined", "did you mean `lang`?"),
            ("{{ meta.knd == 'x' }}", "`meta.knd` is undefined", "did you mean `meta.kind`?"),
            ("row['Q txt'] == 'x'", "`row['Q txt']` is undefined", "did you mean `row['Q text']`?"),
            ("lang == 'de' and zzzz", "`zzzz` is undefined", "the columns are"),
            ("score > 3", "`score` is a text here, compared with the number 3", "`score | int > 3`"),
            ("2.5 <= score", "`score` is a text here, compared with the number 2.5", "`score | float >= 2.5`"),
            ("row['score'] == 5", "`row['score']` is a text here", "`row['score'] | int == 5`"),
            ("n > 3 and score < -1", "compared with the number -1", "`score | int < -1`"),
            ("score > ", "template syntax", ""),
            ("  ", "an empty expression", "lang =="),
            ("lang | uper == 'DE'", "filter `uper` is unknown", "did you mean `upper`?"),
        ] {
            let error = holds(expression).unwrap_err();
            assert!(error.message.contains(message), "{expression}: {error:?}");
            assert!(error.hint.clone().unwrap_or_default().contains(hint), "{expression}: {error:?}");
            if let Some(range) = error.range {
                assert!(expression.get(range).is_some(), "{expression}");
            }
        }
    }

    proptest! {
        #[test]
        fn no_expression_makes_it_panic(expression in "[a-z0-9 .'\"|()\\[\\]<>=!{}%+é-]{0,40}") {
            let _ = holds(&expression);
        }
    }
}
