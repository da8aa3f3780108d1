//! What the hub's refusals mean, and what to do about them.

use super::http::{Refusal, Trouble};
use super::settings::Settings;
use super::{FetchError, Uri};

/// What went wrong with a name, for people.
pub(super) fn explain(trouble: Trouble, uri: &Uri, settings: &Settings) -> FetchError {
    match trouble {
        Trouble::Fatal(error) => error,
        Trouble::Passing { message, .. } => FetchError::new(format!("`{uri}` cannot be had: {message}"))
            .hint("try again later; what was downloaded is kept"),
        Trouble::Refused(refusal) => refused(&refusal, uri, settings),
    }
}

fn refused(refusal: &Refusal, uri: &Uri, settings: &Settings) -> FetchError {
    let Refusal { status, code, message } = refusal;
    let (repository, host, page) = (&uri.repository, settings.host(), settings.page(&uri.repository));
    let has_token = settings.token.is_some();
    let lower = message.to_lowercase();
    if has_token && *status == 401 && lower.contains("credentials") {
        return FetchError::new(format!("{host} refuses the token: {message}"))
            .hint("HF_TOKEN, or the file `token` of HF_HOME, holds one that is wrong or has expired");
    }
    match code.as_str() {
        "GatedRepo" => {
            let then = if has_token { "with the account of your token" } else { "then set HF_TOKEN" };
            FetchError::new(format!("{repository} is gated on {host}"))
                .hint(format!("accept its terms at {page}, {then}"))
        }
        "RevisionNotFound" => FetchError::new(format!("{repository} has no revision `{}`", uri.revision())),
        "EntryNotFound" => FetchError::new(format!("{repository} has no file `{}`", uri.path)),
        _ if lower.contains("access to this resource is disabled") => {
            FetchError::new(format!("{host} has disabled {repository}")).hint(format!("see {page}"))
        }
        _ if code == "RepoNotFound" || matches!(status, 401 | 404) => {
            let message = if has_token {
                format!("{host} has no dataset {repository}, or your token may not read it")
            } else {
                format!("{host} has no dataset {repository}, or it is private or gated")
            };
            let token = if has_token { "" } else { "; for one that is private or gated, set HF_TOKEN" };
            FetchError::new(message)
                .hint(format!("names are `hf://OWNER/NAME/PATH`, with the owner, and of datasets only{token}"))
        }
        _ => FetchError::new(format!("{host} refuses `{uri}`: {message} ({status})")).hint(if has_token {
            "look at what your token may read"
        } else {
            "where it needs a token, set HF_TOKEN"
        }),
    }
}
