//! Suite → [`Plan`]: the cells that are asked, with their stable ids.
//!
//! A cell is model × prompt × case × repeat. The plan never holds a list of them: a cell is an index into the product,
//! in plan order (model, then prompt, then case, then repeat), so a million cells cost nothing and a model's cells are
//! one contiguous range.

use std::collections::HashMap;
use std::ops::Range;

use sha2::{Digest, Sha256};

/// The position of a cell in plan order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CellIndex(pub u32);

/// Which model, prompt, case and repeat a cell is; indices into the suite, the repeat from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cell {
    /// Index of the model.
    pub model: usize,
    /// Index of the prompt.
    pub prompt: usize,
    /// Index of the case.
    pub case: usize,
    /// The k-th time the same case is asked, from 0.
    pub repeat: u32,
}

/// More cells than a run can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} cells are more than the {max} a run can hold", max = u32::MAX)]
pub struct TooManyCells(u128);

/// The names that make up the product, in file order. Built from a suite before a run, from a manifest after it.
#[derive(Debug, Clone, Default)]
pub struct Axes {
    /// Model names.
    pub models: Vec<String>,
    /// Prompt ids.
    pub prompts: Vec<String>,
    /// Case ids.
    pub cases: Vec<Box<str>>,
    /// How often each case is asked.
    pub repeat: u32,
}

/// Every cell of a run, as a product of its axes.
#[derive(Debug)]
pub struct Plan {
    axes: Axes,
    models: HashMap<String, usize>,
    prompts: HashMap<String, usize>,
    /// Case indices sorted by case id, for look-ups without a second copy of a million ids.
    cases_by_id: Vec<u32>,
    len: u32,
}

impl Plan {
    /// Multiplies the axes out.
    ///
    /// # Errors
    /// [`TooManyCells`] past 2³²−1 cells.
    pub fn new(axes: Axes) -> Result<Self, TooManyCells> {
        let product = [axes.models.len(), axes.prompts.len(), axes.cases.len(), axes.repeat as usize]
            .iter()
            .try_fold(1_u128, |product, n| product.checked_mul(*n as u128))
            .unwrap_or(u128::MAX);
        let len = u32::try_from(product).map_err(|_| TooManyCells(product))?;
        let index = |names: &[String]| names.iter().cloned().zip(0..).collect();
        let mut cases_by_id: Vec<u32> = (0..u32::try_from(axes.cases.len()).unwrap_or(u32::MAX)).collect();
        cases_by_id.sort_unstable_by_key(|&case| &axes.cases[case as usize]);
        Ok(Self { models: index(&axes.models), prompts: index(&axes.prompts), cases_by_id, len, axes })
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether there is nothing to ask.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The names that make up the product.
    pub fn axes(&self) -> &Axes {
        &self.axes
    }

    /// How many cells each model has.
    pub fn cells_per_model(&self) -> u32 {
        self.len.checked_div(u32::try_from(self.axes.models.len()).unwrap_or(u32::MAX)).unwrap_or(0)
    }

    /// A model's cells, one contiguous range of indices.
    pub fn cells_of(&self, model: usize) -> Range<u32> {
        let each = self.cells_per_model();
        let start = u32::try_from(model).unwrap_or(u32::MAX) * each;
        start..start + each
    }

    /// What a cell is made of.
    pub fn cell(&self, CellIndex(index): CellIndex) -> Cell {
        let index = index as usize;
        let (repeats, cases, prompts) = (self.axes.repeat as usize, self.axes.cases.len(), self.axes.prompts.len());
        Cell {
            repeat: u32::try_from(index % repeats).unwrap_or(u32::MAX),
            case: index / repeats % cases,
            prompt: index / repeats / cases % prompts,
            model: index / repeats / cases / prompts,
        }
    }

    /// Where a cell stands.
    pub fn index(&self, cell: Cell) -> CellIndex {
        let row = (cell.model * self.axes.prompts.len() + cell.prompt) * self.axes.cases.len() + cell.case;
        CellIndex(u32::try_from(row).unwrap_or(u32::MAX) * self.axes.repeat + cell.repeat)
    }

    /// The cell with these names; `repeat` from 0. `None` where the plan has no such cell.
    pub fn find(&self, model: &str, prompt: &str, case: &str, repeat: u32) -> Option<CellIndex> {
        let found = self.cases_by_id.binary_search_by_key(&case, |&index| &self.axes.cases[index as usize]).ok()?;
        let cell = Cell {
            model: *self.models.get(model)?,
            prompt: *self.prompts.get(prompt)?,
            case: self.cases_by_id[found] as usize,
            repeat,
        };
        (repeat < self.axes.repeat).then(|| self.index(cell))
    }

    /// The cell's stable id: 16 hex digits from its names, whatever the order of models and cases in the file.
    pub fn id(&self, index: CellIndex) -> String {
        let cell = self.cell(index);
        let mut hash = Sha256::new();
        for name in [&self.axes.models[cell.model], &self.axes.prompts[cell.prompt], &*self.axes.cases[cell.case]] {
            hash.update((name.len() as u64).to_le_bytes());
            hash.update(name.as_bytes());
        }
        hash.update(cell.repeat.to_le_bytes());
        hex(&hash.finalize()[..8])
    }
}

/// Bytes in lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|b| [b >> 4, b & 15]).map(|n| char::from_digit(n.into(), 16).unwrap_or('0')).collect()
}

/// 64 bits of what these texts are together.
pub fn digest(texts: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    for text in texts {
        hash.update((text.len() as u64).to_le_bytes());
        hash.update(text);
    }
    hash.finalize()[..8].iter().fold(0, |digest, &byte| digest << 8 | u64::from(byte))
}

/// A [`digest`] as sixteen hex digits.
pub fn fingerprint(texts: &[&str]) -> String {
    format!("{:016x}", digest(texts))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(models: &[&str], cases: &[&str]) -> Plan {
        Plan::new(Axes {
            models: models.iter().map(ToString::to_string).collect(),
            prompts: vec!["p".into(), "q".into()],
            cases: cases.iter().map(|&c| c.into()).collect(),
            repeat: 3,
        })
        .unwrap()
    }

    #[test]
    fn every_index_is_one_cell_and_back() {
        let plan = plan(&["a", "b"], &["x", "z", "y"]);
        assert_eq!(plan.len(), 36);
        for i in 0..36 {
            let cell = plan.cell(CellIndex(i));
            assert_eq!(plan.index(cell), CellIndex(i));
            assert!(plan.cells_of(cell.model).contains(&i));
            let axes = plan.axes();
            let found =
                plan.find(&axes.models[cell.model], &axes.prompts[cell.prompt], &axes.cases[cell.case], cell.repeat);
            assert_eq!(found, Some(CellIndex(i)));
        }
        assert_eq!(plan.find("a", "p", "x", 3), None);
        assert_eq!(plan.find("a", "p", "w", 0), None);
    }

    #[test]
    fn an_id_does_not_depend_on_order() {
        let (one, two) = (plan(&["a", "b"], &["x", "y"]), plan(&["b", "a"], &["y", "x"]));
        let id = |p: &Plan| p.id(p.find("a", "q", "y", 2).unwrap());
        assert_eq!(id(&one), id(&two));
        let all: std::collections::HashSet<_> = (0..24).map(|i| one.id(CellIndex(i))).collect();
        assert_eq!(all.len(), 24);
    }

    #[test]
    fn too_many_cells_are_refused() {
        let axes = Axes {
            models: vec![String::new(); 70_000],
            prompts: vec!["p".into()],
            cases: vec!["c".into(); 70_000],
            repeat: 1,
        };
        assert!(Plan::new(axes).is_err());
    }
}
