//! The CORS rules of buckets in XML: what is read as the same in JSON is, and what is refused.

use crate::import::{imported_as, of_class};

/// A rule with something in it, in the XML of S3.
fn rule(more: &str) -> String {
    format!(
        "<CORSConfiguration>\n<CORSRule>\n<AllowedMethod>GET</AllowedMethod>\n{more}\n</CORSRule>\n</CORSConfiguration>\n"
    )
}

const LISTED: &str = "<AllowedOrigin>https://app.example.com</AllowedOrigin>";

#[test]
fn xml_says_what_its_json_says() {
    let json = r#"{"CORSRules": [{"AllowedMethod": ["GET"], "AllowedOrigin": ["https://app.example.com"]}]}"#;
    let (of_json, _, _) = imported_as("bucket.json", json, &[]);
    for (name, text) in [
        ("bucket.xml", rule(LISTED)),
        ("bucket", rule(LISTED)),
        ("bucket.xml", format!("\u{feff}<?xml version=\"1.0\"?>\n<!-- ours -->{}", rule(LISTED))),
        ("bucket.xml", rule(LISTED).replace('<', "<s:").replace("<s:/", "</s:")),
        ("bucket.xml", rule("<AllowedOrigin>https&#58;//<![CDATA[app.example]]>.com</AllowedOrigin>")),
        (
            "bucket.xml",
            rule("<AllowedOrigin>https://app<!-- no -->.example.com</AllowedOrigin><ID>a &amp; b</ID>"),
        ),
    ] {
        let (policy, report, _) = imported_as(name, &text, &[]);
        assert!(
            report["findings"]
                .as_array()
                .is_some_and(|all| all.iter().all(|it| it["class"] != "not readable")),
            "{text}\n{report}"
        );
        let lines = |policy: &str| {
            let lines = policy.lines().filter(|line| !line.starts_with('#'));
            lines.map(|line| line.split(" # ").next().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(lines(&policy), lines(&of_json), "{text}");
    }
}

#[test]
fn what_xml_does_not_say_plainly_is_a_hole_with_its_line() {
    let deep = format!("<CORSConfiguration>{}", "<a>".repeat(100_000));
    for (text, hole) in [
        (
            format!("<!DOCTYPE CORSConfiguration [<!ENTITY o \"https://evil.example\">]>\n{}", rule(LISTED)),
            "1 file: a document type",
        ),
        (rule("<AllowedOrigin>&o;</AllowedOrigin>"), "4 file: the entity `&o;` is not read"),
        (rule("<AllowedOrigin>&#xFFFFFFFF;</AllowedOrigin>"), "4 file: the entity"),
        (rule(&format!("{LISTED}\n<AllowedOrigin>")), "6 file: something here is not XML"),
        (
            rule(LISTED).replace("</CORSRule>\n</CORSConfiguration>\n", ""),
            "5 file: the file ends within an element",
        ),
        (rule(&format!("{LISTED}\nhttps://other.example")), "4 file: a text that belongs to no element"),
        (
            rule(&format!("{LISTED}<AllowCookies>true</AllowCookies>")),
            "the element `AllowCookies`, which is not read",
        ),
        (
            rule("<AllowedOrigin><b>https://app.example.com</b></AllowedOrigin>"),
            "4 origins: the origins come from an element within a value",
        ),
        (
            rule(&format!("{LISTED}<Extra><AllowedOrigin>https://evil.example</AllowedOrigin></Extra>")),
            "the element `Extra`, which is not read",
        ),
        (
            rule("").replace("</CORSConfiguration>", &rule(LISTED).replace("<CORSConfiguration>", "")),
            "2 file: a rule without origins or without methods is not read",
        ),
        (deep, "1 file: elements are nested more than 64 deep"),
        (
            "<web-app>\n<filter/></web-app>".to_owned(),
            "1 file: `web-app` is no CORS configuration of S3 or Cloud Storage",
        ),
        ("<CORSConfiguration/>".to_owned(), "no CORS configuration was found"),
        (
            format!("<CORSConfiguration>{}</CORSConfiguration>", "<CORSRule/>".repeat(100_001)),
            "more than 100000 elements",
        ),
    ] {
        let (policy, report, code) = imported_as("bucket.xml", &text, &[]);
        let holes = of_class(&report, "not readable");
        let shown = text.get(..300.min(text.len())).expect("text");
        assert!(holes.contains(hole), "{shown}\nmisses `{hole}` in\n{holes}");
        assert_eq!(code, 10, "{shown}");
        assert!(!policy.contains("evil.example") && !policy.contains("other.example"), "{shown}\n{policy}");
    }
}
