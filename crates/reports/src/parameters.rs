//! The parameters of a query string.

use crate::bad_request::{BadRequest, shown};

/// The most bytes of a query string: room for every parameter at its longest, each byte escaped.
const LONGEST_QUERY: usize = 64 * 1024;
/// The most bytes of a value, as long as the longest column of a record.
const LONGEST_VALUE: usize = 2_048;

/// Reads a query string, with or without its `?`, as `URLSearchParams` does. Rejects invalid escapes,
/// repeated names and values that are longer than any column.
pub(crate) fn read(query: &str) -> Result<Vec<(String, String)>, BadRequest> {
    if query.len() > LONGEST_QUERY {
        let bytes = LONGEST_QUERY.to_string();
        return Err(BadRequest::Query(["the query string is longer than ", &bytes, " bytes"].concat()));
    }
    let query = query.strip_prefix('?').unwrap_or(query);
    let mut parameters: Vec<(String, String)> = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let name = decode(name).ok_or_else(|| undecodable(name))?;
        let value = decode(value).ok_or_else(|| undecodable(&name))?;
        if value.len() > LONGEST_VALUE {
            let bytes = LONGEST_VALUE.to_string();
            return Err(BadRequest::parameter(
                &name,
                &["`", &shown(&name), "` has more than ", &bytes, " bytes"],
            ));
        }
        if parameters.iter().any(|(known, _)| *known == name) {
            return Err(BadRequest::parameter(
                &name,
                &["`", &shown(&name), "` is given twice: write it once"],
            ));
        }
        parameters.push((name, value));
    }
    Ok(parameters)
}

fn undecodable(name: &str) -> BadRequest {
    let sentence = "` is not percent-encoded UTF-8: write a `%` as `%25` and a `&` as `%26`";
    BadRequest::parameter(name, &["`", &shown(name), sentence])
}

fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => hexadecimal(rest.next()?)? * 16 + hexadecimal(rest.next()?)?,
            _ => byte,
        });
    }
    String::from_utf8(bytes).ok()
}

fn hexadecimal(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pairs(query: &str) -> Option<Vec<(String, String)>> {
        read(query).ok()
    }

    #[test]
    fn queries_are_read_as_browsers_write_them() {
        for (query, expected) in [
            ("", vec![]),
            ("?", vec![]),
            ("&&", vec![]),
            ("since=6h", vec![("since", "6h")]),
            ("?since=6h&by=origin%2Croute", vec![("since", "6h"), ("by", "origin,route")]),
            ("path=/a+b%2Bc=d", vec![("path", "/a b+c=d")]),
            ("origin=https%3a%2F%2Fb%C3%BCcher.example", vec![("origin", "https://b\u{fc}cher.example")]),
            ("limit", vec![("limit", "")]),
        ] {
            let expected: Vec<_> =
                expected.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            assert_eq!(pairs(query), Some(expected), "{query}");
        }
    }

    #[test]
    fn broken_repeated_and_endless_parameters_are_refused() {
        for query in
            ["a=%", "a=%4", "a=%zz", "a=%+1", "%ff=1", "a=%C3", "a=%ed%a0%80", "a=1&a=2", "a=1&%61=1"]
        {
            assert_eq!(pairs(query), None, "{query}");
        }
        assert!(pairs(&["a=", &"x".repeat(LONGEST_VALUE)].concat()).is_some());
        assert!(pairs(&["a=", &"x".repeat(LONGEST_VALUE + 1)].concat()).is_none());
        assert!(pairs(&"&".repeat(LONGEST_QUERY)).is_some());
        assert!(pairs(&"&".repeat(LONGEST_QUERY + 1)).is_none());
    }

    proptest! {
        #[test]
        fn any_value_survives_its_escapes(value in "\\PC{0,64}|.{0,16}") {
            let escaped: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
            prop_assert_eq!(pairs(&format!("path={escaped}")), Some(vec![("path".to_owned(), value)]));
        }

        #[test]
        fn any_text_is_a_query_or_none(query: String) {
            let _whatever = read(&query);
        }
    }
}
