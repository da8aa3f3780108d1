//! A suite file → [`Suite`]: the order in which it is read and checked.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::gate::Gate;
use crate::plan::hex;

use super::attach::Attachments;
use super::cases::{Cases, report_empty};
use super::decode::decode;
use super::diagnostic::{Diagnostic, Diagnostics, Severity, Source};
use super::endpoint::{RawEndpoint, SuiteEndpoint};
use super::env::Env;
use super::graders::{Build, Graders};
use super::include::Included;
use super::log::{Finding, Log, Place, Target};
use super::model::{LoadOptions, Loaded, Model, Overrides, Suite};
use super::models::Defaults;
use super::node::Node;
use super::prompts::Prompts;
use super::read::{Field, Table, apply_merges, check_duplicates};
use super::scope::Scope;
use super::spans::Spans;
use super::{dataset, judges, models, pairwise, prompts};

/// A YAML file larger than this is refused before it is read.
pub(super) const MAX_SUITE_BYTES: u64 = 64 << 20;

/// The keys of a suite.
pub(super) const KEYS: [&str; 20] = [
    "name",
    "description",
    "base_url",
    "api_key_env",
    "headers",
    "defaults",
    "models",
    "judges",
    "prompt",
    "prompts",
    "env",
    "include",
    "cases",
    "dataset",
    "repeat",
    "graders",
    "pairwise",
    "budget",
    "gates",
    "confidence",
];

/// Reads a suite file and everything it names.
///
/// # Errors
/// Every mistake that could be found, each with its place. Nothing has been sent.
pub fn load(path: &Path, options: &LoadOptions) -> Result<Loaded, Diagnostics> {
    load_with(path, options, crate::grade::build)
}

/// [`load`] with another way of building graders.
pub(super) fn load_with(path: &Path, options: &LoadOptions, build: Build) -> Result<Loaded, Diagnostics> {
    let bytes = read_file(path).map_err(|message| only(None, message, None))?;
    let sha256 = hex(&Sha256::digest(&bytes));
    let source = source_of(path, bytes)?;
    let mut decoded = decode(&source.text).map_err(|mistake| {
        let place = mistake.range.map(|range| (Arc::clone(&source), range));
        only(place, mistake.message, mistake.hint)
    })?;
    if decoded.has_floats {
        Spans::new(&source.text).restore_numbers(&mut decoded.root, &source.text);
    }
    let log = Log::default();
    check_duplicates(&decoded.root, &log);
    apply_merges(&mut decoded.root, &Place::default(), &log);
    let suite = read_suite(&decoded.root, path, sha256, options, build, &log);
    let has_errors = log.has_errors();
    let diagnostics = log.finish(&source);
    match suite {
        Some(suite) if !has_errors => Ok(Loaded { suite, warnings: diagnostics }),
        _ => Err(diagnostics),
    }
}

pub(super) fn only(
    place: Option<(Arc<Source>, std::ops::Range<usize>)>,
    message: String,
    hint: Option<String>,
) -> Diagnostics {
    let item = Diagnostic { severity: Severity::Error, message, path: String::new(), place, related: None, hint };
    Diagnostics { items: vec![item], omitted: 0 }
}

pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let open = || {
        // Looked at before it is opened, for a clear message about folders. A pipe is fine: `bench run <(make-suite)`.
        if std::fs::metadata(path)?.is_dir() {
            return Err(io::Error::other("it is a folder"));
        }
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_SUITE_BYTES + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = open().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("there is no file `{shown}`"),
        _ => format!("cannot read `{shown}`: {error}"),
    })?;
    if bytes.len() as u64 > MAX_SUITE_BYTES {
        return Err(format!(
            "`{shown}` is larger than {} MB: put the cases into a dataset file",
            MAX_SUITE_BYTES >> 20
        ));
    }
    Ok(bytes)
}

pub(super) fn source_of(path: &Path, bytes: Vec<u8>) -> Result<Arc<Source>, Diagnostics> {
    let source = |text: String| {
        let text = match text.strip_prefix('\u{feff}') {
            Some(text) => text.to_owned(),
            None => text,
        };
        Arc::new(Source { path: path.to_owned(), text, first_line: 1 })
    };
    match String::from_utf8(bytes) {
        Ok(text) => Ok(source(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let message = format!("the file is not UTF-8 (byte 0x{:02x} at offset {at})", bytes[at]);
            let hint = if is_utf16 { "it looks like UTF-16: save it as UTF-8" } else { "save it as UTF-8" };
            let source = source(String::from_utf8_lossy(bytes).into_owned());
            let place = (source, at..at + '\u{fffd}'.len_utf8());
            Err(only(Some(place), message, Some(hint.to_owned())))
        }
    }
}

fn read_suite(
    root: &Node,
    path: &Path,
    sha256: String,
    options: &LoadOptions,
    build: Build,
    log: &Log,
) -> Option<Suite> {
    let field = Field { node: root, place: Place::default() };
    if field.is_null() {
        let hint = "a suite needs `name`, `models`, `prompt` and `cases`";
        log.add(Finding::error(&field.place, format!("{} is empty", path.display())).hint(hint));
        return None;
    }
    let table = field.table("a suite", &KEYS, log)?;
    let overrides = &options.overrides;
    let folder = path.parent().unwrap_or(Path::new(""));

    let name = table.require("name", log).and_then(|field| field.name(log));
    let description = table.get("description").filter(|field| !field.is_null()).and_then(|field| field.text(log));
    let endpoint = SuiteEndpoint::resolve(RawEndpoint::read(&table, log), overrides, log);
    let defaults = Defaults::read(&table, &endpoint, log);
    let models = models::read(&table, &defaults, overrides, log);
    let files = Arc::new(Attachments::new(folder));
    let env = Env::read(&table, &models, &options.outside, log);
    let mut prompts = prompts::read(&table, &files, &env, log);
    let scope = Scope::of_suite(folder, &env, &options.outside);
    let (cases, mut graders) = read_cases(&table, path, &scope, build, &mut prompts, log);
    prompts.settle(&cases, &table, log);
    let pairwise = pairwise::read(&table, &models, &cases.list, &mut graders, log);
    let judges = judges::read(&table, &defaults, &graders, &models, log);
    cases.check_prompts(&prompts, log);
    let repeat = table
        .get("repeat")
        .and_then(|field| field.at_least_one("with `repeat: 1` each case is asked once", log))
        .unwrap_or(1);
    let budget = table.get("budget").filter(|field| !field.is_null()).and_then(|field| field.money(log));
    let gates = gates(&table, &models, overrides, log);
    let confidence = table.get("confidence").filter(|field| !field.is_null()).and_then(|field| field.confidence(log));
    if overrides.confidence.is_some_and(|share| !(share > 0.0 && share < 1.0)) {
        log.add(Finding::outside("`--confidence`: expected a share between 0% and 100%"));
    }
    if overrides.repeat == Some(0) {
        log.add(Finding::outside("`--repeat`: must be at least 1"));
    }
    if !log.has_errors() {
        cases.remark(&prompts, &table, log);
    }
    Some(Suite {
        name: name?.to_owned(),
        description: description.map(str::to_owned),
        path: path.to_owned(),
        sha256,
        models,
        judges,
        prompts: prompts.list,
        cases: cases.list,
        datasets: cases.files,
        env: env.values(),
        repeat: overrides.repeat.unwrap_or(repeat),
        graders: Value::Array(graders.written),
        pairwise,
        budget: overrides.budget.or(budget),
        gates,
        confidence: overrides.confidence.or(confidence),
    })
}

/// Graders come first: every case is checked against its own as it is read.
fn read_cases(
    table: &Table<'_>,
    path: &Path,
    scope: &Scope<'_>,
    build: Build,
    prompts: &mut Prompts,
    log: &Log,
) -> (Cases, Graders) {
    let mut graders = Graders::read(table.get("graders"), &scope.folder(), build, log);
    let mut cases = Cases::default();
    let mut gathered = Gathered { cases: &mut cases, graders: &mut graders, prompts };
    read_section(table, scope, &mut Included::by(path), &mut gathered, log);
    if ["cases", "dataset", "include"].iter().all(|key| table.get(key).is_none_or(|field| field.is_null())) {
        let (place, message) = match table.get("cases").or_else(|| table.get("dataset")) {
            Some(field) => (field.place, "no cases to ask"),
            None => (table.place.clone(), "`cases` is missing"),
        };
        let hint = "write `cases: [{ vars: { ... } }]`, or `dataset: file.csv`";
        log.add(Finding::error(&place, message).hint(hint));
    }
    cases.finish_ids(log);
    (cases, graders)
}

/// What the sections of a suite and of its included files are read into.
pub(super) struct Gathered<'a> {
    pub(super) cases: &'a mut Cases,
    pub(super) graders: &'a mut Graders,
    pub(super) prompts: &'a mut Prompts,
}

/// Reads `include`, `cases` and `dataset`, in this order, of a suite or an included file. Hands back how many inline
/// cases are written in it, and how many they became.
pub(super) fn read_section(
    table: &Table<'_>,
    scope: &Scope<'_>,
    included: &mut Included,
    into: &mut Gathered<'_>,
    log: &Log,
) -> (usize, usize) {
    let [include, inline, files] =
        ["include", "cases", "dataset"].map(|key| table.get(key).filter(|field| !field.is_null()));
    if let Some(field) = &include {
        included.read(field, scope, into, log);
    }
    let before = into.cases.list.len();
    let mut written = 0;
    if let Some(field) = &inline {
        written = into.cases.read_inline(field, scope, into.graders, log);
        if *field.node == Node::List(Vec::new()) && files.is_none() && include.is_none() {
            report_empty(field, log);
        }
    }
    let made = into.cases.list.len() - before;
    if let Some(field) = &files {
        dataset::read(field, scope, into, log);
    }
    (written, made)
}

fn gates(table: &Table<'_>, models: &[Model], overrides: &Overrides, log: &Log) -> Vec<Gate> {
    let names: Vec<&str> = models.iter().map(|model| model.name.as_str()).collect();
    let mut gates = Vec::new();
    for field in table.get("gates").filter(|field| !field.is_null()).iter().flat_map(Field::one_or_list) {
        let Some(text) = field.text(log) else { continue };
        match Gate::parse(text, &names) {
            Ok(gate) => gates.push(gate),
            Err(error) => log.add(
                Finding::error(&field.place, error.message)
                    .target(Target::Part(text.into(), error.span))
                    .maybe_hint(error.hint),
            ),
        }
    }
    for text in &overrides.gates {
        match Gate::parse(text, &names) {
            Ok(gate) => gates.push(gate),
            Err(error) => {
                let message = format!("`--gate '{text}'`: {}", error.message);
                log.add(Finding::outside(message).maybe_hint(error.hint));
            }
        }
    }
    gates
}
