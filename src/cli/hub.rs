//! The Hugging Face hub as the environment describes it. Looked at only where a suite names files of it.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use secrecy::SecretString;

use crate::grade::withhold_from_programs;
use crate::hub::{Fetch, FetchError, Fetched, Hub, Settings, Uri, Watch};
use crate::ui::{Mode, Printer, Transfers};

use super::args::DataArgs;
use super::facts::Facts;

/// Variables that hold a token; the second is what it was called once.
const TOKENS: [&str; 2] = ["HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/// The hub for a command. Nothing is read or asked before a file of it is.
pub(super) fn of(args: DataArgs, progress: Mode, facts: Facts, printer: &Printer) -> Arc<dyn Fetch> {
    TOKENS.into_iter().for_each(withhold_from_programs);
    let mode = progress.resolve(facts.stderr_is_terminal, facts.plain_only, printer.config().quiet);
    let shown = Shown { printer: printer.clone(), transfers: Transfers::new(mode, printer) };
    Arc::new(Lazy { offline: args.offline, shown: Arc::new(shown), hub: OnceLock::new() })
}

#[derive(Debug)]
struct Lazy {
    offline: bool,
    shown: Arc<Shown>,
    hub: OnceLock<Result<Hub, FetchError>>,
}

impl Fetch for Lazy {
    fn files(&self, uri: &Uri) -> Result<Vec<Fetched>, FetchError> {
        let hub = self.hub.get_or_init(|| {
            let settings = settings(&|name| std::env::var(name).ok(), self.offline)?;
            Ok(Hub::new(settings, Arc::clone(&self.shown) as Arc<dyn Watch>))
        });
        hub.as_ref().map_err(Clone::clone)?.files(uri)
    }
}

/// What is told of downloads, on standard error.
#[derive(Debug)]
struct Shown {
    printer: Printer,
    transfers: Transfers,
}

impl Watch for Shown {
    fn note(&self, message: &str) {
        self.printer.note(message);
    }

    fn begin(&self, name: &str, size: u64, have: u64) {
        self.transfers.begin(name, size, have);
    }

    fn at(&self, have: u64) {
        self.transfers.at(have);
    }

    fn end(&self) {
        self.transfers.end();
    }
}

/// The settings that the environment tells, under the names that the official tools have given them.
fn settings(variable: &dyn Fn(&str) -> Option<String>, offline: bool) -> Result<Settings, FetchError> {
    let set = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let is_true = |name| set(name).is_some_and(|value| ["1", "ON", "YES", "TRUE"].contains(&&*value.to_uppercase()));
    let folder = |name| set(name).map(PathBuf::from);
    // By the XDG's rules, also on macOS; a path that is not absolute counts as none.
    let caches = folder("XDG_CACHE_HOME").filter(|path| path.is_absolute());
    let caches = caches.or_else(|| Some(folder("HOME").or_else(|| folder("USERPROFILE"))?.join(".cache")));
    let below = |name| caches.as_ref().map(|caches| caches.join(name));

    let cache = folder("BENCH_CACHE_DIR").or_else(|| below("bench")).ok_or_else(|| {
        FetchError::new("there is no folder for files of the hub").hint("set BENCH_CACHE_DIR, or HOME")
    })?;
    let home = folder("HF_HOME").or_else(|| below("huggingface"));
    let official = folder("HF_HUB_CACHE").or_else(|| Some(home.as_ref()?.join("hub")));
    let written = || {
        let file = folder("HF_TOKEN_PATH").or_else(|| Some(home.as_ref()?.join("token")))?;
        let token = std::fs::read_to_string(file).ok()?.trim().to_owned();
        Some(token).filter(|token| !token.is_empty())
    };
    let token = if is_true("HF_HUB_DISABLE_IMPLICIT_TOKEN") {
        None
    } else {
        TOKENS.into_iter().find_map(set).or_else(written).map(SecretString::from)
    };
    Ok(Settings::new(set("HF_ENDPOINT").as_deref(), cache)?
        .token(token)
        .official_cache(official)
        .offline(offline || is_true("HF_HUB_OFFLINE")))
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;

    fn told(variables: &[(&str, &str)]) -> Result<String, FetchError> {
        let variables: HashMap<&str, &str> = variables.iter().copied().collect();
        let settings = settings(&|name| variables.get(name).map(|value| (*value).to_owned()), false)?;
        Ok(format!("{settings:?}"))
    }

    #[test]
    fn the_environment_says_where_files_are_kept() {
        for (variables, want) in [
            (vec![("HOME", "/h")], ["cache: \"/h/.cache/bench\"", "Some(\"/h/.cache/huggingface/hub\")"]),
            (vec![("HOME", "/h"), ("XDG_CACHE_HOME", "/x")], ["cache: \"/x/bench\"", "Some(\"/x/huggingface/hub\")"]),
            (
                vec![("HOME", "/h"), ("XDG_CACHE_HOME", "relative"), ("HF_HOME", "/hf")],
                ["cache: \"/h/.cache/bench\"", "Some(\"/hf/hub\")"],
            ),
            (
                vec![("BENCH_CACHE_DIR", "/b"), ("HF_HUB_CACHE", "/c"), ("HF_HUB_OFFLINE", "true")],
                ["cache: \"/b\"", "Some(\"/c\")"],
            ),
        ] {
            let told = told(&variables).unwrap();
            assert!(want.iter().all(|want| told.contains(want)), "{variables:?}: {told}");
            let asked_for = variables.iter().any(|(name, _)| *name == "HF_HUB_OFFLINE");
            assert_eq!(told.contains("offline: true"), asked_for, "{told}");
        }
        assert!(told(&[]).unwrap_err().hint.unwrap().contains("BENCH_CACHE_DIR"));
    }

    #[test]
    fn the_token_is_kept_out_of_what_is_shown() {
        let secret = "hf_0123456789abcdef";
        let told = told(&[("HOME", "/h"), ("HF_TOKEN", secret)]).unwrap();
        assert!(told.contains("token: Some") && !told.contains(secret), "{told}");
        let none = [("HOME", "/h"), ("HF_TOKEN", secret), ("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")];
        assert!(self::told(&none).unwrap().contains("token: None"));
    }

    #[test]
    fn a_token_that_was_logged_in_with_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        let of = |variables: &[(&str, &str)]| told(variables).unwrap();
        assert!(of(&[("HOME", home), ("HF_HOME", home)]).contains("token: None"));
        std::fs::write(folder.path().join("token"), "hf_abc\n").unwrap();
        assert!(of(&[("HOME", home), ("HF_HOME", home)]).contains("token: Some"));
    }
}
