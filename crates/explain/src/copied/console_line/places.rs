//! The URL and the page that a line names.

use crate::initiator::Initiator;

/// The request and the page, as far as the line names them.
pub(super) fn places(text: &str) -> (Option<Initiator>, Option<&str>, Option<&str>) {
    // Chrome.
    if let Some(rest) = behind(text, "Access to ")
        && let Some((what, rest)) = rest.split_once(" at '")
    {
        // A URL can contain a quotation mark, an origin cannot.
        let (urls, rest) = rest.split_once(" from origin '").unwrap_or((rest, ""));
        let origin = rest.split_once('\'').map(|(origin, _)| origin);
        let url = match urls.split_once("' (redirected") {
            Some((url, _)) => url,
            None => urls.strip_suffix('\'').or_else(|| urls.split('\'').next()).unwrap_or(urls),
        };
        // The first URL is that after a redirect; the page asked for the other one.
        let asked = between(urls, "(redirected from '", "')").unwrap_or(url);
        return (Initiator::of_chrome(what), Some(asked), origin);
    }
    // Firefox.
    for before in ["reading the remote resource at ", "establish a connection to the server at "] {
        if let Some(rest) = behind(text, before) {
            let url =
                rest.trim_start_matches('\'').split(['\'', ' ']).next().map(|url| url.trim_end_matches('.'));
            return (None, url, None);
        }
    }
    // Chrome's and Safari's mixed content names the page first. Chrome has many words for what is insecure.
    for (before, between_them) in [
        ("The page at '", " an insecure "),
        ("The page at '", " the insecure "),
        ("The page at ", "insecure content from "),
    ] {
        let is_chromes = before.ends_with('\'');
        if let Some(page) = between(text, before, if is_chromes { "'" } else { " " })
            && let Some(rest) = behind(text, between_them)
            && let Some(rest) = if is_chromes { behind(rest, "'") } else { Some(rest) }
        {
            let url = rest.split(['\'', ' ']).next().map(|url| url.trim_end_matches('.'));
            return (None, url, page_of(page));
        }
    }
    // "Cross-Origin" stands before it in some lines.
    let origin = text.split_once(" is not allowed by").and_then(|(before, _)| before.rsplit_once("Origin "));
    let origin = origin.map(|(_, origin)| origin).filter(|origin| !origin.contains(' '));
    let origin = origin.or_else(|| between(text, "Origin '", "' is therefore"));
    // Safari names only where the redirect leads.
    if text.contains(SAFARI_REDIRECT) {
        return (None, None, origin);
    }
    // Safari, and old versions of Chrome.
    for (subject, initiator) in [
        ("Fetch API cannot load ", Initiator::Fetch),
        ("XMLHttpRequest cannot load ", Initiator::Xhr),
        ("EventSource cannot load ", Initiator::Resource),
        ("Beacon API cannot load ", Initiator::Resource),
    ] {
        if let Some(rest) = behind(text, subject) {
            let url = rest.split(' ').next().map(|url| url.trim_end_matches('.'));
            return (Some(initiator), url, origin);
        }
    }
    if let Some(url) = between(text, "WebSocket connection to '", "'") {
        return (None, Some(url), origin);
    }
    // The page's origin is not what it asked for.
    (None, urls(text).find(|url| Some(*url) != origin), origin)
}

/// What stands before the URL of a redirect in Safari's line.
const SAFARI_REDIRECT: &str = "Cross-origin redirection to ";

/// The URL that Chrome names before that in `(redirected from '…')`, or Safari behind `redirection to`: the one whose response
/// did not pass.
pub(super) fn redirected(text: &str) -> Option<&str> {
    if let Some(url) = between(text, SAFARI_REDIRECT, " denied by") {
        return Some(url);
    }
    let (before, _) = text.split_once("(redirected from '")?;
    behind(before, " at '")?.strip_suffix("' ")
}

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The method in a line of the network: `PUT https://… net::ERR_FAILED`.
pub(super) fn method(text: &str) -> Option<&str> {
    of_network(text).map(|(method, _)| method)
}

/// The status of an error in a line of the network: `GET https://… 401 (Unauthorized)`, or `a status of 401`.
pub(super) fn answered(text: &str) -> Option<u16> {
    let status = |word: &str| word.parse().ok().filter(|status| (400..600).contains(status));
    let named = || status(behind(text, "responded with a status of ")?.split([' ', '.']).next()?);
    of_network(text).and_then(|(_, behind)| status(behind)).or_else(named)
}

/// The method of a line of the network, and the word behind its URL.
fn of_network(text: &str) -> Option<(&str, &str)> {
    let mut words = text.split(' ').peekable();
    while let Some(word) = words.next() {
        let is_url = |next: &&str| next.starts_with("https://") || next.starts_with("http://");
        let method = METHODS.into_iter().find(|method| word.ends_with(method));
        if let Some(method) = method
            && words.next_if(is_url).is_some()
        {
            return Some((method, words.peek().copied().unwrap_or_default()));
        }
    }
    None
}

/// The origin of a page that is given by its URL.
fn page_of(page: &str) -> Option<&str> {
    let (_, rest) = page.split_once("://")?;
    let host = rest.split('/').next()?;
    page.get(..page.len() - rest.len() + host.len())
}

/// The URLs in a text, but for those of documentation and of the scripts that devtools name beside a line.
fn urls(text: &str) -> impl Iterator<Item = &str> {
    text.split([' ', '\'', '"', '<', '>', '(', ')', '[', ']'])
        .filter(|word| {
            ["https://", "http://", "wss://", "ws://"].iter().any(|scheme| word.starts_with(scheme))
                && !word.contains("developer.mozilla.org")
                && !is_place_in_script(word)
        })
        .map(|url| url.trim_end_matches(['.', ',']))
}

/// `https://app.example.com/main.js:12:5`.
fn is_place_in_script(word: &str) -> bool {
    let mut parts = word.rsplitn(3, ':');
    let mut number =
        || parts.next().is_some_and(|part| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit()));
    number() && (number() || word.contains(".js:"))
}

/// The text behind another one.
pub(super) fn behind<'a>(text: &'a str, before: &str) -> Option<&'a str> {
    text.split_once(before).map(|(_, rest)| rest)
}

/// The text between two others; up to the end if the second one is empty.
pub(super) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let rest = behind(text, before)?;
    if after.is_empty() { Some(rest) } else { rest.split_once(after).map(|(inner, _)| inner) }
}
