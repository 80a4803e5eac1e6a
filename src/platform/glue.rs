//! The other side of `glue.js`: its functions, and the texts that cross.

use corsgate_policy::decision::reason::Reason;
use corsgate_policy::policy::upstream::UpstreamUrl;
use corsgate_policy::record::Summary;
use corsgate_policy::response::forward::RequestHeaderSink;
use corsgate_policy::response::headers::{PROBLEM_PROTECTION, Refusal, ResponseHeaderSink, describe_problem};
use corsgate_policy::{policy::upstream, response::vary};
use js_sys::Object;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

#[wasm_bindgen(module = "/src/platform/glue.js")]
extern "C" {
    pub(crate) fn gather(request: &JsValue) -> String;
    pub(crate) fn header(request: &JsValue, name: &str) -> Option<String>;
    #[wasm_bindgen(js_name = headerNames)]
    pub(crate) fn header_names(request: &JsValue) -> String;
    pub(crate) fn respond(status: u16, head: &str, body: Option<&str>) -> JsValue;
    #[wasm_bindgen(js_name = refuseSocket)]
    pub(crate) fn refuse_socket(
        context: &JsValue,
        head: &str,
        code: u16,
        reason: &str,
        client: &str,
    ) -> Option<Object>;
    pub(crate) fn forward(
        request: &JsValue,
        env: &JsValue,
        context: &JsValue,
        binding: &JsValue,
        plan: &str,
        request_removes: u32,
        request_sets: u32,
        removes: u32,
        sets: u32,
        appends: u32,
        own: Option<&str>,
        timeout: f64,
    ) -> JsValue;
}

#[wasm_bindgen(module = "/src/exchange/waiting.js")]
extern "C" {
    #[wasm_bindgen(js_name = resumeAfterReads)]
    pub(crate) fn resume_after_reads(
        request: &JsValue,
        env: &JsValue,
        context: &JsValue,
        gathered: &str,
        began: f64,
        learned: &str,
        reads: &str,
    ) -> JsValue;
    #[wasm_bindgen(js_name = resumeAfterCounts)]
    pub(crate) fn resume_after_counts(
        request: &JsValue,
        env: &JsValue,
        context: &JsValue,
        gathered: &str,
        began: f64,
        learned: &str,
        plan: &str,
    ) -> JsValue;
}

#[wasm_bindgen(module = "/src/kv/kv.js")]
extern "C" {
    pub(crate) fn refresh(env: &JsValue, context: &JsValue, read: &str, began: f64);
}

/// For the glue, before it calls anything that takes a text: an instance that has panicked is
/// replaced when it is next entered, but wasm-bindgen has copied the arguments into the old one by
/// then. This enters it without any.
#[wasm_bindgen]
pub fn wake() {}

/// For the glue: the value of `Vary` with the gateway's names in it, or nothing when it has them.
#[wasm_bindgen]
#[must_use]
pub fn merge_vary(current: &str, additions: &str) -> Option<String> {
    vary::merge(Some(current), additions)
}

/// For the glue: what a `Location` of the upstream says at the gateway, or nothing when it stays.
#[wasm_bindgen]
#[must_use]
pub fn public_location(value: &str, upstream: &str, public_origin: &str) -> Option<String> {
    upstream::public_location(value, &UpstreamUrl::from_text(upstream)?, public_origin)
}

/// For the glue: the answer when an upstream fails, as status, body, then names and values; behind an empty
/// line, those that stand only where the route has no others.
#[wasm_bindgen]
#[must_use]
pub fn failure_lines(reason: &str, summary: &str) -> String {
    let reason = Reason::from_name(reason).unwrap_or(Reason::UpstreamUnreachable);
    let (route, policy_id) = match Summary::read(summary) {
        Some(summary) => (summary.route(), summary.policy_id()),
        None => Default::default(),
    };
    let refusal = Refusal::of_failure(reason, route, policy_id);
    let mut head = Head::default();
    refusal.stamp(&mut head);
    describe_problem(&mut head);
    let mut protection = Head::default();
    PROBLEM_PROTECTION.iter().for_each(|(name, value)| protection.set(name, value));
    let (head, protection) = (head.as_str(), protection.as_str());
    format!("{}\n{}\n{head}\n\n{protection}", refusal.status(), refusal.problem())
}

/// The headers of an answer made at the edge: names and values in turn, a line each.
#[derive(Default)]
pub(crate) struct Head(String);

impl Head {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl ResponseHeaderSink for Head {
    /// There is no upstream whose headers could be removed.
    fn remove(&mut self, _name: &str) {}

    fn set(&mut self, name: &str, value: &str) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(name);
        self.0.push('\n');
        self.0.push_str(value);
    }

    fn append(&mut self, name: &str, value: &str) {
        self.set(name, value);
    }

    fn vary(&mut self, names: &'static str) {
        self.set("vary", names);
    }
}

/// Lines of a plan, with their number.
#[derive(Default)]
pub(crate) struct Lines {
    pub(crate) text: String,
    pub(crate) count: u32,
}

impl Lines {
    fn push(&mut self, name: &str, value: Option<&str>) {
        for line in [Some(name), value].into_iter().flatten() {
            self.text.push('\n');
            self.text.push_str(line);
        }
        self.count += 1;
    }
}

/// Changes to the headers of a request that goes on.
#[derive(Default)]
pub(crate) struct RequestChanges {
    pub(crate) removes: Lines,
    pub(crate) sets: Lines,
}

impl RequestHeaderSink for RequestChanges {
    fn remove(&mut self, name: &str) {
        self.removes.push(name, None);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.sets.push(name, Some(value));
    }
}

/// Changes to the headers of a response that comes back.
#[derive(Default)]
pub(crate) struct ResponseChanges {
    pub(crate) vary: &'static str,
    pub(crate) removes: Lines,
    pub(crate) sets: Lines,
    pub(crate) appends: Lines,
}

impl ResponseHeaderSink for ResponseChanges {
    fn remove(&mut self, name: &str) {
        self.removes.push(name, None);
    }

    fn set(&mut self, name: &str, value: &str) {
        self.sets.push(name, Some(value));
    }

    fn append(&mut self, name: &str, value: &str) {
        self.appends.push(name, Some(value));
    }

    fn vary(&mut self, names: &'static str) {
        self.vary = names;
    }
}
