//! Reads a line of the console, of any engine: the URL, the page's origin, and the complaint. The sentences are those of
//! [`crate::sentences`], read backwards, and a few that older versions printed.

mod not_cors;
mod pieces;
mod places;

use corsgate_policy::fetch::{Blocked, ListHeader};
use thiserror::Error;

pub use self::not_cors::marks;
use self::not_cors::{LOCAL_NETWORK, browser_of_mixed_content, net_error, other_error};
use self::places::{answered, behind, between, method, places, redirected};
use crate::browser_error::BrowserError;
use crate::engine::Browser;
use crate::initiator::Initiator;
use crate::sentences::Case;

/// A line as read. What it does not say is absent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsoleLine {
    /// The browser whose sentence it is.
    pub browser: Option<Browser>,
    /// What of the page made the request.
    pub initiator: Option<Initiator>,
    /// The URL that was requested.
    pub url: Option<String>,
    /// The URL that it was redirected to, and whose response the line is about.
    pub redirected: Option<String>,
    /// The origin of the page.
    pub origin: Option<String>,
    /// The method, if a line of the network stands beside the complaint.
    pub method: Option<String>,
    /// The status of the response.
    pub status: Option<u16>,
    /// What the browser complains about.
    pub complaint: Complaint,
}

/// What a line complains about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Complaint {
    /// A fault of CORS, in the response to a preflight or to the request. A value that the line does not name is empty.
    Cors {
        /// The response is that of a preflight.
        preflight: bool,
        /// The fault.
        fault: Blocked,
    },
    /// The browser failed the request for another reason.
    NotCors(BrowserError),
    /// The page is a local file, or the URL has a scheme without CORS.
    Scheme,
    /// A WebSocket was not opened, with the status of the response if the line names it.
    Handshake,
    /// A script asked for a response header that is not exposed.
    NotExposed(String),
    /// Firefox warns that `*` does not cover the request's `Authorization`. The request passed.
    Uncovered,
}

/// Why a line cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum LineError {
    /// It seems to be about CORS, but in no sentence that is known.
    #[error(
        "the line is not one of the English sentences of Chrome, Firefox or Safari, and only English is read. Firefox prints in the language of its user interface: set `intl.locale.requested` to `en-US` in `about:config` (or choose English in the settings), restart it, and copy the line again; or copy the address behind \"Learn More\", which is English; or open the page in Chrome, which always prints English"
    )]
    OtherLanguage,
    /// It is Chrome's, but its sentence is not one that is known.
    #[error(
        "the line is Chrome's, but what it says behind `blocked by CORS policy` is not known or cut off: copy the whole line, or the request itself from the network panel (as cURL, fetch, PowerShell or HAR)"
    )]
    OtherSentence,
    /// It is Firefox', but its reason is not one that is known.
    #[error(
        "the line is Firefox', but its reason is not known or cut off: copy the whole line with `(Reason: …)`, or the request itself from the network panel (as cURL, fetch or HAR)"
    )]
    OtherReason,
    /// It is not about a request.
    #[error(
        "this is no line of a console about a failed request, and no request: copy the red line that begins with `Access to` (Chrome), `Cross-Origin Request Blocked` (Firefox) or `Origin` (Safari), or the request itself from the network panel (as cURL, fetch, PowerShell or HAR)"
    )]
    Unknown,
}

/// Sentences of older versions, in the notation of [`Case::sentences`].
pub const OLDER: [(Case, &str); 10] = [
    (Case::SeveralOrigins, "Multiple CORS header 'Access-Control-Allow-Origin' not allowed"),
    (Case::NoAllowOrigin, "Origin {origin} is not allowed by Access-Control-Allow-Origin"),
    (
        Case::AnyOriginWithCredentials,
        "A wildcard '*' cannot be used in the 'Access-Control-Allow-Origin' header when the credentials flag is true.",
    ),
    (
        Case::Credentials,
        "Credentials flag is 'true', but the 'Access-Control-Allow-Credentials' header is '{value}'.",
    ),
    (Case::PreflightStatus, "Response for preflight has invalid HTTP status code {status}"),
    (Case::PreflightRedirect, "Response for preflight is invalid (redirect)"),
    (Case::PreflightStatus, "CORS preflight channel did not succeed"),
    (Case::NoAllowOrigin, "CORS header 'Access-Control-Allow-Origin' missing"),
    (Case::Header, "missing token '{value}' in CORS header 'Access-Control-Allow-Headers'"),
    (Case::Header, "Request header field {value} is not allowed by Access-Control-Allow-Headers"),
];

/// The addresses behind Firefox' "Learn More" (<https://developer.mozilla.org/docs/Web/HTTP/CORS/Errors>), which are the
/// same in every language.
pub const LEARN_MORE: [(&str, Case); 11] = [
    ("CORSMissingAllowOrigin", Case::NoAllowOrigin),
    ("CORSMultipleAllowOriginNotAllowed", Case::SeveralOrigins),
    ("CORSAllowOriginNotMatchingOrigin", Case::OtherOrigin),
    ("CORSNotSupportingCredentials", Case::AnyOriginWithCredentials),
    ("CORSMissingAllowCredentials", Case::Credentials),
    ("CORSExternalRedirectNotAllowed", Case::PreflightRedirect),
    ("CORSPreflightDidNotSucceed", Case::PreflightStatus),
    ("CORSMethodNotFound", Case::Method),
    ("CORSMissingAllowHeaderFromPreflight", Case::Header),
    ("CORSInvalidAllowMethod", Case::Unparsable),
    ("CORSInvalidAllowHeader", Case::Unparsable),
];

/// Parts of the lines about a page or a URL without `http`: Chrome's, Firefox', and the address behind "Learn More".
pub const NO_HTTP: [&str; 3] =
    ["ross origin requests are only supported for", "CORS request not http", "CORSRequestNotHttp"];

/// What Chrome and Safari print when a script asks for a response header that is not exposed; the name follows.
pub const NOT_EXPOSED: &str = "Refused to get unsafe header ";

/// What begins the warning that Firefox prints where `*` in `Access-Control-Allow-Headers` lets `Authorization` pass, which it
/// will not do for ever.
pub const UNCOVERED: &str =
    "Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at ";

/// The most complaints that are read from one text.
pub const MOST_LINES: usize = 200;

/// Reads all complaints of a text, in its order, each once with how often it is there. The second value is the number of
/// complaints beyond [`MOST_LINES`], which are not read.
///
/// # Errors
/// If none of them can be read.
pub fn read_all(text: &str) -> Result<(Vec<(ConsoleLine, usize)>, usize), LineError> {
    let pieces = pieces::pieces(text);
    let left_out = pieces.len().saturating_sub(MOST_LINES);
    let (mut found, mut vague): (Vec<(ConsoleLine, usize)>, Vec<_>) = (Vec::new(), Vec::new());
    let mut failed = None;
    for piece in pieces.into_iter().take(MOST_LINES) {
        let line = match read(piece) {
            Ok(line) => line,
            Err(error) => {
                failed = failed.filter(|failed| *failed != LineError::Unknown).or(Some(error));
                continue;
            }
        };
        if matches!(line.complaint, Complaint::NotCors(BrowserError::Unspecific | BrowserError::Font)) {
            vague.push(line);
            continue;
        }
        match found.iter_mut().find(|(known, _)| *known == line) {
            Some((_, count)) => *count += 1,
            None => found.push((line, 1)),
        }
    }
    // "Failed to fetch" says nothing that another line does not say, and a font has a line that says why.
    if found.is_empty() {
        found.extend(vague.into_iter().take(1).map(|line| (line, 1)));
    }
    if found.is_empty() {
        return Err(failed.unwrap_or(LineError::Unknown));
    }
    Ok((found, left_out))
}

/// Reads the text of one line, or of several that belong together.
///
/// # Errors
/// If it is not a line about a failed request, or not in English.
pub fn read(text: &str) -> Result<ConsoleLine, LineError> {
    let text = normalized(text);
    let found = read_normalized(&text).or_else(|| read_normalized(&with_single_marks(&text)));
    let is_chromes = text.contains("has been blocked by CORS policy");
    found.ok_or_else(|| {
        if is_chromes {
            LineError::OtherSentence
        } else if text.contains(FIREFOX) {
            LineError::OtherReason
        } else if is_about_cors(&text) {
            LineError::OtherLanguage
        } else {
            LineError::Unknown
        }
    })
}

/// One line, with straight quotation marks.
fn normalized(text: &str) -> String {
    let text: String = text
        .chars()
        .map(|character| match character {
            '\u{2018}' | '\u{2019}' | '\u{201a}' => '\'',
            '\u{201c}' | '\u{201d}' | '\u{201e}' => '"',
            '\u{a0}' | '\u{202f}' => ' ',
            other => other,
        })
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What begins every line of Firefox about CORS.
const FIREFOX: &str = ": The Same Origin Policy ";

/// With the quotation marks that browsers print, where a chat, a translation or an escaped page has put others.
fn with_single_marks(text: &str) -> String {
    let text = text.replace("&#39;", "'").replace("&quot;", "'").replace("&amp;", "&");
    text.replace("\u{ab} ", "'").replace(" \u{bb}", "'").replace(['\u{ab}', '\u{bb}', '`', '"'], "'")
}

fn is_about_cors(text: &str) -> bool {
    let marks = ["CORS", "Access-Control-", "Cross-Origin", "cross-origin", "Same-Origin", "same-origin"];
    marks.iter().any(|mark| text.contains(mark)) || text.contains("://") && !text.is_ascii()
}

fn read_normalized(text: &str) -> Option<ConsoleLine> {
    let (initiator, url, origin) = places(text);
    let status = status(text);
    let line = |browser, complaint| {
        Some(ConsoleLine {
            browser,
            initiator,
            url: url.map(str::to_owned),
            origin: origin.map(str::to_owned),
            status,
            complaint,
            redirected: redirected(text).map(str::to_owned),
            method: method(text).map(str::to_owned),
        })
    };
    // Chrome reports Local Network Access as a fault of CORS.
    if LOCAL_NETWORK.iter().any(|it| text.contains(it)) {
        return line(Some(Browser::Chrome), Complaint::NotCors(BrowserError::LocalNetwork));
    }
    if NO_HTTP.iter().any(|it| text.contains(it)) {
        return line(None, Complaint::Scheme);
    }
    if text.contains(UNCOVERED) && text.contains("Authorization") {
        return line(Some(Browser::Firefox), Complaint::Uncovered);
    }
    if let Some(name) = between(text, NOT_EXPOSED, "") {
        let name = name.trim_matches(['"', '\'', '.', ' ']).to_ascii_lowercase();
        return line(None, Complaint::NotExposed(name));
    }
    if let Some((browser, case, fault)) = fault(text) {
        let preflight = matches!(
            case,
            Case::PreflightRedirect | Case::PreflightStatus | Case::Unparsable | Case::Method | Case::Header
        ) || text.contains("preflight");
        return line(browser, Complaint::Cors { preflight, fault });
    }
    if text.contains("WebSocket connection to") || text.contains("establish a connection to the server at ws")
    {
        let error = net_error(text).filter(|error| error.blocks());
        return line(None, error.map_or(Complaint::Handshake, Complaint::NotCors));
    }
    let error = other_error(text)?;
    if error == BrowserError::Unspecific && text.contains(FIREFOX) {
        return None;
    }
    let browser = (error == BrowserError::MixedContent).then(|| browser_of_mixed_content(text)).flatten();
    line(browser, Complaint::NotCors(error))
}

fn status(text: &str) -> Option<u16> {
    let number = |rest: &str| rest.split(|it: char| !it.is_ascii_digit()).next()?.parse().ok();
    ["Status code: ", "response code: ", "status code ", "a status of "]
        .iter()
        .find_map(|before| number(behind(text, before)?))
        .or_else(|| {
            // Chrome's line of the network: `net::ERR_FAILED 200 (OK)`.
            let rest = behind(text, "net::")?;
            number(rest.split_once(' ')?.1)
        })
        .or_else(|| answered(text))
        .filter(|status| (100..600).contains(status))
}

/// The fault of CORS that a text names first.
fn fault(text: &str) -> Option<(Option<Browser>, Case, Blocked)> {
    let mut first: Option<(usize, usize, Option<Browser>, Case, Blocked)> = None;
    let mut consider = |browser, case: Case, sentence: &str| {
        let Some((at, captured)) = matched(sentence, text) else { return };
        let Some(fault) = fault_of(case, &captured) else { return };
        // Where two begin at the same place, the longer one says more.
        let is_better = first
            .as_ref()
            .is_none_or(|(known, length, ..)| at < *known || at == *known && sentence.len() > *length);
        if is_better {
            first = Some((at, sentence.len(), browser, case, fault));
        }
    };
    for case in Case::ALL {
        for (browser, sentence) in Browser::ALL.into_iter().zip(case.sentences()) {
            consider(Some(browser), case, &normalized(sentence));
        }
    }
    for (case, sentence) in OLDER {
        consider(None, case, sentence);
    }
    if let Some((_, _, browser, case, fault)) = first {
        return Some((browser, case, fault));
    }
    let (_, case) = LEARN_MORE.iter().find(|(address, _)| text.contains(address))?;
    Some((Some(Browser::Firefox), *case, fault_of(*case, &[])?))
}

type Captured<'a> = [(&'a str, &'a str)];

/// Finds a sentence in a text. Returns where, and what its placeholders stand for.
fn matched<'a>(sentence: &'a str, text: &'a str) -> Option<(usize, Vec<(&'a str, &'a str)>)> {
    let sentence = sentence
        .trim_start_matches("{preflight}")
        .trim_end_matches("{xhr}")
        .trim_end_matches("{fetch}")
        .trim_end_matches('.');
    let mut captured = Vec::new();
    let (begin, mut template) =
        sentence.split_once('{').map_or((sentence, None), |(begin, rest)| (begin, Some(rest)));
    if begin.is_empty() && template.is_none() {
        return None;
    }
    let at = text.find(begin)?;
    let mut rest = text.get(at + begin.len()..)?;
    while let Some(piece) = template {
        let (name, behind) = piece.split_once('}')?;
        let (literal, next) =
            behind.split_once('{').map_or((behind, None), |(literal, next)| (literal, Some(next)));
        let end = match literal {
            "" => rest.find([' ', ')']).unwrap_or(rest.len()),
            literal => rest.find(literal)?,
        };
        captured.push((name, rest.get(..end)?));
        rest = rest.get(end + literal.len()..)?;
        template = next;
    }
    Some((at, captured))
}

/// The fault of a case. `None` for a case that is not one of CORS.
fn fault_of(case: Case, captured: &Captured<'_>) -> Option<Blocked> {
    let named = |name: &str| captured.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let value = named("value").unwrap_or_default().to_owned();
    let status = named("status").and_then(|status| status.trim_end_matches('.').parse().ok());
    Some(match case {
        Case::NoAllowOrigin => Blocked::NoAllowOrigin,
        // An old sentence does not name the values.
        Case::SeveralOrigins if value.is_empty() => Blocked::OtherOrigin(",".to_owned()),
        Case::SeveralOrigins | Case::NoOrigin | Case::OtherOrigin => Blocked::OtherOrigin(value),
        Case::AnyOriginWithCredentials => Blocked::AnyOriginWithCredentials,
        Case::Credentials => Blocked::Credentials(value),
        // Safari has one sentence for each status.
        Case::PreflightRedirect => Blocked::Status(status.unwrap_or(302)),
        Case::PreflightStatus => Blocked::Status(status.unwrap_or(0)),
        Case::Unparsable => {
            let is_methods = named("list").is_some_and(|list| list.ends_with("Methods"));
            Blocked::Unparsable(if is_methods { ListHeader::Methods } else { ListHeader::Headers }, value)
        }
        Case::Method => Blocked::Method(value),
        Case::Header => Blocked::Header(value.to_ascii_lowercase()),
        Case::MixedContent | Case::MixedWebSocket | Case::Handshake | Case::ErrorStatus => return None,
    })
}

#[cfg(test)]
mod tests;
