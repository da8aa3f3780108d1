//! From a name to files: what is on the disk first, then what the hub has.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crate::units::human_bytes;

use super::advice::{ago, listed, names};
use super::api::{Api, Entry, FileFacts};
use super::download::download;
use super::settings::Settings;
use super::store::{Store, matching};
use super::watch::Watch;
use super::{Fetch, FetchError, Fetched, Uri};

/// Files of one glob: more would be a mistake.
const FILES: usize = 10_000;

/// The hub, with files that are kept on the disk.
#[derive(Debug)]
pub struct Hub {
    pub(super) settings: Settings,
    pub(super) store: Store,
    watch: Arc<dyn Watch>,
    /// The commits of this process, by repository and revision: a branch that moves while a suite is read is still one.
    commits: Mutex<HashMap<(String, String), String>>,
}

impl Hub {
    /// Nothing is asked and nothing is written yet.
    pub fn new(settings: Settings, watch: Arc<dyn Watch>) -> Self {
        Self { store: Store::new(&settings), settings, watch, commits: Mutex::default() }
    }
}

impl Fetch for Hub {
    fn files(&self, uri: &Uri) -> Result<Vec<Fetched>, FetchError> {
        let commit = match uri.commit().or_else(|| self.known(uri)) {
            None if self.settings.offline => Some(self.last_known(uri)?),
            commit => commit,
        };
        if let Some(found) = commit.as_ref().and_then(|commit| self.store.all(uri, commit)) {
            return Ok(found);
        }
        if self.settings.offline {
            let commit = commit.unwrap_or_default();
            let message = format!("offline, and {} is not in the cache", uri.pinned(&commit, &uri.path));
            return Err(FetchError::new(message).hint(self.way_online()));
        }
        on_own_runtime(async || Work::new(self, uri)?.files(commit).await)
    }
}

impl Hub {
    /// The commit that this process takes a revision for.
    fn known(&self, uri: &Uri) -> Option<String> {
        let commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        commits.get(&(uri.repository.clone(), uri.revision().to_owned())).cloned()
    }

    fn learn(&self, uri: &Uri, commit: &str) {
        let mut commits = self.commits.lock().unwrap_or_else(PoisonError::into_inner);
        commits.insert((uri.repository.clone(), uri.revision().to_owned()), commit.to_owned());
    }

    /// Offline, the commit that a revision was when it was last looked up.
    fn last_known(&self, uri: &Uri) -> Result<String, FetchError> {
        let (repository, revision) = (&uri.repository, uri.revision());
        let Some(reference) = self.store.reference(uri) else {
            let message = format!("offline, and what `{revision}` of {repository} is was never looked up here");
            return Err(FetchError::new(message).hint(self.way_online()));
        };
        let (commit, age) = (&reference.commit, ago(&reference));
        self.watch.note(&format!("offline: `{revision}` of {repository} is {commit}, as it was {age}"));
        self.learn(uri, commit);
        Ok(reference.commit)
    }

    fn way_online(&self) -> String {
        format!(
            "run `bench check` on the suite once online (without `--offline` and HF_HUB_OFFLINE); files are kept in {}",
            self.store.root().display()
        )
    }
}

/// One name, online.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) hub: &'a Hub,
    pub(super) api: Api<'a>,
    pub(super) uri: &'a Uri,
}

impl<'a> Work<'a> {
    fn new(hub: &'a Hub, uri: &'a Uri) -> Result<Self, FetchError> {
        Ok(Self { hub, api: Api::new(&hub.settings, &*hub.watch)?, uri })
    }

    async fn files(&self, commit: Option<String>) -> Result<Vec<Fetched>, FetchError> {
        let (uri, store) = (self.uri, &self.hub.store);
        let commit = if let Some(commit) = commit { commit } else { self.commit().await? };
        if let Some(found) = store.all(uri, &commit) {
            return Ok(found);
        }
        let files = if uri.is_glob() { self.listed(&commit).await? } else { vec![self.facts(&commit).await?] };
        let missing = |file: &&FileFacts| store.file(&uri.repository, &commit, &file.path).is_none();
        self.check_size(files.iter().filter(missing).map(|file| file.size).fold(0, u64::saturating_add))?;
        let mut fetched = Vec::with_capacity(files.len());
        for facts in &files {
            let path = self.file(&commit, facts).await?;
            fetched.push(Fetched { pinned: uri.pinned(&commit, &facts.path), path });
        }
        Ok(fetched)
    }

    /// The commit that the revision is now.
    async fn commit(&self) -> Result<String, FetchError> {
        let commit = match self.api.commit(self.uri).await {
            Ok(commit) => commit,
            Err(trouble) => return Err(self.without_commit(trouble).await),
        };
        self.hub.store.remember(self.uri, &commit)?;
        self.hub.learn(self.uri, &commit);
        Ok(commit)
    }

    /// What the hub knows of the one file.
    async fn facts(&self, commit: &str) -> Result<FileFacts, FetchError> {
        match self.api.facts(&self.uri.repository, commit, &self.uri.path).await {
            Ok(facts) => Ok(facts),
            Err(trouble) if trouble.is("EntryNotFound") => Err(self.no_such_file(commit).await),
            Err(trouble) => Err(self.told(trouble).await),
        }
    }

    /// Where a file lies, downloaded if need be.
    async fn file(&self, commit: &str, facts: &FileFacts) -> Result<PathBuf, FetchError> {
        let (uri, store) = (self.uri, &self.hub.store);
        if let Some(path) = store.file(&uri.repository, commit, &facts.path) {
            return Ok(path);
        }
        let blob = store.blob(&uri.repository, &facts.digest);
        let name = Uri { path: facts.path.clone(), ..uri.clone() };
        download(&self.api, &name, commit, facts, &blob).await?;
        store.place(&uri.repository, commit, facts)
    }

    /// The files that the glob matches.
    async fn listed(&self, commit: &str) -> Result<Vec<FileFacts>, FetchError> {
        let (uri, store) = (self.uri, &self.hub.store);
        if let Some(files) = store.listing(uri, commit) {
            return Ok(files);
        }
        // A glob that is none costs no request.
        matching(&uri.path, [])?;
        let (folder, recursive) = root_of(&uri.path);
        let entries = match self.api.tree(&uri.repository, commit, folder, recursive, None).await {
            Ok(entries) => entries,
            Err(trouble) if trouble.is("EntryNotFound") => return Err(self.no_such_file(commit).await),
            Err(trouble) => return Err(self.told(trouble).await),
        };
        let names = names(&entries);
        let files = matching(&uri.path, entries.into_iter().filter_map(Entry::file))?;
        if files.is_empty() {
            let place = if folder.is_empty() { "there".to_owned() } else { format!("in `{folder}`") };
            let message = format!("no file of {} matches `{}`", uri.repository, uri.path);
            return Err(FetchError::new(message).hint(format!("{place} are {}", listed(&names))));
        }
        if files.len() > FILES {
            let message = format!("`{}` matches {} files of {}", uri.path, files.len(), uri.repository);
            return Err(FetchError::new(message).hint(format!("at most {FILES} are taken: narrow the glob")));
        }
        store.keep_listing(uri, commit, &files)?;
        Ok(files)
    }

    fn check_size(&self, bytes: u64) -> Result<(), FetchError> {
        let limit = self.hub.settings.limit;
        if bytes <= limit {
            return Ok(());
        }
        let message = format!(
            "{} is too large to be downloaded: {} of at most {}",
            self.uri,
            human_bytes(bytes),
            human_bytes(limit)
        );
        Err(FetchError::new(message)
            .hint("name fewer files, or download them with other tools and give their path on the disk"))
    }
}

impl Entry {
    pub(super) fn file(self) -> Option<FileFacts> {
        match self {
            Self::File(facts) => Some(facts),
            Self::Folder(_) => None,
        }
    }
}

/// The folder below which all matches of a glob lie, and whether in folders below it, too.
fn root_of(glob: &str) -> (&str, bool) {
    let end = glob.find(['*', '?', '[', '{']).unwrap_or(glob.len());
    let folder = glob[..end].rfind('/').unwrap_or(0);
    let rest = glob[folder..].trim_start_matches('/');
    (&glob[..folder], rest.contains('/') || rest.contains("**"))
}

/// Does the work on a thread and a runtime of its own: whoever asks may be on a runtime, which must not be blocked on
/// from within, or on none.
fn on_own_runtime<T: Send>(work: impl AsyncFnOnce() -> Result<T, FetchError> + Send) -> Result<T, FetchError> {
    let cannot = |what: &str| FetchError::new(format!("cannot ask the hub: {what}"));
    let run = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| cannot(&error.to_string()))?;
        let done = runtime.block_on(work());
        // A look-up of an address that nobody waits for any more ends when it likes.
        runtime.shutdown_background();
        done
    };
    thread::scope(|scope| {
        let spawned = thread::Builder::new().name("hub".to_owned()).spawn_scoped(scope, run);
        let thread = spawned.map_err(|error| cannot(&error.to_string()))?;
        thread.join().unwrap_or_else(|_| Err(cannot("it stopped unexpectedly")))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_glob_is_listed_from_its_last_plain_folder_on() {
        for (glob, folder, recursive) in [
            ("*.csv", "", false),
            ("data/*.csv", "data", false),
            ("data/train-*/x.csv", "data", true),
            ("a/b/**/*.csv", "a/b", true),
            ("**", "", true),
            ("data/{a,b}/x.csv", "data", true),
            ("a/x[0-9].csv", "a", false),
        ] {
            assert_eq!(root_of(glob), (folder, recursive), "{glob}");
        }
    }
}
