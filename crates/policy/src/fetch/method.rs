//! Methods: which lose their case, which need no preflight, and which no page may use.

pub use crate::grammar::token::is_forbidden_method as is_forbidden;

/// "normalize a method": six methods are put into upper case, no others are (`patch` stays `patch`).
#[must_use]
pub fn normalize(method: &str) -> &str {
    ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"]
        .into_iter()
        .find(|usual| usual.eq_ignore_ascii_case(method))
        .unwrap_or(method)
}

/// "CORS-safelisted method". The method is [normalized](normalize).
#[must_use]
pub fn is_safelisted(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "POST")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_method_by_the_rules_of_fetch() {
        for (method, normalized, safelisted, forbidden) in [
            ("get", "GET", true, false),
            ("Head", "HEAD", true, false),
            ("POST", "POST", true, false),
            ("Put", "PUT", false, false),
            ("delete", "DELETE", false, false),
            ("options", "OPTIONS", false, false),
            ("patch", "patch", false, false),
            ("PATCH", "PATCH", false, false),
            ("trace", "trace", false, true),
            ("TRACK", "TRACK", false, true),
            ("Connect", "Connect", false, true),
            ("", "", false, false),
        ] {
            assert_eq!(normalize(method), normalized, "{method}");
            assert_eq!(is_safelisted(normalized), safelisted, "{method}");
            assert_eq!(is_forbidden(method), forbidden, "{method}");
        }
    }
}
