//! Graders that run programs: `command` and `code`.

mod code;
mod command;
mod examples;
mod hostile;
mod human_eval;
mod lifetime;

use serde_json::{Value, json};

use crate::context::Context;
use crate::process::{Bench, Outcome};
use crate::server::{Call, Server};
use crate::table::Row;

/// A suite whose model answers what the variable `answer` of a case holds.
#[derive(Debug)]
struct Programs {
    cx: Context,
    server: Server,
    suite: Value,
}

impl Programs {
    fn new(graders: Value) -> Self {
        let server = Server::with("m", Call::echo);
        let suite = json!({
            "name": "programs", "base_url": server.base_url(), "prompt": "say {{ answer }}",
            "models": ["m"], "defaults": { "retries": 0, "give_up_after": 1000, "concurrency": 4 }, "graders": graders, "cases": [],
        });
        Self { cx: Context::new(), server, suite }
    }

    /// A case with variables besides its answer.
    fn case(mut self, id: &str, answer: &str, vars: Value) -> Self {
        let mut vars = vars;
        vars["answer"] = answer.into();
        let case = json!({ "id": id, "vars": vars, "expect": "right" });
        self.suite["cases"].as_array_mut().unwrap().push(case);
        self
    }

    fn file(self, name: &str, content: &str) -> Self {
        self.cx.write(name, content);
        self
    }

    fn command(&self) -> Bench {
        // JSON is YAML.
        self.cx.write("suite.yaml", serde_json::to_string_pretty(&self.suite).unwrap());
        self.cx.bench(&["run", "suite.yaml", "--out", "run", "--allow-commands"])
    }

    #[track_caller]
    fn run(&self) -> Outcome {
        let outcome = self.command().run();
        outcome.code_in(&[0, 3]);
        outcome
    }

    /// Verdict of a case, and why: the reason of its first grade.
    #[track_caller]
    fn told(&self, case: &str) -> (String, String) {
        let results = self.cx.results();
        let row: &Row = results.rows.iter().find(|row| row.get("case") == case).unwrap();
        let grades: Value = serde_json::from_str(row.get("grades")).unwrap_or_else(|_| panic!("{row:?}"));
        (row.get("verdict").to_owned(), grades[0]["reason"].as_str().unwrap_or_default().to_owned())
    }

    #[track_caller]
    fn is(&self, case: &str, verdict: &str, part: &str) {
        let (got, reason) = self.told(case);
        assert_eq!(got, verdict, "{case}: {reason}");
        assert!(reason.contains(part), "{case}: {reason:?} lacks {part:?}");
    }
}
