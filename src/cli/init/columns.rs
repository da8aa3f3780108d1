//! What each column of a file is for, by its name and by what it holds.

use std::collections::HashSet;

use serde_json::Value;

use super::table::{Table, is_empty, text};

/// Names of what is asked, the surest first.
const QUESTIONS: &[&str] = &[
    "question",
    "prompt",
    "query",
    "q",
    "problem",
    "ticket",
    "instruction",
    "input",
    "message",
    "text",
    "body",
    "email",
    "review",
    "sentence",
    "claim",
    "task",
    "content",
    "title",
    "description",
    "document",
    "article",
];

/// Names of what is expected, the surest first.
const EXPECTATIONS: &[&str] = &[
    "expected",
    "expect",
    "expected_output",
    "expected_answer",
    "correct_answer",
    "best_answer",
    "ideal",
    "target",
    "answer",
    "answers",
    "a",
    "gold",
    "golden",
    "label",
    "ground_truth",
    "reference",
    "reference_answer",
    "solution",
    "output",
    "response",
    "completion",
    "category",
    "class",
    "team",
    "intent",
    "sentiment",
    "summary",
    "translation",
    "result",
    "correct",
];

/// Names of what stands beside a question.
const CONTEXTS: &[&str] = &[
    "context",
    "passage",
    "document",
    "article",
    "source",
    "background",
    "input",
    "story",
    "excerpt",
    "code",
    "subject",
];

/// Names of what tells rows apart.
const IDS: &[&str] = &[
    "id",
    "uid",
    "uuid",
    "guid",
    "key",
    "case_id",
    "case",
    "task_id",
    "question_id",
    "ticket_id",
    "number",
    "nr",
    "index",
    "idx",
];

/// Names of lists of options.
const OPTIONS: &[&str] = &["options", "choices", "alternatives", "candidates"];

/// A column that has this few different values, each of them often, sorts rows into kinds.
const MOST_TAGS: usize = 20;

/// What the columns are for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Roles {
    /// What is asked.
    pub(super) question: String,
    /// What stands beside it.
    pub(super) context: Vec<String>,
    /// What is expected.
    pub(super) expect: Option<String>,
    /// What tells rows apart.
    pub(super) id: Option<String>,
    /// What sorts rows into kinds.
    pub(super) tags: Vec<String>,
    /// The options to choose from.
    pub(super) options: Options,
}

/// Where the options of a question stand.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Options {
    #[default]
    None,
    /// A column that holds lists.
    List(String),
    /// A column for each letter, from A on.
    Columns(Vec<String>),
}

impl Roles {
    /// Looks at a table, which has at least one column.
    pub(super) fn of(table: &Table) -> Self {
        let is_scalar = |column: &&String| !table.values(column).flatten().any(|v| v.is_array() || v.is_object());
        let options = options(table);
        let listed = |column: &String| match &options {
            Options::None => false,
            Options::List(list) => list == column,
            Options::Columns(columns) => columns.contains(column),
        };
        let free: Vec<&String> = table.columns.iter().filter(|column| !listed(column)).collect();
        let by_name = |names: &[&str], columns: &[&String]| {
            let ranked = columns.iter().filter_map(|column| Some((rank(column, names)?, (*column).clone())));
            ranked.min_by_key(|(rank, _)| *rank).map(|(_, column)| column)
        };
        let scalars: Vec<&String> = free.iter().copied().filter(is_scalar).collect();
        let expected = by_name(EXPECTATIONS, &free);
        let others: Vec<&String> =
            scalars.iter().copied().filter(|column| Some(*column) != expected.as_ref()).collect();
        let question = by_name(QUESTIONS, &others)
            .or_else(|| others.iter().max_by_key(|column| length(table, column)).map(|column| (*column).clone()))
            .or_else(|| free.first().map(|column| (*column).clone()))
            .or_else(|| table.columns.first().cloned())
            .unwrap_or_default();
        let expect = match expected.filter(|column| *column != question) {
            // Of two columns the one that is not asked is what is expected, whatever it is called.
            None if table.columns.len() == 2 => {
                table.columns.iter().find(|column| **column != question && rank(column, IDS).is_none()).cloned()
            }
            named => named,
        };
        let used = |column: &String| *column == question || Some(column) == expect.as_ref();
        let rest: Vec<&String> = scalars.iter().copied().filter(|column| !used(column)).collect();
        let id = by_name(IDS, &rest).filter(|column| tells_apart(table, column));
        let rest: Vec<&String> = rest.into_iter().filter(|column| Some(*column) != id.as_ref()).collect();
        let tags: Vec<String> =
            rest.iter().filter(|column| sorts(table, column)).take(3).map(|c| (*c).clone()).collect();
        let context = rest
            .into_iter()
            .filter(|column| !tags.contains(column) && rank(column, CONTEXTS).is_some())
            .cloned()
            .collect();
        Self { question, context, expect, id, tags, options }
    }

    /// Columns that are for nothing.
    pub(super) fn unused<'a>(&self, table: &'a Table) -> Vec<&'a String> {
        let listed: &[String] = match &self.options {
            Options::None => &[],
            Options::List(list) => std::slice::from_ref(list),
            Options::Columns(columns) => columns,
        };
        let used = |column: &&String| {
            *column == &self.question
                || [&self.expect, &self.id].into_iter().flatten().any(|other| other == *column)
                || [&self.context[..], &self.tags, listed].iter().any(|several| several.contains(column))
        };
        table.columns.iter().filter(|column| !used(column)).collect()
    }
}

/// How sure a name is: its place in a list, worse where it is only a word of the column's name.
fn rank(column: &str, names: &[&str]) -> Option<usize> {
    let plain: String =
        column.trim().chars().map(|c| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' }).collect();
    let whole = names.iter().position(|name| *name == plain.trim_matches('_'));
    whole.or_else(|| {
        // A letter is a name only by itself: `a` is in many sentences.
        let word = |word: &str| names.iter().position(|name| *name == word && name.len() > 1);
        plain.split('_').filter_map(word).min().map(|rank| rank + names.len())
    })
}

/// The characters of all its texts.
fn length(table: &Table, column: &str) -> usize {
    table.values(column).flatten().map(|value| value.as_str().map_or(0, str::len)).sum()
}

/// Whether every row has a value of its own that can be an id.
fn tells_apart(table: &Table, column: &str) -> bool {
    let mut seen = HashSet::new();
    table.values(column).all(|value| {
        let Some(value) = value.filter(|value| !is_empty(Some(value))) else { return false };
        let id = text(value).trim().to_owned();
        !id.chars().any(char::is_control) && id.len() <= 200 && seen.insert(id)
    })
}

/// Whether it has few different short values, each of which several rows have.
fn sorts(table: &Table, column: &str) -> bool {
    let mut seen = HashSet::new();
    let mut filled = 0;
    for value in table.values(column) {
        let Some(value) = value else { return false };
        let tag = text(value);
        if tag.chars().count() > 40 || tag.chars().any(char::is_control) || value.is_null() {
            return false;
        }
        if !tag.trim().is_empty() {
            filled += 1;
            seen.insert(tag.trim().to_owned());
        }
        if seen.len() > MOST_TAGS {
            return false;
        }
    }
    !seen.is_empty() && seen.len() * 2 <= filled
}

fn options(table: &Table) -> Options {
    let is_list = |column: &&String| {
        table.rows.iter().all(|row| matches!(row.get(*column), Some(Value::Array(items)) if items.len() > 1))
    };
    if let Some(list) = table.columns.iter().filter(is_list).find(|column| rank(column, OPTIONS).is_some()) {
        return Options::List(list.clone());
    }
    let lettered = |letter: char| {
        table.columns.iter().find(|column| {
            let plain: String = column.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
            let bare = ["option", "choice", "answer"].iter().find_map(|word| plain.strip_prefix(word));
            bare.unwrap_or(&plain) == letter.to_string()
        })
    };
    let columns: Vec<String> = ('a'..='j').map_while(lettered).cloned().collect();
    if columns.len() < 2 { Options::None } else { Options::Columns(columns) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table(rows: Value) -> Table {
        let rows: Vec<_> = rows.as_array().unwrap().iter().map(|row| row.as_object().unwrap().clone()).collect();
        let columns = rows[0].keys().cloned().collect();
        Table { format: "csv".to_owned(), columns, rows, more: false, nested: None }
    }

    #[track_caller]
    fn roles(row: Value, question: &str, expect: Option<&str>) {
        let found = Roles::of(&table(json!([row])));
        assert_eq!((found.question.as_str(), found.expect.as_deref()), (question, expect), "{row}");
    }

    #[test]
    fn question_and_expectation_are_told_by_their_names() {
        roles(json!({"id": "1", "question": "Why?", "answer": "So."}), "question", Some("answer"));
        roles(json!({"body": "My card was charged twice", "team": "billing"}), "body", Some("team"));
        roles(json!({"Expected answer": "4", "Question text": "2+2"}), "Question text", Some("Expected answer"));
        roles(json!({"instruction": "Shorten", "input": "a b", "output": "a"}), "instruction", Some("output"));
        roles(json!({"text": "fine", "label": "1"}), "text", Some("label"));
        roles(json!({"input": "x", "ideal": "y", "answer_notes": "z"}), "input", Some("ideal"));
    }

    #[test]
    fn without_names_the_longest_text_is_asked() {
        roles(json!({"a1": "x", "b1": "a long text that somebody wrote"}), "b1", Some("a1"));
        roles(json!({"x1": "a long text that somebody wrote"}), "x1", None);
        roles(json!({"x1": "a long text that somebody wrote", "x2": "b", "x3": "c"}), "x1", None);
        roles(json!({"answer": "only"}), "answer", None);
    }

    #[test]
    fn ids_are_different_and_tags_are_not() {
        let rows: Vec<Value> = (0..6)
            .map(|i| json!({"id": i, "nr": 1, "question": format!("q{i}"), "answer": "a", "level": if i % 2 == 0 { "easy" } else { "hard" }}))
            .collect();
        let found = Roles::of(&table(json!(rows)));
        assert_eq!(found.id.as_deref(), Some("id"));
        assert!(found.tags.contains(&"level".to_owned()), "{found:?}");
        let twice = json!([{"id": "1", "question": "a"}, {"id": "1", "question": "b"}]);
        assert_eq!(Roles::of(&table(twice)).id, None);
    }

    #[test]
    fn options_stand_in_a_list_or_in_columns_by_letter() {
        let list = json!([{"question": "q", "choices": ["x", "y"], "answer": 1}]);
        assert_eq!(Roles::of(&table(list)).options, Options::List("choices".to_owned()));
        let columns = json!([{"question": "q", "A": "x", "B": "y", "C": "z", "answer": "C"}]);
        let found = Roles::of(&table(columns));
        assert_eq!(found.options, Options::Columns(vec!["A".to_owned(), "B".to_owned(), "C".to_owned()]));
        assert_eq!(found.expect.as_deref(), Some("answer"));
    }
}
