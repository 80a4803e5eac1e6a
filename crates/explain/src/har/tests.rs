use serde_json::{Value, json};

use super::*;
use crate::browser_error::BrowserError;

const APP: &str = "https://app.example.com";

fn policy() -> corsgate_policy::Policy {
    let policy = json!({
        "version": 1,
        "upstreams": { "api": "https://origin.example.net" },
        "routes": [{ "name": "r", "path": "/*", "upstream": "api" }],
    });
    corsgate_policy::Policy::read(policy.to_string().as_bytes()).expect("a policy")
}

fn archive(entries: &[Value]) -> Har {
    let archive = json!({ "log": { "pages": null, "entries": entries } });
    let har = read(archive.to_string().as_bytes(), Some(&policy()), Options::default()).expect("an archive");
    assert_eq!(har.entries, entries.len());
    har
}

/// The number of requests that are explained for an archive with this entry.
fn explained(entry: &Value) -> usize {
    archive(core::slice::from_ref(entry)).failed.len()
}

fn entry(url: &str, headers: Value, response: Value) -> Value {
    json!({ "request": { "method": "GET", "url": url, "headers": headers }, "response": response })
}

fn headers(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn origin() -> Value {
    headers(&[("Origin", APP)])
}

#[test]
fn null_values_and_numbers_count_as_absent_or_as_texts() {
    let headers = json!([
        { "name": "origin", "value": APP },
        { "name": "x-empty", "value": null },
        { "name": "x-number", "value": 3 },
    ]);
    let mut entry = entry("https://h/x", headers, json!({ "status": null, "headers": null, "_error": null }));
    entry["request"]["cookies"] = Value::Null;
    entry["pageref"] = Value::Null;
    entry["time"] = Value::Null;
    assert_eq!(explained(&entry), 1);
    entry["response"] = Value::Null;
    assert_eq!(explained(&entry), 1);
}

#[test]
fn a_socket_that_was_not_opened_has_failed() {
    for (url, status, failed) in
        [("wss://h/x", 403, 1), ("wss://h/x", 101, 0), ("https://h/x", 403, 1), ("https://h/x", 0, 1)]
    {
        let response = json!({ "status": status, "headers": headers(&[("date", "")]) });
        assert_eq!(explained(&entry(url, origin(), response)), failed, "{url} {status}");
    }
}

#[test]
fn images_and_navigations_are_not_cors_requests() {
    for (mode, failed) in [("no-cors", 0), ("navigate", 0), ("cors", 1)] {
        let mut sent = headers(&[("Referer", "https://app.example.com/"), ("Sec-Fetch-Mode", mode)]);
        assert_eq!(explained(&entry("https://h/x", sent.clone(), json!({ "status": 0 }))), failed, "{mode}");
        // A form post sends `Origin`, and can be refused because of it.
        sent.as_array_mut().expect("a list").extend(origin().as_array().expect("a list").clone());
        assert_eq!(explained(&entry("https://h/x", sent, json!({ "status": 0 }))), 1, "{mode}");
    }
}

#[test]
fn what_needs_no_cors_is_named_and_gets_no_origin_from_its_referer() {
    let referer = ("referer", "https://app.example.com/page");
    for (sent, resource, why) in [
        (
            vec![referer, ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image")],
            None,
            "an image without `crossorigin`",
        ),
        (vec![referer], Some("image"), "an image without `crossorigin`"),
        (vec![referer, ("sec-fetch-mode", "navigate")], None, "a navigation"),
        (vec![referer], Some("document"), "a navigation"),
        (vec![referer], Some("stylesheet"), "a style sheet without `crossorigin`"),
        (
            vec![referer, ("sec-fetch-mode", "cors"), ("sec-fetch-site", "same-origin")],
            Some("fetch"),
            "a request to the page's own origin",
        ),
        (
            vec![referer, ("accept-encoding", "gzip")],
            None,
            "a request without `Origin`, which no request of CORS lacks",
        ),
    ] {
        for response in
            [json!({ "status": 0 }), json!({ "status": 200, "headers": headers(&[("date", "")]) })]
        {
            let mut entry = entry("https://h/x", headers(&sent), response);
            if let Some(resource) = resource {
                entry["_resourceType"] = json!(resource);
            }
            let har = archive(&[entry]);
            assert_eq!((har.failed.len(), har.without_cors.get(why)), (0, Some(&1)), "{why}: {har:?}");
        }
    }
}

#[test]
fn a_request_is_judged_by_its_own_headers_whatever_the_exporter_says() {
    let cookie = [("origin", APP), ("cookie", "sid=1")];
    let plain = [("origin", APP)];
    let acao = ("access-control-allow-origin", APP);
    let acac = ("access-control-allow-credentials", "true");
    for (sent, answered, readable) in [
        (&cookie[..], vec![acao], false),
        (&cookie, vec![acao, acac], true),
        (&plain, vec![acao], true),
        (&plain, vec![("access-control-allow-origin", "*")], true),
        (&cookie, vec![("access-control-allow-origin", "*"), acac], false),
        (&plain, vec![acao, acao], false),
        (&plain, vec![("access-control-allow-origin", "https://other.example")], false),
        (&plain, vec![("date", "")], false),
    ] {
        for mark in ["_failureText", "_error", "none"] {
            let mut response = json!({ "status": 200, "headers": headers(&answered) });
            if mark != "none" && !readable {
                response[mark] = json!("net::ERR_FAILED");
            }
            let har = archive(&[entry("https://h/x", headers(sent), response)]);
            assert_eq!(
                (har.readable, har.failed.len()),
                if readable { (1, 0) } else { (0, 1) },
                "{sent:?} {answered:?} {mark}"
            );
            assert!(
                readable
                    || matches!(har.failed[0].ending, Ending::Blocked { preflight: false, status: 200, .. })
            );
        }
    }
}

#[test]
fn a_browsers_own_error_is_told_wherever_it_stands() {
    for (place, text, error) in [
        (&["_error"][..], "net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS", BrowserError::LocalNetwork),
        (&["response", "_error"], "net::ERR_BLOCKED_BY_CLIENT", BrowserError::Client),
        (&["response", "_failureText"], "net::ERR_CERT_DATE_INVALID", BrowserError::Certificate),
        (&["_blockedReason"], "mixed-content", BrowserError::MixedContent),
        (&["response", "_blockedReason"], "csp", BrowserError::ContentSecurityPolicy),
    ] {
        let mut entry = entry("https://h/x", origin(), json!({ "status": 0 }));
        match place {
            [one] => entry[*one] = json!(text),
            [one, two] => entry[*one][*two] = json!(text),
            _ => panic!("{place:?}"),
        }
        let har = archive(&[entry.clone()]);
        assert_eq!(har.failed.first().map(|seen| &seen.ending), Some(&Ending::NotCors(error)), "{text}");
        // An image, too, and one of another host.
        entry["request"]["headers"] = headers(&[("sec-fetch-mode", "no-cors")]);
        assert!(!archive(&[entry]).is_fine_elsewhere());
    }
}

#[test]
fn preflights_are_put_to_their_requests() {
    let url = "https://h/x";
    let request = |method: &str| {
        let mut entry = entry(
            url,
            headers(&[("referer", "https://app.example.com/"), ("content-type", "application/json")]),
            json!({ "status": 0 }),
        );
        entry["request"]["method"] = json!(method);
        entry["_resourceType"] = json!("fetch");
        entry
    };
    let preflight = |sent: &[(&str, &str)], status: u16, answered: &[(&str, &str)]| {
        let mut entry = entry(url, headers(sent), json!({ "status": status, "headers": headers(answered) }));
        entry["request"]["method"] = json!("OPTIONS");
        entry["_resourceType"] = json!("preflight");
        entry
    };
    let asked = [
        ("origin", APP),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type,x-a"),
    ];
    for (sent, names) in [(&asked[..], &["content-type", "x-a"][..]), (&[], &["content-type"])] {
        for order in [0, 1] {
            let mut entries = vec![preflight(sent, 404, &[("date", "")]), request("PUT")];
            entries.rotate_left(order);
            let har = archive(&entries);
            let [seen] = &har.failed[..] else { panic!("{har:?}") };
            let found: Vec<_> = seen.request.unsafe_names().into_iter().map(|(name, _)| name).collect();
            assert_eq!(found, names);
            assert!(matches!(&seen.ending, Ending::Blocked { preflight: true, status: 404, .. }), "{seen:?}");
        }
    }
    // One for another method is for another request, and one alone stands for its request.
    let har = archive(&[preflight(&asked, 403, &[]), request("DELETE")]);
    assert_eq!(har.failed.len(), 2);
    let har = archive(&[preflight(&[], 403, &[])]);
    assert_eq!((har.failed.len(), har.unreadable.len()), (0, 1));
}

#[test]
fn headers_that_browsers_add_are_not_the_scripts() {
    let sent = [
        ("origin", APP),
        ("accept", "text/event-stream"),
        ("cache-control", "no-cache"),
        ("last-event-id", "7"),
        ("purpose", "prefetch"),
        ("dnt", "1"),
        ("priority", "u=1, i"),
        ("sec-ch-ua", "x"),
        ("device-memory", "8"),
        ("save-data", "on"),
        ("user-agent", "x"),
        (":authority", "h"),
        ("x-client-data", "x"),
    ];
    let mut entry = entry("https://h/sse", headers(&sent), json!({ "status": 0 }));
    for resource in [Some("eventsource"), None] {
        entry["_resourceType"] = json!(resource);
        assert_eq!(archive(&[entry.clone()]).failed[0].request.unsafe_names(), [], "{resource:?}");
    }
}

#[test]
fn archives_that_are_cut_off_or_of_another_version_are_explained_as_far_as_they_go() {
    let entry = entry("https://h/x", origin(), json!({ "status": 0 }));
    let whole = format!("{{\"log\":{{\"version\":\"1.3\",\"entries\":[{entry}]}}}}");
    let har = read(whole.as_bytes(), None, Options::default()).expect("an archive");
    assert_eq!(har.notes, ["the archive has version `1.3`; it is read as version `1.2`"]);
    let cut = format!("{{\"log\":{{\"entries\":[{entry}, {{\"request\": {{\"method\": \"GET\"");
    let har = read(cut.as_bytes(), None, Options::default()).expect("an archive");
    assert_eq!(
        (har.failed.len(), &har.notes[..]),
        (
            1,
            &["the archive is cut off: what comes before that, 1 of its entries, is explained".to_owned()][..]
        )
    );
    for (text, empty) in [("", true), (" \n", true), ("{", false), ("[]", false), ("{}", false)] {
        let error = read(text.as_bytes(), None, Options::default()).expect_err(text);
        assert_eq!(matches!(error, ArchiveError::Empty), empty, "{text:?}: {error}");
    }
}
