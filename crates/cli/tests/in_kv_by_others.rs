//! Policies that somebody put in KV without corsgate, beside metadata of another policy or without any.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use super::support::kv::Kv;

const POLICY: &str = r#"version = 1
[upstreams]
api = "https://origin.example.net"
[[routes]]
name = "api"
path = "/*"
upstream = "api"
[routes.cors]
origins = ["https://app.example.com"]
"#;

const WRANGLER: [&str; 1] = ["--wrangler=./wrangler"];

/// KV with the policies `one` and `two`, published in that order, and a third one that is compiled.
fn published(name: &str) -> Kv {
    let kv = Kv::new(&format!("others-{name}"));
    for (at, name) in ["one", "two", "three"].into_iter().enumerate() {
        let policy = POLICY.replace("https://app.example.com", &format!("https://app-{at}.example.com"));
        kv.write(&format!("{name}.toml"), policy);
        kv.write(&format!("{name}.json"), ends(&kv, &format!("compile {name}.toml"), &[], 0, "{"));
    }
    for name in ["one", "two"] {
        ends(&kv, &format!("publish {name}.toml --yes --message={name}"), &WRANGLER, 0, "is in force");
    }
    kv
}

fn ends(kv: &Kv, line: &str, more: &[&str], code: i32, sentence: &str) -> String {
    let (ended, said) = kv.corsgate(line, more);
    assert!(
        ended == code && said.contains(sentence),
        "{line}: {ended}, not {code} with `{sentence}`\n{said}"
    );
    said
}

impl Kv {
    /// Puts a compiled policy in force without corsgate; with the metadata that is there, or without any.
    fn puts_current(&self, name: &str, keeps_metadata: bool) -> String {
        let bytes = std::fs::read(self.0.join(format!("{name}.json"))).expect("a policy");
        self.write("kv/policy+current", &bytes);
        if !keeps_metadata {
            self.write("meta/policy+current", "null");
        }
        let policy: serde_json::Value = serde_json::from_slice(&bytes).expect("JSON");
        policy.get("id").and_then(serde_json::Value::as_str).expect("an id").to_owned()
    }
}

#[test]
fn a_policy_beside_the_metadata_of_another_is_named_and_has_no_message() {
    let kv = published("metadata");
    ends(&kv, "status", &WRANGLER, 0, ": two\n");
    let id = kv.puts_current("three", true);
    let named = format!("error: `policy/current` holds the policy `{id}`, but its metadata names `");
    let said = ends(&kv, "status", &WRANGLER, 10, &named);
    assert!(said.contains("since an unknown time: (put in force without corsgate)\n"), "{said}");
    let said = ends(&kv, "status --format=json", &WRANGLER, 10, "\"problem\": \"`policy/current` holds");
    assert!(said.contains(&format!("\"id\": \"{id}\"")) && said.contains("\"message\": null"), "{said}");
    ends(&kv, "history", &WRANGLER, 0, &named);

    // It is kept when it is replaced, and not under the message of `two`.
    ends(&kv, "publish one.toml --yes --message=again", &WRANGLER, 0, &named);
    let said = ends(&kv, "history", &WRANGLER, 0, &format!("time unknown          {id}  previous"));
    assert_eq!(said.matches("  two\n").count(), 1, "{said}");

    // A version that is put back so is live, and not since then for that reason.
    kv.puts_current("two", true);
    let said = ends(&kv, "history", &WRANGLER, 0, "  live            two\n");
    assert!(!said.contains("in force again"), "{said}");
}

#[test]
fn a_policy_without_metadata_is_named_and_fine() {
    let kv = published("bare");
    let id = kv.puts_current("three", false);
    let named = format!("`policy/current` holds the policy `{id}`, which was not written by corsgate");
    let said = ends(&kv, "status", &WRANGLER, 0, &named);
    assert!(said.contains("since an unknown time: (put in force without corsgate)\n"), "{said}");
    ends(&kv, "history", &WRANGLER, 0, &named);
}

#[test]
fn a_rollback_asks_the_content_whether_a_policy_is_live() {
    let kv = published("rollback");
    ends(&kv, "publish two.toml --yes --revoke --message=revoked", &WRANGLER, 0, "wrote");
    ends(&kv, "rollback --yes", &WRANGLER, 1, "which is already live");
    kv.puts_current("three", true);
    ends(&kv, "rollback --yes", &WRANGLER, 0, "is in force");
}
