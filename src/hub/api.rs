//! The hub's HTTP API, as far as files of datasets need it.
//!
//! | request | answer |
//! | --- | --- |
//! | `GET /api/datasets/OWNER/NAME/revision/REVISION?expand=sha` | `sha`: the commit |
//! | `GET /api/datasets/OWNER/NAME/tree/COMMIT/FOLDER?recursive=true` | entries with size and checksum, by pages (`Link`) |
//! | `GET /api/datasets/OWNER/NAME/refs` | branches and tags |
//! | `HEAD` and `GET /datasets/OWNER/NAME/resolve/COMMIT/PATH` | a file, mostly by a redirect to a store |
//!
//! A file's checksum stands in `X-Linked-Etag` (LFS, Xet: SHA-256) or `ETag` (in git itself: the id of its blob), its
//! size in `X-Linked-Size` or `Content-Length`.

use reqwest::Url;
use reqwest::header::{CONTENT_LENGTH, ETAG, HeaderMap};
use serde::{Deserialize, Serialize};

use super::digest::Digest;
use super::http::{Http, Trouble};
use super::patience::{Patience, patiently};
use super::settings::Settings;
use super::uri::check_path;
use super::watch::Watch;
use super::{FetchError, Uri};

/// Pages of one listing; the hub puts 1,000 entries on each.
const PAGES: usize = 100;

/// What the hub knows of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileFacts {
    /// In the repository.
    pub(super) path: String,
    /// In bytes.
    pub(super) size: u64,
    /// What its content must be.
    #[serde(with = "as_text")]
    pub(super) digest: Digest,
}

/// An entry of a folder of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Entry {
    File(FileFacts),
    /// Its path.
    Folder(String),
}

#[derive(Debug, Deserialize)]
struct RawEntry {
    #[serde(rename = "type")]
    kind: String,
    path: String,
    #[serde(default)]
    size: u64,
    #[serde(default)]
    oid: String,
    #[serde(default)]
    lfs: Option<RawLfs>,
}

#[derive(Debug, Deserialize)]
struct RawLfs {
    oid: String,
    size: u64,
}

#[derive(Debug, Deserialize)]
struct Revision {
    sha: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Refs {
    branches: Vec<Ref>,
    converts: Vec<Ref>,
    tags: Vec<Ref>,
}

#[derive(Debug, Deserialize)]
struct Ref {
    name: String,
}

/// Asks a hub.
#[derive(Debug)]
pub(super) struct Api<'a> {
    pub(super) http: Http,
    pub(super) settings: &'a Settings,
    pub(super) watch: &'a dyn Watch,
}

impl<'a> Api<'a> {
    /// Nothing is sent yet.
    pub(super) fn new(settings: &'a Settings, watch: &'a dyn Watch) -> Result<Self, FetchError> {
        Ok(Self { http: Http::new(settings)?, settings, watch })
    }

    /// The commit that a revision is now.
    pub(super) async fn commit(&self, uri: &Uri) -> Result<String, Trouble> {
        let mut url = self.url("api/datasets", &uri.repository, ["revision", uri.revision()]);
        // Without it the answer lists all files of the repository.
        url.set_query(Some("expand=sha"));
        let (Revision { sha }, _) = self.patiently(async || self.http.json(&url).await).await?;
        match Digest::parse(&sha) {
            Some(Digest::GitBlob(commit)) => Ok(commit),
            _ => Err(self.http.odd("does not say which commit a revision is").into()),
        }
    }

    /// The size and the checksum of one file.
    pub(super) async fn facts(&self, repository: &str, commit: &str, path: &str) -> Result<FileFacts, Trouble> {
        let url = self.file(repository, commit, path);
        let response = self.patiently(async || self.http.head(&url).await).await?;
        let text = |name: &str| text_of(response.headers(), name);
        let linked = text("x-linked-etag").as_deref().and_then(Digest::parse);
        let own = || text(ETAG.as_str()).as_deref().and_then(Digest::parse);
        let size = match (text("x-linked-size"), response.status().is_success()) {
            (Some(size), _) => Some(size),
            (None, true) => text(CONTENT_LENGTH.as_str()),
            (None, false) => None,
        };
        let size = size.and_then(|size| size.trim().parse().ok());
        let (Some(digest), Some(size)) = (linked.or_else(own), size) else {
            return Err(self.http.odd("tells neither checksum nor size of its files as a hub does").into());
        };
        if text("x-repo-commit").is_some_and(|served| !served.trim().eq_ignore_ascii_case(commit)) {
            return Err(self.http.odd("serves another commit than was asked for").into());
        }
        Ok(FileFacts { path: path.to_owned(), size, digest })
    }

    /// The entries of a folder (the root has no name), with `recursive` all that is below it; of the `first` pages only.
    pub(super) async fn tree(
        &self,
        repository: &str,
        commit: &str,
        folder: &str,
        recursive: bool,
        first: Option<usize>,
    ) -> Result<Vec<Entry>, Trouble> {
        let folders = folder.split('/').filter(|part| !part.is_empty());
        let mut url = self.url("api/datasets", repository, ["tree", commit].into_iter().chain(folders));
        url.set_query(Some(if recursive { "recursive=true" } else { "recursive=false" }));
        let mut entries = Vec::new();
        for _ in 0..first.unwrap_or(PAGES) {
            let (page, next): (Vec<RawEntry>, _) = self.patiently(async || self.http.json(&url).await).await?;
            for raw in page {
                entries.extend(self.entry(raw)?);
            }
            match next {
                Some(next) => url = next,
                None => return Ok(entries),
            }
        }
        if first.is_some() {
            return Ok(entries);
        }
        let place = if folder.is_empty() { repository.to_owned() } else { format!("`{folder}` of {repository}") };
        Err(FetchError::new(format!("{place} holds more than {} files", PAGES * 1000))
            .hint("begin the glob with the names of folders, as far as they are known")
            .into())
    }

    /// The names of the repository's branches and tags.
    pub(super) async fn refs(&self, repository: &str) -> Result<Vec<String>, Trouble> {
        let url = self.url("api/datasets", repository, ["refs"]);
        let (refs, _): (Refs, _) = self.patiently(async || self.http.json(&url).await).await?;
        let converts = refs.converts.into_iter().map(|it| format!("refs/convert/{}", it.name));
        Ok(refs.branches.into_iter().chain(refs.tags).map(|it| it.name).chain(converts).collect())
    }

    /// The address of a file.
    pub(super) fn file(&self, repository: &str, commit: &str, path: &str) -> Url {
        self.url("datasets", repository, ["resolve", commit].into_iter().chain(path.split('/')))
    }

    fn entry(&self, raw: RawEntry) -> Result<Option<Entry>, FetchError> {
        // Paths become paths of files here: what could lead elsewhere is not taken from anybody.
        if check_path(&raw.path).is_err() {
            return Err(self.http.odd("lists a file under an impossible name"));
        }
        match raw.kind.as_str() {
            "directory" => Ok(Some(Entry::Folder(raw.path))),
            "file" => {
                let (oid, size) = match raw.lfs {
                    Some(lfs) => (lfs.oid, lfs.size),
                    None => (raw.oid, raw.size),
                };
                let digest = Digest::parse(&oid).ok_or_else(|| self.http.odd("lists a file without a checksum"))?;
                Ok(Some(Entry::File(FileFacts { path: raw.path, size, digest })))
            }
            // Links to other repositories.
            _ => Ok(None),
        }
    }

    async fn patiently<T>(&self, work: impl AsyncFnMut() -> Result<T, Trouble>) -> Result<T, Trouble> {
        patiently(Patience::new(self.settings, self.watch), work).await
    }

    fn url<'p>(&self, below: &str, repository: &str, rest: impl IntoIterator<Item = &'p str>) -> Url {
        let mut url = self.settings.endpoint.clone();
        // Escapes what stands in a segment, slashes of revisions too. An endpoint always has a path.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(below.split('/')).extend(repository.split('/')).extend(rest);
        }
        url
    }
}

fn text_of(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}

/// Checksums in listings that are kept.
mod as_text {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::Digest;

    pub(super) fn serialize<S: Serializer>(digest: &Digest, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(digest.hex())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Digest, D::Error> {
        let text = String::deserialize(deserializer)?;
        Digest::parse(&text).ok_or_else(|| D::Error::custom("not a checksum"))
    }
}
