//! Options that graders which run programs have in common.

use std::path::{Path, PathBuf};
use std::time::Duration;

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use crate::grade::options::{OptionError, OptionErrors, Text, Texts, noun};
use crate::units::parse_duration;

use super::host::is_withheld;

/// What a shell would act upon; a text with any of these is not split into words.
const SHELL: &str = "|&;<>()$`\\\"'*?[]{}~#!%\n";

/// The words of a command line: a list, or a text without anything that only a shell understands.
pub(super) fn argv(run: &Texts) -> Result<Vec<String>, OptionErrors> {
    let words = match run.0.as_slice() {
        [Text(line)] if line.contains(char::is_whitespace) => {
            if let Some(c) = line.chars().find(|c| SHELL.contains(*c)) {
                let message = format!("there is no shell here to understand `{}`", c.escape_default());
                let hint =
                    "write the command line as a list: `[python3, grade.py, --flag]`; for a shell: `[sh, -c, …]`";
                return Err(OptionError::at("run", message, Some(hint)).into());
            }
            line.split_whitespace().map(ToOwned::to_owned).collect()
        }
        words => words.iter().map(|Text(word)| word.clone()).collect::<Vec<_>>(),
    };
    if words.first().is_none_or(|program| program.trim().is_empty()) {
        return Err(OptionError::at("run", "no program is named", Some("for example `[python3, grade.py]`")).into());
    }
    Ok(words)
}

/// Files of the suite's folder that a command line names, as far as that can be told: the program by a path, and a
/// script behind an interpreter.
pub(super) fn missing_file(argv: &[String], folder: &Path) -> Option<OptionError> {
    const SCRIPTS: [&str; 8] = ["py", "js", "mjs", "rb", "pl", "sh", "lua", "php"];
    let is_script =
        |word: &str| Path::new(word).extension().and_then(|end| end.to_str()).is_some_and(|end| SCRIPTS.contains(&end));
    let program = argv.first().filter(|program| program.contains('/'));
    let script = argv.get(1).filter(|word| is_script(word) && !word.starts_with('-'));
    let missing = program.into_iter().chain(script).find(|name| !folder.join(name).exists())?;
    let message = format!("there is no file `{missing}`");
    Some(OptionError::at("run", message, Some("paths are relative to the suite's folder, where the program runs")))
}

/// The program of a command line that is run in a folder: a name to be looked for, or its path.
pub(super) fn executable(argv: &[String], folder: &Path) -> PathBuf {
    let program = argv.first().map_or("", String::as_str);
    if program.contains('/') { folder.join(program) } else { PathBuf::from(program) }
}

/// A time limit.
pub(super) fn duration(option: &str, text: Option<&Text>, default: Duration) -> Result<Duration, OptionErrors> {
    let Some(Text(text)) = text else { return Ok(default) };
    parse_duration(text).map_err(|message| OptionError::at(option, message, None).into())
}

/// A size in bytes: `512MB`, `1 GiB`, `64kB`.
pub(super) fn size(option: &str, text: Option<&Text>, default: u64) -> Result<u64, OptionErrors> {
    let Some(Text(text)) = text else { return Ok(default) };
    parse_size(text).ok_or_else(|| {
        let message = format!("`{text}` is not a size");
        OptionError::at(option, message, Some("write for example `512MB` or `1GiB`")).into()
    })
}

fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let unit = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = (text[..unit].parse::<f64>().ok()?, text[unit..].trim().to_ascii_lowercase());
    let factor: u64 = match unit.as_str() {
        "b" => 1,
        "kb" | "k" => 1_000,
        "mb" | "m" => 1_000_000,
        "gb" | "g" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return None,
    };
    let bytes = number * factor as f64;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "positive, and far below the limit")]
    let whole = bytes as u64;
    (1.0..1e15).contains(&bytes).then_some(whole)
}

/// How many programs run at once.
pub(super) fn workers(option: Option<u16>) -> Result<usize, OptionErrors> {
    match option {
        Some(0) => Err(OptionError::at("workers", "at least one is needed", None).into()),
        Some(n) => Ok(n.into()),
        None => Ok(std::thread::available_parallelism().map_or(1, usize::from).min(4)),
    }
}

/// Variables of a program's environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Env {
    /// Passed through, if set.
    pub(super) names: Vec<String>,
    /// Set to this.
    pub(super) values: Vec<(String, String)>,
}

/// The schema of `env`.
pub(super) fn env_schema(_: &mut SchemaGenerator) -> Schema {
    let name = r"^[^=\u0000]+$";
    json_schema!({
        "type": ["string", "array", "object"],
        "pattern": name,
        "items": {"type": "string", "pattern": name},
        "propertyNames": {"pattern": name},
        "additionalProperties": {"type": ["string", "number", "boolean"]},
    })
}

/// A list of names, or a map from names to values.
pub(super) fn env(written: Option<&Value>) -> Result<Env, OptionErrors> {
    let mut env = Env::default();
    let wrong = |path: String, got: &Value| {
        let hint = "a list passes variables through, a map sets them: `env: [HF_HOME]`, `env: { MODE: strict }`";
        OptionErrors::from(OptionError::at(&path, format!("expected a text, got {}", noun(got)), Some(hint)))
    };
    match written {
        None => {}
        Some(Value::String(name)) => env.names.push(name.clone()),
        Some(Value::Array(names)) => {
            for (index, name) in names.iter().enumerate() {
                let Value::String(name) = name else { return Err(wrong(format!("env[{index}]"), name)) };
                env.names.push(name.clone());
            }
        }
        Some(Value::Object(values)) => {
            for (name, value) in values {
                let value = match value {
                    Value::String(text) => text.clone(),
                    Value::Bool(_) | Value::Number(_) => value.to_string(),
                    other => return Err(wrong(format!("env.{name}"), other)),
                };
                env.values.push((name.clone(), value));
            }
        }
        Some(other) => return Err(wrong("env".to_owned(), other)),
    }
    let names = env.names.iter().chain(env.values.iter().map(|(name, _)| name));
    for name in names {
        if name.is_empty() || name.contains(['=', '\0']) {
            return Err(OptionError::at("env", format!("`{name}` is not the name of a variable"), None).into());
        }
        if is_withheld(name) {
            let message = format!("`{name}` is the key of an endpoint and is never given to a program");
            return Err(OptionError::at("env", message, Some("a key of its own goes under another name")).into());
        }
    }
    Ok(env)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn run(words: &[&str]) -> Texts {
        Texts(words.iter().map(|word| Text((*word).to_owned())).collect())
    }

    #[test]
    fn a_command_line_is_a_list_or_words_without_a_shell() {
        assert_eq!(argv(&run(&["python3 grade.py -v"])).unwrap(), ["python3", "grade.py", "-v"]);
        assert_eq!(argv(&run(&["sh", "-c", "a | b"])).unwrap(), ["sh", "-c", "a | b"]);
        for line in ["a | b", "a > b", "a $HOME", "a 'b c'", "a; b", "a && b", "a `b`", "a *.py"] {
            let OptionErrors(errors) = argv(&run(&[line])).unwrap_err();
            assert!(errors[0].message.contains("no shell"), "{line}: {errors:?}");
            assert!(errors[0].hint.as_ref().unwrap().contains("as a list"));
        }
        assert!(argv(&run(&[" "])).is_err());
        assert!(argv(&run(&["", "a"])).is_err());
    }

    #[test]
    fn sizes_have_units() {
        for (text, want) in [("512MB", 512_000_000), ("1 GiB", 1 << 30), ("64kb", 64_000), ("1.5M", 1_500_000)] {
            assert_eq!(parse_size(text), Some(want), "{text}");
        }
        for text in ["512", "", "MB", "1TB2", "-1MB", "1e9MB", "0MB", "1.2.3MB"] {
            assert_eq!(parse_size(text), None, "{text}");
        }
    }

    #[test]
    fn keys_are_never_passed_on() {
        assert!(env(Some(&json!(["OPENROUTER_API_KEY"]))).unwrap_err().0[0].message.contains("never given"));
        super::super::withhold("A_KEY_OF_SETTINGS_TESTS");
        assert!(env(Some(&json!({ "A_KEY_OF_SETTINGS_TESTS": "x" }))).is_err());
        let env = env(Some(&json!({ "MODE": "strict", "N": 4 }))).unwrap();
        assert_eq!(env.values, [("MODE".to_owned(), "strict".to_owned()), ("N".to_owned(), "4".to_owned())]);
    }

    #[test]
    fn an_environment_is_names_or_texts() {
        for (written, path) in
            [(json!([1]), "env[0]"), (json!({"A": []}), "env.A"), (json!(5), "env"), (json!(["A=B"]), "env")]
        {
            assert_eq!(env(Some(&written)).unwrap_err().0[0].path, path, "{written}");
        }
        assert_eq!(env(Some(&json!(["HF_HOME"]))).unwrap().names, ["HF_HOME"]);
    }
}
