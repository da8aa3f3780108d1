//! Pairs what is expected with what came, each used once: a largest matching by augmenting paths (H. W. Kuhn, 1955), as
//! with a tolerance or a subset one item can equal several.

/// A matching under construction.
#[derive(Debug)]
pub(in crate::grade) struct Pairing {
    /// Who has each item that came.
    taken_by: Vec<Option<usize>>,
    /// Which items fit each expected one, looked up when first needed.
    fits: Vec<Option<Vec<usize>>>,
}

impl Pairing {
    /// So many expected, so many that came.
    pub(in crate::grade) fn new(expected: usize, got: usize) -> Self {
        Self { taken_by: vec![None; got], fits: vec![None; expected] }
    }

    /// Finds an item for an expected one, moving others to items that fit them too; `false` if there is none. `same`
    /// tells whether an expected item and one that came are a pair.
    pub(in crate::grade) fn place(&mut self, index: usize, mut same: impl FnMut(usize, usize) -> bool) -> bool {
        // The same place first: a list in order is then matched in one pass.
        if index < self.taken_by.len() && self.taken_by[index].is_none() && same(index, index) {
            self.taken_by[index] = Some(index);
            return true;
        }
        let came = self.taken_by.len();
        let mut seen = vec![false; came];
        // Depth-first without recursion: an answer may hold more items than a stack has frames.
        let mut trail: Vec<(usize, usize)> = vec![(index, 0)];
        let mut chosen: Vec<usize> = Vec::new();
        while let Some((who, next)) = trail.last_mut() {
            let who_fits = self.fits[*who].get_or_insert_with(|| (0..came).filter(|&item| same(*who, item)).collect());
            let Some(&item) = who_fits.get(*next) else {
                trail.pop();
                chosen.pop();
                continue;
            };
            *next += 1;
            if std::mem::replace(&mut seen[item], true) {
                continue;
            }
            chosen.push(item);
            if let Some(other) = self.taken_by[item] {
                trail.push((other, 0));
                continue;
            }
            for ((who, _), item) in trail.iter().zip(&chosen) {
                self.taken_by[*item] = Some(*who);
            }
            return true;
        }
        false
    }

    /// Which items that came are paired, and with whom.
    pub(in crate::grade) fn taken_by(&self) -> &[Option<usize>] {
        &self.taken_by
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_moves_over_for_one_that_has_no_other_choice() {
        // 0 fits both, 1 fits the first only.
        let fits = [[true, true], [true, false]];
        let mut pairing = Pairing::new(2, 2);
        assert!((0..2).all(|index| pairing.place(index, |a, b| fits[a][b])));
        assert_eq!(pairing.taken_by(), [Some(1), Some(0)]);
    }

    #[test]
    fn what_cannot_be_paired_leaves_the_others_as_they_were() {
        let mut pairing = Pairing::new(3, 2);
        let placed: Vec<bool> = (0..3).map(|index| pairing.place(index, |a, b| a != 1 && b == a / 2)).collect();
        assert_eq!(placed, [true, false, true]);
        assert_eq!(pairing.taken_by(), [Some(0), Some(2)]);
    }
}
