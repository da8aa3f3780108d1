//! `command`: the protocol, the limits, and what happens to programs that do not keep to them.

use serde_json::json;

use super::Programs;
use crate::context::{KEY, contains_bytes};

/// A program that says what it is told to: the answer is Python that makes `reply`, the line to be printed.
const PUPPET: &str = r#"
import json, os, sys, time
for number, line in enumerate(sys.stdin):
    asked = json.loads(line)
    reply = {"id": asked["id"], "pass": True}
    exec(asked["output"])
    print(reply if isinstance(reply, str) else json.dumps(reply), flush=True)
"#;

fn puppet(more: serde_json::Value) -> Programs {
    let mut grader = json!({ "type": "command", "run": ["python3", "puppet.py"], "timeout": "3s", "workers": 1 });
    grader.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Programs::new(json!([grader])).file("puppet.py", PUPPET)
}

#[test]
fn a_program_is_told_of_the_answer_and_judges_it() {
    let programs = puppet(json!({}))
        .case(
            "pass",
            "reply['reason'] = asked['case'] + asked['expected'] + str(asked['protocol']) + asked['vars']['x']",
            json!({ "x": "y" }),
        )
        .case("fail", "reply = {'pass': False, 'reason': 'not good'}", json!({}))
        .case("score", "reply = {'score': 0.75, 'extracted': 'what counts'}", json!({}))
        .case("low", "reply = {'score': 0.25}", json!({}))
        .case("unable", "reply = {'error': 'no dictionary'}", json!({}))
        .case("measured", "reply = {'pass': asked['latency_ms'] > 0 and asked['finish_reason'] == 'stop'}", json!({}));
    programs.run();
    programs.is("pass", "pass", "");
    programs.is("fail", "fail", "not good");
    programs.is("score", "pass", "");
    programs.is("low", "fail", "gave 0.25 of 1, 0.5 needed");
    programs.is("unable", "error", "no dictionary");
    programs.is("measured", "pass", "");
    let results = programs.cx.results();
    let row = results.rows.iter().find(|row| row.get("case") == "score").unwrap();
    assert_eq!(row.get("score"), "0.75");
    assert!(row.get("grades").contains("what counts"));
}

#[test]
fn a_key_that_a_program_has_come_by_is_not_written_down() {
    let backwards: String = KEY.chars().rev().collect();
    let programs = puppet(json!({}))
        .case("said", &format!("reply = {{'pass': False, 'reason': 'it is ' + '{backwards}'[::-1]}}"), json!({}))
        .case("shouted", &format!("sys.exit('it is ' + '{backwards}'[::-1])"), json!({}));
    programs.run();
    programs.is("said", "fail", "it is [redacted]");
    programs.is("shouted", "error", "it is [redacted]");
    let files = programs.cx.all_files();
    assert!(files.iter().all(|(_, bytes)| !contains_bytes(bytes, KEY.as_bytes())));
}

#[test]
fn a_threshold_decides_over_scores() {
    let programs = puppet(json!({ "threshold": 0.9 })).case("a", "reply = {'score': 0.8, 'pass': True}", json!({}));
    programs.run();
    programs.is("a", "fail", "gave 0.8 of 1, 0.9 needed");
}

#[test]
fn a_program_stays_up_between_answers() {
    let mut programs = puppet(json!({}));
    for index in 0..8 {
        programs =
            programs.case(&index.to_string(), "reply['pass'] = False\nreply['reason'] = str(os.getpid())", json!({}));
    }
    programs.run();
    let pids: std::collections::BTreeSet<String> = (0..8).map(|index| programs.told(&index.to_string()).1).collect();
    assert_eq!(pids.len(), 1, "{pids:?}");
}

#[test]
fn several_work_at_once() {
    let mut programs = puppet(json!({ "workers": 3 }));
    for index in 0..12 {
        let code = "time.sleep(0.3)\nreply['pass'] = False\nreply['reason'] = str(os.getpid())";
        programs = programs.case(&index.to_string(), code, json!({}));
    }
    programs.run();
    let pids: std::collections::BTreeSet<String> = (0..12).map(|index| programs.told(&index.to_string()).1).collect();
    assert!((2..=3).contains(&pids.len()), "{pids:?}");
}

#[test]
fn a_program_that_ends_is_replaced_and_asked_again_once() {
    let once = "flag = 'crashed'\nif not os.path.exists(flag):\n    open(flag, 'w').close()\n    os._exit(7)";
    let programs = puppet(json!({}))
        .case("once", once, json!({}))
        .case("always", "print('disk on fire', file=sys.stderr, flush=True)\nos._exit(7)", json!({}))
        .case("killed", "os.kill(os.getpid(), 11)", json!({}))
        .case("raises", "raise KeyError('nothing')", json!({}))
        .case("after", "pass", json!({}));
    programs.run();
    programs.is("once", "pass", "");
    programs.is("always", "error", "`python3 puppet.py` ended with exit code 7 before it answered: disk on fire");
    programs.is("killed", "error", "ended by signal 11");
    programs.is("raises", "error", "KeyError: 'nothing'");
    programs.is("after", "pass", "");
}

#[test]
fn a_program_that_breaks_the_protocol_is_an_error_and_no_verdict() {
    let programs = puppet(json!({ "output": "100kB", "memory": "200MB" }))
        .case("hangs", "print('thinking', file=sys.stderr, flush=True)\ntime.sleep(60)", json!({}))
        .case("prose", "reply = 'Looks good to me'", json!({}))
        .case("nothing", "reply = {}", json!({}))
        .case("list", "reply = '[1]'", json!({}))
        .case("score", "reply = {'score': 7}", json!({}))
        .case("other", "reply = {'id': 99, 'pass': True}", json!({}))
        .case("long", "reply = {'pass': True, 'reason': 'x' * 200000}", json!({}))
        .case("endless", "while True: sys.stdout.write('x' * 10000)", json!({}))
        .case("noisy", "sys.stderr.write('x' * 3000000)", json!({}))
        .case("twice", "reply = json.dumps({'pass': True}) + '\\n' + json.dumps({'pass': False})", json!({}))
        .case("memory", "a = bytearray(10**9)", json!({}))
        .case("control", "reply = {'pass': False, 'reason': '\\x1b[2J\\n' + 'x' * 5000}", json!({}))
        .case("fine", "pass", json!({}));
    programs.run();
    programs.is("hangs", "error", "`python3 puppet.py` gave no answer within");
    programs.is("hangs", "error", "thinking");
    programs.is("prose", "error", "something else than a JSON object: Looks good to me");
    programs.is("nothing", "error", "neither `pass` nor `score` nor `error`");
    programs.is("list", "error", "something else than a JSON object");
    programs.is("score", "error", "not between 0 and 1");
    programs.is("other", "error", "answered question 99");
    programs.is("long", "error", "more than the 100000 bytes");
    programs.is("endless", "error", "more than the 100000 bytes");
    programs.is("noisy", "pass", "");
    // Of two lines the first is the answer; whoever wrote the second is not asked again.
    programs.is("twice", "pass", "");
    programs.is("memory", "error", "MemoryError");
    programs.is("fine", "pass", "");
    let (verdict, reason) = programs.told("control");
    assert_eq!(verdict, "fail");
    assert!(reason.len() < 1_100 && !reason.contains('\u{1b}'), "{reason}");
}

#[test]
fn a_program_that_is_not_there_is_said_before_anything_is_asked() {
    let graders = json!([{ "type": "any", "of": ["exact", { "type": "command", "run": ["no-such-grader", "-v"] }] }]);
    let programs = Programs::new(graders).case("a", "x", json!({}));
    let outcome = programs.command().run();
    outcome.code(4).says("the grader `any` runs `no-such-grader`, which is not there").says("install it");
    assert!(programs.server.calls().is_empty());
}

#[test]
fn a_program_that_cannot_be_started_is_an_error_that_names_it() {
    // There, and executable, but the interpreter in its first line is not.
    let programs = Programs::new(json!([{ "type": "command", "run": ["./broken.sh", "-v"] }]))
        .case("a", "x", json!({}))
        .file("broken.sh", "#!/no/such/interpreter\n");
    let path = programs.cx.work().join("broken.sh");
    std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    programs.run();
    programs.is("a", "error", "`./broken.sh -v` ");
    programs.is("a", "error", "cannot run `./broken.sh`: No such file");
}

#[test]
fn a_program_that_answers_once_and_ends_is_started_for_each_answer() {
    let run = json!(["sh", "-c", "read line; printf '{\"pass\": true}'"]);
    let mut programs = Programs::new(json!([{ "type": "command", "run": run }]));
    for index in 0..5 {
        programs = programs.case(&index.to_string(), "x", json!({}));
    }
    programs.run();
    (0..5).for_each(|index| programs.is(&index.to_string(), "pass", ""));
}

#[test]
fn an_answer_of_a_megabyte_gets_through() {
    let text =
        "reply['reason'] = str(len(asked['output']))\nreply['pass'] = False\n#".to_owned() + &"é".repeat(500_000);
    let programs = puppet(json!({})).case("a", &text, json!({}));
    programs.run();
    programs.is("a", "fail", &text.chars().count().to_string());
}

#[test]
fn the_environment_is_clean_and_keys_stay_out_of_it() {
    let show = "reply = {'pass': False, 'reason': ' '.join(f'{k}={v}' for k, v in sorted(os.environ.items()))}";
    let mut programs = puppet(json!({ "env": ["PASSED_ON"] })).case("a", show, json!({}));
    programs.suite["models"] = json!([{ "id": "m", "api_key_env": "MY_OWN_KEY" }]);
    let command = programs.command().env("MY_OWN_KEY", KEY).env("PASSED_ON", "yes").env("SECRET", "no");
    command.run().code(0).never_shows(KEY.as_bytes());
    let (_, reason) = programs.told("a");
    assert!(reason.contains("PASSED_ON=yes") && reason.contains("PATH="), "{reason}");
    assert!(!reason.contains(KEY) && !reason.contains("SECRET") && !reason.contains("MY_OWN_KEY"), "{reason}");

    let mut programs = puppet(json!({ "env": ["MY_OWN_KEY"] })).case("a", show, json!({}));
    programs.suite["models"] = json!([{ "id": "m", "api_key_env": "MY_OWN_KEY" }]);
    programs.command().env("MY_OWN_KEY", KEY).run().code(0);
    assert!(!programs.told("a").1.contains(KEY), "not even where it is listed");

    let programs = puppet(json!({ "env": { "MODE": "strict" } })).case("a", show, json!({}));
    programs.run();
    assert!(programs.told("a").1.contains("MODE=strict"));
}

#[test]
fn the_network_is_there_unless_it_is_cut() {
    let programs = |network: bool| {
        let programs = puppet(json!({ "network": network }));
        let port = programs.server.base_url().rsplit(':').next().unwrap().split('/').next().unwrap().to_owned();
        programs.case(
            "a",
            &format!("import socket\nsocket.create_connection(('127.0.0.1', {port})).close()"),
            json!({}),
        )
    };
    let open = programs(true);
    open.run();
    open.is("a", "pass", "");
    let cut = programs(false);
    cut.run();
    cut.is("a", "error", "PermissionError");
}
