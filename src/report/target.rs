//! Where an output goes: standard output, or a file that is either the old one or the whole new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::run::ReportError;

/// Why an output cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum TargetError {
    /// The file cannot be written.
    #[error("cannot write {path}: {source}")]
    Io {
        /// The file, or `standard output`.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// What should be written cannot be read.
    #[error(transparent)]
    Report(#[from] ReportError),
}

impl TargetError {
    /// Whether the reader of a pipe has gone, as `head` does: nothing to complain about.
    pub fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Io { source, .. } if source.kind() == io::ErrorKind::BrokenPipe)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Stdout,
    /// A regular file in a folder where new files can be made: written beside and renamed.
    Replace(PathBuf),
    /// A pipe, a device, or a file in a folder that takes no new ones.
    InPlace,
}

/// A place for an output that was found writable before anything was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    path: PathBuf,
    kind: Kind,
}

impl Target {
    /// Makes sure that an output can be written to `path`; `-` is standard output. Makes the folder it is to be in. A
    /// file that is there already stays as it is until [`Self::write`].
    ///
    /// # Errors
    /// Names the path and why it cannot be written.
    pub fn open(path: &Path) -> Result<Self, TargetError> {
        let own = ["-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"].map(Path::new);
        let kind = if own.contains(&path) { Ok(Kind::Stdout) } else { probe(path) };
        match kind {
            Ok(kind) => Ok(Self { path: path.to_owned(), kind }),
            Err(source) => Err(TargetError::Io { path: path.to_owned(), source }),
        }
    }

    /// The path as it was given.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is standard output.
    pub fn is_stdout(&self) -> bool {
        self.kind == Kind::Stdout
    }

    /// Whether two outputs would overwrite each other.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.kind, &other.kind) {
            (Kind::Replace(one), Kind::Replace(two)) => one == two,
            (Kind::Stdout, Kind::Stdout) => true,
            _ => false,
        }
    }

    /// Writes an output: `render` makes the bytes, `stdout` is where they go for `-`.
    ///
    /// # Errors
    /// Where it cannot be written; a file that was there before then still is. Or what `render` says.
    pub fn write(
        &self,
        stdout: &mut dyn Write,
        render: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>,
    ) -> Result<(), TargetError> {
        let written = match &self.kind {
            Kind::Stdout => render(stdout).and_then(|()| Ok(stdout.flush()?)),
            Kind::Replace(path) => replace(path, render),
            // Not truncated before: what a device or a shell's redirection holds is not ours to cut.
            Kind::InPlace => open_in_place(&self.path).map_err(ReportError::Write).and_then(|file| {
                let mut out = BufWriter::new(file);
                render(&mut out)?;
                Ok(out.flush()?)
            }),
        };
        written.map_err(|error| match error {
            ReportError::Write(source) => {
                let path = if self.is_stdout() { "standard output".into() } else { self.path.clone() };
                TargetError::Io { path, source }
            }
            other => TargetError::Report(other),
        })
    }
}

fn probe(path: &Path) -> io::Result<Kind> {
    if path.as_os_str().is_empty() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "the path is empty"));
    }
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Err(io::ErrorKind::IsADirectory.into()),
        Ok(found) if found.is_file() => {
            OpenOptions::new().append(true).open(path)?;
            // What a link points to is replaced, not the link.
            let path = fs::canonicalize(path)?;
            Ok(if new_file_beside(&path).is_ok() { Kind::Replace(path) } else { Kind::InPlace })
        }
        // Opening a pipe would wait for its reader, so that is left for later.
        Ok(_) => Ok(Kind::InPlace),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if path.file_name().is_none() || path.as_os_str().to_string_lossy().ends_with(['/', '\\']) {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            let folder = folder_of(path);
            fs::create_dir_all(folder)?;
            let path = fs::canonicalize(folder)?.join(path.file_name().unwrap_or_default());
            new_file_beside(&path)?;
            Ok(Kind::Replace(path))
        }
        Err(error) => Err(error),
    }
}

/// A temporary file in the folder of `path`; gone when dropped.
fn new_file_beside(path: &Path) -> io::Result<tempfile::NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".bench-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    builder.tempfile_in(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

fn replace(path: &Path, render: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>) -> Result<(), ReportError> {
    let file = new_file_beside(path)?;
    let mut out = BufWriter::with_capacity(1 << 16, file);
    render(&mut out)?;
    let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
    if let Ok(old) = fs::metadata(path) {
        file.as_file().set_permissions(old.permissions())?;
    }
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

fn open_in_place(path: &Path) -> io::Result<File> {
    let regular = fs::metadata(path).is_ok_and(|found| found.is_file());
    OpenOptions::new().write(true).truncate(regular).open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(target: &Target, text: &str) -> Result<String, TargetError> {
        let mut stdout = Vec::new();
        target.write(&mut stdout, |out| Ok(out.write_all(text.as_bytes())?))?;
        Ok(String::from_utf8(stdout).unwrap())
    }

    #[test]
    fn a_file_is_untouched_until_it_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("out.csv");
        fs::write(&path, "old").unwrap();
        let target = Target::open(&path).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        let failed = target.write(&mut Vec::new(), |out| {
            out.write_all(b"half")?;
            Err(ReportError::Write(io::ErrorKind::StorageFull.into()))
        });
        assert!(failed.unwrap_err().to_string().contains("out.csv"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "old");
        assert_eq!(write(&target, "new").unwrap(), "");
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn the_folder_is_made_and_a_wrong_place_is_named() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/er/out.csv");
        let target = Target::open(&path).unwrap();
        assert!(!path.exists());
        write(&target, "new").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
        for wrong in [dir.path().to_owned(), path.join("below-a-file"), dir.path().join("none/"), PathBuf::new()] {
            let error = Target::open(&wrong).unwrap_err();
            assert!(error.to_string().starts_with(&format!("cannot write {}: ", wrong.display())), "{error}");
        }
        assert!(target.is_same(&Target::open(&dir.path().join("deep/../deep/er/out.csv")).unwrap()));
        assert!(!target.is_same(&Target::open(&dir.path().join("other.csv")).unwrap()));
    }

    #[test]
    fn a_dash_is_standard_output() {
        let target = Target::open(Path::new("-")).unwrap();
        assert!(target.is_stdout());
        assert_eq!(write(&target, "data").unwrap(), "data");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn links_and_devices_are_written_through() {
        let dir = tempfile::tempdir().unwrap();
        let (file, link) = (dir.path().join("file"), dir.path().join("link"));
        fs::write(&file, "old").unwrap();
        std::os::unix::fs::symlink(&file, &link).unwrap();
        write(&Target::open(&link).unwrap(), "new").unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");

        write(&Target::open(Path::new("/dev/null")).unwrap(), "gone").unwrap();
        let full = Target::open(Path::new("/dev/full")).unwrap();
        assert!(write(&full, "too much").unwrap_err().to_string().starts_with("cannot write /dev/full: "));
    }
}
