//! What NLTK's English model of Punkt knows of words, as far as it bears on common prose.
//!
//! The abbreviations, the frequent first words and the pairs behind numbers are the model's own. It also knows of
//! 20,000 words whether they were seen in capitals inside a sentence; of those, only the words that begin most
//! sentences are kept here.

/// Words that may end in a period without ending a sentence.
#[rustfmt::skip]
const ABBREVIATIONS: &[&str] = &[
    ". .", "a.a", "a.c", "a.d", "a.g", "a.h", "a.m", "a.m.e", "a.s", "a.t", "adm", "ala", "ariz", "aug", "ave", "b.f", "b.v",
    "bros", "c", "c.i.t", "c.o.m.b", "c.r", "c.v", "calif", "cie", "co", "col", "colo", "conn", "corp", "cos", "ct", "d",
    "d.c", "d.h", "d.w", "dec", "dr", "e", "e.f", "e.h", "e.l", "e.m", "f", "f.g", "f.j", "feb", "fla", "fri", "ft", "g",
    "g.d", "g.f", "g.k", "ga", "h", "h.c", "h.f", "h.m", "i.a", "i.m.s", "ill", "inc", "j.b", "j.c", "j.j", "j.k", "j.p",
    "j.r", "jan", "jr", "k", "kan", "ky", "l", "l.a", "l.f", "l.p", "lt", "ltd", "m", "m.b.a", "m.d.c", "m.j", "maj", "messrs",
    "mg", "mich", "minn", "mr", "mrs", "ms", "n", "n.c", "n.d", "n.h", "n.j", "n.m", "n.v", "n.y", "nev", "nov", "oct", "ok",
    "okla", "ore", "p", "p.a.m", "p.m", "pa", "ph.d", "prof", "r", "r.a", "r.h", "r.i", "r.j", "r.k", "r.t", "rep", "reps", "s",
    "s.a", "s.a.y", "s.c", "s.g", "s.p.a", "s.s", "sen", "sep", "sept", "sr", "st", "sw", "t", "t.j", "tenn", "tues", "u.k",
    "u.n", "u.s", "u.s.a", "u.s.s.r", "v", "va", "vs", "vt", "w", "w.c", "w.r", "w.va", "w.w", "wash", "wed", "wis", "yr",
];

/// Words that often begin a sentence.
#[rustfmt::skip]
const STARTERS: &[&str] = &[
    "according", "although", "among", "both", "but", "despite", "even", "he", "however", "i", "if", "in", "indeed", "instead",
    "it", "many", "meanwhile", "moreover", "most", "nevertheless", "nonetheless", "nor", "sales", "separately", "similarly",
    "since", "so", "some", "the", "there", "these", "they", "this", "though", "thus", "under", "when", "while", "yet",
];

/// Words that no sentence ends before where they follow a number and a period.
#[rustfmt::skip]
const BEHIND_NUMBERS: &[&str] = &[
    "abreast", "aes", "business", "cbot", "colgate", "commodities", "cooper", "corrections", "credit", "dividend", "financing",
    "genentech", "insider", "international", "leisure", "letters", "notable", "pay-fone", "pegasus", "pepper", "review", "rj",
    "wedgestone", "who",
];

/// Words that were never seen with a capital inside a sentence: a capital means that one begins.
#[rustfmt::skip]
const SMALL: &[&str] = &[
    "always", "anyone", "anything", "behind", "being", "besides", "between", "beyond", "certainly", "currently", "does",
    "earlier", "either", "else", "especially", "eventually", "except", "finally", "following", "furthermore", "given", "hence",
    "her", "here", "hers", "herself", "him", "himself", "including", "indeed", "initially", "instead", "into", "latter",
    "likewise", "listen", "looking", "mine", "moreover", "myself", "naturally", "need", "neither", "nevertheless", "nor",
    "nothing", "otherwise", "ours", "overall", "please", "possibly", "probably", "put", "recently", "regarding", "regardless",
    "remember", "right", "same", "seeing", "similarly", "simply", "so", "someone", "sometimes", "soon", "specifically", "still",
    "such", "suddenly", "thanks", "them", "themselves", "therefore", "things", "think", "though", "through", "throughout",
    "thus", "together", "try", "turn", "unfortunately", "unless", "unlike", "upon", "us", "using", "very", "wait", "were",
    "whenever", "whereas", "wherever", "whether", "which", "whom", "within", "without", "yes", "yet", "your", "yourself",
];

/// Common words that were seen with a capital inside a sentence as well, in titles for the most part.
#[rustfmt::skip]
const EITHER: &[&str] = &[
    "a", "after", "again", "all", "also", "although", "among", "an", "and", "another", "any", "are", "around", "as", "at",
    "away", "back", "basically", "be", "because", "before", "below", "best", "big", "both", "but", "by", "can", "clearly", "come",
    "could", "day", "days", "despite", "did", "do", "down", "during", "each", "even", "every", "everybody", "everyone",
    "everything", "few", "first", "for", "from", "further", "generally", "get", "give", "go", "good", "great", "had", "has",
    "have", "having", "he", "high", "his", "how", "however", "if", "in", "is", "it", "its", "itself", "just", "keep", "know",
    "knowing", "last", "later", "left", "less", "let", "life", "like", "little", "long", "look", "love", "low", "made", "make",
    "man", "many", "may", "maybe", "me", "meanwhile", "men", "might", "more", "most", "much", "must", "my", "never", "new",
    "next", "no", "nobody", "none", "not", "now", "obviously", "of", "off", "often", "old", "on", "once", "one", "only", "or",
    "other", "others", "our", "out", "over", "own", "people", "perhaps", "quite", "rather", "really", "said", "say", "second",
    "see", "several", "she", "short", "should", "since", "small", "some", "somebody", "something", "somewhere", "stop", "sure", "take",
    "tell", "than", "that", "the", "their", "then", "there", "these", "they", "thing", "third", "this", "those", "thousands",
    "time", "to", "today", "too", "toward", "two", "under", "until", "up", "used", "usually", "want", "was", "way", "we",
    "well", "what", "whatever", "when", "where", "while", "who", "whose", "why", "will", "with", "woman", "women", "wonder",
    "work", "world", "would", "year", "years", "you",
];

fn holds(sorted: &[&str], word: &str) -> bool {
    sorted.binary_search(&word).is_ok()
}

/// Whether a word, small and without its period, is an abbreviation.
pub(super) fn is_abbreviation(word: &str) -> bool {
    let last = word.rsplit('-').next().unwrap_or(word);
    holds(ABBREVIATIONS, word) || holds(ABBREVIATIONS, last)
}

/// Whether a word often begins a sentence.
pub(super) fn is_starter(word: &str) -> bool {
    holds(STARTERS, word)
}

/// Whether a word goes with a number and a period in front of it.
pub(super) fn goes_with_number(word: &str) -> bool {
    holds(BEHIND_NUMBERS, word)
}

/// How a word is written inside a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// Small.
    Small,
    /// Small, or with a capital.
    Either,
    /// Not known.
    Unknown,
}

/// How a word is written inside a sentence.
pub(super) fn inside(word: &str) -> Inside {
    if holds(SMALL, word) {
        Inside::Small
    } else if holds(EITHER, word) {
        Inside::Either
    } else {
        Inside::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_list_is_sorted_so_that_it_can_be_searched() {
        for list in [ABBREVIATIONS, STARTERS, BEHIND_NUMBERS, SMALL, EITHER] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
    }
}
