//! Appends records, durable in groups, on a thread of its own.

/// Why the journal cannot be written any more. What is on disk is whole up to the last complete line.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct WriterError {
    /// The path and the cause.
    pub message: String,
}

/// The writing end of a journal.
#[derive(Debug)]
pub struct Writer {}
