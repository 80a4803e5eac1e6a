//! Request headers: which make a browser ask first, and which no page may set.

/// Why a header makes a browser ask first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsafe {
    /// Its name is not safelisted.
    Name,
    /// Its name is, but the value is longer than 128 bytes.
    Length,
    /// Its name is, but the value is none that a form or a link could send.
    Value,
    /// Its name is, but the value is not known, and is seldom one that a form or a link could send.
    Unknown,
    /// It is safelisted alone, but such values together have more than 1024 bytes.
    Total,
}

/// The longest safelisted value, in bytes ("CORS-safelisted request-header", step 1).
const MAX_VALUE: usize = 128;
/// The most bytes of all safelisted values ("CORS-unsafe request-header names", step 5).
const MAX_TOTAL: usize = 1024;

/// "CORS-unsafe request-header names": in lower case, sorted, each once, with why. A `content-type` or `range` of
/// which the value is not known is taken for one that is not safelisted, as most that scripts set are.
#[must_use]
pub fn unsafe_names(headers: &[(String, Option<String>)]) -> Vec<(String, Unsafe)> {
    let mut names = Vec::new();
    let (mut safe, mut total) = (Vec::new(), 0_usize);
    for (name, value) in headers {
        let name = name.to_ascii_lowercase();
        match why_unsafe(&name, value.as_deref()) {
            Some(why) => names.push((name, why)),
            None => {
                total += value.as_ref().map_or(0, String::len);
                safe.push((name, Unsafe::Total));
            }
        }
    }
    if total > MAX_TOTAL {
        names.extend(safe);
    }
    names.sort_by(|(one, _), (other, _)| one.cmp(other));
    names.dedup_by(|(one, _), (other, _)| one == other);
    names
}

/// "CORS-safelisted request-header", and why not. `name` is in lower case.
fn why_unsafe(name: &str, value: Option<&str>) -> Option<Unsafe> {
    if !matches!(name, "accept" | "accept-language" | "content-language" | "content-type" | "range") {
        return Some(Unsafe::Name);
    }
    let Some(value) = value else {
        return matches!(name, "content-type" | "range").then_some(Unsafe::Unknown);
    };
    if value.len() > MAX_VALUE {
        return Some(Unsafe::Length);
    }
    let is_safe = match name {
        "accept" => !value.bytes().any(is_unsafe_byte),
        "content-type" => !value.bytes().any(is_unsafe_byte) && is_form_type(value),
        "range" => is_simple_range(value),
        _ => value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" *,-.;=".contains(&byte)),
    };
    (!is_safe).then_some(Unsafe::Value)
}

/// "CORS-unsafe request-header byte".
fn is_unsafe_byte(byte: u8) -> bool {
    (byte < 0x20 && byte != b'\t') || byte == 0x7f || b"\"():<>?@[\\]{}".contains(&byte)
}

/// A type that a form can send. What follows the essence must parse, and browsers are lenient there.
fn is_form_type(value: &str) -> bool {
    let essence = value.split(';').next().unwrap_or_default().trim_matches([' ', '\t']);
    ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]
        .iter()
        .any(|form| essence.eq_ignore_ascii_case(form))
}

/// "parse a single range header value", whose start must be given.
fn is_simple_range(value: &str) -> bool {
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let Some((start, end)) = value.strip_prefix("bytes=").and_then(|range| range.split_once('-')) else {
        return false;
    };
    number(start).is_some_and(|start| end.is_empty() || number(end).is_some_and(|end| start <= end))
}

/// Whether `*` in `Access-Control-Allow-Headers` does not stand for a header ("CORS non-wildcard request-header name").
#[must_use]
pub fn is_non_wildcard(name: &str) -> bool {
    name.eq_ignore_ascii_case("authorization")
}

/// Browsers never let a page set this header ("forbidden request-header", but for those whose value forbids them).
/// `name` is in lower case.
#[must_use]
pub fn is_forbidden(name: &str) -> bool {
    ["proxy-", "sec-"].iter().any(|prefix| name.starts_with(prefix)) || FORBIDDEN.contains(&name)
}

/// Whether [`is_forbidden`] forbids the header by its full name, in any case.
#[must_use]
pub fn is_forbidden_in_full(name: &str) -> bool {
    FORBIDDEN.iter().any(|forbidden| forbidden.eq_ignore_ascii_case(name))
}

/// <https://fetch.spec.whatwg.org/#forbidden-request-header>
const FORBIDDEN: [&str; 22] = [
    "accept-charset",
    "accept-encoding",
    "access-control-request-headers",
    "access-control-request-local-network",
    "access-control-request-method",
    "connection",
    "content-length",
    "cookie",
    "cookie2",
    "date",
    "dnt",
    "expect",
    "host",
    "keep-alive",
    "origin",
    "referer",
    "set-cookie",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_header_by_the_rules_of_fetch() {
        let long = "x".repeat(129);
        for (name, value, why) in [
            ("Accept", "application/json", None),
            ("accept", "a(b)", Some(Unsafe::Value)),
            ("accept", &long, Some(Unsafe::Length)),
            ("Accept-Language", "en, de;q=0.5", None),
            ("content-language", "en/x", Some(Unsafe::Value)),
            ("content-type", "text/plain;charset=UTF-8", None),
            ("content-type", "Multipart/Form-Data; boundary=x", None),
            ("content-type", "application/json", Some(Unsafe::Value)),
            ("content-type", "text/plain; a=\"b\"", Some(Unsafe::Value)),
            ("content-type", "", Some(Unsafe::Value)),
            ("range", "bytes=0-", None),
            ("range", "bytes=0-99", None),
            ("range", "bytes=-99", Some(Unsafe::Value)),
            ("range", "bytes=9-1", Some(Unsafe::Value)),
            ("range", "bytes=+1-2", Some(Unsafe::Value)),
            ("range", "bytes=0-1,3-4", Some(Unsafe::Value)),
            ("authorization", "", Some(Unsafe::Name)),
            ("X-Trace", "1", Some(Unsafe::Name)),
        ] {
            let found = unsafe_names(&[(name.to_owned(), Some(value.to_owned()))]);
            let expected: Vec<_> = why.map(|why| (name.to_ascii_lowercase(), why)).into_iter().collect();
            assert_eq!(found, expected, "{name}: {value}");
        }
    }

    #[test]
    fn names_are_sorted_and_stand_once_and_many_safe_values_are_unsafe_together() {
        let header = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
        let found = unsafe_names(&[header("X-B", ""), header("x-a", ""), header("x-b", "")]);
        assert_eq!(found, [("x-a".to_owned(), Unsafe::Name), ("x-b".to_owned(), Unsafe::Name)]);
        let many: Vec<_> = (0..9).map(|_| header("accept", &"x".repeat(128))).collect();
        assert_eq!(unsafe_names(&many), [("accept".to_owned(), Unsafe::Total)]);
        assert_eq!(unsafe_names(many.get(1..).expect("eight")), []);
    }
}
