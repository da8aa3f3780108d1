//! Local images and PDFs in a prompt become data URLs, and the files that `files` names become variables.
//!
//! A path is relative to the suite's folder and may lead out of it: a suite can read any file its user can. What a file
//! is, its first bytes say, not its name: attached are only images and PDFs, a variable is made of any other text.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::template::TemplateError;

/// A file larger than this is refused: endpoints refuse it too, after it was sent.
const MAX_BYTES: u64 = 20 << 20;

/// A text file that becomes a variable may not be larger than this: no model takes as much.
const MAX_TEXT: u64 = 16 << 20;

/// The content of files is kept up to this many bytes in all, so that each is read once a run.
const MAX_KEPT: usize = 64 << 20;

/// Where in a message a file is attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slot {
    /// `image_url.url`.
    Image,
    /// `file.file_data`.
    File,
}

/// Reads the files that prompts attach.
#[derive(Debug, Default)]
pub(super) struct Attachments {
    folder: PathBuf,
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    /// What checking said, by path and whether an image is wanted.
    checked: HashMap<(String, bool), Result<(), TemplateError>>,
    read: HashMap<String, Arc<str>>,
    bytes: usize,
}

impl Attachments {
    /// Paths are relative to this folder.
    pub(super) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), kept: Mutex::default() }
    }

    /// The data URL of a file; a URL stays as it is.
    ///
    /// # Errors
    /// The file is not there, cannot be read, is too large or of an unknown kind.
    pub(super) fn data_url(&self, path: &str, slot: Slot) -> Result<Arc<str>, TemplateError> {
        if is_url(path) {
            return Ok(path.into());
        }
        if let Some(url) = self.lock().read.get(path) {
            return Ok(Arc::clone(url));
        }
        let (mut file, mime) = self.open(path, slot)?;
        let mut bytes = Vec::new();
        let read = Read::by_ref(&mut file).take(MAX_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(path, &error))?;
        if bytes.len() as u64 > MAX_BYTES {
            return Err(too_large(path));
        }
        let url: Arc<str> = format!("data:{mime};base64,{}", STANDARD.encode(&bytes)).into();
        let mut kept = self.lock();
        if kept.bytes + url.len() <= MAX_KEPT {
            kept.bytes += url.len();
            kept.read.insert(path.to_owned(), Arc::clone(&url));
        }
        Ok(url)
    }

    /// Whether [`Attachments::data_url`] would succeed, without reading the whole file.
    ///
    /// # Errors
    /// As there.
    pub(super) fn check(&self, path: &str, slot: Slot) -> Result<(), TemplateError> {
        if is_url(path) {
            return Ok(());
        }
        let key = (path.to_owned(), slot == Slot::Image);
        if let Some(known) = self.lock().checked.get(&key) {
            return known.clone();
        }
        let result = self.open(path, slot).map(|_| ());
        self.lock().checked.insert(key, result.clone());
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a file at its start and tells its media type.
    fn open(&self, path: &str, slot: Slot) -> Result<(File, &'static str), TemplateError> {
        if path.trim().is_empty() {
            return Err(problem("no file is named".to_owned(), "write a URL or the path of an image or PDF"));
        }
        let (file, mime) = open(&self.folder, path)?;
        let mime = mime.ok_or_else(|| {
            problem(format!("`{path}` is no PNG, JPEG, GIF, WebP or PDF by its content"), "only these are attached")
        })?;
        if slot == Slot::Image && mime == "application/pdf" {
            let hint = "write `{ type: file, file: { file_data: ... } }`";
            return Err(problem(format!("`{path}` is a PDF, not an image"), hint));
        }
        Ok((file, mime))
    }
}

/// Opens a file at its start and tells its media type, where it is one that is attached.
fn open(folder: &Path, path: &str) -> Result<(File, Option<&'static str>), TemplateError> {
    let full = folder.join(path);
    // Looked at before it is opened: opening a pipe waits for its writer.
    let metadata = std::fs::metadata(&full).map_err(|error| unreadable(path, &error))?;
    if !metadata.is_file() {
        return Err(problem(format!("`{path}` is not a file"), ""));
    }
    if metadata.len() > MAX_BYTES {
        return Err(too_large(path));
    }
    let mut file = File::open(&full).map_err(|error| unreadable(path, &error))?;
    let mut head = [0; 16];
    let mut length = 0;
    while length < head.len() {
        match file.read(&mut head[length..]).map_err(|error| unreadable(path, &error))? {
            0 => break,
            n => length += n,
        }
    }
    std::io::Seek::rewind(&mut file).map_err(|error| unreadable(path, &error))?;
    Ok((file, media_type(&head[..length])))
}

/// The text of a file that becomes a variable; `None` for an image or a PDF, which prompts attach by its path.
///
/// # Errors
/// The file is not there, cannot be read, is too large, or is neither text in UTF-8 nor an image or PDF.
pub(super) fn text_of(folder: &Path, path: &str) -> Result<Option<String>, TemplateError> {
    if path.trim().is_empty() {
        return Err(problem("no file is named".to_owned(), "write the path of a text, an image or a PDF"));
    }
    if is_url(path) {
        return Err(problem(format!("`{path}` is a URL"), "`files` reads files on this machine"));
    }
    let (mut file, mime) = open(folder, path)?;
    if mime.is_some() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    let read = Read::by_ref(&mut file).take(MAX_TEXT + 1).read_to_end(&mut bytes);
    read.map_err(|error| unreadable(path, &error))?;
    if bytes.len() as u64 > MAX_TEXT {
        let message = format!("`{path}` is larger than the {} MB a text may have", MAX_TEXT >> 20);
        return Err(problem(message, "use a smaller file, or a part of it"));
    }
    let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let text = String::from_utf8(bytes).map_err(|error| {
        let what = if is_utf16 { "UTF-16".to_owned() } else { not_text(&error) };
        problem(format!("`{path}` is {what}"), "a variable is made of texts in UTF-8, images and PDFs")
    })?;
    Ok(Some(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)))
}

fn not_text(error: &std::string::FromUtf8Error) -> String {
    format!("not UTF-8 at byte {}, and no image or PDF by its content", error.utf8_error().valid_up_to() + 1)
}

/// The file name of a path, for a part that names none.
pub(super) fn file_name(path: &str) -> Option<String> {
    Path::new(path).file_name().map(|name| name.to_string_lossy().into_owned())
}

/// Whether a text is a URL of any kind, and so none of our business.
pub(super) fn is_url(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme && (rest.starts_with("//") || scheme.eq_ignore_ascii_case("data"))
}

/// The media type of a file that begins so, if it is one that is attached.
pub(super) fn media_type(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', ..] => Some("image/png"),
        [0xff, 0xd8, 0xff, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', ..] => Some("image/gif"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        _ => None,
    }
}

fn problem(message: String, hint: &str) -> TemplateError {
    TemplateError { message, range: None, hint: Some(hint.to_owned()).filter(|hint| !hint.is_empty()) }
}

fn too_large(path: &str) -> TemplateError {
    problem(format!("`{path}` is larger than {} MB", MAX_BYTES >> 20), "use a smaller file, or a URL")
}

fn unreadable(path: &str, error: &std::io::Error) -> TemplateError {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            problem(format!("there is no file `{path}`"), "paths are relative to the suite file")
        }
        _ => problem(format!("cannot read `{path}`: {error}"), ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_told_from_paths() {
        for url in ["https://a/b.png", "http://a", "data:image/png;base64,AA", "DATA:x", "gs://bucket/x"] {
            assert!(is_url(url), "{url}");
        }
        for path in ["a.png", "./a:b.png", "c:/a.png", "/a/b", "data/x.png", "{{ x }}", ""] {
            assert!(!is_url(path), "{path}");
        }
    }

    #[test]
    fn files_are_taken_by_their_content_not_their_name() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a.jpg"), b"\x89PNG\r\n\x1a\nrest").unwrap();
        std::fs::write(folder.path().join("key.png"), b"-----BEGIN KEY").unwrap();
        std::fs::write(folder.path().join("a.pdf"), b"%PDF-1.7").unwrap();
        let files = Attachments::new(folder.path());
        assert!(files.data_url("a.jpg", Slot::Image).unwrap().starts_with("data:image/png;base64,iVBORw0K"));
        assert!(files.data_url("key.png", Slot::File).unwrap_err().message.contains("by its content"));
        assert!(files.check("a.pdf", Slot::Image).unwrap_err().message.contains("not an image"));
        assert!(files.check("a.pdf", Slot::File).is_ok());
        assert!(files.check("none.png", Slot::Image).unwrap_err().message.contains("no file `none.png`"));
        assert!(files.check(".", Slot::Image).unwrap_err().message.contains("not a file"));
        assert_eq!(&*files.data_url("https://a/b.png", Slot::Image).unwrap(), "https://a/b.png");
    }

    #[test]
    fn a_text_becomes_a_variable_and_an_image_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
        write("a.txt", "\u{feff}é\n".as_bytes());
        write("b.png", b"text that is called an image");
        write("c.txt", b"%PDF-1.7");
        write("d.txt", b"caf\xe9");
        write("e.txt", b"\xff\xfea\0");
        let text = |path: &str| text_of(folder.path(), path).map_err(|error| error.message);
        assert_eq!(text("a.txt"), Ok(Some("é\n".to_owned())));
        assert_eq!(text("b.png"), Ok(Some("text that is called an image".to_owned())));
        assert_eq!(text("c.txt"), Ok(None));
        assert!(text("d.txt").unwrap_err().contains("`d.txt` is not UTF-8 at byte 4"));
        assert!(text("e.txt").unwrap_err().contains("UTF-16"));
        assert!(text("https://a/b.txt").unwrap_err().contains("URL"));
        assert!(text("f.txt").unwrap_err().contains("there is no file `f.txt`"));
        assert!(text(" ").unwrap_err().contains("no file is named"));
        File::create(folder.path().join("big.txt")).unwrap().set_len(MAX_TEXT + 1).unwrap();
        assert!(text("big.txt").unwrap_err().contains("16 MB"));
    }

    #[test]
    fn a_file_too_large_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = File::create(folder.path().join("big.png")).unwrap();
        file.set_len(MAX_BYTES + 1).unwrap();
        let files = Attachments::new(folder.path());
        assert!(files.check("big.png", Slot::Image).unwrap_err().message.contains("20 MB"));
    }
}
