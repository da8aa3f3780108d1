//! `judges` and what graders need → the models that graders ask.

use super::graders::Graders;
use super::log::{Finding, Log, Target};
use super::model::Model;
use super::models::{Defaults, Role};
use super::read::Table;

/// Reads `judges` and gives those that some grader needs, in the order in which they are needed first: an entry of
/// `judges` where one has the name, else a model made of the id.
pub(super) fn read(
    suite: &Table<'_>,
    defaults: &Defaults<'_>,
    graders: &Graders,
    models: &[Model],
    log: &Log,
) -> Vec<Model> {
    let field = suite.get("judges").filter(|field| !field.is_null());
    let entries = field.and_then(|field| field.list("models", log)).unwrap_or_default();
    let declared = defaults.read_list(&entries, Role::Judge, log);
    let mut judges: Vec<Model> = Vec::new();
    for (need, place) in &graders.needs {
        let name = need.model.as_str();
        if judges.iter().any(|judge| judge.name == name) {
            continue;
        }
        if let Some((judge, _)) = declared.iter().find(|(judge, _)| judge.name == name) {
            judges.push(judge.clone());
            continue;
        }
        if models.iter().any(|model| model.name == name && model.id != name) {
            log.add(
                Finding::warning(
                    place,
                    format!("`{name}` is asked as a model id: a name under `models` is no judge's"),
                )
                .hint(format!("write the model's id, or declare a judge: `judges: [{{ id: …, name: {name} }}]`")),
            );
        }
        judges.push(defaults.judge(name, log));
    }
    // What could not be built may have needed any of them.
    if !graders.broken {
        for (judge, place) in declared.iter().filter(|(judge, _)| judges.iter().all(|used| used.name != judge.name)) {
            log.add(
                Finding::warning(place, format!("no grader asks the judge `{}`", judge.name))
                    .target(Target::Value)
                    .hint("name it in a grader, such as `{ type: judge, model: … }`, or leave it out"),
            );
        }
    }
    judges
}
