//! What is read is what serde reads.

use std::collections::BTreeMap;

use super::*;

fn read<T: Value + Default>(text: &str) -> Result<T, String> {
    let mut value = T::default();
    Json::read(text, &mut value).map_err(|error| error.to_string()).map(|()| value)
}

/// What serde reads from the same text.
fn by_serde<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_str(text).ok()
}

#[test]
fn texts_are_those_that_serde_reads() {
    for text in [
        r#""""#,
        r#""plain""#,
        r#""a\"b\\c\/d\b\f\n\r\t""#,
        r#""\u0000\u00e9\uD83D\uDE00é😀""#,
        r#""\ud83d""#,
        r#""\ud83dx""#,
        r#""\ud83d\n""#,
        r#""\ud83d\u0041""#,
        r#""\ude00""#,
        r#""\u12""#,
        r#""\u12é4""#,
        r#""\u+123""#,
        r#""\é""#,
        r#""\x""#,
        r#""\"#,
        r#"""#,
        "\"a\nb\"",
        "\"\u{7f}\u{2028}\"",
        "'a'",
        "a",
        "null",
        "\u{feff}\"a\"",
        " \t\r\n\"a\" \t\r\n",
        "\u{a0}\"a\"",
        "\"a\"b",
    ] {
        assert_eq!(read::<String>(text).ok(), by_serde::<String>(text), "{text:?}");
    }
}

#[test]
fn numbers_are_those_that_serde_reads() {
    for text in [
        "0",
        "1",
        "30",
        "4294967295",
        "4294967296",
        "-0",
        "-1",
        "01",
        "00",
        "1.0",
        "1e3",
        "+1",
        ".5",
        "1.",
        "-",
        "1e",
        "1e+",
        "0x1",
        "1 2",
        "",
        "\"1\"",
        "0.01",
        "0.1",
        "1E-5",
        "1e-05",
        "0.30000000000000004",
        "5e-1",
        "100e-2",
        "-0.5",
        "0e9999",
        "1e-400",
        "123456789012345678901234567890e-30",
        "0.000000000000000000000123",
        "NaN",
        "1_0",
    ] {
        assert_eq!(read::<u32>(text).ok(), by_serde::<u32>(text), "{text:?} as a whole number");
        let (here, there) = (read::<f64>(text).ok(), by_serde::<f64>(text));
        let is_near = |(here, there): (f64, f64)| (here - there).abs() <= there.abs() * 1e-15;
        assert_eq!(here.is_some(), there.is_some(), "{text:?}");
        assert!(here.zip(there).is_none_or(is_near), "{text:?}: {here:?} and {there:?}");
    }
}

#[test]
fn every_share_with_up_to_six_decimal_places_is_exact() {
    for millionths in 0..=1_000_000_u32 {
        let text = format!("0.{millionths:06}");
        assert_eq!(read::<f64>(&text).ok(), text.parse().ok(), "{text}");
    }
}

#[test]
fn lists_and_objects_are_those_that_serde_reads() {
    for text in [
        "[]",
        "[ ]",
        "[true]",
        "[true,false]",
        "[true,]",
        "[,true]",
        "[true false]",
        "[true",
        "[",
        "{}",
        "[true}",
        "[null]",
        "[truefalse]",
        "[True]",
    ] {
        assert_eq!(read::<Vec<bool>>(text).ok(), by_serde::<Vec<bool>>(text), "{text:?}");
    }
    for text in [
        "{}",
        "{ }",
        r#"{"a":true}"#,
        r#"{"a" : true , "b":false}"#,
        r#"{"a":true,}"#,
        r#"{,"a":true}"#,
        r#"{"a"}"#,
        r#"{"a":}"#,
        r#"{a:true}"#,
        r#"{"a":true"#,
        r#"{"a":true]"#,
        r#"{"\u0061":true}"#,
        r#"{"":true}"#,
        "[]",
    ] {
        let (here, there) = (read::<BTreeMap<String, bool>>(text), by_serde::<BTreeMap<String, bool>>(text));
        assert_eq!(here.ok(), there, "{text:?}");
    }
}

#[test]
fn a_value_that_is_passed_over_is_valid_json() {
    for text in [
        "null",
        "true",
        "-1.5e3",
        r#""\n""#,
        "[]",
        "[1,[2,{}]]",
        r#"{"a":{"b":[null]}}"#,
        "[1,]",
        "{1:2}",
        "nul",
        "[1 2]",
        r#"{"a" 1}"#,
        "[\"",
        "tru",
        "",
        "]",
    ] {
        let there = by_serde::<serde_json::Value>(text).is_some();
        assert_eq!(read::<Ignored>(text).is_ok(), there, "{text:?}");
    }
    let nested = |depth| "[".repeat(depth) + &"]".repeat(depth);
    assert!(read::<Ignored>(&nested(100)).is_ok());
    assert!(read::<Ignored>(&nested(101)).is_err());
    assert!(read::<Ignored>(&"[".repeat(1_000_000)).is_err());
}

#[test]
fn a_name_that_comes_twice_is_an_error() {
    let twice = r#"{"a":true,"b":true,"a":true}"#;
    let error = read::<BTreeMap<String, bool>>(twice).expect_err("twice");
    assert_eq!(error, "duplicate field `a` at line 1 column 28");
}

#[test]
fn an_error_says_what_was_expected_and_where() {
    for (text, error) in [
        ("[true,\n true,\n no]", "expected true or false at line 3 column 2"),
        ("", "expected a list at line 1 column 1"),
        ("[true", "expected `,` or the end of the object or list at line 1 column 6"),
        ("[true] x", "expected the end at line 1 column 8"),
    ] {
        assert_eq!(read::<Vec<bool>>(text), Err(error.to_owned()));
    }
}
