//! Web servers that add CORS headers to responses: nginx, Apache and Caddy.
//!
//! Each has a tokenizer of its own, which reads words as the server itself does, and a part that says what the server
//! answers to one request. `pages` has the pages that must be asked about, so that every branch of a configuration is
//! taken; `rule` asks about all of them, and makes the answers into one rule.

mod answer;
mod apache;
mod caddy;
mod directive;
mod nginx;
mod pages;
mod rule;
mod section;
mod values;

use corsgate_authoring::Source;
use corsgate_policy::grammar::host::HostPattern;

use crate::kind::Kind;
use crate::model::Remark;
use crate::place::{Place, Said};
use crate::report::{About, Class};

pub(crate) use apache::read as read_apache;
pub(crate) use caddy::read as read_caddy;
pub(crate) use nginx::{read as read_nginx, read_group as read_nginx_files};

/// Endings of files that are of another language.
const OTHERS: [&str; 17] = [
    "js",
    "mjs",
    "cjs",
    "jsx",
    "ts",
    "mts",
    "cts",
    "tsx",
    "json",
    "py",
    "java",
    "kt",
    "yaml",
    "yml",
    "toml",
    "xml",
    "properties",
];

/// Folders in which Debian has a file for each site, called after it: no ending tells what it is.
const SITES: [&str; 2] = ["sites-enabled", "sites-available"];

/// The server that a text configures, if its lines look like one of them. Only texts with CORS are of interest.
pub(crate) fn kind_of(source: &Source) -> Option<Kind> {
    let file = source.name().rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    match file.as_str() {
        "caddyfile" => return Some(Kind::Caddy),
        "nginx.conf" => return Some(Kind::Nginx),
        ".htaccess" | "httpd.conf" | "apache2.conf" => return Some(Kind::Apache),
        _ if file.ends_with(".caddyfile") => return Some(Kind::Caddy),
        _ => {}
    }
    if source.text().lines().any(|line| nginx::name_in_dump(line.trim_end()).is_some()) {
        return Some(Kind::Nginx);
    }
    // A program may write the configuration of a server, and is read as a program.
    let ending = file.rsplit_once('.').map_or("", |(_, ending)| ending);
    if OTHERS.contains(&ending) {
        return None;
    }
    let text = source.text();
    // What no script has at the beginning of a line.
    let first_words = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next().unwrap_or_default(), words.next().unwrap_or_default(), words.next().unwrap_or_default())
    };
    for line in text.lines() {
        let (first, second, third) = first_words(line);
        let is_cors = |word: &str| {
            let word = word.trim_start_matches(['"', '\'', '+', '?', '>', '-']);
            word.get(..15).is_some_and(|start| start.eq_ignore_ascii_case("access-control-"))
        };
        // Blocks of nginx may have a line together.
        let is_header = |statement: &str| {
            let (first, second, _) = first_words(statement);
            matches!(first.as_str(), "add_header" | "more_set_headers") && is_cors(&second)
        };
        if line.split(['{', ';', '}']).any(is_header) {
            return Some(Kind::Nginx);
        }
        match first.as_str() {
            "map" if second.starts_with("$http_") || second.starts_with("\"$http_") => {
                return Some(Kind::Nginx);
            }
            "if" if second.starts_with("($http_origin") || second.starts_with("($request_method") => {
                return Some(Kind::Nginx);
            }
            "header" if is_cors(&second) && !second.ends_with([':', ',']) => return Some(Kind::Caddy),
            "header" if second.starts_with(['@', '/', '*']) && is_cors(&third) => return Some(Kind::Caddy),
            "header" if second == "{" || second.starts_with('@') && third == "{" => return Some(Kind::Caddy),
            _ if first.starts_with('@') && matches!(second.as_str(), "header" | "header_regexp") => {
                return Some(Kind::Caddy);
            }
            _ => {}
        }
        match first.to_ascii_lowercase().as_str() {
            "header" if is_cors(&third) => return Some(Kind::Apache),
            "header" if matches!(second.to_ascii_lowercase().as_str(), "always" | "onsuccess") => {
                return Some(Kind::Apache);
            }
            "setenvif" | "setenvifnocase" if second.trim_matches('"').eq_ignore_ascii_case("origin") => {
                return Some(Kind::Apache);
            }
            _ => {}
        }
    }
    let folder = source.name().rsplit(['/', '\\']).nth(1).unwrap_or_default();
    if ending == "conf" || SITES.contains(&folder) { by_sections(text) } else { None }
}

/// The server that a file without CORS at the beginning of its lines is for.
fn by_sections(text: &str) -> Option<Kind> {
    let begins = |words: &[&str]| {
        text.lines().any(|line| {
            let line = line.trim_start().to_ascii_lowercase();
            words
                .iter()
                .any(|word| line.strip_prefix(word).is_some_and(|rest| rest.starts_with([' ', '\t', '{'])))
        })
    };
    match () {
        () if begins(&["<virtualhost", "<directory", "<location", "<files", "<ifmodule"]) => {
            Some(Kind::Apache)
        }
        () if begins(&["server", "location", "http", "upstream"]) => Some(Kind::Nginx),
        () => None,
    }
}

/// The hosts of a policy for a name of a server. `.example.com` is the name and all below it; what no request can ask
/// for, such as `_`, is none.
fn hosts(name: &str) -> Vec<String> {
    let name = name.to_ascii_lowercase();
    let names = match name.strip_prefix('.') {
        Some(parent) => vec![parent.to_owned(), format!("*.{parent}")],
        None => vec![name],
    };
    names.into_iter().filter(|name| name.contains('.') && HostPattern::parse(name).is_ok()).collect()
}

/// What a file or a section of it has that is not read.
fn hole(message: String, advice: Option<&str>, place: &Place) -> Said<Remark> {
    let advice = advice.map(str::to_owned);
    Said::new(Remark::unread(message, advice), place)
}

/// A finding of a reader about a rule.
fn remark(
    class: Class,
    about: About,
    message: impl Into<String>,
    advice: Option<&str>,
    place: &Place,
) -> Said<Remark> {
    Said::new(
        Remark { class, about, message: message.into(), advice: advice.map(str::to_owned), closes: None },
        place,
    )
}
