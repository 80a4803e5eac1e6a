//! The requests in a copied text, to fill a form with.

use corsgate_explain::Browser;
use corsgate_explain::copied::Kind;
use serde::{Deserialize, Serialize};

use super::Answer;
use super::explain::Request;
use crate::explained::of_text;

/// The input of `read_copied`.
#[derive(Deserialize)]
pub(super) struct Asked {
    text: String,
    /// What replaces what the text says, such as the origin of the page.
    #[serde(default)]
    request: Request,
}

#[derive(Serialize)]
struct Copied {
    /// What the text is.
    kind: &'static str,
    requests: Vec<CopiedRequest>,
    notes: Vec<String>,
}

#[derive(Serialize)]
struct CopiedRequest {
    url: String,
    origin: String,
    method: String,
    /// `NAME=VALUE`, or `NAME` where the value is unknown.
    headers: Vec<String>,
    credentials: bool,
    websocket: bool,
}

/// `read_copied`: what the text is, and its requests.
pub(super) fn read(asked: &Asked) -> Answer {
    let kind = Kind::of(&asked.text);
    let facts = asked.request.facts(Browser::default());
    let (question, _) = of_text(kind, &asked.text, None, &facts, None, Vec::new())?;
    let requests = question.asked.iter().map(|asked| {
        let request = &asked.request;
        let headers = request.headers().iter().map(|(name, value)| match value {
            Some(value) => format!("{name}={value}"),
            None => name.clone(),
        });
        CopiedRequest {
            url: request.page_url(),
            origin: request.origin().to_owned(),
            method: request.method().to_owned(),
            headers: headers.collect(),
            credentials: request.has_credentials(),
            websocket: request.is_websocket(),
        }
    });
    let copied = Copied { kind: name(kind), requests: requests.collect(), notes: question.notes };
    Ok(serde_json::to_string(&copied)?)
}

fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::Har => "har",
        Kind::Curl => "curl",
        Kind::Fetch => "fetch",
        Kind::PowerShell => "powershell",
        Kind::Response => "response",
        Kind::Console => "console",
    }
}
