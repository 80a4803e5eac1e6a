//! Methods that differ from another one only in case. Browsers put six methods into upper case, and no others (Fetch,
//! "normalize a method").

/// The methods in use that a browser sends in the case in which the page writes them. QUERY is that of RFC 10008.
const KEPT: [&str; 2] = ["PATCH", "QUERY"];

/// The method that is meant by one that no server knows, such as `PATCH` by `patch`.
#[must_use]
pub fn meant_method(method: &str) -> Option<&'static str> {
    KEPT.into_iter().find(|kept| *kept != method && kept.eq_ignore_ascii_case(method))
}

/// The listed method from which another one, which is not listed, differs only in case.
#[must_use]
pub fn nearest_method<'l>(method: &str, listed: impl IntoIterator<Item = &'l str>) -> Option<&'l str> {
    let mut near = None;
    for known in listed {
        if known == method {
            return None;
        }
        near = near.or(Some(known).filter(|known| known.eq_ignore_ascii_case(method)));
    }
    near
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_that_differ_in_case_are_found() {
        for (method, listed, near) in [
            ("patch", &["PUT", "PATCH"][..], Some("PATCH")),
            ("PATCH", &["patch"], Some("patch")),
            ("Patch", &["PUT"], None),
            ("PATCH", &["patch", "PATCH"], None),
            ("patch", &["*"], None),
        ] {
            assert_eq!(nearest_method(method, listed.iter().copied()), near, "{method} {listed:?}");
        }
        for (method, meant) in
            [("patch", Some("PATCH")), ("Query", Some("QUERY")), ("PATCH", None), ("PUT", None), ("", None)]
        {
            assert_eq!(meant_method(method), meant, "{method}");
        }
    }
}
