//! Whether the schema judges a suite as the loader does.

use std::sync::LazyLock;

use jsonschema::Validator;
use regex::Regex;
use serde_json::Value;

use crate::suite::decode::decode;
use crate::suite::log::{Log, Place};
use crate::suite::read::apply_merges;
use crate::suite::schema::schema;
use crate::suite::{Diagnostic, Diagnostics, Severity};

/// What no schema can say: a part of the loader's message, and why.
const UNSAYABLE: &[(&str, &str)] = &[
    ("is undefined", "what a template may name depends on the cases"),
    ("template", "the syntax of templates"),
    ("a second ", "names that have to differ"),
    ("has the id", "names that have to differ"),
    ("no model is named", "names that refer to each other"),
    ("grader `", "a grader and the expectation of a case"),
    ("nothing compares with this", "expectations and graders"),
    ("there is no file", "files"),
    ("cannot read", "files"),
    ("is told by its name's ending", "files"),
    (" row ", "what files hold"),
    (": row ", "what files hold"),
    (": line ", "what files hold"),
    ("holds no ", "what files hold"),
    (" more rows of ", "what files hold"),
    (" more lines of ", "what files hold"),
    ("takes too many steps", "what templates do"),
    ("two columns are named", "what files hold"),
    ("an empty file", "what files hold"),
    ("expected an array of objects", "what files hold"),
    ("dataset: not YAML", "what files hold"),
    ("not JSON: ", "what files hold"),
    ("duplicate key", "a map that holds a key twice is no JSON; editors tell it themselves"),
    ("no file is named", "files"),
    ("filter `", "what templates know"),
    ("no two models to compare", "values over several keys"),
    ("`reference: true` shows", "a judge and the expectation of a case"),
    ("`judge` has nothing to compare with", "a judge and the expectation of a case"),
    ("is not a threshold on the scale", "a threshold and its scale"),
    ("expected a threshold", "a threshold and its scale"),
    ("there is no score to reach", "a threshold and its scale"),
    ("graders that count cannot be", "values over several keys"),
    ("contains an empty text", "texts that are empty once normalised"),
    ("the environment variable", "the environment"),
    ("declared twice", "names that have to differ"),
    ("this looks like the name of one", "the variable that holds a model's key"),
    ("expression", "the syntax of expressions"),
    ("combinations", "values over several keys"),
    ("stands here twice", "values that have to differ"),
    ("gives the same id as another value", "values that have to differ"),
    ("examples", "how many rows a file has"),
    ("is included already", "files"),
    ("includes itself", "files"),
    ("does not tell its format", "files"),
    ("is for csv and tsv", "options that only some files have"),
    ("is for csv, tsv and xlsx", "options that only some files have"),
    ("is for json and yaml", "options that only some files have"),
    ("is for xlsx", "options that only some files have"),
    ("the same character stands between fields", "values over several keys"),
    ("expected a column, found a template", "templates"),
    (" in case `", "what a template gives depends on the case"),
    (" is a variable already", "names that have to differ"),
    (" is a column already", "names that have to differ"),
    (": file ", "what files hold"),
    ("is a folder", "files"),
    ("no file matches", "files"),
    ("matches no file", "files"),
    ("there is no folder", "files"),
    ("matches files of rows", "files"),
    ("is no glob", "the syntax of globs"),
    ("expected a list of cases or a map with", "what included files hold"),
];

/// The schema.
pub(super) static VALIDATOR: LazyLock<Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&schema()).unwrap_or_else(|error| panic!("{error}")));

/// A suite as an editor sees it, with merge keys followed; `None` where it is no YAML.
pub(super) fn as_seen(yaml: &str) -> Option<Value> {
    let mut root = decode(yaml.strip_prefix('\u{feff}').unwrap_or(yaml)).ok()?.root;
    let log = Log::default();
    apply_merges(&mut root, &Place::default(), &log);
    (!log.has_errors()).then(|| root.to_value())
}

/// What is wrong with a file of rows: `dataset[1].path: rows.csv: it is empty`.
static OF_A_FILE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^dataset[^: ]*: (standard input|\S+): ").unwrap_or_else(|error| panic!("{error}")));

/// The loader's verdict: the messages of its errors in the suite itself. What other files hold, no schema can say.
pub(super) fn errors(refused: Option<&Diagnostics>) -> Vec<String> {
    let items = refused.map(|diagnostics| diagnostics.items.as_slice()).unwrap_or_default();
    let in_suite =
        |item: &&Diagnostic| item.place.as_ref().is_none_or(|(source, _)| source.path.ends_with("suite.yaml"));
    let errors = items.iter().filter(|item| item.severity == Severity::Error).filter(in_suite);
    let told = errors.map(|item| format!("{}: {}", item.path, item.message));
    told.filter(|error| !OF_A_FILE.is_match(error)).collect()
}

/// How the two disagree, if they do.
pub(super) fn disagreement(suite: &Value, refused: Option<&Diagnostics>) -> Option<String> {
    let accepts = VALIDATOR.is_valid(suite);
    match refused {
        None if accepts => None,
        None => {
            let errors = VALIDATOR.iter_errors(suite).map(|error| format!("{}: {error}", error.instance_path()));
            let errors: Vec<String> = errors.collect();
            Some(format!("the loader accepts what the schema refuses:\n  {}", errors.join("\n  ")))
        }
        Some(_) if !accepts => None,
        Some(_) => {
            let errors = errors(refused);
            // An included file may bring a prompt along.
            let includes = suite.get("include").is_some();
            let sayable = |error: &&String| {
                let is_brought = includes && error.contains("`prompt` is missing");
                !(is_brought || UNSAYABLE.iter().any(|(part, _)| error.contains(part)))
            };
            let sayable: Vec<&String> = errors.iter().filter(sayable).collect();
            Some(format!("the schema accepts what the loader refuses: {}", sayable.first()?))
        }
    }
}

/// Holds the two to each other for a suite of another test.
#[track_caller]
pub(in crate::suite) fn assert_agreement(yaml: &str, refused: Option<&Diagnostics>) {
    // A grader that only tests have.
    if yaml.contains("needy") {
        return;
    }
    let Some(suite) = as_seen(yaml) else { return };
    if let Some(how) = disagreement(&suite, refused) {
        panic!("{how}\nin\n{yaml}");
    }
}
