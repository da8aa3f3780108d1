//! Where downloaded files lie.
//!
//! ```text
//! CACHE/hub/OWNER--NAME/       for another endpoint than the hub itself: CACHE/hub-HOST_PORT/OWNER--NAME/
//!   COMMIT/PATH                a file, checked: what is handed out
//!   blobs/CHECKSUM             the same file under its content, which several commits may share (a hard link)
//!   blobs/CHECKSUM.part        what has arrived of it so far
//!   blobs/CHECKSUM.lock        held by the process that downloads it
//!   refs/REVISION              the commit that a branch or a tag was, when it was last looked up
//!   listings/COMMIT-GLOB       the files that a glob matches
//! ```
//!
//! Nothing below `COMMIT/` is ever a part of a file: files get there by a rename, after their checksum was right.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::api::FileFacts;
use super::digest::{Digest, hex};
use super::settings::Settings;
use super::{FetchError, Fetched, Uri};

/// The folder of downloaded files, and that of the official tools beside it.
#[derive(Debug)]
pub(super) struct Store {
    root: PathBuf,
    official: Option<PathBuf>,
}

/// The commit that a revision was, when it was last looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Reference {
    pub(super) revision: String,
    pub(super) commit: String,
    /// RFC 3339.
    pub(super) at: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Listing {
    glob: String,
    files: Vec<FileFacts>,
}

impl Store {
    pub(super) fn new(settings: &Settings) -> Self {
        // What another endpoint calls a commit need not be the hub's.
        let name = if settings.is_default() {
            "hub".to_owned()
        } else {
            let path = settings.endpoint.path().trim_matches('/');
            let place = [settings.host().as_str(), path].join("/");
            format!(
                "hub-{}",
                place.trim_end_matches('/').replace(|c: char| !c.is_ascii_alphanumeric() && c != '.', "_")
            )
        };
        Self { root: settings.cache.join(name), official: settings.official.clone() }
    }

    /// Where all of it lies.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// All files of a name at a commit, if all are there.
    pub(super) fn all(&self, uri: &Uri, commit: &str) -> Option<Vec<Fetched>> {
        if !uri.is_glob() {
            let path = self.file(&uri.repository, commit, &uri.path)?;
            return Some(vec![Fetched { pinned: uri.pinned(commit, &uri.path), path }]);
        }
        let files = self.listing(uri, commit)?;
        let fetched = |facts: &FileFacts| {
            let path = self.file(&uri.repository, commit, &facts.path)?;
            Some(Fetched { pinned: uri.pinned(commit, &facts.path), path })
        };
        files.iter().map(fetched).collect()
    }

    /// A file, if it is there: our own, else one of the official tools.
    pub(super) fn file(&self, repository: &str, commit: &str, path: &str) -> Option<PathBuf> {
        let official = |root: &PathBuf| official_folder(root, repository).join("snapshots").join(commit).join(path);
        let own = self.folder(repository).join(commit).join(path);
        [Some(own), self.official.as_ref().map(official)].into_iter().flatten().find(|path| path.is_file())
    }

    /// Where the content of a file lies.
    pub(super) fn blob(&self, repository: &str, digest: &Digest) -> PathBuf {
        self.folder(repository).join("blobs").join(digest.hex())
    }

    /// Puts a whole and checked blob to where it is handed out.
    ///
    /// # Errors
    /// What the disk said.
    pub(super) fn place(&self, repository: &str, commit: &str, facts: &FileFacts) -> Result<PathBuf, FetchError> {
        let blob = self.blob(repository, &facts.digest);
        let path = self.folder(repository).join(commit).join(&facts.path);
        let place = || {
            fs::create_dir_all(path.parent().unwrap_or(&self.root))?;
            match fs::hard_link(&blob, &path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                // A disk without links: then it lies there alone.
                Err(_) => fs::rename(&blob, &path),
                Ok(()) => Ok(()),
            }
        };
        place().map_err(cannot_keep(&path))?;
        Ok(path)
    }

    /// The commit that a revision was, when it was last looked up: here, or by the official tools.
    pub(super) fn reference(&self, uri: &Uri) -> Option<Reference> {
        let own = read::<Reference>(&self.reference_file(uri)).filter(|kept| kept.revision == uri.revision());
        let official = || {
            let path = official_folder(self.official.as_ref()?, &uri.repository).join("refs").join(uri.revision());
            let at = Timestamp::try_from(fs::metadata(&path).ok()?.modified().ok()?).ok()?.to_string();
            let commit = fs::read_to_string(path).ok()?.trim().to_owned();
            Some(Reference { revision: uri.revision().to_owned(), commit, at })
        };
        let is_whole =
            |kept: &Reference| kept.commit.len() == 40 && kept.commit.bytes().all(|byte| byte.is_ascii_hexdigit());
        own.filter(is_whole).or_else(|| official().filter(is_whole))
    }

    /// Keeps what a revision is now.
    ///
    /// # Errors
    /// What the disk said.
    pub(super) fn remember(&self, uri: &Uri, commit: &str) -> Result<(), FetchError> {
        let revision = uri.revision().to_owned();
        let reference = Reference { revision, commit: commit.to_owned(), at: format!("{:.0}", Timestamp::now()) };
        write(&self.reference_file(uri), &reference)
    }

    /// The files that a glob matches at a commit, if that was looked up.
    pub(super) fn listing(&self, uri: &Uri, commit: &str) -> Option<Vec<FileFacts>> {
        let kept = read::<Listing>(&self.listing_file(uri, commit)).filter(|kept| kept.glob == uri.path)?;
        kept.files.iter().all(|file| super::uri::check_path(&file.path).is_ok()).then_some(kept.files)
    }

    /// Keeps the files that a glob matches.
    ///
    /// # Errors
    /// What the disk said.
    pub(super) fn keep_listing(&self, uri: &Uri, commit: &str, files: &[FileFacts]) -> Result<(), FetchError> {
        write(&self.listing_file(uri, commit), &Listing { glob: uri.path.clone(), files: files.to_vec() })
    }

    fn folder(&self, repository: &str) -> PathBuf {
        // The hub allows no name with `--` in it.
        self.root.join(repository.replace('/', "--"))
    }

    fn reference_file(&self, uri: &Uri) -> PathBuf {
        let revision = uri.revision();
        let is_plain =
            revision.len() <= 100 && revision.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c));
        let name = if is_plain { revision.to_owned() } else { hex(&Sha256::digest(revision)) };
        self.folder(&uri.repository).join("refs").join(name)
    }

    fn listing_file(&self, uri: &Uri, commit: &str) -> PathBuf {
        let glob = hex(&Sha256::digest(&uri.path));
        self.folder(&uri.repository).join("listings").join(format!("{commit}-{}", &glob[..16]))
    }
}

/// The files of a listing that a glob matches, in the order of their paths.
///
/// # Errors
/// A glob that is none.
pub(super) fn matching(glob: &str, files: impl IntoIterator<Item = FileFacts>) -> Result<Vec<FileFacts>, FetchError> {
    let built = GlobBuilder::new(glob).literal_separator(true).backslash_escape(false).build();
    let matcher = built.map_err(|error| {
        FetchError::new(format!("`{glob}` is no glob: {}", error.kind()))
            .hint("`*` and `?` stand for parts of a name, `**` for folders, `[ab]` and `{a,b}` for one of them")
    })?;
    let matcher = matcher.compile_matcher();
    let mut files: Vec<FileFacts> = files.into_iter().filter(|file| matcher.is_match(&file.path)).collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files.dedup_by(|a, b| a.path == b.path);
    Ok(files)
}

/// What is said of a disk that does not take a file.
pub(super) fn cannot_keep(path: &Path) -> impl FnOnce(io::Error) -> FetchError {
    let shown = path.display().to_string();
    move |error| {
        let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
        let what = if full { "the disk is full".to_owned() } else { error.to_string() };
        FetchError::new(format!("cannot keep a file of the hub: {what}: {shown}"))
            .hint("BENCH_CACHE_DIR names another folder for downloaded files")
    }
}

fn official_folder(root: &Path, repository: &str) -> PathBuf {
    root.join(format!("datasets--{}", repository.replace('/', "--")))
}

fn read<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&fs::read(path).ok()?).ok()
}

/// Writes a file so that others see it whole or not at all.
fn write(path: &Path, value: &impl Serialize) -> Result<(), FetchError> {
    let write = || {
        let folder = path.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder)?;
        serde_json::to_writer(&mut file, value)?;
        file.flush()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write().map_err(cannot_keep(path))
}
