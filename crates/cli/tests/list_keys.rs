//! `corsgate list diff|publish|rollback|history` for a list with a key for each origin, with a wrangler that stores its
//! keys in a directory and fails at any given call. `tests/list-verbs.test.mjs` runs them on real KV.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::collections::BTreeSet;
use std::fs;

use super::support::kv::Kv;

const PREFIX: &str = "origin/previews/";
const A: &str = "# previews\nhttps://a.example # pull request 1\nhttps://b.example\n";
const B: &str = "https://b.example\nhttps://c.example expires=2999-12-31\n";

impl Kv {
    /// The origins that have keys in a list of previews.
    fn origins(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.0.join("kv")).expect("a folder");
        let names = names.map(|file| file.expect("a file").file_name().to_string_lossy().replace('+', "/"));
        names.filter_map(|name| name.strip_prefix(PREFIX).map(str::to_owned)).collect()
    }

    fn put(&self, key: &str, value: &str) {
        let name = key.replace('/', "+");
        self.write(&format!("kv/{name}"), value);
        self.write(&format!("meta/{name}"), "null");
    }
}

fn with(name: &str) -> Kv {
    let kv = Kv::new(&format!("keys-{name}"));
    kv.write("a.txt", A);
    kv.write("b.txt", B);
    kv
}

fn set<const N: usize>(origins: [&str; N]) -> BTreeSet<String> {
    origins.into_iter().map(str::to_owned).collect()
}

const PUBLISH_A: &str = "publish previews a.txt --yes --message=one";
const PUBLISH_B: &str = "publish previews b.txt --yes --message=two";

#[test]
fn a_file_becomes_the_keys_and_a_rollback_brings_the_keys_before_back() {
    let kv = with("publish");
    kv.ends("diff previews a.txt", 10, "`https://a.example` is allowed");
    kv.ends("publish previews a.txt --dry-run --message=one", 0, "would write 2 keys and delete 0");
    assert_eq!(kv.keys(), 0);
    kv.ends("publish previews a.txt --yes --message=one --deny=widens", 11, "`--deny widens` denies");
    kv.ends(PUBLISH_A, 0, "wrote 2 keys: 2 of 2");
    assert_eq!(kv.origins(), set(["https://a.example", "https://b.example"]));
    assert_eq!(kv.value("origin/previews/https://a.example").as_deref(), Some("{}"));
    kv.ends(PUBLISH_A, 0, "there is nothing to write");
    kv.ends("diff previews a.txt", 0, "mean the same");
    kv.ends("rollback previews --yes", 1, "are the first that were published");

    kv.ends("diff previews b.txt", 10, "`https://a.example` is no longer allowed");
    kv.ends(PUBLISH_B, 0, "deleted 1 key: 1 of 2");
    assert_eq!(kv.origins(), set(["https://b.example", "https://c.example"]));
    let value = kv.value("origin/previews/https://c.example");
    assert_eq!(value.as_deref(), Some(r#"{"expires":"2999-12-31"}"#));

    kv.ends("rollback previews --yes", 0, "widens");
    assert_eq!(kv.origins(), set(["https://a.example", "https://b.example"]));
    kv.ends("rollback previews --yes", 0, "is allowed until 2999-12-31");
    assert_eq!(kv.origins(), set(["https://b.example", "https://c.example"]));
    let (code, said) = kv.run_without_policy("history previews --format=json");
    assert_eq!(code, 0, "{said}");
    for part in ["\"message\": \"one\"", "\"message\": \"two\"", "\"finished\": true", "https://c.example"] {
        assert!(said.contains(part), "{part}: {said}");
    }
}

/// What somebody else wrote is read, shown, kept as a version, and replaced.
#[test]
fn keys_that_corsgate_did_not_write_are_compared_by_their_values() {
    let kv = with("others");
    kv.put("origin/previews/https://a.example", "");
    kv.put("origin/previews/https://b.example", r#"{"expires":"2999-01-31","note":"x"}"#);
    kv.put("origin/previews/https://c.example", r#"{"expires":"1999-01-31"}"#);
    kv.put("origin/previews/https://d.example", "{");
    kv.put("origin/previews/HTTPS://E.example", "1");
    kv.put("origin/previews/api.example.com/https://f.example", "1");
    kv.ends(
        "diff previews a.txt",
        10,
        "`https://b.example` is allowed without end instead of until 2999-01-31",
    );
    let (code, said) = kv.run(PUBLISH_A);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("1 key of `origin/previews/` with no origin in the name"), "{said}");
    let left = set([
        "https://a.example",
        "https://b.example",
        "HTTPS://E.example",
        "api.example.com/https://f.example",
    ]);
    assert_eq!(kv.origins(), left);
    kv.ends("rollback previews --yes", 0, "until 2999-01-31 instead of without end");
    let value = kv.value("origin/previews/https://b.example");
    assert_eq!(value.as_deref(), Some(r#"{"expires":"2999-01-31"}"#));
    assert_eq!(kv.value("origin/previews/https://c.example"), None);
}

#[test]
fn a_version_that_could_not_be_published_is_not_put_in_force() {
    let kv = with("bad-version");
    kv.ends(PUBLISH_A, 0, "is in force");
    let text = "https://*.github.io\nhttps://c.example\n";
    let id = corsgate_authoring::id_of(text.as_bytes());
    kv.put(&format!("origin-history/previews/{id}"), text);
    kv.ends(&format!("rollback previews --yes --to={id}"), 11, "is not put in force: 1 error");
    assert_eq!(kv.origins(), set(["https://a.example", "https://b.example"]));
}

#[test]
fn one_added_since_the_publication_is_no_part_of_its_rollback() {
    let kv = with("added");
    kv.ends(PUBLISH_A, 0, "is in force");
    kv.ends(PUBLISH_B, 0, "is in force");
    kv.ends("add previews https://d.example --yes", 0, "wrote");
    kv.ends("rollback previews --yes", 1, "have changed since");
    kv.ends("publish previews b.txt --yes --message=m --base=none", 13, "is live, not `none`");
    kv.ends(PUBLISH_B, 0, "`https://d.example` is no longer allowed");
    kv.ends("rollback previews --yes", 0, "`https://d.example` is allowed");
    assert_eq!(kv.origins(), set(["https://b.example", "https://c.example", "https://d.example"]));
}

#[test]
fn keys_of_one_host_are_their_own_list() {
    let kv = with("hosts");
    kv.ends("publish tenants a.txt --host=api.example.com --yes --message=m", 0, "route `api`");
    assert!(kv.value("origin/tenants/api.example.com/https://a.example").is_some());
    kv.ends("diff tenants kv: b.txt --host=api.example.com", 10, "`https://a.example` is no longer allowed");
    kv.ends("publish tenants b.txt --host=api.example.com --yes --message=m", 0, "is in force");
    kv.ends("rollback tenants --host=api.example.com --yes", 0, "`https://a.example` is allowed");
    let (_, said) = kv.run_without_policy("history tenants");
    assert!(said.contains("api.example.com: m"), "{said}");
}

#[test]
fn a_file_that_keys_cannot_hold_is_reported_and_changes_nothing() {
    let kv = with("bad");
    let many: String = (0..10_001).map(|number| format!("https://p{number}.example\n")).collect();
    let long = format!("https://{}.example\n", ["a".repeat(60).as_str(); 4].join("."));
    for (name, text, code, sentence) in [
        ("wildcard", "https://*.app.example\n", 11, "the list accepts exact origins only"),
        ("extensions", "moz-extension://*\n", 11, "the list accepts exact origins only"),
        ("slash", "https://a.example/\n", 11, "is not published: 1 error"),
        ("plain", "http://a.example\n", 2, "`http://a.example` would be ignored"),
        ("many", &many, 2, "has 10001 origins, and a publication of keys takes 10000"),
        ("html", "<!DOCTYPE html>\n", 1, "it is HTML or XML, not a list"),
    ] {
        kv.write(name, text);
        kv.ends(&format!("publish previews {name} --yes --message=m"), code, sentence);
    }
    assert_eq!(kv.keys(), 0);
    kv.write("long", long);
    kv.ends("publish previews long --yes --message=m", 0, "is in force");
    kv.ends("check previews=a.txt", 0, "2 origins");
    kv.ends("check previews=wildcard", 11, "exact origins only");
}

/// After a failure at any call, before it, after it or amid its keys, every live key is one of the old or the new list,
/// the same command finishes, and one rollback brings the old list back.
#[test]
fn a_failure_at_any_call_is_told_and_the_same_command_finishes() {
    let old = set(["https://a.example", "https://b.example"]);
    let new = set(["https://b.example", "https://c.example", "https://d.example"]);
    for when in ["before", "amid", "after"] {
        for call in 1.. {
            let kv = with(&format!("fails-{when}"));
            kv.write("b.txt", "https://b.example\nhttps://c.example\nhttps://d.example\n");
            kv.put("origin/previews/https://a.example", "");
            kv.put("origin/previews/https://b.example", "");
            kv.fail(when, call);
            let (code, said) = kv.run(PUBLISH_B);
            let both: BTreeSet<_> = old.union(&new).cloned().collect();
            assert!(kv.origins().is_subset(&both), "{when} {call}: {:?}", kv.origins());
            assert!(kv.origins().contains("https://b.example"), "{when} {call}");
            if kv.calls() < call {
                assert_eq!((code, kv.origins()), (0, new.clone()), "{said}");
                assert!(call > 9, "{call}");
                break;
            }
            if code == 0 {
                // A call with one key has nothing amid.
                assert_eq!((when, kv.origins()), ("amid", new.clone()), "{call}: {said}");
                continue;
            }
            assert_eq!(code, 1, "{when} {call}: {said}");
            kv.fail("never", 0);
            if call % 2 == 0 {
                let (code, said) = kv.run(PUBLISH_B);
                assert_eq!((code, kv.origins()), (0, new.clone()), "{when} {call}: {said}");
            }
            let (code, said) = kv.run("rollback previews --yes");
            let nothing_was_published = said.contains("no keys of `origin/previews/` have been published");
            assert_eq!(kv.origins(), old, "{when} {call}: {code} {said}");
            assert!(code == 0 || nothing_was_published, "{when} {call}: {said}");
        }
    }
}
