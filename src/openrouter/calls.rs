//! Tool calls put together from their fragments.

use super::exchange::ToolCall;
use super::wire::{self, ToolCallPart};

/// The calls of one answer.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// With their index, in order of arrival.
    calls: Vec<(u64, ToolCall)>,
}

impl Calls {
    pub(super) fn len(&self) -> usize {
        self.calls.len()
    }

    /// Takes a fragment, or a whole call with its position; tells how many bytes that added.
    pub(super) fn add(&mut self, part: &ToolCallPart<'_>, position: Option<u64>) -> usize {
        let function = part.function.0.as_ref();
        let name = function.and_then(|function| function.name.some()).unwrap_or_default();
        let arguments = function.and_then(|function| function.arguments).map(wire::raw_text).unwrap_or_default();
        let id = part.id.some().unwrap_or_default();
        let index = position.or(part.index.0);
        let at = self.find(index, id, name).unwrap_or_else(|| {
            let index = index.unwrap_or(self.calls.len() as u64);
            self.calls.push((index, ToolCall { id: String::new(), name: String::new(), arguments: String::new() }));
            self.calls.len() - 1
        });
        let call = &mut self.calls[at].1;
        if !id.is_empty() {
            id.clone_into(&mut call.id);
        }
        // Some repeat the name with every fragment.
        if call.name != name {
            call.name.push_str(name);
        }
        call.arguments.push_str(&arguments);
        id.len() + name.len() + arguments.len()
    }

    /// The call that a fragment continues. Without an index that is the last one.
    fn find(&self, index: Option<u64>, id: &str, name: &str) -> Option<usize> {
        let at = match index {
            Some(index) => self.calls.iter().rposition(|(other, _)| *other == index)?,
            None => self.calls.len().checked_sub(1)?,
        };
        // A new id with a name begins a new call, even under an index that is taken: some endpoints call every index 0.
        let call = &self.calls[at].1;
        let begins =
            !name.is_empty() && !call.name.is_empty() && !id.is_empty() && !call.id.is_empty() && call.id != id;
        (!begins).then_some(at)
    }

    /// The calls in order of their index, with what they lack made up.
    pub(super) fn finish(mut self) -> Vec<ToolCall> {
        self.calls.sort_by_key(|(index, _)| *index);
        let filled = |(position, (_, mut call)): (usize, (u64, ToolCall))| {
            if call.id.is_empty() {
                call.id = format!("call_{position}");
            }
            if call.arguments.trim().is_empty() {
                call.arguments = String::from("{}");
            }
            call
        };
        self.calls.into_iter().enumerate().map(filled).collect()
    }
}
