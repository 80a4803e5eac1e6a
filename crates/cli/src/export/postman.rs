//! A Postman collection of format 2.1.

use serde_json::{Value as Json, json};

use crate::export::http_file::variable;
use crate::export::{Exported, Request, Value, is_printable};
use crate::output::plain::plain;

const SCHEMA: &str = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json";

/// Why a request cannot be written.
pub(crate) fn cannot_say(request: &Request) -> Option<String> {
    if request.ask.kind == corsgate_policy::Kind::Handshake {
        return Some("handshakes of WebSockets, which a collection of format 2.1 has no form for".to_owned());
    }
    if request.contains(|text| text.contains("{{")) {
        return Some("`{{`, which Postman takes for a variable".to_owned());
    }
    let is_sent_as_written = |value: &[u8]| is_printable(value) && value.trim_ascii() == value;
    if !request.headers().all(|(_, value)| is_sent_as_written(value)) {
        return Some(
            "a header that Postman does not send as it is: with white space around it, or not of ASCII"
                .to_owned(),
        );
    }
    None
}

/// Writes the collection.
pub(crate) fn write(exported: &Exported, source: &str) -> String {
    let variables = exported.bases.iter().enumerate();
    let variables: Vec<_> =
        variables.map(|(at, base)| json!({ "key": variable(at), "value": base, "type": "string" })).collect();
    let collection = json!({
        "info": {
            "name": format!("CORS: {}", plain(source)),
            "description": "The test cases of a CORS policy, made by `corsgate export postman`. The variables say which server is asked.",
            "schema": SCHEMA,
        },
        "variable": variables,
        "item": exported.requests.iter().map(item).collect::<Vec<_>>(),
    });
    format!("{collection:#}\n")
}

fn item(request: &Request) -> Json {
    let headers = request
        .headers()
        .map(|(name, value)| json!({ "key": name, "value": String::from_utf8_lossy(value), "type": "text" }));
    json!({
        "name": request.name,
        "request": {
            "method": request.ask.method,
            "header": headers.collect::<Vec<_>>(),
            "url": format!("{{{{{}}}}}{}", variable(request.base), request.ask.target),
            "description": format!("Expected: {}.", request.expected.line()),
        },
        "event": [{
            "listen": "test",
            "script": { "type": "text/javascript", "exec": script(request) },
        }],
        // The response of the gateway is what is checked, and without the URL rewritten or cookies of another request.
        "protocolProfileBehavior": { "followRedirects": false, "disableUrlEncoding": true, "disableCookies": true },
        "response": [],
    })
}

/// The checks of a response.
fn script(request: &Request) -> Vec<String> {
    let expected = &request.expected;
    let mut lines: Vec<String> = [
        "const lines = pm.response.headers.all().map(({ key, value }) => [key.toLowerCase(), value]);",
        "const values = (name) => lines.filter(([key]) => key === name).map(([, value]) => value);",
        "const members = (name) => values(name).join(\",\").split(\",\").map((member) => member.trim()).filter(Boolean);",
        "const lower = (list) => list.map((member) => member.toLowerCase()).sort();",
    ]
    .map(str::to_owned)
    .into();
    let mut test = |name: String, check: String| {
        lines.push(format!("pm.test({}, () => {check});", script_string(&name)));
    };
    match &expected.decision {
        None => test(
            "the gateway allows it".to_owned(),
            "pm.expect(values(\"corsgate-decision\")).to.eql([])".to_owned(),
        ),
        Some((verdict, reason)) => test(
            format!("the gateway says {verdict}, {reason}"),
            format!(
                "pm.expect(values(\"corsgate-decision\").join().split(\";\").slice(0, 2)).to.eql({})",
                json!([verdict, format!("reason={reason}")])
            ),
        ),
    }
    if let Some(status) = expected.status {
        test(format!("the status is {status}"), format!("pm.expect(pm.response.code).to.eql({status})"));
    }
    for (name, value) in &expected.headers {
        let quoted = script_string(name);
        let (what, check) = match value {
            Value::Is(value) => (
                format!("{name}: {value}"),
                format!("pm.expect(values({quoted})).to.eql({})", json!([value])),
            ),
            // Methods are case-sensitive (RFC 9110, 9.1), header names are not.
            Value::Lists(members) if name == "access-control-allow-methods" => {
                let check = format!("pm.expect(members({quoted}).sort()).to.eql({}.sort())", json!(members));
                (format!("{name} lists {}", members.join(", ")), check)
            }
            Value::Lists(members) => {
                let check = format!("pm.expect(lower(members({quoted}))).to.eql(lower({}))", json!(members));
                (format!("{name} lists {}", members.join(", ")), check)
            }
            Value::Includes(members) => {
                let check = format!(
                    "pm.expect([[\"*\"], {wanted}].some((some) => lower(some).every((member) => lower(members({quoted})).includes(member)))).to.eql(true)",
                    wanted = json!(members)
                );
                (format!("{name} includes {}", members.join(", ")), check)
            }
        };
        test(what, check);
    }
    for name in &expected.absent {
        test(format!("{name} is absent"), format!("pm.expect(values({})).to.eql([])", script_string(name)));
    }
    if expected.is_complete {
        let known: Vec<_> = expected.headers.iter().map(|(name, _)| name).collect();
        test(
            "no other Access-Control-* is there".to_owned(),
            format!(
                "pm.expect(lines.map(([key]) => key).filter((key) => key.startsWith(\"access-control-\") && !{}.includes(key))).to.eql([])",
                json!(known)
            ),
        );
    }
    lines
}

/// A string of JavaScript: one of JSON is one (ECMAScript 2019).
fn script_string(text: &str) -> String {
    Json::from(text).to_string()
}
