//! Texts that are not a compiled policy of this version.

use corsgate_policy::policy::document::Document;
use proptest::prelude::*;
use proptest::test_runner::Config;

use super::*;

fn is_malformed(document: &Value) -> bool {
    matches!(read(document), Err(ReadError::Malformed(_)))
}

#[test]
fn another_version_is_rejected_by_its_number_whatever_else_the_document_says() {
    for (document, version) in [
        (with(good(), "/version", json!(2)), 2),
        (with(good(), "/version", json!(0)), 0),
        (json!({ "version": 7, "of": ["a", "later", "form"] }), 7),
    ] {
        assert_eq!(read(&document).map(|_| ()), Err(ReadError::Version(version)));
    }
    for version in [json!("1"), json!(1.5), json!(-1), json!(4_294_967_296_u64), json!(null), json!([1])] {
        assert!(is_malformed(&with(good(), "/version", version.clone())), "{version}");
    }
}

#[test]
fn an_unknown_field_is_rejected_anywhere() {
    for place in [
        "",
        "/allowlists/team/0",
        "/allowlists/partners",
        "/allowlists/tenants",
        "/routes/0",
        "/routes/0/cors",
        "/routes/0/websocket",
        "/routes/0/limits/0",
        "/routes/0/response",
        "/routes/0/security",
        "/default_cors",
        "/records",
    ] {
        assert!(is_malformed(&with(good(), &format!("{place}/unknown"), json!(true))), "{place}");
    }
    let hsts = json!({ "max_age": 1, "unknown": true });
    assert!(is_malformed(&with(good(), "/routes/0/security/hsts", hsts)));
}

#[test]
fn a_field_with_its_default_is_left_out_of_the_document() {
    let read =
        |document: &Value| -> Document { serde_json::from_value(document.clone()).expect("a document") };
    for folds in [false, true] {
        let document = read(&with(good(), "/fold_suffixes", json!(folds)));
        let written = serde_json::to_value(&document).expect("JSON");
        assert_eq!(written.get("fold_suffixes"), folds.then_some(&json!(true)));
    }
    assert!(is_malformed(&with(good(), "/fold_suffixes", json!("yes"))));
}

#[test]
fn a_list_has_only_one_kind() {
    for list in [json!({}), json!("https://a.example"), json!({ "kv": "a", "kv_keys": "a" }), json!([1])] {
        assert!(is_malformed(&with(good(), "/allowlists/team", list.clone())), "{list}");
    }
}

#[test]
fn a_value_of_a_wrong_type_or_outside_its_words_is_rejected() {
    for (pointer, value) in [
        ("/routes", json!({})),
        ("/routes/0/on_disallowed", json!("Reject")),
        ("/routes/0/explain", json!("body")),
        ("/routes/0/on_limiter_error", json!(null)),
        ("/routes/0/websocket/on_reject", json!("drop")),
        ("/allowlists/tenants/scope", json!("route")),
        ("/routes/0/cors/max_age", json!(-1)),
        ("/routes/0/cors/max_age", json!(600.0)),
        ("/routes/0/cors/credentials", json!("true")),
        ("/routes/0/cors", json!({})),
        ("/routes/0/timeout", json!(4_294_967_296_u64)),
        ("/records/sample_allowed", json!("all")),
    ] {
        assert!(is_malformed(&with(good(), pointer, value.clone())), "{pointer}: {value}");
    }
}

#[test]
fn a_truncated_or_deeply_nested_text_is_rejected() {
    let text = good().to_string();
    for end in 0..text.len() {
        assert!(Policy::read(text.get(..end).unwrap_or_default().as_bytes()).is_err(), "{end} bytes");
    }
    let nested = format!("{{\"version\":1,\"routes\":{}", "[".repeat(100_000));
    assert!(Policy::read(nested.as_bytes()).is_err());
    assert!(Policy::read(format!("{text}x").as_bytes()).is_err());
}

#[test]
fn a_document_is_written_as_it_was_read() {
    let document: Document = serde_json::from_value(good()).expect("a document");
    let written = serde_json::to_value(&document).expect("JSON");
    let again: Document = serde_json::from_value(written.clone()).expect("a document");
    assert_eq!(document, again);
    assert!(written.pointer("/routes/1/timeout").is_none(), "defaults are left out: {written:#}");
}

/// Any JSON, with the words of a policy among its keys and values.
fn any_json() -> impl Strategy<Value = Value> {
    let word = || {
        prop::sample::select(vec![
            "version",
            "routes",
            "name",
            "path",
            "/*",
            "upstream",
            "upstreams",
            "api",
            "zone",
            "cors",
            "origins",
            "*",
            "@team",
            "https://*.example.com",
            "credentials",
            "kv",
            "expires",
        ])
    };
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        word().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(word().prop_map(str::to_owned), inner, 0..6)
                .prop_map(|fields| fields.into_iter().collect()),
        ]
    })
}

/// Every position in the valid document.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let below: Vec<_> = match value {
        Value::Object(fields) => fields.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    for (key, value) in below {
        let place = format!("{at}/{key}");
        places(value, &place, found);
        found.push(place);
    }
}

proptest! {
    #![proptest_config(Config { cases: 2_000, failure_persistence: None, ..Config::default() })]

    /// `serde` reads objects from lists too, in the order of their fields. No document is written so.
    #[test]
    fn a_document_is_read_as_serde_reads_it(place in any::<prop::sample::Index>(), value in any_json()) {
        let mut found = Vec::new();
        places(&good(), "", &mut found);
        let place: &String = place.get(&found);
        let document = with(good(), place, value.clone());
        let here = Document::read(document.to_string().as_bytes());
        let there: Option<Document> = serde_json::from_value(document.clone()).ok();
        match (here, there) {
            (Ok(here), Some(mut there)) => {
                let (share, other) = (here.records.sample_allowed, there.records.sample_allowed);
                prop_assert!((share - other).abs() <= other.abs() * 1e-14 + f64::MIN_POSITIVE, "{share} and {other}");
                there.records.sample_allowed = share;
                prop_assert_eq!(here, there);
            }
            (Ok(_), None) => prop_assert!(false, "only the reader of the gateway accepts {}", document),
            (Err(ReadError::Version(_)), Some(there)) => prop_assert_ne!(there.version, 1),
            (Err(error), Some(_)) => {
                prop_assert!(value.to_string().contains('['), "only serde accepts {}: {}", document, error);
            }
            (Err(_), None) => {}
        }
    }

    #[test]
    fn arbitrary_bytes_are_read_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Policy::read(&bytes).is_err());
    }

    #[test]
    fn damaged_text_is_read_without_panic(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut text = good().to_string().into_bytes();
        let at = at.index(text.len());
        if let Some(place) = text.get_mut(at) {
            *place = byte;
        }
        // Changing one byte of a name may leave a valid policy.
        drop(Policy::read(&text));
    }

    #[test]
    fn arbitrary_json_anywhere_in_a_document_is_read_without_panic(
        place in any::<prop::sample::Index>(), value in any_json(),
    ) {
        let mut found = Vec::new();
        places(&good(), "", &mut found);
        let place: &String = place.get(&found);
        if let Err(error) = read(&with(good(), place, value)) {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
