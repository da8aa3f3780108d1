//! The language of a text. The published checks ask `langdetect`; here it is whatlang, among the languages that both
//! know, and function words for Swahili, which whatlang does not know.

use std::sync::LazyLock;

use whatlang::{Detector, Lang, Script};

use crate::grade::words::join;

use super::wording::found_or;

/// The bytes that are looked at; `langdetect` looks at ten thousand characters.
const LOOKED_AT: usize = 20_000;

/// A language that can be told from others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Language {
    /// Its ISO 639-1 code.
    pub(super) code: &'static str,
    /// Its name in English.
    pub(super) name: &'static str,
    /// `None`: Swahili.
    lang: Option<Lang>,
}

const fn known(code: &'static str, name: &'static str, lang: Lang) -> Language {
    Language { code, name, lang: Some(lang) }
}

const SWAHILI: Language = Language { code: "sw", name: "Swahili", lang: None };

/// Every language of the published checks, and the others that `langdetect` and whatlang both know.
pub(super) const LANGUAGES: &[Language] = &[
    Language::ENGLISH,
    known("es", "Spanish", Lang::Spa),
    known("pt", "Portuguese", Lang::Por),
    known("ar", "Arabic", Lang::Ara),
    known("hi", "Hindi", Lang::Hin),
    known("fr", "French", Lang::Fra),
    known("ru", "Russian", Lang::Rus),
    known("de", "German", Lang::Deu),
    known("ja", "Japanese", Lang::Jpn),
    known("it", "Italian", Lang::Ita),
    known("bn", "Bengali", Lang::Ben),
    known("uk", "Ukrainian", Lang::Ukr),
    known("th", "Thai", Lang::Tha),
    known("ur", "Urdu", Lang::Urd),
    known("ta", "Tamil", Lang::Tam),
    known("te", "Telugu", Lang::Tel),
    known("bg", "Bulgarian", Lang::Bul),
    known("ko", "Korean", Lang::Kor),
    known("pl", "Polish", Lang::Pol),
    known("he", "Hebrew", Lang::Heb),
    known("fa", "Persian", Lang::Pes),
    known("vi", "Vietnamese", Lang::Vie),
    known("ne", "Nepali", Lang::Nep),
    SWAHILI,
    known("kn", "Kannada", Lang::Kan),
    known("mr", "Marathi", Lang::Mar),
    known("gu", "Gujarati", Lang::Guj),
    known("pa", "Punjabi", Lang::Pan),
    known("ml", "Malayalam", Lang::Mal),
    known("fi", "Finnish", Lang::Fin),
    known("af", "Afrikaans", Lang::Afr),
    known("ca", "Catalan", Lang::Cat),
    known("cs", "Czech", Lang::Ces),
    known("cy", "Welsh", Lang::Cym),
    known("da", "Danish", Lang::Dan),
    known("el", "Greek", Lang::Ell),
    known("et", "Estonian", Lang::Est),
    known("hr", "Croatian", Lang::Hrv),
    known("hu", "Hungarian", Lang::Hun),
    known("id", "Indonesian", Lang::Ind),
    known("lt", "Lithuanian", Lang::Lit),
    known("lv", "Latvian", Lang::Lav),
    known("mk", "Macedonian", Lang::Mkd),
    known("nl", "Dutch", Lang::Nld),
    known("no", "Norwegian", Lang::Nob),
    known("ro", "Romanian", Lang::Ron),
    known("sk", "Slovak", Lang::Slk),
    known("sl", "Slovenian", Lang::Slv),
    known("sv", "Swedish", Lang::Swe),
    known("tl", "Tagalog", Lang::Tgl),
    known("tr", "Turkish", Lang::Tur),
    known("zh", "Chinese", Lang::Cmn),
];

impl Language {
    /// The language of `change_case:english_capital` and `change_case:english_lowercase`.
    pub(super) const ENGLISH: Self = known("en", "English", Lang::Eng);

    /// By its code; `zh-cn` and `zh-tw` are Chinese.
    pub(super) fn of_code(code: &str) -> Option<Self> {
        let code = code.to_lowercase();
        let code = if matches!(code.as_str(), "zh-cn" | "zh-tw") { "zh" } else { &code };
        LANGUAGES.iter().copied().find(|language| language.code == code)
    }
}

static DETECTOR: LazyLock<Detector> =
    LazyLock::new(|| Detector::with_allowlist(LANGUAGES.iter().filter_map(|language| language.lang).collect()));

/// Nothing if a text is in a language, or in none at all; else which one it is in.
pub(super) fn follow(text: &str, wanted: Language) -> Result<(), String> {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    let found = detect(text);
    // A text without letters follows, as in the published checks.
    found_or(found.is_empty() || found.contains(&wanted), || {
        let names: Vec<String> = found.iter().map(|found| found.name.to_owned()).collect();
        format!("expected {}, got {}", wanted.name, join(&names, "or"))
    })
}

/// The language of a text; two where it is hard to tell, none where there is nothing to tell it by.
fn detect(text: &str) -> Vec<Language> {
    /// No guess that was surer was wrong about 540 published answers to the prompts of these checks.
    const SURE: f64 = 0.65;
    if share(text, SWAHILI_WORDS).is_some_and(|share| share > 0.125) {
        return vec![SWAHILI];
    }
    let Some(guess) = DETECTOR.detect(text) else { return Vec::new() };
    let mut found: Vec<Language> =
        LANGUAGES.iter().copied().filter(|language| language.lang == Some(guess.lang())).collect();
    // A line or two in Latin letters that are hard to tell are English more often than what they are guessed to be.
    if guess.confidence() < SURE && guess.script() == Script::Latin && !found.contains(&Language::ENGLISH) {
        if share(text, ENGLISH_WORDS).is_some_and(|share| share > 0.2) {
            found.clear();
        }
        found.push(Language::ENGLISH);
    }
    found
}

/// The commonest words of Swahili that are rare in other languages: an eighth to a third of its prose.
#[rustfmt::skip]
const SWAHILI_WORDS: &[&str] = &[
    "ambao", "ambayo", "au", "baada", "bila", "cha", "hii", "hiyo", "huo", "huu", "ili", "ingawa", "kama", "kati", "katika",
    "kila", "kufanya", "kuhusu", "kuwa", "kwa", "kwamba", "kwenye", "lakini", "mimi", "mtu", "mwaka", "ndani", "ni", "nini",
    "pia", "sana", "sasa", "sisi", "tu", "vya", "wa", "wakati", "watu", "wetu", "wewe", "wote", "ya", "yake", "yako", "yetu",
    "za", "zaidi",
];

/// The commonest words of English that are rare in other languages.
#[rustfmt::skip]
const ENGLISH_WORDS: &[&str] = &[
    "and", "are", "because", "been", "but", "by", "for", "from", "had", "has", "have", "he", "her", "his", "how", "i'm", "is",
    "it", "it's", "its", "my", "not", "of", "or", "our", "she", "that", "the", "their", "them", "then", "there", "they", "this",
    "to", "we", "were", "what", "when", "where", "which", "who", "why", "with", "would", "you", "your",
];

/// The share of a text's words that are in a sorted list; `None` for less than two.
fn share(text: &str, list: &[&str]) -> Option<f64> {
    let (mut words, mut listed) = (0_u32, 0_u32);
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()) {
        words += 1;
        listed += u32::from(list.binary_search(&word.to_lowercase().as_str()).is_ok());
    }
    (listed > 1).then(|| f64::from(listed) / f64::from(words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_words_are_sorted_so_that_they_can_be_searched() {
        for list in [SWAHILI_WORDS, ENGLISH_WORDS] {
            assert!(list.is_sorted_by(|a, b| a < b), "{list:?}");
        }
    }
}
