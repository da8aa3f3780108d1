//! `setrlimit`: memory, processor time, file sizes, open files, processes, no core dumps.

use std::fs;
use std::os::unix::fs::MetadataExt;

use rustix::io;
use rustix::process::{Resource, Rlimit, getrlimit, getuid, setrlimit};

use super::policy::Policy;

/// Takes on the limits of a policy. A limit that is lower already stays.
pub(super) fn limit(policy: &Policy) -> io::Result<()> {
    // A user of its own has no other processes. This one's share a number with all others of theirs.
    let others = if policy.user.is_some() || policy.processes.is_none() { 0 } else { tasks_of(getuid().as_raw()) };
    for (resource, most) in [
        (Resource::Core, Some(0)),
        (Resource::Cpu, policy.cpu_seconds),
        (Resource::Fsize, policy.file_size),
        (Resource::Nofile, policy.open_files),
        (Resource::Data, policy.memory),
        (Resource::As, policy.address_space),
        (Resource::Nproc, policy.processes.map(|most| most + others)),
    ] {
        let Some(most) = most else { continue };
        let most = getrlimit(resource).maximum.map_or(most, |now| now.min(most));
        match setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) }) {
            Ok(()) => {}
            // Not every Unix knows every limit; those that matter are asserted on Linux.
            Err(_) if cfg!(not(target_os = "linux")) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Whether the kernel would hold this process to a number of processes: it exempts the machine's root, though not that
/// of a container with users of its own.
pub(super) fn processes_can_be_limited(policy: &Policy) -> bool {
    let is_root = getuid().is_root();
    let map = fs::read_to_string("/proc/self/uid_map").unwrap_or_default();
    let is_of_machine = map.split_whitespace().eq(["0", "0", "4294967295"]) || map.is_empty();
    policy.user.is_some() || !(is_root && is_of_machine)
}

/// The processes and threads of a user, as far as the system tells.
fn tasks_of(user: u32) -> u64 {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let own = processes.filter(|entry| {
        let is_process = entry.file_name().to_str().is_some_and(|name| name.bytes().all(|b| b.is_ascii_digit()));
        is_process && entry.metadata().is_ok_and(|facts| facts.uid() == user)
    });
    own.map(|entry| fs::read_dir(entry.path().join("task")).map_or(1, |tasks| tasks.count() as u64)).sum()
}
