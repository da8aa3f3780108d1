//! The grader: where the table is, what shape it has to have.

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::family::Family;
use crate::grade::fence;
use crate::grade::options::{self, OptionError, OptionErrors, Text, Texts};
use crate::grade::range::Range;
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{any_of, got};

use super::read::{Mistake, Table, read};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "csv",
    about: "the answer is, or holds, a CSV table, with these columns and so many rows",
    build,
    schema: options::schema::<Options>,
};

/// The options of `csv`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// The names in the header: these, in this order.
    columns: Option<Texts>,
    /// How many rows there are below the header: a number, or `{ min: 1, max: 3 }`.
    rows: Option<Range>,
    /// `false`: the first record is a row like the others.
    header: Option<bool>,
    /// One character, or `tab`; a comma if left out.
    #[schemars(extend("type" = "string", "pattern" = r"^(?:tab|\\t|[!#-/:-@\[-`{-~\t ])$", "examples" = [";", "|", "tab"]))]
    delimiter: Option<Text>,
    /// Fences are not looked into.
    strict: bool,
}

#[derive(Debug)]
struct Csv {
    columns: Option<Vec<String>>,
    rows: Option<Range>,
    header: bool,
    delimiter: u8,
    strict: bool,
}

fn build(options: &Value, _: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let Options { columns, rows, header, delimiter, strict } = options::read(options)?;
    let columns = columns.map(|names| names.0.into_iter().map(|name| name.0).collect::<Vec<_>>());
    if header == Some(false) && columns.is_some() {
        let message = "the names of `columns` stand in a header";
        return Err(OptionError::at("header", message, Some("leave one of the two out")).into());
    }
    let delimiter = match delimiter.as_ref().map(|text| text.0.as_str()) {
        None => b',',
        Some("tab" | "\\t") => b'\t',
        Some(text) => match text.as_bytes() {
            [byte] if byte.is_ascii_punctuation() && *byte != b'"' || matches!(byte, b'\t' | b' ') => *byte,
            _ => {
                let hint = "write one character: `\";\"`, `\"|\"` or `tab`";
                return Err(OptionError::at("delimiter", "not a delimiter", Some(hint)).into());
            }
        },
    };
    Ok(Box::new(Csv { columns, rows, header: header.unwrap_or(true), delimiter, strict }))
}

impl Grader for Csv {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        Grading::Ready(self.judge(&subject))
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }
}

impl Csv {
    fn judge(&self, subject: &Subject<'_>) -> Judgement {
        let text = subject.answer.text.as_str();
        let (table, part) = match self.find(text) {
            Ok(found) => found,
            Err(Mistake { message, line }) => {
                let came = got(subject.answer);
                return Judgement::fail(format!("expected CSV, but line {line}: {message}: {came}"));
            }
        };
        let Table { first, records } = table;
        let rows = records - usize::from(self.header);
        let judgement = match (&self.columns, self.rows) {
            (Some(columns), _) if first != *columns => {
                let columns: Vec<_> = columns.iter().map(Into::into).collect();
                let (wanted, came) = (any_of(&columns, "and"), any_of(&first, "and"));
                Judgement::fail(format!("expected the columns {wanted}, got {came}"))
            }
            (_, Some(amount)) if !amount.holds(rows as u64) => {
                Judgement::fail(format!("expected {amount} rows, got {rows}"))
            }
            _ => Judgement::pass(format!("a table of {} columns and {rows} rows", first.len())),
        };
        if part.len() == text.len() { judgement } else { judgement.with_extracted(part) }
    }

    /// The first fenced block that is a table, else the whole answer. Any line is a table of one column: so there have to
    /// be two, unless one is asked for.
    fn find<'t>(&self, text: &'t str) -> Result<(Table<'t>, &'t str), Mistake> {
        let whole = |part: &'t str| {
            let part = part.trim_matches(['\n', '\r']);
            let table = read(part, self.delimiter)?;
            let one_wanted = self.columns.as_ref().is_some_and(|columns| columns.len() == 1);
            if table.first.len() < 2 && !one_wanted {
                let message = "there is only one column".to_owned();
                return Err(Mistake { message, line: 1 });
            }
            Ok((table, part))
        };
        if self.strict {
            return whole(text);
        }
        let mut first = None;
        for block in fence::blocks(text) {
            match whole(block.body) {
                Ok(found) => return Ok(found),
                Err(mistake) => {
                    first.get_or_insert(mistake);
                }
            }
        }
        match first {
            Some(mistake) => Err(mistake),
            None => whole(text),
        }
    }
}
