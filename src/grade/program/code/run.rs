//! One confined run of one program, and how it ended.

use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

use rand::RngExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::ChildStdout;
use tokio::time::{sleep, timeout};

use crate::grade::program::host::Host;
use crate::grade::program::lines::{Line, next_line};
use crate::grade::program::spawn::{Launch, Program, ending};
use crate::grade::program::worker::is_ready;
use crate::sandbox::{Channel, Files, Policy};
use crate::text::one_line;
use crate::units::limit_duration;

use super::folder::Folder;
use super::interpreter::Interpreter;
use super::language::Language;

/// What a run may take.
#[derive(Debug, Clone)]
pub(super) struct Bounds {
    /// From the moment the program runs.
    pub(super) timeout: Duration,
    /// Bytes of memory a process may have.
    pub(super) memory: u64,
    /// Bytes it may print.
    pub(super) output: u64,
    /// Bytes it may write to files.
    pub(super) disk: u64,
    /// Whether it may use the network.
    pub(super) network: bool,
    /// Whether it may start other programs.
    pub(super) processes: bool,
    /// What it may read besides the system and its interpreter; `None`: files are not closed to it.
    pub(super) read: Option<Vec<PathBuf>>,
}

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Ended {
    /// It came to its end.
    Through,
    /// It did not, and why: for after "the code".
    Short(String),
}

/// Why nothing can be said of a program: the sandbox or the interpreter, not the program.
pub(super) type Unable = String;

/// The time that taking on limits may take on a busy machine.
const START: Duration = Duration::from_secs(30);
/// How often a run is looked after.
const WATCH: Duration = Duration::from_millis(100);
/// Processes that one run may have at once, where it may have several.
const MOST_PROCESSES: u64 = 64;
/// Bytes of a driver's verdict.
const VERDICT: u64 = 16 << 10;

/// A word that nobody can guess.
pub(super) fn secret() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}

/// What every run needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Runner<'a> {
    pub(super) host: &'a Host,
    pub(super) language: Language,
    pub(super) interpreter: &'a Interpreter,
    pub(super) bounds: &'a Bounds,
}

impl Runner<'_> {
    /// Runs a program in a driver.
    ///
    /// # Errors
    /// Where it could not be run at all.
    pub(super) async fn drive(&self, program: &str) -> Result<Ended, Unable> {
        let Some(driver) = self.language.driver() else { return Err("has no driver".to_owned()) };
        let folder = Folder::new().map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        // Anywhere, so that code which was written for one run does not fit the next.
        let channel = Channel { from: rand::rng().random_range(64..192) };
        let launch = self.launch(&folder, &driver.map(OsString::from), Some(channel));
        let word = secret();
        let told = format!("{}\n{program}{word}\n", program.len());
        let run = Run::start(self, &folder, launch, told.into_bytes()).await?;
        run.finish(async |lines: &mut BufReader<ChildStdout>| {
            Ok(match next_line(lines, VERDICT).await? {
                Line::Whole { bytes, .. } => Said::Verdict(bytes),
                Line::End | Line::TooLong => Said::Nothing,
            })
        })
        .await
        .map(|ended| match ended {
            Closed::Said(Said::Verdict(line), how) => verdict(&line, &word).unwrap_or(Ended::Short(how)),
            Closed::Said(_, how) => Ended::Short(how),
            Closed::Stopped(why) => Ended::Short(why),
        })
    }

    /// Runs a program from a file, with this on standard input, and hands back what it printed.
    ///
    /// # Errors
    /// Where it could not be run at all.
    pub(super) async fn print(&self, program: &str, file: &str, input: &str) -> Result<Result<String, String>, Unable> {
        let folder = Folder::new().map_err(|error| format!("cannot make a temporary folder: {error}"))?;
        let written = std::fs::write(folder.path().join(file), program);
        written.map_err(|error| format!("cannot write the program to a temporary folder: {error}"))?;
        let launch = self.launch(&folder, &[file.into()], None);
        let most = self.bounds.output;
        let run = Run::start(self, &folder, launch, input.as_bytes().to_vec()).await?;
        let closed = run
            .finish(async |lines: &mut BufReader<ChildStdout>| {
                let mut printed = Vec::new();
                lines.take(most + 1).read_to_end(&mut printed).await?;
                Ok(if printed.len() as u64 > most { Said::TooMuch } else { Said::Printed(printed) })
            })
            .await?;
        Ok(match closed {
            Closed::Said(Said::Printed(bytes), how) if how.is_empty() => {
                Ok(String::from_utf8_lossy(&bytes).into_owned())
            }
            Closed::Said(Said::TooMuch, _) => Err(too_much(most)),
            Closed::Said(_, how) | Closed::Stopped(how) => Err(how),
        })
    }

    fn launch(&self, folder: &Folder, arguments: &[OsString], channel: Option<Channel>) -> Launch {
        let Self { language, interpreter, bounds, host } = self;
        let flags = language.flags(bounds.memory);
        // A file's name stands where the suite says, else at the end.
        let mut argv: Vec<OsString> = interpreter.argv.clone();
        let place = argv.iter().position(|word| word == "{file}");
        match (place, arguments) {
            (Some(place), [file]) => argv[place].clone_from(file),
            _ => argv.extend(flags.into_iter().chain(arguments.iter().cloned())),
        }
        // A user of its own, so that the kernel counts its processes apart; only root can give it one.
        let user = if bounds.processes { folder.give_away() } else { None };
        let folder = folder.path();
        let home = folder.as_os_str().to_owned();
        let env = [("HOME", home.clone()), ("TMPDIR", home), ("LANG", "C.UTF-8".into())].into_iter();
        // The same run gives the same result, and takes no more than its share of the machine.
        let steady = [
            ("PYTHONHASHSEED", "0"),
            ("PYTHONUNBUFFERED", "1"),
            ("OMP_NUM_THREADS", "1"),
            ("OPENBLAS_NUM_THREADS", "1"),
            ("MKL_NUM_THREADS", "1"),
        ];
        let env = env.chain(steady.map(|(name, value)| (name, value.into())));
        let path = (host.variable)("PATH").map(|path| ("PATH", path));
        let files = bounds.read.as_ref().map(|read| Files {
            write: folder.to_owned(),
            read: interpreter.read.iter().chain(read).cloned().collect(),
        });
        let policy = Policy {
            parent: 0,
            memory: Some(bounds.memory),
            address_space: language.maps_what_it_uses().then_some(bounds.memory),
            // For threads that outlive every other means.
            cpu_seconds: Some(bounds.timeout.as_secs() * 4 + 4),
            file_size: Some(bounds.disk),
            open_files: Some(256),
            processes: bounds.processes.then_some(MOST_PROCESSES),
            user,
            no_network: !bounds.network,
            no_processes: !bounds.processes,
            distrusted: true,
            files,
            channel,
        };
        Launch {
            argv,
            folder: folder.to_owned(),
            env: env.chain(path).map(|(name, value)| (name.into(), value)).collect(),
            policy,
            most_stderr: bounds.output,
        }
    }
}

/// A driver's verdict, where the line is one. Anything else that stands there was not said by the driver.
fn verdict(line: &[u8], word: &str) -> Option<Ended> {
    let line = std::str::from_utf8(line).ok()?;
    if let Some(said) = line.strip_prefix("done ") {
        return (said == word).then_some(Ended::Through);
    }
    let why: String = serde_json::from_str(line.strip_prefix("fail ")?).ok()?;
    Some(Ended::Short(format!("fails: {}", one_line(&why))))
}

fn too_much(most: u64) -> String {
    format!("printed more than the {most} bytes allowed")
}

/// What came from the program's standard output.
#[derive(Debug)]
enum Said {
    Verdict(Vec<u8>),
    Printed(Vec<u8>),
    TooMuch,
    Nothing,
}

/// How a run was over.
#[derive(Debug)]
enum Closed {
    /// The program said what it had to say, and then ended: in words, empty for exit code 0 of a program that printed.
    Said(Said, String),
    /// It was stopped, and why.
    Stopped(String),
}

/// A program that runs.
struct Run<'a> {
    program: Program,
    lines: BufReader<ChildStdout>,
    input: Vec<u8>,
    folder: &'a Folder,
    bounds: &'a Bounds,
}

impl<'a> Run<'a> {
    /// Starts it; comes back when every limit holds.
    async fn start(runner: &Runner<'a>, folder: &'a Folder, launch: Launch, input: Vec<u8>) -> Result<Self, Unable> {
        let started = Program::start(runner.host, launch).await;
        let mut program = started.map_err(|error| format!("cannot be started: {error}"))?;
        let stdout = program.stdout.take().ok_or("has no output")?;
        let mut lines = BufReader::new(stdout);
        if !matches!(timeout(START, is_ready(&mut lines)).await, Ok(Ok(true))) {
            let stderr = program.stderr.clone();
            let _ = program.end().await;
            return Err(format!("cannot be confined{}", stderr.told()));
        }
        Ok(Self { program, lines, input, folder, bounds: runner.bounds })
    }

    /// Feeds it, listens to it and watches it, until it is through or has to be stopped.
    async fn finish(
        self,
        listen: impl AsyncFnOnce(&mut BufReader<ChildStdout>) -> io::Result<Said>,
    ) -> Result<Closed, Unable> {
        let Self { mut program, mut lines, input, folder, bounds } = self;
        let stdin = program.stdin.take();
        let feed = async move {
            if let Some(mut stdin) = stdin {
                // A program may end without having read all of it.
                let _ = stdin.write_all(&input).await;
            }
            // It is closed here, and the rest is for others to decide.
            std::future::pending::<()>().await;
        };
        let stderr = program.stderr.clone();
        let watch = async {
            loop {
                sleep(WATCH).await;
                if stderr.total() > bounds.output {
                    return too_much(bounds.output);
                }
                if folder.is_over(bounds.disk) {
                    return format!("wrote more than the {} bytes allowed to files", bounds.disk);
                }
            }
        };
        let stopped = tokio::select! {
            said = listen(&mut lines) => Err(said),
            () = feed => Ok(String::new()),
            why = watch => Ok(why),
            () = sleep(bounds.timeout) => {
                Ok(format!("was not through within {}", limit_duration(bounds.timeout)))
            }
        };
        let said = match stopped {
            Ok(why) => return Ok(Closed::Stopped(why)),
            Err(said) => said.unwrap_or(Said::Nothing),
        };
        let status = match said {
            // All is said; nothing has to be waited for.
            Said::Verdict(_) | Said::TooMuch => {
                drop(program);
                None
            }
            Said::Printed(_) | Said::Nothing => program.end().await,
        };
        if stderr.total() > bounds.output {
            return Ok(Closed::Stopped(too_much(bounds.output)));
        }
        let how = match &said {
            Said::Printed(_) => crashed(status).map(|how| format!("{how}{}", stderr.told())).unwrap_or_default(),
            _ => format!("{} before its tests were through{}", ending(status), stderr.told()),
        };
        Ok(Closed::Said(said, how))
    }
}

/// How a program ended that did not end well.
fn crashed(status: Option<ExitStatus>) -> Option<String> {
    (!status.is_some_and(|status| status.success())).then(|| ending(status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_word_is_a_pass() {
        assert_eq!(verdict(b"done 12ab", "12ab"), Some(Ended::Through));
        for line in ["done ", "done 12ac", "done 12ab ", "DONE 12ab", "pass", "fail", "fail x", ""] {
            assert_eq!(verdict(line.as_bytes(), "12ab"), None, "{line}");
        }
        let failed = verdict(b"fail \"AssertionError\\u001b[2J\"", "12ab");
        assert_eq!(failed, Some(Ended::Short("fails: AssertionError\u{fffd}[2J".to_owned())));
        assert_eq!(verdict(&[0xff], "12ab"), None);
        assert_ne!(secret(), secret());
        assert_eq!(secret().len(), 32);
    }
}
