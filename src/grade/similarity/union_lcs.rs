//! The union of longest common subsequences behind ROUGE-Lsum.

use std::collections::HashSet;

use super::bits::lcs_bands;

/// The most bits of one table that are kept to walk back through it: 32 MiB.
const TABLE_BITS: usize = 1 << 28;

/// Which tokens of a reference sentence are in its longest common subsequence with any of the answer's sentences:
/// their places, in order. `None` where the budget does not last.
///
/// Of several longest subsequences, the one that `rouge_score` finds: from the end, a match is taken where there is
/// one; else the last token of the answer is left out where that is better, and that of the reference otherwise.
pub(super) fn union_lcs(reference: &[u32], sentences: &HashSet<&[u32]>, budget: &mut u64) -> Option<Vec<usize>> {
    let known: HashSet<u32> = reference.iter().copied().collect();
    let mut covered = vec![false; reference.len()];
    for sentence in sentences {
        *budget = budget.checked_sub(1 + sentence.len() as u64 / 64)?;
        if sentence.iter().any(|token| known.contains(token)) {
            cover(reference, sentence, budget, &mut covered)?;
        }
    }
    Some((0..reference.len()).filter(|&place| covered[place]).collect())
}

/// Marks the tokens of a longest common subsequence.
fn cover(reference: &[u32], sentence: &[u32], budget: &mut u64, covered: &mut [bool]) -> Option<()> {
    if reference.len().div_ceil(64) * 64 * sentence.len() > TABLE_BITS {
        return None;
    }
    let mut bands: Vec<Vec<u64>> = Vec::new();
    lcs_bands(reference, sentence, budget, |_, history| bands.push(history.to_vec()))?;
    let (mut row, mut column) = (reference.len(), sentence.len());
    while row > 0 && column > 0 {
        let longer_than_above = bands[(row - 1) / 64][column - 1] & (1 << ((row - 1) % 64)) == 0;
        if reference[row - 1] == sentence[column - 1] {
            covered[row - 1] = true;
            (row, column) = (row - 1, column - 1);
        } else if longer_than_above {
            // Without a match the cell is the larger of its neighbours: larger than the one above only by the other.
            column -= 1;
        } else {
            row -= 1;
        }
    }
    Some(())
}
