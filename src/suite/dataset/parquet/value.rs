//! Rows → JSON, in the shape they would have in a JSON file.

use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::errors::Result as ParquetResult;
use parquet::record::{Field, Row};
use parquet::schema::types::Type;

use crate::suite::dataset::untrusted::MAX_ROW;
use crate::suite::node::write_text;

use super::scalar;

/// A value that JSON cannot hold, or too much of them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Odd {
    /// What it is, to stand behind "column `…` ".
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// The names that lead to it, innermost first.
    path: Vec<String>,
}

impl Odd {
    pub(super) fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, path: Vec::new() }
    }

    pub(super) fn hint(self, hint: &str) -> Self {
        Self { hint: Some(hint.to_owned()), ..self }
    }

    fn within(mut self, name: &str) -> Self {
        self.path.push(name.to_owned());
        self
    }

    /// The whole sentence.
    pub(super) fn sentence(&self) -> String {
        let path: Vec<&str> = self.path.iter().rev().map(String::as_str).collect();
        format!("column `{}` {}", path.join("."), self.message)
    }
}

/// The schema for the library's reader of rows: without what its columns mean, which [`scalar`] knows better. (It
/// panics over some meanings, rounds others, and gives up a file over one text that is not UTF-8.)
pub(super) fn bare(schema: &Type) -> ParquetResult<Type> {
    let info = schema.get_basic_info();
    match schema {
        Type::PrimitiveType { physical_type, type_length, .. } => {
            let mut builder = Type::primitive_type_builder(schema.name(), *physical_type);
            if *physical_type == Physical::FIXED_LEN_BYTE_ARRAY {
                builder = builder.with_length(*type_length);
            }
            builder.with_repetition(info.repetition()).build()
        }
        Type::GroupType { fields, .. } => {
            let fields = fields.iter().map(|field| bare(field).map(Into::into)).collect::<ParquetResult<_>>()?;
            let kind = match info.logical_type_ref() {
                Some(LogicalType::List) => ConvertedType::LIST,
                Some(LogicalType::Map) => ConvertedType::MAP,
                _ => info.converted_type(),
            };
            let mut builder = Type::group_type_builder(schema.name()).with_fields(fields).with_converted_type(kind);
            if info.has_repetition() {
                builder = builder.with_repetition(info.repetition());
            }
            builder.build()
        }
    }
}

/// Appends a row as a JSON object.
pub(super) fn write_row(row: &Row, schema: &Type, out: &mut String) -> Result<(), Odd> {
    write_struct(row, schema, out)
}

fn write_struct(row: &Row, group: &Type, out: &mut String) -> Result<(), Odd> {
    out.push('{');
    let before = out.len();
    for ((name, field), kind) in row.get_column_iter().zip(fields(group)) {
        if out.len() > before {
            out.push(',');
        }
        write_text(name, out);
        out.push(':');
        write_value(field, kind, out).map_err(|odd| odd.within(name))?;
    }
    out.push('}');
    Ok(())
}

fn write_value(field: &Field, kind: &Type, out: &mut String) -> Result<(), Odd> {
    match field {
        Field::Null => out.push_str("null"),
        Field::Group(row) => {
            if let Some(what) = media(row) {
                return Err(Odd::new(format!(
                    "holds {what} (`bytes` and `path`, as Hugging Face writes it), not text"
                ))
                .hint("save it to files and name them in a column"));
            }
            write_struct(row, kind, out)?;
        }
        Field::ListInternal(list) => {
            let kind = element(kind);
            out.push('[');
            for (i, item) in list.elements().iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                write_value(item, kind, out)?;
            }
            out.push(']');
        }
        Field::MapInternal(map) => {
            let entry = fields(kind).next().unwrap_or(kind);
            let mut parts = fields(entry);
            let (keys, values) = (parts.next().unwrap_or(entry), parts.next().unwrap_or(entry));
            out.push('{');
            for (i, (key, item)) in map.entries().iter().enumerate() {
                if i > 0 {
                    out.push(',');
                }
                let start = out.len();
                write_value(key, keys, out)?;
                if !out[start..].starts_with('"') {
                    let key = out.split_off(start);
                    write_text(&key, out);
                }
                out.push(':');
                write_value(item, values, out)?;
            }
            out.push('}');
        }
        scalar => scalar::write(scalar, kind, out)?,
    }
    if out.len() > MAX_ROW {
        return Err(Odd::new(format!("makes the row larger than {} MB", MAX_ROW >> 20)));
    }
    Ok(())
}

fn fields(kind: &Type) -> impl Iterator<Item = &Type> {
    let fields = match kind {
        Type::GroupType { fields, .. } => &fields[..],
        Type::PrimitiveType { .. } => &[],
    };
    fields.iter().map(AsRef::as_ref)
}

/// The type of a list's elements: there are several ways to write one, told apart as the library does.
fn element(list: &Type) -> &Type {
    let info = list.get_basic_info();
    let converted = info.converted_type();
    let is_map = matches!(converted, ConvertedType::MAP | ConvertedType::MAP_KEY_VALUE);
    let is_list = converted == ConvertedType::LIST || matches!(info.logical_type_ref(), Some(LogicalType::List));
    let Some(repeated) = fields(list).next().filter(|_| is_list || is_map) else { return list };
    let mut inner = fields(repeated);
    let (first, second) = (inner.next(), inner.next());
    let Some(first) = first else { return repeated };
    let is_repeated = |kind: &Type| {
        let info = kind.get_basic_info();
        info.has_repetition() && info.repetition() == Repetition::REPEATED
    };
    let wraps_a_list = repeated.get_basic_info().converted_type() == ConvertedType::LIST || is_repeated(first);
    let is_element =
        !wraps_a_list && (second.is_some() || repeated.name() == "array" || repeated.name().ends_with("_tuple"));
    if is_element && !is_map { repeated } else { first }
}

/// Whether a struct is an image or a sound.
fn media(row: &Row) -> Option<&'static str> {
    let mut bytes = None;
    let mut others = 0;
    for (name, field) in row.get_column_iter() {
        match (name.as_str(), field) {
            ("bytes", Field::Bytes(data)) => bytes = Some(data),
            ("bytes" | "path" | "sampling_rate", _) => {}
            _ => others += 1,
        }
    }
    let data = bytes.filter(|_| others == 0)?.data();
    if std::str::from_utf8(data).is_ok() { None } else { Some(scalar::sniffed(data)) }
}
