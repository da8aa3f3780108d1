//! How long one verdict takes of the graders that run programs: a line there and a line back, and a process of its own.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use bench::grade::{
    Answer, Ask, BuildContext, Host, Reply, ServiceError, Services, Subject, build, end_all_programs, install_programs,
};
use criterion::Criterion;
use futures::FutureExt;
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

/// Programs, and nobody to ask.
#[derive(Debug)]
struct Allowed;

impl Services for Allowed {
    fn ask(&self, ask: Ask) -> BoxFuture<'_, Result<Reply, ServiceError>> {
        nobody(ask.model).boxed()
    }

    fn embed<'a>(&'a self, model: &'a str, _: &'a str) -> BoxFuture<'a, Result<Arc<[f32]>, ServiceError>> {
        nobody(model.to_owned()).boxed()
    }

    fn programs_allowed(&self) -> bool {
        true
    }
}

fn nobody<T>(model: String) -> std::future::Ready<Result<T, ServiceError>> {
    std::future::ready(Err(ServiceError { kind: "unavailable".to_owned(), message: model }))
}

/// Grader, answer.
fn graders() -> Vec<(&'static str, Value, &'static str)> {
    let shell = "while read -r line; do echo '{\"pass\": true}'; done";
    vec![
        ("command", json!({"type": "command", "run": ["sh", "-c", shell]}), "billing"),
        ("code", json!({"type": "code", "tests": "assert f(1) == 2"}), "```python\ndef f(x):\n    return x + 1\n```"),
    ]
}

/// A grader a figure.
pub(crate) fn asking(c: &mut Criterion) {
    let launcher = PathBuf::from(env!("CARGO_BIN_EXE_bench"));
    install_programs(Host { launcher, variable: |name| std::env::var_os(name) });
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be had");
    let mut group = c.benchmark_group("grade by programs");
    let vars = Map::new();
    for (name, entry, text) in graders() {
        let built = build(&entry, &BuildContext { folder: Path::new("") }).expect("the grader is written rightly");
        let answer = Answer { text: text.to_owned(), ..Answer::default() };
        let grade = || async {
            let grade = built.grade(Subject { services: &Allowed, ..Subject::new(&answer, None, &vars) }).await;
            assert_eq!(grade.pass, Some(true), "{:?}", grade.reason);
        };
        group.bench_function(name, |bencher| bencher.iter(|| runtime.block_on(grade())));
    }
    group.finish();
    end_all_programs();
}
