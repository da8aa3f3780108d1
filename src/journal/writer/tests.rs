use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::super::folder::RunFolder;
use super::super::testing::record;
use super::*;

/// A disk of limited size in memory.
#[derive(Debug, Default)]
struct Disk {
    bytes: Mutex<Vec<u8>>,
    size: usize,
    sync_fails: AtomicBool,
    syncs: AtomicUsize,
    /// Appending waits while this is set.
    held: AtomicBool,
}

impl Medium for Disk {
    fn append(&self, bytes: &[u8]) -> io::Result<usize> {
        while self.held.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
        let mut disk = self.bytes.lock().unwrap();
        let free = self.size - disk.len();
        if free == 0 {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        let n = bytes.len().min(free);
        disk.extend_from_slice(&bytes[..n]);
        Ok(n)
    }

    fn sync(&self) -> io::Result<()> {
        self.syncs.fetch_add(1, Ordering::SeqCst);
        if self.sync_fails.load(Ordering::SeqCst) { Err(io::Error::other("bad sector")) } else { Ok(()) }
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.bytes.lock().unwrap().truncate(usize::try_from(len).unwrap());
        Ok(())
    }
}

fn start(disk: &Arc<Disk>) -> Writer {
    Writer::start("journal.jsonl".into(), disk.clone(), 0).unwrap()
}

fn line() -> Vec<u8> {
    let mut line = Vec::new();
    record("m", "p", "c", 1).to_line(&mut line).unwrap();
    line
}

#[tokio::test]
async fn what_is_handed_over_is_in_the_file_in_order() {
    let dir = tempfile::tempdir().unwrap();
    let run = RunFolder::create(dir.path().join("run")).unwrap();
    for part in [0..300, 300..400_u32] {
        let writer = Writer::open(&run).unwrap();
        for repeat in part {
            writer.append(&record("m", "p", "c", repeat)).await.unwrap();
        }
        writer.close().await.unwrap();
    }
    let text = std::fs::read(run.folder().journal()).unwrap();
    let repeats: Vec<u32> = text
        .split_inclusive(|&b| b == b'\n')
        .map(|line| crate::journal::line::decode::<CellRecord>(line.strip_suffix(b"\n").unwrap()).unwrap().repeat)
        .collect();
    assert_eq!(repeats, (0..400).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_line_is_written_without_waiting_for_the_end() {
    let disk = Arc::new(Disk { size: 1 << 20, ..Disk::default() });
    let writer = start(&disk);
    writer.append(&record("m", "p", "c", 1)).await.unwrap();
    while disk.bytes.lock().unwrap().is_empty() || disk.syncs.load(Ordering::SeqCst) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    writer.close().await.unwrap();
}

#[tokio::test]
async fn a_full_disk_keeps_whole_lines_and_says_so_for_ever() {
    let line = line();
    let disk = Arc::new(Disk { size: line.len() * 2 + line.len() / 2, ..Disk::default() });
    let writer = start(&disk);
    // Five lines at once: the third is cut in its middle.
    disk.held.store(true, Ordering::SeqCst);
    let record = record("m", "p", "c", 1);
    for _ in 0..5 {
        writer.append(&record).await.unwrap();
    }
    disk.held.store(false, Ordering::SeqCst);
    let error = writer.failed().await;
    assert!(error.message.starts_with("cannot write journal.jsonl: "), "{error}");
    assert_eq!(*disk.bytes.lock().unwrap(), [&line[..], &line].concat());
    assert_eq!(writer.append(&record).await.unwrap_err(), error);
    assert_eq!(writer.failed().await, error);
    assert_eq!(writer.close().await.unwrap_err(), error);
}

#[tokio::test]
async fn a_disk_that_cannot_keep_what_it_took_is_a_failure() {
    let disk = Arc::new(Disk { size: 1 << 20, ..Disk::default() });
    disk.sync_fails.store(true, Ordering::SeqCst);
    let writer = start(&disk);
    writer.append(&record("m", "p", "c", 1)).await.unwrap();
    assert!(writer.failed().await.message.contains("bad sector"));
    assert!(writer.close().await.is_err());
}

#[tokio::test]
async fn tasks_wait_where_the_disk_is_slow() {
    let disk = Arc::new(Disk { size: 64 << 20, ..Disk::default() });
    let writer = start(&disk);
    let handed_over = Arc::new(AtomicUsize::new(0));
    let mut tasks = Vec::new();
    disk.held.store(true, Ordering::SeqCst);
    for _ in 0..64 {
        let (appender, handed_over) = (writer.appender(), handed_over.clone());
        tasks.push(tokio::spawn(async move {
            appender.append_line(vec![b'\n'; 1 << 20]).await.unwrap();
            handed_over.fetch_add(1, Ordering::SeqCst);
        }));
    }
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    assert!(handed_over.load(Ordering::SeqCst) <= 16, "only 16 MiB may wait");
    disk.held.store(false, Ordering::SeqCst);
    for task in tasks {
        task.await.unwrap();
    }
    writer.close().await.unwrap();
    assert_eq!(disk.bytes.lock().unwrap().len(), 64 << 20);
}

#[tokio::test]
async fn after_the_end_nothing_is_taken() {
    let disk = Arc::new(Disk { size: 1 << 20, ..Disk::default() });
    let writer = start(&disk);
    let appender = writer.appender();
    writer.close().await.unwrap();
    let error = appender.append(&record("m", "p", "c", 1)).await.unwrap_err();
    assert_eq!(error.message, "cannot write journal.jsonl: it has been closed");
}

#[tokio::test]
async fn a_dropped_writer_loses_nothing() {
    let disk = Arc::new(Disk { size: 1 << 20, ..Disk::default() });
    let writer = start(&disk);
    for _ in 0..50 {
        writer.append(&record("m", "p", "c", 1)).await.unwrap();
    }
    drop(writer);
    assert_eq!(disk.bytes.lock().unwrap().len(), line().len() * 50);
    assert!(disk.syncs.load(Ordering::SeqCst) > 0);
}
