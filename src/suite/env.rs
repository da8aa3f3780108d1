//! `env`: variables of the environment that templates may use, none but those that are declared.
//!
//! They stand in every template as `{{ env.NAME }}`. A key never belongs into a prompt, so names that look like secrets
//! are refused. What the variables held is recorded in the manifest.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::log::{Finding, Log, Target};
use super::model::{Model, Outside};
use super::node::{Node, write_text};
use super::read::{Field, Table, is_name};

/// What is declared of the environment, with the values read.
#[derive(Debug, Clone, Default)]
pub(super) struct Env(Option<Arc<Declared>>);

#[derive(Debug)]
struct Declared {
    values: BTreeMap<String, String>,
    /// The same as a JSON object.
    json: String,
    /// Whether all of them hold something.
    is_whole: bool,
}

impl Env {
    /// Reads `env`.
    pub(super) fn read(suite: &Table<'_>, models: &[Model], outside: &Outside, log: &Log) -> Self {
        let Some(field) = suite.get("env").filter(|field| !field.is_null()) else { return Self::default() };
        let mut values = BTreeMap::new();
        let mut is_whole = true;
        for entry in field.one_or_list() {
            let Some((name, default)) = entry_of(&entry, models, log) else { continue };
            // A key may have been written here: it is not repeated before it is known to be a name.
            if values.contains_key(name) {
                let message = format!("`{name}` is declared twice");
                log.add(Finding::error(&entry.place, message).hint("leave one out"));
                continue;
            }
            let value = outside.variable.and_then(|variable| variable(name)).or(default);
            if value.is_none() {
                is_whole = false;
                let message = format!("the environment variable `{name}` is not set");
                let hint = format!("set it, or give a default: `{{ name: {name}, default: … }}`");
                log.add(Finding::error(&entry.place, message).hint(hint));
            }
            // Without a value it still is declared: templates that use it are not to blame.
            values.insert(name.to_owned(), value.unwrap_or_default());
        }
        let mut json = "{".to_owned();
        for (name, value) in &values {
            if json.len() > 1 {
                json.push(',');
            }
            write_text(name, &mut json);
            json.push(':');
            write_text(value, &mut json);
        }
        json.push('}');
        Self(Some(Arc::new(Declared { values, json, is_whole })))
    }

    /// The declared variables as a JSON object; `None` where `env` is an ordinary name.
    pub(super) fn json(&self) -> Option<&str> {
        self.0.as_ref().map(|declared| declared.json.as_str())
    }

    /// Whether every declared variable is set. Where one is not, that has been told, and what comes of it need not be.
    pub(super) fn is_whole(&self) -> bool {
        self.0.as_ref().is_none_or(|declared| declared.is_whole)
    }

    /// Why a case may not have this variable.
    pub(super) fn objection(&self, variable: &str) -> Option<String> {
        (self.0.is_some() && variable == "env")
            .then(|| "a variable called `env`, which here is the environment (the suite declares `env`)".to_owned())
    }

    /// The declared variables and what they hold.
    pub(super) fn values(&self) -> BTreeMap<String, String> {
        self.0.as_ref().map(|declared| declared.values.clone()).unwrap_or_default()
    }
}

/// A name, or a map of `name` and `default`.
fn entry_of<'a>(entry: &Field<'a>, models: &[Model], log: &Log) -> Option<(&'a str, Option<String>)> {
    let (field, default) = if let Node::Map(_) = entry.node {
        let table = entry.table("a variable of the environment", &["name", "default"], log)?;
        let default = table.get("default").filter(|field| !field.is_null());
        (table.require("name", log)?, default)
    } else {
        (entry.clone(), None)
    };
    let name = field.text(log)?;
    let refuse = |message: &str, hint: &str| {
        log.add(Finding::error(&field.place, message).target(Target::Value).hint(hint));
        None
    };
    if !is_name(name) {
        return refuse("not the name of an environment variable", "letters, digits and `_`: `env: [REGION]`");
    }
    if looks_secret(name) || models.iter().any(|model| model.endpoint.api_key_env.as_deref() == Some(name)) {
        let hint = "what is declared stands in prompts and in run.json: name the key's variable with `api_key_env`";
        return refuse("secrets are never in a suite, and this looks like the name of one", hint);
    }
    let default = match default {
        Some(default) => Some(default.text(log)?.to_owned()),
        None => None,
    };
    Some((name, default))
}

/// Whether a variable of this name probably holds a secret.
fn looks_secret(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let within = ["SECRET", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "TOKEN", "COOKIE"];
    let word = |word: &str| {
        ["PASS", "PWD", "AUTH", "BEARER", "JWT"].contains(&word) || word.ends_with("KEY") || word.ends_with("KEYS")
    };
    within.iter().any(|part| name.contains(part)) || name.split('_').any(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_known() {
        for name in [
            "OPENROUTER_API_KEY",
            "KEY",
            "openaikey",
            "GITHUB_TOKEN",
            "TOKENS",
            "CLIENT_SECRET_2",
            "DB_PASSWORD",
            "PGPASSWORD",
            "DB_PASS",
            "AWS_CREDENTIALS",
            "SSH_KEYS",
            "HTTP_AUTH",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in ["REGION", "TEAM", "KEYBOARD", "COMPASS", "BUILD_ID", "AUTHOR", "LANG", "_"] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
