//! Values of assertions: texts, lists of texts, files, and templates over the variables of a case.

use serde_json::Map;

use crate::import::emit::{Block, Yaml};
use crate::import::source::{Node, Value};
use crate::import::template;
use crate::import::work::Work;

use super::asserts::{Refused, Scope, unknown};

/// A text with something in it.
pub(super) fn non_empty(text: String) -> Result<String, Refused> {
    if text.is_empty() { unknown("its value is empty") } else { Ok(text) }
}

/// A value as text: of a file where it names one, its templates rendered.
pub(super) fn text(value: &Node, scope: &Scope<'_>, work: &Work<'_>) -> Result<String, Refused> {
    let Some(written) = value.written() else { return unknown("its value is no text") };
    let written = match written.strip_prefix("file://") {
        None => written,
        Some(path) if is_program(path) => {
            return unknown(format!("`{path}` is a program: the grader `command` runs one"));
        }
        Some(path) => work.files.read(path).map_err(Refused::Unknown)?.trim_end().to_owned(),
    };
    if written.starts_with("package:") {
        return unknown("a program: the grader `command` runs one");
    }
    render(&written, scope)
}

fn render(written: &str, scope: &Scope<'_>) -> Result<String, Refused> {
    if !template::is_template(written) {
        return Ok(written.to_owned());
    }
    let translated = template::nunjucks(written).map_err(Refused::Unknown)?;
    if template::variables(&translated).is_empty() && !translated.contains("env.") {
        return template::render(&translated, &Map::new()).map_err(Refused::Unknown);
    }
    let Some(vars) = scope.vars else { return Err(Refused::NeedsCase) };
    if template::variables(&translated).contains("env") {
        return unknown("its value depends on the environment");
    }
    template::render(&translated, vars).map_err(Refused::Unknown)
}

/// A template that a suite renders itself, where every case has what it names; else rendered now.
pub(super) fn native(value: &Node, scope: &Scope<'_>, work: &Work<'_>) -> Result<String, Refused> {
    let Some(written) = value.written() else { return unknown("its value is no text") };
    if !written.starts_with("file://") && template::is_template(&written) {
        let translated = template::nunjucks(&written).map_err(Refused::Unknown)?;
        let names = template::variables(&translated);
        if names.iter().all(|name| (scope.known)(name)) {
            return Ok(translated);
        }
    }
    Ok(template::literal(&text(value, scope, work)?))
}

/// Every text in a value rendered.
pub(super) fn rendered(value: &Node, scope: &Scope<'_>) -> Result<Node, Refused> {
    Ok(match &value.value {
        Value::Text(written) if template::is_template(written) => value.with(Value::Text(render(written, scope)?)),
        Value::List(items) => {
            value.with(Value::List(items.iter().map(|item| rendered(item, scope)).collect::<Result<_, _>>()?))
        }
        Value::Map(entries) => {
            let entry = |(key, node): &(String, Node)| Ok((key.clone(), rendered(node, scope)?));
            value.with(Value::Map(entries.iter().map(entry).collect::<Result<_, Refused>>()?))
        }
        _ => value.clone(),
    })
}

/// The texts of a list, or of one text divided by commas.
pub(super) fn texts(value: &Node, scope: &Scope<'_>, work: &mut Work<'_>) -> Result<Yaml, Refused> {
    let mut list = Block::default();
    if let Value::List(items) = &value.value {
        for item in items {
            list.push(non_empty(text(item, scope, work)?)?);
        }
    } else {
        let written = text(value, scope, work)?;
        // A template that gave a list.
        if let Ok(items) = serde_json::from_str::<Vec<String>>(&written) {
            for item in items {
                list.push(item);
            }
        } else {
            for part in written.split(',').map(str::trim).filter(|part| !part.is_empty()) {
                list.push(part.trim_matches('"'));
            }
        }
    }
    if list.len() == 0 { unknown("its value is empty") } else { Ok(Yaml::List(list)) }
}

/// A reference or a list of them.
pub(super) fn references(value: &Node, scope: &Scope<'_>, work: &Work<'_>) -> Result<Yaml, Refused> {
    match &value.value {
        Value::List(items) => {
            let mut list = Block::default();
            for item in items {
                list.push(non_empty(text(item, scope, work)?)?);
            }
            if list.len() == 0 { unknown("its value is empty") } else { Ok(Yaml::List(list)) }
        }
        _ => Ok(non_empty(text(value, scope, work)?)?.into()),
    }
}

/// Whether a path names a program, with or without the function in it.
pub(super) fn is_program(path: &str) -> bool {
    let path = path.split_once(':').map_or(path, |(file, _)| file);
    [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".py", ".rb", ".go", ".sh", ".exe", ".bat"]
        .iter()
        .any(|ending| path.ends_with(ending))
}
