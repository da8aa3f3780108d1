//! A folder with a suite in it, and graders that need no other module.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::grade::{
    BuildContext, BuiltGrader, CaseFacts, Grader, Grading, Judgement, OptionError, OptionErrors, Subject,
};
use crate::suite::load::load_with;
use crate::suite::schema::tests::assert_agreement;
use crate::suite::{Diagnostics, LoadOptions, Loaded, Outside, Overrides};

/// Needs an expectation; a number where `numeric` is set.
#[derive(Debug)]
struct Fake {
    numeric: bool,
}

impl Grader for Fake {
    fn grade<'a>(&'a self, _: Subject<'a>) -> Grading<'a> {
        Grading::Ready(Judgement::pass(""))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        match case.expected() {
            None => Err("needs an expectation to compare with".to_owned()),
            Some(Value::String(_)) if self.numeric => Err("expects a number".to_owned()),
            Some(_) => Ok(()),
        }
    }
}

fn fake(entry: &Value, context: &BuildContext<'_>) -> Result<BuiltGrader, OptionErrors> {
    if entry["type"] == "needy" {
        return crate::grade::testing::build(entry, context);
    }
    let error =
        |path: &str, message: &str| OptionError { path: path.to_owned(), message: message.to_owned(), hint: None };
    let (kind, options) = match entry {
        Value::String(kind) => (kind.as_str(), None),
        entry => (entry["type"].as_str().ok_or_else(|| error("", "a grader needs `type`"))?, entry.as_object()),
    };
    if !["exact", "number", "json", "contains", "judge"].contains(&kind) {
        let path = if options.is_some() { "type" } else { "" };
        return Err(
            OptionError { hint: Some("did you mean `exact`?".to_owned()), ..error(path, "unknown grader") }.into()
        );
    }
    if let Some(any) = options.and_then(|options| options.get("any")) {
        let items = any.as_array().ok_or_else(|| error("any", "expected a list"))?;
        if let Some(i) = items.iter().position(|item| !item.is_string()) {
            return Err(error(&format!("any[{i}]"), "expected a text").into());
        }
    }
    Ok(BuiltGrader::new(kind, Box::new(Fake { numeric: kind == "number" })))
}

/// A folder with a suite in it.
pub(super) struct Folder(TempDir);

impl Folder {
    pub(super) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(super) fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        std::fs::write(self.0.path().join(name), content).unwrap();
        self
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.path().join("suite.yaml")
    }

    pub(super) fn load(&self, overrides: Overrides) -> Result<Loaded, Diagnostics> {
        let variable: fn(&str) -> Option<String> = |name| (name == "REGION").then(|| "eu".to_owned());
        let outside = Outside { variable: Some(variable), ..Outside::default() };
        load_with(&self.path(), &LoadOptions { overrides, outside }, fake)
    }

    /// [`Folder::load`] as it stands, judged by the schema too.
    pub(super) fn load_plain(&self) -> Result<Loaded, Diagnostics> {
        let result = self.load(Overrides::default());
        if let Ok(yaml) = std::fs::read_to_string(self.path()) {
            assert_agreement(&yaml, result.as_ref().err());
        }
        result
    }

    /// What is said of the suite, with the folder's own path taken out.
    pub(super) fn said(&self) -> String {
        let diagnostics = match self.load_plain() {
            Ok(loaded) => loaded.warnings,
            Err(diagnostics) => {
                assert!(diagnostics.has_errors(), "refused without an error");
                diagnostics
            }
        };
        for item in &diagnostics.items {
            if let Some((source, range)) = &item.place {
                assert!(source.text.get(range.clone()).is_some(), "{item:?}");
            }
        }
        let folder = format!("{}/", self.0.path().display());
        format!("{}\n\n{}", diagnostics.render(false, 100).replace(&folder, ""), diagnostics.summary())
    }
}

pub(super) fn folder(suite: impl AsRef<[u8]>) -> Folder {
    Folder::new().with("suite.yaml", suite)
}

/// What is said of a suite.
pub(super) fn said(suite: impl AsRef<[u8]>) -> String {
    folder(suite).said()
}

/// What is said of a suite that is sound but for these lines.
pub(super) fn said_with(lines: &str) -> String {
    said(format!("name: t\nmodels: [m]\nprompt: \"{{{{ q }}}}\"\ncases: [{{ vars: {{ q: hi }} }}]\n{lines}"))
}

pub(super) fn loaded(suite: impl AsRef<[u8]>) -> Loaded {
    match folder(suite).load_plain() {
        Ok(loaded) => loaded,
        Err(diagnostics) => panic!("{}", diagnostics.render(false, 100)),
    }
}
