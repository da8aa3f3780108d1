//! `command`: a program of the user's own that stays up and answers a line with a line.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use futures::FutureExt;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::family::Family;
use crate::grade::options::{self, OptionError, OptionErrors, Share, Text, Texts};
use crate::grade::services::Needs;
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::sandbox::Policy;
use crate::text::one_line;

use super::host::{Host, host, without_keys};
use super::pool::Pool;
use super::protocol::{judgement, request};
use super::settings::{self, Env};
use super::spawn::{Launch, environment};
use super::worker::Patience;

pub(in crate::grade) const FAMILY: Family = Family {
    name: "command",
    about: "a program of your own judges the answer: one JSON object a line",
    build,
    schema: options::schema::<Options>,
};

/// What is said where the user has not allowed programs.
pub(super) const NOT_ALLOWED: &str = "programs run only with `--allow-commands`";

/// The options of `command`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(extend("required" = ["run"]))]
struct Options {
    /// The command line as a list; a text is split at blanks, there is no shell. It works in the suite's folder.
    #[schemars(extend("examples" = [["python3", "grade.py"]], "pattern" = options::FILLED_PATTERN, "prefixItems" = [{"type": ["string", "number", "boolean"], "pattern": options::FILLED_PATTERN}]))]
    run: Option<Texts>,
    /// For one answer, `10s` if left out.
    #[schemars(with = "options::checked::Time")]
    timeout: Option<Text>,
    /// For the first answer of a process besides that, `30s` if left out.
    #[schemars(with = "options::checked::Time")]
    start_timeout: Option<Text>,
    /// Of each process, `512MB` if left out (Linux).
    #[schemars(with = "options::checked::Size")]
    memory: Option<Text>,
    /// The longest line it may say, `1MB` if left out.
    #[schemars(with = "options::checked::Size")]
    output: Option<Text>,
    /// Processes at once; as many as cores, at most 4, if left out.
    #[schemars(range(min = 1))]
    workers: Option<u16>,
    /// Further variables: a list passes them through, a map sets them.
    #[schemars(schema_with = "settings::env_schema")]
    env: Option<Value>,
    /// The score from which an answer passes: `0.7` or `70%`.
    threshold: Option<Share>,
    /// `false` cuts it off from the network (Linux).
    network: Option<bool>,
}

#[derive(Debug)]
struct Command {
    argv: Vec<String>,
    folder: PathBuf,
    env: Env,
    memory: u64,
    network: bool,
    patience: Patience,
    threshold: Option<f64>,
    pool: Pool,
}

fn build(options: &Value, context: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let Some(run) = &options.run else {
        let hint = "what to run, as a list: `run: [python3, grade.py]`";
        return Err(OptionError::at("", "`run` is missing", Some(hint)).into());
    };
    let limits = options::both(
        settings::duration("timeout", options.timeout.as_ref(), Duration::from_secs(10)),
        settings::duration("start_timeout", options.start_timeout.as_ref(), Duration::from_secs(30)),
    );
    let sizes = options::both(
        settings::size("memory", options.memory.as_ref(), 512_000_000),
        settings::size("output", options.output.as_ref(), 1_000_000),
    );
    let rest = options::both(settings::workers(options.workers), settings::env(options.env.as_ref()));
    let argv = settings::argv(run).and_then(|argv| match settings::missing_file(&argv, context.folder) {
        Some(error) => Err(error.into()),
        None => Ok(argv),
    });
    let ((((answer, start), (memory, output)), (workers, env)), argv) =
        options::both(options::both(options::both(limits, sizes), rest), argv)?;
    Ok(Box::new(Command {
        argv,
        folder: context.folder.to_owned(),
        env,
        memory,
        network: options.network.unwrap_or(true),
        patience: Patience { answer, start, output },
        threshold: options.threshold.map(|Share(share)| share),
        pool: Pool::new(workers),
    }))
}

impl Command {
    /// As a user would recognise it.
    fn shown(&self) -> String {
        one_line(&self.argv.join(" ")).into_owned()
    }

    fn launch(&self, host: &Host) -> Launch {
        let mut env: Vec<(OsString, OsString)> = environment(host, &self.env.names);
        // Otherwise Python keeps its answers to itself until there are many.
        env.push(("PYTHONUNBUFFERED".into(), "1".into()));
        env.extend(self.env.values.iter().map(|(name, value)| (name.into(), value.into())));
        Launch {
            argv: self.argv.iter().map(OsString::from).collect(),
            folder: self.folder.clone(),
            env,
            policy: Policy { memory: Some(self.memory), no_network: !self.network, ..Policy::default() },
            most_stderr: u64::MAX,
        }
    }

    async fn judge(&self, subject: Subject<'_>) -> Judgement {
        let asked = async {
            let launch = |host: &Host| self.launch(host);
            let question = |id| request(id, &subject);
            let read = |line: &[u8], id| judgement(&without_keys(line), id, self.threshold);
            self.pool.ask(host()?, launch, self.patience, question, read).await
        };
        asked.await.unwrap_or_else(|how| Judgement::unable(format!("`{}` {how}", self.shown())))
    }
}

impl Grader for Command {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        if !subject.services.programs_allowed() {
            return Grading::Ready(Judgement::unable(format!("`{}`: {NOT_ALLOWED}", self.shown())));
        }
        Grading::Pending(self.judge(subject).boxed())
    }

    fn check(&self, _: &CaseFacts<'_>) -> Result<(), String> {
        Ok(())
    }

    fn needs(&self) -> Needs {
        let executable = settings::executable(&self.argv, &self.folder);
        Needs { programs: vec![self.shown()], executables: vec![executable], ..Needs::default() }
    }
}
