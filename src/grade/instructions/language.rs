//! The language of a text. The published checks ask `langdetect`; here it is whatlang, among the languages that both
//! know, and function words for Swahili, which whatlang does not know.

use std::sync::LazyLock;

use whatlang::{Detector, Lang};

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

/// Nothing if a text is in a language, or in none that could be told; else which one it is in.
pub(super) fn follow(text: &str, wanted: Language) -> Result<(), String> {
    let found = detect(text);
    found_or(found.is_none_or(|found| found == wanted), || {
        let found = found.map_or("nothing", |found| found.name);
        format!("expected {}, got {found}", wanted.name)
    })
}

/// The language of a text; `None` where it cannot be told.
fn detect(text: &str) -> Option<Language> {
    let text = &text[..text.floor_char_boundary(LOOKED_AT)];
    if is_swahili(text) {
        return Some(SWAHILI);
    }
    let found = DETECTOR.detect(text)?;
    LANGUAGES.iter().copied().find(|language| language.lang == Some(found.lang()))
}

/// The commonest words of Swahili that are rare in other languages.
const SWAHILI_WORDS: &[&str] = &[
    "ambao", "ambayo", "au", "baada", "bila", "cha", "hii", "hiyo", "huo", "huu", "ili", "ingawa", "kama", "kati", "katika",
    "kila", "kufanya", "kuhusu", "kuwa", "kwa", "kwamba", "kwenye", "lakini", "mimi", "mtu", "mwaka", "ndani", "ni", "nini",
    "pia", "sana", "sasa", "sisi", "tu", "vya", "wa", "wakati", "watu", "wetu", "wewe", "wote", "ya", "yake", "yako", "yetu",
    "za", "zaidi",
];

/// Whether enough of a text are function words of Swahili: they are a fifth to a third of its prose.
fn is_swahili(text: &str) -> bool {
    let mut words = 0;
    let mut of_swahili = 0;
    for word in text.split(|c: char| !c.is_alphanumeric() && c != '\'').filter(|word| !word.is_empty()) {
        words += 1;
        let small = word.to_lowercase();
        of_swahili += usize::from(SWAHILI_WORDS.binary_search(&small.as_str()).is_ok());
    }
    of_swahili >= 2 && of_swahili * 8 >= words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_swahili_are_sorted_so_that_they_can_be_searched() {
        assert!(SWAHILI_WORDS.is_sorted_by(|a, b| a < b));
    }
}
