//! `corsgate explain` with what is not CORS, or no response at all: neither is called CORS, nor is what the page did not get
//! called readable.

use serde_json::{Value, json};

use crate::explain_copied::{APP, explain, try_all};

/// What the red line of a console says, the begin of the first line of the answer, and what else must be said.
#[test]
fn lines_that_are_not_about_cors_say_what_they_are_about() {
    let api = "https://api.example.com/app/x";
    let cors = |url: &str, sentence: &str| {
        format!("Access to fetch at '{url}' from origin '{APP}' has been blocked by CORS policy: {sentence}")
    };
    let firefox = |reason: &str| {
        format!(
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at {api}. (Reason: {reason})."
        )
    };
    for (line, begin, said) in [
        (format!("POST {api} 401 (Unauthorized)"), "failed: the server answered with the status 401", ""),
        ("Failed to load resource: the server responded with a status of 404 ()".to_owned(), "failed: the server answered with the status 404", "another red line"),
        ("Blocked a frame with origin \"https://app.example.com\" from accessing a cross-origin frame.".to_owned(), "not CORS: a page reaches into a frame", "`postMessage`"),
        ("Failed to execute 'postMessage' on 'DOMWindow': The target origin provided ('https://a.example') does not match the recipient window's origin ('https://b.example').".to_owned(), "not CORS: a page reaches into a frame", ""),
        ("Error: Permission denied to access property \"document\" on cross-origin object".to_owned(), "not CORS: a page reaches into a frame", ""),
        ("Refused to display 'https://api.example.com/' in a frame because it set 'X-Frame-Options' to 'deny'.".to_owned(), "not CORS: the response does not allow that a page of this origin shows it in a frame", "frame-ancestors"),
        ("Uncaught SecurityError: Failed to execute 'getImageData' on 'CanvasRenderingContext2D': The canvas has been tainted by cross-origin data.".to_owned(), "not CORS: the page reads a canvas", "crossorigin"),
        ("TypeError: Failed to execute 'fetch' on 'Window': Request cannot be constructed from a URL that includes credentials: https://u:secret@api.example.com/".to_owned(), "not CORS: `fetch` throws for a URL with a user name or password", "`Authorization`"),
        ("TypeError: Window.fetch: https://u:secret@api.example.com/ is an url with embedded credentials.".to_owned(), "not CORS: `fetch` throws for a URL with a user name or password", ""),
        ("Refused to set unsafe header \"Cookie\"".to_owned(), "not CORS: a script sets a header", ""),
        ("Failed to load module script: Expected a JavaScript module script but the server responded with a MIME type of \"text/html\".".to_owned(), "not CORS: the response has a content type", "HTML page"),
        (format!("The FetchEvent for \"{api}\" resulted in a network error response: an \"opaque\" response was used for a request whose type is not no-cors"), "not CORS: the page's own service worker", "Bypass for network"),
        (format!("Request to access cookie or storage on \u{201c}{api}\u{201d} was blocked because we are blocking all third-party cookies"), "not CORS: the browser keeps the cookies", "SameSite=None"),
        ("The connection to wss://api.example.com/app/x was interrupted while the page was loading.".to_owned(), "failed: the connection", ""),
        (format!("Firefox can\u{2019}t establish a connection to the server at {api}."), "failed: the connection", ""),
        (cors("file:///C:/x.json", "Cross origin requests are only supported for protocol schemes: http, data, https."), "not CORS: a local file", "Serve the page"),
        (cors("localhost:3000/x", "Cross origin requests are only supported for protocol schemes: http, data, https."), "not CORS: a local file, or a URL without", "is read as one with the scheme `localhost`"),
        (cors("http://192.168.1.2/x", "Permission was denied for this request to access the `local` address space."), "not CORS: Local Network Access", "No header of the server helps"),
        (firefox("CORS disabled"), "not CORS: CORS is turned off in this browser", "content.cors.disable"),
        (firefox("Multiple CORS header \u{2018}Access-Control-Allow-Origin\u{2019} not allowed"), "refused by the browser: `Access-Control-Allow-Origin` has more than one value", ""),
        (format!("[Error] Beacon API cannot load {api}. Origin https://evil.example is not allowed by Access-Control-Allow-Origin."), "refused: `origin_not_listed`", "this explains the line"),
        (format!("12:33:01.222 app.js:1 {}", cors(api, "No 'Access-Control-Allow-Origin' header is present on the requested resource.")), "not explained by this policy", "what the server that answered must do: Let the server send `Access-Control-Allow-Origin: https://app.example.com`"),
        (format!("Access to fetch at 'https://login.example.com/in?next=secret' (redirected from '{api}') from origin '{APP}' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."), "refused by the browser: the server redirected the request to `https://login.example.com/in`, and that response is at fault", "answer 401 in its place"),
        ("[blocked] The page at https://app.example.com/ was not allowed to display insecure content from http://api.example.com/app/x?k=secret.".to_owned(), "not CORS: mixed content: a page with `https` asks for an insecure URL, so the browser sends nothing", "Safari prints"),
        ("[blocked] The page at https://app.example.com/ was not allowed to run insecure content from http://api.example.com/app/x".to_owned(), "not CORS: mixed content", "GET http://api.example.com/app/x from `https://app.example.com`"),
        ("Mixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but requested an insecure XMLHttpRequest endpoint 'http://api.example.com/app/x'. This request has been blocked; the content must be served over HTTPS.".to_owned(), "not CORS: mixed content", "GET http://api.example.com/app/x from `https://app.example.com`"),
        (format!("Blocked loading mixed active content \u{201c}{}\u{201d}", api.replace("https", "http")), "not CORS: mixed content", ""),
        (format!("Cross-Origin Request Warning: The Same Origin Policy will disallow reading the remote resource at {api} soon. (Reason: When the `Access-Control-Allow-Headers` is `*`, the `Authorization` header is not covered. To include the `Authorization` header, it must be explicitly listed in CORS header `Access-Control-Allow-Headers`)."), "a warning: the request passed", "by name"),
        (format!("downloadable font: download failed (font-family: \"X\" style:normal weight:400 stretch:100 src index:0): bad URI or cross-site access not allowed source: {api}"), "failed: the font was not loaded", "Browsers always use CORS for fonts"),
        (format!("downloadable font: download failed (font-family: \"X\"): bad URI or cross-site access not allowed source: {api}\n{}", firefox("CORS header \u{2018}Access-Control-Allow-Origin\u{2019} missing")), "refused by the browser: the response has no", ""),
        ("EventSource's response has a MIME type (\"text/html\") that is not \"text/event-stream\". Aborting the connection.".to_owned(), "not CORS: an EventSource got a response that is not `text/event-stream`", "401 in the place of a page to sign in"),
        ("EventSource\u{2019}s response has a charset (\"x\") that is not UTF-8. Aborting the connection.".to_owned(), "not CORS: an EventSource", "text/event-stream"),
        (cors("https://api.example.com/app/long/pa\u{2026}/x", "No 'Access-Control-Allow-Origin' header is present on the requested resource."), "not explained by this policy", "the URL in the line is shortened"),
    ] {
        try_all(&[(&line, 10, begin, &[said])]);
        let (_, stdout, stderr) = explain(&["copied.toml", "-"], line.as_bytes());
        assert!(!(stdout + &stderr).contains("secret"), "{line}");
    }
    // The line of the network beside it names the method.
    let line = cors(
        api,
        "Response to preflight request doesn't pass access control check: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
    );
    let (_, stdout, _) =
        explain(&["copied.toml", "-"], format!("{line}\nPUT {api} net::ERR_FAILED").as_bytes());
    assert!(
        stdout.contains(&format!("  PUT {api} from")) && !stdout.contains("does not name the method"),
        "{stdout}"
    );
}

fn headers(pairs: &[(&str, &str)]) -> Value {
    pairs.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect()
}

fn entry(method: &str, url: &str, sent: &[(&str, &str)], response: Value) -> Value {
    json!({ "request": { "method": method, "url": url, "headers": headers(sent) }, "response": response })
}

fn archive(creator: &str, entries: &[Value]) -> String {
    json!({ "log": { "version": "1.2", "creator": { "name": creator }, "entries": entries } }).to_string()
}

const API: &str = "https://api.example.com/app/x";
const OURS: &[(&str, &str)] = &[("origin", APP)];
const THEIRS: &[(&str, &str)] = &[("origin", "https://evil.example")];

/// A broken connection says nothing about CORS, on whichever path.
#[test]
fn a_broken_connection_is_told_before_what_the_policy_says_and_without_a_sentence_of_cors() {
    for error in
        ["net::ERR_CONNECTION_RESET", "NS_ERROR_NET_RESET", "net::ERR_NAME_NOT_RESOLVED", "net::ERR_ABORTED"]
    {
        let failed = json!({ "status": 0, "headers": [], "_error": error });
        for (url, sent, also) in [
            ("https://api.example.com/sse", OURS, "also: refused: `route_not_found`"),
            (API, THEIRS, "also: refused: `origin_not_listed`"),
            ("wss://api.example.com/app/x", THEIRS, "also: refused: `origin_not_listed`"),
        ] {
            let text = archive("WebInspector", &[entry("GET", url, sent, failed.clone())]);
            let (code, stdout, _) = explain(&["copied.toml", "-"], text.as_bytes());
            assert!(code == 10 && stdout.starts_with("failed: ") && stdout.contains(also), "{stdout}");
            assert!(!stdout.contains("prints:") && !stdout.contains("blocked by CORS policy"), "{stdout}");
        }
        for url in [API, "wss://api.example.com/app/x"] {
            let text = archive("WebInspector", &[entry("GET", url, OURS, failed.clone())]);
            let (code, stdout, _) = explain(&["copied.toml", "-"], text.as_bytes());
            let begin = "allowed: the policy allows the request, but the page did not get its response: ";
            assert!(code == 0 && stdout.starts_with(begin), "{stdout}");
        }
        // On a host without a route it is told as well.
        let text = archive("x", &[entry("GET", "https://other.example.net/", OURS, failed.clone())]);
        let (code, stdout, _) = explain(&["copied.toml", "-"], text.as_bytes());
        assert!(code == 0 && stdout.starts_with("`other.example.net`: 1 failed request, the "), "{stdout}");
    }
    // That of the preflight says more than `ERR_FAILED` of its request.
    let asked = [("origin", APP), ("access-control-request-method", "PUT")];
    let text = archive(
        "x",
        &[
            entry("OPTIONS", API, &asked, json!({ "status": 0, "_error": "net::ERR_CONNECTION_RESET" })),
            entry("PUT", API, OURS, json!({ "status": 0, "_error": "net::ERR_FAILED" })),
        ],
    );
    let (_, stdout, _) = explain(&["copied.toml", "-"], text.as_bytes());
    assert!(stdout.contains("the browser reports `net::ERR_CONNECTION_RESET`"), "{stdout}");
}

#[test]
fn what_the_browser_did_not_check_or_the_archive_does_not_show_is_not_judged() {
    let ok = [("access-control-allow-origin", APP)];
    let response =
        |status: u16, answered: &[(&str, &str)]| json!({ "status": status, "headers": headers(answered) });
    let of_worker =
        json!({ "status": 200, "headers": headers(&[("date", "")]), "_fetchedViaServiceWorker": true });
    let navigation = [("origin", "https://evil.example"), ("sec-fetch-mode", "navigate")];
    let refused = [("corsgate-decision", "reject;reason=origin_not_listed")];
    for (entry, code, said, never) in [
        (
            entry("GET", API, OURS, of_worker),
            0,
            "1 request left out: a request that the page's service worker answered",
            "refused by the browser",
        ),
        (
            entry("GET", API, OURS, response(200, &[])),
            0,
            "1 successful request left out: the archive does not have the headers of the response",
            "1 read by the page",
        ),
        // A 304 has the stored headers, and its own in their place.
        (
            entry("GET", API, OURS, response(304, &[("etag", "x")])),
            0,
            "0 failed requests explained",
            "refused by the browser",
        ),
        (
            entry(
                "GET",
                API,
                OURS,
                response(304, &[("access-control-allow-origin", "https://other.example")]),
            ),
            10,
            "refused by the browser: `Access-Control-Allow-Origin` is `https://other.example`",
            "read by the page\n1",
        ),
        // Several lines of one name, as Chromium joins them.
        (
            entry(
                "GET",
                API,
                OURS,
                response(
                    200,
                    &[("access-control-allow-origin", "https://app.example.com\nhttps://app.example.com")],
                ),
            ),
            10,
            "has more than one value, `https://app.example.com, https://app.example.com`",
            "\n  https",
        ),
        // The gateway refuses a form of another site; the browser prints nothing about CORS.
        (
            entry("POST", API, &navigation, response(403, &refused)),
            10,
            "this is a navigation: the browser checks nothing of CORS",
            "prints:",
        ),
        // The page is not known, so nobody can say that nothing failed.
        (
            entry("GET", API, &[], json!({ "status": 0 })),
            10,
            "1 failed request left out: the page is not known",
            "refused by the browser",
        ),
        (
            entry(
                "GET",
                API,
                OURS,
                json!({ "status": 0, "_error": "net::ERR_FAILED https://u:secret@a.example/?k=secret" }),
            ),
            10,
            "the browser reports `net::ERR_FAILED https://a.example/`",
            "secret",
        ),
        (entry("GET", API, OURS, response(200, &ok)), 0, "1 read by the page", "left out"),
    ] {
        let (found, stdout, _) = explain(&["copied.toml", "-"], archive("x", &[entry]).as_bytes());
        assert!(found == code && stdout.contains(said) && !stdout.contains(never), "{said}: {stdout}");
    }
}

#[test]
fn each_attempt_has_its_own_preflight() {
    let asked = |origin| [("origin", origin), ("access-control-request-method", "PUT")];
    let preflight = |origin, status: u16, answered: &[(&str, &str)]| {
        entry("OPTIONS", API, &asked(origin), json!({ "status": status, "headers": headers(answered) }))
    };
    let good = [("access-control-allow-origin", APP), ("access-control-allow-methods", "PUT")];
    let failed = entry("PUT", API, OURS, json!({ "status": 0, "_error": "net::ERR_FAILED" }));
    let done = entry("PUT", API, OURS, json!({ "status": 200, "headers": headers(&good) }));
    for entries in [
        [preflight(APP, 404, &[("date", "")]), failed.clone(), preflight(APP, 204, &good), done.clone()],
        [failed, preflight(APP, 404, &[("date", "")]), done.clone(), preflight(APP, 204, &good)],
    ] {
        let (code, stdout, _) = explain(&["copied.toml", "-", "--brief"], archive("x", &entries).as_bytes());
        let first = "refused by the browser: PUT https://api.example.com/app/x from `https://app.example.com`: the response has no `Access-Control-Allow-Origin` (the response to the preflight has the status 404)";
        assert!(
            code == 10
                && stdout.starts_with(first)
                && stdout.contains("4 entries, 1 failed request explained"),
            "{stdout}"
        );
    }
    // That of another page is another story.
    let entries = [preflight("https://evil.example", 403, &[("date", "")]), done];
    let (_, stdout, _) = explain(&["copied.toml", "-", "--brief"], archive("x", &entries).as_bytes());
    assert!(
        stdout.starts_with("refused: PUT https://api.example.com/app/x from `https://evil.example`"),
        "{stdout}"
    );
    assert!(stdout.contains("1 read by the page"), "{stdout}");
}

#[test]
fn the_browser_of_an_archive_is_that_of_its_exporter() {
    for (creator, prints) in [
        ("Firefox", "Firefox prints:"),
        ("WebKit Web Inspector", "Safari prints:"),
        ("WebInspector", "Chrome prints:"),
        ("Charles Proxy", "Chrome prints:"),
    ] {
        let text = archive(
            creator,
            &[entry("GET", API, THEIRS, json!({ "status": 403, "headers": headers(&[("date", "")]) }))],
        );
        let (_, stdout, _) = explain(&["copied.toml", "-"], text.as_bytes());
        assert!(stdout.contains(prints), "{creator}: {stdout}");
        let (_, stdout, _) = explain(&["copied.toml", "-", "--browser", "chrome"], text.as_bytes());
        assert!(stdout.contains("Chrome prints:"), "{creator}: {stdout}");
    }
}

/// What a script spreads, streams and sockets.
#[test]
fn what_a_script_computes_is_named_and_what_it_opens_is_read() {
    try_all(&[
        (
            "fetch('https://api.example.com/app/x', { ...options, method: 'PUT', referrer: 'https://app.example.com/' })",
            0,
            "allowed:",
            &["note: `...options` is computed by the script"],
        ),
        (
            "const own = { method: 'PATCH' };\nfetch('https://api.example.com/app/x', { ...own, referrer: 'https://app.example.com/' })",
            10,
            "refused: `method_not_allowed`",
            &[],
        ),
        (
            "fetch(new Request('https://api.example.com/app/x', { method: 'PATCH', referrer: 'https://app.example.com/' }))",
            10,
            "refused: `method_not_allowed`",
            &[],
        ),
        (
            "new EventSource('https://api.example.com/app/x')",
            2,
            "error: the script does not say which page",
            &[],
        ),
        (
            "axios.get('https://api.example.com/app/x')",
            2,
            "error: the text has no call of `fetch`",
            &["`--url`"],
        ),
    ]);
    for (script, said) in [
        (
            "const s = new EventSource('https://api.example.com/app/x', { withCredentials: true })",
            "  GET https://api.example.com/app/x from `https://app.example.com`, with cookies\n",
        ),
        (
            "const s = new WebSocket('wss://api.example.com/app/x', ['a'])",
            "  GET wss://api.example.com/app/x from `https://app.example.com`\n",
        ),
    ] {
        let (code, stdout, _) = explain(&["copied.toml", "-", "--origin", APP], script.as_bytes());
        assert!(code == 0 && stdout.starts_with("allowed:") && stdout.contains(said), "{stdout}");
    }
}
