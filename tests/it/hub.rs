//! Files of the Hugging Face hub: what is asked, what is kept, and what is told when it does not work.

mod hostile;
mod server;

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::Value;

use crate::context::{Context, contains_bytes};
use crate::process::{Bench, Outcome};
use crate::server::{Act, Reply, Server, ms, refusing_url};
use crate::suite::Suite;

use server::{Hub, Request, bytes, cut};

const TOKEN: &str = "hf_5ecretTokenOfTheHub0123456789";

/// A file of three rows.
const ROWS: &str = "id,word\nr1,w1\nr2,w2\nr3,w3\n";

/// A suite whose cases are the rows of these files.
fn suite(server: &Server, paths: &[&str]) -> String {
    let yaml = Suite::at(server).model("m").cases(0).yaml().replace("cases:\n", "");
    let entry = |path: &&str| format!("  - {{ path: \"{path}\", id: \"{{{{ id }}}}\", expect: \"{{{{ word }}}}\" }}\n");
    yaml + "dataset:\n" + &paths.iter().map(entry).collect::<String>()
}

/// A hub, a model, and a suite of a file.
struct Scene {
    cx: Context,
    hub: Hub,
    models: Server,
}

impl Scene {
    fn of(hub: Hub) -> Self {
        Self { cx: Context::new(), hub, models: Server::start() }
    }

    /// `bench ARGS` with this hub, the suite naming these paths.
    fn bench(&self, args: &[&str], paths: &[&str]) -> Bench {
        self.cx.write("suite.yaml", suite(&self.models, paths));
        self.cx.bench(args).env("HF_ENDPOINT", self.hub.url())
    }

    #[track_caller]
    fn check(&self, path: &str) -> Outcome {
        self.bench(&["check", "suite.yaml"], &[path]).run()
    }

    /// A large file is there, whole, in the cache.
    fn is_kept(&self, content: &str) -> bool {
        let files = self.cx.all_files();
        let mut kept = files.iter().filter(|(path, _)| path.to_string_lossy().contains("/cache/bench/hub-127.0.0.1_"));
        kept.any(|(path, bytes)| path.extension().is_none_or(|end| end != "part") && bytes == content.as_bytes())
    }

    #[track_caller]
    fn cases(&self) -> Vec<String> {
        self.cx.results().rows.iter().map(|row| row.get("case").to_owned()).collect()
    }
}

/// Rows that take some room.
fn many_rows(count: usize) -> String {
    let row = |n: usize| format!("r{n},w{n}\n");
    "id,word\n".to_owned() + &(0..count).map(row).collect::<String>()
}

#[test]
fn a_file_is_read_its_revision_pinned_and_asked_for_only_once() {
    let scene = Scene::of(Hub::start().commit("main", &[("data/test.csv", ROWS), ("README.md", "hello")]));
    let run = |args: &[&str], path: &str| {
        let outcome = scene.bench(&[&["run", "suite.yaml"], args].concat(), &[path]).run();
        outcome.code(0);
        outcome
    };
    let outcome = run(&["--out", "run"], "hf://acme/quiz/data/test.csv");
    outcome.says("downloading hf://acme/quiz/data/test.csv (26 B)");
    assert_eq!(scene.cases(), ["r1", "r2", "r3"]);
    let commit = scene.hub.tip("main");
    let pinned = format!("hf://acme/quiz@{commit}/data/test.csv");
    let manifest: Value = serde_json::from_str(&scene.cx.read("run/run.json")).unwrap();
    assert_eq!(manifest["datasets"][0]["path"], pinned.as_str());
    let revision = "GET /api/datasets/acme/quiz/revision/main?expand=sha".to_owned();
    let file = format!("/datasets/acme/quiz/resolve/{commit}/data/test.csv");
    assert_eq!(scene.hub.take(), [revision.clone(), format!("HEAD {file}"), format!("GET {file}")]);

    // A branch is looked up each time, a commit never again.
    let outcome = run(&["--out", "run2"], "hf://datasets/acme/quiz@main/data/test.csv");
    outcome.never_shows(b"downloading");
    assert_eq!(scene.hub.take(), [revision]);
    run(&["--out", "run3"], &pinned);
    assert_eq!(scene.hub.take(), [""; 0]);
}

#[test]
fn what_two_commits_share_is_downloaded_once_and_a_branch_is_one_commit_for_all_entries() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS), ("b.csv", "id,word\nb1,w1\n")]));
    let paths = ["hf://acme/quiz/a.csv", "hf://acme/quiz/b.csv"];
    scene.bench(&["check", "suite.yaml"], &paths).run().code(0);
    assert_eq!(scene.hub.take().iter().filter(|line| line.contains("/revision/")).count(), 1);
    scene.hub.push("main", &[("a.csv", ROWS), ("b.csv", "id,word\nb1,w1\nb2,w2\n")]);
    scene.bench(&["check", "suite.yaml"], &paths).run().code(0).prints("5 cases");
    let downloads = scene.hub.requests().into_iter().filter(Request::is_download);
    assert_eq!(
        downloads.map(|request| request.target.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>(),
        ["b.csv"]
    );
}

#[test]
fn a_large_file_comes_from_the_store_which_never_sees_the_token() {
    let rows = many_rows(2000);
    let scene = Scene::of(Hub::start().commit("v1", &[("large.csv", &rows)]).private(TOKEN));
    let outcome = scene
        .bench(&["run", "suite.yaml", "--out", "run", "-v"], &["hf://acme/quiz@v1/large.csv"])
        .env("HF_TOKEN", TOKEN)
        .run();
    outcome.code(0).never_shows(TOKEN.as_bytes());
    assert!(scene.is_kept(&rows));
    for (path, bytes) in scene.cx.all_files() {
        assert!(!contains_bytes(&bytes, TOKEN.as_bytes()), "the token stands in {}", path.display());
    }
    let requests = scene.hub.requests();
    assert!(requests.iter().any(|request| request.at_store));
    for request in requests {
        let sent = request.header("authorization").map(str::to_owned);
        assert_eq!(sent, (!request.at_store).then(|| format!("Bearer {TOKEN}")), "{request:?}");
        assert_eq!(request.header("accept-encoding"), Some("identity"));
    }
    // The model's endpoint does not get it either.
    assert!(scene.models.calls().iter().all(|call| !format!("{:?}", call.headers).contains(TOKEN)));
}

#[test]
fn a_glob_takes_all_pages_in_order() {
    let row = |n: usize| format!("id,word\nr{n:02},w{n}\n");
    let names: Vec<String> = (0..7).map(|n| format!("data/train-{n:02}.csv")).collect();
    let contents: Vec<String> = (0..7).map(row).collect();
    let mut files: Vec<(&str, &str)> =
        names.iter().map(String::as_str).zip(contents.iter().map(String::as_str)).collect();
    files.extend([("data/test.csv", "no,such\n1,2\n"), ("data/deep/train-99.csv", ROWS), ("train-98.csv", ROWS)]);
    let scene = Scene::of(Hub::start().commit("main", &files).page(3));
    let path = "hf://acme/quiz/data/train-*.csv";
    scene.bench(&["run", "suite.yaml", "--out", "run"], &[path]).run().code(0);
    assert_eq!(scene.cases(), ["r00", "r01", "r02", "r03", "r04", "r05", "r06"]);
    let listings = scene.hub.take().into_iter().filter(|line| line.contains("/tree/")).collect::<Vec<_>>();
    assert_eq!(listings.len(), 3, "{listings:?}");
    assert!(listings[2].ends_with("/data?recursive=false&cursor=6"), "{listings:?}");

    // The list of a commit never changes: offline it is known.
    scene.bench(&["check", "suite.yaml", "--offline"], &[path]).run().code(0).prints("7 cases");
    let deep = scene.check("hf://acme/quiz/**/train-9*.csv");
    deep.code(2).says("the id `r1`");
    scene.check("hf://acme/quiz/data/*.tsv").code(2).says("no file of acme/quiz matches").says("data/test.csv");
    scene.check("hf://acme/quiz/data/{a,.csv").code(2).says("no glob");
}

#[test]
fn a_connection_that_is_cut_is_taken_up_where_it_was() {
    let rows = many_rows(20_000);
    for (name, store) in [("large.csv", true), ("small.csv", false)] {
        let scene = Scene::of(Hub::start().commit("main", &[(name, &rows)]));
        let content = rows.clone();
        scene.hub.script(move |request, before| {
            let strikes = request.is_download() && request.at_store == store;
            // Once a large file is redirected, every download is two requests.
            let tries = if store { before / 2 } else { before };
            (strikes && tries < 2).then(|| cut(request, content.as_bytes(), 50_000))
        });
        scene.check(&format!("hf://acme/quiz/{name}")).code(0).prints("20000 cases");
        assert!(scene.is_kept(&rows));
        let requests = scene.hub.requests();
        let from: Vec<_> =
            requests.iter().filter(|it| it.is_download() && it.at_store == store).map(Request::from).collect();
        assert_eq!(from, [None, Some(50_000), Some(100_000)]);
    }
}

#[test]
fn a_server_without_ranges_begins_anew() {
    let rows = many_rows(5_000);
    let scene = Scene::of(Hub::start().commit("main", &[("small.csv", &rows)]));
    let content = rows.clone();
    scene.hub.script(move |request, before| {
        let whole = Request { headers: Vec::new(), ..request.clone() };
        request.is_download().then(|| match before {
            0 => cut(&whole, content.as_bytes(), 10_000),
            _ => bytes(&whole, content.as_bytes(), &[]),
        })
    });
    scene.check("hf://acme/quiz/small.csv").code(0).prints("5000 cases");
    assert!(scene.is_kept(&rows));
}

#[test]
fn a_hub_that_asks_for_patience_gets_it() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
    scene.hub.script(|request, before| {
        let busy = |headers: &[(&str, &str)]| Some(Reply::full(429, headers, b""));
        let first = request.is_download() && before == 0;
        if first { busy(&[("retry-after", "3")]) } else { None }
    });
    let outcome = scene.check("hf://acme/quiz/a.csv");
    outcome.code(0).says("429").says("trying again in 3.0s");
    assert!(outcome.elapsed >= Duration::from_secs(3));
    // A wait of an hour is told, not waited for.
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
    scene.hub.script(|_, _| Some(Reply::full(429, &[("ratelimit", "\"api\";r=0;t=3600")], b"")));
    let outcome = scene.check("hf://acme/quiz/a.csv");
    outcome.code(2).says("429").says("1h00m");
}

#[test]
fn refusals_say_what_to_do() {
    let files = [("data/test.csv", ROWS), ("data/train.csv", ROWS), ("README.md", "hello")];
    let scene = Scene::of(Hub::start().commit("main", &files).commit("feature", &files));
    let check = |path: &str| {
        let outcome = scene.check(path);
        outcome.code(2);
        outcome
    };
    check("hf://acme/quiz/data/tset.csv")
        .says("has no file `data/tset.csv`")
        .says("mean `hf://acme/quiz/data/test.csv`");
    check("hf://acme/quiz/train.csv").says("did you mean `hf://acme/quiz/data/train.csv`");
    check("hf://acme/quiz/other.csv").says("there are `README.md`, `data/test.csv`, `data/train.csv`");
    check("hf://acme/quiz@faeture/data/test.csv").says("no revision `faeture`").says("mean `feature`");
    check("hf://acme/nothing/a.csv").says("no dataset acme/nothing, or it is private or gated").says("set HF_TOKEN");
    check("hf://quiz.csv").says("write `hf://OWNER/NAME");
    check("hf://acme/quiz/../a.csv").says("`..`");
    let wrong = scene.bench(&["check", "suite.yaml"], &["hf://acme/quiz/a.csv"]).env("HF_TOKEN", "hf_wrong").run();
    wrong.code(2).says("refuses the token").never_shows(b"hf_wrong");

    let scene = Scene::of(Hub::start().commit("main", &files).gated());
    let page = format!("accept its terms at {}/datasets/acme/quiz", scene.hub.url());
    scene.check("hf://acme/quiz/data/test.csv").code(2).says("is gated").says(&page).says("then set HF_TOKEN");
    let with = scene.bench(&["check", "suite.yaml"], &["hf://acme/quiz/data/test.csv"]).env("HF_TOKEN", TOKEN).run();
    with.code(2).says("with the account of your token");
}

#[test]
fn a_folder_is_told_from_a_file() {
    let scene = Scene::of(Hub::start().commit("main", &[("data.csv/test.csv", ROWS)]));
    scene.check("hf://acme/quiz/data.csv").code(2).says("is a folder").says("`hf://acme/quiz/data.csv/*.csv`");
}

#[test]
fn a_resumption_is_refused_where_the_branch_has_moved() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
    let path = "hf://acme/quiz/a.csv";
    scene.bench(&["run", "suite.yaml", "--out", "run"], &[path]).run().code(0);
    let resume = || scene.bench(&["run", "suite.yaml", "--resume", "run"], &[path]).run();
    resume().code(0);
    scene.hub.push("main", &[("a.csv", &ROWS.replace("w3", "w4"))]);
    let asked = scene.models.calls().len();
    resume().code(2).says("case");
    assert_eq!(scene.models.calls().len(), asked);
}

#[test]
fn offline_nothing_is_asked_and_what_is_read_is_said() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS), ("b.csv", ROWS)]));
    let offline = |path: &str| scene.bench(&["check", "suite.yaml", "--offline"], &[path]).run();
    offline("hf://acme/quiz/a.csv").code(2).says("never looked up").says("bench check");
    scene.check("hf://acme/quiz/a.csv").code(0);
    let commit = scene.hub.tip("main");
    scene.hub.push("main", &[("a.csv", "id,word\nnew,w1\n")]);
    scene.hub.take();
    offline("hf://acme/quiz/a.csv")
        .code(0)
        .prints("3 cases")
        .says(&format!("`main` of acme/quiz is {commit}, as it was"));
    offline("hf://acme/quiz/b.csv").code(2).says("is not in the cache");
    let pinned = format!("hf://acme/quiz@{commit}/a.csv");
    for (variable, code) in [("1", 0), ("0", 0), ("yes", 0)] {
        scene.bench(&["check", "suite.yaml"], &[&pinned]).env("HF_HUB_OFFLINE", variable).run().code(code);
    }
    scene
        .bench(&["run", "suite.yaml", "--dry-run"], &["hf://acme/quiz/a.csv"])
        .env("HF_HUB_OFFLINE", "1")
        .run()
        .code(0);
    assert_eq!(scene.hub.take(), [""; 0]);
    scene.check("hf://acme/quiz/a.csv").code(0).prints("1 case");
}

#[test]
fn a_branch_that_cannot_be_looked_up_is_never_silently_the_last_one() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
    scene.check("hf://acme/quiz/a.csv").code(0);
    scene.hub.script(|_, _| Some(Reply::acts([Act::Reset])));
    let outcome = scene.check("hf://acme/quiz/a.csv");
    let pin = format!("hf://acme/quiz@{}/a.csv", scene.hub.tip("main"));
    outcome.code(2).says("cannot be had").says("`--offline`").says(&pin);
    scene.check(&pin).code(0);
}

#[test]
fn the_cache_of_the_official_tools_is_read() {
    let (cx, models) = (Context::new(), Server::start());
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let folder = "hf/hub/datasets--acme--quiz";
    cx.write(&format!("{folder}/snapshots/{commit}/data/a.csv"), ROWS);
    cx.write(&format!("{folder}/refs/main"), commit);
    let check = |path: &str, args: &[&str]| {
        cx.write("suite.yaml", suite(&models, &[path]));
        let home = cx.work().join("hf");
        cx.bench(&[&["check", "suite.yaml"], args].concat())
            .env("HF_HOME", home)
            .env("HF_ENDPOINT", refusing_url())
            .run()
    };
    check(&format!("hf://acme/quiz@{commit}/data/a.csv"), &[]).code(0).prints("3 cases");
    check("hf://acme/quiz/data/a.csv", &["--offline"]).code(0).says(commit);
}

/// Whether this process, and so what it starts, ignores SIGINT.
fn interrupts_are_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:")).unwrap_or("0");
    u64::from_str_radix(mask.trim(), 16).is_ok_and(|mask| mask & (1 << 1) != 0)
}

#[test]
fn ctrl_c_ends_a_download_at_once_and_the_next_run_goes_on_from_there() {
    let rows = many_rows(20_000);
    for command in ["run", "check"] {
        // `check` leaves the signal to the system, and whoever starts it may have it ignored, as shells do with `&`.
        if command == "check" && interrupts_are_ignored() {
            continue;
        }
        let scene = Scene::of(Hub::start().commit("main", &[("large.csv", &rows)]));
        let content = rows.clone();
        scene.hub.script(move |request, before| {
            // What was sent arrives; then it hangs.
            let hang = || {
                let mut acts = cut(request, content.as_bytes(), 60_000).acts;
                acts.pop();
                acts.push(Act::Hang);
                Reply::acts(acts)
            };
            (request.at_store && before < 2).then(hang)
        });
        let mut running = scene.bench(&[command, "suite.yaml"], &["hf://acme/quiz/large.csv"]).spawn();
        let arrived = || {
            scene
                .cx
                .all_files()
                .iter()
                .any(|(path, bytes)| path.extension().is_some_and(|end| end == "part") && bytes.len() == 60_000)
        };
        let started = Instant::now();
        while !arrived() {
            assert!(started.elapsed() < Duration::from_secs(30) && !running.has_ended(), "nothing arrived");
            std::thread::sleep(ms(10));
        }
        let sent = Instant::now();
        running.signal(Signal::INT);
        let outcome = running.wait();
        assert!(sent.elapsed() < Duration::from_secs(6), "it took {:?}\n{outcome}", sent.elapsed());
        // Nothing of `check` is worth an orderly end: the signal itself ends it, which shells report as 130, too.
        let interrupted = if command == "run" {
            outcome.to_string().contains("exit code: 130")
        } else {
            outcome.to_string().contains("signal Some(2)")
        };
        assert!(interrupted, "{outcome}");
        assert!(scene.models.calls().is_empty() && !scene.cx.work().join("bench-runs").exists());
        scene.hub.wait_for("the connection to be closed", |requests| requests.iter().any(|request| request.closed));

        scene.check("hf://acme/quiz/large.csv").code(0).says("60.0 kB of it are there");
        assert!(scene.is_kept(&rows));
        let last = scene.hub.requests().into_iter().rfind(|request| request.at_store).unwrap();
        assert_eq!(last.from(), Some(60_000));
    }
}

#[test]
fn two_that_want_the_same_file_download_it_once() {
    let rows = many_rows(3_000);
    let scene = Scene::of(Hub::start().commit("main", &[("large.csv", &rows)]));
    let content = rows.clone();
    scene
        .hub
        .script(move |request, _| request.at_store.then(|| bytes(request, content.as_bytes(), &[]).after(ms(1500))));
    scene.cx.write("suite.yaml", suite(&scene.models, &["hf://acme/quiz/large.csv"]));
    let command = || scene.cx.bench(&["check", "suite.yaml"]).env("HF_ENDPOINT", scene.hub.url());
    let running: Vec<_> = (0..3).map(|_| command().spawn()).collect();
    for running in running {
        running.wait().code(0).prints("3000 cases");
    }
    assert_eq!(scene.hub.requests().iter().filter(|request| request.at_store).count(), 1);
}

#[test]
fn quiet_and_json_are_kept_to() {
    let other = ROWS.replace("r3", "x3");
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS), ("b.csv", &other)]));
    let outcome = scene.bench(&["check", "suite.yaml", "-q"], &["hf://acme/quiz/a.csv"]).run();
    outcome.code(0);
    assert_eq!(outcome.stderr_text(), "");
    let outcome =
        scene.bench(&["run", "suite.yaml", "--dry-run", "--progress", "json"], &["hf://acme/quiz/b.csv"]).run();
    outcome.code(0);
    let events: Vec<Value> = outcome.stderr_text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |name: &str| events.iter().find(|event| event["event"] == name).unwrap_or_else(|| panic!("{events:?}"));
    assert_eq!(
        (&of("download_started")["file"], &of("download_started")["size"]),
        (&Value::from("b.csv"), &Value::from(26))
    );
    assert_eq!(of("download_ended")["bytes"], 26);
}

#[test]
fn grading_again_reads_the_hub_too() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
    scene.bench(&["run", "suite.yaml", "--out", "run"], &["hf://acme/quiz/a.csv"]).run().code(0);
    scene.cx.bench(&["grade", "run", "--offline"]).env("HF_ENDPOINT", scene.hub.url()).run().code(0).says("as it was");
}
