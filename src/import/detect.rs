//! Whose config a text is, and from there to the suite.

use super::emit::{Block, document};
use super::outcome::{Files, ImportError, Imported, Kind, Request};
use super::source::{self, Node};
use super::work::Work;
use super::{lm_eval, openai_evals, promptfoo};

/// Makes a suite of a config.
///
/// # Errors
/// A text that cannot be read, that is no known config, or that has nothing a suite could be made of.
pub fn import<F: Files>(request: &Request<'_, F>) -> Result<Imported, ImportError> {
    let root = source::parse(request.text, "").map_err(|error| ImportError::Syntax {
        path: request.path.to_owned(),
        line: error.line,
        message: error.message,
    })?;
    if request.kind.is_none() && is_suite(&root) {
        return Err(ImportError::Suite(request.path.to_owned()));
    }
    let Some(kind) = request.kind.or_else(|| detect(&root)) else {
        return Err(ImportError::Unknown(request.path.to_owned()));
    };
    let mut work = Work::new(request.files, request.prefix);
    let made = match kind {
        Kind::Promptfoo => promptfoo::import(&root, request.name, &mut work),
        Kind::OpenaiEvals => openai_evals::import(&root, request.name, &mut work),
        Kind::LmEval => lm_eval::import(&root, request.name, &mut work),
    };
    let suite = made.map_err(|why| ImportError::Nothing { path: request.path.to_owned(), why })?;
    let mut left_out = work.left_out;
    left_out.sort_by(|a, b| (&a.file, a.line).cmp(&(&b.file, b.line)));
    let tally = work.tally;
    let mut head = Block::default();
    head.note(format!("Made by `bench import` from {kind}: {}", crate::text::one_line(request.path)));
    head.note(format!("{} of {} assertions were understood.", tally.understood(), tally.all()));
    if !left_out.is_empty() {
        head.note("What has no equivalent stands as a comment at its place, behind `not imported`.");
    }
    head.gap();
    head.0.extend(suite.0);
    Ok(Imported { kind, yaml: document(&head), left_out, tally })
}

/// Whether it has the keys that only a suite of our own has together.
fn is_suite(root: &Node) -> bool {
    let has = |key: &&str| root.get(key).is_some();
    has(&"models") && ["cases", "dataset", "include"].iter().any(has) && !["providers", "tests", "task"].iter().any(has)
}

/// Tells by its keys.
fn detect(root: &Node) -> Option<Kind> {
    let has = |key: &str| root.get(key).is_some();
    if has("prompts")
        || has("providers")
        || has("targets")
        || has("defaultTest")
        || has("redteam")
        || has("tests") && has("description")
    {
        return Some(Kind::Promptfoo);
    }
    if has("dataset_path")
        || has("doc_to_text")
        || has("output_type")
        || has("include") && (has("task") || has("dataset_name"))
        || has("task")
        || has("group")
        || has("custom_dataset")
    {
        return Some(Kind::LmEval);
    }
    let is_entry = |node: &Node| {
        node.get("class").and_then(Node::text).is_some_and(|class| class.contains("evals") || class.contains(':'))
            || node.get("id").is_some() && node.get("metrics").is_some()
    };
    if root.entries().iter().any(|(_, node)| is_entry(node)) {
        return Some(Kind::OpenaiEvals);
    }
    has("tests").then_some(Kind::Promptfoo)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_tell_whose_config_it_is() {
        for (text, kind) in [
            ("prompts: [a]\nproviders: [echo]", Some(Kind::Promptfoo)),
            ("tests: [{vars: {}}]", Some(Kind::Promptfoo)),
            (
                "a:\n  id: a.dev.v0\n  metrics: [accuracy]\na.dev.v0:\n  class: evals.elsuite.basic.match:Match",
                Some(Kind::OpenaiEvals),
            ),
            ("task: x\ndataset_path: y", Some(Kind::LmEval)),
            ("include: base\ntask: x", Some(Kind::LmEval)),
            ("name: x\nmodels: []", None),
            ("", None),
            ("just text", None),
        ] {
            assert_eq!(detect(&source::parse(text, "").unwrap()), kind, "{text}");
        }
    }
}
