//! A case, and the suite around it, as graders see them before anything is asked.

use std::cell::OnceCell;
use std::path::Path;

use serde_json::{Map, Value};

/// A case's expectation and variables, parsed when a grader looks at them.
#[derive(Debug)]
pub struct CaseFacts<'a> {
    expect: Option<&'a str>,
    vars: &'a str,
    expected: OnceCell<Option<Value>>,
    variables: OnceCell<Map<String, Value>>,
}

impl<'a> CaseFacts<'a> {
    /// From JSON texts: what is expected, and the variables as an object.
    pub fn new(expect: Option<&'a str>, vars: &'a str) -> Self {
        Self { expect, vars, expected: OnceCell::new(), variables: OnceCell::new() }
    }

    /// What graders compare with.
    pub fn expected(&self) -> Option<&Value> {
        let parse = || self.expect.and_then(|json| serde_json::from_str(json).ok());
        self.expected.get_or_init(parse).as_ref()
    }

    /// The case's variables.
    pub fn vars(&self) -> &Map<String, Value> {
        self.variables.get_or_init(|| serde_json::from_str(self.vars).unwrap_or_default())
    }
}

/// Where a grader's entry stands.
#[derive(Debug, Clone, Copy)]
pub struct BuildContext<'a> {
    /// The suite's folder: paths in options are relative to it.
    pub folder: &'a Path,
}
