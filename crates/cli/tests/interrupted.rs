//! What `publish` and `rollback` leave in KV when wrangler fails. This wrangler stores its keys in a directory, and
//! fails at any given call, before or after doing it.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use snapbox::cmd::{Command, OutputAssert, cargo_bin};

use crate::support::program;

/// Each key is a file with the value, and a file with the metadata beside it.
const WRANGLER: &str = r#"#!/bin/sh
kv="$0.kv"
read -r call < "$0.calls"
call=$((call + 1))
echo "$call" > "$0.calls"
fail() {
    echo 'X [ERROR] the network is gone' >&2
    exit 1
}
read -r when at < "$0.fails"
[ "$when $at" = "before $call" ] && fail
case "$4" in
policy/version/*) key="policy_version_${4##*/}" ;;
*) key="policy_${4##*/}" ;;
esac
case "$3" in
list)
    separator='['
    for value in "$kv"/*.value; do
        [ -e "$value" ] || continue
        name="${value##*/policy_}"
        name="${name%.value}"
        case "$name" in version_*) name="version/${name#version_}" ;; esac
        read -r metadata < "${value%.value}.metadata"
        printf '%s{"name":"policy/%s","metadata":%s}' "$separator" "$name" "$metadata"
        separator=','
    done
    [ "$separator" = '[' ] && printf '['
    printf ']'
    ;;
get) cat "$kv/$key.value" 2> /dev/null || printf 'Value not found' ;;
put)
    for argument; do
        case "$argument" in
        --path=*) cp "${argument#--path=}" "$kv/$key.value" ;;
        --metadata=*) printf "%s\n" "${argument#--metadata=}" > "$kv/$key.metadata" ;;
        esac
    done
    ;;
esac
[ "$when $at" = "after $call" ] && fail
exit 0
"#;

/// A namespace, and three policies to publish in it.
struct Kv(PathBuf);

const POLICIES: [&str; 3] = ["a", "b", "c"];

impl Kv {
    fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("interrupted-{name}"));
        let _fresh = fs::remove_dir_all(&folder);
        let kv = Self(folder);
        fs::create_dir_all(kv.0.join("wrangler.kv")).expect("a folder can be made");
        for name in POLICIES {
            let policy = format!(
                "version = 1\n[upstreams]\napi = \"https://{name}.example.net\"\n[[routes]]\nname = \"{name}\"\npath = \"/*\"\nupstream = \"api\"\n"
            );
            kv.write(&format!("{name}.toml"), &policy);
        }
        program::write(&kv.0.join("wrangler"), WRANGLER);
        kv.fail("never", 0);
        kv
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.0.join(name), text).expect("a file can be written");
    }

    /// Makes wrangler fail at a call, counted from now.
    fn fail(&self, when: &str, call: usize) {
        self.write("wrangler.calls", "0");
        self.write("wrangler.fails", &format!("{when} {call}\n"));
    }

    fn calls(&self) -> usize {
        let calls = fs::read_to_string(self.0.join("wrangler.calls")).expect("a count");
        calls.trim().parse().expect("a count")
    }

    fn run(&self, command: &str) -> OutputAssert {
        let yes: &[&str] = if command.contains("--dry-run") { &[] } else { &["--yes"] };
        let fixed = ["--wrangler=./wrangler"];
        let message: &[&str] = if command.starts_with("publish") { &["--message=m"] } else { &[] };
        Command::new(cargo_bin!("corsgate"))
            .env("NO_COLOR", "1")
            .current_dir(&self.0)
            .args(command.split(' ').chain(fixed).chain(yes.iter().chain(message).copied()))
            .assert()
    }

    /// The live and the previous policy; `?` for a value that is none of the three.
    fn holds(&self) -> String {
        let of = |key: &str| {
            let value = fs::read_to_string(self.value(key)).unwrap_or_default();
            POLICIES.into_iter().find(|name| value.contains(&format!("\"name\":\"{name}\""))).unwrap_or("?")
        };
        format!("{} {}", of("policy_current"), of("policy_previous"))
    }

    fn value(&self, key: &str) -> PathBuf {
        self.0.join("wrangler.kv").join(format!("{key}.value"))
    }

    fn id(&self, name: &str) -> String {
        let output = Command::new(cargo_bin!("corsgate"))
            .current_dir(&self.0)
            .args(["compile", &format!("{name}.toml")])
            .output()
            .expect("it runs");
        let compiled = String::from_utf8(output.stdout).expect("JSON");
        let (_, id) = compiled.split_once("\"id\":\"").expect("an id");
        id.get(..16).expect("16 digits").to_owned()
    }
}

fn stderr(output: &OutputAssert) -> String {
    String::from_utf8_lossy(&output.get_output().stderr).into_owned()
}

/// The initial state: `b` is live, and `a` is previous.
fn begun(name: &str) -> Kv {
    static KEYS: LazyLock<Kv> = LazyLock::new(|| published("begun"));
    let kv = Kv::new(name);
    for file in fs::read_dir(KEYS.0.join("wrangler.kv")).expect("a folder") {
        let file = file.expect("a file");
        fs::copy(file.path(), kv.0.join("wrangler.kv").join(file.file_name())).expect("a copy");
    }
    kv
}

fn published(name: &str) -> Kv {
    let kv = Kv::new(name);
    for policy in ["a", "b"] {
        kv.run(&format!("publish {policy}.toml")).code(0);
    }
    assert_eq!(kv.holds(), "b a");
    kv
}

#[test]
fn a_failure_at_any_call_loses_nothing_and_a_second_run_finishes() {
    let ids = Kv::new("ids");
    let kept = ["a", "b"].map(|name| ids.id(name));
    let back = format!("rollback --to {}", ids.id("a"));
    for (name, command, after) in [
        ("publish", "publish c.toml", "c b"),
        ("known", "publish a.toml", "a b"),
        ("revoke", "publish c.toml --revoke", "c c"),
        ("again", "publish b.toml --revoke", "b b"),
        ("rollback", back.as_str(), "a b"),
    ] {
        let kv = begun(&format!("{name}-count"));
        kv.fail("never", 0);
        kv.run(command).code(0);
        assert_eq!(kv.holds(), after, "{command}");
        let calls = kv.calls();
        assert!(calls >= 3, "{command}: {calls}");
        for call in 1..=calls {
            for when in ["before", "after"] {
                let case = format!("{command}, failed {when} call {call} of {calls}");
                let kv = begun(&format!("{name}-{when}-{call}"));
                kv.fail(when, call);
                let failed = kv.run(command).code(1);
                assert!(stderr(&failed).contains("the network is gone"), "{case}: {}", stderr(&failed));
                assert!(!kv.holds().contains('?'), "{case}: {}", kv.holds());
                for kept in &kept {
                    assert!(kv.value(&format!("policy_version_{kept}")).exists(), "{case}");
                }
                kv.fail("never", 0);
                kv.run(command).code(0);
                assert_eq!(kv.holds(), after, "{case}");
            }
        }
    }
}

#[test]
fn a_revoked_policy_does_not_come_back() {
    let kv = begun("revoked");
    kv.run("publish b.toml --revoke").code(0);
    assert_eq!(kv.holds(), "b b");
    // As a CI job that publishes with every push.
    kv.run("publish b.toml").code(0);
    assert_eq!(kv.holds(), "b b");
    let refused = kv.run("rollback").code(1);
    assert!(stderr(&refused).contains("which is already live: name another version"), "{}", stderr(&refused));
    assert_eq!(kv.holds(), "b b");
}

#[test]
fn a_revocation_after_an_interrupted_run_completes() {
    let kv = begun("revoked-half");
    kv.fail("never", 0);
    kv.run("publish c.toml --dry-run").code(0);
    // The last write is `policy/current`: by then `policy/previous` has the live policy too.
    let reads = kv.calls();
    kv.fail("before", reads + 4);
    kv.run("publish c.toml").code(1);
    assert_eq!(kv.holds(), "b b");
    kv.fail("never", 0);
    kv.run("publish b.toml --revoke").code(0);
    kv.run("publish b.toml").code(0);
    assert_eq!(kv.holds(), "b b");
}

#[test]
fn a_version_whose_content_is_another_policy_is_not_put_in_force() {
    let kv = begun("swapped");
    let key = |name: &str| format!("policy_version_{}", kv.id(name));
    fs::copy(kv.value("policy_current"), kv.value(&key("a"))).expect("a copy");
    let a = kv.id("a");
    for command in [format!("rollback --to {a}"), "publish a.toml".to_owned()] {
        let refused = kv.run(&command).code(1);
        assert!(stderr(&refused).contains("something else wrote to it"), "{command}: {}", stderr(&refused));
        assert_eq!(kv.holds(), "b a");
    }
    let compared = Command::new(cargo_bin!("corsgate"))
        .current_dir(&kv.0)
        .args(["diff", &format!("kv:{a}"), "kv:", "--wrangler", "./wrangler"])
        .assert()
        .code(1);
    assert!(stderr(&compared).contains("something else wrote to it"), "{}", stderr(&compared));
}

#[test]
fn an_interrupted_rollback_says_how_to_finish_it() {
    let kv = begun("half");
    kv.run("rollback").code(0);
    assert_eq!(kv.holds(), "a b");
    let calls = {
        kv.fail("never", 0);
        kv.run("rollback").code(0);
        kv.calls()
    };
    assert_eq!(kv.holds(), "b a");
    // The last write succeeded, but nobody learned of it: the same command would undo it.
    kv.fail("after", calls);
    let failed = kv.run("rollback").code(1);
    assert_eq!(kv.holds(), "a b");
    let finishing = format!("rollback --to {}", kv.id("a"));
    assert!(
        stderr(&failed).contains(&format!("`corsgate {finishing}` continues from here")),
        "{}",
        stderr(&failed)
    );
    kv.fail("never", 0);
    kv.run(&finishing).code(0);
    assert_eq!(kv.holds(), "a b");
}
