//! What is compared with: a grader's own value, else the case's `expect`.

use std::borrow::Cow;

use serde_json::Value;

use super::options::{Texts, noun};

/// How a grader's needs are worded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// The grader's type.
    pub(super) grader: &'static str,
    /// What it compares with: `a text`.
    pub(super) what: &'static str,
    /// The option that could hold it.
    pub(super) option: &'static str,
    /// How it could look.
    pub(super) example: &'static str,
}

impl Need {
    /// The texts of the option, else of `expect`; several are alternatives.
    ///
    /// # Errors
    /// What is missing or wrong, for [`super::Grader::check`].
    pub(super) fn texts<'a>(
        &self,
        option: Option<&'a Texts>,
        expected: Option<&'a Value>,
    ) -> Result<Vec<Cow<'a, str>>, String> {
        if let Some(Texts(texts)) = option {
            return Ok(texts.iter().map(|text| Cow::Borrowed(text.0.as_str())).collect());
        }
        let items = match expected {
            None => return Err(self.missing()),
            Some(Value::Array(items)) if items.is_empty() => {
                return Err(format!("`{}` has nothing to compare with: `expect` is an empty list", self.grader));
            }
            Some(Value::Array(items)) => items.as_slice(),
            Some(one) => std::slice::from_ref(one),
        };
        items.iter().map(|item| self.text(item)).collect()
    }

    /// A scalar as it was written.
    fn text<'a>(&self, value: &'a Value) -> Result<Cow<'a, str>, String> {
        match value {
            Value::String(text) => Ok(Cow::Borrowed(text)),
            Value::Bool(_) | Value::Number(_) => Ok(Cow::Owned(value.to_string())),
            Value::Null => {
                Err(format!("`{}` cannot compare with null: put `expect` in quotes if the text is meant", self.grader))
            }
            Value::Array(_) | Value::Object(_) => Err(format!(
                "`{}` compares with {}, but `expect` holds {}: use the grader `json`",
                self.grader,
                self.what,
                noun(value)
            )),
        }
    }

    /// Nothing was given.
    pub(super) fn missing(&self) -> String {
        let Self { grader, what, option, example } = self;
        format!(
            "`{grader}` needs {what} to compare with: give the case `expect: {example}` or the grader `{option}: {example}`"
        )
    }
}
