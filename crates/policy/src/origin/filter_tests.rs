//! A filter never rules out a key that it was written for, and bytes that are no filter are refused.

use super::*;

const LIST: &str = "tenants";

fn key(at: usize) -> String {
    format!("origin/tenants/https://tenant-{at}.example.com")
}

fn stranger(at: usize) -> String {
    format!("origin/tenants/https://stranger-{at}.example.net")
}

fn written(count: usize) -> Vec<u8> {
    write_filter(LIST, (0..count).map(|at| hash_of(&key(at))).collect())
}

fn read(bytes: Vec<u8>) -> Option<KeyFilter> {
    KeyFilter::read(LIST, bytes)
}

/// A filter with these fields, and a correct checksum.
fn signed(logarithm: u32, segments: u32, rest: &[u8]) -> Vec<u8> {
    let fields = [7, 0, logarithm, segments].map(u32::to_le_bytes).concat();
    filter_of(LIST, &[&fields, rest].concat())
}

#[test]
fn every_key_is_found_and_one_stranger_of_256_is_not_ruled_out() {
    for count in [0, 1, 2, 3, 10, 100, 1_000, 30_000] {
        let filter = read(written(count)).expect("a filter");
        assert!((0..count).all(|at| filter.may_have(&key(at))), "{count}");
        let passed = (0..100_000).filter(|at| filter.may_have(&stranger(*at))).count();
        // 391 on average; the keys are the same in each run.
        assert!((300..480).contains(&passed), "{passed} of 100,000 strangers pass a filter of {count}");
    }
}

#[test]
fn a_filter_of_many_keys_has_nine_bits_for_each() {
    let bytes = written(200_000).len();
    assert!(bytes * 8 < 200_000 * 10, "{bytes} bytes");
}

#[test]
fn the_same_keys_make_the_same_bytes_in_any_order_and_however_often() {
    let hashes: Vec<_> = (0..500).map(|at| hash_of(&key(at))).collect();
    let reversed: Vec<_> = hashes.iter().rev().chain(&hashes).copied().collect();
    assert_eq!(write_filter(LIST, reversed), write_filter(LIST, hashes));
}

#[test]
fn later_keys_are_found_and_strangers_stay_ruled_out() {
    let filter = written(1_000);
    let later: Vec<_> = (1_000..1_100).map(|at| hash_of(&key(at))).collect();
    let (some, rest) = later.split_at(60);
    let more = with_later_keys(LIST, with_later_keys(LIST, filter.clone(), rest).expect("a filter"), some);
    let more = more.expect("a filter");
    assert_eq!(more.len(), filter.len() + 8 * 100);
    assert_eq!(with_later_keys(LIST, more.clone(), some).as_ref(), Some(&more), "once is enough");
    assert_eq!(with_later_keys(LIST, filter.clone(), &later).as_ref(), Some(&more), "in any order");
    let read = read(more).expect("a filter");
    assert!((0..1_100).all(|at| read.may_have(&key(at))));
    let too_many: Vec<_> = (0..=MOST_LATER).map(|at| hash_of(&key(at))).collect();
    assert!(with_later_keys(LIST, filter.clone(), &too_many[1..]).is_some());
    assert!(with_later_keys(LIST, filter, &too_many).is_none());
    let passed = (0..10_000).filter(|at| read.may_have(&stranger(*at))).count();
    assert!(passed < 80, "{passed}");
}

#[test]
fn the_filter_of_another_list_is_refused() {
    assert!(KeyFilter::read("tenant", written(10)).is_none());
    assert!(KeyFilter::read("", written(10)).is_none());
    assert!(with_later_keys("others", written(10), &[1]).is_none());
}

#[test]
fn bytes_that_were_cut_or_continued_are_refused() {
    let whole = with_later_keys(LIST, written(50), &[1, 2]).expect("a filter");
    for length in 0..whole.len() {
        assert!(read(whole[..length].to_vec()).is_none(), "{length}");
    }
    assert!(read([whole.clone(), vec![0]].concat()).is_none());
    assert!(read([whole, vec![0; 8]].concat()).is_none());
}

#[test]
fn a_flipped_bit_is_noticed_wherever_it_is() {
    let whole = with_later_keys(LIST, written(50), &[1, 2]).expect("a filter");
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut flipped = whole.clone();
            flipped[at] ^= 1 << bit;
            assert!(read(flipped).is_none(), "bit {bit} of byte {at}");
        }
    }
}

#[test]
fn a_signed_filter_that_breaks_a_rule_is_refused() {
    assert!(read(signed(2, 1, &[0; 12])).is_some());
    assert!(read(signed(2, 1, &[0; 20])).is_some());
    for (why, bytes) in [
        ("segments longer than the memory", signed(64, 1, &[0; 12])),
        ("segments longer than any number", signed(u32::MAX, 1, &[0; 12])),
        ("no fingerprints", signed(0, 0, &[])),
        ("as many segments as there can be", signed(0, u32::MAX, &[0; 8])),
        ("fewer fingerprints than it says", signed(2, 1, &[0; 11])),
        ("a part of a later key", signed(2, 1, &[0; 19])),
        ("lengths that overflow", signed(31, 4, &[0; 12])),
        ("more lengths that overflow", signed(31, u32::MAX, &[0; 12])),
        ("lengths that overflow a larger memory", signed(63, 2, &[0; 12])),
        ("lengths that overflow with the last segments", signed(30, 3, &[0; 12])),
        ("no fields", filter_of(LIST, &[])),
        ("a part of the fields", filter_of(LIST, &[0; 15])),
    ] {
        assert!(read(bytes).is_none(), "{why}");
    }
    let text = "https://tenant-1.example.com\n".repeat(10);
    assert!(read(text.into_bytes()).is_none());
    assert!(read(Vec::new()).is_none());
}

#[test]
fn another_version_is_refused() {
    let mut bytes = written(10);
    bytes[8] = 2;
    assert!(read(bytes).is_none());
}

/// Whatever was signed, no key leads outside the bytes.
#[test]
fn a_hostile_filter_answers_without_a_panic() {
    for (logarithm, segments, length) in [(0, 0, 2), (0, 1, 3), (16, 0, 1 << 17), (3, 3, 40)] {
        for byte in [0, 1, 0xff] {
            let rest = [vec![byte; length], vec![0xff; 16], vec![0; 16]].concat();
            let filter = read(signed(logarithm, segments, &rest)).expect("a filter");
            let passed = (0..1_000).filter(|at| filter.may_have(&stranger(*at))).count();
            assert!(passed < 30, "{passed}");
        }
    }
}

#[test]
fn twenty_bytes_tell_two_filters_apart() {
    let (a, b) = (written(10), written(11));
    let filter = read(a.clone()).expect("a filter");
    assert!(filter.begins_with(&a[..20]) && !filter.begins_with(&b[..20]));
}

#[cfg(not(target_arch = "wasm32"))]
mod for_any_keys {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(500))]
        #[test]
        fn no_key_is_ruled_out_and_strangers_are(
            keys in prop::collection::btree_set("[a-c]{0,3}(/[a-z0-9.:-]{0,40}){0,2}", 0..300),
            later in prop::collection::btree_set("[a-z]{1,40}", 0..30),
            list in "[a-z]{1,8}",
        ) {
            let hashes = |keys: &BTreeSet<String>| keys.iter().map(|key| hash_of(key)).collect::<Vec<_>>();
            let bytes = write_filter(&list, hashes(&keys));
            let bytes = with_later_keys(&list, bytes, &hashes(&later)).expect("a filter");
            let filter = KeyFilter::read(&list, bytes).expect("a filter");
            prop_assert!(keys.iter().chain(&later).all(|key| filter.may_have(key)));
            let passed = (0..2_000).filter(|at| filter.may_have(&stranger(*at))).count();
            prop_assert!(passed < 60, "{} of 2,000 strangers pass", passed);
        }

        #[test]
        fn no_bytes_end_in_a_panic(
            body in prop::collection::vec(any::<u8>(), 0..300),
            (logarithm, segments) in (0_u32..7, 0_u32..40),
            key in ".{0,40}",
            sign in 0..3,
        ) {
            let bytes = match sign {
                0 => body,
                1 => filter_of(LIST, &body),
                _ => signed(logarithm, segments, &body),
            };
            if let Some(filter) = read(bytes) {
                let _any = filter.may_have(&key);
            }
        }
    }
}
