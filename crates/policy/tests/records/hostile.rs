//! Records of any texts, and their slow, obvious encoding.

use corsgate_policy::Kind;
use corsgate_policy::record::{Record, RecordedOutcome, columns};
use proptest::prelude::*;

/// How many texts of a record come from clients.
pub const TEXTS: usize = 13;

/// Texts that end lines, that cut at any phase, and that are longer than every column.
pub fn text() -> impl Strategy<Value = String> {
    let pieces = [
        "a",
        "https://",
        ":",
        "[",
        "]",
        "|",
        "\"",
        "\\",
        "\0",
        "\n",
        "\r\n",
        "\x7f",
        "\u{85}",
        "\u{e9}",
        "\u{2028}",
        "\u{fffd}",
        "\u{1f4a9}",
    ];
    let unit = prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..12);
    let times = prop::sample::select(vec![1, 1, 1, 9, 60, 3_000]);
    let plain = prop::sample::select(vec!["", "a", "ab", "abc", "https://app.example.com"]);
    (plain, unit, times).prop_map(|(start, unit, times)| format!("{start}{}", unit.concat().repeat(times)))
}

/// A record with these texts, in the order of the columns.
pub fn record(texts: &[String; TEXTS]) -> Record<'_> {
    let [
        reason,
        origin,
        route,
        host,
        method,
        requested_method,
        offending_header,
        path,
        country,
        colo,
        policy_id,
        entry,
        ray,
    ] = texts;
    Record {
        outcome: RecordedOutcome::Reject,
        reason,
        origin: origin.into(),
        route,
        host,
        method,
        requested_method,
        offending_header,
        path,
        country,
        colo,
        policy_id,
        kind: Kind::Actual,
        entry,
        ray,
        weight: 1.0,
        status: 403,
        milliseconds: 0.0,
    }
}

/// The expected value of each column of such a record.
pub fn expected(texts: &[String; TEXTS]) -> Vec<(&'static str, String)> {
    let mut texts = texts.iter();
    let value = |column: &columns::Column| match column.name {
        "outcome" => "reject".to_owned(),
        "kind" => "actual".to_owned(),
        _ => kept(texts.next().expect("a text for each column"), column.longest),
    };
    let values: Vec<_> = columns::BLOBS.iter().map(value).collect();
    columns::BLOBS.iter().map(|column| column.name).zip(values).collect()
}

/// A value cut before the character that does not fit, with `?` in place of line ends.
pub fn kept(value: &str, longest: usize) -> String {
    let fits = |(at, character): &(usize, char)| at + character.len_utf8() <= longest;
    let one_line = |(_, character)| match character {
        '\0'..='\x1f' | '\x7f'..='\u{9f}' | '\u{2028}' | '\u{2029}' => '?',
        other => other,
    };
    value.char_indices().take_while(fits).map(one_line).collect()
}

/// The bucket, by the definition on the page.
pub fn bucket(origin: &str) -> u64 {
    let from = origin.find("://").map_or(0, |at| at + 3);
    let mut host = Vec::new();
    let bracketed = origin[from..].starts_with('[') && origin[from..].contains(']');
    for &byte in &origin.as_bytes()[from..] {
        if byte == b':' && !bracketed {
            break;
        }
        host.push(byte);
        if byte == b']' && bracketed {
            break;
        }
    }
    let mut hash = 2_166_136_261_u64;
    for byte in host {
        hash = (hash ^ u64::from(byte)) * 16_777_619 % (1 << 32);
    }
    (hash ^ (hash / 256)) % 256
}
