//! Filters of lists with a key for each origin: what gateways answer strangers from.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::fs;
use std::process::Command;

use corsgate_policy::origin::filter::KeyFilter;
use snapbox::cmd::cargo_bin;

use super::support::kv::Kv;

const A: &str = "https://a.example\nhttps://b.example\n";
const B: &str = "https://b.example\nhttps://c.example expires=2999-12-31\n";
const ONE_OF_MANY: &str = "origin/previews/https://nobody-";

fn with(name: &str) -> Kv {
    let kv = Kv::new(&format!("filter-{name}"));
    kv.write("a.txt", A);
    kv.write("b.txt", B);
    kv
}

impl Kv {
    /// The filter of a list, if it has one.
    fn filter(&self, list: &str) -> Option<KeyFilter> {
        let bytes = fs::read(self.0.join(format!("kv/origin-filter+{list}"))).ok()?;
        Some(KeyFilter::read(list, bytes).expect("a filter"))
    }

    /// Whether every key of a list is one that its filter knows. Nothing else would ever be read.
    fn knows_all(&self, list: &str) -> bool {
        let filter = self.filter(list).expect("a filter");
        let names = fs::read_dir(self.0.join("kv")).expect("a folder");
        let names = names.map(|file| file.expect("a file").file_name().to_string_lossy().replace('+', "/"));
        let mut keys = names.filter(|name| name.starts_with(&format!("origin/{list}/")));
        keys.all(|key| filter.may_have(&key))
    }

    /// Runs `list filter`, which knows nothing of KV.
    fn builds_filter(&self, line: &str, code: i32, sentence: &str) {
        let mut command = Command::new(cargo_bin!("corsgate"));
        let output =
            command.env("NO_COLOR", "1").current_dir(&self.0).args(["list", "filter"]).args(line.split(' '));
        let output = output.output().expect("the tool");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(code) && said.contains(sentence), "{line}: {said}");
    }
}

/// How many of a thousand strangers a filter does not rule out.
fn strangers(filter: &KeyFilter) -> usize {
    (0..1000).filter(|at| filter.may_have(&format!("{ONE_OF_MANY}{at}.example"))).count()
}

#[test]
fn a_list_has_a_filter_when_somebody_asks_and_keeps_it_in_step() {
    let kv = with("publish");
    kv.ends("publish previews a.txt --yes --message=one", 0, "is in force");
    assert!(kv.filter("previews").is_none(), "nobody asked");
    kv.ends(
        "publish previews a.txt --dry-run --message=one --filter",
        0,
        "would write 0 keys and delete 0 of `origin/previews/` behind `origin-filter/previews`",
    );
    kv.ends("publish previews a.txt --yes --message=one --filter", 0, "wrote `origin-filter/previews`");
    assert!(kv.knows_all("previews") && strangers(&kv.filter("previews").expect("a filter")) < 30);
    kv.ends("publish previews a.txt --yes --message=one --filter", 0, "there is nothing to write");
    kv.ends("publish previews a.txt --yes --message=one", 0, "there is nothing to write");

    kv.ends("publish previews b.txt --yes --message=two", 0, "wrote `origin-filter/previews`");
    assert!(kv.knows_all("previews"));
    kv.ends("rollback previews --yes", 0, "wrote `origin-filter/previews`");
    assert!(kv.knows_all("previews"));
    kv.ends("remove previews https://a.example --yes", 0, "deleted");
    assert!(kv.knows_all("previews"));
}

#[test]
fn an_added_origin_is_in_the_filter_before_its_key_is_there() {
    let kv = with("add");
    kv.ends("add previews https://early.example --yes", 0, "wrote `origin/previews/https://early.example`");
    assert!(kv.filter("previews").is_none(), "a list without a filter stays one");
    kv.ends("publish previews a.txt --yes --message=one --filter", 0, "is in force");
    // Whichever call fails, no key is there that the filter does not know.
    for call in 1.. {
        kv.fail("after", call);
        let (code, said) = kv.run(&format!("add previews https://later-{call}.example --yes"));
        assert!(kv.knows_all("previews"), "call {call}: {said}");
        if code == 0 {
            assert!(said.contains("wrote `origin-filter/previews`, which now knows"), "{said}");
            break;
        }
    }
    kv.fail("never", 0);
    kv.ends("add previews https://later-1.example --yes", 0, "in the list");
    kv.ends("publish previews b.txt --yes --message=two", 0, "is in force");
    assert!(kv.knows_all("previews"));
}

#[test]
fn a_filter_that_takes_no_more_origins_is_written_anew_by_a_publication() {
    use corsgate_policy::origin::filter::{MOST_LATER, with_later_keys};
    let kv = with("full");
    kv.ends("publish previews a.txt --yes --message=one --filter", 0, "is in force");
    let path = kv.0.join("kv/origin-filter+previews");
    let many: Vec<_> = (0..MOST_LATER as u64).collect();
    let full = with_later_keys("previews", fs::read(&path).expect("a filter"), &many).expect("a filter");
    fs::write(&path, full).expect("a file");
    kv.ends("add previews https://one-more.example --yes", 1, "takes no more keys that are added one by one");
    assert_eq!(kv.value("origin/previews/https://one-more.example"), None);
    kv.ends("publish previews b.txt --yes --message=two", 0, "is in force");
    kv.ends("add previews https://one-more.example --yes", 0, "which now knows");
}

#[test]
fn a_filter_that_cannot_be_read_stops_no_key_and_is_replaced() {
    let kv = with("damaged");
    kv.ends("publish previews a.txt --yes --message=one --filter", 0, "is in force");
    kv.write("kv/origin-filter+previews", "a text");
    kv.ends("add previews https://c.example --yes", 0, "`origin-filter/previews` cannot be read");
    assert!(kv.value("origin/previews/https://c.example").is_some());
    kv.ends("remove previews https://c.example --yes", 0, "deleted");
    kv.ends("publish previews a.txt --yes --message=one", 0, "wrote `origin-filter/previews`");
    assert!(kv.knows_all("previews"));
}

/// Until an interrupted publication is continued, the filter knows what is live.
#[test]
fn the_filter_knows_every_live_key_wherever_a_publication_fails() {
    let kv = with("fails");
    kv.ends("publish previews a.txt --yes --message=one --filter", 0, "is in force");
    let files = ["kv", "meta"].map(|folder| {
        let entries = fs::read_dir(kv.0.join(folder)).expect("a folder");
        let paths: Vec<_> = entries.map(|file| file.expect("a file").path()).collect();
        paths.into_iter().map(|path| (path.clone(), fs::read(path).expect("a file"))).collect::<Vec<_>>()
    });
    for when in ["after", "amid"] {
        for call in 1.. {
            for folder in ["kv", "meta"] {
                fs::remove_dir_all(kv.0.join(folder)).expect("a folder");
                fs::create_dir(kv.0.join(folder)).expect("a folder");
            }
            for (path, bytes) in files.iter().flatten() {
                fs::write(path, bytes).expect("a file");
            }
            kv.fail(when, call);
            let (code, said) = kv.run("publish previews b.txt --yes --message=two");
            assert!(kv.knows_all("previews"), "{when} {call}: {said}");
            if code == 0 && call > kv.calls() {
                break;
            }
        }
    }
}

#[test]
fn one_filter_knows_the_keys_of_all_hosts() {
    let kv = with("hosts");
    kv.write("kv/origin+tenants+other.example.com+https:++old.example", "");
    kv.write("meta/origin+tenants+other.example.com+https:++old.example", "null");
    kv.ends("publish tenants a.txt --host=api.example.com --yes --message=m --filter", 0, "is in force");
    assert!(kv.knows_all("tenants"));
    kv.ends("add tenants https://new.example --host=api.example.com --yes", 0, "which now knows");
    assert!(kv.knows_all("tenants"));
    let filter = kv.filter("tenants").expect("a filter");
    assert!(!filter.may_have("origin/tenants/https://a.example"), "the key of no host");
}

#[test]
fn a_list_that_is_one_value_has_no_filter() {
    let kv = with("text");
    kv.ends("publish partners a.txt --yes --message=m --filter", 2, "is one text");
    assert_eq!(kv.keys(), 0);
}

#[test]
fn a_filter_is_built_from_a_file_of_any_keys() {
    let kv = with("built");
    kv.write(
        "keys.txt",
        "\u{feff}# tenants\r\nhttps://a.example  # one\r\n\napi.example.com/https://b.example expires=2020-01-31\napp://.\n",
    );
    kv.builds_filter("tenants keys.txt -o keys.filter", 0, "the filter of 3 keys in");
    kv.builds_filter("tenants keys.txt -o ./keys.txt", 2, "`./keys.txt` would replace `keys.txt`");
    let bytes = fs::read(kv.0.join("keys.filter")).expect("a file");
    assert!(KeyFilter::read("previews", bytes.clone()).is_none(), "it is for one list");
    let filter = KeyFilter::read("tenants", bytes).expect("a filter");
    for key in ["https://a.example", "api.example.com/https://b.example", "app://."] {
        assert!(filter.may_have(&format!("origin/tenants/{key}")), "{key}");
    }
    for (text, sentence) in [
        ("https://a.example\nhttps://*.b.example\n", "line 2 is no key of a list"),
        ("https://a.example/\n", "line 1 is no key of a list"),
        ("API.example.com/https://a.example\n", "line 1 is no key of a list"),
        ("null\n", "line 1 is no key of a list"),
    ] {
        kv.write("bad.txt", text);
        kv.builds_filter("tenants bad.txt -o bad.filter", 1, sentence);
        assert!(!kv.0.join("bad.filter").exists(), "{text}");
    }
    kv.write("bad.txt", "# nobody\n");
    kv.builds_filter("tenants bad.txt -o bad.filter", 1, "would refuse every origin");
    kv.write("bad.txt", "x".repeat(5000));
    kv.builds_filter("tenants bad.txt -o bad.filter", 1, "more than 4096 bytes");
    kv.builds_filter("Tenants keys.txt -o bad.filter", 2, "is not the name of a list");
}
