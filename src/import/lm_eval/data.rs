//! Where a task's rows lie on the hub.

use crate::import::source::Node;

/// Datasets whose names were written without their owners.
const OWNERS: [(&str, &str); 26] = [
    ("hellaswag", "Rowan/hellaswag"),
    ("piqa", "baber/piqa"),
    ("winogrande", "allenai/winogrande"),
    ("super_glue", "aps/super_glue"),
    ("glue", "nyu-mll/glue"),
    ("gsm8k", "openai/gsm8k"),
    ("openbookqa", "allenai/openbookqa"),
    ("ai2_arc", "allenai/ai2_arc"),
    ("squad", "rajpurkar/squad"),
    ("squad_v2", "rajpurkar/squad_v2"),
    ("trivia_qa", "mandarjoshi/trivia_qa"),
    ("truthful_qa", "truthfulqa/truthful_qa"),
    ("boolq", "google/boolq"),
    ("race", "ehovy/race"),
    ("sciq", "allenai/sciq"),
    ("swag", "allenai/swag"),
    ("anli", "facebook/anli"),
    ("xnli", "facebook/xnli"),
    ("paws-x", "google-research-datasets/paws-x"),
    ("math_qa", "allenai/math_qa"),
    ("commonsense_qa", "tau/commonsense_qa"),
    ("drop", "ucinlp/drop"),
    ("wikitext", "Salesforce/wikitext"),
    ("nq_open", "google-research-datasets/nq_open"),
    ("logiqa", "EleutherAI/logiqa"),
    ("wmt16", "wmt/wmt16"),
];

/// The file of a split, as datasets on the hub are usually laid out; `None`: it cannot be said.
pub(super) fn file(task: &Node, split: &str) -> Option<String> {
    let path = task.get("dataset_path")?.text()?;
    let kwargs = task.get("dataset_kwargs");
    if let Some(files) = kwargs.and_then(|kwargs| kwargs.get("data_files")) {
        let file = files.get(split).and_then(|node| node.items().first()).or(Some(files)).and_then(Node::text)?;
        return Some(if matches!(path, "json" | "csv" | "parquet" | "text") {
            file.to_owned()
        } else {
            format!("hf://{path}/{file}")
        });
    }
    let repository = OWNERS.iter().find(|(name, _)| *name == path).map_or(path, |(_, full)| full);
    let is_repository = repository.split('/').count() == 2
        && repository.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.'));
    if !is_repository || !split.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')) {
        return None;
    }
    let folder = match task.get("dataset_name").and_then(Node::written) {
        Some(name) if name != "default" => name,
        _ => "data".to_owned(),
    };
    Some(format!("hf://{repository}/{folder}/{split}-00000-of-00001.parquet"))
}
