//! An answer that follows instructions: what simulated models are told.
//!
//! In: checks. Out: a text that all of them accept, put together of fixed sentences and of what the checks ask for, or
//! `None` where that does not succeed. Every text is checked before it is given away.

use std::fmt::Write;

use super::check::{Amount, Check, Relation};

/// English sentences without a comma, digit, dash, bracket or asterisk.
const ENGLISH: [&str; 16] = [
    "The garden behind the house is quiet in the early morning.",
    "Two neighbours bring bread and honey to the long table.",
    "Nobody hurries because the boat leaves after lunch.",
    "A warm wind moves slowly over the fields and the river.",
    "The old clock in the kitchen runs five minutes late.",
    "We keep our notes short so that everybody can follow them.",
    "Good tools last longer when they are cleaned after use.",
    "The path along the water is the easiest way to the market.",
    "Children from the village paint the boats in bright colours.",
    "It helps to plan the week before it begins.",
    "Small steps each day bring us further than one big jump.",
    "Fresh air and a simple meal make most evenings better.",
    "A dog runs along a long dark wall and jumps at a fat cat.",
    "Our old bus is full and warm at noon and at night.",
    "Big clouds bring rain and fog to all roads in our valley.",
    "Many good tools last long and do hard work with no trouble.",
];

/// The same in other languages, by their code.
const OTHERS: [(&str, [&str; 3]); 8] = [
    (
        "de",
        [
            "Der Garten hinter dem Haus ist am frühen Morgen sehr ruhig.",
            "Die Nachbarn bringen Brot und Honig an den langen Tisch.",
            "Niemand beeilt sich und das Boot fährt erst nach dem Essen.",
        ],
    ),
    (
        "fr",
        [
            "Le jardin derrière la maison est très calme le matin.",
            "Les voisins apportent du pain et du miel sur la grande table.",
            "Personne ne se presse parce que le bateau part après le repas.",
        ],
    ),
    (
        "es",
        [
            "El jardín detrás de la casa está muy tranquilo por la mañana.",
            "Los vecinos traen pan y miel a la mesa larga.",
            "Nadie tiene prisa porque el barco sale después de la comida.",
        ],
    ),
    (
        "it",
        [
            "Il giardino dietro la casa è molto tranquillo la mattina.",
            "I vicini portano pane e miele sulla lunga tavola.",
            "Nessuno ha fretta perché la barca parte dopo il pranzo.",
        ],
    ),
    (
        "pt",
        [
            "O jardim atrás da casa fica muito tranquilo de manhã cedo.",
            "Os vizinhos trazem pão e mel para a mesa comprida.",
            "Ninguém tem pressa porque o barco só sai depois do almoço.",
        ],
    ),
    (
        "nl",
        [
            "De tuin achter het huis is in de vroege ochtend heel rustig.",
            "De buren brengen brood en honing naar de lange tafel.",
            "Niemand heeft haast want de boot vertrekt pas na het eten.",
        ],
    ),
    (
        "pl",
        [
            "Ogród za domem jest bardzo spokojny wczesnym rankiem.",
            "Sąsiedzi przynoszą chleb i miód na długi stół.",
            "Nikt się nie spieszy bo łódź odpływa dopiero po obiedzie.",
        ],
    ),
    (
        "sv",
        [
            "Trädgården bakom huset är mycket lugn tidigt på morgonen.",
            "Grannarna bär bröd och honung till det långa bordet.",
            "Ingen har bråttom eftersom båten går först efter lunchen.",
        ],
    ),
];

/// How many sentences of filling are tried.
const SIZES: [usize; 14] = [0, 1, 2, 3, 4, 5, 7, 9, 12, 18, 26, 40, 60, 90];

/// The most of anything that is put in.
const MOST: u64 = 400;

/// A text that follows all of these, if one is found.
pub(super) fn complying(checks: &[&Check]) -> Option<String> {
    let pool = pool(checks);
    let drafts = SIZES.iter().map(|&size| Draft { checks, pool: &pool, size }.text());
    drafts.into_iter().find(|text| !text.trim().is_empty() && checks.iter().all(|check| check.follow(text).is_ok()))
}

/// Sentences in the language that is asked for, those first that a check about letters or words likes best.
fn pool(checks: &[&Check]) -> Vec<&'static str> {
    let language = checks.iter().find_map(|check| match check {
        Check::Language(language) => OTHERS.iter().find(|(code, _)| *code == language.code),
        _ => None,
    });
    let mut pool: Vec<&str> = language.map_or(ENGLISH.to_vec(), |(_, sentences)| sentences.to_vec());
    pool.retain(|sentence| {
        checks.iter().all(|check| match check {
            Check::Forbidden(words) => !words.iter().any(|word| word.is_in(sentence)),
            Check::Frequency(keyword, Amount { relation: Relation::LessThan, .. }) => !keyword.is_in(sentence),
            _ => true,
        })
    });
    for check in checks {
        if let Check::LetterFrequency(letter, Amount { relation: Relation::LessThan, .. }) = check {
            pool.sort_by_key(|sentence| sentence.to_lowercase().matches(letter.as_str()).count());
        }
    }
    pool
}

/// A text to be: what the checks ask for, and so many sentences of filling.
struct Draft<'a> {
    checks: &'a [&'a Check],
    pool: &'a [&'static str],
    size: usize,
}

impl Draft<'_> {
    fn text(&self) -> String {
        if self.has(|check| matches!(check, Check::Json)) {
            let inner = format!("{}{}", self.blocks().join(" "), self.tail(" "));
            return self.cased(&serde_json::json!({ "answer": inner.trim() }).to_string());
        }
        let mut text = String::new();
        for check in self.checks {
            if let Check::RepeatPrompt(prompt) = check {
                let _ = writeln!(text, "{prompt}");
            }
        }
        if self.has(|check| matches!(check, Check::Title)) {
            text.push_str("<<A Short Answer>>\n");
        }
        let gap = if self.has(|check| matches!(check, Check::FirstWord { .. })) { "\n\n" } else { "\n***\n" };
        text.push_str(&self.blocks().join(gap));
        text.push_str(&self.tail("\n"));
        let mut text = text.trim().to_owned();
        if self.has(|check| matches!(check, Check::TwoResponses)) {
            text = format!("{text}\n******\n{text} {}", self.sentence(self.size));
        }
        if self.has(|check| matches!(check, Check::Quotation)) {
            text = format!("\"{text}\"");
        }
        self.cased(&text)
    }

    fn has(&self, is_meant: impl Fn(&Check) -> bool) -> bool {
        self.checks.iter().any(|check| is_meant(check))
    }

    fn sentence(&self, nth: usize) -> &'static str {
        self.pool.get(nth % self.pool.len().max(1)).copied().unwrap_or("Yes.")
    }

    /// The paragraphs, each with something in it.
    fn blocks(&self) -> Vec<String> {
        let paragraphs = self.checks.iter().find_map(|check| match check {
            Check::Paragraphs(count) | Check::FirstWord { paragraphs: count, .. } => Some(*count),
            _ => None,
        });
        let count = usize::try_from(paragraphs.unwrap_or(1).clamp(1, MOST)).unwrap_or(1);
        let mut blocks = vec![String::new(); count];
        let filling = (0..self.size).map(|nth| self.sentence(nth).to_owned());
        for (index, piece) in self.demanded().into_iter().chain(filling).enumerate() {
            let block = &mut blocks[index % count];
            if !block.is_empty() && !block.ends_with('\n') {
                block.push(' ');
            }
            block.push_str(&piece);
        }
        for (index, block) in blocks.iter_mut().enumerate() {
            if block.is_empty() && paragraphs.is_some() {
                self.sentence(index).clone_into(block);
            }
            for check in self.checks {
                if let Check::FirstWord { nth, word, .. } = check
                    && *nth == index as u64 + 1
                {
                    *block = format!("{word} {block}");
                }
            }
        }
        blocks
    }

    /// What has to stand somewhere.
    fn demanded(&self) -> Vec<String> {
        let mut pieces = Vec::new();
        for check in self.checks {
            match check {
                Check::Existence(keywords) => {
                    pieces.extend(keywords.iter().map(|keyword| named(&keyword.text)));
                }
                Check::Frequency(keyword, amount) => {
                    pieces.extend((0..needed(*amount)).map(|_| named(&keyword.text)));
                }
                Check::LetterFrequency(letter, amount) => {
                    let letters = needed(*amount);
                    if letters > 0 {
                        let row = vec![letter.as_str(); usize::try_from(letters).unwrap_or(1)].join(" ");
                        pieces.push(format!("Letters: {row}."));
                    }
                }
                Check::CapitalWords(amount) => {
                    let words = usize::try_from(needed(*amount)).unwrap_or(0);
                    if words > 0 {
                        pieces.push(format!("{}.", vec!["NOTE"; words].join(" ")));
                    }
                }
                Check::Placeholders(count) => {
                    pieces.extend((1..=*count.min(&MOST)).map(|nth| format!("Dear [name {nth}].")));
                }
                Check::Highlights(count) => {
                    pieces.extend((1..=*count.min(&MOST)).map(|nth| format!("See *point {nth}* here.")));
                }
                Check::Sections { mark, count } => pieces.extend((1..=*count.min(&MOST)).map(|nth| {
                    let at = usize::try_from(nth).unwrap_or(0);
                    format!("\n{} {nth}\n{}", mark.text.replace('\\', ""), self.sentence(at))
                })),
                Check::Constrained => pieces.push("My answer is yes.".to_owned()),
                _ => {}
            }
        }
        pieces
    }

    /// What has to stand at the end.
    fn tail(&self, gap: &str) -> String {
        let mut tail = String::new();
        for check in self.checks {
            if let Check::Bullets(count) = check {
                for nth in 0..*count.min(&MOST) {
                    let at = usize::try_from(nth).unwrap_or(0);
                    let _ = write!(tail, "{gap}* {}", self.sentence(at));
                }
            }
        }
        for check in self.checks {
            if let Check::Postscript { marker, .. } = check {
                let _ = write!(tail, "{gap}{marker} {}", self.sentence(0));
            }
        }
        for check in self.checks {
            if let Check::End(phrase) = check {
                let _ = write!(tail, "{gap}{}", phrase.trim());
            }
        }
        tail
    }

    /// In the letters that are asked for.
    fn cased(&self, text: &str) -> String {
        if self.has(|check| matches!(check, Check::EnglishCapital)) {
            text.to_uppercase()
        } else if self.has(|check| matches!(check, Check::EnglishLowercase)) {
            text.to_lowercase()
        } else {
            text.to_owned()
        }
    }
}

/// A sentence with a keyword, which is written as a pattern.
fn named(keyword: &str) -> String {
    format!("We speak of {}.", keyword.replace('\\', ""))
}

/// How many there have to be at least.
fn needed(amount: Amount) -> u64 {
    match amount.relation {
        Relation::AtLeast => amount.bound.min(MOST),
        Relation::LessThan => 0,
    }
}
