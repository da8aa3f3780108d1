//! A seccomp filter for code that nobody has read: what it has no business with is refused, the rest is allowed.
//!
//! A list of what is refused, not of what is allowed: interpreters differ too much for the latter. It keeps apart three
//! kinds of refusal, each a filter of its own, as a filter has one answer: "not permitted", "no such call" (so that the
//! C library falls back to an older one whose arguments a filter can read), and a pretended success.

use std::collections::BTreeMap;
use std::process::id;

use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen as Width, SeccompCmpOp as Op, SeccompCondition,
    SeccompFilter, SeccompRule, apply_filter,
};

use super::policy::Policy;

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Not allowed where there is no network: sockets by any way. Those to other programs on the machine (Docker, an SSH
/// agent, D-Bus) are ways out as well. Pairs of connected sockets inside the program stay.
const SOCKETS: &[i64] =
    &[libc::SYS_socket, libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register];

/// Never allowed to code that is not trusted.
const DISTRUSTED: &[i64] = &[
    // Out of the process group, which is what gets killed in the end.
    libc::SYS_setsid,
    libc::SYS_setpgid,
    // At other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kcmp,
    libc::SYS_pidfd_open,
    libc::SYS_pidfd_getfd,
    libc::SYS_pidfd_send_signal,
    libc::SYS_tkill,
    libc::SYS_rt_sigqueueinfo,
    libc::SYS_rt_tgsigqueueinfo,
    // Memory that no limit counts, or that outlives the process.
    libc::SYS_memfd_create,
    libc::SYS_shmget,
    libc::SYS_semget,
    libc::SYS_msgget,
    libc::SYS_mq_open,
    // At the kernel and the machine.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_open_tree,
    libc::SYS_move_mount,
    libc::SYS_fsopen,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    libc::SYS_name_to_handle_at,
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_personality,
];

/// Changes of files that Landlock does not see. By path or descriptor, so they would reach the user's own files.
/// Programs that copy files make some of them in passing, so these are not refused but left undone.
const UNSEEN: &[i64] = &[
    libc::SYS_fchmod,
    libc::SYS_fchmodat,
    libc::SYS_fchmodat2,
    libc::SYS_fchown,
    libc::SYS_fchownat,
    libc::SYS_utimensat,
    libc::SYS_setxattr,
    libc::SYS_lsetxattr,
    libc::SYS_fsetxattr,
    libc::SYS_removexattr,
    libc::SYS_lremovexattr,
    libc::SYS_fremovexattr,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chmod,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_chown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_lchown,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utime,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_utimes,
    #[cfg(target_arch = "x86_64")]
    libc::SYS_futimesat,
];

/// Flags of `clone` that make a namespace.
const NAMESPACES: &[i32] = &[
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
];

/// Filters the calling thread, and what it becomes. It must have no other threads.
///
/// # Errors
/// A lower-case fragment.
pub(super) fn filter(policy: &Policy) -> Result<(), String> {
    let mut refused = Rules::new();
    let mut unknown = Rules::new();
    let mut undone = Rules::new();
    let built = (|| -> Result<(), BackendError> {
        if policy.no_network {
            always(&mut refused, SOCKETS);
            only_if(&mut refused, libc::SYS_socketpair, vec![vec![differs(0, unsigned(libc::AF_UNIX))?]])?;
        }
        if policy.distrusted {
            always(&mut refused, DISTRUSTED);
            always(&mut unknown, &[libc::SYS_clone3]);
            only_if(&mut refused, libc::SYS_clone, namespaces()?)?;
            others(&mut refused)?;
        }
        if policy.no_processes {
            always(&mut unknown, &[libc::SYS_clone3]);
            // Not a thread.
            let thread = unsigned(libc::CLONE_THREAD);
            let process = SeccompCondition::new(0, Width::Dword, Op::MaskedEq(thread), 0)?;
            only_if(&mut refused, libc::SYS_clone, vec![vec![process]])?;
            #[cfg(target_arch = "x86_64")]
            always(&mut refused, &[libc::SYS_fork, libc::SYS_vfork]);
        }
        if policy.files.is_some() {
            // Older versions of Landlock do not see it.
            always(&mut refused, &[libc::SYS_truncate]);
            always(&mut undone, UNSEEN);
        }
        Ok(())
    })();
    built.map_err(|error| format!("seccomp: {error}"))?;
    for (rules, answer) in [(refused, libc::EPERM), (unknown, libc::ENOSYS), (undone, 0)] {
        if !rules.is_empty() {
            install(rules, SeccompAction::Errno(answer.unsigned_abs()))?;
        }
    }
    Ok(())
}

fn install(rules: Rules, answer: SeccompAction) -> Result<(), String> {
    let program: Result<BpfProgram, BackendError> = std::env::consts::ARCH
        .try_into()
        .and_then(|arch| SeccompFilter::new(with_x32(rules), SeccompAction::Allow, answer, arch)?.try_into());
    let program = program.map_err(|error| format!("seccomp: {error}"))?;
    apply_filter(&program).map_err(|error| format!("seccomp: {error}"))
}

/// The same for the x32 numbers of system calls, by which some kernels answer on `x86_64` as well.
fn with_x32(mut rules: Rules) -> Rules {
    const X32: i64 = 0x4000_0000;
    if cfg!(target_arch = "x86_64") {
        let again: Vec<_> = rules.iter().map(|(call, rules)| (call | X32, rules.clone())).collect();
        rules.extend(again);
    }
    rules
}

/// Signals to, and limits of, any process but this one and its group.
fn others(refused: &mut Rules) -> Result<(), BackendError> {
    let own = u64::from(id());
    // As the kernel sees a negative 32-bit number.
    let group = u64::from(id().wrapping_neg());
    only_if(refused, libc::SYS_kill, vec![vec![differs(0, own)?, differs(0, 0)?, differs(0, group)?]])?;
    only_if(refused, libc::SYS_tgkill, vec![vec![differs(0, own)?]])?;
    only_if(refused, libc::SYS_prlimit64, vec![vec![differs(0, own)?, differs(0, 0)?]])?;
    let owner = |command: i32| Ok(vec![equals(1, unsigned(command))?]);
    only_if(refused, libc::SYS_fcntl, vec![owner(libc::F_SETOWN)?, owner(F_SETOWN_EX)?])?;
    // Typing into the user's terminal.
    only_if(refused, libc::SYS_ioctl, vec![vec![equals(1, TIOCSTI)?], vec![equals(1, TIOCLINUX)?]])
}

const F_SETOWN_EX: i32 = 15;
const TIOCSTI: u64 = 0x5412;
const TIOCLINUX: u64 = 0x541C;

fn namespaces() -> Result<Vec<Vec<SeccompCondition>>, BackendError> {
    let has = |flag: &i32| {
        let flag = unsigned(*flag);
        Ok(vec![SeccompCondition::new(0, Width::Dword, Op::MaskedEq(flag), flag)?])
    };
    NAMESPACES.iter().map(has).collect()
}

fn differs(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Width::Dword, Op::Ne, value)
}

fn equals(argument: u8, value: u64) -> Result<SeccompCondition, BackendError> {
    SeccompCondition::new(argument, Width::Dword, Op::Eq, value)
}

fn unsigned(value: i32) -> u64 {
    u64::from(value.cast_unsigned())
}

fn always(rules: &mut Rules, calls: &[i64]) {
    for call in calls {
        // No conditions: whatever the arguments.
        rules.insert(*call, Vec::new());
    }
}

/// Where all conditions of any of these lists hold.
fn only_if(rules: &mut Rules, call: i64, any: Vec<Vec<SeccompCondition>>) -> Result<(), BackendError> {
    let entry = rules.entry(call).or_default();
    for conditions in any {
        entry.push(SeccompRule::new(conditions)?);
    }
    Ok(())
}
