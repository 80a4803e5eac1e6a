//! Lists that are stored as sets: long ones, and those for which somebody asks.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use snapbox::cmd::cargo_bin;

use super::support::kv::Kv;

const LIVE: &str = "kv/allowlist+partners";

/// A text list of so many origins.
fn many(count: usize) -> String {
    let mut text = String::from("# partners\n");
    for at in 0..count {
        writeln!(text, "https://tenant-{at}.example.com").expect("a string");
    }
    text
}

fn is_set(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xfforigin\xff")
}

impl Kv {
    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).expect("a file")
    }

    /// Runs `list build`, which knows nothing of KV.
    fn builds(&self, line: &str, code: i32, sentence: &str) {
        let mut command = Command::new(cargo_bin!("corsgate"));
        let output =
            command.env("NO_COLOR", "1").current_dir(&self.0).args(["list", "build"]).args(line.split(' '));
        let output = output.output().expect("the tool");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && said.contains(sentence), "{line}: {said}");
    }
}

#[test]
fn a_list_is_stored_in_the_form_that_fits_unless_somebody_names_one() {
    for (count, form, set) in
        [(2000, "", false), (2001, "", true), (3, " --form=set", true), (2001, " --form=text", false)]
    {
        let kv = Kv::new("form");
        kv.write("list.txt", many(count));
        kv.ends(&format!("publish partners list.txt --yes --message=m{form}"), 0, "is in force");
        let stored = kv.bytes(LIVE);
        assert_eq!(is_set(&stored), set, "{count}{form}");
        if !set {
            assert_eq!(stored, many(count).as_bytes(), "a text is stored as it is");
        }
        kv.ends(
            &format!("publish partners list.txt --yes --message=m{form}"),
            0,
            "there is nothing to write",
        );
        kv.ends("diff partners list.txt", 0, "");
    }
}

#[test]
fn a_published_set_is_compared_shown_edited_and_rolled_back() {
    let kv = Kv::new("set");
    kv.write("one.txt", "https://one.example\nhttps://ends.example expires=2999-12-31  # contract\n");
    kv.write("two.txt", "https://one.example\nhttps://two.example\n");
    kv.ends(
        "publish partners one.txt --yes --message=one --form=set",
        0,
        "without the comments of the file: 2 origins",
    );
    let one = kv.bytes(LIVE);
    kv.ends("diff partners one.txt", 0, "");
    kv.ends("diff partners two.txt", 10, "`https://two.example` is allowed");
    kv.ends("show partners", 0, "https://ends.example expires=2999-12-31\n");
    kv.ends("add partners https://three.example --yes", 0, "`https://three.example` is allowed");
    assert!(is_set(&kv.bytes(LIVE)), "a set stays a set");
    kv.ends("show partners", 0, "https://three.example\n");
    kv.ends("add partners https://four.example --yes --note=contract~4", 0, "a set, which has no comments");
    let (_, said) = kv.run_without_policy("history partners");
    assert!(said.contains("live  contract 4"), "{said}");
    kv.ends("remove partners https://four.example --yes", 0, "is in force");
    kv.ends("remove partners https://one.example --yes", 0, "`https://one.example` is no longer");
    kv.ends("remove partners https://one.example --yes", 0, "there is nothing to write");
    kv.ends("rollback partners --yes", 0, "is in force");
    kv.ends("show partners", 0, "https://one.example\n");
    kv.ends("remove partners https://three.example --yes", 0, "is in force");
    assert_eq!(kv.bytes(LIVE), one, "the same origins are the same bytes");
    kv.ends("publish partners two.txt --yes --message=two", 0, "is in force");
    assert_eq!(kv.bytes(LIVE), kv.bytes("two.txt"), "a set gives way to a text");
    let (code, said) = kv.run_without_policy("history partners");
    assert!(code == 0 && said.contains("live  two"), "{said}");
}

#[test]
fn a_set_is_built_from_a_text_and_read_wherever_a_list_is() {
    let kv = Kv::new("build");
    kv.write("list.txt", many(100));
    kv.builds("list.txt --out=list.set", 0, "wrote `list.set`: 100 origins in ");
    let set = kv.bytes("list.set");
    assert!(is_set(&set) && set.len() < many(100).len());
    kv.ends("check partners=list.set", 0, "100 origins");
    kv.builds("list.set --out=again.set", 0, "100 origins");
    assert_eq!(kv.bytes("again.set"), set);
    kv.ends("diff partners list.txt list.set", 0, "");
    kv.write("kv/allowlist+partners", &set);
    kv.write("meta/allowlist+partners", "null");
    kv.ends("diff partners list.txt", 0, "");

    kv.write("wild.txt", "https://*.example.com\n");
    kv.builds("wild.txt --out=wild.set", 11, "is not written as a set: 1 error");
    assert!(!kv.0.join("wild.set").exists());
    kv.builds("wild.txt --out=wild.set --wildcards", 0, "1 origin");
    kv.builds("list.txt --out=none/list.set", 1, "cannot write `none/list.set`");
    kv.builds("list.txt", 2, "--out");
    // Not the file that is read, whatever it is called.
    std::os::unix::fs::symlink("list.txt", kv.0.join("link.txt")).expect("a link");
    for line in
        ["list.txt -o list.txt", "list.txt -o ./list.txt", "link.txt -o list.txt", "list.txt -o link.txt"]
    {
        kv.builds(line, 2, "which this reads: name another file to write");
    }
    assert_eq!(kv.bytes("list.txt"), many(100).as_bytes());
    // Not a file of that name.
    kv.builds("list.txt -o -", 1, "cannot write `-`, which is unchanged: this option takes a file");
    assert!(!kv.0.join("-").exists());
}

#[test]
fn a_damaged_set_is_named_and_can_only_be_replaced() {
    let kv = Kv::new("damaged");
    kv.write("list.txt", many(100));
    kv.builds("list.txt --out=list.set", 0, "wrote");
    let mut set = kv.bytes("list.set");
    if let Some(last) = set.last_mut() {
        *last ^= 1;
    }
    kv.write("damaged.set", &set);
    kv.write("kv/allowlist+partners", &set);
    kv.write("meta/allowlist+partners", "null");
    let damaged = "the list is a set whose bytes are damaged";
    kv.ends("check partners=damaged.set", 1, damaged);
    kv.ends("publish partners damaged.set --yes --message=m", 1, damaged);
    kv.ends("show partners", 1, damaged);
    kv.ends("add partners https://a.example", 1, "is a set that cannot be read");
    kv.ends("remove partners https://a.example", 1, "is a set that cannot be read");
    kv.ends("diff partners list.txt", 10, "no gateway can read it");
    // Both count as empty there, and still nothing says that they mean the same.
    kv.write("empty.txt", "");
    kv.ends(
        "diff partners empty.txt",
        10,
        "`allowlist/partners` cannot be read, so nothing says what changes",
    );
    kv.ends("publish partners list.txt --yes --message=m", 0, "is in force");
    kv.ends("diff partners list.txt", 0, "");

    // The damaged bytes were kept as a version, and stay that.
    let repaired = kv.bytes(LIVE);
    let version = format!("rollback partners --yes --to={}", corsgate_authoring::id_of(&set));
    for line in ["rollback partners --yes", &version, "rollback partners --dry-run"] {
        kv.ends(line, 1, damaged);
        assert_eq!(kv.bytes(LIVE), repaired, "{line}");
    }
}

#[test]
fn a_value_that_kv_does_not_take_is_refused_before_anything_is_written() {
    let kv = Kv::new("too-long");
    let mut text = b"https://a.example\n#".to_vec();
    text.resize(26 * 1024 * 1024, b'x');
    kv.write("long.txt", &text);
    kv.ends("publish partners long.txt --yes --message=m", 1, "use a list with `kv_keys`");
    assert_eq!((kv.keys(), kv.calls()), (0, 0));
    // As a set, it is one origin.
    kv.ends("publish partners long.txt --yes --message=m --form=set", 0, "is in force");
}
