//! `bench import`: a config of promptfoo, OpenAI evals or lm-eval → a suite.

use std::fs;
use std::io::Read as _;
use std::path::{Component, Path, PathBuf};

use clap::ValueEnum;

use crate::hub::Uri;
use crate::import::{Files, ImportError, Imported, Kind, LeftOut, Request, import as convert};
use crate::suite::{self, LoadOptions};
use crate::ui::Printer;

use super::check::on_this_machine;
use super::exit::ExitStatus;
use super::failure::{Failure, delivered};

/// A larger file is no config, and no prompt.
const MAX_BYTES: u64 = 64 << 20;

/// Files that a glob may stand for.
const MAX_MATCHES: usize = 10_000;

/// What was left out is listed up to so many lines.
const MAX_LISTED: usize = 100;

/// `bench import`.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Args {
    /// A promptfoo config, an OpenAI-evals registry entry or an lm-eval task (YAML or JSON)
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// Where the suite is written (`-`: standard output)
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    pub(super) out: PathBuf,
    /// Whose config it is [default: told by its keys]
    #[arg(long, value_enum, value_name = "TOOL")]
    pub(super) from: Option<From>,
    /// Write over a file that is there
    #[arg(long)]
    pub(super) force: bool,
}

/// Whose config it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum From {
    /// `promptfooconfig.yaml`
    Promptfoo,
    /// A file of `evals/registry/evals`
    OpenaiEvals,
    /// A task's YAML
    LmEval,
}

impl From {
    fn kind(self) -> Kind {
        match self {
            Self::Promptfoo => Kind::Promptfoo,
            Self::OpenaiEvals => Kind::OpenaiEvals,
            Self::LmEval => Kind::LmEval,
        }
    }
}

pub(super) fn import(args: &Args, printer: &Printer) -> ExitStatus {
    execute(args, printer).unwrap_or_else(|failure| failure.tell(printer))
}

fn execute(args: &Args, printer: &Printer) -> Result<ExitStatus, Failure> {
    let is_stdout = args.out == Path::new("-");
    if !is_stdout && !args.force && args.out.exists() {
        return Err(
            Failure::usage(format!("{} is there already", args.out.display())).hint("write over it with `--force`")
        );
    }
    let text = read(&args.file).map_err(Failure::usage)?;
    let folder = parent(&args.file);
    let target = if is_stdout { Path::new(".") } else { parent(&args.out) };
    let prefix = way(target, folder).map_err(|error| Failure::cannot(format!("{}: {error}", target.display())))?;
    let path = args.file.display().to_string();
    let request = Request {
        text: &text,
        path: &path,
        name: &name(&args.file),
        kind: args.from.map(From::kind),
        prefix: &prefix,
        files: &Disk { folder: folder.to_owned() },
    };
    let imported = convert(&request).map_err(|error| {
        let failure = Failure::usage(&error);
        match error {
            ImportError::Unknown(_) => {
                failure.hint("name the tool with `--from promptfoo`, `openai-evals` or `lm-eval`")
            }
            _ => failure,
        }
    })?;
    tell(&imported, printer);
    if is_stdout {
        return Ok(delivered(printer.out(&imported.yaml), printer));
    }
    fs::write(&args.out, &imported.yaml)
        .map_err(|error| Failure::cannot(format!("cannot write {}: {error}", args.out.display())))?;
    if imported.yaml.contains(Uri::SCHEME) {
        printer
            .note(&format!("wrote {}; to download its data and see what it asks: bench check {0}", args.out.display()));
        return Ok(ExitStatus::Success);
    }
    match suite::load(&args.out, &LoadOptions { outside: on_this_machine(), ..LoadOptions::default() }) {
        Ok(_) => printer.note(&format!("wrote {}; see what it asks: bench check {0}", args.out.display())),
        Err(mistakes) => printer.warn(&format!(
            "wrote {}, which has to be finished ({}): bench check {0}",
            args.out.display(),
            mistakes.summary()
        )),
    }
    Ok(ExitStatus::Success)
}

/// Says what was understood and what was not.
fn tell(imported: &Imported, printer: &Printer) {
    let Imported { kind, left_out, tally, .. } = imported;
    printer.note(&format!("read as {kind}: {} of {} assertions understood", tally.understood(), tally.all()));
    if printer.config().verbose > 0 {
        let line = |(name, (all, understood)): (&String, &(usize, usize))| format!("  {name}: {understood} of {all}");
        let types: Vec<String> = tally.types.iter().map(line).collect();
        printer.talk_block(&format!("{}\n", types.join("\n")));
    }
    if left_out.is_empty() {
        return;
    }
    let place = |left: &LeftOut| {
        if left.file.is_empty() { format!("line {}", left.line) } else { format!("{}:{}", left.file, left.line) }
    };
    let things =
        if left_out.len() == 1 { "one thing was".to_owned() } else { format!("{} things were", left_out.len()) };
    printer.warn(&format!("{things} not imported:"));
    let mut lines = String::new();
    for left in left_out.iter().take(MAX_LISTED) {
        let line = format!("  {}: {}: {}", place(left), left.what, left.why);
        lines.push_str(&crate::text::one_line(&line));
        lines.push('\n');
    }
    if left_out.len() > MAX_LISTED {
        lines.push_str("  … and more: each stands as a comment in the suite\n");
    }
    printer.talk_block(&lines);
}

fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// What the suite is called: after the config, or after its folder where every config has the same name.
fn name(file: &Path) -> String {
    let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    if !stem.starts_with("promptfooconfig") {
        return stem;
    }
    let rest = stem.trim_start_matches("promptfooconfig").trim_matches(['.', '-', '_']).to_owned();
    let folder =
        fs::canonicalize(parent(file)).ok().and_then(|folder| Some(folder.file_name()?.to_string_lossy().into_owned()));
    match (folder, rest.as_str()) {
        (Some(folder), "") => folder,
        (Some(folder), rest) => format!("{folder}-{rest}"),
        (None, _) => stem,
    }
}

/// The way from one folder to another, with `/` at its end; empty where they are one.
fn way(from: &Path, to: &Path) -> std::io::Result<String> {
    let (from, to) = (fs::canonicalize(from)?, fs::canonicalize(to)?);
    let shared = from.components().zip(to.components()).take_while(|(a, b)| a == b).count();
    let mut way = String::new();
    for _ in from.components().skip(shared) {
        way.push_str("../");
    }
    for component in to.components().skip(shared) {
        if let Component::Normal(name) = component {
            way.push_str(&name.to_string_lossy());
            way.push('/');
        }
    }
    Ok(way)
}

fn read(path: &Path) -> Result<String, String> {
    let shown = path.display();
    let open = || {
        // A pipe may never end, and a folder is no text.
        if !fs::metadata(path)?.is_file() {
            return Err(std::io::Error::other("it is no file"));
        }
        let mut bytes = Vec::new();
        fs::File::open(path)?.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = open().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => format!("there is no file `{shown}`"),
        _ => format!("cannot read `{shown}`: {error}"),
    })?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(format!("`{shown}` is larger than {} MB", MAX_BYTES >> 20));
    }
    String::from_utf8(bytes).map_err(|_| format!("`{shown}` is not UTF-8"))
}

/// Files as they lie around the config.
struct Disk {
    folder: PathBuf,
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<String, String> {
        read(&self.folder.join(path))
    }

    fn exists(&self, path: &str) -> bool {
        self.folder.join(path).is_file()
    }

    fn matching(&self, pattern: &str) -> Vec<String> {
        let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
        let Ok(glob) = globset::GlobBuilder::new(pattern).literal_separator(true).build() else { return Vec::new() };
        let matcher = glob.compile_matcher();
        let fixed = pattern.split('/').take_while(|part| !part.contains(['*', '?', '[', '{'])).collect::<Vec<_>>();
        let start = if fixed.len() == pattern.split('/').count() { String::new() } else { fixed.join("/") };
        let is_deep = pattern.contains("**");
        let depth = if is_deep { 12 } else { pattern.split('/').count().saturating_sub(fixed.len()) };
        let mut found = Vec::new();
        walk(&self.folder, &start, depth, &mut |path| {
            if matcher.is_match(path) {
                found.push(path.to_owned());
            }
            found.len() < MAX_MATCHES
        });
        found.sort();
        found
    }
}

/// Visits the files below a folder, their paths relative to `root`; `false` ends it.
fn walk(root: &Path, folder: &str, depth: usize, visit: &mut dyn FnMut(&str) -> bool) -> bool {
    let Ok(entries) = fs::read_dir(root.join(folder)) else { return true };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        let Ok(kind) = entry.file_type() else { continue };
        let goes_on = if kind.is_dir() { depth <= 1 || walk(root, &path, depth - 1, visit) } else { visit(&path) };
        if !goes_on {
            return false;
        }
    }
    true
}
