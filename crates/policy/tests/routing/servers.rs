//! A path that is forwarded reaches no other route than its own on any of these servers. Each server applies some of
//! the transformations of lax servers, in some order; none shares code with the crate.

use corsgate_policy::Policy;
use corsgate_policy::path::MAX_PATH;
use corsgate_policy::policy::document::EncodedSlashes;
use proptest::prelude::*;

use crate::routing::{Found, document, find};

const ROUTES: [&str; 6] = ["/auth/login", "/auth/*", "/admin/*", "/a/b/c", "/x", "/*"];

/// A transformation of a path by a server.
#[derive(Clone, Copy, Debug)]
enum Step {
    Decode,
    DecodeUnicode,
    Lower,
    Merge,
    Resolve,
    Parameters,
    TrimDots,
    TrimSpaces,
    Backslashes,
    Overlong,
    FullWidth,
    Query,
    Nul,
    DropControls,
}

const STEPS: [Step; 14] = [
    Step::Decode,
    Step::DecodeUnicode,
    Step::Lower,
    Step::Merge,
    Step::Resolve,
    Step::Parameters,
    Step::TrimDots,
    Step::TrimSpaces,
    Step::Backslashes,
    Step::Overlong,
    Step::FullWidth,
    Step::Query,
    Step::Nul,
    Step::DropControls,
];

impl Step {
    fn apply(self, path: &[u8]) -> Vec<u8> {
        let by_segment = |change: &dyn Fn(&[u8]) -> Vec<u8>| {
            path.split(|byte| *byte == b'/').map(change).collect::<Vec<_>>().join(&b'/')
        };
        let until = |ends: &[u8]| path.split(|byte| ends.contains(byte)).next().unwrap_or_default().to_vec();
        match self {
            Self::Decode => decode(path, b"%", 2),
            Self::DecodeUnicode => decode(path, b"%u", 4),
            Self::Lower => path.to_ascii_lowercase(),
            Self::Merge => {
                let mut merged = path.to_vec();
                merged.dedup_by(|a, b| *a == b'/' && *b == b'/');
                if merged.len() > 1 && merged.ends_with(b"/") {
                    merged.pop();
                }
                merged
            }
            Self::Resolve => {
                let mut resolved: Vec<&[u8]> = Vec::new();
                for segment in path.split(|byte| *byte == b'/').skip(1) {
                    match segment {
                        b"." => {}
                        b".." => drop(resolved.pop()),
                        name => resolved.push(name),
                    }
                }
                [b"/", resolved.join(&b'/').as_slice()].concat()
            }
            Self::Parameters => {
                by_segment(&|segment| segment.split(|byte| *byte == b';').next().unwrap_or_default().to_vec())
            }
            // Windows drops them from file names, but resolves `..` first.
            Self::TrimDots => by_segment(&|segment| match segment {
                b"." | b".." => segment.to_vec(),
                name => name
                    .iter()
                    .rposition(|byte| *byte != b'.')
                    .map_or(Vec::new(), |last| name[..=last].to_vec()),
            }),
            Self::TrimSpaces => by_segment(&|segment| segment.trim_ascii().to_vec()),
            Self::Backslashes => path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect(),
            Self::Overlong => replace(
                path,
                &[(b"\xc0\xaf", b"/"), (b"\xe0\x80\xaf", b"/"), (b"\xc0\xae", b"."), (b"\xc1\xac", b"l")],
            ),
            Self::FullWidth => replace(
                path,
                &[
                    (b"\xef\xbc\x8f", b"/"),
                    (b"\xef\xbc\x8e", b"."),
                    (b"\xef\xbd\x8c", b"l"),
                    (b"\xef\xbd\x81", b"a"),
                    (b"\xc5\xbf", b"s"),
                ],
            ),
            Self::Query => until(b"?#"),
            Self::Nul => until(b"\0"),
            Self::DropControls => {
                path.iter().copied().filter(|byte| *byte >= 0x20 && *byte != 0x7f).collect()
            }
        }
    }
}

fn decode(path: &[u8], mark: &[u8], digits: usize) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = path;
    while let Some((first, behind)) = rest.split_first() {
        let hex = rest.strip_prefix(mark).and_then(|rest| rest.get(..digits));
        let hex = hex.filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let code = hex
            .map(|hex| u32::from_str_radix(std::str::from_utf8(hex).expect("digits"), 16).expect("digits"));
        match code {
            Some(code) if digits == 2 => decoded.push(u8::try_from(code).expect("a byte")),
            Some(code) => decoded.extend(char::from_u32(code).unwrap_or('?').to_string().bytes()),
            None => {
                decoded.push(*first);
                rest = behind;
                continue;
            }
        }
        rest = &rest[mark.len() + digits..];
    }
    decoded
}

fn replace(path: &[u8], forms: &[(&[u8], &[u8])]) -> Vec<u8> {
    let mut replaced = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        match forms.iter().find(|(form, _)| rest.starts_with(form)) {
            Some((form, plain)) => {
                replaced.extend_from_slice(plain);
                rest = &rest[form.len()..];
            }
            None => {
                replaced.push(rest[0]);
                rest = &rest[1..];
            }
        }
    }
    replaced
}

/// The route whose pattern matches the path in its current form.
fn routed(path: &[u8]) -> usize {
    let takes = |pattern: &&str| match pattern.strip_suffix("/*") {
        Some(stem) => {
            path.strip_prefix(stem.as_bytes()).is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
        }
        None => path == pattern.as_bytes(),
    };
    ROUTES.iter().position(takes).unwrap_or(ROUTES.len() - 1)
}

/// Characters of paths, each in the forms that some server accepts for it.
fn character(plain: char) -> Vec<&'static str> {
    match plain {
        '/' => vec![
            "/",
            "/",
            "/",
            "//",
            "%2f",
            "%252f",
            "%25252f",
            "%255c",
            "%c0%af",
            "%ef%bc%8f",
            "%25ef%25bc%258f",
            "%25u002f",
        ],
        '.' => vec![".", "%2e", "%252e", "%25252e", "%c0%ae", "%ef%bc%8e", "%25u002e"],
        'a' => vec!["a", "a", "A", "%61", "%2561", "%ef%bd%81"],
        'l' => vec!["l", "l", "L", "%6c", "%256c", "%25256c", "%c1%ac", "%ef%bd%8c"],
        ' ' => vec![
            "", "", "", "%20", "%2520", ".", "%2e", ";x", "%3bx", "%253b", "%2500", "%2509", "%3f", "%253fx",
            "/", "%2523",
        ],
        _ => vec![],
    }
}

fn paths() -> impl Strategy<Value = String> {
    let names = ["auth", "login", "admin", "x", "..", "..", ".", "a", "b", "c", "y", ""];
    let segments = prop::collection::vec(
        (prop::sample::select(names.to_vec()), any::<[u8; 8]>(), prop::bool::weighted(0.35)),
        1..6,
    );
    segments.prop_map(|segments| {
        let mut path = String::new();
        for (at, (name, choices, odd)) in segments.iter().enumerate() {
            let mut choices = choices.iter().map(|choice| if *odd { usize::from(*choice) } else { 0 });
            let text = format!("/{name} ");
            for plain in text.chars() {
                let forms = character(plain);
                match forms.len() {
                    0 => path.push(plain),
                    _ if at == 0 && path.is_empty() => path.push('/'),
                    count => path.push_str(forms[choices.next().unwrap_or(0) % count]),
                }
            }
        }
        path
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(30_000))]

    #[test]
    fn no_server_reaches_another_route_than_the_one_that_decided(
        path in paths(),
        steps in prop::collection::vec(prop::sample::select(STEPS.to_vec()), 0..9),
        keeps in any::<bool>(),
    ) {
        let mut document = document(ROUTES.map(|path| (path, &[][..])));
        for route in document.routes.iter_mut().filter(|_| keeps) {
            route.encoded_slashes = EncodedSlashes::Keep;
        }
        let policy = Policy::from_document(&document).expect("a policy");
        // The platform's URL parser resolves these before the gateway sees them.
        let parsed = url_path(&path);
        let Found::Route(decided) = find(&policy, "api.example.com", &parsed) else { return Ok(()) };
        let mut read = parsed.clone().into_bytes();
        let mut decoded = !parsed.contains('%');
        for step in &steps {
            read = step.apply(&read);
            decoded |= matches!(step, Step::Decode);
            // Every server decodes once.
            if !decoded {
                continue;
            }
            let reached = routed(&read);
            prop_assert_eq!(reached, decided, "{} is {:?} after {:?}", parsed, String::from_utf8_lossy(&read), steps);
        }
    }
}

/// The path state of the WHATWG URL parser, for paths without `?`, `#` and `\`.
fn url_path(path: &str) -> String {
    let mut resolved: Vec<&str> = Vec::new();
    let segments: Vec<_> = path.split('/').skip(1).collect();
    for (at, segment) in segments.iter().enumerate() {
        let last = at + 1 == segments.len();
        match segment.to_ascii_lowercase().replace("%2e", ".").as_str() {
            ".." => {
                resolved.pop();
                if last {
                    resolved.push("");
                }
            }
            "." if last => resolved.push(""),
            "." => {}
            _ => resolved.push(segment),
        }
    }
    format!("/{}", resolved.join("/"))
}

#[test]
fn a_path_that_is_too_long_is_rejected_before_any_lookup() {
    let policy = Policy::from_document(&document([("/a/*", &["a.example"][..])])).expect("a policy");
    for filler in ["a", "/", "%25", "/%252e%252e", ";", "."] {
        let path: String = format!("/{}", filler.repeat(MAX_PATH));
        assert_eq!(find(&policy, "a.example", &path), Found::Ambiguous, "{filler}");
        assert_eq!(
            find(&policy, "unknown.example", &path),
            Found::Ambiguous,
            "{filler}, on no host of the policy"
        );
    }
}
