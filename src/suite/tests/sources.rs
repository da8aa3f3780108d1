//! Where datasets come from: globs, folders, the hub, and what is no file.

use std::sync::Arc;

use super::support::{Folder, folder};
use crate::hub::{Fetch, FetchError, Fetched, Uri};
use crate::suite::{Diagnostics, LoadOptions, Loaded, Outside};

fn suite(dataset: &str) -> String {
    format!("name: t\nmodels: [m]\nprompt: \"{{{{ q }}}}\"\ndataset: {dataset}\n")
}

/// What is said of this dataset in a folder with these files.
fn said(dataset: &str, files: &[(&str, &str)]) -> String {
    with(dataset, files).said()
}

fn with(dataset: &str, files: &[(&str, &str)]) -> Folder {
    files.iter().fold(folder(suite(dataset)), |folder, (name, content)| {
        let path = folder.path().with_file_name(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        folder.with(name, content)
    })
}

/// The files that were read, with rows and cases.
fn read(folder: &Folder) -> Vec<(String, u64, u64)> {
    let loaded = folder.load(crate::suite::Overrides::default());
    let suite = loaded.unwrap_or_else(|mistakes| panic!("{}", mistakes.render(false, 100))).suite;
    suite.datasets.into_iter().map(|file| (file.path, file.rows, file.cases)).collect()
}

fn row(path: &str, rows: u64, cases: u64) -> (String, u64, u64) {
    (path.to_owned(), rows, cases)
}

const TREE: [(&str, &str); 6] = [
    ("data/b.csv", "q\n3\n"),
    ("data/a.jsonl", "{\"q\": 1}\n{\"q\": 2}\n"),
    ("data/deep/c.csv", "q\n4\n"),
    ("data/deep/er/d.csv", "q\n5\n"),
    ("data/.hidden.csv", "no\n"),
    ("data/x[1].csv", "q\n6\n"),
];

#[test]
fn globs_are_read_in_the_order_of_their_paths() {
    assert_eq!(read(&with("\"data/[ab].*\"", &TREE)), [row("data/a.jsonl", 2, 2), row("data/b.csv", 1, 1)]);
    assert_eq!(
        read(&with("\"data/**/*.csv\"", &TREE)),
        [
            row("data/b.csv", 1, 1),
            row("data/deep/c.csv", 1, 1),
            row("data/deep/er/d.csv", 1, 1),
            row("data/x[1].csv", 1, 1)
        ]
    );
    assert_eq!(read(&with("./data/*/*.csv", &TREE)), [row("./data/deep/c.csv", 1, 1)]);
    assert_eq!(read(&with("\"data/{b,deep/c}.csv\"", &TREE)), [row("data/b.csv", 1, 1), row("data/deep/c.csv", 1, 1)]);
    // A file of that very name is no glob.
    assert_eq!(read(&with("\"data/x[1].csv\"", &TREE)), [row("data/x[1].csv", 1, 1)]);
    // What comes after the limit is not read.
    assert_eq!(
        read(&with("{ path: data/*.*, limit: 3 }", &TREE)),
        [row("data/a.jsonl", 2, 2), row("data/b.csv", 1, 1)]
    );
    assert_eq!(
        read(&with("{ path: \"data/[ab].*\", limit: 1, shuffle: 1 }", &TREE))
            .iter()
            .map(|file| (file.1, file.2))
            .fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)),
        (3, 1)
    );
}

#[test]
fn a_glob_that_matches_nothing_says_what_there_is() {
    let said = |dataset| said(dataset, &TREE);
    let nothing = said("data/*.parquet");
    assert!(nothing.contains("no file matches `data/*.parquet`"), "{nothing}");
    assert!(nothing.contains("`data/` holds `.hidden.csv`, `a.jsonl`, `b.csv`, `deep/`, `x[1].csv`"), "{nothing}");
    assert!(said("nowhere/*.csv").contains("there is no folder `nowhere/`"));
    assert!(said("data/b.cvs").contains("did you mean `data/b.csv`?"));
    assert!(said("\"data/[.csv\"").contains("`data/[.csv` is no glob"));
    let more: Vec<(String, &str)> = (0..12).map(|n| (format!("many/{n:02}.dat"), "")).collect();
    let more: Vec<(&str, &str)> = more.iter().map(|(name, content)| (&**name, *content)).collect();
    assert!(super::sources::said("many/*.csv", &more).contains("`07.dat` and 4 more"));
    assert!(super::sources::said("many/*", &more).contains("the name `many/00.dat` does not tell its format"));
}

#[test]
fn a_folder_is_read_as_files_or_in_the_format_that_is_written() {
    assert_eq!(
        read(&with("{ path: data, format: csv }", &TREE)),
        [row("data/b.csv", 1, 1), row("data/x[1].csv", 1, 1)]
    );
    let none = said("{ path: data, format: yaml }", &TREE);
    assert!(none.contains("the folder `data` holds no .yaml files"), "{none}");
    let texts = [("docs/b.md", "B"), ("docs/a.txt", "A"), ("docs/c.png", "\u{89}")];
    let path = with("{ path: docs, vars: { q: \"{{ path }} {{ stem }} {{ text | default('') }}\" } }", &texts);
    std::fs::write(path.path().with_file_name("docs/c.png"), b"\x89PNG\r\n\x1a\n").unwrap();
    assert_eq!(read(&path), [row("docs", 3, 3)]);
    let suite = path.load(crate::suite::Overrides::default()).unwrap().suite;
    let asked: Vec<_> = suite.cases.iter().map(|case| case.variables()["q"].as_str().unwrap().to_owned()).collect();
    assert_eq!(asked, ["docs/a.txt a A", "docs/b.md b B", "docs/c.png c "]);
    let rows = said("{ path: data/deep, vars: { q: \"{{ text }}\" } }", &TREE);
    assert!(rows.contains("are read as one case each") && rows.contains("`format: csv`"), "{rows}");
    let mixed = said("data/*", &[("data/a.csv", "q\n1\n"), ("data/b.md", "x")]);
    assert!(mixed.contains("files of rows (`data/a.csv`)") && mixed.contains("`data/b.md`"), "{mixed}");
}

#[test]
fn files_that_are_no_texts_are_told_with_their_names() {
    let folder = with("{ path: docs, vars: { q: \"{{ text }}\" } }", &[("docs/a.txt", "fine")]);
    std::fs::write(folder.path().with_file_name("docs/b.txt"), b"caf\xe9 au lait").unwrap();
    std::fs::write(folder.path().with_file_name("docs/c.zip"), b"PK\x03\x04").unwrap();
    let said = folder.said();
    assert!(said.contains("file 2 of docs: `docs/b.txt`: line 1 is not UTF-8: byte 0xe9"), "{said}");
    assert!(said.contains("file 3 of docs: `docs/c.zip`: it is packed with zip"), "{said}");
}

#[test]
fn formats_and_options_are_checked() {
    let csv = [("a.csv", "q\n1\n"), ("b.json", "[{\"q\": 1}]"), ("rows.dat", "q\n1\n")];
    for (dataset, wanted) in [
        ("{ path: a.csv, format: jsnol }", "did you mean `jsonl`?"),
        ("{ path: a.csv, format: excel }", "unknown format `excel`"),
        ("rows.dat", "write `format: csv`"),
        ("{ path: b.json, delimiter: tab }", "`delimiter` is for csv and tsv, and this is read as json"),
        ("{ path: a.csv, rows: data }", "`rows` is for json and yaml, and this is read as csv"),
        ("{ path: a.csv, sheet: 1 }", "`sheet` is for xlsx"),
        ("{ path: a.csv, delimiter: ab }", "expected one character or `tab`, found `ab`"),
        ("{ path: a.csv, quote: é }", "expected one character or `none`"),
        ("{ path: a.csv, delimiter: \"|\", quote: \"|\" }", "the same character"),
        ("{ path: a.csv, columns: [] }", "no names of columns"),
        ("{ path: a.csv, columns: [a, a] }", "two columns are named `a`"),
        ("{ path: b.json, rows: a..b }", "an empty key"),
        ("{ path: b.json, rows: q }", "expected an object, found a list"),
    ] {
        let said = said(dataset, &csv);
        assert!(said.contains(wanted), "{dataset}: {said}");
    }
    assert_eq!(read(&with("{ path: rows.dat, format: csv }", &csv)), [row("rows.dat", 1, 1)]);
    let without = said("{ path: x.bin, format: parquet }", &[("x.bin", "")]);
    assert!(without.contains("this build cannot read Parquet") != cfg!(feature = "parquet"), "{without}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_named() {
    use std::os::unix::fs::symlink;
    let beside = |dataset: &str| {
        let folder = folder(suite(dataset));
        let at = |name: &str| folder.path().with_file_name(name);
        symlink("b.csv", at("a.csv")).unwrap();
        symlink("a.csv", at("b.csv")).unwrap();
        symlink("nowhere.csv", at("gone.csv")).unwrap();
        std::fs::create_dir(at("sub")).unwrap();
        symlink("..", at("sub/loop")).unwrap();
        std::fs::write(at("sub/x.tsv"), "q\n1\n").unwrap();
        let socket = std::os::unix::net::UnixListener::bind(at("socket.csv")).unwrap();
        (folder, socket)
    };
    for (dataset, wanted) in [
        ("a.csv", "cannot read `a.csv`: "),
        ("gone.csv", "there is no file `gone.csv`"),
        ("socket.csv", "it is a socket"),
        ("\"{gone,nothing}.csv\"", "cannot be read"),
    ] {
        let said = beside(dataset).0.said();
        assert!(said.contains(wanted), "{dataset}: {said}");
    }
    // Links to folders in a circle are not followed without end.
    assert_eq!(read(&beside("\"**/*.tsv\"").0), [row("sub/x.tsv", 1, 1)]);
    assert_eq!(read(&beside("\"*/*.tsv\"").0), [row("sub/x.tsv", 1, 1)]);
}

/// A hub of one file.
#[derive(Debug)]
struct OneFile(std::path::PathBuf);

impl Fetch for OneFile {
    fn files(&self, uri: &Uri) -> Result<Vec<Fetched>, FetchError> {
        if uri.path == "gone.csv" {
            return Err(FetchError { message: "no such file".to_owned(), hint: Some("look again".to_owned()) });
        }
        Ok(vec![Fetched { pinned: Uri { revision: Some("c0ffee".to_owned()), ..uri.clone() }, path: self.0.clone() }])
    }
}

#[test]
fn files_of_the_hub_are_read_where_they_lie_and_named_with_their_revision() {
    let load = |dataset: &str, has_hub: bool| -> Result<Loaded, Diagnostics> {
        let folder = folder(suite(dataset)).with("blob", "q\n1\n");
        let hub = Arc::new(OneFile(folder.path().with_file_name("blob")));
        let outside = Outside { hub: has_hub.then_some(hub as Arc<dyn Fetch>), ..Outside::default() };
        crate::suite::load(&folder.path(), &LoadOptions { outside, ..LoadOptions::default() })
    };
    let suite = load("hf://owner/name@main/x/test.csv", true).unwrap().suite;
    assert_eq!(suite.datasets[0].path, "hf://owner/name@c0ffee/x/test.csv");
    assert!(suite.datasets[0].sha256.is_some());
    for (dataset, has_hub, wanted) in [
        ("hf://owner/name/gone.csv", true, "no such file"),
        ("hf://owner", true, "write `hf://OWNER/NAME[@REVISION]/PATH`"),
        ("hf://owner/name/test.csv", false, "cannot be had here"),
    ] {
        let said = load(dataset, has_hub).unwrap_err().render(false, 100);
        assert!(said.contains(wanted), "{said}");
    }
}
