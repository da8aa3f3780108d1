//! Hubs that are none, or that send something else than they should.

use crate::server::{Act, Reply, head, ms};

use super::server::{Hub, Request, bytes};
use super::{ROWS, Scene, TOKEN};

#[test]
fn a_file_with_a_wrong_checksum_is_downloaded_once_more_and_then_refused() {
    for always in [false, true] {
        let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
        scene.hub.script(move |request, before| {
            let other = ROWS.replace("w1", "x1");
            (request.is_download() && (always || before == 0)).then(|| bytes(request, other.as_bytes(), &[]))
        });
        let outcome = scene.check("hf://acme/quiz/a.csv");
        outcome.says("wrong checksum");
        assert_eq!(scene.hub.requests().iter().filter(|request| request.is_download()).count(), 2);
        assert_eq!(scene.is_kept(ROWS), !always);
        if always {
            outcome.code(2).says("twice").says("git blob");
            assert!(!scene.is_kept(&ROWS.replace("w1", "x1")));
        } else {
            outcome.code(0);
        }
    }
}

#[test]
fn more_than_was_announced_is_not_taken() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
    scene.hub.script(|request, _| {
        let endless = || Reply::acts([Act::Send(head(200, &[])), Act::Repeat(b"r9,w9\n".repeat(1000), ms(1))]);
        request.is_download().then(endless)
    });
    scene.check("hf://acme/quiz/a.csv").code(2).says("wrong checksum");
    let kept: usize = scene.cx.all_files().iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(kept < 10_000, "{kept} bytes are left");
}

#[test]
fn a_file_past_the_limit_is_refused_before_it_is_asked_for() {
    let scene = Scene::of(Hub::start().commit("main", &[("large.csv", ROWS)]));
    scene.hub.script(|request, _| {
        let etag = "0".repeat(64);
        let headers = [
            ("location", "https://store.invalid/x"),
            ("x-linked-etag", &*etag),
            ("x-linked-size", "30000000000"),
            ("content-length", "0"),
        ];
        (request.method == "HEAD").then(|| Reply::acts([Act::Send(head(302, &headers))]))
    });
    scene.check("hf://acme/quiz/large.csv").code(2).says("too large").says("30.0 GB of at most 20.0 GB");
    assert!(!scene.hub.requests().iter().any(Request::is_download));
}

#[test]
fn redirects_end_and_lead_nowhere_unsafe() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
    for (location, says) in [
        ("http://192.0.2.1/a.csv", "where it is not safe"),
        ("file:///etc/passwd", "where it is not safe"),
        ("/datasets/acme/quiz/again", "redirects without end"),
    ] {
        scene.hub.script(move |request, _| {
            let asks = !request.target.starts_with("/api/");
            asks.then(|| Reply::full(302, &[("location", location)], b""))
        });
        scene.check("hf://acme/quiz/a.csv").code(2).says(says);
    }
    // A renamed repository is followed, with the token.
    scene.hub.script(|request, _| {
        let renamed = request.target.replace("acme/old", "acme/quiz");
        (renamed != request.target).then(|| Reply::full(307, &[("location", &renamed)], b""))
    });
    let outcome = scene.bench(&["check", "suite.yaml"], &["hf://acme/old/a.csv"]).env("HF_TOKEN", TOKEN).run();
    outcome.code(0).prints("3 cases");
    assert!(scene.hub.requests().iter().rev().take(2).all(|request| request.header("authorization").is_some()));
}

#[test]
fn what_is_no_hub_is_not_taken_for_one() {
    let scene = Scene::of(Hub::start().commit("main", &[("a.csv", ROWS)]));
    let page = || Reply::full(200, &[("content-type", "text/html")], b"<html>please log in</html>");
    scene.hub.script(move |_, _| Some(page()));
    scene.check("hf://acme/quiz/a.csv").code(2).says("does not answer as a hub does");
    let pinned = format!("hf://acme/quiz@{}/a.csv", scene.hub.tip("main"));
    scene.hub.script(move |request, _| {
        Some(if request.method == "HEAD" {
            Reply::acts([Act::Send(head(200, &[("content-length", "26")]))])
        } else {
            page()
        })
    });
    scene.check(&pinned).code(2).says("tells neither checksum nor size");
    scene.hub.script(|request, _| {
        let list = r#"[{"type":"file","path":"../../../../evil.csv","size":1,"oid":"0123456789abcdef0123456789abcdef01234567"}]"#;
        request.target.contains("/tree/").then(|| Reply::full(200, &[], list.as_bytes()))
    });
    scene.check("hf://acme/quiz/**").code(2);
    scene.check("hf://acme/quiz/**/*.csv").code(2).says("impossible name");
    let open = scene.cx.bench(&["check", "suite.yaml"]).env("HF_ENDPOINT", "http://hub.example").run();
    open.code(2).says("https://");
}
