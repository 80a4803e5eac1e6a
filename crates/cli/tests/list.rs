//! `corsgate list …` with a wrangler that stores its keys in a directory and fails at any given call.
//! `tests/list-verbs.test.mjs` of the project runs the verbs on real KV.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

use snapbox::cmd::cargo_bin;
use snapbox::{Assert, Data};

use super::support::kv::{Kv, POLICY};

const LIVE: &str = "allowlist/partners";
const ONE: &str = "https://one.example\n";
const TWO: &str = "https://one.example\nhttps://two.example\n";

#[test]
fn the_help_of_each_verb() {
    for verb in
        ["", "check", "build", "filter", "diff", "show", "publish", "rollback", "history", "add", "remove"]
    {
        let name = if verb.is_empty() { "list".to_owned() } else { format!("list-{verb}") };
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/list/{name}.help.txt"));
        let help = snapbox::cmd::Command::new(cargo_bin!("corsgate"))
            .with_assert(Assert::new().action_env("SNAPSHOTS"))
            .env("NO_COLOR", "1")
            .args(["list"].into_iter().chain((!verb.is_empty()).then_some(verb)).chain(["--help"]));
        help.assert().code(0).stdout_eq(Data::read_from(&path, None).raw());
    }
}

/// What `add` and `remove` have done is that the list has the origin or not: a route can still refuse a request.
#[test]
fn one_origin_is_in_the_list_and_nothing_more_is_promised() {
    let kv = Kv::new("promise");
    for (list, origin) in [("partners", "https://shop.example"), ("previews", "https://pr-7.app.pages.dev")] {
        let (code, said) = kv.run(&format!("add {list} {origin} --yes"));
        assert_eq!(code, 0, "{said}");
        // What the routes take of it is shown before.
        assert!(!said.contains(&format!("`{origin}` is allowed in")), "{said}");
    }
    let (_, said) = kv.run("add previews https://pr-8.app.pages.dev --yes");
    assert!(said.contains("is in the list `previews`") && said.contains("Their rules decide"), "{said}");
    kv.ends("remove previews https://pr-8.app.pages.dev --yes", 0, "is no longer in the list `previews`");
}

#[test]
fn wrong_usage_is_reported_and_changes_nothing() {
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
        ("publish partners one.txt --message=m --yes --host=api.example.com", "`partners` is one text"),
        ("publish tenants one.txt --message=m --yes", "`scope = \"host\"`"),
        ("publish tenants one.txt --message=m --yes --host=www.example.com", "no route of the policy"),
        ("publish previews one.txt --message=m --yes --host=api.example.com", "leave `--host` out"),
        ("diff tenants one.txt", "`scope = \"host\"`"),
        ("rollback tenants --yes", "`scope = \"host\"`"),
        ("rollback partners --yes --to=latest", "an id has 16 digits"),
        ("diff partners - -", "only one of the files can be `-`"),
        ("publish previews one.txt --message=m --yes --form=set", "`--form` is for lists that are one value"),
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
        ("remove partners https://A.example", "`https://A.example` cannot be removed: "),
        ("remove previews null", "`null` cannot be removed: "),
        ("remove partners #", "`#` cannot be removed: "),
    ] {
        kv.ends(line, 2, sentence);
    }
    assert_eq!(kv.keys(), 0);
}

#[test]
fn an_invalid_list_is_reported_and_never_published() {
    let kv = Kv::new("no-list");
    let too_long = vec![b'#'; 65 * 1024 * 1024];
    for (name, bytes, code, sentence) in [
        ("binary", &b"https://a.example\n\0\n"[..], 1, "the file is binary, not the text of a list"),
        ("latin", b"https://b\xfccher.example\n", 1, "the file is not UTF-8 text"),
        ("html", b"\n<!DOCTYPE html><html></html>", 1, "it is HTML or XML, not a list"),
        ("toml", POLICY.as_bytes(), 1, "it is a policy, not a list"),
        ("compiled", b"{\"version\":1,\"upstreams\":{}}", 1, "it is a compiled policy, not a list"),
        ("json", b"[\"https://a.example\"]", 1, "it is JSON, not a list"),
        ("long", &too_long, 1, "the file is longer than 64 MiB"),
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

/// What somebody else had put in force is kept as a version when it is replaced.
#[test]
fn a_version_that_could_not_be_published_is_not_put_in_force_again() {
    for (value, code, sentence) in [
        (&b"null\n"[..], 11, "is not put in force: 1 error"),
        (b"https://*.github.io\n", 11, "is not put in force: 1 error"),
        (b"https://one.example\nhttps://A.example\n", 11, "is not put in force: 1 error"),
        (b"<html></html>", 1, "it is HTML or XML, not a list"),
        (b"https://one.example\n\xff\n", 1, "the file is not UTF-8 text"),
    ] {
        let kv = Kv::new("rolls-back-bad");
        kv.write("kv/allowlist+partners", value);
        kv.write("meta/allowlist+partners", "null");
        kv.write("two.txt", TWO);
        kv.ends("publish partners two.txt --yes --message=two", 0, "the list that is live now");
        kv.ends("rollback partners --yes", code, sentence);
        let id = corsgate_authoring::id_of(value);
        kv.ends(&format!("rollback partners --yes --to={id}"), code, sentence);
        assert_eq!(kv.value(LIVE).as_deref(), Some(TWO), "{sentence}");
    }
}

/// A message is that of the list beside which it was written.
#[test]
fn a_list_that_replaced_the_published_one_by_other_means_has_no_message_of_it() {
    let kv = Kv::new("overwritten");
    kv.write("one.txt", ONE);
    kv.write("two.txt", TWO);
    kv.ends("publish partners one.txt --yes --message=one", 0, "is in force");
    let other = "https://other.example\n";
    kv.write("kv/allowlist+partners", other);
    kv.ends("publish partners two.txt --yes --message=two", 0, "the list that is live now");
    let id = corsgate_authoring::id_of(other.as_bytes());
    let (code, said) = kv.run_without_policy("history partners");
    let kept = format!("time unknown          {id}        (put in force without corsgate");
    assert!(code == 0 && said.contains(&kept) && said.matches("  one\n").count() == 1, "{said}");

    // Nor one that is put back by other means: its metadata is that of the list before.
    kv.write("kv/allowlist+partners", ONE);
    let (_, said) = kv.run_without_policy("history partners");
    assert!(said.contains("was not written by corsgate") && !said.contains("in force again"), "{said}");
}

#[test]
fn a_list_that_no_route_uses_changes_nothing() {
    let kv = Kv::new("unused");
    kv.write("one.txt", ONE);
    kv.write("policy.toml", POLICY.replace(r#""@partners", "#, ""));
    let unused = "no route of the policy uses the list `partners`, so nothing changes on any";
    kv.ends("diff partners one.txt", 0, unused);
    kv.ends("publish partners one.txt --yes --message=m", 0, unused);
    kv.ends("diff partners one.txt", 0, "are the same");
    kv.write("policy.toml", POLICY.replace(r#""@previews", "#, ""));
    kv.ends(
        "publish previews one.txt --yes --message=m",
        0,
        "no route of the policy uses the list `previews`",
    );
}

/// After a failure at any call, before or after doing it, the live list is the old or the new one, and the same
/// command finishes.
#[test]
fn a_failure_at_any_call_loses_nothing_and_the_same_command_finishes() {
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
            // Both versions are kept, and one rollback restores the earlier one.
            assert_eq!(kv.keys(), 3, "{when} {call}");
            let (code, said) = kv.run("rollback partners --yes");
            assert_eq!((code, kv.value(LIVE).as_deref()), (0, Some(ONE)), "{when} {call}: {said}");
        }
    }
}

#[test]
fn an_origin_is_added_and_removed_as_a_line_or_a_key() {
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

/// The second reading of standard input would find nothing, which is an empty list or policy.
#[test]
fn standard_input_is_read_for_one_file_only() {
    let kv = Kv::new("stdin");
    for line in [
        "check - --list partners=-",
        "list check partners=- --policy -",
        "list diff partners policy.toml - --policy -",
        "list publish partners - --policy - --message=m --yes",
        "list show partners - --policy -",
        "diff policy.toml - --replay records --list partners=-",
        "diff policy.toml policy.toml --replay - --list partners=-",
    ] {
        let (code, said) = kv.corsgate(line, &[]);
        assert!(code == 2 && said.contains("only one of the files can be `-`"), "{line}: {code} {said}");
    }
}

#[test]
fn a_policy_and_its_list_are_reported_together() {
    let kv = Kv::new("checked-together");
    kv.write("one.txt", ONE);
    kv.write("old.txt", "https://one.example expires=1999-12-31\n");
    let check = |more: &str| kv.corsgate(&format!("check policy.toml --list partners={more}"), &[]);
    let (code, said) = check("one.txt");
    assert!(code == 0 && said.contains("warning[CG204]") && said.contains("`one.txt` is fine"), "{said}");
    let (code, said) = check("one.txt --deny warnings");
    assert!(code == 11 && said.contains("`policy.toml` has warnings, which `--deny warnings`"), "{said}");
    for format in ["json", "sarif", "github"] {
        let (code, said) = check(&format!("old.txt --format {format}"));
        assert_eq!(code, 0, "{said}");
        for part in ["CG204", "policy.toml", "CG203", "old.txt"] {
            assert!(said.contains(part), "{format}: {part}: {said}");
        }
    }
}

#[test]
fn an_equals_sign_may_be_part_of_a_path() {
    let kv = Kv::new("equals");
    fs::create_dir_all(kv.0.join("env=prod")).expect("a folder");
    fs::create_dir_all(kv.0.join("prod")).expect("a folder");
    kv.write("env=prod/partners.txt", TWO);
    kv.write("prod/partners.txt", ONE);
    for (line, origins) in [
        ("env=prod/partners.txt", "2 origins"),
        ("./env=prod/partners.txt", "2 origins"),
        ("partners=env=prod/partners.txt", "2 origins"),
        ("partners=prod/partners.txt", "1 origin"),
    ] {
        let (code, said) = kv.corsgate(&format!("list check {line}"), &[]);
        assert!(code == 0 && said.contains(origins), "{line}: {said}");
    }
    kv.ends("check ./env=prod/partners.txt", 2, "a list needs a name");
    kv.ends("check partners=env=prod/partners.txt", 0, "2 origins");
}

/// A file holds what KV does. The log of CI takes lines for commands, so a pipe there gets them escaped.
#[test]
fn a_list_is_shown_byte_by_byte_except_to_whom_obeys_it() {
    let kv = Kv::new("shown");
    let text =
        b"\xef\xbb\xbfhttps://one.example # \xe2\x80\xaeright\r\n::error::owned\nhttps://b\xfc.example";
    kv.write("kv/allowlist+partners", text);
    kv.write("meta/allowlist+partners", "null");
    let show = |environment: &[(&str, &str)]| {
        let mut command = Command::new(cargo_bin!("corsgate"));
        let line = "list show partners --policy=policy.toml --wrangler=./wrangler";
        command.current_dir(&kv.0).args(line.split(' ')).env_remove("CI");
        for service in ["GITHUB_ACTIONS", "TF_BUILD", "TEAMCITY_VERSION"] {
            command.env_remove(service);
        }
        command.envs(environment.iter().copied());
        command
    };
    let piped = |environment: &[(&str, &str)]| show(environment).output().expect("the tool").stdout;
    assert_eq!(piped(&[]), text);
    for service in ["CI", "GITHUB_ACTIONS"] {
        let escaped = String::from_utf8(piped(&[(service, "true")])).expect("text");
        assert!(escaped.starts_with("\\u{feff}https://one.example # \\u{202e}right"), "{escaped}");
        assert!(escaped.contains("\\u{3a}:error"), "{escaped}");
    }
    let file = fs::File::create(kv.0.join("shown.txt")).expect("a file");
    assert!(show(&[("CI", "true")]).stdout(file).status().expect("the tool").success());
    assert_eq!(fs::read(kv.0.join("shown.txt")).expect("a file"), text);
}

/// The gateway skips such lines and never reads such keys, and no other verb takes them away.
#[test]
fn what_is_no_origin_is_removed_if_it_stands_there() {
    let kv = Kv::new("removes-bad");
    kv.write(
        "kv/allowlist+partners",
        "# null\nnull  # why\nhttps://A.example\n\nhttps://a.example, https://b.example\n",
    );
    kv.write("meta/allowlist+partners", "null");
    for (line, left) in [
        ("null", "# null\nhttps://A.example\n\nhttps://a.example, https://b.example\n"),
        ("https://A.example", "# null\n\nhttps://a.example, https://b.example\n"),
        ("https://a.example,~https://b.example", "# null\n\n"),
    ] {
        kv.ends(&format!("remove partners {line} --yes"), 0, "is in force");
        assert_eq!(kv.value(LIVE).as_deref(), Some(left), "{line}");
        kv.ends(&format!("remove partners {line} --yes"), 2, "cannot be removed");
    }
    kv.ends("remove partners  --yes", 2, "cannot be removed");
    kv.write("kv/origin+previews+null", "{}");
    kv.write("meta/origin+previews+null", "null");
    kv.ends("remove previews null --yes", 0, "deleted `origin/previews/null`");
    assert_eq!(kv.value("origin/previews/null"), None);
}

#[test]
fn a_live_list_that_is_not_utf_8_is_compared_and_replaced_but_not_edited() {
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
