//! Inline cases: the entries of `cases`, in a suite or in a file that it includes.

use std::collections::HashSet;

use super::attach::Attachments;
use super::canonical::with_pairs;
use super::cases::{Cases, Origin, content_id};
use super::dataset::{CaseFiles, Combination, Matrix, Unread};
use super::graders::{Graders, Misfit};
use super::log::{Finding, Log, Place, Target};
use super::model::Case;
use super::node::Node;
use super::read::Field;
use super::scope::Scope;
use super::shape::{Leaves, Shape, ShapeError};
use super::shuffle::shuffled;
use super::template::Vars;

/// The keys of a case.
pub(super) const KEYS: [&str; 7] = ["id", "vars", "expect", "tags", "graders", "files", "matrix"];

/// What a case expects.
enum Expect {
    Nothing,
    /// The same whatever its variables hold.
    Plain(Box<str>),
    Template(Shape),
}

/// A case as it is written, before `matrix` multiplies it.
struct Written<'a> {
    place: Place,
    id: Option<&'a str>,
    /// A JSON object.
    vars: String,
    expect: Expect,
    /// Where `expect` stands.
    expect_place: Option<Place>,
    files: CaseFiles,
    /// The templates of `expect` and `files`.
    leaves: Leaves,
    /// The places of its own graders.
    own: Vec<Place>,
}

impl Cases {
    /// Reads a list of inline cases. Hands back how many entries it has.
    pub(super) fn read_inline(
        &mut self,
        field: &Field<'_>,
        scope: &Scope<'_>,
        graders: &mut Graders,
        log: &Log,
    ) -> usize {
        if let Node::Text(path) = field.node {
            let hint = format!("for cases from a file write `dataset: {path}`");
            log.add(Finding::error(&field.place, "expected a list of cases").hint(hint));
            return 0;
        }
        let list = u16::try_from(self.lists.len()).unwrap_or(u16::MAX);
        self.lists.push(field.place.clone());
        let entries = field.list("cases", log).unwrap_or_default();
        for (entry, row) in entries.iter().zip(0..) {
            for (case, has_id) in self.read_case(entry, scope, graders, log).unwrap_or_default() {
                self.list.push(case);
                self.origins.push(Origin { dataset: None, list, row, has_id });
            }
        }
        entries.len()
    }

    /// The cases that an entry gives; `None` where some mistake keeps it from giving any.
    fn read_case(
        &mut self,
        entry: &Field<'_>,
        scope: &Scope<'_>,
        graders: &mut Graders,
        log: &Log,
    ) -> Option<Vec<(Case, bool)>> {
        let table = entry.table("a case", &KEYS, log)?;
        let id = table.get("id").filter(|field| !field.is_null()).and_then(|field| field.name(log));
        let mut names: Vec<&str> = Vec::new();
        let vars_field = table.get("vars").filter(|field| !field.is_null());
        let vars = match &vars_field {
            Some(field) => {
                names.extend(field.entries("variables as a map", log)?.iter().map(|(name, _)| *name));
                field.node.to_json()
            }
            None => "{}".to_owned(),
        };
        let mut tags = Vec::new();
        for field in table.get("tags").filter(|field| !field.is_null()).iter().flat_map(Field::one_or_list) {
            tags.extend(field.name(log).map(|name| self.tag(name)));
        }
        let mut leaves = Leaves::default();
        let expect_field = table.get("expect").filter(|field| !field.is_null());
        let expect = match &expect_field {
            None => Expect::Nothing,
            Some(field) if has_template(field.node) => Expect::Template(leaves.shape(field, log)?),
            Some(field) => Expect::Plain(field.node.to_json().into()),
        };
        let own = table.get("graders").filter(|field| !field.is_null());
        let own: Vec<Place> = own.iter().flat_map(Field::one_or_list).map(|entry| entry.place).collect();
        let set = graders.with_own(table.get("graders"), log);
        let files = CaseFiles::read(&table, &mut leaves, log);
        let matrix = Matrix::read(&table, log);
        let (files, matrix) = (files?, matrix?);
        let matrix_names: Vec<&str> = matrix.names.iter().map(|name| &**name).collect();
        check_names(&table.place, &names, &matrix_names, &files, scope, log)?;

        let written = Written {
            place: entry.place.clone(),
            id,
            vars,
            expect,
            expect_place: expect_field.map(|field| field.place),
            files,
            leaves,
            own,
        };
        let mut told = HashSet::new();
        let mut cases = Vec::with_capacity(matrix.combinations.len());
        for combination in &matrix.combinations {
            let Some((vars, expect)) = written.render(combination, scope, &mut told, log) else { continue };
            let written_id = content_id(&vars, expect.as_deref());
            let vars = match shuffled(&set, &vars, expect.as_deref()) {
                Ok(Some(reordered)) => reordered,
                Ok(None) => vars,
                Err(message) => {
                    log.add(
                        Finding::error(&entry.place, message)
                            .hint("`shuffle` reorders the variable that `options_from` names"),
                    );
                    return None;
                }
            };
            if !graders.broken {
                for misfit in graders.misfits(&set, &written.own, expect.as_deref(), &vars) {
                    // A mistake in an option is one, however many cases it strikes: it is told with the first.
                    if misfit.option.is_some() && !self.faults.insert(misfit.message.clone()) {
                        continue;
                    }
                    if told.insert(misfit.message.clone()) {
                        written.tell_misfit(misfit, combination, set.graders.is_empty(), log);
                    }
                }
            }
            // The id is that of the case as it was written, whatever the order of its options.
            let id = format!("{}{}", id.unwrap_or(&written_id), combination.suffix);
            let tags = tags.clone().into();
            let case = Case { id: id.into(), vars: vars.into(), expect, tags, graders: set.clone(), prompt: None };
            cases.push((case, written.id.is_some()));
        }
        Some(cases)
    }
}

/// Checks that `vars`, `matrix` and `files` give different variables. `None` where they do not.
fn check_names(
    case: &Place,
    vars: &[&str],
    matrix: &[&str],
    files: &CaseFiles,
    scope: &Scope<'_>,
    log: &Log,
) -> Option<()> {
    let mut known: Vec<(&str, Place)> = Vec::new();
    let mut is_sound = true;
    let names = vars.iter().map(|name| ("vars", *name)).chain(matrix.iter().map(|name| ("matrix", *name)));
    for (section, name) in names.chain(files.names().map(|name| ("files", name))) {
        let place = case.key(section).key(name.to_owned());
        if let Some(message) = scope.env.objection(name) {
            log.add(Finding::error(&place, message).target(Target::Key).hint("give the variable another name"));
            is_sound = false;
        }
        // In `vars` alone duplicates are found with all other keys.
        if section != "vars"
            && let Some((_, first)) = known.iter().find(|(known, _)| *known == name)
        {
            let finding = Finding::error(&place, format!("`{name}` is a variable already")).target(Target::Key);
            log.add(finding.related(first, "first here").hint("give one of them another name"));
            is_sound = false;
        }
        known.push((name, place));
    }
    is_sound.then_some(())
}

impl Written<'_> {
    /// The variables and the expectation of one combination, all templates rendered.
    fn render(
        &self,
        combination: &Combination,
        scope: &Scope<'_>,
        told: &mut HashSet<String>,
        log: &Log,
    ) -> Option<(String, Option<Box<str>>)> {
        let mut vars = with_pairs(&self.vars, &combination.pairs);
        let parsed = Vars::parse(&vars).ok()?.with_env(scope.env);
        match self.files.read_all(&parsed, scope) {
            Ok(pairs) if pairs.is_empty() => {}
            Ok(pairs) => vars = with_pairs(&vars, &pairs),
            Err(unread) => {
                for unread in unread {
                    match unread {
                        Unread::Path(error) => self.tell(&error, combination, told, log),
                        Unread::File(name, error) => {
                            let message = format!("{}{}", error.message, self.of_case(combination));
                            let place = self.place.key("files").key(name.to_string());
                            if told.insert(error.message) {
                                log.add(Finding::error(&place, message).maybe_hint(error.hint));
                            }
                        }
                    }
                }
                return None;
            }
        }
        let expect = match &self.expect {
            Expect::Nothing => None,
            Expect::Plain(json) => Some(json.clone()),
            Expect::Template(shape) => {
                let parsed = Vars::parse(&vars).ok()?.with_env(scope.env);
                let mut json = String::new();
                if let Err(error) = shape.write(&parsed, &Attachments::default(), &mut json) {
                    self.tell(&error, combination, told, log);
                    return None;
                }
                Some(json.into())
            }
        };
        Some((vars, expect))
    }

    /// Names the case after a message, with its combination; nothing where it has no name.
    fn of_case(&self, combination: &Combination) -> String {
        match (self.id, combination.suffix.trim_start_matches('/')) {
            (Some(id), _) => format!(" in case `{id}{}`", combination.suffix),
            (None, "") => String::new(),
            (None, values) => format!(" where {}", values.replace('/', ", ")),
        }
    }

    /// Tells a template's mistake once, however many combinations it strikes.
    fn tell(&self, problem: &ShapeError, combination: &Combination, told: &mut HashSet<String>, log: &Log) {
        if told.insert(format!("{}: {}", problem.leaf, problem.error.message)) {
            let message = format!("{}{}", problem.error.message, self.of_case(combination));
            log.add(self.leaves.finding(problem.leaf, &problem.error, message));
        }
    }

    fn tell_misfit(&self, misfit: Misfit, combination: &Combination, no_graders: bool, log: &Log) {
        let Misfit { message, option } = misfit;
        let message = match self.id {
            Some(id) => format!("case `{id}{}`: {message}", combination.suffix),
            None => message,
        };
        let place = self.expect_place.as_ref().unwrap_or(&self.place);
        log.add(match &option {
            Some(option) => Finding::error(option, message),
            None if no_graders => {
                Finding::error(place, message).hint("write `graders: [exact]` for the suite, or `graders` on the case")
            }
            // The grader says itself what to write.
            None if message.contains(": give ") => Finding::error(place, message),
            None => Finding::error(place, message).hint("give the case an `expect` this grader can work with"),
        });
    }
}

fn has_template(node: &Node) -> bool {
    match node {
        Node::Text(text) => ["{{", "{%", "{#"].iter().any(|mark| text.contains(mark)),
        Node::List(items) => items.iter().any(has_template),
        Node::Map(entries) => entries.iter().any(|(_, node)| has_template(node)),
        _ => false,
    }
}
