//! One file's bytes: into a part, which becomes the file when its checksum is right.
//!
//! A part is named by the checksum of what it is to become, so what an earlier try or an earlier run has left is always
//! the beginning of the right file, and `Range` needs no `If-Range`: the checksum is looked at in the end whatever the
//! server sent. (The `ETag` of the store that a hub redirects to is another one than the hub's.)

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::header::CONTENT_RANGE;
use reqwest::{Response, StatusCode, Url};
use tokio::time::sleep;

use crate::units::human_bytes;

use super::api::{Api, FileFacts};
use super::http::Trouble;
use super::patience::Patience;
use super::refusal::explain;
use super::store::cannot_keep;
use super::watch::Watch;
use super::{FetchError, Uri};

/// How often it is looked whether another process is done.
const LOOK: Duration = Duration::from_millis(200);
/// Room that is left on the disk.
const SPARE: u64 = 64 << 20;

/// Downloads a file unless its blob is there already. `name` is what it is called in messages.
///
/// # Errors
/// The hub, the connection or the disk does not do its part, or what comes is not what the hub said it was.
pub(super) async fn download(
    api: &Api<'_>,
    name: &Uri,
    commit: &str,
    facts: &FileFacts,
    blob: &Path,
) -> Result<(), FetchError> {
    let _lock = lock(blob, api.watch).await?;
    // Somebody else may have brought it by now.
    if blob.is_file() {
        return Ok(());
    }
    let mut part = Part::open(blob.with_extension("part"))?;
    room_for(facts.size.saturating_sub(part.len), blob)?;
    let begun = if part.len > 0 { format!(", {} of it are there", human_bytes(part.len)) } else { String::new() };
    api.watch.note(&format!("downloading {name} ({}{begun})", human_bytes(facts.size)));
    api.watch.begin(&name.path, facts.size, part.len);
    let _display = Display(api.watch);
    let url = api.file(&name.repository, commit, &facts.path);
    for last in [false, true] {
        fill(api, name, &url, facts.size, &mut part).await?;
        if part.is_whole(facts)? {
            return part.become_file(blob);
        }
        part.empty()?;
        if !last {
            api.watch.note(&format!("{name} arrived with a wrong checksum: downloading it once more"));
        }
    }
    Err(FetchError::new(format!("{name} arrived twice with a wrong checksum: expected {}", facts.digest))
        .hint("something between here and the hub changes what it sends: a proxy, a mirror (HF_ENDPOINT)"))
}

/// Ends the display of a download, however it ends.
struct Display<'a>(&'a dyn Watch);

impl Drop for Display<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Fills the part up to its size, however often the connection breaks, as long as something comes.
async fn fill(api: &Api<'_>, name: &Uri, url: &Url, size: u64, part: &mut Part) -> Result<(), FetchError> {
    let mut patience = Patience::new(api.settings, api.watch);
    let mut most = part.len;
    while part.len < size {
        let Err(trouble) = receive(api, url, size, part).await else { continue };
        // Where a server begins anew each time, only what goes beyond the last try is headway.
        if part.len > most {
            most = part.len;
            patience.headway();
        }
        patience.bear(trouble).await.map_err(|trouble| explain(trouble, name, api.settings))?;
    }
    Ok(())
}

/// One request: what comes is put behind what is there.
async fn receive(api: &Api<'_>, url: &Url, size: u64, part: &mut Part) -> Result<(), Trouble> {
    let mut response = api.http.bytes(url, part.len).await?;
    match response.status() {
        StatusCode::PARTIAL_CONTENT if begins_at(&response) == Some(part.len) => {}
        StatusCode::PARTIAL_CONTENT | StatusCode::RANGE_NOT_SATISFIABLE => {
            part.empty()?;
            return Err(Trouble::passing("the server sent another part of the file than was asked for"));
        }
        // All of it: the server knows no ranges.
        _ => part.empty()?,
    }
    api.watch.at(part.len);
    while let Some(bytes) = api.http.chunk(&mut response).await? {
        // One byte too many is enough for a wrong checksum; the disk need not take the rest.
        let room = size + 1 - part.len;
        let taken = usize::try_from(room).map_or(bytes.len(), |room| bytes.len().min(room));
        part.push(&bytes[..taken])?;
        api.watch.at(part.len);
        if part.len > size {
            return Ok(());
        }
    }
    if part.len < size {
        return Err(Trouble::passing(format!(
            "the connection ended at {} of {}",
            human_bytes(part.len),
            human_bytes(size)
        )));
    }
    Ok(())
}

/// Where the bytes of a partial answer begin: `bytes 100-199/200`.
fn begins_at(response: &Response) -> Option<u64> {
    let text = response.headers().get(CONTENT_RANGE)?.to_str().ok()?;
    text.trim().strip_prefix("bytes ")?.split_once('-')?.0.trim().parse().ok()
}

/// A file in the making.
#[derive(Debug)]
struct Part {
    path: PathBuf,
    file: File,
    len: u64,
}

impl Part {
    fn open(path: PathBuf) -> Result<Self, FetchError> {
        let open = || {
            let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(&path)?;
            let len = file.seek(SeekFrom::End(0))?;
            Ok((file, len))
        };
        let (file, len) = open().map_err(cannot_keep(&path))?;
        Ok(Self { path, file, len })
    }

    fn push(&mut self, bytes: &[u8]) -> Result<(), FetchError> {
        self.file.write_all(bytes).map_err(cannot_keep(&self.path))?;
        self.len += bytes.len() as u64;
        Ok(())
    }

    fn empty(&mut self) -> Result<(), FetchError> {
        let empty = |file: &mut File| file.set_len(0).and_then(|()| file.rewind());
        empty(&mut self.file).map_err(cannot_keep(&self.path))?;
        self.len = 0;
        Ok(())
    }

    /// Whether it is all of the file and nothing else.
    fn is_whole(&self, facts: &FileFacts) -> Result<bool, FetchError> {
        let fits = || Ok(self.len == facts.size && facts.digest.fits(&self.path)?);
        fits().map_err(cannot_keep(&self.path))
    }

    fn become_file(self, blob: &Path) -> Result<(), FetchError> {
        let finish = || {
            self.file.sync_all()?;
            // What was checked once is not changed by accident afterwards.
            let mut permissions = self.file.metadata()?.permissions();
            permissions.set_readonly(true);
            self.file.set_permissions(permissions)?;
            fs::rename(&self.path, blob)
        };
        finish().map_err(cannot_keep(blob))
    }
}

/// Held while a file is downloaded.
#[derive(Debug)]
struct Lock {
    path: PathBuf,
    /// `None`: this disk knows no locks. Two that download at once waste work then; the checksum sees the rest.
    file: Option<File>,
    blob: PathBuf,
}

impl Drop for Lock {
    fn drop(&mut self) {
        // Who waits for it finds the file, not the lock. After a failure it stays for who comes next.
        if self.file.is_some() && self.blob.is_file() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

async fn lock(blob: &Path, watch: &dyn Watch) -> Result<Lock, FetchError> {
    let path = blob.with_extension("lock");
    let open = || {
        fs::create_dir_all(blob.parent().unwrap_or(Path::new(".")))?;
        OpenOptions::new().create(true).truncate(false).write(true).open(&path)
    };
    let file = open().map_err(cannot_keep(&path))?;
    let mut told = false;
    let file = loop {
        match file.try_lock() {
            Ok(()) => break Some(file),
            Err(TryLockError::WouldBlock) => {
                if !told {
                    watch.note("another process is downloading this file: waiting for it");
                    told = true;
                }
                sleep(LOOK).await;
            }
            Err(TryLockError::Error(_)) => break None,
        }
    };
    Ok(Lock { path, file, blob: blob.to_owned() })
}

/// Says so before a download for which the disk has no room.
fn room_for(bytes: u64, blob: &Path) -> Result<(), FetchError> {
    let folder = blob.parent().unwrap_or(Path::new("."));
    match free_space(folder) {
        Some(free) if free < bytes.saturating_add(SPARE) => {
            let what = format!("{} are to be downloaded and {} are free", human_bytes(bytes), human_bytes(free));
            Err(cannot_keep(folder)(io::Error::other(what)))
        }
        _ => Ok(()),
    }
}

/// The bytes that may still be written to a folder's disk, where the system tells.
fn free_space(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let facts = rustix::fs::statvfs(folder).ok()?;
        facts.f_bavail.checked_mul(facts.f_frsize)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_without_room_is_told_before_anything_comes() {
        let folder = tempfile::tempdir().unwrap();
        let blob = folder.path().join("blob");
        room_for(1000, &blob).unwrap();
        if cfg!(unix) {
            let error = room_for(1 << 60, &blob).unwrap_err();
            assert!(error.message.contains("1.2 EB are to be downloaded"), "{error}");
        }
        let full = cannot_keep(&blob)(io::ErrorKind::StorageFull.into());
        assert!(full.message.contains("the disk is full"), "{full}");
    }
}
