//! Appends records, durable in groups, on threads of its own.
//!
//! In: lines, made by the tasks whose cells ended. One thread writes whatever is waiting with one call, so that a killed
//! process loses nothing but what was handed over in that instant; another asks the disk to keep it, so that a slow disk
//! does not hold up the writing. What waits is bounded in bytes: past that, tasks wait.

use std::fs::{File, OpenOptions};
use std::future::{Future, pending};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, SyncSender, TryRecvError, channel, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::folder::Locked;
use super::record::CellRecord;

/// How often the disk is asked to keep what was written.
const SYNC_EVERY: Duration = Duration::from_millis(200);
/// What may wait to be written, in units of [`UNIT`] bytes: 16 MiB.
const ROOM: u32 = 16 << 10;
const UNIT: usize = 1 << 10;
/// How long lines gather after a write, before the next one.
const GATHER: Duration = Duration::from_millis(2);
/// At most about this many bytes are written with one call.
const GROUP: usize = 1 << 20;

/// Why the journal cannot be written any more. What is on disk is whole up to the last complete line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WriterError {
    /// The path and the cause.
    pub message: String,
}

/// What a journal is written to. The file, or something that fails in a test.
pub(super) trait Medium: Send + Sync + 'static {
    /// Appends some of the bytes, and tells how many.
    fn append(&self, bytes: &[u8]) -> io::Result<usize>;
    /// Makes what was appended durable.
    fn sync(&self) -> io::Result<()>;
    /// Cuts everything after the first `len` bytes.
    fn truncate(&self, len: u64) -> io::Result<()>;
}

impl Medium for File {
    fn append(&self, bytes: &[u8]) -> io::Result<usize> {
        (&mut &*self).write(bytes)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

enum Message {
    Line(Vec<u8>, OwnedSemaphorePermit),
    Close,
}

#[derive(Debug)]
struct Shared {
    name: String,
    room: Arc<Semaphore>,
    /// The first thing that went wrong; it stays.
    failure: watch::Sender<Option<WriterError>>,
}

impl Shared {
    fn fail(&self, error: &io::Error) {
        let failure = WriterError { message: format!("cannot write {}: {error}", self.name) };
        self.failure.send_if_modified(|slot| slot.is_none() && slot.replace(failure).is_none());
        self.room.close();
    }

    fn failure(&self) -> Option<WriterError> {
        self.failure.borrow().clone()
    }
}

/// The end of the journal that a cell's task holds. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Appender {
    queue: Sender<Message>,
    shared: Arc<Shared>,
}

impl Appender {
    /// Hands a record over. It is written at once and durable within a fraction of a second; waits while much is
    /// waiting to be written.
    ///
    /// # Errors
    /// What made the journal fail, now or earlier; or that it has been closed.
    pub async fn append(&self, record: &CellRecord) -> Result<(), WriterError> {
        let mut line = Vec::with_capacity(1 << 10);
        record.to_line(&mut line).map_err(|error| self.error(&error))?;
        self.append_line(line).await
    }

    /// The same for a line made by [`CellRecord::to_line`].
    ///
    /// # Errors
    /// As [`Self::append`].
    pub async fn append_line(&self, line: Vec<u8>) -> Result<(), WriterError> {
        // A line larger than the whole room takes all of it.
        let units = u32::try_from(line.len() / UNIT + 1).unwrap_or(ROOM).min(ROOM);
        let room = self.shared.room.clone().acquire_many_owned(units).await.map_err(|_| self.closed())?;
        self.queue.send(Message::Line(line, room)).map_err(|_| self.closed())
    }

    fn closed(&self) -> WriterError {
        self.shared.failure().unwrap_or_else(|| self.error(&"it has been closed"))
    }

    fn error(&self, cause: &dyn std::fmt::Display) -> WriterError {
        WriterError { message: format!("cannot write {}: {cause}", self.shared.name) }
    }
}

/// The writing end of a journal.
#[derive(Debug)]
pub struct Writer {
    appender: Appender,
    running: Option<(JoinHandle<()>, oneshot::Receiver<()>)>,
}

impl Writer {
    /// Opens a run's journal to be appended to.
    ///
    /// # Errors
    /// Where it cannot be opened, or the threads cannot be started.
    pub fn open(run: &Locked) -> Result<Self, WriterError> {
        let path = run.folder().journal();
        let name = path.display().to_string();
        let open = || {
            let file = OpenOptions::new().append(true).create(true).open(&path)?;
            let len = file.metadata()?.len();
            Self::start(name.clone(), Arc::new(file), len)
        };
        open().map_err(|error| WriterError { message: format!("cannot write {name}: {error}") })
    }

    fn start(name: String, medium: Arc<dyn Medium>, len: u64) -> io::Result<Self> {
        let shared =
            Arc::new(Shared { name, room: Arc::new(Semaphore::new(ROOM as usize)), failure: watch::Sender::new(None) });
        let (queue, waiting) = channel();
        let (done, finished) = oneshot::channel();
        let thread = std::thread::Builder::new().name("journal".into()).spawn({
            let shared = shared.clone();
            move || {
                write_all(&medium, len, &waiting, &shared);
                // Nobody listens where the writer was dropped.
                let _ = done.send(());
            }
        })?;
        Ok(Self { appender: Appender { queue, shared }, running: Some((thread, finished)) })
    }

    /// The end for cells' tasks.
    pub fn appender(&self) -> Appender {
        self.appender.clone()
    }

    /// Hands a record over; see [`Appender::append`].
    ///
    /// # Errors
    /// As [`Appender::append`].
    pub async fn append(&self, record: &CellRecord) -> Result<(), WriterError> {
        self.appender.append(record).await
    }

    /// Resolves when the journal cannot be written any more, else never.
    pub fn failed(&self) -> impl Future<Output = WriterError> + Send + use<> {
        let mut failure = self.appender.shared.failure.subscribe();
        async move {
            let failed = failure.wait_for(Option::is_some).await.ok().and_then(|failure| failure.clone());
            match failed {
                Some(failure) => failure,
                None => pending().await,
            }
        }
    }

    /// Writes what is waiting, makes all of it durable and ends. Records handed over from now on are refused.
    ///
    /// # Errors
    /// What made the journal fail, now or earlier.
    pub async fn close(mut self) -> Result<(), WriterError> {
        self.ask_to_end();
        if let Some((thread, finished)) = self.running.take() {
            let ended = finished.await;
            // The thread has nothing left to do, so this does not block.
            if ended.is_err() || thread.join().is_err() {
                return Err(self.appender.error(&"its thread died"));
            }
        }
        self.appender.shared.failure().map_or(Ok(()), Err)
    }

    fn ask_to_end(&self) {
        self.appender.shared.room.close();
        // Already ended where nobody receives.
        let _ = self.appender.queue.send(Message::Close);
    }
}

/// Without [`Writer::close`] (a panic on the way) what was handed over still reaches the disk.
impl Drop for Writer {
    fn drop(&mut self) {
        if let Some((thread, _)) = self.running.take() {
            self.ask_to_end();
            // A panic of the thread has been reported by it.
            let _ = thread.join();
        }
    }
}

/// The writing thread: everything that is handed over until it is asked to end.
fn write_all(medium: &Arc<dyn Medium>, mut len: u64, waiting: &Receiver<Message>, shared: &Arc<Shared>) {
    let (dirty, stop, syncing) = start_syncing(medium, shared);
    let mut group = Vec::new();
    let mut room = Vec::new();
    let mut open = true;
    while open {
        let mut next = waiting.recv().map_err(|_| TryRecvError::Disconnected);
        loop {
            match next {
                Ok(Message::Line(line, permit)) => {
                    group.extend_from_slice(&line);
                    room.push(permit);
                }
                Err(TryRecvError::Empty) => break,
                Ok(Message::Close) | Err(TryRecvError::Disconnected) => open = false,
            }
            if group.len() >= GROUP || !open {
                break;
            }
            next = waiting.try_recv();
        }
        if !open {
            // Handed over by tasks that had got room before the end was asked for.
            for message in waiting.try_iter() {
                if let Message::Line(line, _) = message {
                    group.extend_from_slice(&line);
                }
            }
        }
        if shared.failure().is_none() {
            match append(&**medium, &group, &mut len) {
                // A full channel: the other thread knows already.
                Ok(()) => drop(dirty.try_send(())),
                Err(error) => shared.fail(&error),
            }
        }
        group.clear();
        group.shrink_to(GROUP);
        room.clear();
        if open {
            // What comes within this moment goes with one call, and wakes nobody: under load that is most of the cost.
            std::thread::sleep(GATHER);
        }
    }
    drop((dirty, stop));
    if let Some(syncing) = syncing
        && syncing.join().is_err()
    {
        shared.fail(&io::Error::other("its thread died"));
    }
    if let Err(error) = medium.sync() {
        shared.fail(&error);
    }
}

/// Starts the thread that makes what was written durable. It ends when both senders are dropped.
fn start_syncing(
    medium: &Arc<dyn Medium>,
    shared: &Arc<Shared>,
) -> (SyncSender<()>, Sender<()>, Option<JoinHandle<()>>) {
    let (dirty, written) = sync_channel(1);
    let (stop, stopped) = channel();
    let (medium, shared_too) = (medium.clone(), shared.clone());
    let thread = std::thread::Builder::new().name("journal-sync".into()).spawn(move || {
        while written.recv().is_ok() {
            if let Err(error) = medium.sync() {
                return shared_too.fail(&error);
            }
            if stopped.recv_timeout(SYNC_EVERY) != Err(RecvTimeoutError::Timeout) {
                return;
            }
        }
    });
    // Without it everything still becomes durable at the end.
    (
        dirty,
        stop,
        thread.inspect_err(|error| tracing::warn!(%error, "the journal is made durable only at its end")).ok(),
    )
}

/// Appends whole lines. After a short write what is left of the line is cut off again.
fn append(medium: &dyn Medium, group: &[u8], len: &mut u64) -> io::Result<()> {
    let mut written = 0;
    while written < group.len() {
        let failed = match medium.append(&group[written..]) {
            Ok(0) => io::Error::from(io::ErrorKind::WriteZero),
            Ok(n) => {
                written += n;
                continue;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => error,
        };
        let whole = group[..written].iter().rposition(|&b| b == b'\n').map_or(0, |at| at as u64 + 1);
        *len += whole;
        // Where even this fails, a reader takes the torn line for what it is.
        if let Err(error) = medium.truncate(*len) {
            tracing::warn!(%error, "a half-written line stays at the end of the journal");
        }
        return Err(failed);
    }
    *len += group.len() as u64;
    Ok(())
}

#[cfg(test)]
mod tests;
