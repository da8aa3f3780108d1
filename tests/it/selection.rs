//! What is asked: the flags that choose, change and preview.

use serde_json::json;

use crate::context::Context;
use crate::server::{Server, ms};
use crate::suite::Suite;
use crate::table::Table;

/// Runs six cases of three models with these arguments and hands back what was asked.
#[track_caller]
fn chosen(args: &[&str]) -> (Server, Table) {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).models(&["vendor/small", "vendor/large", "other/one"]).cases(6);
    cx.run(&suite, args).code(0);
    let results = cx.results();
    assert_eq!(results.rows.len(), server.calls().len(), "a row for every request and a request for every row");
    (server, results)
}

fn column(table: &Table, column: &str) -> Vec<String> {
    let mut values: Vec<_> = table.rows.iter().map(|row| row.get(column).to_owned()).collect();
    values.dedup();
    values
}

#[test]
fn models_are_chosen_by_name_and_glob() {
    assert_eq!(column(&chosen(&["-m", "vendor/*"]).1, "model"), ["vendor/small", "vendor/large"]);
    assert_eq!(column(&chosen(&["-m", "other/one"]).1, "model"), ["other/one"]);
    let both = chosen(&["-m", "*/small", "--model", "other/*"]).1;
    assert_eq!(column(&both, "model"), ["vendor/small", "other/one"]);
}

#[test]
fn cases_are_chosen_by_glob_tag_and_number() {
    assert_eq!(column(&chosen(&["-m", "other/one", "--case", "c[23]"]).1, "case"), ["c2", "c3"]);
    assert_eq!(column(&chosen(&["-m", "other/one", "--tag", "even"]).1, "case"), ["c2", "c4", "c6"]);
    assert_eq!(column(&chosen(&["-m", "other/one", "--limit", "2"]).1, "case"), ["c1", "c2"]);
    let limited = chosen(&["--limit", "2"]).1;
    assert_eq!(limited.rows.len(), 6, "two cases of each of three models");
}

#[test]
fn repeats_are_cells_of_their_own() {
    let (server, table) = chosen(&["-m", "other/one", "--repeat", "3", "--limit", "2"]);
    let cells: Vec<_> = table.rows.iter().map(|row| (row.get("case"), row.get("repeat"))).collect();
    assert_eq!(cells, [("c1", "1"), ("c1", "2"), ("c1", "3"), ("c2", "1"), ("c2", "2"), ("c2", "3")]);
    assert_eq!(server.calls().len(), 6);
}

#[test]
fn nothing_chosen_is_a_mistake() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).models(&["alpha", "beta"]);
    cx.run(&suite, &["-m", "aplha"]).code(2).says("aplha").says("alpha");
    cx.run(&suite, &["--case", "nothing-*"]).code(2).says("nothing-");
    cx.run(&suite, &["--tag", "no-such-tag"]).code(2).says("no-such-tag");
    cx.run(&suite, &["--limit", "0"]).code(2);
    assert!(server.calls().is_empty());
    assert!(!cx.run_dir().exists(), "a run that never was left a folder");
}

#[test]
fn request_fields_are_set_from_the_command_line() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).model_with("m", "params: { temperature: 0.1, top_p: 0.5 }").cases(1);
    cx.run(&suite, &["--param", "temperature=0.9", "--param", "max_tokens=77", "--param", "user=me"]).code(0);
    let body = &server.calls()[0].body;
    assert_eq!(body["temperature"], json!(0.9));
    assert_eq!((&body["top_p"], &body["max_tokens"], &body["user"]), (&json!(0.5), &json!(77), &json!("me")));
}

#[test]
fn a_model_can_live_at_another_endpoint() {
    let (cx, here, there) = (Context::new(), Server::start(), Server::start());
    let elsewhere = format!("base_url: \"{}\"", there.base_url());
    let suite = Suite::at(&here).model("a").model_with("b", &elsewhere);
    cx.run(&suite, &[]).code(0);
    assert_eq!((here.calls_of("a").len(), here.calls_of("b").len()), (3, 0));
    assert_eq!((there.calls_of("a").len(), there.calls_of("b").len()), (0, 3));
}

#[test]
fn the_endpoint_is_set_from_outside() {
    let (written, given) = (Server::start(), Server::start());
    let suite = Suite::at(&written).model("m");
    let cx = Context::new();
    cx.run(&suite, &["--base-url", &given.base_url()]).code(0);
    let cx = Context::new();
    cx.run_command(&suite, &[]).env("BENCH_BASE_URL", given.base_url()).run().code(0);
    assert_eq!((written.calls().len(), given.calls().len()), (0, 6));
}

#[test]
fn a_dry_run_sends_nothing() {
    let (cx, server) = (Context::new(), Server::start());
    let suite = Suite::at(&server).models(&["a", "b", "c"]).cases(5).repeat(2);
    cx.run(&suite, &["--dry-run"]).code(0).prints("3 models × 1 prompt × 5 cases × 2 repeats = 30 cells");
    assert!(server.calls().is_empty() && server.others().is_empty(), "{:?}", server.others());
    assert!(!cx.run_dir().exists());
}

#[test]
fn check_prints_the_plan_and_sends_nothing() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("suite.yaml", Suite::at(&server).models(&["a", "b", "c"]).cases(7).repeat(2).yaml());
    let outcome = cx.bench(&["check", "suite.yaml"]).without_env("OPENROUTER_API_KEY").run();
    outcome.code(0).prints("3 models × 1 prompt × 7 cases × 2 repeats = 42 cells").prints("cost: ");
    assert!(server.calls().is_empty() && server.others().is_empty());
    let left: Vec<_> =
        cx.all_files().into_iter().map(|(path, _)| path).filter(|p| !p.ends_with("suite.yaml")).collect();
    assert!(left.is_empty(), "check wrote {left:?}");
}

#[test]
fn several_suites_run_in_one_go() {
    let (cx, server) = (Context::new(), Server::start());
    cx.write("one.yaml", Suite::at(&server).model("m").cases(2).yaml().replace("name: outside", "name: one"));
    cx.write("two.yaml", Suite::at(&server).model("m").cases(3).yaml().replace("name: outside", "name: two"));
    cx.bench(&["run", "one.yaml", "two.yaml"]).run().code(0);
    assert_eq!(server.calls().len(), 5);
    let runs = std::fs::read_dir(cx.work().join("bench-runs")).unwrap();
    let runs = runs.map(|run| run.unwrap().path()).filter(|run| run.join("results.csv").exists() && !run.is_symlink());
    assert_eq!(runs.count(), 2);
}

#[test]
fn datasets_are_read_from_beside_the_suite() {
    let (cx, server) = (Context::new(), Server::with("m", |call| call.answer().delay(ms(1)).reply(call)));
    cx.write("deep/words.csv", "id,word,team\nx1,alpha,alpha\nx2,\"be,ta\",\"be,ta\"\n");
    cx.write("deep/more.jsonl", "{\"id\":\"y1\",\"word\":\"gamma\",\"team\":\"gamma\"}\n");
    let yaml = Suite::at(&server).model("m").cases(0).yaml().replace("cases:\n", "");
    let row = "id: \"{{ id }}\", expect: \"{{ team }}\"";
    let data = format!("dataset:\n  - {{ path: words.csv, {row} }}\n  - {{ path: more.jsonl, {row} }}\n");
    cx.write("deep/suite.yaml", yaml + &data);
    cx.bench(&["run", "deep/suite.yaml", "--out", "run"]).run().code(0);
    let results = cx.results();
    assert_eq!(results.verdicts("m"), "pass 3");
    assert_eq!(column(&results, "case"), ["x1", "x2", "y1"]);
    assert_eq!(results.rows[1].get("output"), "be,ta");
}

#[test]
fn flags_are_explained_and_typos_corrected() {
    let cx = Context::new();
    cx.bench(&["--help"]).run().code(0).prints("run").prints("check").prints("report");
    cx.bench(&["run", "--help"]).run().code(0).prints("--simulate").prints("--resume");
    cx.bench(&["--version"]).run().code(0).prints(env!("CARGO_PKG_VERSION"));
    cx.bench(&["run", "--simulat", "x.yaml"]).run().code(2).says("--simulate");
    cx.bench(&["repor"]).run().code(2).says("report");
    cx.bench(&["rnu"]).run().code(2).says("bench run");
    cx.bench(&["completions", "bash"]).run().code(0).prints("bench");
}
