//! Edit distance and longest common subsequence, 64 cells of the table at a time, with a budget of steps.
//!
//! Both go through the table in bands of 64 rows: one pass over the columns for each band, which hands the differences
//! along its lower edge to the next. That takes memory for one row only, however many different tokens there are.

/// The steps one comparison may take, 64 cells each: about 50,000 × 50,000 tokens, or 1,000,000 × 2,000; some tenths of
/// a second.
pub(super) const BUDGET: u64 = 1 << 25;

/// Where the tokens of 64 rows are, as one mask a token.
struct Masks {
    of: Vec<u64>,
}

impl Masks {
    fn new(tokens: [&[u32]; 2]) -> Self {
        let largest = tokens.iter().flat_map(|tokens| tokens.iter()).max().map_or(0, |&token| token as usize);
        Self { of: vec![0; largest + 1] }
    }

    fn set(&mut self, rows: &[u32]) {
        for (row, &token) in rows.iter().enumerate() {
            self.of[token as usize] |= 1 << row;
        }
    }

    fn clear(&mut self, rows: &[u32]) {
        for &token in rows {
            self.of[token as usize] = 0;
        }
    }
}

/// Both without what they begin and end with alike.
fn trim<'a>(a: &'a [u32], b: &'a [u32]) -> (usize, &'a [u32], &'a [u32]) {
    let front = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    (front + back, &a[..a.len() - back], &b[..b.len() - back])
}

/// The fewest tokens to insert, delete or replace that make one text of the other. Steps are taken off the budget.
///
/// G. Myers, "A fast bit-vector algorithm for approximate string matching based on dynamic programming", JACM 46(3),
/// 1999, 395–415, in the band around the diagonal of E. Ukkonen, "Algorithms for approximate string matching",
/// Information and Control 64, 1985, 100–118: its width is doubled until the distance lies in it.
///
/// # Errors
/// Where the budget runs out: a number that the distance is not below.
pub(super) fn distance(a: &[u32], b: &[u32], budget: &mut u64) -> Result<usize, usize> {
    let (_, a, b) = trim(a, b);
    let (rows, columns) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if rows.is_empty() {
        return Ok(columns.len());
    }
    let longer = columns.len() - rows.len();
    let mut masks = Masks::new([rows, columns]);
    let mut least = longer.max(1);
    let mut most = longer + 64;
    loop {
        most = most.min(columns.len());
        let slack = (most - longer) / 2;
        let width = columns.len().min(longer + 2 * slack + 64) as u64;
        let steps = width * rows.len().div_ceil(64) as u64;
        if steps > *budget {
            return Err(least);
        }
        *budget -= steps;
        let found = banded(rows, columns, slack, &mut masks);
        if found <= most || most == columns.len() {
            return Ok(found);
        }
        least = most + 1;
        most = longer + 2 * (most - longer);
    }
}

/// The distance, if it is reached without leaving the diagonals −`slack` to `columns − rows + slack`; else a larger
/// number. Cells outside of them are taken for worse than they are.
fn banded(rows: &[u32], columns: &[u32], slack: usize, masks: &mut Masks) -> usize {
    let longer = columns.len() - rows.len();
    // The difference of each cell along the lower edge of the band above to its left neighbour; 1 where it was not
    // looked at, and above the first band.
    let mut edge = vec![1_i8; columns.len() + 1];
    let mut first = 1;
    // The value left of the first column, at the upper edge.
    let mut corner = 0;
    let mut value = 0;
    for (band, rows_here) in rows.chunks(64).enumerate() {
        let lowest = band * 64 + rows_here.len();
        let last = columns.len().min(lowest + longer + slack);
        // Where the next band begins, to know the value in its corner.
        let next_first = (lowest + 1).saturating_sub(slack).max(1);
        masks.set(rows_here);
        let top = 1_u64 << (rows_here.len() - 1);
        let (mut plus, mut minus) = (u64::MAX, 0_u64);
        value = corner + rows_here.len();
        let mut next_corner = value;
        for column in first..=last {
            let mut equal = masks.of[columns[column - 1] as usize];
            let above = edge[column];
            let vertical = equal | minus;
            equal |= u64::from(above < 0);
            let horizontal = ((equal & plus).wrapping_add(plus) ^ plus) | equal;
            let mut up = minus | !(horizontal | plus);
            let mut down = plus & horizontal;
            let below = i8::from(up & top != 0) - i8::from(down & top != 0);
            up = up << 1 | u64::from(above > 0);
            down = down << 1 | u64::from(above < 0);
            plus = down | !(vertical | up);
            minus = up & vertical;
            edge[column] = below;
            value = value.wrapping_add_signed(isize::from(below));
            if column + 1 == next_first {
                next_corner = value;
            }
        }
        masks.clear(rows_here);
        (first, corner) = (next_first, next_corner);
    }
    value
}

/// The length of the longest common subsequence; `None` where the budget does not last. Steps are taken off it.
///
/// H. Hyyrö, "Bit-parallel LCS-length computation revisited", AWOCA 2004, 16–27.
pub(super) fn lcs(a: &[u32], b: &[u32], budget: &mut u64) -> Option<usize> {
    let (alike, a, b) = trim(a, b);
    let (rows, columns) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    if rows.is_empty() {
        return Some(alike);
    }
    let mut length = alike;
    lcs_bands(rows, columns, budget, |rows_here, history| {
        // A row whose bit is off at the end is one step longer than the row above.
        let last = history.last().copied().unwrap_or(u64::MAX);
        let within = u64::MAX >> (64 - rows_here.len());
        length += (!last & within).count_ones() as usize;
    })?;
    Some(length)
}

/// Goes through the table of common subsequences, band by band: `each` gets the tokens of the band's rows and, for each
/// column, a word whose bit is off in the rows where a subsequence is one longer than in the row above. `None` where the
/// budget does not last.
pub(super) fn lcs_bands(
    rows: &[u32],
    columns: &[u32],
    budget: &mut u64,
    mut each: impl FnMut(&[u32], &[u64]),
) -> Option<()> {
    *budget = budget.checked_sub((columns.len() + 64) as u64 * rows.len().div_ceil(64) as u64)?;
    let mut masks = Masks::new([rows, columns]);
    let mut carries = vec![false; columns.len()];
    let mut history = Vec::with_capacity(columns.len());
    for rows_here in rows.chunks(64) {
        masks.set(rows_here);
        history.clear();
        let mut state = u64::MAX;
        for (column, carry) in columns.iter().zip(&mut carries) {
            let matched = state & masks.of[*column as usize];
            let (sum, over) = state.overflowing_add(matched);
            let (sum, over_too) = sum.overflowing_add(u64::from(*carry));
            *carry = over || over_too;
            state = sum | (state & !matched);
            history.push(state);
        }
        masks.clear(rows_here);
        each(rows_here, &history);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn naive_distance(a: &[u32], b: &[u32]) -> usize {
        let mut row: Vec<usize> = (0..=b.len()).collect();
        for (i, x) in a.iter().enumerate() {
            let mut diagonal = row[0];
            row[0] = i + 1;
            for (j, y) in b.iter().enumerate() {
                let above = row[j + 1];
                row[j + 1] = (diagonal + usize::from(x != y)).min(above + 1).min(row[j] + 1);
                diagonal = above;
            }
        }
        row[b.len()]
    }

    fn naive_lcs(a: &[u32], b: &[u32]) -> usize {
        let mut row = vec![0; b.len() + 1];
        for x in a {
            let mut diagonal = 0;
            for (j, y) in b.iter().enumerate() {
                let above = row[j + 1];
                row[j + 1] = if x == y { diagonal + 1 } else { above.max(row[j]) };
                diagonal = above;
            }
        }
        row[b.len()]
    }

    /// A text and another one made of it by some edits, or of its own.
    fn texts() -> impl Strategy<Value = (Vec<u32>, Vec<u32>)> {
        let tokens = |length: usize| prop::collection::vec(0_u32..6, 0..length);
        let edited = (tokens(500), prop::collection::vec((any::<prop::sample::Index>(), 0_u8..3, 0_u32..6), 0..60))
            .prop_map(|(a, edits)| {
                let mut b = a.clone();
                for (place, kind, token) in edits {
                    match kind {
                        0 => b.insert(place.index(b.len() + 1), token),
                        1 if !b.is_empty() => drop(b.remove(place.index(b.len()))),
                        _ if !b.is_empty() => {
                            let place = place.index(b.len());
                            b[place] = token;
                        }
                        _ => {}
                    }
                }
                (a, b)
            });
        prop_oneof![edited, (tokens(400), tokens(400))]
    }

    proptest! {
        #[test]
        fn distance_and_subsequence_are_those_of_the_full_table((a, b) in texts()) {
            prop_assert_eq!(distance(&a, &b, &mut BUDGET.clone()), Ok(naive_distance(&a, &b)));
            prop_assert_eq!(distance(&b, &a, &mut BUDGET.clone()), Ok(naive_distance(&a, &b)));
            prop_assert_eq!(lcs(&a, &b, &mut BUDGET.clone()), Some(naive_lcs(&a, &b)));
        }

        #[test]
        fn out_of_budget_the_bound_holds((a, b) in texts(), budget in 0_u64..400) {
            let mut left = budget;
            match distance(&a, &b, &mut left) {
                Ok(distance) => prop_assert_eq!(distance, naive_distance(&a, &b)),
                Err(least) => prop_assert!(least <= naive_distance(&a, &b)),
            }
            prop_assert!(left <= budget);
        }
    }

    #[test]
    fn two_megabytes_that_differ_little_are_within_the_budget() {
        let a: Vec<u32> = (0..1_000_000_u32).map(|i| i.wrapping_mul(2_654_435_761) >> 24).collect();
        let mut b = a.clone();
        for place in [5, 300_000, 999_990] {
            b[place] = 300;
        }
        b.insert(500_000, 301);
        assert_eq!(distance(&a, &b, &mut BUDGET.clone()), Ok(4));
    }
}
