//! What the author of an expression meant: it read as a person reads it, where a dot is a dot and a repeated class is a
//! name. What comes out is only a proposal, which `automaton` compares with the expression.

use corsgate_policy::origin::pattern::OriginPattern;
use regex_syntax::hir::{Class, Hir, HirKind};

/// The most readings of one expression.
const MAX_READINGS: usize = 64;

/// A piece of a reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Letter(u8),
    /// Any name, or several with dots between them.
    Names,
}

type Reading = Vec<Piece>;

/// The patterns of a policy that the author probably meant, if any.
pub(super) fn patterns(syntax: &Hir) -> Vec<String> {
    let mut patterns = Vec::new();
    for reading in readings(syntax).unwrap_or_default() {
        for pattern in origins(&text(&reading)) {
            if OriginPattern::parse(&pattern).is_ok() && !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        }
    }
    // `:*` includes the scheme's own port.
    let any_port: Vec<_> = patterns.iter().filter(|it| it.ends_with(":*")).cloned().collect();
    patterns.retain(|pattern| !any_port.contains(&format!("{pattern}:*")));
    patterns
}

fn text(reading: &Reading) -> String {
    let mut text = String::new();
    for piece in reading {
        match piece {
            Piece::Letter(letter) => text.push(char::from(*letter)),
            Piece::Names if text.ends_with('*') => {}
            Piece::Names => text.push('*'),
        }
    }
    // Several names with dots between them are names as well.
    while text.contains("*.*.") {
        text = text.replace("*.*.", "*.");
    }
    text
}

/// The origins that a reading stands for.
fn origins(text: &str) -> Vec<String> {
    let (scheme, rest) = match text.split_once("://") {
        Some((scheme, rest)) => (scheme, rest),
        // Without a scheme the author thought of the web.
        None => ("https", text.trim_start_matches('/')),
    };
    let schemes: &[&str] = match scheme {
        "*" | "" | "http*" => &["https"],
        "http*s" => &["http", "https"],
        scheme => &[scheme],
    };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, "*")) => (host, ":*".to_owned()),
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, format!(":{port}")),
        _ => (rest.trim_end_matches('*'), String::new()),
    };
    let hosts = match host.strip_prefix('*') {
        // `.*-app.example.com`: part of a name, and no pattern is only that.
        Some(glued) if glued.starts_with('-') && scheme.contains('*') => Vec::new(),
        Some(glued) if glued.starts_with('-') => parent(glued),
        // `.*example.com`: the domain, and what is below it.
        Some(glued) if !glued.starts_with('.') && glued.contains('.') => {
            vec![glued.to_owned(), format!("*.{glued}")]
        }
        Some(_) => vec![host.to_owned()],
        None if host.starts_with('.') => vec![format!("*{host}")],
        // `example\.com$` alone: the domain, and what is below it.
        None if !text.contains("://") => vec![host.to_owned(), format!("*.{host}")],
        // A name of which only a part is fixed: `pr-*.example.com`.
        None => match host.split_once('*') {
            Some((_, rest)) => parent(rest),
            None => vec![host.to_owned()],
        },
    };
    let of_host =
        |host: &String| schemes.iter().map(|scheme| format!("{scheme}://{host}{port}")).collect::<Vec<_>>();
    hosts.iter().flat_map(of_host).collect()
}

/// All names below the parent of a name of which this is the end.
fn parent(end: &str) -> Vec<String> {
    end.find('.').and_then(|dot| end.get(dot..)).map(|parent| format!("*{parent}")).into_iter().collect()
}

/// All readings; `None` if there are too many.
fn readings(syntax: &Hir) -> Option<Vec<Reading>> {
    let one = |piece| Some(vec![vec![piece]]);
    match syntax.kind() {
        HirKind::Empty | HirKind::Look(_) => Some(vec![Vec::new()]),
        HirKind::Literal(literal) => Some(vec![literal.0.iter().copied().map(Piece::Letter).collect()]),
        HirKind::Class(class) => {
            let letters = letters(class);
            match letters.len() {
                // A dot that was not escaped.
                150.. => one(Piece::Letter(b'.')),
                0 => Some(Vec::new()),
                1..=6 => Some(letters.into_iter().map(|letter| vec![Piece::Letter(letter)]).collect()),
                _ => one(Piece::Names),
            }
        }
        HirKind::Repetition(repetition) => {
            let optional = repetition.min == 0;
            let mut all = match repetition.sub.kind() {
                _ if repetition.max == Some(1) => readings(&repetition.sub)?,
                HirKind::Class(_) => vec![vec![Piece::Names]],
                _ if repetition.max.is_none() || repetition.max > Some(1) => readings(&repetition.sub)?,
                _ => Vec::new(),
            };
            // `.*` stands for some name; an optional group may be absent.
            let is_class = matches!(repetition.sub.kind(), HirKind::Class(_));
            if optional && (!is_class || repetition.max == Some(1)) {
                all.insert(0, Vec::new());
            }
            Some(all)
        }
        HirKind::Capture(capture) => readings(&capture.sub),
        HirKind::Concat(parts) => {
            let mut all = vec![Vec::new()];
            for part in parts {
                let next = readings(part)?;
                if all.len() * next.len() > MAX_READINGS {
                    return None;
                }
                let longer = |before: &Reading| {
                    next.iter().map(|piece| [before.as_slice(), piece].concat()).collect::<Vec<_>>()
                };
                all = all.iter().flat_map(longer).collect();
            }
            Some(all)
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(readings(part)?);
                if all.len() > MAX_READINGS {
                    return None;
                }
            }
            Some(all)
        }
    }
}

/// The letters of a class. Browsers send origins in lower case, so `[Ee]` is one letter.
fn letters(class: &Class) -> Vec<u8> {
    let mut letters: Vec<u8> = match class {
        Class::Bytes(class) => class.ranges().iter().flat_map(|range| range.start()..=range.end()).collect(),
        Class::Unicode(class) => {
            let letters = class.ranges().iter().flat_map(|range| range.start()..=range.end());
            letters.take(256).filter_map(|letter| u8::try_from(letter).ok()).collect()
        }
    };
    letters.iter_mut().for_each(|letter| letter.make_ascii_lowercase());
    letters.sort_unstable();
    letters.dedup();
    letters
}
