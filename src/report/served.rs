//! Whether the model that answered is the one that was asked.
//!
//! A router answers with the name of what served: the id that was asked, its dated permaslug
//! (`anthropic/claude-4.6-sonnet-20260217` for `anthropic/claude-sonnet-4.6`), or another model, where the asked one
//! failed and a fallback stepped in. An endpoint of one's own may call its model anything. So:
//!
//! 1. A configured fallback is a fallback, unless it is the asked model under another name.
//! 2. What was asked through a router or an alias (`openrouter/auto`, `~author/family-latest`, `@preset/…`) is whatever
//!    answers.
//! 3. Otherwise two `author/slug` names are compared: author and words, in any order, without dates, variants (`:free`)
//!    and words that say how finished a model is (`preview`, `latest`). Names without an author say nothing.

/// Whether another model answered than the asked one.
pub(super) fn is_fallback<'a>(asked: &str, fallbacks: impl IntoIterator<Item = &'a str>, served: &str) -> bool {
    if same(asked, served) {
        return false;
    }
    if fallbacks.into_iter().any(|fallback| same(fallback, served)) {
        return true;
    }
    let routed = asked.starts_with(['~', '@'])
        || asked.contains("@preset/")
        || base(asked).starts_with("openrouter/")
        || base(asked).ends_with("-latest");
    !routed && base(asked).contains('/') && base(served).contains('/')
}

/// Whether two names mean the same model, as far as names can tell.
fn same(a: &str, b: &str) -> bool {
    let (a, b) = (base(a).to_lowercase(), base(b).to_lowercase());
    if a == b {
        return true;
    }
    let ((author_a, slug_a), (author_b, slug_b)) = (split(&a), split(&b));
    let authors = author_a.is_none() || author_b.is_none() || author_a == author_b;
    authors && words(slug_a) == words(slug_b)
}

/// Author, where there is one, and slug.
fn split(name: &str) -> (Option<&str>, &str) {
    name.rsplit_once('/').map_or((None, name), |(author, slug)| (Some(author), slug))
}

/// The name without preset and variant.
fn base(name: &str) -> &str {
    let name = name.split("@preset/").next().unwrap_or(name).trim_start_matches('~');
    let slug = name.rfind('/').map_or(0, |at| at + 1);
    name[slug..].find(':').map_or(name, |at| &name[..slug + at])
}

/// The words of a slug that tell models apart, sorted.
fn words(slug: &str) -> Vec<&str> {
    let mut words: Vec<&str> = slug.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let number = |word: &str, digits: usize, range: std::ops::RangeInclusive<u32>| {
        word.len() == digits && word.parse().is_ok_and(|n: u32| range.contains(&n))
    };
    // 2024-07-18 or 05-20 at the end, then 20240718, 2407 or 0613 anywhere.
    if let [.., month, day] = words[..]
        && number(month, 2, 1..=12)
        && number(day, 2, 1..=31)
    {
        words.truncate(words.len() - 2);
    }
    words.retain(|word| {
        let date = word.len() >= 4 && word.bytes().all(|b| b.is_ascii_digit());
        !date && !matches!(*word, "preview" | "latest" | "exp" | "experimental" | "beta" | "stable")
    });
    words.sort_unstable();
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dated_or_reordered_name_is_no_fallback() {
        for (asked, served) in [
            ("openai/gpt-4o-mini", "openai/gpt-4o-mini"),
            ("openai/gpt-4o-mini", "openai/gpt-4o-mini-2024-07-18"),
            ("openai/gpt-4o-mini", "gpt-4o-mini-2024-07-18"),
            ("anthropic/claude-sonnet-4.6", "anthropic/claude-4.6-sonnet-20260217"),
            ("google/gemini-2.5-flash", "google/gemini-2.5-flash-preview-05-20"),
            ("mistralai/mistral-small:free", "mistralai/mistral-small-2409"),
            ("meta-llama/Llama-3.1-8B-Instruct", "meta-llama/llama-3.1-8b-instruct"),
            ("openrouter/auto", "anthropic/claude-4.6-sonnet-20260217"),
            ("~anthropic/claude-sonnet-latest", "anthropic/claude-4.6-sonnet-20260217"),
            ("openai/gpt-5@preset/mine", "deepseek/deepseek-r1"),
            ("smollm2-135m", "SmolLM2-135M-Instruct.Q8_0.gguf"),
            ("smollm2-135m", "/models/smollm2.gguf"),
        ] {
            assert!(!is_fallback(asked, [], served), "{asked} served by {served}");
        }
    }

    #[test]
    fn another_model_is_a_fallback() {
        for (asked, served) in [
            ("anthropic/claude-sonnet-4.5", "anthropic/claude-haiku-4.5"),
            ("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4"),
            ("openai/gpt-4o-mini", "openai/gpt-4o-2024-08-06"),
            ("openai/gpt-4o", "azure/gpt-4o-mini"),
        ] {
            assert!(is_fallback(asked, [], served), "{asked} served by {served}");
        }
        assert!(is_fallback("small", ["large"], "large"));
        assert!(!is_fallback("a/m", ["a/m:free"], "a/m-20250101"));
        assert!(!is_fallback("", [], ""));
    }
}
