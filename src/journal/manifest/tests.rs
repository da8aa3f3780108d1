use super::super::testing::{manifest, suite};
use super::super::{CasePrints, RunFolder};
use super::*;

#[test]
fn a_manifest_is_written_whole_and_read_back_slim() {
    let dir = tempfile::tempdir().unwrap();
    let mut suite = suite(&["m"], &["a", "b\u{1b}[2J"]);
    suite.cases[1].expect = Some(r#"{"team":["x",1]}"#.into());
    suite.cases[1].tags = Box::default();
    let run = RunFolder::create(dir.path()).unwrap();
    run.write_manifest(&manifest(&suite)).unwrap();
    run.write_manifest(&manifest(&suite)).unwrap();

    let read: Manifest = run.folder().read_manifest().unwrap();
    assert_eq!((read.version, &*read.suite, read.models.len()), (1, "triage", 1));
    assert_eq!(read.prompt_ids().collect::<Vec<_>>(), ["default"]);
    assert_eq!(read.cases.ids, ["a".into(), "b\u{1b}[2J".into()] as [Box<str>; 2]);
    assert_eq!(read.cases.expected(0).as_deref(), Some("a"));
    assert_eq!(read.cases.expected(1).as_deref(), Some(r#"{"team":["x",1]}"#));
    assert_eq!(read.cases.expected(2), None);
    assert_eq!(read.cases.tags(0), ["refund", "en"]);
    assert!(read.cases.tags(1).is_empty());

    let written: Manifest<Vec<serde_json::Value>> = run.folder().read_manifest().unwrap();
    assert_eq!(written.cases[0]["vars"], serde_json::json!({ "ticket": "about a" }));
    let prints: Manifest<CasePrints> = run.folder().read_manifest().unwrap();
    assert_eq!(prints.cases.len(), 2);

    let names: Vec<_> = std::fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "no temporary file stays: {names:?}");
}

#[test]
fn a_manifest_holds_no_secret_and_speaks_plainly() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path()).unwrap();
    run.write_manifest(&manifest(&suite(&["m"], &["a"]))).unwrap();
    let text = std::fs::read_to_string(run.folder().manifest()).unwrap();
    assert!(!text.contains("hush-hush"), "{text}");
    assert!(text.contains(r#"["X-Team","[redacted]"]"#), "{text}");
    assert!(text.contains(r#""timeout":"1m""#), "{text}");
    assert!(text.contains("\n    {\"id\":\"a\",\"vars\":"), "a case a line: {text}");
}

#[test]
fn what_is_no_manifest_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let folder = RunFolder::at(dir.path());
    let read = || folder.read_manifest::<CaseTable>().unwrap_err();
    assert!(matches!(read(), ManifestError::Folder(FolderError::NotARun(_))));
    std::fs::write(folder.manifest(), "{\"version\": 1}").unwrap();
    assert!(matches!(read(), ManifestError::Invalid { .. }));
    std::fs::write(folder.manifest(), "{\"version\": 7, \"suites\": []}").unwrap();
    assert!(matches!(read(), ManifestError::Newer { version: 7, .. }));
}
