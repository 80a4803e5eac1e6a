//! `corsgate explain` with archives of each exporter: they are judged by their own headers.

use serde_json::{Value, json};

use crate::explain_copied::{APP, explain};

fn headers(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn entry(sent: &[(&str, &str)], response: Value) -> Value {
    json!({ "startedDateTime": "2026-11-01T00:00:00Z", "time": 1, "request": { "method": "GET", "url": "https://api.example.com/app/x?token=secret", "httpVersion": "h2", "cookies": [], "headers": headers(sent), "queryString": [], "headersSize": -1, "bodySize": 0 }, "response": response, "cache": {}, "timings": {} })
}

fn archive(creator: &str, entries: &[Value]) -> String {
    json!({ "log": { "version": "1.2", "creator": { "name": creator, "version": "1" }, "pages": [], "entries": entries } }).to_string()
}

#[test]
fn archives_are_judged_by_their_own_headers_whoever_exports_them() {
    let cors = [("origin", APP), ("cookie", "sid=secret")];
    let acao = [("access-control-allow-origin", APP)];
    let both = [("access-control-allow-origin", APP), ("access-control-allow-credentials", "true")];
    let response = |status: u16, answered: &[(&str, &str)], mark: &str, error: &str| {
        let mut response = json!({ "status": status, "statusText": "", "headers": headers(answered), "cookies": [], "content": { "size": 4, "mimeType": "text/plain", "encoding": "base64", "text": "c2VjcmV0" }, "redirectURL": "" });
        if !mark.is_empty() {
            response[mark] = json!(error);
        }
        response
    };
    let with = |mut entry: Value, key: &str, value: Value| {
        entry[key] = value;
        entry
    };
    for (creator, entry, code, begin) in [
        (
            "Playwright",
            entry(&cors, response(200, &acao, "_failureText", "net::ERR_FAILED")),
            10,
            "refused by the browser: the page sends cookies",
        ),
        (
            "Playwright",
            entry(&cors, response(200, &acao, "", "")),
            10,
            "refused by the browser: the page sends cookies",
        ),
        (
            "WebInspector",
            with(entry(&cors, response(200, &both, "", "")), "_resourceType", json!("xhr")),
            0,
            "`<stdin>`: 1 entry, 0 failed",
        ),
        (
            "Firefox",
            entry(&cors, response(200, &[("date", "")], "", "")),
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin`",
        ),
        (
            "Firefox",
            with(entry(&cors, response(0, &[], "", "")), "_blockedReason", json!(1005)),
            10,
            "not explained by this policy: it allows the request",
        ),
        (
            "WebInspector",
            with(
                entry(&[("origin", APP)], response(0, &[], "_error", "net::ERR_FAILED")),
                "_resourceType",
                json!("fetch"),
            ),
            10,
            "not explained by this policy: it allows the request",
        ),
        (
            "Charles Proxy",
            entry(
                &[("Host", "api.example.com"), ("Origin", APP), ("Accept-Encoding", "gzip")],
                response(500, &[("Date", "")], "", ""),
            ),
            10,
            "refused by the browser: the response has no",
        ),
        (
            "Charles Proxy",
            entry(
                &[
                    ("Host", "api.example.com"),
                    ("Referer", "https://app.example.com/"),
                    ("Accept-Encoding", "gzip"),
                ],
                response(404, &[("Date", "")], "", ""),
            ),
            0,
            "1 request left out: a request without `Origin`",
        ),
        (
            "WebKit Web Inspector",
            entry(&cors, response(200, &[("Access-Control-Allow-Origin", "*")], "", "")),
            10,
            "refused by the browser: the page sends cookies, for which",
        ),
        (
            "WebInspector",
            with(
                entry(
                    &[("referer", "https://app.example.com/")],
                    response(0, &[], "_error", "net::ERR_BLOCKED_BY_LOCAL_NETWORK_ACCESS_CHECKS"),
                ),
                "_resourceType",
                json!("fetch"),
            ),
            10,
            "not CORS: Local Network Access",
        ),
        (
            "WebInspector",
            with(
                entry(
                    &[("referer", "https://app.example.com/")],
                    response(0, &[], "_error", "net::ERR_FAILED"),
                ),
                "_blockedReason",
                json!("mixed-content"),
            ),
            10,
            "not CORS: mixed content",
        ),
        (
            "WebInspector",
            with(
                entry(&[("origin", APP)], response(0, &[], "_error", "net::ERR_CERT_DATE_INVALID")),
                "_resourceType",
                json!("fetch"),
            ),
            10,
            "not CORS: the browser does not accept",
        ),
        (
            "WebInspector",
            with(
                entry(
                    &[
                        ("accept", "text/event-stream"),
                        ("cache-control", "no-cache"),
                        ("last-event-id", "7"),
                        ("origin", APP),
                    ],
                    response(0, &[], "_error", "net::ERR_CONNECTION_RESET"),
                ),
                "_resourceType",
                json!("eventsource"),
            ),
            0,
            "allowed: the policy allows the request, but the page did not get its response",
        ),
        (
            "WebInspector",
            with(
                entry(
                    &[
                        ("referer", "https://app.example.com/"),
                        ("sec-fetch-mode", "no-cors"),
                        ("sec-fetch-dest", "image"),
                    ],
                    response(200, &[("date", "")], "", ""),
                ),
                "_resourceType",
                json!("image"),
            ),
            0,
            "1 request left out: an image without `crossorigin`",
        ),
        (
            "WebInspector",
            with(
                entry(
                    &[("referer", "https://app.example.com/"), ("sec-fetch-mode", "navigate")],
                    response(0, &[], "_error", "net::ERR_FAILED"),
                ),
                "_resourceType",
                json!("document"),
            ),
            0,
            "1 request left out: a navigation",
        ),
    ] {
        let text = archive(creator, core::slice::from_ref(&entry));
        for bytes in [
            text.as_bytes().to_vec(),
            text.encode_utf16()
                .fold(vec![0xff, 0xfe], |bytes, unit| [bytes, unit.to_le_bytes().to_vec()].concat()),
        ] {
            let (found, stdout, stderr) = explain(&["copied.toml", "-"], &bytes);
            assert!(found == code && stdout.starts_with(begin), "{creator} {entry}: {stdout}{stderr}");
            assert!(!stdout.contains("secret") && !stderr.contains("secret"), "{stdout}{stderr}");
        }
        // Without a policy the archive itself is all there is, and nothing that failed is allowed.
        let (alone, stdout, _) = explain(&["-"], text.as_bytes());
        assert!(
            alone == 10 || begin.starts_with("`<stdin>`") || begin.starts_with("1 request"),
            "{creator} {entry}: {stdout}"
        );
        let (_, json, _) = explain(&["copied.toml", "--har", "-", "--format", "json"], text.as_bytes());
        let json: Value = serde_json::from_str(&json).expect("JSON");
        assert_eq!(json["allowed"], json!(code == 0), "{creator} {entry}");
        let (_, brief, _) = explain(&["copied.toml", "-", "--brief"], text.as_bytes());
        assert!(brief.lines().count() <= 3, "{brief}");
    }
}

#[test]
fn a_preflight_without_headers_is_the_same_story() {
    let request = |method: &str, kind: &str, sent: &[(&str, &str)], status: u16| {
        let mut entry = entry(
            sent,
            json!({ "status": status, "headers": headers(if status > 0 { &[("date", "")] } else { &[] }) }),
        );
        entry["request"]["method"] = json!(method);
        entry["_resourceType"] = json!(kind);
        entry
    };
    let actual = request(
        "PUT",
        "fetch",
        &[("referer", "https://app.example.com/"), ("content-type", "application/json")],
        0,
    );
    let asked = [
        ("origin", APP),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type"),
    ];
    let mut told = Vec::new();
    for sent in [&asked[..], &[]] {
        let text = archive("WebInspector", &[request("OPTIONS", "preflight", sent, 401), actual.clone()]);
        let (code, stdout, _) = explain(&["-"], text.as_bytes());
        assert!(code == 10 && stdout.starts_with("refused by the browser: the response has no `Access-Control-Allow-Origin` (the response to the preflight has the status 401)"), "{stdout}");
        told.push(stdout);
    }
    assert_eq!(told[0], told[1]);
}

/// The sentence of a preflight differs by whether it has the headers of CORS.
#[test]
fn a_preflight_with_an_error_prints_another_sentence_with_headers_than_without() {
    for status in [401_u16, 404, 405, 500] {
        for (answered, prints) in [
            (
                &[("date", "")][..],
                "doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
            ),
            (
                &[("access-control-allow-origin", APP)],
                "doesn't pass access control check: It does not have HTTP ok status.",
            ),
        ] {
            let mut entry = entry(
                &[("origin", APP), ("access-control-request-method", "PUT")],
                json!({ "status": status, "headers": headers(answered) }),
            );
            entry["request"]["method"] = json!("OPTIONS");
            let (code, stdout, _) = explain(&["-"], archive("x", &[entry]).as_bytes());
            assert!(code == 10 && stdout.contains(prints), "{status}: {stdout}");
        }
    }
}

/// A browser gives one page the response to another one, where `Vary: Origin` is missing.
#[test]
fn a_response_out_of_the_cache_is_named_with_its_cause() {
    let other = [("Access-Control-Allow-Origin", "https://other.example.com")];
    let varies = [other[0], ("Vary", "Accept, origin")];
    let date = [("Date", "")];
    let says = "the archive says that the response came out of the browser's cache";
    let remedy = "Let the server send `Vary: Origin` with each response of this URL";
    for (field, value, answered, cached, is_cause) in [
        ("_fromCache", json!("disk"), &other[..], true, true),
        ("_fromCache", json!("memory"), &date, true, true),
        ("_fromCache", json!(true), &other, true, true),
        ("_fetchType", json!("Disk Cache"), &other, true, true),
        ("_fromCache", json!("disk"), &varies, true, false),
        ("_fromCache", json!("disk"), &[("Access-Control-Allow-Origin", "*")], true, false),
        ("_fromCache", json!(false), &other, false, false),
        ("_fetchType", json!("Network Load"), &other, false, false),
    ] {
        for inside in [false, true] {
            let sent = [("origin", APP), ("cookie", "sid=secret")];
            let mut entry = entry(
                &sent,
                json!({ "status": 200, "headers": headers(answered), "_error": "net::ERR_FAILED" }),
            );
            let place = if inside { &mut entry["response"] } else { &mut entry };
            place[field] = value.clone();
            for arguments in [&["copied.toml", "-"][..], &["-"]] {
                let (code, stdout, _) =
                    explain(arguments, archive("x", core::slice::from_ref(&entry)).as_bytes());
                assert_eq!(code, 10, "{stdout}");
                assert_eq!(
                    (stdout.contains(says), stdout.contains(remedy)),
                    (cached, is_cause),
                    "{entry}: {stdout}"
                );
                assert!(!is_cause || !stdout.contains("once and exactly so"), "{stdout}");
            }
        }
    }
}

#[test]
fn archives_that_are_broken_are_told_apart() {
    let whole = archive("x", &[entry(&[("origin", APP)], json!({ "status": 0 }))]);
    let cut = whole.strip_suffix("],\"pages\":[],\"version\":\"1.2\"}}");
    let cut =
        cut.map_or_else(|| whole.chars().take(whole.len() - 40).collect(), |cut| format!("{cut},{{\"req"));
    for (text, code, said) in [
        (cut.as_str(), 10, "the archive is cut off"),
        ("{\"log\":{\"version\":\"1.1\",\"entries\":[]}}", 0, "the archive has version `1.1`"),
        ("{\"entries\":[]}", 1, "not an HTTP archive (HAR 1.2): missing field `log`"),
        ("{\"log\"", 1, "not JSON: EOF"),
    ] {
        let (found, stdout, stderr) = explain(&["copied.toml", "-"], text.as_bytes());
        assert!(found == code && (stdout.clone() + &stderr).contains(said), "{text}: {stdout}{stderr}");
    }
}

/// Bodies take no memory: an archive with one of 200 MB is read by a process that may have 120 MB.
#[cfg(target_os = "linux")]
#[test]
fn a_long_archive_takes_no_memory() {
    let script = r#"(printf '{"log":{"version":"1.2","entries":[{"request":{"method":"GET","url":"https://api.example.com/app/x","headers":[{"name":"origin","value":"https://app.example.com"}]},"response":{"status":200,"headers":[{"name":"date","value":""}],"content":{"encoding":"base64","text":"'; head -c 200000000 /dev/zero | tr '\0' A; printf '"}}}]}}') | (ulimit -v 120000; "$0" explain - --brief)"#;
    let output = std::process::Command::new("bash")
        .args(["-c", script])
        .arg(snapbox::cmd::cargo_bin!("corsgate"))
        .output()
        .expect("bash");
    let told =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(told.starts_with("refused by the browser: GET https://api.example.com/app/x"), "{told}");
}

/// People search for the line word for word.
#[test]
fn the_sentence_names_what_asked() {
    for (resource, destination, word) in [
        ("fetch", "empty", "fetch"),
        ("xhr", "empty", "XMLHttpRequest"),
        ("eventsource", "empty", "resource"),
        ("font", "font", "font"),
        ("script", "script", "script"),
        ("stylesheet", "style", "CSS stylesheet"),
        ("image", "image", "image"),
        ("media", "video", "video"),
        ("", "font", "font"),
        ("xhr", "", "XMLHttpRequest"),
    ] {
        let sent = [("origin", APP), ("sec-fetch-mode", "cors"), ("sec-fetch-dest", destination)];
        let mut entry = entry(&sent, json!({ "status": 200, "headers": headers(&[("date", "")]) }));
        entry["_resourceType"] = json!(resource);
        let (_, stdout, _) = explain(&["-"], archive("x", &[entry]).as_bytes());
        let line = format!(
            "    Access to {word} at 'https://api.example.com/app/x' from origin '{APP}' has been blocked"
        );
        assert!(stdout.contains(&line), "{resource} {destination}: {stdout}");
    }
}
