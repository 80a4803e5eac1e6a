//! Finds what was meant by a value of the wrong type: a number in quotes, a list written as one string.

use toml::de::DeValue;

/// The string meant by a bare value, or by a list with one element.
pub(crate) fn text(value: &DeValue<'_>) -> Option<String> {
    Some(match value {
        DeValue::Integer(number) => number.as_str().to_owned(),
        DeValue::Float(number) => number.as_str().to_owned(),
        DeValue::Boolean(flag) => flag.to_string(),
        DeValue::Array(values) => match values.iter().map(|value| value.get_ref()).collect::<Vec<_>>()[..] {
            [DeValue::String(text)] => text.clone().into_owned(),
            _ => return None,
        },
        _ => return None,
    })
}

/// The flag meant by a string or a number.
pub(crate) fn flag(value: &DeValue<'_>) -> Option<bool> {
    match value {
        DeValue::String(text) => match text.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Some(true),
            "false" | "no" | "off" | "0" => Some(false),
            _ => None,
        },
        DeValue::Integer(number) => match number.as_str() {
            "1" => Some(true),
            "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The whole number meant by a string, or by a number with only zeros after its decimal point.
pub(crate) fn whole(value: &DeValue<'_>) -> Option<u32> {
    match value {
        DeValue::String(text) => text.trim().parse().ok(),
        DeValue::Float(number) => {
            let (whole, fraction) = number.as_str().split_once('.')?;
            whole.parse().ok().filter(|_| fraction.bytes().all(|digit| digit == b'0'))
        }
        _ => None,
    }
}

/// The number of seconds meant by a string with a unit: `10m`, `30 s`, `1 hour`.
pub(crate) fn seconds(value: &DeValue<'_>) -> Option<u32> {
    let DeValue::String(text) = value else { return None };
    let text = text.trim();
    let digits = text.find(|character: char| !character.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at_checked(digits)?;
    let factor = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "s" | "sec" | "secs" | "second" | "seconds" => 1,
        "m" | "min" | "mins" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 60 * 60,
        "d" | "day" | "days" => 24 * 60 * 60,
        _ => return None,
    };
    number.parse::<u32>().ok()?.checked_mul(factor)
}

/// The number meant by a string, as written in it.
pub(crate) fn number<'v>(value: &'v DeValue<'_>) -> Option<&'v str> {
    let DeValue::String(text) = value else { return None };
    let text = text.trim();
    text.bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.')
        .then_some(text)
        .filter(|text| text.parse::<f64>().is_ok() && text.starts_with(|first: char| first.is_ascii_digit()))
}

/// The elements of a list that was written as one string. No origin, host, method or header name contains a comma or a
/// space.
pub(crate) fn elements(text: &str) -> impl Iterator<Item = &str> {
    text.split([',', ' ', '\t', '\n']).filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use crate::testing::findings;

    const ROUTE: &str = "version = 1\nupstreams.api = \"zone\"\n[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\n";

    #[test]
    fn what_was_plainly_meant_is_offered() {
        for (text, message, meant) in [
            ("cors.max_age = -1", "expected a whole number from 0 to 86400, found `-1`", None),
            (
                "cors.max_age = 4294967296",
                "expected a whole number from 0 to 86400, found `4294967296`",
                None,
            ),
            ("cors.max_age = \"600\"", "expected a whole number of seconds, found a string", Some("600")),
            ("cors.max_age = \"10m\"", "expected a whole number of seconds, found a string", Some("600")),
            ("timeout = \"1 hour\"", "expected a whole number of seconds, found a string", Some("3600")),
            ("timeout = \"soon\"", "expected a whole number, found a string", None),
            ("timeout = \"99999999999d\"", "expected a whole number, found a string", None),
            ("timeout = 30.0", "expected a whole number, found a number with a point", Some("30")),
            ("timeout = 30.5", "expected a whole number, found a number with a point", None),
            ("cors.credentials = \"true\"", "expected `true` or `false`, found a string", Some("true")),
            ("cors.credentials = \"No\"", "expected `true` or `false`, found a string", Some("false")),
            ("cors.credentials = 1", "expected `true` or `false`, found a number", Some("true")),
            ("cors.credentials = \"perhaps\"", "expected `true` or `false`, found a string", None),
            (
                "cors.methods = \"PUT, DELETE\"",
                "expected a list of strings, found a string",
                Some("[\"PUT\", \"DELETE\"]"),
            ),
            ("hosts = \"a.example\"", "expected a list of strings, found a string", Some("[\"a.example\"]")),
            ("cors.methods = [[\"PUT\"]]", "expected a string, found a list", Some("\"PUT\"")),
            ("response.set.x-api = 3", "expected a string, found a number", Some("\"3\"")),
            ("security.csp = [\"a\", \"b\"]", "expected a string, found a list", None),
            ("limits = [{ quota = \"10m\" }]", "expected a whole number, found a string", None),
        ] {
            let found = findings(&format!("{ROUTE}{text}\n"));
            let found = found.iter().find(|finding| finding.message == message).expect(text);
            assert_eq!(found.fix.as_ref().map(|fix| fix.replacement.as_str()), meant, "{text}");
        }
        let found = findings(&format!("{ROUTE}[records]\nsample_allowed = \"0.5\"\n"));
        let fix = found.iter().find_map(|finding| finding.fix.as_ref()).expect("a fix");
        assert_eq!(fix.replacement, "0.5");
    }
}
