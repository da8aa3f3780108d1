//! Common English words and abbreviations, by which a period is told from the end of a sentence.
//!
//! NLTK's English model of Punkt learned some 20,000 words from newspapers. These lists are no part of it: they are common
//! knowledge of English, and short. Behind `e.g.`, `i.e.`, `etc.` and `No.` a sentence ends all the same, as it does for
//! that model, so that sentences are counted alike.

/// Titles, months, days, companies, measures and letters: words that may end in a period without ending a sentence.
#[rustfmt::skip]
const ABBREVIATIONS: &[&str] = &[
    "a.d", "a.m", "adm", "approx", "aug", "ave", "b.a", "b.c", "b.sc", "blvd", "bros", "capt", "co", "col", "corp", "d.c",
    "dec", "dept", "dr", "feb", "fri", "ft", "gen", "gov", "hon", "hr", "inc", "jan", "jr", "l.a", "lb", "lbs", "lt", "ltd",
    "m.a", "m.b.a", "m.d", "m.sc", "maj", "messrs", "mon", "mr", "mrs", "ms", "n.y", "nov", "oct", "oz", "p.m", "ph.d",
    "prof", "rep", "rev", "sen", "sep", "sept", "sgt", "sr", "st", "tue", "tues", "u.k", "u.n", "u.s", "u.s.a", "u.s.s.r",
    "vol", "vs", "wed", "yr",
];

/// Words that begin a sentence where they have a capital, also behind an abbreviation.
#[rustfmt::skip]
const STARTERS: &[&str] = &[
    "according", "accordingly", "additionally", "alternatively", "although", "always", "among", "anyone", "anything",
    "because", "besides", "both", "but", "certainly", "clearly", "consequently", "currently", "despite", "during", "each",
    "either", "especially", "even", "eventually", "except", "finally", "fortunately", "furthermore", "given", "he", "hence",
    "here", "him", "himself", "however", "i", "if", "in", "including", "indeed", "initially", "instead", "it", "likewise",
    "many", "me", "meanwhile", "moreover", "most", "neither", "nevertheless", "nonetheless", "nor", "nothing", "obviously",
    "otherwise", "overall", "particularly", "perhaps", "please", "possibly", "probably", "recently", "regarding",
    "similarly", "simply", "since", "so", "some", "someone", "sometimes", "soon", "specifically", "still", "such",
    "suddenly", "thanks", "the", "them", "themselves", "there", "therefore", "these", "they", "this", "though",
    "throughout", "thus", "typically", "ultimately", "under", "unfortunately", "unless", "unlike", "upon", "us", "using",
    "usually", "when", "whenever", "whereas", "whether", "which", "while", "whom", "within", "without", "yet", "your",
    "yourself",
];

/// Further words that are no surname. Titles have them in capitals as well, so that behind an abbreviation they tell
/// nothing.
#[rustfmt::skip]
const OTHERS: &[&str] = &[
    "a", "about", "above", "across", "after", "again", "against", "all", "along", "also", "an", "and", "another", "any",
    "are", "around", "as", "at", "back", "be", "been", "before", "begin", "behind", "being", "below", "beneath", "beside",
    "between", "beyond", "by", "can", "come", "could", "did", "do", "does", "down", "end", "ever", "every", "everybody",
    "everyone", "everything", "few", "first", "for", "from", "get", "give", "go", "good", "great", "had", "has", "have",
    "her", "his", "how", "inside", "into", "is", "its", "just", "keep", "know", "last", "later", "less", "let", "like",
    "little", "long", "look", "make", "may", "maybe", "more", "much", "must", "my", "near", "need", "never", "new", "next",
    "no", "nobody", "none", "not", "now", "of", "off", "often", "on", "once", "one", "only", "or", "other", "our", "out",
    "outside", "over", "own", "past", "people", "put", "quite", "rather", "really", "right", "same", "say", "second", "see",
    "several", "she", "should", "somehow", "something", "somewhere", "start", "stop", "take", "tell", "than", "that",
    "their", "then", "think", "third", "those", "through", "to", "today", "tomorrow", "tonight", "too", "toward", "try",
    "turn", "two", "until", "up", "very", "want", "was", "we", "well", "were", "what", "where", "who", "whose", "why",
    "will", "with", "would", "yes", "yesterday", "you",
];

fn holds(sorted: &[&str], word: &str) -> bool {
    sorted.binary_search(&word).is_ok()
}

/// Whether a word, small and without its period, is an abbreviation.
pub(super) fn is_abbreviation(word: &str) -> bool {
    let last = word.rsplit('-').next().unwrap_or(word);
    is_initial(last) || holds(ABBREVIATIONS, word) || holds(ABBREVIATIONS, last)
}

/// Whether this is one letter that stands for a name rather than for itself, as `Plan A` and `I` do.
fn is_initial(word: &str) -> bool {
    matches!(word.as_bytes(), [letter] if letter.is_ascii_alphabetic() && !b"abiouxyz".contains(letter))
}

/// Whether a capital on this word means that a sentence begins.
pub(super) fn is_starter(word: &str) -> bool {
    holds(STARTERS, word)
}

/// Whether this is a common word, and so no name.
pub(super) fn is_common(word: &str) -> bool {
    is_starter(word) || holds(OTHERS, word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_sorted_so_that_it_can_be_searched() {
        for list in [ABBREVIATIONS, STARTERS, OTHERS] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
        assert!(OTHERS.iter().all(|word| !is_starter(word)));
    }
}
