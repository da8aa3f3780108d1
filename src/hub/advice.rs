//! What is told where a name leads to nothing: what was probably meant, and what there is instead.

use std::path::Path;
use std::time::Duration;

use jiff::Timestamp;

use crate::text::closest;
use crate::units::human_duration;

use super::api::Entry;
use super::fetch::Work;
use super::http::Trouble;
use super::refusal::explain;
use super::store::Reference;
use super::{FetchError, Uri};

/// Names that are listed where none is near.
const LISTED: usize = 8;

impl Work<'_> {
    /// Without the commit there is nothing to read: never silently what was read the last time.
    pub(super) async fn without_commit(&self, trouble: Trouble) -> FetchError {
        let passing = matches!(trouble, Trouble::Passing { .. } | Trouble::Fatal(_));
        let error = self.told(trouble).await;
        let Some(known) = self.hub.store.reference(self.uri).filter(|_| passing) else { return error };
        let pin = self.uri.pinned(&known.commit, &self.uri.path);
        FetchError::new(error.message)
            .hint(format!("`--offline` reads it as it was {}; pinned as `{pin}` it needs no look-up", ago(&known)))
    }

    /// The trouble for people, with what only the hub can say of it.
    pub(super) async fn told(&self, trouble: Trouble) -> FetchError {
        let no_revision = trouble.is("RevisionNotFound");
        let error = explain(trouble, self.uri, &self.hub.settings);
        if !no_revision || error.hint.is_some() {
            return error;
        }
        match self.api.refs(&self.uri.repository).await {
            Ok(refs) if !refs.is_empty() => {
                let near = closest(self.uri.revision(), refs.iter().map(String::as_str));
                let near = near.map(|near| format!("did you mean `{near}`? "));
                error.hint(format!("{}there are {}", near.unwrap_or_default(), listed(&refs)))
            }
            _ => error,
        }
    }

    /// That there is no such file, with what was probably meant. What the hub does not tell is left out.
    pub(super) async fn no_such_file(&self, commit: &str) -> FetchError {
        let Uri { repository, path, .. } = self.uri;
        if !self.uri.is_glob()
            && let Ok(inside) = self.api.tree(repository, commit, path, false, Some(1)).await
            && !inside.is_empty()
        {
            let ending = names(&inside).iter().find_map(|name| Some(Path::new(name).extension()?.to_str()?.to_owned()));
            let glob = ending.map_or_else(|| "*".to_owned(), |ending| format!("*.{ending}"));
            let meant = Uri { path: format!("{path}/{glob}"), ..self.uri.clone() };
            return FetchError::new(format!("`{path}` is a folder of {repository}"))
                .hint(format!("name its files: `{meant}`"));
        }
        let error = FetchError::new(format!("{repository} has no file `{path}`"));
        let Ok(entries) = self.api.tree(repository, commit, "", true, Some(1)).await else { return error };
        let files: Vec<String> = entries.into_iter().filter_map(Entry::file).map(|file| file.path).collect();
        match nearest(path, &files) {
            Some(near) => error.hint(format!("did you mean `{}`?", Uri { path: near.to_owned(), ..self.uri.clone() })),
            None => error.hint(format!("there are {}", listed(&files))),
        }
    }
}

/// The file that was probably meant: one of nearly the same path, or of the same name elsewhere.
fn nearest<'a>(path: &str, files: &'a [String]) -> Option<&'a str> {
    let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_lowercase();
    let same_name = || files.iter().find(|file| name(file) == name(path)).map(String::as_str);
    closest(path, files.iter().map(String::as_str)).or_else(same_name)
}

/// The names of entries, those of folders with a slash behind.
pub(super) fn names(entries: &[Entry]) -> Vec<String> {
    let name = |entry: &Entry| match entry {
        Entry::File(facts) => facts.path.clone(),
        Entry::Folder(path) => format!("{path}/"),
    };
    entries.iter().map(name).collect()
}

/// Some names in a sentence.
pub(super) fn listed(names: &[String]) -> String {
    if names.is_empty() {
        return "no files".to_owned();
    }
    let some: Vec<String> = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(LISTED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    some.join(", ") + &more
}

/// How long ago it was looked up: `3 days ago`, `12m05s ago`.
pub(super) fn ago(reference: &Reference) -> String {
    let Ok(at) = reference.at.parse::<Timestamp>() else { return "some time ago".to_owned() };
    let age = Duration::try_from(Timestamp::now().duration_since(at)).unwrap_or_default();
    let days = age.as_secs() / 86_400;
    let age = if days >= 2 { format!("{days} days") } else { human_duration(age) };
    format!("{age} ago ({at:.0})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_also_in_another_folder() {
        let files = ["main/test.parquet", "main/train.parquet", "README.md"].map(str::to_owned);
        assert_eq!(nearest("main/tset.parquet", &files), Some("main/test.parquet"));
        assert_eq!(nearest("train.parquet", &files), Some("main/train.parquet"));
        assert_eq!(nearest("socratic.jsonl", &files), None);
        assert_eq!(listed(&files), "`main/test.parquet`, `main/train.parquet`, `README.md`");
    }
}
