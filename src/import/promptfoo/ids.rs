//! The names of providers → where a suite asks that model.

use std::sync::LazyLock;

use regex::Regex;

/// Where a model is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) id: String,
    /// Another endpoint than the suite's.
    pub(super) base_url: Option<&'static str>,
    /// The variable with its key; only with a `base_url`.
    pub(super) key: Option<&'static str>,
    /// The provider on OpenRouter that has to serve it.
    pub(super) served_by: Option<&'static str>,
    /// Whether the id was made by a rule, which its author should check.
    pub(super) is_mapped: bool,
}

/// Endpoints that speak the API of OpenAI, by their names in promptfoo: the address, and the variable with the key.
const ENDPOINTS: [(&str, &str, Option<&str>); 25] = [
    ("ollama", "http://localhost:11434/v1", None),
    ("localai", "http://localhost:8080/v1", None),
    ("llama", "http://localhost:8080/v1", None),
    ("llamafile", "http://localhost:8080/v1", None),
    ("vllm", "http://localhost:8000/v1", None),
    ("lmstudio", "http://localhost:1234/v1", None),
    ("litellm", "http://localhost:4000/v1", Some("LITELLM_API_KEY")),
    ("docker", "http://localhost:12434/engines/v1", None),
    ("groq", "https://api.groq.com/openai/v1", Some("GROQ_API_KEY")),
    ("cerebras", "https://api.cerebras.ai/v1", Some("CEREBRAS_API_KEY")),
    ("together", "https://api.together.xyz/v1", Some("TOGETHER_API_KEY")),
    ("togetherai", "https://api.together.xyz/v1", Some("TOGETHER_API_KEY")),
    ("fireworks", "https://api.fireworks.ai/inference/v1", Some("FIREWORKS_API_KEY")),
    ("hyperbolic", "https://api.hyperbolic.xyz/v1", Some("HYPERBOLIC_API_KEY")),
    ("nscale", "https://inference.api.nscale.com/v1", Some("NSCALE_SERVICE_TOKEN")),
    ("aimlapi", "https://api.aimlapi.com/v1", Some("AIML_API_KEY")),
    ("github", "https://models.github.ai/inference", Some("GITHUB_TOKEN")),
    ("nvidia", "https://integrate.api.nvidia.com/v1", Some("NVIDIA_API_KEY")),
    ("lambdalabs", "https://api.lambda.ai/v1", Some("LAMBDA_API_KEY")),
    ("sambanova", "https://api.sambanova.ai/v1", Some("SAMBANOVA_API_KEY")),
    ("alibaba", "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", Some("DASHSCOPE_API_KEY")),
    ("cometapi", "https://api.cometapi.com/v1", Some("COMETAPI_KEY")),
    ("moonshot", "https://api.moonshot.ai/v1", Some("MOONSHOT_API_KEY")),
    ("mistral", "https://api.mistral.ai/v1", Some("MISTRAL_API_KEY")),
    ("cohere", "https://api.cohere.ai/compatibility/v1", Some("COHERE_API_KEY")),
];

/// What is asked of OpenAI's models without a chat.
const NO_CHAT: [&str; 16] = [
    "assistant",
    "realtime",
    "image",
    "images",
    "moderation",
    "agents",
    "transcription",
    "video",
    "speech",
    "tts",
    "live",
    "codex",
    "codex-sdk",
    "chatkit",
    "token-classification",
    "text-generation",
];

static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[-@](\d{4}-\d{2}-\d{2}|20\d{6})$").ok());
static VERSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"-(\d{1,2})-(\d{1,2})(-|$)").ok());

/// Where a provider's model is asked; `None`: it cannot be said.
pub(super) fn target(provider: &str) -> Option<Target> {
    let (vendor, rest) = provider.split_once(':')?;
    let vendor = vendor.to_ascii_lowercase();
    if rest.is_empty() || rest.contains("{{") || rest.contains(char::is_whitespace) {
        return None;
    }
    let model =
        ["chat:", "responses:", "messages:", "completion:", "completions:", "embedding:", "embeddings:", "text:"]
            .iter()
            .find_map(|kind| rest.strip_prefix(kind))
            .unwrap_or(rest);
    let kind = rest.split(':').next().unwrap_or_default();
    if NO_CHAT.contains(&kind) && vendor != "ollama" {
        return None;
    }
    let on_openrouter = |id: String| Some(Target { id, is_mapped: true, ..Target::default() });
    match vendor.as_str() {
        "openrouter" => Some(Target { id: model.to_owned(), ..Target::default() }),
        "openai" if model.starts_with("ft:") => None,
        "openai" if model.contains('/') => on_openrouter(model.to_owned()),
        "openai" => on_openrouter(format!("openai/{}", openai(model))),
        "anthropic" if model.starts_with("claude-agent") || model.starts_with("claude-code") => None,
        "anthropic" => on_openrouter(format!("anthropic/{}", claude(model))),
        "google" | "vertex" | "palm" if model.starts_with("gemini") || model.starts_with("gemma") => {
            on_openrouter(format!("google/{}", gemini(model)))
        }
        "vertex" if model.starts_with("claude") => on_openrouter(format!("anthropic/{}", claude(model))),
        "xai" => on_openrouter(format!("x-ai/{model}")),
        "deepseek" => {
            on_openrouter(format!("deepseek/{}", if model == "deepseek-reasoner" { "deepseek-r1" } else { model }))
        }
        "perplexity" => on_openrouter(format!("perplexity/{model}")),
        "bedrock" => bedrock(model),
        "mistral" if known_mistral(model).is_some() => on_openrouter(format!("mistralai/{}", known_mistral(model)?)),
        "huggingface" if kind == "chat" => Some(Target {
            id: model.to_owned(),
            base_url: Some("https://router.huggingface.co/v1"),
            key: Some("HF_TOKEN"),
            ..Target::default()
        }),
        "replicate" if kind != "image" && model.split('/').count() == 2 => {
            let id = model.split(':').next().unwrap_or(model);
            let (owner, name) = id.split_once('/')?;
            let owner = match owner {
                "meta" => "meta-llama",
                other => other,
            };
            on_openrouter(format!("{owner}/{}", name.strip_prefix("meta-").unwrap_or(name)))
        }
        other => {
            let (_, base_url, key) = ENDPOINTS.iter().find(|(name, ..)| *name == other)?;
            Some(Target { id: model.to_owned(), base_url: Some(base_url), key: *key, ..Target::default() })
        }
    }
}

fn undated(model: &str) -> String {
    DATE.as_ref().map_or_else(|| model.to_owned(), |date| date.replace(model, "").into_owned())
}

/// Of dated names OpenRouter has only some.
fn openai(model: &str) -> String {
    const DATED: [&str; 5] =
        ["gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20", "gpt-4o-mini-2024-07-18", "gpt-4-0314"];
    if DATED.contains(&model) { model.to_owned() } else { undated(model) }
}

/// `claude-3-5-sonnet-20241022` → `claude-3.5-sonnet`.
fn claude(model: &str) -> String {
    let model = undated(model.split("-v1:").next().unwrap_or(model));
    let model = model.strip_suffix("-latest").unwrap_or(&model);
    let model = model.strip_suffix("-v2").unwrap_or(model);
    VERSION.as_ref().map_or_else(|| model.to_owned(), |version| version.replace(model, "-$1.$2$3").into_owned())
}

/// `gemini-2.0-flash-001` and `gemini-2.5-pro` are known, `-latest` is not.
fn gemini(model: &str) -> String {
    let model = model.strip_suffix("-latest").unwrap_or(model);
    match model {
        "gemini-2.0-flash" => "gemini-2.0-flash-001".to_owned(),
        _ if model.starts_with("gemini-2.0") => model.to_owned(),
        _ => ["-001", "-002"].iter().find_map(|end| model.strip_suffix(end)).unwrap_or(model).to_owned(),
    }
}

fn known_mistral(model: &str) -> Option<&'static str> {
    Some(match model {
        "mistral-large-latest" => "mistral-large",
        "mistral-medium-latest" => "mistral-medium-3.1",
        "mistral-small-latest" => "mistral-small-3.2-24b-instruct",
        "open-mistral-nemo" => "mistral-nemo",
        "pixtral-12b" | "pixtral-12b-2409" => "pixtral-12b",
        "open-mixtral-8x7b" => "mixtral-8x7b-instruct",
        "open-mixtral-8x22b" => "mixtral-8x22b-instruct",
        _ => return None,
    })
}

/// `us.anthropic.claude-sonnet-4-20250514-v1:0` → `anthropic/claude-sonnet-4`, served by Bedrock.
fn bedrock(model: &str) -> Option<Target> {
    let model = model.strip_prefix("converse:").unwrap_or(model);
    let model =
        ["us.", "eu.", "apac.", "global."].iter().find_map(|region| model.strip_prefix(region)).unwrap_or(model);
    let (maker, name) = model.split_once('.')?;
    let bare = name.split(':').next().unwrap_or(name);
    let id = match maker {
        "anthropic" => format!("anthropic/{}", claude(name)),
        "amazon"
            if bare.starts_with("nova-")
                && !bare.contains("sonic")
                && !bare.contains("canvas")
                && !bare.contains("reel") =>
        {
            format!("amazon/{bare}")
        }
        "meta" => format!("meta-llama/{}", llama(bare)?),
        "deepseek" if bare.starts_with("r1") => "deepseek/deepseek-r1".to_owned(),
        "openai" => format!("openai/{}", bare.strip_suffix("-1").unwrap_or(bare)),
        _ => return None,
    };
    Some(Target { id, served_by: Some("amazon-bedrock"), is_mapped: true, ..Target::default() })
}

/// `llama3-1-8b-instruct-v1` → `llama-3.1-8b-instruct`.
fn llama(name: &str) -> Option<String> {
    let rest = name.strip_suffix("-v1").unwrap_or(name).strip_prefix("llama")?;
    let version = VERSION.as_ref()?;
    Some(format!("llama{}", version.replace(&format!("-{rest}"), "-$1.$2$3")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn providers_become_models() {
        for (provider, id) in [
            ("openai:gpt-4o-mini", "openai/gpt-4o-mini"),
            ("openai:chat:gpt-4.1-2025-04-14", "openai/gpt-4.1"),
            ("openai:responses:gpt-4o-2024-08-06", "openai/gpt-4o-2024-08-06"),
            ("anthropic:messages:claude-3-5-sonnet-20241022", "anthropic/claude-3.5-sonnet"),
            ("anthropic:claude-sonnet-4-5-20250929", "anthropic/claude-sonnet-4.5"),
            ("anthropic:messages:claude-opus-4-1-20250805", "anthropic/claude-opus-4.1"),
            ("anthropic:messages:claude-sonnet-4-20250514", "anthropic/claude-sonnet-4"),
            ("anthropic:claude-3-7-sonnet-latest", "anthropic/claude-3.7-sonnet"),
            ("vertex:claude-3-5-sonnet-v2@20241022", "anthropic/claude-3.5-sonnet"),
            ("google:gemini-2.5-pro", "google/gemini-2.5-pro"),
            ("vertex:gemini-2.5-flash-002", "google/gemini-2.5-flash"),
            ("openrouter:meta-llama/llama-3.1-8b-instruct", "meta-llama/llama-3.1-8b-instruct"),
            ("xai:grok-4", "x-ai/grok-4"),
            ("mistral:mistral-large-latest", "mistralai/mistral-large"),
            ("bedrock:us.anthropic.claude-sonnet-4-20250514-v1:0", "anthropic/claude-sonnet-4"),
            ("bedrock:meta.llama3-1-8b-instruct-v1:0", "meta-llama/llama-3.1-8b-instruct"),
            ("bedrock:amazon.nova-lite-v1:0", "amazon/nova-lite-v1"),
            ("replicate:meta/meta-llama-3-8b-instruct", "meta-llama/llama-3-8b-instruct"),
            ("ollama:chat:llama3.3:8b", "llama3.3:8b"),
            ("groq:llama-3.3-70b-versatile", "llama-3.3-70b-versatile"),
        ] {
            assert_eq!(target(provider).map(|target| target.id).as_deref(), Some(id), "{provider}");
        }
        assert_eq!(target("ollama:llama3").unwrap().base_url, Some("http://localhost:11434/v1"));
        assert_eq!(target("bedrock:amazon.nova-lite-v1:0").unwrap().served_by, Some("amazon-bedrock"));
    }

    #[test]
    fn what_is_no_chat_model_is_not_guessed() {
        for provider in [
            "echo",
            "openai:image:dall-e-3",
            "openai:assistant:abc",
            "file://x.js",
            "openai:{{ env.M }}",
            "openai:",
            "azure:chat:x",
        ] {
            assert_eq!(target(provider), None, "{provider}");
        }
    }
}
