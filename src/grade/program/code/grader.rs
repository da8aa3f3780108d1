//! The options of `code`, and the way from an answer to a judgement.

use std::path::PathBuf;
use std::time::Duration;

use futures::FutureExt;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};

use crate::grade::case::{BuildContext, CaseFacts};
use crate::grade::example::Example;
use crate::grade::family::Family;
use crate::grade::options::{self, OptionError, OptionErrors, Text, Texts, noun};
use crate::grade::program::command::NOT_ALLOWED;
use crate::grade::program::host::{Host, host};
use crate::grade::program::settings;
use crate::grade::services::Needs;
use crate::grade::types::{Grader, Grading, Judgement, Subject};
use crate::grade::words::{option_named, quote};

use super::compose::{Definition, last_function, solution};
use super::extract::{Code, Take, code};
use super::interpreter::{Interpreter, find};
use super::language::Language;
use super::run::{Bounds, Ended, Runner, Unable, secret};
use super::task::{Pair, Source, Task, Template};

pub(in crate::grade) const FAMILY: Family = Family {
    name: "code",
    about: "the code in the answer passes the case's tests, run without network",
    build,
    schema: options::schema::<Options>,
};

/// Whether files are closed to the code.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Access {
    /// The system and the interpreter can be read, a temporary folder written.
    #[default]
    Confined,
    /// Whatever the user may.
    Open,
}

/// The options of `code`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
struct Options {
    /// `python` if left out; another than the three that are known needs `run`.
    #[schemars(extend("examples" = ["python", "javascript", "bash"]))]
    language: Option<Text>,
    /// The interpreter; for another language the command line that runs `{file}`.
    #[schemars(extend("examples" = [["ruby", "{file}"]], "pattern" = options::FILLED_PATTERN, "prefixItems" = [{"type": ["string", "number", "boolean"], "pattern": options::FILLED_PATTERN}]))]
    run: Option<Texts>,
    /// The name of that file.
    #[schemars(extend("pattern" = r"^[^./][^/]*$", "examples" = ["main.rb"]))]
    file: Option<Text>,
    /// Statements behind the code: a template, or a list of them; without it by the case's columns.
    tests: Option<Texts>,
    /// Instead of tests: a list of inputs and outputs, or the variable that holds one.
    #[schemars(schema_with = "cases_schema")]
    cases: Option<Value>,
    /// What the answer goes on from; the column `prompt` of `HumanEval` if left out.
    prefix: Option<Text>,
    /// The function that is asked for; the column, else the prefix's last `def`, if left out.
    entry_point: Option<Text>,
    /// Statements between code and tests.
    setup: Option<Texts>,
    /// MBPP's `challenge_test_list` counts as well.
    challenge: bool,
    /// Which fenced block is taken.
    block: Take,
    /// For one run, `10s` if left out; running out of it is a fail.
    #[schemars(with = "options::checked::Time")]
    timeout: Option<Text>,
    /// Of each process, `512MB` if left out.
    #[schemars(with = "options::checked::Size")]
    memory: Option<Text>,
    /// How much may be printed, `1MB` if left out.
    #[schemars(with = "options::checked::Size")]
    output: Option<Text>,
    /// How much may be written to files, `64MB` if left out.
    #[schemars(with = "options::checked::Size")]
    disk: Option<Text>,
    /// Runs at once; as many as cores, at most 4, if left out.
    #[schemars(range(min = 1))]
    workers: Option<u16>,
    /// `true` leaves the network to the code.
    network: bool,
    /// Whether files are closed to the code.
    files: Access,
    /// Files and folders of the suite's that it may read.
    read: Option<Texts>,
    /// Whether it may start processes, at most 64 at once; `true` for bash and other languages.
    processes: Option<bool>,
}

#[derive(Debug)]
struct CodeGrader {
    language: Language,
    labels: Vec<String>,
    run: Vec<String>,
    file: String,
    folder: PathBuf,
    source: Source,
    take: Take,
    bounds: Bounds,
    slots: Semaphore,
    /// Found, and shown to work, when it is first needed.
    interpreter: OnceCell<Result<Interpreter, Unable>>,
}

fn build(options: &Value, context: &BuildContext<'_>) -> Result<Box<dyn Grader>, OptionErrors> {
    let options: Options = options::read(options)?;
    let name = options.language.as_ref().map_or("python", |Text(name)| name.as_str());
    let language = Language::named(name);
    let limits = options::both(
        settings::duration("timeout", options.timeout.as_ref(), Duration::from_secs(10)),
        settings::size("memory", options.memory.as_ref(), 512_000_000),
    );
    let sizes = options::both(
        settings::size("output", options.output.as_ref(), 1_000_000),
        settings::size("disk", options.disk.as_ref(), 64_000_000),
    );
    let run = command_line(&options, name, language, context);
    let rest = options::both(settings::workers(options.workers), file(&options, language));
    let (((timeout, memory), (output, disk)), ((run, (workers, file)), source)) = options::both(
        options::both(limits, sizes),
        options::both(options::both(run, rest), source(&options, language)),
    )?;
    let read = options.read.iter().flat_map(|read| &read.0).map(|Text(path)| context.folder.join(path));
    let read = read.map(|path| std::fs::canonicalize(&path).unwrap_or(path)).collect();
    let mut labels: Vec<String> = language.labels().iter().map(|label| (*label).to_owned()).collect();
    labels.push(name.to_owned());
    Ok(Box::new(CodeGrader {
        language,
        labels,
        run,
        file,
        folder: context.folder.to_owned(),
        source,
        take: options.block,
        bounds: Bounds {
            timeout,
            memory,
            output,
            disk,
            network: options.network,
            processes: options.processes.unwrap_or(language.needs_processes()),
            read: (options.files == Access::Confined).then_some(read),
        },
        slots: Semaphore::new(workers),
        interpreter: OnceCell::new(),
    }))
}

/// What runs the programs: `run`, or the language's interpreter.
fn command_line(
    options: &Options,
    name: &str,
    language: Language,
    context: &BuildContext<'_>,
) -> Result<Vec<String>, OptionErrors> {
    match (&options.run, language.interpreter()) {
        (Some(run), _) => {
            let argv = settings::argv(run)?;
            match settings::missing_file(&argv, context.folder) {
                Some(error) => Err(error.into()),
                None => Ok(argv),
            }
        }
        (None, Some(interpreter)) => Ok(vec![interpreter.to_owned()]),
        (None, None) => {
            let message = format!("`{name}` is none of `python`, `javascript`, `bash`");
            let hint = "another language needs `run`, the command line that runs a file: `run: [ruby, \"{file}\"]`";
            Err(OptionError::at("language", message, Some(hint)).into())
        }
    }
}

/// The name of the file that a program is written to.
fn file(options: &Options, language: Language) -> Result<String, OptionErrors> {
    match &options.file {
        None => Ok(language.file().to_owned()),
        Some(Text(name)) if name.is_empty() || name.contains('/') || name.starts_with('.') => {
            Err(OptionError::at("file", format!("`{name}` is not the name of a file"), Some("for example `main.rb`"))
                .into())
        }
        Some(Text(name)) => Ok(name.clone()),
    }
}

fn template(option: &str, text: &str) -> Result<Template, OptionErrors> {
    Template::new(text).map_err(|message| OptionError::at(option, message, None).into())
}

fn lines(option: &str, texts: Option<&Texts>) -> Result<Option<Template>, OptionErrors> {
    let joined = texts.map(|texts| texts.0.iter().map(|Text(text)| text.as_str()).collect::<Vec<_>>().join("\n"));
    joined.map(|text| template(option, &text)).transpose()
}

/// The schema of `cases`.
fn cases_schema(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": ["string", "array"],
        "minItems": 1,
        "items": {
            "type": "object",
            "required": ["input", "output"],
            "additionalProperties": false,
            "properties": {
                "input": {"type": "string", "description": "Standard input, a template"},
                "output": {"type": "string", "description": "What has to be printed, a template; blanks at ends of lines do not count"},
            },
        },
    })
}

/// Where the tests come from.
fn source(options: &Options, language: Language) -> Result<Source, OptionErrors> {
    let Options { tests, cases, prefix, entry_point, setup, challenge, .. } = options;
    if let (Some(_), Some(_)) = (tests, cases) {
        let hint = "`tests` are statements behind the solution, `cases` inputs and outputs of a program";
        return Err(OptionError::at("cases", "there are `tests` already", Some(hint)).into());
    }
    if language == Language::Other
        && let Some(tests) = tests
        && !tests.0.iter().any(|Text(text)| text.contains("done"))
    {
        let message = "the last statement has to print `{{ done }}`: that tells that all tests were run";
        return Err(OptionError::at("tests", message, Some("for example `puts \"{{ done }}\"`")).into());
    }
    let text = |option: &str, text: &Option<Text>| text.as_ref().map(|Text(text)| template(option, text)).transpose();
    let (mut pairs, mut pairs_in) = (Vec::new(), None);
    match cases {
        None => {}
        Some(Value::String(name)) => pairs_in = Some(name.clone()),
        Some(Value::Array(list)) if !list.is_empty() => {
            for (index, pair) in list.iter().enumerate() {
                let path = format!("cases[{index}]");
                let Pair { input, output } = Pair::deserialize(pair).map_err(|error| {
                    let hint = "write `{ input: \"1 2\", output: \"3\" }`";
                    OptionError::at(&path, error.to_string(), Some(hint))
                })?;
                pairs.push((template(&path, &input)?, template(&path, &output)?));
            }
        }
        Some(other) => {
            let message =
                format!("expected a list of `{{ input, output }}`, or the name of a variable, got {}", noun(other));
            return Err(OptionError::at("cases", message, None).into());
        }
    }
    Ok(Source {
        tests: lines("tests", tests.as_ref())?,
        prefix: text("prefix", prefix)?,
        entry_point: text("entry_point", entry_point)?,
        setup: lines("setup", setup.as_ref())?,
        pairs_in,
        pairs,
        challenge: *challenge,
    })
}

impl CodeGrader {
    fn shown(&self) -> String {
        self.run.join(" ")
    }

    /// The interpreter, found and tried out in the sandbox once.
    async fn interpreter(&self, host: &Host) -> Result<&Interpreter, Unable> {
        let found = self.interpreter.get_or_init(async || {
            let interpreter = find(host, self.language, &self.run, &self.folder).await?;
            if self.language.driver().is_some() {
                let runner = self.runner(host, &interpreter);
                // A run of nothing that does not come to its end is no fault of the code's.
                if let Ended::Short(how) = runner.drive("").await? {
                    return Err(format!("does not work within its limits: {how}"));
                }
            }
            Ok(interpreter)
        });
        found.await.as_ref().map_err(Clone::clone)
    }

    fn runner<'a>(&'a self, host: &'a Host, interpreter: &'a Interpreter) -> Runner<'a> {
        Runner { host, language: self.language, interpreter, bounds: &self.bounds }
    }

    async fn judge(&self, subject: Subject<'_>) -> Judgement {
        let done = secret();
        let task = match self.source.task(subject.vars, self.language, &done) {
            Ok(task) => task,
            Err(message) => return Judgement::unable(message),
        };
        // Never closed, so a permit always comes.
        let _slot = self.slots.acquire().await;
        let answer = &subject.answer.text;
        let (code, ended) = match task {
            Task::Tests { prefix, entry_point, tests } => {
                let entry_point = entry_point.or_else(|| last_function(&prefix).map(ToOwned::to_owned));
                let definition = Definition::of(entry_point.as_deref().unwrap_or_default(), self.language);
                let code = self.code(answer, |text| definition.is_in(text));
                let solution = solution(&prefix, code, &definition, self.language);
                let program = self.language.program(&solution, &tests);
                (code, self.test(&program, &done).await)
            }
            Task::Outputs(pairs) => {
                let code = self.code(answer, |_| false);
                (code, self.compare(code, &pairs).await)
            }
        };
        let judgement = match ended {
            Ok(Ended::Through) => Judgement::pass(format!("the code {} passes its tests", quote(code.text.trim()))),
            Ok(Ended::Short(how)) => Judgement::fail(explained(&how, code)),
            Err(how) => return Judgement::unable(format!("`{}` {how}", self.shown())),
        };
        if code.fenced { judgement.with_extracted(code.text.trim_end()) } else { judgement }
    }

    fn code<'a>(&self, answer: &'a str, defines: impl Fn(&str) -> bool) -> Code<'a> {
        let labels: Vec<&str> = self.labels.iter().map(String::as_str).collect();
        code(answer, &labels, self.take, defines)
    }

    async fn test(&self, program: &str, done: &str) -> Result<Ended, Unable> {
        let host = host()?;
        let runner = self.runner(host, self.interpreter(host).await?);
        if self.language.driver().is_some() {
            return runner.drive(program).await;
        }
        Ok(match runner.print(program, &self.file, "").await? {
            Ok(printed) if printed.trim_end().lines().next_back().map(str::trim) == Some(done) => Ended::Through,
            Ok(_) => Ended::Short("ended before its tests were through".to_owned()),
            Err(how) => Ended::Short(how),
        })
    }

    /// Runs a program once for each input; the first output that differs ends it.
    async fn compare(&self, code: Code<'_>, pairs: &[Pair]) -> Result<Ended, Unable> {
        let host = host()?;
        let runner = self.runner(host, self.interpreter(host).await?);
        for (index, Pair { input, output }) in pairs.iter().enumerate() {
            let at = format!("case {} of {}", index + 1, pairs.len());
            match runner.print(code.text, &self.file, input).await? {
                Err(how) => return Ok(Ended::Short(format!("{how} ({at})"))),
                Ok(printed) if plain(&printed) != plain(output) => {
                    let (want, got) = (quote(output.trim()), quote(printed.trim()));
                    return Ok(Ended::Short(format!("printed {got} where {want} was expected ({at})")));
                }
                Ok(_) => {}
            }
        }
        Ok(Ended::Through)
    }
}

/// Why it failed, and the usual ways out.
fn explained(how: &str, code: Code<'_>) -> String {
    let hint = if code.text.trim().is_empty() {
        " (the answer holds no code)"
    } else if !code.fenced && how.contains("SyntaxError") {
        " (the answer has no fenced block, so all of it was run)"
    } else {
        ""
    };
    format!("the code {how}{hint}")
}

/// Lines without blanks at their ends, and without empty ones at the end.
fn plain(text: &str) -> Vec<&str> {
    text.trim_end().lines().map(str::trim_end).collect()
}

impl Grader for CodeGrader {
    fn grade<'a>(&'a self, subject: Subject<'a>) -> Grading<'a> {
        if !subject.services.programs_allowed() {
            return Grading::Ready(Judgement::unable(format!(
                "code of a model's, by `{}`: {NOT_ALLOWED}",
                self.shown()
            )));
        }
        Grading::Pending(self.judge(subject).boxed())
    }

    fn example(&self, case: &CaseFacts<'_>) -> Option<Example> {
        let vars = case.vars();
        let text = |name: &str| vars.get(name).and_then(Value::as_str);
        // As HumanEval and MBPP have it; `solution` in suites of one's own.
        let code = match (text("canonical_solution"), text("prompt")) {
            (Some(solution), Some(prompt)) => format!("{prompt}{solution}"),
            (Some(solution), None) => solution.to_owned(),
            (None, _) => text("code").or_else(|| text("solution"))?.to_owned(),
        };
        Some(Example::Whole(format!("```\n{}\n```", code.trim_end())))
    }

    fn check(&self, case: &CaseFacts<'_>) -> Result<(), String> {
        self.source.task(case.vars(), self.language, "done").map(drop)
    }

    fn at_fault(&self, case: &CaseFacts<'_>) -> Option<String> {
        option_named(&self.check(case).err()?, &["tests", "setup", "prefix", "entry_point", "cases"])
    }

    fn needs(&self) -> Needs {
        let executable = settings::executable(&self.run, &self.folder);
        let program = format!("{} on code in answers", self.shown());
        Needs { programs: vec![program], executables: vec![executable], ..Needs::default() }
    }
}
