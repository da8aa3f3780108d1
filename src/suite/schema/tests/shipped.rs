//! Every suite of the repository is accepted by both.

use std::path::{Path, PathBuf};

use super::agreement::{VALIDATOR, as_seen};
use crate::suite::{LoadOptions, load};

/// Every suite of the repository: those that come with the program, and the examples.
pub(super) fn shipped() -> Vec<PathBuf> {
    fn collect(folder: &Path, suites: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let is_yaml = path.extension().is_some_and(|end| end == "yaml");
            if path.is_dir() {
                collect(&path, suites);
            } else if is_yaml && std::fs::read_to_string(&path).unwrap().contains("\nmodels:") {
                suites.push(path);
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut suites = Vec::new();
    for folder in ["suites", "examples"] {
        collect(&root.join(folder), &mut suites);
    }
    suites.sort();
    assert!(suites.len() >= 6, "{suites:?}");
    suites
}

#[test]
fn every_suite_of_the_repository_is_accepted_by_both() {
    for path in shipped() {
        let yaml = std::fs::read_to_string(&path).unwrap();
        let errors: Vec<String> =
            VALIDATOR.iter_errors(&as_seen(&yaml).unwrap()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", path.display());
        if let Err(mistakes) = load(&path, &LoadOptions::default()) {
            panic!("{}", mistakes.render(false, 100));
        }
    }
}

#[test]
fn every_suite_of_the_repository_names_the_schema() {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/suite.schema.json").canonicalize().unwrap();
    for path in shipped() {
        let yaml = std::fs::read_to_string(&path).unwrap();
        let named = yaml.lines().find_map(|line| line.strip_prefix("# yaml-language-server: $schema="));
        let named = named.unwrap_or_else(|| panic!("{} names no schema", path.display()));
        assert_eq!(path.parent().unwrap().join(named).canonicalize().unwrap(), schema, "{}", path.display());
    }
}

#[test]
fn the_committed_schema_is_what_is_printed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/suite.schema.json");
    let committed = std::fs::read_to_string(path).unwrap();
    assert!(committed == crate::suite::schema_text(), "run `bench schema > docs/suite.schema.json`");
}
