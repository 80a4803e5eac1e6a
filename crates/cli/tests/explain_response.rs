//! `corsgate explain --response` with what people paste as the headers of a response.

use crate::explain_copied::{APP, explain};

#[test]
fn the_response_itself_is_judged_and_nothing_else_in_the_text() {
    let api = "https://api.example.com/app/x";
    let good = "access-control-allow-origin: https://app.example.com\n";
    let lists = "access-control-allow-methods: PUT\n";
    for (text, url, method, code, begin) in [
        // There is nothing to judge.
        ("connected".to_owned(), api, "GET", 2, "error: there are no headers of a response in the text"),
        ("<html><p>a: b</p></html>".to_owned(), api, "GET", 2, "error: there are no headers of a response"),
        // What comes before a response is none.
        (
            format!("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\n{good}"),
            api,
            "GET",
            0,
            "allowed: by the headers",
        ),
        (format!("HTTP/2 103\nlink: x\n\nHTTP/2 200\n{good}"), api, "GET", 0, "allowed: by the headers"),
        (
            format!("HTTP/1.1 200 Connection established\r\n\r\nHTTP/2 200\n{good}"),
            api,
            "GET",
            0,
            "allowed: by the headers",
        ),
        // Nor is what comes behind it.
        (
            format!("HTTP/2 200\ncontent-type: text/plain\n\n{good}"),
            api,
            "GET",
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin`",
        ),
        (
            format!(
                "* Connected\n> GET /app/x HTTP/2\n> origin: {APP}\n>\n< HTTP/2 200\n< vary: Origin\n<\n{good}"
            ),
            api,
            "GET",
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin`",
        ),
        // Each redirect is checked, and what it leads to is not known.
        (
            format!("HTTP/2 301\nlocation: /y\n{good}\nHTTP/2 200\ndate: x\n"),
            api,
            "GET",
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin` (the response has the status 200)",
        ),
        (
            format!("HTTP/2 301\nlocation: /y\n{good}"),
            api,
            "GET",
            0,
            "allowed so far: by the headers of the response, the browser follows the redirect; the response to that",
        ),
        // A preflight that succeeds is not yet a response that can be read.
        (
            format!("HTTP/2 204\n{good}{lists}"),
            api,
            "PUT",
            0,
            "allowed so far: by its headers, the preflight succeeds; the response to the request",
        ),
        (
            format!("HTTP/2 204\n{good}{lists}\nHTTP/2 200\ndate: x\n"),
            api,
            "PUT",
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin` (the response has the status 200)",
        ),
        // CORS does not apply to a handshake.
        (
            format!("HTTP/1.1 403 Forbidden\n{good}"),
            "wss://api.example.com/app/x",
            "GET",
            10,
            "refused: the server answered the handshake with 403",
        ),
        (
            "HTTP/1.1 101 Switching Protocols\nupgrade: websocket\n".to_owned(),
            "wss://api.example.com/app/x",
            "GET",
            0,
            "allowed: by the response, the WebSocket opens",
        ),
        // As Chromium's panel is copied.
        (
            "access-control-allow-origin:\nhttps://app.example.com\nvary:\nOrigin\n".to_owned(),
            api,
            "GET",
            0,
            "allowed: by the headers",
        ),
    ] {
        let arguments = ["--response", "-", "--url", url, "--origin", APP, "--method", method];
        let (found, stdout, stderr) = explain(&arguments, text.as_bytes());
        let told = stderr + &stdout;
        assert!(found == code && told.starts_with(begin), "{text}\n{told}");
    }
}

/// Fetch, "HTTP-redirect fetch": where a redirect leads decides what the browser sends there, and whether it follows.
#[test]
fn a_redirect_is_followed_as_browsers_follow_it() {
    let app = "access-control-allow-origin: https://app.example.com\n";
    let lists = "access-control-allow-methods: PUT\n";
    let redirect = |status: u16, location: &str| format!("HTTP/2 {status}\nlocation: {location}\n{app}\n");
    let ok = |origin: &str| format!("HTTP/2 200\naccess-control-allow-origin: {origin}\n\n");
    let preflight = format!("HTTP/2 204\n{app}{lists}\n");
    let allowed = "allowed: by the headers of the response, the page may read it";
    let is_null = "refused by the browser: `Access-Control-Allow-Origin` is `https://app.example.com`, not `null`, which";
    let no_second_preflight = "allowed so far: by the headers of the responses, the page may read the last; the browser sends a preflight to the URL of the redirect first";
    for (text, method, code, begin) in [
        (redirect(302, "/y") + &ok(APP), "GET", 0, allowed),
        // From one other origin to another: the origin is `null`, also back at the page.
        (redirect(302, "https://other.example/y") + &ok(APP), "GET", 10, is_null),
        (redirect(302, "https://app.example.com/y") + &ok(APP), "GET", 10, is_null),
        (redirect(302, "https://other.example/y") + &ok("null"), "GET", 0, allowed),
        (redirect(302, "https://other.example/y") + &ok("*"), "GET", 0, allowed),
        // What no browser follows.
        (
            redirect(302, "https://me:pw@api.example.com/y") + &ok(APP),
            "GET",
            10,
            "not CORS: the browser did not",
        ),
        (
            redirect(302, "ftp://api.example.com/y") + &ok(APP),
            "GET",
            10,
            "not CORS: the browser did not follow",
        ),
        (
            redirect(302, "https://[y") + &ok(APP),
            "GET",
            10,
            "not CORS: the browser did not follow a redirect",
        ),
        (redirect(302, "http://api.example.com/y"), "GET", 10, "not CORS: mixed content"),
        // Without `Location` it is no redirect.
        (format!("HTTP/2 302\n{app}"), "GET", 0, allowed),
        // A preflight is sent to each URL.
        (preflight.clone() + &redirect(307, "/y") + &ok(APP), "PUT", 0, no_second_preflight),
        (preflight.clone() + &redirect(307, "/y") + &preflight + &ok(APP), "PUT", 0, allowed),
        (
            preflight.clone() + &redirect(307, "/y") + &ok(APP) + &ok(APP),
            "PUT",
            10,
            "refused by the browser: `Access-Control-Allow-Methods` does not allow `PUT`",
        ),
        // A redirect with 303 leads to a GET, which needs none.
        (preflight + &redirect(303, "/y") + &ok(APP), "PUT", 0, allowed),
        (redirect(302, "/y") + &ok(APP), "POST", 0, allowed),
    ] {
        let url = "https://api.example.com/app/x";
        let arguments = ["--response", "-", "--url", url, "--origin", APP, "--method", method];
        let (found, stdout, stderr) = explain(&arguments, text.as_bytes());
        let told = stderr + &stdout;
        assert!(found == code && told.starts_with(begin), "{text}\n{told}");
    }
    // A page's own server redirects to another.
    for (headers, code) in [(ok(APP), 0), ("HTTP/2 200\ndate: x\n".to_owned(), 10)] {
        let text = "HTTP/2 302\nlocation: https://api.example.com/y?token=secret\n\n".to_owned() + &headers;
        let arguments = ["--response", "-", "--url", "https://app.example.com/x", "--origin", APP];
        let (found, stdout, stderr) = explain(&arguments, text.as_bytes());
        assert!(found == code && !(stdout.clone() + &stderr).contains("token"), "{text}\n{stdout}{stderr}");
    }
}

/// `curl -v` shows the request too, and names curl in what it prints.
#[test]
fn what_curl_prints_with_v_is_a_response_with_its_request() {
    let remarks = "* Host api.example.com:443 was resolved.\n* ALPN: curl offers h2,http/1.1\n* Connected to api.example.com (192.0.2.1) port 443\n";
    let sent = |method: &str, more: &str| {
        format!(
            "{remarks}> {method} /app/x?token=secret HTTP/2\n> Host: api.example.com\n> User-Agent: curl/8.5.0\n> Accept: */*\n{more}> \n"
        )
    };
    let origin = "> Origin: https://app.example.com\n";
    let asked = "> Origin: https://app.example.com\n> Access-Control-Request-Method: PUT\n";
    let good = "< HTTP/2 200 \n< access-control-allow-origin: https://app.example.com\n< access-control-allow-methods: PUT\n< \n* Connection #0 left intact\n";
    let bad = "< HTTP/2 200 \n< server: x\n< \n{ [5 bytes data]\n<html>curl</html>\n";
    let url = "https://api.example.com/app/x";
    for (text, arguments, code, begin, said) in [
        (
            sent("GET", origin) + bad,
            &[][..],
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin`",
            "  GET https://api.example.com/app/x from `https://app.example.com`\n",
        ),
        (sent("GET", origin) + good, &[], 0, "allowed: by the headers of the response", ""),
        (format!("$ curl -v '{url}'\n") + &sent("GET", origin) + good, &[], 0, "allowed: by the headers", ""),
        (
            sent("OPTIONS", asked) + good,
            &[],
            0,
            "allowed so far: by its headers, the preflight succeeds",
            "  PUT https://api.example.com/app/x from",
        ),
        // The request itself, without the preflight that a browser sends before it.
        (
            sent("PUT", origin) + good,
            &[],
            0,
            "allowed so far: by the headers of the response, the page may read it; the browser sends a preflight first",
            "",
        ),
        (
            sent("PUT", origin) + bad,
            &[],
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin` (the response has the status 200)",
            "",
        ),
        (
            sent("OPTIONS", asked) + good + &sent("PUT", origin) + bad,
            &[],
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin` (the response has the status 200)",
            "  PUT ",
        ),
        // What is not there, or said otherwise.
        (
            sent("GET", "") + bad,
            &["--origin", APP],
            10,
            "refused by the browser: the response has no",
            "note: the request had no `Origin`",
        ),
        (
            sent("GET", "") + bad,
            &[],
            2,
            "note: the request had no `Origin`",
            "error: these are the headers of a response",
        ),
        (
            sent("GET", origin) + bad,
            &["--origin", "https://b.example", "--url", "https://api.example.com/app/y"],
            10,
            "refused by the browser",
            "  GET https://api.example.com/app/y from `https://b.example`\n",
        ),
        (good.to_owned(), &["--url", url, "--origin", APP], 0, "allowed: by the headers", ""),
        (good.to_owned(), &[], 2, "error: these are the headers of a response", ""),
        (
            format!("{remarks}* connect to 192.0.2.1 port 443 failed\n"),
            &["--url", url, "--origin", APP],
            2,
            "error: there are no headers of a response",
            "",
        ),
        (
            "HTTP/2 200\nserver: x\n\n{\"say\": \"curl, fetch('x')\"}".to_owned(),
            &["--url", url, "--origin", APP],
            10,
            "refused by the browser: the response has no",
            "",
        ),
    ] {
        // Without a policy, `-` beside `--url` is one.
        let material = if arguments.contains(&"--url") { &["--response", "-"][..] } else { &["-"] };
        let (found, stdout, stderr) = explain(&[material, arguments].concat(), text.as_bytes());
        let told = stderr + &stdout;
        assert!(
            found == code && told.starts_with(begin) && told.contains(said),
            "{text} {arguments:?}\n{told}"
        );
        assert!(!told.contains("secret"), "{told}");
    }
    // With a policy, both are said.
    for arguments in [&["copied.toml", "-"][..], &["copied.toml", "-", "--url", url, "--origin", APP]] {
        let (code, stdout, _) = explain(arguments, (sent("GET", origin) + bad).as_bytes());
        assert!(code == 10 && stdout.contains("this policy would allow the request"), "{stdout}");
    }
}
