//! `setrlimit`: memory, processor time, file sizes, open files, no core dumps.

use rustix::io;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::policy::Policy;

/// Takes on the limits of a policy. A limit that is lower already stays.
pub(super) fn limit(policy: &Policy) -> io::Result<()> {
    for (resource, most) in [
        (Resource::Core, Some(0)),
        (Resource::Cpu, policy.cpu_seconds),
        (Resource::Fsize, policy.file_size),
        (Resource::Nofile, policy.open_files),
        (Resource::Data, policy.memory),
        (Resource::As, policy.address_space),
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
