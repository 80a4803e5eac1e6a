//! Filters of per-origin keys. The input is a text with a key a line; behind the line `value`, the bytes of a value in KV;
//! behind the line `body`, the bytes of a filter after its checksum, which is made to fit.
//!
//! No bytes end in a panic, and what was not written as a filter of the list is refused. A filter rules out no key that it
//! was written for or that was added to it, and most others.

use corsgate_policy::origin::filter::{KeyFilter, filter_of, hash_of, with_later_keys, write_filter};

const LIST: &str = "tenants";
/// The number of strangers that are looked up.
const STRANGERS: usize = 512;

/// Checks the rules above.
pub fn holds(input: &[u8]) {
    if let Some(value) = input.strip_prefix(b"value\n") {
        return check(value.to_vec());
    }
    if let Some(body) = input.strip_prefix(b"body\n") {
        return check(filter_of(LIST, body));
    }
    let text = crate::text(input);
    let keys: Vec<_> = text.lines().collect();
    let (first, later) = keys.split_at(keys.len() - keys.len() / 4);
    let hashes = |keys: &[&str]| keys.iter().map(|key| hash_of(key)).collect::<Vec<_>>();
    let bytes = write_filter(LIST, hashes(first));
    let later = later.get(..later.len().min(500)).unwrap_or_default();
    let bytes = with_later_keys(LIST, bytes, &hashes(later)).expect("a filter takes later keys");
    let filter = KeyFilter::read(LIST, bytes.clone()).expect("what was written can be read");
    assert!(first.iter().chain(later).all(|key| filter.may_have(key)));
    let passed = (0..STRANGERS).filter(|at| filter.may_have(&format!("a stranger {at} of no list")));
    assert!(passed.count() < STRANGERS / 8, "a filter rules out strangers");
    assert!(KeyFilter::read("others", bytes.clone()).is_none(), "the filter of another list is refused");
    check(bytes);
}

/// Any value is refused or answers, and grows only as a filter.
fn check(value: Vec<u8>) {
    let grown = with_later_keys(LIST, value.clone(), &[hash_of("a later key")]);
    let Some(filter) = KeyFilter::read(LIST, value.clone()) else {
        assert!(grown.is_none());
        return;
    };
    assert!(filter.begins_with(&value[..20]));
    for at in 0..STRANGERS {
        let _any = filter.may_have(&format!("a stranger {at}"));
    }
    if let Some(grown) = grown {
        assert!(KeyFilter::read(LIST, grown).is_some_and(|grown| grown.may_have("a later key")));
    }
    if let Some(cut) = value.len().checked_sub(1).and_then(|last| value.get(..last)) {
        assert!(KeyFilter::read(LIST, cut.to_vec()).is_none());
    }
}
