//! Which tools a simulated model calls: those it takes for right, and what it calls instead where it is wrong.

use serde_json::{Value, json};

use super::chance::Chance;
use super::oracle::Oracle;
use super::request::{Asked, Tool};
use super::schema::{Known, fill};
use super::wrong;

/// The calls that a belief holds, or one where there has to be one; names and arguments as JSON text. `whole` is what is
/// believed to be right in JSON.
pub(super) fn calls(
    asked: &Asked,
    belief: Option<&str>,
    whole: Option<&str>,
    chance: &mut Chance,
) -> Vec<(String, String)> {
    let Some(first) = &asked.tool else { return Vec::new() };
    let believed: Vec<Value> = belief.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
    let mut read = |call: &Value| {
        let name = call.get("name")?.as_str()?;
        let arguments = if let Some(told) = call.get("arguments").filter(|arguments| !arguments.is_null()) {
            told.to_string()
        } else {
            let tool = asked.tools.iter().find(|tool| tool.name == name);
            filled(tool.map_or(&Value::Null, |tool| &tool.parameters), asked, chance)
        };
        Some((name.to_owned(), arguments))
    };
    let calls: Vec<(String, String)> = believed.iter().filter_map(&mut read).collect();
    if !calls.is_empty() || !asked.must_call {
        return calls;
    }
    let arguments = whole.map_or_else(|| filled(&first.parameters, asked, chance), str::to_owned);
    vec![(first.name.clone(), arguments)]
}

fn filled(parameters: &Value, asked: &Asked, chance: &mut Chance) -> String {
    let known = Known { prompt: &asked.prompt, ..Known::default() };
    fill(parameters, &known, chance).to_string()
}

/// Calls that look like the right ones and are not: a call where none is wanted, none where one is, another tool, one
/// call too few, or a wrong argument.
pub(super) fn mistaken(right: &str, asked: &Asked, oracle: &Oracle, chance: &mut Chance) -> String {
    let mut calls: Vec<Value> = serde_json::from_str(right).unwrap_or_default();
    let kind = chance.unit();
    let name = |call: &Value| call.get("name").and_then(Value::as_str).map(str::to_owned);
    let taken: Vec<String> = calls.iter().filter_map(name).collect();
    let others: Vec<&Tool> = asked.tools.iter().filter(|tool| !taken.contains(&tool.name)).collect();
    let other = others.get(chance.within(0, others.len())).map(|tool| json!({ "name": tool.name }));
    let at = chance.within(0, calls.len());
    if calls.is_empty() {
        return Value::Array(other.into_iter().collect()).to_string();
    }
    if kind < 0.5 {
        // A wrong argument, where there are any.
        if let Some(arguments) =
            calls[at].get("arguments").filter(|arguments| arguments.as_object().is_some_and(|a| !a.is_empty()))
        {
            let spoilt = wrong::json(&arguments.to_string(), oracle, chance);
            calls[at]["arguments"] = serde_json::from_str(&spoilt).unwrap_or_default();
            return Value::Array(calls).to_string();
        }
    }
    match other {
        Some(other) if kind < 0.8 || asked.must_call => calls[at] = other,
        _ if calls.len() > 1 => drop(calls.remove(at)),
        _ => calls.clear(),
    }
    Value::Array(calls).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        let tool = |name: &str| {
            let parameters = json!({"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]});
            json!({"type": "function", "function": {"name": name, "parameters": parameters}})
        };
        let body = json!({"model": "m", "messages": [{"role": "user", "content": "Book it"}],
            "tools": [tool("look"), tool("book"), tool("mail")]});
        Asked::parse(body.to_string().as_bytes()).unwrap()
    }

    #[test]
    fn mistaken_calls_are_never_the_right_ones() {
        let oracle = Oracle::default();
        for right in [
            "[]",
            r#"[{"name":"book","arguments":{"n":4}}]"#,
            r#"[{"name":"book","arguments":null},{"name":"look","arguments":{"n":1}}]"#,
        ] {
            let mut kinds = std::collections::BTreeSet::new();
            for n in 0_u8..100 {
                let mistaken = mistaken(right, &asked(), &oracle, &mut Chance::new(1, &[&[n]]));
                assert_ne!(mistaken, right);
                let calls = calls(&asked(), Some(&mistaken), None, &mut Chance::new(1, &[&[n]]));
                assert!(right != "[]" || calls.len() == 1, "{mistaken}");
                assert!(calls.iter().all(|(name, _)| ["look", "book", "mail"].contains(&name.as_str())), "{calls:?}");
                kinds.insert(calls);
            }
            assert!(kinds.len() >= 3, "{right}: {kinds:?}");
        }
    }
}
