//! Landlock: the program reads the system and its interpreter, writes its own folder, and sees nothing else.

use landlock::{
    ABI, Access, AccessFs, BitFlags, CompatLevel, Compatible, PathBeneath, PathFd, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

use super::policy::Files;

/// What the system keeps that any interpreter may need: programs, libraries, certificates, time zones. No home, no
/// `/run` and `/var` with their sockets and databases, of `/etc` only what is no secret even to root. Of `/proc`, what
/// belongs to other processes stays closed.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/opt",
    "/nix/store",
    "/proc",
    "/sys/fs/cgroup",
    "/sys/devices/system/cpu",
    "/etc/alternatives",
    "/etc/group",
    "/etc/hosts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ld-musl-x86_64.path",
    "/etc/locale.alias",
    "/etc/localtime",
    "/etc/mime.types",
    "/etc/nsswitch.conf",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/pki/tls/certs",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/timezone",
];

/// Devices that hold nothing.
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"];

/// Confines the calling thread.
///
/// # Errors
/// A lower-case fragment; where the kernel has no Landlock, that.
pub(super) fn confine(files: &Files) -> Result<(), String> {
    match rules(files) {
        Ok(RulesetStatus::NotEnforced) => Err("this kernel has no Landlock".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(format!("Landlock: {error}")),
    }
}

fn rules(files: &Files) -> Result<RulesetStatus, RulesetError> {
    // All that the newest version this crate knows can forbid, as far as the kernel can.
    let newest = ABI::V6;
    let all = AccessFs::from_all(newest);
    let read = AccessFs::from_read(newest);
    let device = AccessFs::ReadFile | AccessFs::WriteFile;
    let mut ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(all)?
        .scope(Scope::from_all(newest))?
        .create()?;
    let beneath = |path: &std::path::Path, access: BitFlags<AccessFs>| {
        let access = if path.is_dir() { access } else { access & AccessFs::from_file(newest) };
        PathFd::new(path).ok().map(|fd| PathBeneath::new(fd, access))
    };
    let system = SYSTEM.iter().map(std::path::Path::new).chain(files.read.iter().map(AsRef::as_ref));
    let rules = system
        .filter_map(|path| beneath(path, read))
        .chain(DEVICES.iter().filter_map(|path| beneath(path.as_ref(), device)))
        .chain(beneath(&files.write, all));
    for rule in rules {
        ruleset = ruleset.add_rule(rule)?;
    }
    Ok(ruleset.restrict_self()?.ruleset)
}
