//! Items → cases: what a row says, put together with what its entry says.

use std::borrow::Cow;

use crate::suite::attach::Attachments;
use crate::suite::canonical::{with_new_pairs, with_pairs};
use crate::suite::cases::{Origin, content_id};
use crate::suite::graders::Misfit;
use crate::suite::model::Case;
use crate::suite::shape::Shape;
use crate::suite::shuffle::shuffled;
use crate::suite::template::{Vars, push_text};

use super::case_files::Pairs;
use super::item::Item;
use super::picking::Group;
use super::reading::Reading;

impl Reading<'_> {
    /// Takes an item, unless `where` drops it: a case for every combination of `matrix`. Mistakes of the entry are
    /// counted, not returned.
    pub(super) fn item(&mut self, item: &Item, number: u32) -> Result<(), String> {
        let spec = self.spec;
        let columns = Vars::of_row(&item.columns).map_err(|error| error.to_string())?.with_env(self.scope.env);
        if self.read == 1 {
            self.faults.look_at(&columns);
        }
        match spec.picking.passes(&columns) {
            Ok(true) => {}
            Ok(false) => {
                self.dropped += 1;
                return Ok(());
            }
            Err(error) => {
                self.faults.template(number, error);
                return Ok(());
            }
        }
        let stratum = match spec.picking.sample.as_ref().map(|sample| (sample, sample.stratum(&columns))) {
            None => String::new(),
            Some((_, Ok(stratum))) => stratum,
            Some((sample, Err((message, hint)))) => {
                self.faults.common(number, &sample.place.key("by"), message, Some(hint));
                return Ok(());
            }
        };
        let matrix_or_files = |(key, _): &(&str, &str)| *key != "few_shot";
        for (key, name) in spec.added().filter(matrix_or_files) {
            if columns.names().any(|column| column == name) {
                let message = format!("`{name}` is a column already");
                let hint = Some("give the variable another name".to_owned());
                self.faults.common(number, &spec.place.key(key).key(name.to_owned()), message, hint);
                return Ok(());
            }
        }
        let mut group = Group::with_capacity(self.width());
        for combination in &spec.matrix.combinations {
            let Some(added) = self.added(item, &combination.pairs, number)? else { continue };
            group.extend(self.case(item, &added, &combination.suffix, number)?);
        }
        if group.len() == self.width() {
            self.keep(&stratum, group);
        }
        Ok(())
    }

    /// The variables that `matrix` and `files` add to an item's columns.
    fn added(&mut self, item: &Item, combination: &Pairs, number: u32) -> Result<Option<Pairs>, String> {
        let mut added = combination.clone();
        let columns = with_pairs(&item.columns, combination);
        let columns = Vars::of_row(&columns).map_err(|error| error.to_string())?.with_env(self.scope.env);
        match self.spec.files.read_all(&columns, self.scope) {
            Ok(files) => added.extend(files),
            Err(unread) => {
                self.faults.unread(number, self.line, unread);
                return Ok(None);
            }
        }
        Ok(Some(added))
    }

    /// Makes a case of an item and what is added to its columns.
    fn case(
        &mut self,
        item: &Item,
        added: &Pairs,
        suffix: &str,
        number: u32,
    ) -> Result<Option<(Case, Origin)>, String> {
        let all = if added.is_empty() {
            Cow::Borrowed(item.columns.as_str())
        } else {
            Cow::Owned(with_pairs(&item.columns, added))
        };
        let columns = Vars::of_row(&all).map_err(|error| error.to_string())?.with_env(self.scope.env);
        let mapping = &self.spec.mapping;
        let own = match &mapping.vars {
            Some(shape) => self.render(shape, &columns, number),
            None => Some(item.columns.clone()),
        };
        let expect = match &mapping.expect {
            Some(shape) => self.render(shape, &columns, number).map(Some),
            None => Some(item.expect.clone()),
        };
        let id = match &mapping.id {
            Some(shape) => self.render(shape, &columns, number).map(|json| Some(as_text(&json))),
            None => Some(item.id.clone()),
        };
        let names = self.tags(&columns, item.tags.clone(), number);
        let (Some(own), Some(expect), Some(id), Some(names)) = (own, expect, id, names) else { return Ok(None) };

        let expect = expect.filter(|json| json != "null");
        let id = id.map(|id| id.trim().to_owned());
        if id.as_deref().is_some_and(str::is_empty) {
            return Err("an empty id".to_owned());
        }
        if id.as_deref().is_some_and(|id| id.chars().any(char::is_control)) {
            return Err("an id with a control character".to_owned());
        }
        let vars = if added.is_empty() { own.clone() } else { with_new_pairs(&own, added) };
        if !self.may_be_named(&vars, number) {
            return Ok(None);
        }
        let set = self.brings.graders(item.graders.as_ref(), self.graders)?;
        // The id is that of the case as it was written: without examples, its options in their own order.
        let mut made_id: Box<str> = Box::default();
        if id.is_none() && (!suffix.is_empty() || self.spec.shots.is_some()) {
            made_id = content_id(&vars, expect.as_deref());
        }
        let (vars, problem) = match shuffled(&set, &vars, expect.as_deref()) {
            Ok(Some(reordered)) => {
                made_id = content_id(&vars, expect.as_deref());
                (reordered, None)
            }
            Ok(None) => (vars, None),
            Err(problem) => (vars, Some(problem)),
        };
        let vars = self.with_examples(vars, &own, expect.as_deref())?;
        if !self.graders.broken {
            let problems = match problem {
                Some(problem) => vec![Misfit::of_case(problem)],
                None => self.graders.misfits(&set, &self.brings.places(&set), expect.as_deref(), &vars),
            };
            for misfit in problems {
                self.faults.misfit(number, misfit, expect.is_none());
            }
        }
        // Ids of published sets give way where two files have the same.
        let has_id = id.is_some() && mapping.id.is_some();
        let mut id: Box<str> = id.map_or(made_id, Into::into);
        if !suffix.is_empty() {
            id = format!("{id}{suffix}").into();
        }
        let tags = names.iter().map(|name| self.cases.tag(name.trim())).collect();
        let prompt = self.brings.prompt.clone();
        let case = Case { id, vars: vars.into(), expect: expect.map(Into::into), tags, graders: set, prompt };
        Ok(Some((case, Origin { dataset: Some(self.index), list: 0, row: number, has_id })))
    }

    /// Whether no variable has a name that means something else here.
    fn may_be_named(&mut self, vars: &str, number: u32) -> bool {
        let Self { spec, scope, faults, .. } = self;
        if spec.shots.is_none() && scope.env.json().is_none() {
            return true;
        }
        let Ok(vars) = Vars::parse(vars) else { return true };
        let hint = || Some("give the variable another name with `vars`".to_owned());
        for name in vars.names() {
            if let Some(message) = scope.env.objection(name) {
                faults.common(number, &spec.place, message, hint());
                return false;
            }
            if let Some(shots) = spec.shots.as_ref().filter(|shots| &*shots.name == name) {
                let message = format!("`{name}` is a variable already");
                let hint = Some("give the examples another name: `as: shots`".to_owned());
                faults.common(number, &shots.place, message, hint);
                return false;
            }
        }
        true
    }

    /// The variables with the examples of `few_shot`.
    fn with_examples(&self, vars: String, own: &str, expect: Option<&str>) -> Result<String, String> {
        let Some(shots) = &self.spec.shots else { return Ok(vars) };
        // Examples that cannot be used have been told: their absence is no mistake of the prompts.
        let examples = match &self.pool {
            Some(pool) => shots.draw(pool, own, expect)?,
            None => "[]".to_owned(),
        };
        Ok(with_pairs(&vars, &[(shots.name.clone(), examples)]))
    }

    /// The tags that the entry's templates give, else those of the item.
    fn tags(&mut self, columns: &Vars<'_>, own: Vec<String>, number: u32) -> Option<Vec<String>> {
        let shapes = &self.spec.mapping.tags;
        let mut names = if shapes.is_empty() { own } else { Vec::new() };
        for shape in shapes {
            let json = self.render(shape, columns, number)?;
            match serde_json::from_str::<Vec<serde_json::Value>>(&json) {
                Ok(items) => names.extend(items.iter().map(|item| as_text(&item.to_string()))),
                Err(_) => names.push(as_text(&json)),
            }
        }
        names.retain(|name| !name.trim().is_empty());
        Some(names)
    }

    fn render(&mut self, shape: &Shape, columns: &Vars<'_>, number: u32) -> Option<String> {
        let mut json = String::new();
        match shape.write(columns, &Attachments::default(), &mut json) {
            Ok(()) => Some(json),
            Err(error) => {
                self.faults.template(number, error);
                None
            }
        }
    }
}

fn as_text(json: &str) -> String {
    let mut text = String::new();
    push_text(json, &mut text);
    text
}
