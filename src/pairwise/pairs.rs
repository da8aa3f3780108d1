//! Which answers are compared with which.

use sha2::{Digest, Sha256};

use crate::plan::{Cell, CellIndex, Plan};

/// Two cells that differ in the model only; `a` is before `b` in plan order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pair {
    /// A cell of one model.
    pub a: CellIndex,
    /// The same question to another model.
    pub b: CellIndex,
}

/// All pairs of a plan, question by question: of every two models, or of every model with one of them.
///
/// With `limit` only so many cases are compared, drawn by the seed: the same ones whatever other cases there are.
pub fn pairs(plan: &Plan, against: Option<usize>, limit: Option<usize>, seed: u64) -> impl Iterator<Item = Pair> {
    let axes = plan.axes();
    let (models, prompts, repeats) = (axes.models.len(), axes.prompts.len(), axes.repeat);
    let questions = drawn(plan, limit, seed).into_iter().flat_map(move |case| {
        (0..prompts).flat_map(move |prompt| (0..repeats).map(move |repeat| (case, prompt, repeat)))
    });
    questions.flat_map(move |(case, prompt, repeat)| {
        let cell = move |model| plan.index(Cell { model, prompt, case, repeat });
        let opponents = (0..models).flat_map(move |a| (a + 1..models).map(move |b| (a, b)));
        opponents
            .filter(move |&(a, b)| against.is_none_or(|one| one == a || one == b))
            .map(move |(a, b)| Pair { a: cell(a), b: cell(b) })
    })
}

/// The cases that are compared, in plan order.
fn drawn(plan: &Plan, limit: Option<usize>, seed: u64) -> Vec<usize> {
    let cases = &plan.axes().cases;
    let Some(limit) = limit.filter(|&limit| limit < cases.len()) else { return (0..cases.len()).collect() };
    let lot = |case: usize| {
        let digest = Sha256::new().chain_update(seed.to_le_bytes()).chain_update(cases[case].as_bytes()).finalize();
        (digest[..8].to_vec(), case)
    };
    let mut lots: Vec<_> = (0..cases.len()).map(lot).collect();
    lots.sort_unstable();
    let mut chosen: Vec<usize> = lots.into_iter().take(limit).map(|(_, case)| case).collect();
    chosen.sort_unstable();
    chosen
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::plan::Axes;

    fn plan(models: usize, cases: usize, repeat: u32) -> Plan {
        Plan::new(Axes {
            models: (0..models).map(|n| format!("m{n}")).collect(),
            prompts: vec!["p".into(), "q".into()],
            cases: (0..cases).map(|n| format!("c{n}").into()).collect(),
            repeat,
        })
        .unwrap()
    }

    #[test]
    fn every_two_models_meet_once_on_every_question() {
        let plan = plan(4, 5, 2);
        let all: Vec<Pair> = pairs(&plan, None, None, 0).collect();
        assert_eq!(all.len(), 6 * 5 * 2 * 2);
        assert_eq!(all.iter().collect::<HashSet<_>>().len(), all.len());
        for Pair { a, b } in all {
            let (a, b) = (plan.cell(a), plan.cell(b));
            assert!(a.model < b.model);
            assert_eq!((a.prompt, a.case, a.repeat), (b.prompt, b.case, b.repeat));
        }
    }

    #[test]
    fn against_one_model_only_its_pairs_are_left() {
        let plan = plan(4, 5, 1);
        let all: Vec<Pair> = pairs(&plan, Some(2), None, 0).collect();
        assert_eq!(all.len(), 3 * 5 * 2);
        assert!(all.iter().all(|pair| [pair.a, pair.b].iter().any(|&cell| plan.cell(cell).model == 2)));
    }

    #[test]
    fn a_limit_draws_the_same_cases_whatever_others_there_are() {
        let cases = |plan: &Plan, seed| -> HashSet<String> {
            let cells = pairs(plan, None, Some(10), seed).map(|pair| plan.cell(pair.a).case);
            cells.map(|case| plan.axes().cases[case].to_string()).collect()
        };
        let (small, large) = (plan(2, 50, 1), plan(2, 60, 1));
        assert_eq!(cases(&small, 1).len(), 10);
        assert_ne!(cases(&small, 1), cases(&small, 2));
        let known = |name: &String| name.trim_start_matches('c').parse::<usize>().unwrap() < 50;
        assert!(cases(&large, 1).iter().filter(|name| known(name)).all(|name| cases(&small, 1).contains(name)));
    }
}
