use minijinja::Environment;
use proptest::prelude::*;

use super::*;

fn render(template: &str, vars: &str) -> Result<String, TemplateError> {
    let mut out = String::new();
    Template::new(template)?.render(&Vars::parse(vars).unwrap(), &mut out)?;
    Ok(out)
}

fn json(template: &str, vars: &str) -> String {
    let mut out = String::new();
    Template::new(template).unwrap().render_json(&Vars::parse(vars).unwrap(), &mut out).unwrap();
    out
}

const VARS: &str = r#"{"q":"a \"b\"\n","n":1.10,"big":123456789012345678901234567890,"yes":true,"no":null,"l":["a",1.50,true],"o":{"x":{"y":"deep"}},"price":1.1}"#;

#[test]
fn values_print_as_json_and_texts_as_they_are() {
    for (template, want) in [
        ("plain", "plain"),
        ("{{ q }}", "a \"b\"\n"),
        ("{{q}}|{{  yes  }}|{{ no }}", "a \"b\"\n|true|null"),
        ("{{ l }}", r#"["a",1.50,true]"#),
        ("{{ o.x.y }} {{ o }}", r#"deep {"x":{"y":"deep"}}"#),
        ("{{ n }} {{ big }}", "1.10 123456789012345678901234567890"),
    ] {
        assert_eq!(render(template, VARS).unwrap(), want, "{template}");
    }
}

#[test]
fn the_engine_prints_the_same_way() {
    for (template, want) in [
        ("{% if yes %}{{ yes }}{{ no }}{{ l }}{% endif %}", r#"truenull["a",1.5,true]"#),
        ("{% if n > 1 %}{{ n * 2 }}{% endif %}", "2.2"),
        ("{% set z = big %}{{ z }}", "123456789012345678901234567890"),
        ("{% for x in l %}{{ x }},{% endfor %}\n", "a,1.50,true,\n"),
        ("{{ o | tojson }}{{ '<' | tojson }}", r#"{"x":{"y":"deep"}}"<""#),
        ("{{ missing | default('x') }}{# gone #}", "x"),
        ("{%- if true %} a {% endif -%} ", " a "),
        ("{% raw %}{{ q }}{% endraw %}", "{{ q }}"),
    ] {
        assert_eq!(render(template, VARS).unwrap(), want, "{template}");
    }
}

#[test]
fn a_number_keeps_its_spelling_where_it_is_the_only_one() {
    assert_eq!(render("{% if true %}{{ n }}{% endif %}", r#"{"n":1.10}"#).unwrap(), "1.10");
    assert_eq!(render("{% if true %}{{ n }}{% endif %}", r#"{"n":1e3}"#).unwrap(), "1e3");
    // Two spellings of one value cannot be told apart once the engine has them.
    assert_eq!(render("{% if true %}{{ n }}{% endif %}", r#"{"n":1.10,"m":1.1}"#).unwrap(), "1.1");
    assert_eq!(render("{{ n }} {{ m }}", r#"{"n":1.10,"m":1.1}"#).unwrap(), "1.10 1.1");
}

#[test]
fn one_variable_alone_keeps_its_type() {
    assert_eq!(json("{{ n }}", VARS), "1.10");
    assert_eq!(json("{{ l }}", VARS), r#"["a",1.50,true]"#);
    assert_eq!(json("{{ q }}", VARS), r#""a \"b\"\n""#);
    assert_eq!(json(" {{ n }}", VARS), r#"" 1.10""#);
    assert_eq!(json("n", VARS), r#""n""#);
}

#[test]
fn undefined_variables_are_errors_with_advice() {
    for (template, message, hint) in [
        ("{{ pricee }}", "`pricee` is undefined", "did you mean `price`?"),
        ("{{ o.x.z }}", "`o.x.z` is undefined", "did you mean `o.x.y`?"),
        ("{{ pricee | upper }}", "`pricee` is undefined", "did you mean `price`?"),
        ("{% if o.xx %}{% endif %}", "`o.xx` is undefined", "did you mean `o.x`?"),
    ] {
        let error = render(template, VARS).unwrap_err();
        assert_eq!((error.message.as_str(), error.hint.as_deref()), (message, Some(hint)), "{template}");
        assert!(error.range.is_some());
    }
    let error = render("{{ x }}", "{}").unwrap_err();
    assert_eq!(error.hint.as_deref(), Some("there are no variables"));
}

#[test]
fn a_template_cannot_run_for_ever_or_fill_memory() {
    let error = render("{% for i in range(100000) %}{% for j in range(100000) %}x{% endfor %}{% endfor %}", "{}");
    assert_eq!(error.unwrap_err().message, "takes too many steps to render");
    let error = render("{% for i in range(100000) %}{{ 'x' * 100000 }}{% endfor %}", "{}");
    assert_eq!(error.unwrap_err().message, "renders to more than the 16 MB allowed");
}

#[test]
fn what_a_variable_holds_is_not_a_template() {
    assert_eq!(render("{{ q }}", r#"{"q":"{{ secret }}"}"#).unwrap(), "{{ secret }}");
    assert_eq!(render("{% if true %}{{ q }}{% endif %}", r#"{"q":"{{ secret }}"}"#).unwrap(), "{{ secret }}");
}

proptest! {
    /// The way without the engine renders what the engine renders.
    #[test]
    fn both_ways_agree(parts in prop::collection::vec(("[a-z {}\\n\\r\\té'%-]{0,6}", prop::sample::select(vec!["q", "yes", "o.x.y", "nope", "q.x"])), 0..4)) {
        let parts: Vec<String> = parts.iter().map(|(text, name)| format!("{text}{{{{ {name} }}}}")).collect();
        let template = parts.concat();
        let vars = r#"{"q":"é\nx","yes":true,"o":{"x":{"y":"deep"}}}"#;
        let mut env = Environment::new();
        env.set_syntax(minijinja::syntax::SyntaxConfig::builder().keep_trailing_newline(true).build().unwrap());
        env.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
        let context: minijinja::Value = serde_json::from_str(vars).unwrap();
        let theirs = env.render_str(&template, context).map(|text| text.replace("True", "true"));
        let ours = render(&template, vars);
        prop_assert_eq!(ours.is_ok(), theirs.is_ok(), "{:?} {:?} {:?}", &template, ours, theirs);
        if let (Ok(ours), Ok(theirs)) = (ours, theirs) {
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn no_template_panics(template in "[{}%# a-z|.'\"\\n()-]{0,40}") {
        _ = render(&template, VARS);
    }
}
