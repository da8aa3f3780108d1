//! `run.json`: what was run, and how it ended.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::PathBuf;

use jiff::SignedDuration;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::cases::{CaseTable, SuiteCases};
use super::folder::{FolderError, Locked, RunFolder, sync_dir};
use super::tidy;
use crate::suite::{DatasetFile, Model, Suite};
use crate::units::Usd;

/// The version of manifests that are written.
pub const MANIFEST_VERSION: u32 = 1;

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ending {
    /// `finished`, `interrupted`, `account`, `sink`; a run without an ending was killed.
    pub reason: String,
    /// For people, where there is more to say (the error that stopped the run).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// When, RFC 3339 UTC.
    pub at: String,
    /// Why each model stopped early, where one did.
    #[serde(default)]
    pub lanes: Vec<LaneEnding>,
}

/// Why a model's run stopped before its cells were done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LaneEnding {
    /// The model's name.
    pub model: String,
    /// `deadline`, `budget`, `give_up`, `model_gone`, `account`, `interrupted`, `sink`.
    pub reason: String,
    /// For people.
    pub message: String,
}

/// That a run was graded again with other graders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Regrading {
    /// When, RFC 3339 UTC.
    pub at: String,
    /// The path of the suite it was graded with, as given.
    pub suite_path: String,
    /// SHA-256 of that suite file.
    pub suite_sha256: String,
    /// The suite's graders before, as written.
    pub graders_before: Value,
    /// It was stopped before its end: some answers have the grades they had.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

/// A model as the manifest keeps it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelHead {
    /// The unique label.
    pub name: String,
    /// What was sent as `model`.
    pub id: String,
    /// Everything else of the resolved model (endpoint without the key, limits, params …).
    pub settings: Value,
}

impl ModelHead {
    /// What the manifest keeps of a model. The values of extra headers may be secrets and are left out; durations are
    /// written as people write them.
    pub fn of(model: &Model) -> Self {
        let mut settings = serde_json::to_value(model).unwrap_or_default();
        if let Value::Object(settings) = &mut settings {
            settings.shift_remove("id");
            settings.shift_remove("name");
        }
        if let Some(Value::Array(headers)) = settings.pointer_mut("/endpoint/headers") {
            for value in headers.iter_mut().filter_map(|header| header.get_mut(1)) {
                *value = Value::from("[redacted]");
            }
        }
        if let Some(Value::Object(limits)) = settings.get_mut("limits") {
            limits.values_mut().for_each(spell_duration);
        }
        Self { name: model.name.clone(), id: model.id.clone(), settings }
    }

    /// Whom else the model's requests may be answered by, in order: its `fallbacks`.
    pub fn fallbacks(&self) -> impl Iterator<Item = &str> {
        self.settings.get("fallbacks").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
    }
}

/// Turns serde's `{secs, nanos}` of a duration into text such as `1m 30s`.
fn spell_duration(value: &mut Value) {
    let part = |name| value.get(name).and_then(Value::as_i64);
    if let (Some(secs), Some(nanos)) = (part("secs"), part("nanos").and_then(|nanos| i32::try_from(nanos).ok())) {
        *value = Value::from(format!("{:#}", SignedDuration::new(secs, nanos)));
    }
}

/// The manifest of a run. `C` is what holds the cases: [`SuiteCases`] to write one, [`CaseTable`] to report on a run,
/// [`CasePrints`](super::CasePrints) to compare it with a suite.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Manifest<C = CaseTable> {
    /// Version of this format; 1.
    pub version: u32,
    /// The `bench` that wrote it.
    pub bench: String,
    /// The suite's name.
    pub suite: String,
    /// The suite's description.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The suite's path as given.
    pub suite_path: String,
    /// SHA-256 of the suite file.
    pub suite_sha256: String,
    /// Answered by the embedded simulator.
    pub simulated: bool,
    /// Seed of everything random.
    pub seed: u64,
    /// When the run started, RFC 3339 UTC.
    pub started_at: String,
    /// When it was taken up again, each time, RFC 3339 UTC.
    #[serde(default)]
    pub resumed_at: Vec<String>,
    /// `None` while it runs, or where it was killed.
    #[serde(default)]
    pub ended: Option<Ending>,
    /// When it was graded again, each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub regraded: Vec<Regrading>,
    /// How often each case is asked.
    pub repeat: u32,
    /// The run's budget in US dollars.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<Usd>,
    /// Gate expressions, from the suite and the command line.
    #[serde(default)]
    pub gates: Vec<String>,
    /// For gates on intervals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The suite's graders as written.
    pub graders: Value,
    /// How answers of two models were compared, as written; null: they were not.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub pairwise: Value,
    /// The models in plan order.
    pub models: Vec<ModelHead>,
    /// The models that graders ask.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub judges: Vec<ModelHead>,
    /// The prompts in plan order, resolved: `{id, messages}`.
    pub prompts: Vec<Value>,
    /// The files that cases were read from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<DatasetFile>,
    /// The variables of the environment that the suite declares, and what they held.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The cases in plan order.
    pub cases: C,
}

impl<'a> Manifest<SuiteCases<'a>> {
    /// The manifest of a run of this suite that starts now.
    pub fn of(suite: &'a Suite, seed: u64, simulated: bool, started_at: String) -> Self {
        Self {
            version: MANIFEST_VERSION,
            bench: env!("CARGO_PKG_VERSION").to_owned(),
            suite: suite.name.clone(),
            description: suite.description.clone(),
            suite_path: suite.path.display().to_string(),
            suite_sha256: suite.sha256.clone(),
            simulated,
            seed,
            started_at,
            resumed_at: Vec::new(),
            ended: None,
            regraded: Vec::new(),
            repeat: suite.repeat,
            budget: suite.budget,
            gates: suite.gates.iter().map(|gate| gate.text.clone()).collect(),
            confidence: suite.confidence,
            graders: suite.graders.clone(),
            pairwise: suite.pairwise.as_ref().map(|pairwise| pairwise.written.clone()).unwrap_or_default(),
            models: suite.models.iter().map(ModelHead::of).collect(),
            judges: suite.judges.iter().map(ModelHead::of).collect(),
            prompts: suite.prompts.iter().map(|prompt| serde_json::to_value(prompt).unwrap_or_default()).collect(),
            datasets: suite.datasets.clone(),
            env: suite.env.clone(),
            cases: SuiteCases(&suite.cases),
        }
    }
}

impl<C> Manifest<C> {
    /// The prompts' ids in plan order.
    pub fn prompt_ids(&self) -> impl Iterator<Item = &str> {
        self.prompts.iter().map(|prompt| prompt.get("id").and_then(Value::as_str).unwrap_or_default())
    }
}

/// Why a manifest cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// There is no run there, or it cannot be read.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// It is not a manifest.
    #[error("{path} is not a manifest: {source}")]
    Invalid {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// It was written by a newer bench.
    #[error("{path} has version {version}, this bench reads up to {MANIFEST_VERSION}: a newer bench wrote it")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        version: u32,
    },
}

impl RunFolder {
    /// Reads the manifest.
    ///
    /// # Errors
    /// Where there is none, or it is not one this bench can read.
    pub fn read_manifest<C: DeserializeOwned>(&self) -> Result<Manifest<C>, ManifestError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let path = self.manifest();
        let open = || match File::open(&path) {
            Ok(file) => Ok(BufReader::with_capacity(1 << 18, file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Err(FolderError::NotARun(self.path().to_owned())),
            Err(error) => Err(FolderError::at(&path)(error)),
        };
        let read = serde_json::from_reader::<_, Manifest<C>>(open()?);
        let version = match &read {
            Ok(manifest) => Some(manifest.version),
            // What a newer bench writes may have another shape.
            Err(_) => serde_json::from_reader::<_, Version>(open()?).ok().map(|Version { version }| version),
        };
        match (read, version) {
            (_, Some(version)) if version > MANIFEST_VERSION => Err(ManifestError::Newer { path, version }),
            (Ok(manifest), _) => Ok(manifest),
            (Err(source), _) if source.is_io() => Err(FolderError::at(&path)(source.into()).into()),
            (Err(source), _) => Err(ManifestError::Invalid { path, source }),
        }
    }
}

impl Locked {
    /// Writes the manifest so that a reader, or a crash, sees the old one or the new one and never a part.
    ///
    /// # Errors
    /// Where it cannot be written; the old one then still stands.
    pub fn write_manifest<C: Serialize>(&self, manifest: &Manifest<C>) -> Result<(), FolderError> {
        let (folder, path) = (self.folder().path(), self.folder().manifest());
        let write = || {
            let mut builder = tempfile::Builder::new();
            builder.prefix(".run.json.");
            #[cfg(unix)]
            builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
            let file = builder.tempfile_in(folder)?;
            let mut out = BufWriter::with_capacity(1 << 18, file);
            tidy::write(&mut out, manifest, 2)?;
            out.write_all(b"\n")?;
            let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
            file.as_file().sync_all()?;
            file.persist(&path).map_err(|error| error.error)?;
            sync_dir(folder)
        };
        write().map_err(FolderError::at(&path))
    }
}

#[cfg(test)]
mod tests;
