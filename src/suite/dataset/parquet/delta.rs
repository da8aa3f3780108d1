//! Pages whose values are differences begin with how many there are, and the library reserves room for as many. Here
//! that number is compared with how many values the page may hold.

use parquet::basic::Encoding;
use parquet::column::page::Page;

/// Whether the counts within a page's values are no larger than the page's own.
///
/// `levels`: the largest definition and repetition level of the column.
pub(super) fn counts_are_true(page: &Page, levels: (i16, i16)) -> bool {
    let (texts, prefixes) = match page.encoding() {
        Encoding::DELTA_BINARY_PACKED => (false, false),
        Encoding::DELTA_LENGTH_BYTE_ARRAY => (true, false),
        Encoding::DELTA_BYTE_ARRAY => (true, true),
        _ => return true,
    };
    let count = u64::from(page.num_values());
    let Some(values) = values(page, levels) else { return false };
    // Without any value there may be nothing at all.
    if values.is_empty() && count == 0 {
        return true;
    }
    let Some(end) = packed(values, count) else { return false };
    !texts || !prefixes || values.get(end..).and_then(|suffixes| packed(suffixes, count)).is_some()
}

/// A page's bytes behind its levels.
fn values(page: &Page, (definition, repetition): (i16, i16)) -> Option<&[u8]> {
    match page {
        Page::DataPage { buf, num_values, def_level_encoding, rep_level_encoding, .. } => {
            let mut rest = &buf[..];
            for (max, encoding) in [(repetition, rep_level_encoding), (definition, def_level_encoding)] {
                if max == 0 {
                    continue;
                }
                if *encoding == Encoding::RLE {
                    let (length, tail) = rest.split_first_chunk::<4>()?;
                    rest = tail.get(u32::from_le_bytes(*length) as usize..)?;
                } else {
                    let bits = u64::from(i16::BITS - max.leading_zeros());
                    rest = rest.get(usize::try_from((bits * u64::from(*num_values)).div_ceil(8)).ok()?..)?;
                }
            }
            Some(rest)
        }
        Page::DataPageV2 { buf, def_levels_byte_len, rep_levels_byte_len, .. } => {
            buf.get(*def_levels_byte_len as usize..)?.get(*rep_levels_byte_len as usize..)
        }
        Page::DictionaryPage { .. } => None,
    }
}

/// Walks over differences, and says where they end. `None`: they do not fit, or are more than `most`.
fn packed(bytes: &[u8], most: u64) -> Option<usize> {
    let mut at = 0;
    let block = varint(bytes, &mut at)?;
    let minis = varint(bytes, &mut at)?;
    let total = varint(bytes, &mut at)?;
    varint(bytes, &mut at)?;
    if total > most || minis == 0 || minis > 1 << 10 || block > 1 << 20 || block % minis != 0 {
        return None;
    }
    let each = block / minis;
    let mut left = total.saturating_sub(1);
    while left > 0 {
        if each == 0 {
            return None;
        }
        varint(bytes, &mut at)?;
        let widths = bytes.get(at..at + usize::try_from(minis).ok()?)?;
        at += widths.len();
        for width in widths {
            // Mini blocks behind the last value are not written.
            if left == 0 {
                break;
            }
            at += usize::try_from(u64::from(*width) * each / 8).ok()?;
            left = left.saturating_sub(each);
        }
        if at > bytes.len() {
            return None;
        }
    }
    Some(at)
}

fn varint(bytes: &[u8], at: &mut usize) -> Option<u64> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *bytes.get(*at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
