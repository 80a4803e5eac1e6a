//! `corsgate list …` with a wrangler that keeps its keys in a folder, and fails at any of its calls. What the verbs do with
//! real KV is in `tests/list-verbs.test.mjs` of the project.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::Command;

use snapbox::cmd::cargo_bin;

/// Keys are files, with `+` for `/`; beside each are its metadata. The call whose number is in `fails` fails.
const WRANGLER: &str = r#"#!/bin/sh
echo "$3" >> calls
fail() { echo 'X [ERROR] the network is gone' >&2; exit 1; }
read -r when at < fails
[ "$when $at" = "before $(wc -l < calls)" ] && fail
key=$(echo "$4" | tr / +)
case "$3" in
list) printf '['; s=; for f in kv/*; do [ -e "$f" ] || continue; b=${f#kv/}
  printf '%s{"name":"%s","metadata":%s}' "$s" "$(echo "$b" | tr + /)" "$(cat "meta/$b")"; s=,; done; printf ']';;
get) cat "kv/$key";;
put) for a; do case "$a" in --path=*) cp "${a#--path=}" "kv/$key";; --metadata=*) echo "${a#--metadata=}" > "meta/$key";;
  --ttl=*) echo "${a#--ttl=}" > ttl;; esac; done;;
delete) rm "kv/$key";;
esac
[ "$when $at" = "after $(wc -l < calls)" ] && fail
exit 0
"#;

const POLICY: &str = r#"version = 1
[upstreams]
api = "https://origin.example.net"
[allowlists]
inline = ["https://app.example.com"]
partners = { kv = "partners" }
shops = { kv = "resellers" }
previews = { kv_keys = "previews", dangerously_share_keys = true }
tenants = { kv_keys = "tenants", scope = "host" }
[[routes]]
name = "api"
hosts = ["api.example.com"]
path = "/*"
upstream = "api"
[routes.cors]
origins = ["@inline", "@partners", "@shops", "@previews", "@tenants"]
credentials = true
"#;

struct Kv(PathBuf);

impl Kv {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("list-{name}"));
        let _fresh = fs::remove_dir_all(&folder);
        for part in ["kv", "meta"] {
            fs::create_dir_all(folder.join(part)).expect("a folder");
        }
        let kv = Self(folder);
        kv.write("wrangler", WRANGLER);
        let program = fs::Permissions::from_mode(0o755);
        fs::set_permissions(kv.0.join("wrangler"), program).expect("a program");
        kv.write("policy.toml", POLICY);
        kv.fail("never", 0);
        kv
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), text).expect("a file can be written");
    }

    fn fail(&self, when: &str, call: usize) {
        self.write("calls", "");
        self.write("fails", format!("{when} {call}\n"));
    }

    fn calls(&self) -> usize {
        fs::read_to_string(self.0.join("calls")).expect("calls").lines().count()
    }

    /// The code, and what was said on both outputs.
    fn run(&self, line: &str) -> (i32, String) {
        let output = Command::new(cargo_bin!("corsgate"))
            .env("NO_COLOR", "1")
            .current_dir(&self.0)
            .arg("list")
            .args(line.split(' ').map(|word| word.replace('~', " ")))
            .args(["--wrangler=./wrangler", "--policy=policy.toml"])
            .output()
            .expect("the tool");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("text");
        assert!(!said.contains("panicked"), "{said}");
        (output.status.code().expect("a code"), said)
    }

    fn ends(&self, line: &str, code: i32, sentence: &str) {
        let (ended, said) = self.run(line);
        assert!(
            ended == code && said.contains(sentence),
            "{line}: {ended}, not {code} with `{sentence}`\n{said}"
        );
    }

    fn value(&self, key: &str) -> Option<String> {
        fs::read_to_string(self.0.join("kv").join(key.replace('/', "+"))).ok()
    }

    fn keys(&self) -> usize {
        fs::read_dir(self.0.join("kv")).expect("a folder").count()
    }
}

const LIVE: &str = "allowlist/partners";
const ONE: &str = "https://one.example\n";
const TWO: &str = "https://one.example\nhttps://two.example\n";

#[test]
fn wrong_usage_is_told_and_changes_nothing() {
    let kv = Kv::new("usage");
    kv.write("one.txt", ONE);
    for (line, sentence) in [
        ("publish partners one.txt --yes", "--message <TEXT>"),
        ("publish partners one.txt --yes --message=~", "the message is empty: write why the list changes"),
        ("publish partners one.txt --message=m", "there is no terminal to ask for confirmation"),
        ("publish partners one.txt --message=m --yes --base=newest", "`--base newest` is not an id"),
        ("publish allowlist/partners one.txt --message=m --yes", "; write `partners`"),
        ("publish Partners one.txt --message=m --yes", "`Partners` is not the name of a list"),
        (
            "publish parners one.txt --message=m --yes",
            "with the name `parners`; it has `partners`, `previews`",
        ),
        (
            "publish shops one.txt --message=m --yes",
            "the allowlist `shops` of the policy has the name `resellers`",
        ),
        ("publish inline one.txt --message=m --yes", "the allowlist `inline` is not in KV"),
        ("publish previews one.txt --message=m --yes", "has a key for each origin, and no text"),
        ("rollback previews --yes", "has a key for each origin, and no text"),
        ("rollback partners --yes --to=latest", "an id has 16 digits"),
        ("diff partners - -", "standard input can be read only once"),
        ("check one.txt", "with a policy, a list needs a name: write `NAME=one.txt`"),
        ("add partners https://shop.example/", "write `https://shop.example`"),
        ("add partners HTTPS://Shop.Example:443", "write `https://shop.example`"),
        ("add partners shop.example", "write `https://shop.example`"),
        ("add partners https://*.example.com", "an origin has no wildcard here"),
        ("add partners null", "`null` cannot be added"),
        ("add partners *", "`*` cannot be added"),
        ("add partners http://shop.example", "would be ignored"),
        ("add partners https://shop.example --host=api.example.com", "`partners` is one text"),
        ("add partners https://shop.example --note=a\nb", "`--note` is one line of text"),
        (
            "add partners https://shop.example --expires=1999-12-31",
            "the day 1999-12-31 has passed: today is ",
        ),
        ("add previews https://shop.example --expires=0h", "that is over at once"),
        ("add previews https://shop.example --expires=2027-02-30", "write a time such as `7d`"),
        ("add previews https://shop.example --expires=9999w", "longer than ten years"),
        ("add tenants https://shop.example", "`scope = \"host\"`"),
        ("add tenants https://shop.example --host=API.example.com", "is not a host"),
        ("add tenants https://shop.example --host=api.example.com:8443", "is not a host"),
        ("add tenants https://shop.example --host=a/b", "is not a host"),
        ("add tenants https://shop.example --host=www.example.com", "no route of the policy"),
        ("remove partners shop.example", "write `https://shop.example`"),
    ] {
        kv.ends(line, 2, sentence);
    }
    assert_eq!(kv.keys(), 0);
}

#[test]
fn what_is_no_list_is_named_and_never_published() {
    let kv = Kv::new("no-list");
    let too_long = vec![b'#'; 26 * 1024 * 1024];
    for (name, bytes, code, sentence) in [
        ("binary", &b"https://a.example\n\0\n"[..], 1, "the file is binary, not the text of a list"),
        ("latin", b"https://b\xfccher.example\n", 1, "the file is not UTF-8 text"),
        ("html", b"\n<!DOCTYPE html><html></html>", 1, "it is HTML or XML, not a list"),
        ("toml", POLICY.as_bytes(), 1, "it is a policy, not a list"),
        ("compiled", b"{\"version\":1,\"upstreams\":{}}", 1, "it is a compiled policy, not a list"),
        ("json", b"[\"https://a.example\"]", 1, "it is JSON, not a list"),
        ("long", &too_long, 1, "the file is longer than 16 MiB"),
        ("origins", b"https://a.example, https://b.example\n", 11, "is not published: 1 error"),
        ("day", b"https://a.example expires=soon\n", 11, "is not published: 1 error"),
    ] {
        kv.write(name, bytes);
        kv.ends(&format!("publish partners {name} --yes --message=m"), code, sentence);
        let (ended, _) = kv.run(&format!("check partners={name}"));
        assert_eq!(ended, code, "{name}");
    }
    kv.ends("publish partners missing.txt --yes --message=m", 1, "cannot read `missing.txt`");
    assert_eq!((kv.keys(), kv.calls()), (0, 0));
}

/// Failed at any call, before or after it was done: the live list is one of both, and the same command completes it.
#[test]
fn a_failure_at_any_call_loses_nothing_and_the_same_command_goes_on() {
    let publish = "publish partners two.txt --yes --message=two";
    for when in ["before", "after"] {
        for call in 1.. {
            let kv = Kv::new(&format!("fails-{when}"));
            kv.write("kv/allowlist+partners", ONE);
            kv.write("meta/allowlist+partners", "null");
            kv.write("two.txt", TWO);
            kv.fail(when, call);
            let (code, said) = kv.run(publish);
            let live = kv.value(LIVE).expect("a list");
            if kv.calls() < call {
                assert_eq!((code, live.as_str()), (0, TWO), "{said}");
                assert!(call > 5, "{call}");
                break;
            }
            assert_eq!(code, 1, "{when} {call}: {said}");
            assert!(live == ONE || live == TWO, "{live}");
            kv.fail("never", 0);
            let (code, said) = kv.run(publish);
            assert_eq!((code, kv.value(LIVE).as_deref()), (0, Some(TWO)), "{when} {call}: {said}");
            // Both versions are kept, and the one before comes back in one step.
            assert_eq!(kv.keys(), 3, "{when} {call}");
            let (code, said) = kv.run("rollback partners --yes");
            assert_eq!((code, kv.value(LIVE).as_deref()), (0, Some(ONE)), "{when} {call}: {said}");
        }
    }
}

#[test]
fn an_origin_is_added_and_removed_by_its_line_or_its_key() {
    let kv = Kv::new("edits");
    kv.ends("remove partners https://shop.example", 0, "there is nothing to write");
    kv.ends("add partners https://shop.example --dry-run", 0, "would write `allowlist/partners`");
    assert_eq!(kv.keys(), 0);
    kv.ends("add partners https://shop.example --expires=2999-12-31 --note=contract~1", 0, "widens  ");
    assert_eq!(kv.value(LIVE).as_deref(), Some("https://shop.example expires=2999-12-31  # contract 1\n"));
    kv.ends("add partners https://shop.example --expires=2999-12-31", 0, "there is nothing to write");
    kv.ends("add partners https://shop.example", 0, "is allowed without end instead of until 2999-12-31");
    kv.ends("remove partners https://shop.example", 0, "narrows");
    assert_eq!(kv.value(LIVE).as_deref(), Some(""));

    let key = "origin/previews/https://pr-7.app.pages.dev";
    kv.ends("add previews https://pr-7.app.pages.dev --dry-run", 0, "would write `origin/previews/");
    assert_eq!(kv.value(key), None);
    kv.ends("add previews https://pr-7.app.pages.dev --expires=7d", 0, "KV forgets it in 7 days");
    assert!(kv.value(key).is_some_and(|value| value.starts_with("{\"expires\":\"")));
    assert_eq!(fs::read_to_string(kv.0.join("ttl")).expect("a time"), "604800\n");
    kv.ends("add previews https://pr-7.app.pages.dev", 0, "is allowed without end instead of until");
    assert_eq!(kv.value(key).as_deref(), Some("{}"));
    kv.ends("remove previews https://pr-7.app.pages.dev", 0, "deleted `origin/previews/");
    assert_eq!(kv.value(key), None);
    kv.ends("remove previews https://pr-7.app.pages.dev", 0, "there is nothing to delete");
    kv.ends("add tenants https://shop.example --host=api.example.com", 0, "route `api`");
    assert!(kv.value("origin/tenants/api.example.com/https://shop.example").is_some());
}

#[test]
fn a_live_list_that_is_not_text_is_compared_and_replaced_but_not_edited() {
    let kv = Kv::new("binary");
    kv.write("kv/allowlist+partners", b"https://one.example\n\xff\n");
    kv.write("meta/allowlist+partners", "[1]");
    kv.write("two.txt", TWO);
    kv.ends("add partners https://two.example", 1, "is not UTF-8 text");
    kv.ends("diff partners two.txt", 10, "`https://two.example` is allowed");
    kv.ends("rollback partners --yes", 1, "was not written by corsgate");
    kv.ends("publish partners two.txt --yes --message=m --deny=widens", 11, "`--deny widens` denies");
    kv.ends("publish partners two.txt --yes --message=m --base=none", 13, "is live, not `none`");
    kv.ends("publish partners two.txt --yes --message=m", 0, "the list that is live now");
    assert_eq!(kv.value(LIVE).as_deref(), Some(TWO));
}
