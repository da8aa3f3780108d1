//! A run's folder: made, locked, found again.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

/// Why a run's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// Reading or writing failed.
    #[error("cannot use {path}: {source}")]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder already holds a run and `--resume` was not given.
    #[error("{0} already holds a run")]
    Exists(PathBuf),
    /// Another process is writing there.
    #[error("{0} is in use by another bench")]
    Locked(PathBuf),
    /// There is no run there.
    #[error("{0} holds no run")]
    NotARun(PathBuf),
}

impl FolderError {
    /// Wraps an I/O error with the path it happened at.
    pub(super) fn at(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Io { path, source }
    }
}

/// A run's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFolder {
    path: PathBuf,
}

/// A run's folder that nobody else can write to, until this is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct Locked {
    folder: RunFolder,
    /// Holds the lock.
    _lock: File,
}

impl Locked {
    /// The folder.
    pub fn folder(&self) -> &RunFolder {
        &self.folder
    }
}

impl RunFolder {
    /// A folder at this path; nothing is touched.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// `run.json`.
    pub fn manifest(&self) -> PathBuf {
        self.path.join("run.json")
    }

    /// `journal.jsonl`.
    pub fn journal(&self) -> PathBuf {
        self.path.join("journal.jsonl")
    }

    /// The lock has a file of its own: where locks are mandatory, a locked journal could not be read by a report.
    fn lock_file(&self) -> PathBuf {
        self.path.join(".lock")
    }

    /// Makes the folder for a new run, its parents too, and locks it.
    ///
    /// # Errors
    /// [`FolderError::Exists`] where it holds a run, [`FolderError::Locked`] where another process has it.
    pub fn create(path: impl Into<PathBuf>) -> Result<Locked, FolderError> {
        let folder = Self::at(path);
        fs::create_dir_all(&folder.path).map_err(FolderError::at(&folder.path))?;
        let locked = folder.lock()?;
        let folder = &locked.folder;
        if folder.manifest().exists() || folder.journal().exists() {
            return Err(FolderError::Exists(folder.path.clone()));
        }
        File::create_new(folder.journal()).map_err(FolderError::at(&folder.journal()))?;
        sync_dir(&folder.path).map_err(FolderError::at(&folder.path))?;
        Ok(locked)
    }

    /// Makes and locks a folder of its own for a run below `root`, named by [`Self::fresh_name`], with `-2`, `-3` … at
    /// its end where runs of one suite start within the same second.
    ///
    /// # Errors
    /// Where it cannot be made.
    pub fn create_fresh(root: &Path, suite: &str, started: Timestamp) -> Result<Locked, FolderError> {
        fs::create_dir_all(root).map_err(FolderError::at(root))?;
        let name = Self::fresh_name(suite, started);
        let mut n = 1_u32;
        loop {
            let path = root.join(if n == 1 { name.clone() } else { format!("{name}-{n}") });
            // Making the folder decides who has the name, so two processes never share one.
            match fs::create_dir(&path) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => n += 1,
                Err(error) => return Err(FolderError::Io { path, source: error }),
                Ok(()) => return Self::create(path),
            }
        }
    }

    /// Locks the folder of a run that is taken up again, and cuts off a line that a crash left half-written.
    ///
    /// # Errors
    /// [`FolderError::NotARun`] without a manifest, [`FolderError::Locked`] where another process has it.
    pub fn reopen(path: impl Into<PathBuf>) -> Result<Locked, FolderError> {
        let folder = Self::at(path);
        if !folder.manifest().is_file() {
            return Err(FolderError::NotARun(folder.path));
        }
        let locked = folder.lock()?;
        let path = locked.folder.journal();
        let journal = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path);
        journal.and_then(|journal| cut_torn_tail(&journal)).map_err(FolderError::at(&path))?;
        Ok(locked)
    }

    /// Whether a process is writing to the run now.
    pub fn is_running(&self) -> bool {
        let lock = File::open(self.lock_file());
        lock.is_ok_and(|lock| matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }

    fn lock(self) -> Result<Locked, FolderError> {
        let path = self.lock_file();
        let lock = OpenOptions::new().write(true).create(true).truncate(false).open(&path);
        let lock = lock.map_err(FolderError::at(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            // A file system without locks: better a run without one than none.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::WouldBlock) => return Err(FolderError::Locked(self.path)),
            Err(TryLockError::Error(source)) => return Err(FolderError::Io { path, source }),
        }
        Ok(Locked { folder: self, _lock: lock })
    }

    /// The name of a new run's folder: `support-triage-20261121T120026Z`. What a suite calls itself may be anything, so
    /// only letters, digits, `_` and inner `-` and `.` are kept of it, at most 80 bytes.
    pub fn fresh_name(suite: &str, started: Timestamp) -> String {
        let mut slug = String::new();
        for c in suite.chars() {
            let kept = if c.is_alphanumeric() || c == '_' {
                c
            } else if c == '.' {
                '.'
            } else {
                '-'
            };
            let doubled = !kept.is_alphanumeric() && kept != '_' && slug.ends_with(['-', '.']);
            if slug.len() + kept.len_utf8() > 80 {
                break;
            }
            if !doubled {
                slug.push(kept);
            }
        }
        let slug = slug.trim_matches(['-', '.']);
        let slug = if slug.is_empty() { "suite" } else { slug };
        format!("{slug}-{}", started.strftime(STAMP))
    }

    /// The run that was started last of those in `root`, `bench-runs/` as a rule. A folder whose name has no time in it
    /// counts by the time its manifest was written.
    pub fn last(root: &Path) -> Option<Self> {
        Self::last_named(root, |_| true)
    }

    /// As [`Self::last`], of the runs of one suite. A folder that a user named counts by the suite in its manifest.
    pub fn last_of(root: &Path, suite: &str) -> Option<Self> {
        #[derive(serde::Deserialize)]
        struct Slim {
            suite: String,
        }
        Self::last_named(root, |folder| {
            let manifest = File::open(folder.manifest()).map(io::BufReader::new);
            manifest.is_ok_and(|file| serde_json::from_reader(file).is_ok_and(|slim: Slim| slim.suite == suite))
        })
    }

    fn last_named(root: &Path, is_meant: impl Fn(&Self) -> bool) -> Option<Self> {
        let runs = fs::read_dir(root).ok()?.filter_map(Result::ok).filter_map(|entry| {
            let folder = Self::at(entry.path());
            let manifest = fs::metadata(folder.manifest()).ok().filter(fs::Metadata::is_file)?;
            let written = || Timestamp::try_from(manifest.modified().ok()?).ok();
            let started = started_by_name(&entry.file_name().to_string_lossy());
            Some((started.or_else(|| Some((written()?, 1)))?, folder))
        });
        let mut runs: Vec<_> = runs.collect();
        // Newest first, so that few manifests are read.
        runs.sort_by(|(a, x), (b, y)| b.cmp(a).then_with(|| y.path.cmp(&x.path)));
        runs.into_iter().map(|(_, folder)| folder).find(is_meant)
    }
}

const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// When a run was started and the how-manieth within that second it was, by the name of its folder.
fn started_by_name(name: &str) -> Option<(Timestamp, u32)> {
    let stamp_of = |text: &str| {
        let civil = jiff::civil::DateTime::strptime(STAMP, text).ok()?;
        civil.to_zoned(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    };
    let (head, tail) = name.rsplit_once('-')?;
    if let Some(stamp) = stamp_of(tail) {
        return Some((stamp, 1));
    }
    Some((stamp_of(head.rsplit_once('-')?.1)?, tail.parse().ok()?))
}

/// Cuts the file after its last line break: what follows is a line that was never finished.
fn cut_torn_tail(mut file: &File) -> io::Result<()> {
    let len = file.seek(SeekFrom::End(0))?;
    let mut end = len;
    let mut block = vec![0; 64 << 10];
    while end > 0 {
        let start = end.saturating_sub(block.len() as u64);
        let block = &mut block[..usize::try_from(end - start).unwrap_or(0)];
        file.seek(SeekFrom::Start(start))?;
        file.read_exact(block)?;
        if let Some(at) = block.iter().rposition(|&b| b == b'\n') {
            end = start + at as u64 + 1;
            break;
        }
        end = start;
    }
    if end < len {
        file.set_len(end)?;
        file.sync_all()?;
    }
    Ok(())
}

/// Makes the names in a folder durable, where the system knows such a thing.
pub(super) fn sync_dir(path: &Path) -> io::Result<()> {
    if cfg!(unix) {
        // A relative path of one component has an empty parent, which is the current folder.
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        match File::open(path)?.sync_all() {
            // Some network file systems cannot sync a folder.
            Err(error) if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) => Ok(()),
            done => done,
        }
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_folder_is_named_after_its_suite_and_start() {
        let at = stamp("2026-11-21T12:00:26.9Z");
        for (suite, want) in [
            ("support-triage", "support-triage-20261121T120026Z"),
            ("Reasoning: v1.2 (hard)", "Reasoning-v1.2-hard-20261121T120026Z"),
            ("../../etc/passwd", "etc-passwd-20261121T120026Z"),
            ("..", "suite-20261121T120026Z"),
            ("", "suite-20261121T120026Z"),
            ("a\0b\n\u{202e}c", "a-b-c-20261121T120026Z"),
            ("-rf", "rf-20261121T120026Z"),
            ("日本語", "日本語-20261121T120026Z"),
        ] {
            assert_eq!(RunFolder::fresh_name(suite, at), want, "{suite:?}");
        }
        assert!(RunFolder::fresh_name(&"ß".repeat(5000), at).len() < 120);
    }

    #[test]
    fn two_runs_cannot_share_a_folder() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/run");
        let first = RunFolder::create(&path).unwrap();
        assert!(first.folder().is_running());
        assert!(matches!(RunFolder::create(&path), Err(FolderError::Locked(_))));
        fs::write(first.folder().manifest(), "{}").unwrap();
        assert!(matches!(RunFolder::reopen(&path), Err(FolderError::Locked(_))));
        drop(first);
        assert!(!RunFolder::at(&path).is_running());
        assert!(matches!(RunFolder::create(&path), Err(FolderError::Exists(_))));
        assert!(RunFolder::reopen(&path).is_ok());
        assert!(matches!(RunFolder::reopen(dir.path()), Err(FolderError::NotARun(_))));
        assert!(!dir.path().join(".lock").exists());
    }

    #[test]
    fn reopening_cuts_a_torn_tail_and_nothing_else() {
        for (before, after) in [
            ("", ""),
            ("torn", ""),
            ("a\nb\n", "a\nb\n"),
            ("a\nb", "a\n"),
            (&*format!("a\n{}", "x".repeat(200_000)), "a\n"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let run = RunFolder::at(dir.path());
            fs::write(run.manifest(), "{}").unwrap();
            fs::write(run.journal(), before).unwrap();
            drop(RunFolder::reopen(dir.path()).unwrap());
            assert_eq!(fs::read_to_string(run.journal()).unwrap(), after);
        }
    }

    #[test]
    fn the_last_run_is_the_one_started_last() {
        let root = tempfile::tempdir().unwrap();
        assert_eq!(RunFolder::last(root.path()), None);
        assert_eq!(RunFolder::last(&root.path().join("none")), None);
        let start = |suite: &str, at: &str| {
            let locked = RunFolder::create_fresh(root.path(), suite, stamp(at)).unwrap();
            fs::write(locked.folder().manifest(), "{}").unwrap();
            locked.folder().path().file_name().unwrap().to_str().unwrap().to_owned()
        };
        start("zebra", "2026-11-21T12:00:00Z");
        let names: Vec<String> = (0..11).map(|_| start("ant", "2026-11-21T12:00:01Z")).collect();
        assert_eq!(names[1], "ant-20261121T120001Z-2");
        fs::create_dir(root.path().join("yak-20991231T000000Z")).unwrap();
        let last = RunFolder::last(root.path()).unwrap();
        assert_eq!(last.path(), root.path().join("ant-20261121T120001Z-11"));
    }
}
