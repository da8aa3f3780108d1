//! What tells the fields of a delimited file apart, by its first records.
//!
//! A delimiter is believed where it splits every record into the same number of fields, two at least. In doubt it is
//! the usual one: a file that is read wrongly is worse than one that needs `delimiter` written.

use super::records::{Broken, Dialect, Records};

/// Records that are looked at.
const LOOKED_AT: usize = 100;

/// What may stand between fields, in the order of preference.
const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// What is known before a file is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known {
    /// What stands between fields where nothing else is clear.
    pub(super) usual: u8,
    /// As the suite has it.
    pub(super) delimiter: Option<u8>,
    /// As the suite has it.
    pub(super) quote: Option<Option<u8>>,
    /// How many columns there are, where the suite names them.
    pub(super) columns: Option<usize>,
}

/// How the first records split.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
#[derive(Debug)]
struct Split {
    dialect: Dialect,
    /// Fields of the first record.
    fields: usize,
    /// Whether all records have so many.
    is_even: bool,
    /// The share of records that have so many.
    share: f64,
    /// Whether the first record's fields look like names of columns.
    is_named: bool,
    /// Whether a quote is open at the end.
    is_open: bool,
    /// Whether the first record's fields all stand in apostrophes.
    in_apostrophes: bool,
}

/// The dialect of a file that begins with `sample`, which may be all of it.
pub(super) fn detect(sample: &[u8], is_whole: bool, known: Known) -> Dialect {
    let delimiters: Vec<u8> = match known.delimiter {
        Some(delimiter) => vec![delimiter],
        // Tabs stand in no text by accident.
        None if known.usual == b'\t' => vec![b'\t'],
        None => DELIMITERS.to_vec(),
    };
    let split = |quote: Option<u8>| -> Vec<Split> {
        let split = |&delimiter: &u8| Split::of(sample, is_whole, Dialect { delimiter, quote });
        delimiters.iter().filter_map(split).collect()
    };
    if let Some(quote) = known.quote {
        let splits = split(quote);
        let dialect = believed(&splits, known.columns).or_else(|| likely(&splits)).map(|split| split.dialect);
        return dialect.unwrap_or(Dialect { delimiter: known.delimiter.unwrap_or(known.usual), quote });
    }
    let usual = split(Some(b'"'));
    if let Some(found) = believed(&usual, known.columns) {
        if !found.in_apostrophes {
            return found.dialect;
        }
        let quoted = Dialect { quote: Some(b'\''), ..found.dialect };
        return Split::of(sample, is_whole, quoted).filter(|split| split.is_even).map_or(found.dialect, |_| quoted);
    }
    // Commas within apostrophes: the quoting is clear only where the header stands in them too.
    let apostrophes = split(Some(b'\''));
    let named = usual.iter().any(|split| split.in_apostrophes);
    if let Some(found) = believed(&apostrophes, known.columns).filter(|_| named) {
        return found.dialect;
    }
    // Files between tabs are often written without quoting; a lone `"` then opens nothing.
    let bare = split(None);
    let is_bare = |split: &&Split| matches!(split.dialect.delimiter, b'\t' | b'|');
    if usual.iter().any(|split| split.is_open && is_bare(&split))
        && let Some(found) = believed(&bare, known.columns).filter(is_bare)
    {
        return found.dialect;
    }
    let fallback = Dialect { delimiter: known.delimiter.unwrap_or(known.usual), quote: Some(b'"') };
    likely(&usual).map_or(fallback, |split| split.dialect)
}

/// The one that splits all records alike. Of several, the one whose header is of names, then the first.
fn believed(splits: &[Split], columns: Option<usize>) -> Option<&Split> {
    let even = || splits.iter().filter(|split| split.is_even && split.fields >= 2);
    let of_columns = columns.and_then(|columns| even().find(|split| split.fields == columns));
    of_columns.or_else(|| even().find(|split| split.is_named)).or_else(|| even().next())
}

/// The one that splits the header, and most records as the header: the others are mistakes to be told.
fn likely(splits: &[Split]) -> Option<&Split> {
    let mut best: Option<&Split> = None;
    for split in splits.iter().filter(|split| split.fields >= 2 && split.share >= 0.5) {
        if best.is_none_or(|best| split.share > best.share) {
            best = Some(split);
        }
    }
    best
}

impl Split {
    fn of(sample: &[u8], is_whole: bool, dialect: Dialect) -> Option<Self> {
        let mut records = Records::new(sample, dialect);
        let (mut counts, mut is_named, mut in_apostrophes, mut is_open) = (Vec::new(), false, false, false);
        while counts.len() <= LOOKED_AT {
            match records.next() {
                Ok(Some(record)) => {
                    if counts.is_empty() {
                        is_named = are_names(record.iter());
                        in_apostrophes = record.iter().all(is_in_apostrophes);
                    }
                    counts.push(record.len());
                }
                Err(Broken::Unclosed(_)) => {
                    // Where the sample is cut, so may the quoted text be.
                    is_open = is_whole;
                    counts.push(0);
                    break;
                }
                Ok(None) | Err(_) => break,
            }
        }
        if counts.len() > LOOKED_AT || !is_whole {
            counts.pop();
        }
        let fields = *counts.first()?;
        let alike = counts.iter().filter(|count| **count == fields).count();
        let share = alike as f64 / counts.len() as f64;
        Some(Self { dialect, fields, is_even: alike == counts.len(), share, is_named, is_open, in_apostrophes })
    }
}

/// Whether these are names of columns: something in each, none twice, nothing in them that might stand between fields.
fn are_names<'a>(fields: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut seen: Vec<&[u8]> = Vec::new();
    fields.take(1000).all(|field| {
        let field = field.trim_ascii();
        let is_name =
            !field.is_empty() && !field.iter().any(|byte| DELIMITERS.contains(byte)) && !seen.contains(&field);
        seen.push(field);
        is_name
    })
}

fn is_in_apostrophes(field: &[u8]) -> bool {
    matches!(field.trim_ascii(), [b'\'', .., b'\''])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CSV: Known = Known { usual: b',', delimiter: None, quote: None, columns: None };

    fn of(sample: &str) -> (char, Option<char>) {
        let Dialect { delimiter, quote } = detect(sample.as_bytes(), true, CSV);
        (char::from(delimiter), quote.map(char::from))
    }

    #[test]
    fn delimiters_are_told() {
        for (sample, delimiter) in [
            ("a,b\n1,2\n", ','),
            ("a;b\n1;2,5\n3;4,5\n", ';'),
            ("a\tb\n1\t2, 3\n", '\t'),
            ("a|b\n1|x;y\n", '|'),
            // Every row has a semicolon, the header has none.
            ("question,options\nx,a;b\ny,c;d\n", ','),
            // A header alone.
            ("a;b;c", ';'),
            ("a\n1\n", ','),
            ("", ','),
            // The other way of splitting is as even: names decide, then the comma.
            ("id;text, long\n1;x, y\n", ','),
            // One column of prose.
            ("text\nHello, world; and more\nOne, two, three\nBye\n", ','),
            ("text\nA; b\nC; d\n", ','),
            // A ragged row is a mistake of that row, not another delimiter.
            ("a;b;c\n1;2;3\n4;5\n6;7;8\n", ';'),
            ("a,b,c\n1,2,3\n4;5\n6,7,8\n", ','),
        ] {
            assert_eq!(of(sample), (delimiter, Some('"')), "{sample:?}");
        }
    }

    #[test]
    fn quotes_are_told_where_they_are_clear() {
        assert_eq!(of("'a';'b'\n'x;y';'it''s'\n"), (';', Some('\'')));
        assert_eq!(of("'a','b'\n'1','2'\n"), (',', Some('\'')));
        assert_eq!(of("a,b\n'x','y'\n'z','w'\n"), (',', Some('"')));
        assert_eq!(of("a,b\n'tis,x\n'twas,y\n"), (',', Some('"')));
        // A lone quote in a file between tabs; in one between commas it is a mistake.
        assert_eq!(of("a\tb\n\"x\ty\nz\tw\n"), ('\t', None));
        assert_eq!(of("a,b\n\"x,y\nz,w\n"), (',', Some('"')));
    }

    #[test]
    fn what_the_suite_says_wins() {
        let known = Known { delimiter: Some(b'|'), ..CSV };
        assert_eq!(detect(b"a,b\n1,2\n", true, known).delimiter, b'|');
        let known = Known { quote: Some(None), ..CSV };
        assert_eq!(detect(b"a;b\n\"1;2\n", true, known), Dialect { delimiter: b';', quote: None });
        let known = Known { columns: Some(3), ..CSV };
        assert_eq!(detect(b"a,b;c;d\ne,f;g;h\n", true, known).delimiter, b';');
        let tabs = Known { usual: b'\t', ..CSV };
        assert_eq!(detect(b"a,b\n1,2\n", true, tabs).delimiter, b'\t');
    }

    #[test]
    fn a_sample_that_is_cut_is_judged_by_its_whole_records() {
        assert_eq!(detect(b"a;b\n1;2\n3;\"x\ny", false, CSV).delimiter, b';');
        assert_eq!(detect(b"a;b\n1;2\n3", false, CSV).delimiter, b';');
    }

    proptest! {
        #[test]
        fn a_table_that_was_written_is_read_with_its_delimiter(
            delimiter in prop::sample::select(DELIMITERS.to_vec()),
            names in prop::collection::btree_set("[a-z]{1,6}", 2..6),
            cells in prop::collection::vec("[a-c ,;|\t\"'\n]{0,6}", 0..60),
            quote_all in any::<bool>(),
        ) {
            let style = if quote_all { csv::QuoteStyle::Always } else { csv::QuoteStyle::Necessary };
            let mut writer =
                csv::WriterBuilder::new().delimiter(delimiter).quote_style(style).from_writer(Vec::new());
            writer.write_record(&names).unwrap();
            for row in cells.chunks_exact(names.len()) {
                writer.write_record(row).unwrap();
            }
            let table = writer.into_inner().unwrap();
            let found = detect(&table, true, CSV);
            prop_assert_eq!(found, Dialect { delimiter, quote: Some(b'"') });
        }

        #[test]
        fn no_bytes_make_it_panic(sample in prop::collection::vec(any::<u8>(), 0..200), is_whole in any::<bool>()) {
            detect(&sample, is_whole, CSV);
        }
    }
}
