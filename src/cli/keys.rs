//! API keys: from the environment to the client, and nowhere else.

use std::collections::HashMap;

use secrecy::SecretString;

use crate::suite::{Model, Suite};

/// A key that a suite needs and the environment does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeyError {
    /// Not set, or empty.
    #[error("no API key: the environment variable `{variable}` is not set ({models})")]
    Missing {
        /// The variable.
        variable: String,
        /// Which models need it, for people.
        models: String,
    },
    /// Something no header can carry.
    #[error("the API key in `{0}` has a character that no HTTP header can carry (a line break, or not ASCII)")]
    Malformed(String),
}

impl KeyError {
    /// What to do about it.
    pub(super) fn hint(&self) -> String {
        match self {
            Self::Missing { variable, .. } => format!(
                "set it (`export {variable}=…`; OpenRouter's keys are made at https://openrouter.ai/keys), or add \
                 `--simulate` to ask simulated models without a key"
            ),
            Self::Malformed(variable) => format!("look at `printf %s \"${variable}\" | od -c | tail`"),
        }
    }
}

/// The keys of a suite, in the order of its models and of its judges. `None`: asked without.
#[derive(Debug, Clone, Default)]
pub(super) struct Keys {
    pub(super) models: Vec<Option<SecretString>>,
    pub(super) judges: Vec<Option<SecretString>>,
}

impl Keys {
    /// No keys: everybody is asked without.
    pub(super) fn none(suite: &Suite) -> Self {
        Self { models: vec![None; suite.models.len()], judges: vec![None; suite.judges.len()] }
    }
}

/// The key of every model and judge of a suite.
///
/// # Errors
/// The first key that is missing or cannot be sent.
pub(super) fn resolve(suite: &Suite, environment: impl Fn(&str) -> Option<String>) -> Result<Keys, KeyError> {
    let everybody: Vec<&Model> = suite.models.iter().chain(&suite.judges).collect();
    let mut models = keys_of(&everybody, &environment)?;
    let judges = models.split_off(suite.models.len());
    Ok(Keys { models, judges })
}

/// The keys of a suite's judges alone.
///
/// # Errors
/// As [`resolve`].
pub(super) fn of_judges(
    suite: &Suite,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Vec<Option<SecretString>>, KeyError> {
    keys_of(&suite.judges.iter().collect::<Vec<_>>(), &environment)
}

fn keys_of(
    models: &[&Model],
    environment: &impl Fn(&str) -> Option<String>,
) -> Result<Vec<Option<SecretString>>, KeyError> {
    let mut known: HashMap<&str, SecretString> = HashMap::new();
    let mut keys = Vec::new();
    for model in models {
        let Some(variable) = model.endpoint.api_key_env.as_deref() else {
            keys.push(None);
            continue;
        };
        if !known.contains_key(variable) {
            known.insert(variable, read(models, variable, environment)?);
        }
        keys.push(known.get(variable).cloned());
    }
    Ok(keys)
}

fn read(
    models: &[&Model],
    variable: &str,
    environment: &impl Fn(&str) -> Option<String>,
) -> Result<SecretString, KeyError> {
    let value = environment(variable).unwrap_or_default();
    let key = value.trim();
    if key.is_empty() {
        let needing: Vec<&str> = models
            .iter()
            .filter(|model| model.endpoint.api_key_env.as_deref() == Some(variable))
            .map(|model| model.name.as_str())
            .collect();
        let models = match needing.as_slice() {
            [one] => format!("`{one}` needs it"),
            [first, _] => format!("`{first}` and 1 more model need it"),
            [first, rest @ ..] => format!("`{first}` and {} more models need it", rest.len()),
            [] => "no model needs it".to_owned(),
        };
        return Err(KeyError::Missing { variable: variable.to_owned(), models });
    }
    if !key.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(KeyError::Malformed(variable.to_owned()));
    }
    Ok(SecretString::from(key.to_owned()))
}
