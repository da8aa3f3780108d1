//! What a child process took: wall time, processor time, memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::Result;

/// What one run took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Took {
    /// From starting the process to its end.
    pub(crate) wall: Duration,
    /// User and system time of all its threads.
    pub(crate) cpu: Duration,
    /// The most memory it held, in KiB.
    pub(crate) peak_kib: u64,
}

/// Runs a command to its end, its output going to `output`; any exit code but 0 is an error that shows it.
pub(crate) fn measure(command: &mut Command, output: &Path) -> Result<Took> {
    let file = fs::File::create(output)?;
    command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file);
    let started = Instant::now();
    let mut child = command.spawn()?;
    let ended = AtomicBool::new(false);
    let pid = child.id();
    let took = std::thread::scope(|scope| -> Result<Took> {
        let peak = scope.spawn(|| {
            let mut peak = 0;
            while !ended.load(Relaxed) {
                peak = peak.max(peak_kib(pid));
                std::thread::sleep(Duration::from_millis(20));
            }
            peak
        });
        let raw = Pid::from_raw(i32::try_from(pid)?).ok_or("a process without an id")?;
        // The child is left unreaped: its processor time can still be read.
        let waited = waitid(WaitId::Pid(raw), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT);
        let wall = started.elapsed();
        let cpu = cpu_time(pid);
        ended.store(true, Relaxed);
        let peak_kib = peak.join().map_err(|_| "the memory watch panicked")?;
        waited?;
        Ok(Took { wall, cpu: cpu?, peak_kib })
    });
    let status = child.wait()?;
    if !status.success() {
        return Err(format!("{command:?} ended with {status}:\n{}", fs::read_to_string(output)?).into());
    }
    took
}

/// `VmHWM` only ever grows, so the last look before the end is the peak; 0 once the process is gone.
fn peak_kib(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// Fields 14 and 15 of `/proc/PID/stat`, counted after the name, which may hold blanks and brackets.
fn cpu_time(pid: u32) -> Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = stat.rsplit_once(')').ok_or("no name in /proc/PID/stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks: u64 = ticks.sum::<std::result::Result<u64, _>>()?;
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// The middle value; the mean of the two middle ones of an even number.
pub(crate) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() % 2 {
        _ if values.is_empty() => f64::NAN,
        0 => f64::midpoint(values[middle - 1], values[middle]),
        _ => values[middle],
    }
}
