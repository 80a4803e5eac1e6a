//! A wrangler that stores its keys in a directory and fails at any given call, and the tool in front of it.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]
#![cfg(unix)]

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use snapbox::cmd::cargo_bin;

use crate::support::program;

/// Each key is a file, with `+` for `/`, and a file with the metadata beside it. The call with the number in `fails`
/// fails: before it does anything, after it, or amid several keys. It starts hardly a process, since tests call it a
/// thousand times.
const WRANGLER: &str = r#"#!/usr/bin/env bash
quote='"'; quoted='\"'; slash='\'; slashed='\\'
echo "$3" >> calls
call=0; while read -r _; do call=$((call + 1)); done < calls
read -r when at < fails
at() { [ "$when $at" = "$1 $call" ]; }
fail() { echo 'X [ERROR] the network is gone' >&2; exit 1; }
at before && fail
key=${4//\//+}
case "$2" in key) verb=$3;; *) verb=$2-$3;; esac
case "$verb" in
list) s=; printf '['; for f in kv/*; do [ -e "$f" ] || continue; b=${f#kv/}; meta=; read -r meta < "meta/$b"
  printf '%s{"name":"%s","metadata":%s}' "$s" "${b//+//}" "$meta"; s=,; done; printf ']';;
bulk-get) s=; printf '{'; keys=$(<"$4"); keys=${keys#[}; keys=${keys%]}; keys=${keys//"$quote"/}
  for key in ${keys//,/ }; do f=kv/${key//\//+}; [ -e "$f" ] || continue; value=$(<"$f")
  value=${value//"$quote"/"$quoted"}; printf '%s"%s":"%s"' "$s" "$key" "$value"; s=,; done; printf '}';;
bulk-put) { sed 's/{"key":"/\
/g' "$4"; echo; } | sed 1d | { while read -r pair; do key=${pair%%\"*}; key=${key//\//+}; value=${pair#*\"value\":\"}
  value=${value%%\",\"*}; value=${value//"$quoted"/"$quote"}; value=${value//"$slashed"/"$slash"}; printf '%s' "$value" > "kv/$key"
  meta=${pair#*\"metadata\":}; meta=${meta%]}; meta=${meta%,}; echo "${meta%\}}" > "meta/$key"
  at amid && break; done; }
  at amid && fail;;
bulk-delete) keys=$(<"$4"); keys=${keys#[}; keys=${keys%]}; keys=${keys//"$quote"/}
  for key in ${keys//,/ }; do rm -f "kv/${key//\//+}"; at amid && fail; done;;
get) cat "kv/$key";;
put) for a; do case "$a" in --path=*) cp "${a#--path=}" "kv/$key";; --metadata=*) echo "${a#--metadata=}" > "meta/$key";;
  --ttl=*) echo "${a#--ttl=}" > ttl;; esac; done;;
delete) rm "kv/$key";;
esac
at after && fail
exit 0
"#;

/// A policy with a list of each kind.
pub const POLICY: &str = r#"version = 1
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

/// A directory with keys, in which the tool runs.
pub struct Kv(pub PathBuf);

impl Kv {
    pub fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("list-{name}"));
        let _fresh = fs::remove_dir_all(&folder);
        for part in ["kv", "meta"] {
            fs::create_dir_all(folder.join(part)).expect("a folder");
        }
        let kv = Self(folder);
        program::write(&kv.0.join("wrangler"), WRANGLER);
        kv.write("policy.toml", POLICY);
        kv.fail("never", 0);
        kv
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), text).expect("a file can be written");
    }

    pub fn fail(&self, when: &str, call: usize) {
        self.write("calls", "");
        self.write("fails", format!("{when} {call}\n"));
    }

    pub fn calls(&self) -> usize {
        fs::read_to_string(self.0.join("calls")).expect("calls").lines().count()
    }

    /// The exit code, and both outputs.
    pub fn run(&self, line: &str) -> (i32, String) {
        self.run_with(line, &["--policy=policy.toml"])
    }

    /// As `run`, for a verb that reads no policy.
    pub fn run_without_policy(&self, line: &str) -> (i32, String) {
        self.run_with(line, &[])
    }

    fn run_with(&self, line: &str, more: &[&str]) -> (i32, String) {
        self.corsgate(&format!("list {line}"), &[&["--wrangler=./wrangler"], more].concat())
    }

    /// Any verb of the tool.
    pub fn corsgate(&self, line: &str, more: &[&str]) -> (i32, String) {
        let output = Command::new(cargo_bin!("corsgate"))
            .env("NO_COLOR", "1")
            .current_dir(&self.0)
            .args(line.split(' ').map(|word| word.replace('~', " ")))
            .args(more)
            .output()
            .expect("the tool");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said).expect("text");
        assert!(!said.contains("panicked"), "{said}");
        (output.status.code().expect("a code"), said)
    }

    pub fn ends(&self, line: &str, code: i32, sentence: &str) {
        let (ended, said) = self.run(line);
        assert!(
            ended == code && said.contains(sentence),
            "{line}: {ended}, not {code} with `{sentence}`\n{said}"
        );
    }

    pub fn value(&self, key: &str) -> Option<String> {
        fs::read_to_string(self.0.join("kv").join(key.replace('/', "+"))).ok()
    }

    pub fn keys(&self) -> usize {
        fs::read_dir(self.0.join("kv")).expect("a folder").count()
    }
}
