//! Keeps secrets out of everything that comes back: a server may echo the key it was sent.

use std::borrow::Cow;
use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// What stands where a secret stood.
const MARK: &str = "[redacted]";

/// Shorter ones are placeholders (`none`, `test`) whose letters occur in ordinary words.
const SHORTEST: usize = 6;

/// Answers are what gets graded, so they are only touched for what is surely a key.
const SHORTEST_IN_ANSWER: usize = 12;

/// The secrets of one endpoint.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    secrets: Vec<SecretString>,
}

impl Redactor {
    pub(crate) fn add(&mut self, secret: &str) {
        let secret = secret.trim();
        if secret.len() >= SHORTEST {
            self.secrets.push(secret.into());
            // The longest first, should one contain another.
            self.secrets.sort_by_key(|s| std::cmp::Reverse(s.expose_secret().len()));
        }
    }

    /// The text without any secret. To be called before a text is cut: a cut could leave half of one.
    pub(crate) fn clean<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.replace(text, SHORTEST)
    }

    /// Cleans the text of an answer in place.
    pub(super) fn clean_answer(&self, text: &mut String) {
        if let Cow::Owned(cleaned) = self.replace(text, SHORTEST_IN_ANSWER) {
            *text = cleaned;
        }
    }

    fn replace<'a>(&self, text: &'a str, shortest: usize) -> Cow<'a, str> {
        let mut text = Cow::Borrowed(text);
        for secret in self.secrets.iter().map(ExposeSecret::expose_secret) {
            if secret.len() >= shortest && memchr::memmem::find(text.as_bytes(), secret.as_bytes()).is_some() {
                text = Cow::Owned(text.replace(secret, MARK));
            }
        }
        text
    }
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("secrets", &self.secrets.len()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_replaced_and_placeholders_are_not() {
        let mut redactor = Redactor::default();
        redactor.add("sk-or-v1-abcdef ");
        redactor.add("sk-or-v1-abcdef-longer");
        redactor.add("ollama");
        redactor.add("key");
        assert_eq!(redactor.clean("no sk-or-v1-abcdef-longer, sk-or-v1-abcdef, key"), "no [redacted], [redacted], key");
        let mut answer = "ollama runs it; sk-or-v1-abcdef".to_owned();
        redactor.clean_answer(&mut answer);
        assert_eq!(answer, "ollama runs it; [redacted]");
        assert!(!format!("{redactor:?}").contains("sk-or"));
    }
}
