use std::path::Path;

use super::*;

fn suite() -> Suite {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s.yaml");
    let text = "name: t\nmodels: [openai/gpt-4o, { id: openai/gpt-4o-mini, name: mini }, a/b]\nprompt: \"{{ q }}\"\ncases:\n  - { id: refund-1, vars: { q: 1 }, tags: [refund, de] }\n  - { id: refund-2, vars: { q: 2 }, tags: [refund] }\n  - { id: login, vars: { q: 3 }, tags: [de] }\n";
    std::fs::write(&path, text).unwrap();
    crate::suite::load(Path::new(&path), &crate::suite::LoadOptions::default()).unwrap().suite
}

fn strings(names: &[&str]) -> Vec<String> {
    names.iter().map(ToString::to_string).collect()
}

fn picked(selection: &Selection) -> Result<(Vec<String>, Vec<String>), SelectError> {
    suite().select(selection).map(|suite| {
        let axes = suite.axes();
        (axes.models, axes.cases.iter().map(ToString::to_string).collect())
    })
}

#[test]
fn nothing_asked_for_is_everything() {
    let (models, cases) = picked(&Selection::default()).unwrap();
    assert_eq!((models.len(), cases.len()), (3, 3));
}

#[test]
fn globs_pick_models_by_name_or_id_and_cross_slashes() {
    let models = |names: &[&str]| picked(&Selection { models: strings(names), ..Selection::default() }).map(|p| p.0);
    assert_eq!(models(&["openai*"]).unwrap(), ["openai/gpt-4o", "mini"]);
    assert_eq!(models(&["mini", "a/?"]).unwrap(), ["mini", "a/b"]);
    assert_eq!(models(&["{mini,a/b}"]).unwrap(), ["mini", "a/b"]);
}

#[test]
fn cases_are_picked_by_id_and_tag_and_number() {
    let cases = |cases: &[&str], tags: &[&str], limit| {
        picked(&Selection { cases: strings(cases), tags: strings(tags), limit, ..Selection::default() }).map(|p| p.1)
    };
    assert_eq!(cases(&["refund-*"], &["de"], None).unwrap(), ["refund-1"]);
    assert_eq!(cases(&[], &["refund", "de"], None).unwrap().len(), 3);
    assert_eq!(cases(&[], &["de"], Some(1)).unwrap(), ["refund-1"]);
    assert_eq!(cases(&["login"], &["refund"], None).unwrap_err(), SelectError::Nothing);
    assert_eq!(cases(&[], &[], Some(0)).unwrap_err(), SelectError::ZeroLimit);
}

#[test]
fn a_pattern_that_matches_nothing_is_an_error_with_advice() {
    let error = picked(&Selection { models: strings(&["a/b", "minni"]), ..Selection::default() }).unwrap_err();
    assert_eq!(error.to_string(), "no model matches `minni`");
    assert_eq!(error.hint().as_deref(), Some("did you mean `mini`?"));
    let error = picked(&Selection { tags: strings(&["x*"]), ..Selection::default() }).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.hint()), ("no tag matches `x*`", None));
    let error = picked(&Selection { cases: strings(&["[a"]), ..Selection::default() }).unwrap_err();
    assert!(error.to_string().starts_with("`[a` is not a pattern: "), "{error}");
}
