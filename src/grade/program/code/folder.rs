//! The temporary folder of one run: watched while the program fills it, and removed whatever is in it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

#[cfg(target_os = "linux")]
use rand::RngExt;
use tempfile::TempDir;

/// Entries that a program may make.
const MOST_ENTRIES: usize = 10_000;
/// A path longer than this is of a nest that only grows to be in the way.
const LONGEST_PATH: usize = 2_000;

/// A folder of its own, removed when dropped.
#[derive(Debug)]
pub(super) struct Folder {
    path: PathBuf,
    /// Removes what is left, which is an empty folder.
    root: TempDir,
}

impl Folder {
    /// Makes one.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn new() -> io::Result<Self> {
        let root = tempfile::Builder::new().prefix("bench-code-").tempdir()?;
        // Without links, as the sandbox compares the folder itself.
        let path = fs::canonicalize(root.path())?;
        Ok(Self { path, root })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Gives it to a user who owns nothing else, whose number it hands back. `None` where that is not in the power of
    /// this process, which is then not root.
    pub(super) fn give_away(&self) -> Option<u32> {
        // Far from those that systems give to people and services.
        #[cfg(target_os = "linux")]
        {
            let user = rand::rng().random_range(1_900_000_000..2_000_000_000);
            std::os::unix::fs::chown(&self.path, Some(user), Some(user)).ok().map(|()| user)
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// Whether it holds more than this many bytes, or more files than anybody needs.
    pub(super) fn is_over(&self, most: u64) -> bool {
        let (mut bytes, mut entries) = (0, 0);
        let mut open = vec![self.path.clone()];
        while let Some(folder) = open.pop() {
            if folder.as_os_str().len() > LONGEST_PATH {
                return true;
            }
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                entries += 1;
                let Ok(facts) = entry.metadata() else { continue };
                bytes += facts.len();
                if bytes > most || entries > MOST_ENTRIES {
                    return true;
                }
                if facts.is_dir() {
                    open.push(entry.path());
                }
            }
        }
        false
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // What cannot be removed stays in the system's folder for such things.
        let _ = empty(self.root.path());
    }
}

/// Empties a folder without following its depth, which may be more than a stack or a path can hold: folders inside
/// folders are moved up, so that every path stays short.
fn empty(root: &Path) -> io::Result<()> {
    let mut moved = 0_u64;
    loop {
        let mut found = false;
        for entry in fs::read_dir(root)?.flatten() {
            found = true;
            let path = entry.path();
            if !entry.file_type()?.is_dir() {
                fs::remove_file(path)?;
                continue;
            }
            open_up(&path)?;
            for inner in fs::read_dir(&path)?.flatten() {
                if inner.file_type()?.is_dir() {
                    open_up(&inner.path())?;
                    fs::rename(inner.path(), root.join(format!("bench-moved-{moved}")))?;
                    moved += 1;
                } else {
                    fs::remove_file(inner.path())?;
                }
            }
            fs::remove_dir(path)?;
        }
        if !found {
            return Ok(());
        }
    }
}

/// A folder may have been made without the right to look into it.
fn open_up(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_goes_with_all_that_is_in_it_however_deep() {
        let folder = Folder::new().unwrap();
        let path = folder.path().to_owned();
        fs::write(path.join("file"), "x").unwrap();
        // Deeper than a path can name: each level is moved into the next.
        let (inner, outer) = (path.join("inner"), path.join("outer"));
        fs::create_dir(&inner).unwrap();
        for _ in 0..5_000 {
            fs::create_dir(&outer).unwrap();
            fs::rename(&inner, outer.join("d")).unwrap();
            fs::rename(&outer, &inner).unwrap();
        }
        assert!(folder.is_over(1_000_000), "a nest without end is too much");
        drop(folder);
        assert!(!path.exists());
    }

    #[test]
    fn much_in_a_folder_is_noticed() {
        let folder = Folder::new().unwrap();
        assert!(!folder.is_over(1_000_000));
        fs::write(folder.path().join("a"), vec![0; 600_000]).unwrap();
        assert!(!folder.is_over(1_000_000));
        fs::create_dir(folder.path().join("d")).unwrap();
        fs::write(folder.path().join("d/b"), vec![0; 600_000]).unwrap();
        assert!(folder.is_over(1_000_000));
    }
}
