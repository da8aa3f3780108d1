//! Porter's stemmer as NLTK has it, which is the one that `rouge-score` uses.
//!
//! M. F. Porter, "An algorithm for suffix stripping", Program 14(3), 1980, 130–137, with the extensions of
//! `nltk.stem.porter.PorterStemmer` in its default mode. Crates have Snowball's English stemmer, which is another one.

use std::borrow::Cow;

/// The words that are looked up.
const IRREGULAR: &[(&str, &[&str])] = &[
    ("sky", &["sky", "skies"]),
    ("die", &["dying"]),
    ("lie", &["lying"]),
    ("tie", &["tying"]),
    ("news", &["news"]),
    ("inning", &["innings", "inning"]),
    ("outing", &["outings", "outing"]),
    ("canning", &["cannings", "canning"]),
    ("howe", &["howe"]),
    ("proceed", &["proceed"]),
    ("exceed", &["exceed"]),
    ("succeed", &["succeed"]),
];

/// A suffix, what stands for it, and what the word without it has to be.
type Rule<'a> = (&'a str, &'a str, fn(&str) -> bool);

/// The stem of a word of lower-case ASCII letters and digits. Linear in its length.
pub(super) fn stem(word: &str) -> Cow<'_, str> {
    if let Some((stem, _)) = IRREGULAR.iter().find(|(_, words)| words.contains(&word)) {
        return Cow::Borrowed(stem);
    }
    if word.len() <= 2 {
        return Cow::Borrowed(word);
    }
    let steps = [plurals, past, final_y, double_suffixes, adjectives, residues, final_e, final_ll];
    Cow::Owned(steps.iter().fold(word.to_owned(), |word, step| step(word)))
}

/// For each letter whether it is a consonant: none of a, e, i, o, u, nor a `y` behind a consonant.
fn consonants(word: &str) -> impl Iterator<Item = bool> {
    word.bytes().scan(false, |behind_consonant, letter| {
        *behind_consonant = match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' => false,
            b'y' => !*behind_consonant,
            _ => true,
        };
        Some(*behind_consonant)
    })
}

/// How often a vowel is followed by a consonant.
fn measure(word: &str) -> usize {
    let mut before = true;
    let turns =
        consonants(word).filter(|&consonant| std::mem::replace(&mut before, consonant) != consonant && consonant);
    turns.count()
}

fn some_measure(stem: &str) -> bool {
    measure(stem) > 0
}

fn more_measure(stem: &str) -> bool {
    measure(stem) > 1
}

fn always(_: &str) -> bool {
    true
}

fn has_vowel(stem: &str) -> bool {
    consonants(stem).any(|consonant| !consonant)
}

fn ends_in_consonant(stem: &str) -> bool {
    consonants(stem).last().unwrap_or(false)
}

fn ends_in_double_consonant(word: &str) -> bool {
    matches!(word.as_bytes(), [.., a, b] if a == b) && ends_in_consonant(word)
}

/// Consonant, vowel, consonant but w, x and y at the end; or nothing but vowel and consonant.
fn ends_short(word: &str) -> bool {
    let kinds: Vec<bool> = consonants(word).collect();
    match kinds.as_slice() {
        [false, true] => true,
        [.., true, false, true] => !word.ends_with(['w', 'x', 'y']),
        _ => false,
    }
}

/// The first rule whose suffix is there decides, even if it then does nothing.
fn apply(word: String, rules: &[Rule<'_>]) -> String {
    for (suffix, replacement, condition) in rules {
        if let Some(stem) = word.strip_suffix(suffix) {
            return if condition(stem) { format!("{stem}{replacement}") } else { word };
        }
    }
    word
}

/// Step 1a.
fn plurals(word: String) -> String {
    if word.len() == 4 && word.ends_with("ies") {
        return apply(word, &[("ies", "ie", always)]);
    }
    apply(word, &[("sses", "ss", always), ("ies", "i", always), ("ss", "ss", always), ("s", "", always)])
}

/// Step 1b.
fn past(word: String) -> String {
    if let Some(stem) = word.strip_suffix("ied") {
        return format!("{stem}{}", if word.len() == 4 { "ie" } else { "i" });
    }
    if word.ends_with("eed") {
        return apply(word, &[("eed", "ee", some_measure)]);
    }
    let stem = ["ed", "ing"].iter().find_map(|suffix| word.strip_suffix(suffix).filter(|stem| has_vowel(stem)));
    let Some(stem) = stem else { return word };
    if ["at", "bl", "iz"].iter().any(|end| stem.ends_with(end)) {
        return format!("{stem}e");
    }
    if ends_in_double_consonant(stem) {
        return stem[..stem.len() - usize::from(!stem.ends_with(['l', 's', 'z']))].to_owned();
    }
    if measure(stem) == 1 && ends_short(stem) { format!("{stem}e") } else { stem.to_owned() }
}

/// Step 1c.
fn final_y(word: String) -> String {
    apply(word, &[("y", "i", |stem| stem.len() > 1 && ends_in_consonant(stem))])
}

/// Step 2.
fn double_suffixes(word: String) -> String {
    if let Some(stem) = word.strip_suffix("alli").filter(|stem| some_measure(stem)) {
        // No further round: what ends in "al" does not end in "alli".
        return double_suffixes(format!("{stem}al"));
    }
    if let Some(stem) = word.strip_suffix("logi") {
        // The l is part of what is measured, so that "geologi" is as good as "archaeologi".
        return if some_measure(&word[..=stem.len()]) { format!("{stem}log") } else { word };
    }
    apply(
        word,
        &[
            ("ational", "ate", some_measure),
            ("tional", "tion", some_measure),
            ("enci", "ence", some_measure),
            ("anci", "ance", some_measure),
            ("izer", "ize", some_measure),
            ("bli", "ble", some_measure),
            ("alli", "al", some_measure),
            ("entli", "ent", some_measure),
            ("eli", "e", some_measure),
            ("ousli", "ous", some_measure),
            ("ization", "ize", some_measure),
            ("ation", "ate", some_measure),
            ("ator", "ate", some_measure),
            ("alism", "al", some_measure),
            ("iveness", "ive", some_measure),
            ("fulness", "ful", some_measure),
            ("ousness", "ous", some_measure),
            ("aliti", "al", some_measure),
            ("iviti", "ive", some_measure),
            ("biliti", "ble", some_measure),
            ("fulli", "ful", some_measure),
        ],
    )
}

/// Step 3.
fn adjectives(word: String) -> String {
    apply(
        word,
        &[
            ("icate", "ic", some_measure),
            ("ative", "", some_measure),
            ("alize", "al", some_measure),
            ("iciti", "ic", some_measure),
            ("ical", "ic", some_measure),
            ("ful", "", some_measure),
            ("ness", "", some_measure),
        ],
    )
}

/// Step 4.
fn residues(word: String) -> String {
    apply(
        word,
        &[
            ("al", "", more_measure),
            ("ance", "", more_measure),
            ("ence", "", more_measure),
            ("er", "", more_measure),
            ("ic", "", more_measure),
            ("able", "", more_measure),
            ("ible", "", more_measure),
            ("ant", "", more_measure),
            ("ement", "", more_measure),
            ("ment", "", more_measure),
            ("ent", "", more_measure),
            ("ion", "", |stem| more_measure(stem) && stem.ends_with(['s', 't'])),
            ("ou", "", more_measure),
            ("ism", "", more_measure),
            ("ate", "", more_measure),
            ("iti", "", more_measure),
            ("ous", "", more_measure),
            ("ive", "", more_measure),
            ("ize", "", more_measure),
        ],
    )
}

/// Step 5a.
fn final_e(word: String) -> String {
    apply(word, &[("e", "", |stem| measure(stem) > 1 || (measure(stem) == 1 && !ends_short(stem)))])
}

/// Step 5b: of two l's the last goes, which the measure still counts.
fn final_ll(mut word: String) -> String {
    if word.ends_with("ll") && more_measure(&word[..word.len() - 1]) {
        word.pop();
    }
    word
}
