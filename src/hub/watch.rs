//! Who is told how downloads go.

use std::fmt::Debug;

/// Is told what the hub's client does. Called from a thread of its own; one file is downloaded at a time.
pub trait Watch: Debug + Send + Sync {
    /// Something that is good to know.
    fn note(&self, message: &str);

    /// A download begins: the file's name and size in bytes, and how much of it is there already.
    fn begin(&self, name: &str, size: u64, have: u64);

    /// So much of it is there now. May be less than before, where a part was thrown away.
    fn at(&self, have: u64);

    /// The download is over, whether or not all is there.
    fn end(&self);
}
