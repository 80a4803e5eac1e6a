//! `corsgate explain` with archives in which the API redirects: the page asked for the first URL, and the response behind the
//! last redirect is what it did not get.

use serde_json::{Value, json};

use crate::explain_copied::{APP, explain};

const API: &str = "https://api.example.com/app/x";

fn entry(url: &str, origin: &str, status: u16, answered: &[(&str, &str)]) -> Value {
    let pairs = |all: &[(&str, &str)]| -> Value {
        all.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
    };
    let sent = pairs(&[("Origin", origin), ("Sec-Fetch-Mode", "cors")]);
    json!({
        "request": { "method": "GET", "url": url, "headers": sent },
        "response": { "status": status, "headers": pairs(answered) },
    })
}

fn archive(entries: &[Value]) -> String {
    json!({ "log": { "version": "1.2", "entries": entries } }).to_string()
}

/// The entry of a redirect that passes the CORS check.
fn redirect(url: &str, status: u16, to: &str) -> Value {
    entry(url, APP, status, &[("Access-Control-Allow-Origin", APP), ("Location", to)])
}

#[test]
fn a_redirect_to_a_host_without_a_route_is_what_the_page_asked_for() {
    let idp = "https://idp.example.net/x?state=secret";
    let chain = [redirect(API, 302, idp), entry(idp, "null", 200, &[("Access-Control-Allow-Origin", APP)])];
    let begin = "refused by the browser: the server redirected the request to `https://idp.example.net/x`, and that response is at fault: it names the page's origin, but behind a redirect from one other origin to another the browser sends `Origin: null`\n  GET https://api.example.com/app/x from `https://app.example.com`\n";
    for arguments in [&["copied.toml", "-"][..], &["-"]] {
        let (code, stdout, stderr) = explain(arguments, archive(&chain).as_bytes());
        assert!(code == 10 && stdout.starts_with(begin), "{arguments:?}: {stdout}{stderr}");
        for said in [
            "let the API answer 401 in its place",
            "2 entries, 1 failed request explained",
            "; 0 read by the page",
        ] {
            assert!(stdout.contains(said), "{said}: {stdout}");
        }
        assert!(!stdout.contains("no route has the host") && !stdout.contains("secret"), "{stdout}");
    }
    let (_, json, _) = explain(&["copied.toml", "-", "--format", "json"], archive(&chain).as_bytes());
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(json["requests"][0]["url"], json!(API), "{json}");
    assert_eq!(json["requests"][0]["verdict"]["end"], json!("blocked"), "{json}");
}

/// The entries of an archive, the exit code, the begin of the answer, and what the last line counts.
#[test]
fn redirects_of_an_archive_are_followed_as_browsers_follow_them() {
    let other = "https://other.example/y";
    let named = [("Access-Control-Allow-Origin", APP)];
    let any = [("Access-Control-Allow-Origin", "*")];
    let failed = |mut entry: Value, text: &str| {
        entry["response"]["_error"] = json!(text);
        entry
    };
    let moved = |mut entry: Value| {
        entry["response"]["headers"] = json!([{ "name": "Access-Control-Allow-Origin", "value": APP }]);
        entry["response"]["redirectURL"] = json!("/app/y");
        entry
    };
    let post = |mut entry: Value| {
        entry["request"]["method"] = json!("POST");
        entry
    };
    let here = "https://api.example.com/app/y";
    for (entries, code, begin, count) in [
        (vec![redirect(API, 302, "/app/y"), entry(here, APP, 200, &named)], 0, "`<stdin>`: 2", "1 read"),
        (vec![moved(redirect(API, 302, "")), entry(here, APP, 200, &named)], 0, "`<stdin>`: 2", "1 read"),
        (vec![redirect(API, 302, other), entry(other, "null", 200, &any)], 0, "`<stdin>`: 2", "1 read"),
        (vec![post(redirect(API, 303, other)), entry(other, "null", 200, &any)], 0, "`<stdin>`: 2", "1 read"),
        (
            vec![redirect(API, 302, "/app/y"), entry(here, APP, 200, &[("Date", "")])],
            10,
            "refused by the browser: the server redirected the request to `https://api.example.com/app/y`, and that response is at fault: the response has no",
            "0 read",
        ),
        (
            vec![
                redirect(API, 302, other),
                entry(
                    other,
                    "null",
                    302,
                    &[("Access-Control-Allow-Origin", "*"), ("Location", "https://third.example/z")],
                ),
                entry("https://third.example/z", "null", 200, &[("Date", "")]),
            ],
            10,
            "refused by the browser: the server redirected the request to `https://third.example/z`",
            "0 read",
        ),
        // The browser does not check what it does not follow, and what it asked for besides is its own story.
        (
            vec![entry(API, APP, 302, &[("Location", other)]), entry(other, APP, 200, &named)],
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin` (the response has the status 302)",
            "1 read",
        ),
        (
            vec![redirect(API, 302, "http://api.example.com/app/y?k=secret")],
            10,
            "not CORS: mixed content",
            "0 read",
        ),
        (
            vec![redirect(API, 302, "https://me:secret@api.example.com/y")],
            10,
            "not CORS: the browser did not follow a redirect",
            "0 read",
        ),
        (
            vec![redirect(API, 302, other), failed(entry(other, "null", 0, &[]), "net::ERR_FAILED")],
            10,
            "failed: the server redirected the request to `https://other.example/y`, and that request failed",
            "0 read",
        ),
        (
            vec![
                redirect(API, 302, other),
                failed(entry(other, "null", 0, &[]), "net::ERR_BLOCKED_BY_CLIENT"),
            ],
            10,
            "not CORS: an extension",
            "0 read",
        ),
        // Not in the archive: neither read nor failed.
        (vec![redirect(API, 302, other)], 0, "1 redirected request left out: the archive does not", "0 read"),
        // Of another page, and before the redirect.
        (
            vec![redirect(API, 302, other), entry(other, "https://b.example", 200, &any)],
            0,
            "1 redirected request left out",
            "1 read",
        ),
        (
            vec![entry(other, "null", 200, &any), redirect(API, 302, other)],
            0,
            "1 redirected request left out",
            "1 read",
        ),
        // Neither host has a route.
        (
            vec![redirect("https://a.example/x", 302, other), entry(other, "null", 200, &[("Date", "")])],
            0,
            "no route has the host `a.example`: 1 failed request left out",
            "0 read",
        ),
        // Only the second one has.
        (
            vec![redirect("https://a.example/x", 302, API), entry(API, "null", 403, &[("Date", "")])],
            10,
            "refused: `origin_null`",
            "0 read",
        ),
    ] {
        let text = archive(&entries);
        let (found, stdout, stderr) = explain(&["copied.toml", "-"], text.as_bytes());
        assert!(
            found == code && stdout.starts_with(begin) && stdout.contains(&format!("; {count} by the page")),
            "{entries:?}: {stdout}{stderr}"
        );
        assert!(!stdout.contains("secret"), "{stdout}");
        let (_, alone, _) = explain(&["-"], text.as_bytes());
        assert!(!alone.contains("secret"), "{alone}");
        // An archive may leave out what a browser sends.
        let without =
            text.replace("\"name\":\"Origin\",\"value\":\"null\"", "\"name\":\"User-Agent\",\"value\":\"x\"");
        let (found, same, _) = explain(&["copied.toml", "-", "--brief"], without.as_bytes());
        let (_, brief, _) = explain(&["copied.toml", "-", "--brief"], text.as_bytes());
        assert!(
            found == code && same == brief || entries.len() < 2 || begin.starts_with("1 re"),
            "{entries:?}: {same}"
        );
    }
}
