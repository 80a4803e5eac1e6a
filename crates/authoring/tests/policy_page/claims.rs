//! The types, words, limits and defaults that the page states.

use std::collections::BTreeSet;

use corsgate_authoring::Severity;

use crate::policy_page::page::{Row, code, keys};
use crate::policy_page::sections::Section;
use crate::policy_page::{codes, compiled};

/// A value of each type, and the names of the types on the page.
const SAMPLES: &[(&str, &[&str])] = &[
    ("\"x\"", &["text"]),
    ("true", &["true or false", "flag or list of texts"]),
    ("1", &["whole number", "number"]),
    ("0.5", &["number"]),
    ("2031-01-31", &["day"]),
    ("[\"x\"]", &["list of texts", "list of entries", "flag or list of texts"]),
    ("{}", &["table", "table or `false`"]),
    ("[{}]", &["list of tables", "list of entries"]),
    ("false", &["true or false", "table or `false`", "flag or list of texts"]),
];

/// The code for a value of a wrong type, or outside the allowed words.
const WRONG_KIND: &str = "CG004";

fn is_wrong_kind(section: &Section, row: &Row, value: &str) -> bool {
    codes(&section.policy(&row.key, Some(value))).iter().any(|code| code == WRONG_KIND)
}

#[test]
fn a_value_has_the_type_that_the_page_states() {
    let kinds: BTreeSet<_> = SAMPLES.iter().flat_map(|(_, kinds)| *kinds).copied().chain(["word"]).collect();
    for (section, row) in keys() {
        let kind = row.value.split([',', ':']).next().unwrap_or_default();
        assert!(kinds.contains(kind), "`{kind}` of `{}` is no kind", row.key);
        for (sample, fits) in SAMPLES {
            // A word is compared with the allowed ones below, and some words are errors of their own.
            if kind == "word" && sample.starts_with('"') {
                continue;
            }
            let refused = is_wrong_kind(section, &row, sample);
            assert_eq!(refused, !fits.contains(&kind), "`{} = {sample}`, a {kind}", row.key);
        }
    }
}

#[test]
fn a_word_is_one_of_those_on_the_page() {
    let mut words = 0;
    for (section, row) in keys() {
        let Some(listed) = row.value.strip_prefix("word: ") else { continue };
        for word in code(listed) {
            let text = section.policy(&row.key, Some(word));
            assert!(compiled(&text).is_ok(), "`{} = {word}` is refused", row.key);
            words += 1;
        }
        let text = section.policy(&row.key, Some("\"zzz\""));
        let report = compiled(&text).expect_err("no such word");
        let error = report.findings().iter().find(|finding| finding.severity == Severity::Error);
        let message = error.expect("an error").message.clone();
        let missing: Vec<_> = known_words(&message).filter(|word| !listed.contains(word.as_str())).collect();
        assert_eq!(missing, [""; 0], "words of `{}` that the page lacks: {message}", row.key);
    }
    assert!(words > 20, "{words} words");
}

/// The words that a message offers: `expected a or b, found c`, `the value must be one of: a, b`.
fn known_words(message: &str) -> impl Iterator<Item = String> {
    let offered = match message.strip_prefix("expected ") {
        Some(offered) => code(offered.split(", found").next().unwrap_or_default()).join(", "),
        None => message.split_once(": ").map(|(_, offered)| offered.to_owned()).unwrap_or_default(),
    };
    let words: Vec<_> = offered.split(", ").map(|word| format!("`\"{word}\"`")).collect();
    assert_ne!(words, ["`\"\"`"], "no words in: {message}");
    words.into_iter()
}

#[test]
fn a_number_has_the_limits_that_the_page_states() {
    let mut bounded = 0;
    for (section, row) in keys() {
        let [low, high] = code(&row.value)[..] else { continue };
        if row.value.contains(": ") || !row.value.contains("` to `") {
            continue;
        }
        let (below, above): (i64, i64) =
            (low.parse::<i64>().expect(low) - 1, high.parse::<i64>().expect(high) + 1);
        for (value, fine) in
            [(low, true), (high, true), (&below.to_string(), false), (&above.to_string(), false)]
        {
            let found = compiled(&section.policy(&row.key, Some(value)));
            assert_eq!(found.is_ok(), fine, "`{} = {value}`", row.key);
        }
        bounded += 1;
    }
    let numbers =
        keys().iter().filter(|(_, row)| row.value.contains("number") && row.key != "version").count();
    assert_eq!(bounded, numbers, "every number has its bounds");
}

#[test]
fn exactly_the_required_keys_are_reported_as_missing() {
    for (section, row) in keys() {
        let missed = codes(&section.policy(&row.key, None)).iter().any(|code| code == "CG003");
        assert_eq!(missed, row.default == "required", "`{}` under {}", row.key, section.heading);
    }
}

#[test]
fn the_default_is_what_a_missing_key_means() {
    let mut compared = 0;
    for (section, row) in keys() {
        match code(&row.default)[..] {
            [] => {
                assert!(["required", "–"].contains(&row.default.as_str()), "`{}`: {}", row.key, row.default)
            }
            [default] => {
                let json = |value| compiled(&section.policy(&row.key, value)).expect(&row.key).json;
                assert_eq!(json(Some(default)), json(None), "`{} = {default}`", row.key);
                compared += 1;
            }
            _ => panic!("`{}` has two defaults: {}", row.key, row.default),
        }
    }
    assert!(compared > 15, "{compared} defaults");
    // A flag is on or off; if the page states no default, the comparison would prove nothing.
    for (_, row) in keys().iter().filter(|(_, row)| row.value == "true or false") {
        assert_ne!(row.default, "–", "`{}`", row.key);
    }
}

#[test]
fn the_dangerous_switches_are_all_in_their_table() {
    let named: BTreeSet<_> =
        keys().into_iter().map(|(_, row)| row.key).filter(|key| key.starts_with("dangerously_")).collect();
    let text = crate::policy_page::page::text("docs/policy.md");
    let rows = crate::policy_page::page::lines(&text)
        .filter(|(heading, line)| *heading == "Dangerous switches" && line.starts_with("| `"));
    let listed: BTreeSet<_> = rows.map(|(_, line)| code(line)[0].to_owned()).collect();
    assert_eq!(listed, named);
}
