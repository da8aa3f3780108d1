use serde_json::json;

use crate::grade::tests::{build, grade};

#[test]
fn well_formed_is_told_from_what_is_not() {
    for (answer, want) in [
        ("<a/>", true),
        ("<?xml version=\"1.0\"?>\n<!-- c --><a x=\"1\" y='2'>t<b/>&amp;&#65;&#x41;<![CDATA[<x>]]></a>\n", true),
        ("<!DOCTYPE html><html/>", true),
        ("<ns:a xmlns:ns=\"u\"><ns:b/></ns:a>", true),
        ("<é>ü</é>", true),
        ("<a></b>", false),
        ("<a><b></a></b>", false),
        ("<a>", false),
        ("<a/><b/>", false),
        ("<a/>text", false),
        ("text<a/>", false),
        ("<a>&nbsp;</a>", false),
        ("<a>&</a>", false),
        ("<a>&#0;</a>", false),
        ("<a x=1/>", false),
        ("<a x=\"1\" x=\"2\"/>", false),
        ("<a x=\"1\"y=\"2\"/>", false),
        ("<a x=\"<\"/>", false),
        ("<a x=\"&no;\"/>", false),
        ("<a x=\"a & b\"/>", false),
        ("<a x/>", false),
        ("<1a/>", false),
        ("< a/>", false),
        ("<a>]]></a>", false),
        ("<a>\u{1}</a>", false),
        ("<a><!-- x -- y --></a>", false),
        ("<a/><?xml version=\"1.0\"?>", false),
        ("<?xml encoding=\"x\"?><a/>", false),
        ("<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", false),
        ("<a/><!DOCTYPE a>", false),
        ("<!-- only -->", false),
        ("", false),
    ] {
        let grade = grade(&json!({"type": "xml", "strict": true}), answer);
        assert_eq!(grade.pass, Some(want), "{answer}: {:?}", grade.reason);
    }
}

#[test]
fn the_document_is_found_where_models_put_it() {
    for (answer, extracted) in [
        ("```xml\n<a>1</a>\n```", "<a>1</a>"),
        ("Sure:\n```\n<a/>\n```\nDone", "<a/>"),
        ("Since 1 < 2 and x<y, here: <a><b/></a> as asked.", "<a><b/></a>"),
        ("A <br> and then <item>x</item>", "<item>x</item>"),
    ] {
        let grade = grade(&json!("xml"), answer);
        assert_eq!(
            (grade.pass, grade.extracted.as_deref()),
            (Some(true), Some(extracted)),
            "{answer}: {:?}",
            grade.reason
        );
    }
    let root = grade(&json!({"type": "xml", "root": "answer"}), "<b>So</b>: <answer>1</answer>");
    assert_eq!((root.pass, root.extracted.as_deref()), (Some(true), Some("<answer>1</answer>")));
    assert_eq!(grade(&json!("xml"), "no tags, 1 < 2").pass, Some(false));
}

#[test]
fn root_and_elements_are_asked_for_with_or_without_a_prefix() {
    let answer = "<x:list><x:item/><item/></x:list>";
    for (options, want) in [
        (json!({"type": "xml", "root": "list"}), true),
        (json!({"type": "xml", "root": "x:list"}), true),
        (json!({"type": "xml", "root": "item"}), false),
        (json!({"type": "xml", "elements": ["item", "list"]}), true),
        (json!({"type": "xml", "elements": "price"}), false),
    ] {
        assert_eq!(grade(&options, answer).pass, Some(want), "{options}");
    }
}

#[test]
fn a_fail_tells_line_and_mistake() {
    for (options, answer, want) in [
        (
            json!("xml"),
            "<a>\n<b></a>",
            "expected well-formed XML, but line 2: expected `</b>`, but `</a>` was found: \"<a> <b></a>\"",
        ),
        (json!("xml"), "<a>", "expected well-formed XML, but line 1: `<a>` is never closed: \"<a>\""),
        (json!("xml"), "none", "expected XML, got \"none\""),
        (json!({"type": "xml", "root": "b"}), "<a/>", "expected the root element `<b>`, got `<a>`"),
        (
            json!({"type": "xml", "elements": ["b", "c"]}),
            "<a/>",
            "expected the element `<b>` and `<c>`, but there is none: \"<a/>\"",
        ),
    ] {
        assert_eq!(grade(&options, answer).reason.as_deref(), Some(want));
    }
}

#[test]
fn wrong_names_are_refused() {
    for (options, path) in
        [(json!({"type": "xml", "root": "<a>"}), "root"), (json!({"type": "xml", "elements": ["a", ""]}), "elements")]
    {
        let error = build(&options).unwrap_err().0.remove(0);
        assert_eq!(error.path, path);
        assert!(error.message.contains("no name of an element"));
    }
}

#[test]
fn many_attributes_take_linear_time() {
    let attributes: String = (0..100_000).map(|index| format!(" a{index}=\"1\"")).collect::<Vec<_>>().concat();
    assert_eq!(grade(&json!("xml"), &format!("<a{attributes}/>")).pass, Some(true));
}
