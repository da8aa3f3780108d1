//! A table → the text of a suite.

use std::fmt::Write;

use serde_json::Value;

use crate::suite::published_formats;

use super::columns::{Options, Roles};
use super::grading::{self, Grading, is_name};
use super::published;
use super::table::{Table, is_empty, text};
use super::yaml::{block, comment, is_block, quoted, scalar};

/// A file with more rows is asked in part at first.
const MANY: usize = 200;

const MODELS: &str = "\
# Any model of https://openrouter.ai/models; the cheap one first, to see what the others are worth.
models:
  - { id: openai/gpt-4o-mini, name: gpt-4o-mini }
  - { id: google/gemini-2.5-flash, name: gemini-2.5-flash }
  - { id: anthropic/claude-sonnet-4.5, name: sonnet-4.5 }
";

const END: &str = "
# budget: $1.00                                # launching stops once it is spent
# gates: [\"accuracy >= 80%\", \"errors <= 1%\"]   # decide the exit code, for CI
";

/// A suite, and what was seen.
#[derive(Debug)]
pub(super) struct Proposal {
    pub(super) suite: String,
    /// For the user, in a line.
    pub(super) seen: String,
}

/// Proposes a suite for a file; `path` is how the suite names it.
pub(super) fn propose(table: &Table, path: &str, name: &str) -> Proposal {
    let known: Vec<&str> = published_formats().map(|(name, _)| name).collect();
    match published::recognise(table, &known) {
        Some(format) => of_published(table, path, name, format),
        None => of_columns(table, path, name),
    }
}

fn head(table: &Table, path: &str, name: &str) -> String {
    let rows = if table.more { format!("more than {}", table.rows.len()) } else { table.rows.len().to_string() };
    let columns: Vec<String> = table.columns.iter().take(20).map(|column| format!("`{column}`")).collect();
    format!(
        "# Proposed by `bench init` for {}: {}, {rows} rows, columns {}.\n# Look it over, then: bench check suite.yaml\nname: {}\n\n{MODELS}\n",
        comment(path),
        comment(&table.format),
        comment(&columns.join(", ")),
        scalar(name),
    )
}

fn count(table: &Table) -> String {
    format!("{}{} rows", if table.more { "more than " } else { "" }, table.rows.len())
}

fn picking(table: &Table) -> &'static str {
    if table.rows.len() > MANY {
        "  shuffle: 42                # a hundred of them, in a random order that stays the same;\n  limit: 100                 # without these two lines all are asked\n"
    } else {
        ""
    }
}

fn of_published(table: &Table, path: &str, name: &str, format: &str) -> Proposal {
    let mut suite = head(table, path, name);
    // Test files of promptfoo are for a prompt that stands elsewhere.
    let (asked, comes, vars) = if format == "promptfoo" {
        let roles = Roles { question: question(table), ..Roles::default() };
        let variables = variables(&roles);
        let vars = if variables.iter().all(|variable| is_name(&variable.column)) {
            String::new()
        } else {
            mapping(table, &variables)
        };
        (prompt(&roles, &variables, None) + "\n", "expectation and graders come", vars)
    } else {
        (String::new(), "prompt, expectation and graders come", String::new())
    };
    _ = write!(
        suite,
        "{asked}# The columns are those of {format}: {comes} with the format. What is written here wins.\n\
         dataset:\n  path: {}\n  format: {format}\n{vars}{}{END}",
        scalar(path),
        picking(table),
    );
    Proposal { suite, seen: format!("{}, {}: published as {format}", comment(path), count(table)) }
}

/// What is asked in a test file of promptfoo: none of the columns that say how answers are graded.
fn question(table: &Table) -> String {
    let columns: Vec<String> = table.columns.iter().filter(|column| !column.starts_with("__")).cloned().collect();
    let rows = table.rows.clone();
    let Table { format, more, nested, .. } = table;
    Roles::of(&Table { format: format.clone(), columns, rows, more: *more, nested: *nested }).question
}

/// The variables as templates over the columns.
fn mapping(table: &Table, variables: &[Variable]) -> String {
    let lines =
        variables.iter().map(|Variable { name, column }| format!("    {name}: {}\n", quoted(&template(table, column))));
    format!("  vars:\n{}", lines.collect::<String>())
}

/// What stands for a column in the prompt.
struct Variable {
    name: String,
    column: String,
}

/// How a template over the columns refers to one.
fn reference(column: &str) -> String {
    if is_name(column) { column.to_owned() } else { format!("row[{}]", literal(column)) }
}

/// A text as Jinja writes it.
fn literal(text: &str) -> String {
    Value::from(text).to_string()
}

/// A column in a template over columns, whatever rows lack it.
fn template(table: &Table, column: &str) -> String {
    let reference = reference(column);
    let missing = table.values(column).any(|value| value.is_none());
    if missing { format!("{{{{ {reference} | default('') }}}}") } else { format!("{{{{ {reference} }}}}") }
}

fn of_columns(table: &Table, path: &str, name: &str) -> Proposal {
    let mut roles = Roles::of(table);
    // Through `row[…]` a list becomes text: there is nothing to loop over.
    if matches!(&roles.options, Options::List(list) if !is_name(list)) {
        roles.options = Options::None;
    }
    let expected: Vec<Value> = roles.expect.iter().flat_map(|column| expectations(table, column)).collect();
    let is_multiline = expected.iter().any(|value| text(value).trim().contains('\n'));
    let grading = grading::propose(&expected, &roles.options, is_multiline);

    let variables = variables(&roles);
    let mut suite = head(table, path, name);
    suite += &prompt(&roles, &variables, grading.as_ref());
    suite += "\ndataset:\n";
    _ = writeln!(suite, "  path: {}", scalar(path));
    let needs_mapping =
        |variable: &Variable| !is_name(&variable.column) || table.values(&variable.column).any(|value| value.is_none());
    let mapped = variables.iter().any(needs_mapping);
    if mapped {
        suite += &mapping(table, &variables);
    }
    if let (Some(column), true) = (&roles.expect, grading.is_some()) {
        _ = writeln!(suite, "  expect: {}", quoted(&template(table, column)));
        if let Some(filled) = filled(table, column) {
            _ = writeln!(suite, "  where: {}   # rows without an expectation are left out", quoted(&filled));
        }
    }
    if let Some(id) = &roles.id {
        _ = writeln!(suite, "  id: {}", quoted(&template(table, id)));
    }
    if !roles.tags.is_empty() {
        let tags: Vec<String> = roles.tags.iter().map(|column| quoted(&template(table, column))).collect();
        _ = writeln!(suite, "  tags: [{}]", tags.join(", "));
    }
    suite += picking(table);
    suite.push('\n');
    suite += &graders(grading.as_ref());
    let unused = roles.unused(table);
    if !unused.is_empty() {
        let names: Vec<String> = unused.into_iter().take(20).map(|column| format!("`{column}`")).collect();
        _ = write!(suite, "\n# Columns that are for nothing here: {}\n", comment(&names.join(", ")));
    }
    suite += END;
    let seen = seen(table, path, &roles, grading.as_ref());
    Proposal { suite, seen }
}

/// The column's values as the suite will expect them, those that hold something.
fn expectations(table: &Table, column: &str) -> Vec<Value> {
    // A column by its name alone keeps its type.
    let keeps = is_name(column) && table.values(column).all(|value| value.is_some());
    let value = |value: &Value| if keeps { value.clone() } else { Value::String(text(value)) };
    table.values(column).flatten().filter(|value| !is_empty(Some(value))).map(value).collect()
}

/// The expression that holds for rows with something in a column; `None` where all have it.
fn filled(table: &Table, column: &str) -> Option<String> {
    let any = |is: fn(Option<&Value>) -> bool| table.values(column).any(is);
    let reference = reference(column);
    let mut parts = Vec::new();
    if any(|value| value.is_none()) {
        parts.push(format!("{reference} is defined"));
    }
    if any(|value| value.is_some_and(Value::is_null)) {
        parts.push(format!("{reference} is not none"));
    }
    if any(|value| value.and_then(Value::as_str).is_some_and(|text| text.trim().is_empty())) {
        parts.push(format!("{reference} | trim != ''"));
    }
    (!parts.is_empty()).then(|| parts.join(" and "))
}

/// A variable for each column that the prompt or the graders use.
fn variables(roles: &Roles) -> Vec<Variable> {
    let mut variables: Vec<Variable> = Vec::new();
    let mut add = |column: &String, usual: &str| {
        let mut name = if is_name(column) { column.clone() } else { usual.to_owned() };
        while variables.iter().any(|other| other.name == name) {
            name.push('_');
        }
        variables.push(Variable { name, column: column.clone() });
    };
    roles.context.iter().for_each(|column| add(column, "context"));
    add(&roles.question, "question");
    match &roles.options {
        Options::None => {}
        Options::List(list) => add(list, "options"),
        Options::Columns(columns) => {
            columns.iter().zip('a'..).for_each(|(column, letter)| add(column, &format!("option_{letter}")));
        }
    }
    variables
}

fn prompt(roles: &Roles, variables: &[Variable], grading: Option<&Grading>) -> String {
    let named = |column: &str| {
        let variable = variables.iter().find(|variable| variable.column == column);
        format!("{{{{ {} }}}}", variable.map_or(column, |variable| &variable.name))
    };
    let mut text = String::new();
    for column in roles.context.iter().chain([&roles.question]) {
        text += &named(column);
        text += "\n\n";
    }
    match &roles.options {
        Options::None => {}
        Options::List(list) => {
            let list =
                variables.iter().find(|variable| variable.column == *list).map_or(list, |variable| &variable.name);
            _ = write!(
                text,
                "{{% for option in {list} %}}{{{{ 'ABCDEFGHIJ'[loop.index0] }}}}) {{{{ option }}}}\n{{% endfor %}}\n"
            );
        }
        Options::Columns(columns) => {
            for (column, letter) in columns.iter().zip('A'..) {
                _ = writeln!(text, "{letter}) {}", named(column));
            }
            text.push('\n');
        }
    }
    let instruction = grading.map_or("", |grading| &grading.instruction);
    // Labels come from the file: nothing in them is a template.
    text += instruction;
    let text = text.trim_end();
    let written = if is_block(text) { block(text, 2) } else { format!("{}\n", quoted(text)) };
    format!("prompt: {written}")
}

fn graders(grading: Option<&Grading>) -> String {
    let lines = match grading {
        Some(Grading { lines, why, .. }) => {
            let lines = lines.iter().map(|line| format!("  {line}"));
            [format!("# {}{}.", why[..1].to_uppercase(), &why[1..]), "graders:".to_owned()]
                .into_iter()
                .chain(lines)
                .collect()
        }
        None => grading::without_expectation(),
    };
    lines.join("\n") + "\n"
}

fn seen(table: &Table, path: &str, roles: &Roles, grading: Option<&Grading>) -> String {
    let mut seen = format!("{}, {}: asks `{}`", comment(path), count(table), comment(&roles.question));
    match (&roles.expect, grading) {
        (Some(expect), Some(grading)) => {
            _ = write!(seen, ", expects `{}`, graded by `{}`", comment(expect), grading.name);
        }
        _ => seen += ", expects nothing: every answer passes until there is a grader",
    }
    seen
}
