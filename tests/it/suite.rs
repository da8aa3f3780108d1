//! Suites for the tests, written as users write them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::server::Server;

/// A suite whose every case asks to "say wN" and expects `wN`.
#[derive(Debug, Clone)]
pub(crate) struct Suite {
    base_url: String,
    defaults: BTreeMap<String, String>,
    models: Vec<(String, String)>,
    cases: usize,
    repeat: usize,
    graders: String,
    lines: Vec<String>,
}

impl Suite {
    /// A suite that asks this server. Nothing is retried and no model is given up unless the test says so.
    pub(crate) fn at(server: &Server) -> Self {
        Self::at_url(&server.base_url())
    }

    /// The same for any endpoint.
    pub(crate) fn at_url(base_url: &str) -> Self {
        let defaults = [("timeout", "30s"), ("retries", "0"), ("give_up_after", "1000")];
        Self {
            base_url: base_url.to_owned(),
            defaults: defaults.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            models: Vec::new(),
            cases: 3,
            repeat: 1,
            graders: "[exact]".to_owned(),
            lines: Vec::new(),
        }
    }

    pub(crate) fn model(self, name: &str) -> Self {
        self.model_with(name, "")
    }

    pub(crate) fn models(self, names: &[&str]) -> Self {
        names.iter().fold(self, |suite, name| suite.model(name))
    }

    /// A model with settings of its own: `timeout: 1s, retries: 2`.
    pub(crate) fn model_with(mut self, name: &str, settings: &str) -> Self {
        self.models.push((name.to_owned(), settings.to_owned()));
        self
    }

    pub(crate) fn default(mut self, key: &str, value: &str) -> Self {
        self.defaults.insert(key.to_owned(), value.to_owned());
        self
    }

    pub(crate) fn cases(mut self, cases: usize) -> Self {
        self.cases = cases;
        self
    }

    pub(crate) fn repeat(mut self, repeat: usize) -> Self {
        self.repeat = repeat;
        self
    }

    /// Other graders than `[exact]`.
    pub(crate) fn graders(mut self, graders: &str) -> Self {
        graders.clone_into(&mut self.graders);
        self
    }

    /// A further line at the top level: `gates: ["accuracy >= 90%"]`.
    pub(crate) fn line(mut self, line: &str) -> Self {
        self.lines.push(line.to_owned());
        self
    }

    pub(crate) fn yaml(&self) -> String {
        let mut yaml = format!("name: outside\nbase_url: {}\nrepeat: {}\n", self.base_url, self.repeat);
        yaml.push_str("defaults:\n");
        for (key, value) in &self.defaults {
            writeln!(yaml, "  {key}: {value}").unwrap();
        }
        yaml.push_str("models:\n");
        for (name, settings) in &self.models {
            match settings.as_str() {
                "" => writeln!(yaml, "  - {name}").unwrap(),
                settings => writeln!(yaml, "  - {{ id: {name}, {settings} }}").unwrap(),
            }
        }
        yaml.push_str("prompt: \"say {{ word }}\"\ncases:\n");
        for case in 1..=self.cases {
            let tag = if case % 2 == 0 { "even" } else { "odd" };
            writeln!(yaml, "  - {{ id: c{case}, vars: {{ word: w{case} }}, expect: w{case}, tags: [{tag}] }}").unwrap();
        }
        writeln!(yaml, "graders: {}", self.graders).unwrap();
        for line in &self.lines {
            writeln!(yaml, "{line}").unwrap();
        }
        yaml
    }

    /// Every planned cell in plan order: model, case, repeat.
    pub(crate) fn plan(&self) -> Vec<(String, String, String)> {
        let mut plan = Vec::new();
        for (model, _) in &self.models {
            for case in 1..=self.cases {
                for repeat in 1..=self.repeat {
                    plan.push((model.clone(), format!("c{case}"), repeat.to_string()));
                }
            }
        }
        plan
    }
}
