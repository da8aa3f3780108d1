//! Suites of a few lines, with files beside them.

use serde_json::Value;

use crate::suite::tests::support::{Folder, folder};
use crate::suite::{Overrides, Suite};

const HEAD: &str = "name: t\nmodels: [m]\nprompt: \"{{ q }}\"\n";

/// A folder with a suite of these lines, and files beside it.
pub(super) fn files(lines: &str, files: &[(&str, &str)]) -> Folder {
    let suite =
        if lines.contains("prompt:") { format!("name: t\nmodels: [m]\n{lines}\n") } else { format!("{HEAD}{lines}\n") };
    files.iter().fold(folder(suite), |folder, (name, content)| {
        if let Some((inner, _)) = name.rsplit_once('/') {
            std::fs::create_dir_all(folder.path().with_file_name(inner)).unwrap();
        }
        folder.with(name, content)
    })
}

#[track_caller]
pub(super) fn suite_of(folder: &Folder) -> Suite {
    folder.load(Overrides::default()).unwrap_or_else(|errors| panic!("{}", errors.render(false, 100))).suite
}

pub(super) fn ids(suite: &Suite) -> Vec<&str> {
    suite.cases.iter().map(|case| &*case.id).collect()
}

pub(super) fn vars(suite: &Suite, case: usize) -> Value {
    Value::Object(suite.cases[case].variables())
}

pub(super) const ROWS: &str = "q,lang,score\na,de,5\nb,en,2\nc,de,1\nd,fr,9\n";
