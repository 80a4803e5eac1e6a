//! `corsgate explain` with a line of the console, of each engine.

use crate::explain_copied::{APP, explain, try_all};

#[test]
fn a_line_of_the_console_is_compared_with_the_policy() {
    let blocked = |origin: &str, sentence: &str| {
        format!(
            "app.js:12 Access to fetch at 'https://api.example.com/app/x' from origin '{origin}' has been blocked by CORS policy: {sentence}\nUnderstand this error\napp.js:12 \u{a0}GET https://api.example.com/app/x net::ERR_FAILED"
        )
    };
    let missing = "No 'Access-Control-Allow-Origin' header is present on the requested resource.";
    let method = "Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response.";
    let wildcard = "The value of the 'Access-Control-Allow-Origin' header in the response must not be the wildcard '*' when the request's credentials mode is 'include'.";
    try_all(&[
        (
            &blocked("https://app.example.com:8443", missing),
            10,
            "refused: `origin_not_listed`",
            &["differs only in the port", "this explains the line"],
        ),
        (
            &blocked(APP, missing),
            10,
            "not explained by this policy: it allows the request",
            &["the line says: the response has no `Access-Control-Allow-Origin`"],
        ),
        (
            &blocked(APP, method),
            10,
            "refused: `method_not_allowed`",
            &["PATCH https://api.example.com/app/x", "this explains the line"],
        ),
        (&blocked(APP, wildcard), 10, "not explained by this policy", &["with cookies"]),
        (
            &blocked(
                APP,
                "Request header field x-trace is not allowed by Access-Control-Allow-Headers in preflight response.",
            ),
            10,
            "refused: `header_not_allowed`",
            &["this explains the line"],
        ),
        (
            &blocked("https://app.example.com:8443", method),
            10,
            "refused: `origin_not_listed`",
            &["the line says something else"],
        ),
        (
            &blocked(APP, "Permission was denied for this request to access the `local` address space."),
            10,
            "not CORS: Local Network Access",
            &["No header of the server helps"],
        ),
        (
            "Mixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but requested an insecure resource 'http://api.example.com/app/x'. This request has been blocked; the content must be served over HTTPS.",
            10,
            "not CORS: mixed content",
            &["with `https`"],
        ),
        ("GET https://api.example.com/app/x net::ERR_BLOCKED_BY_CLIENT", 10, "not CORS: an extension", &[]),
        (
            "GET https://api.example.com/app/x net::ERR_CERT_AUTHORITY_INVALID",
            10,
            "not CORS: the browser does not accept the server's certificate",
            &[],
        ),
        (
            "GET https://api.example.com/app/x net::ERR_FAILED",
            10,
            "failed: the browser does not say why",
            &["Copy the red line"],
        ),
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/app/x. (Reason: CORS header \u{2018}Access-Control-Allow-Origin\u{2019} missing). Status code: 403.",
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin`",
            &["note: the line does not name the page: add its origin"],
        ),
        (
            "Quell\u{fc}bergreifende (Cross-Origin) Anfrage blockiert: Die Gleiche-Quelle-Regel verbietet das Lesen der externen Ressource auf https://api.example.com/app/x.",
            2,
            "error: the line is not one of the English sentences",
            &["intl.locale.requested"],
        ),
        (
            "WebSocket connection to 'wss://api.example.com/app/x' failed: Error during WebSocket handshake: Unexpected response code: 403",
            10,
            "refused: the server answered the handshake with 403",
            &["CORS does not apply to WebSockets"],
        ),
    ]);
    let safari = "[Error] Preflight response is not successful. Status code: 404\n[Error] Fetch API cannot load https://api.example.com/app/x due to access control checks.";
    let (_, stdout, _) = explain(&["copied.toml", "--console", safari, "--origin", APP], b"");
    assert!(stdout.contains("the line says: the response to the preflight has the status 404"), "{stdout}");
    // What the line does not name can be said beside it, and each engine's sentence is read.
    let firefox = "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/app/x. (Reason: CORS header \u{2018}Access-Control-Allow-Origin\u{2019} missing). Status code: 403.";
    let safari = "[Error] Origin https://evil.example is not allowed by Access-Control-Allow-Origin. Status code: 403\n[Error] Fetch API cannot load https://api.example.com/app/x due to access control checks.";
    for (line, arguments, prints) in [
        (
            firefox,
            &["--origin", "https://evil.example"][..],
            "Firefox prints:\n    Cross-Origin Request Blocked",
        ),
        (safari, &[], "Safari prints:\n    Origin https://evil.example is not allowed"),
        (safari, &["--browser", "chrome"], "Chrome prints:\n    Access to fetch at"),
    ] {
        let (code, stdout, _) = explain(&[&["copied.toml", "--console", line], arguments].concat(), b"");
        assert!(
            code == 10 && stdout.starts_with("refused: `origin_not_listed`") && stdout.contains(prints),
            "{stdout}"
        );
    }
}

#[test]
fn a_line_that_is_given_as_the_file_is_explained() {
    let line = "Access to fetch at 'https://api.example.com/app/x' from origin 'https://evil.example' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.";
    for (arguments, begin) in [
        (&["copied.toml", line][..], "refused: `origin_not_listed`"),
        (&[line], "refused by the browser: the response has no `Access-Control-Allow-Origin`"),
    ] {
        let (code, stdout, stderr) = explain(arguments, b"");
        assert!(code == 10 && stdout.starts_with(begin), "{stdout}{stderr}");
    }
    // What does not read like a line is the name of a file.
    let (code, _, stderr) = explain(&["copied.toml", "blocked by CORS.txt"], b"");
    assert!(code == 1 && stderr.starts_with("error: cannot read `blocked by CORS.txt`"), "{stderr}");
}

#[test]
fn the_browser_is_chosen_and_named() {
    let request =
        ["copied.toml", "--url", "https://api.example.com/app/x", "--origin", "https://evil.example"];
    for (more, prints) in [
        (&[][..], "Chrome prints:\n    Access to fetch at"),
        (&["--browser", "chrome"], "Chrome prints:\n    Access to fetch at"),
        (&["--browser", "firefox"], "Firefox prints:\n    Cross-Origin Request Blocked"),
        (
            &["--browser", "safari"],
            "Safari prints:\n    Origin https://evil.example is not allowed by Access-Control-Allow-Origin. Status code: 403\n    Fetch API cannot load",
        ),
    ] {
        let (code, stdout, _) = explain(&[&request[..], more].concat(), b"");
        assert!(code == 10 && stdout.contains(prints), "{stdout}");
    }
}

/// What a chat, a translation or a hurried copy makes of a line.
#[test]
fn a_line_is_read_whatever_became_of_its_quotation_marks_and_its_end() {
    let missing = "Access to fetch at 'https://api.example.com/app/x' from origin 'https://b.example' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.";
    let explained = ["GET https://api.example.com/app/x from `https://b.example`", "this explains the line"];
    let marks = [["\"", "\""], ["`", "`"], ["„", "“"], ["« ", " »"], ["&#39;", "&#39;"], ["‘", "’"]];
    for [open, close] in marks {
        let parts: Vec<_> = missing.split('\'').collect();
        let text: String = parts
            .iter()
            .enumerate()
            .map(|(at, part)| if at % 2 == 1 { format!("{open}{part}{close}") } else { (*part).to_owned() })
            .collect();
        try_all(&[(&text, 10, "refused: `origin_not_listed`", &explained)]);
    }
    let cut = |length: usize| missing.get(..length).unwrap_or_default();
    try_all(&[
        (cut(150), 2, "error: the line is Chrome's, but what it says", &["or cut off: copy the whole line"]),
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/app/x. (Reason: CORS header ‘Access-Con",
            2,
            "error: the line is Firefox', but its reason is not known or cut off",
            &[],
        ),
        (
            "Access to fetch at 'https://api.example.com/app/it's' from origin 'https://b.example' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
            10,
            "refused: `origin_not_listed`",
            &["GET https://api.example.com/app/it's from"],
        ),
    ]);
}

#[test]
fn the_page_that_safari_names_is_not_taken_for_what_it_asked_for() {
    let alone =
        "Origin https://app.example.com is not allowed by Access-Control-Allow-Origin. Status code: 403";
    let redirected = "Cross-origin redirection to https://login.example.com/x denied by Cross-Origin Resource Sharing policy: Origin https://app.example.com is not allowed by Access-Control-Allow-Origin. Status code: 302";
    try_all(&[
        (
            alone,
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin`",
            &["the line does not name the URL: add `--url`"],
        ),
        (
            redirected,
            10,
            "refused by the browser: the server redirected the request to `https://login.example.com/x`",
            &["`Access-Control-Allow-Origin: https://app.example.com`"],
        ),
    ]);
}

/// Chrome names the page also where it has sent `null`.
#[test]
fn a_response_behind_redirects_that_names_the_page_is_not_what_the_browser_needs() {
    let to = "https://third.example.com/x";
    let line = format!(
        "Access to fetch at '{to}' (redirected from 'https://api.example.com/app/x') from origin '{APP}' has been blocked by CORS policy: The 'Access-Control-Allow-Origin' header has a value '{APP}' that is not equal to the supplied origin. Have the server send the header with a valid value."
    );
    let begin = "refused by the browser: the server redirected the request to `https://third.example.com/x`, and that response is at fault: it names the page's origin, but behind a redirect from one other origin to another";
    let user = format!(
        "Access to fetch at 'https://api.example.com/app/x' from origin '{APP}' has been blocked by CORS policy: Redirect location '' contains a username and password, which is disallowed for cross-origin requests."
    );
    try_all(&[
        (&line, 10, begin, &["There the browser then sends the page's origin."]),
        (&user, 10, "not CORS: the browser did not follow a redirect", &[]),
    ]);
}

/// What the browser complains of is what the gateway's refusal would make it print, or something else answered.
#[test]
fn a_line_that_the_refusal_would_not_cause_is_not_explained_by_it() {
    let evil = "https://evil.example";
    let line = |origin: &str, sentence: &str, behind: &str| {
        format!(
            "Access to font at 'https://api.example.com/app/x' from origin '{origin}' has been blocked by CORS policy: {sentence}{behind}"
        )
    };
    let preflight = "Response to preflight request doesn't pass access control check: ";
    let missing = "No 'Access-Control-Allow-Origin' header is present on the requested resource.";
    let other = |value: &str| {
        format!(
            "The 'Access-Control-Allow-Origin' header has a value '{value}' that is not equal to the supplied origin. Have the server send the header with a valid value."
        )
    };
    let credentials = "The value of the 'Access-Control-Allow-Credentials' header in the response is 'false' which must be 'true' when the request's credentials mode is 'include'.";
    let firefox = |reason: &str| {
        format!(
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/app/x. (Reason: {reason}"
        )
    };
    let network = "\nGET https://api.example.com/app/x net::ERR_FAILED";
    let cache = "so another server answered, or a cache that keeps one response for all pages (without `Vary: Origin`)";
    let another = "another server or a cache answered";
    for (text, arguments, explains, said) in [
        (line(evil, missing, ""), &[][..], true, "refused: `origin_not_listed`"),
        (line(evil, missing, &format!("{network} 403 (Forbidden)")), &[], true, ""),
        (line(evil, &other(APP), ""), &[], false, cache),
        (line(evil, &other("https://origin-not-listed.corsgate.invalid"), ""), &[], true, "the gateway says why"),
        (line(evil, &other("https://origin-expired.corsgate.invalid"), ""), &[], false, "another policy in force"),
        // The status tells who answered.
        (line(evil, missing, &format!("{network} 200 (OK)")), &[], false, "the gateway refuses with the status 403"),
        (line(evil, missing, &format!("{network} 502 (Bad Gateway)")), &[], false, another),
        (line(evil, &format!("{preflight}{missing}"), ""), &[], true, ""),
        (line("null", &format!("{preflight}It does not have HTTP ok status."), ""), &[], false, another),
        (line(evil, &format!("{preflight}It does not have HTTP ok status."), ""), &[], false, another),
        (line(APP, &format!("{preflight}It does not have HTTP ok status."), ""), &["--method", "PATCH"], false, "answers the preflight with 204"),
        (line(evil, &format!("{preflight}Redirect is not allowed for a preflight request."), ""), &[], false, "redirects no preflight"),
        // Chrome says of each fault whether it is one of the preflight.
        (line(evil, missing, ""), &["--method", "PUT"], false, "the request had another method"),
        (line(APP, credentials, "").replace("/app/", "/open/"), &[], false, ""),
        (line(APP, &credentials.replace("false", ""), "").replace("/app/", "/open/"), &[], true, ""),
        (firefox("CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 403."), &["--origin", evil], true, ""),
        (firefox("CORS header ‘Access-Control-Allow-Origin’ missing). Status code: 200."), &["--origin", evil], false, another),
        (firefox(&format!("CORS header ‘Access-Control-Allow-Origin’ does not match ‘{APP}’).")), &["--origin", evil], false, cache),
        (
            "[Error] Preflight response is not successful. Status code: 403\n[Error] Fetch API cannot load https://api.example.com/app/x due to access control checks.".to_owned(),
            &["--origin", evil, "--method", "PUT"],
            true,
            "",
        ),
        // Behind a redirect, another server answered.
        (
            line(evil, missing, "").replace("at '", "at 'https://o.example/y' (redirected from '").replace("x' from", "x') from"),
            &[],
            false,
            "refused by the browser: the server redirected the request to `https://o.example/y`",
        ),
    ] {
        let (code, stdout, stderr) = explain(&[&["copied.toml", "-"], arguments].concat(), text.as_bytes());
        assert!(code == 10 && stdout.contains(said), "{text} {arguments:?}\n{stdout}{stderr}");
        assert_eq!(stdout.contains("this explains the line"), explains, "{text}\n{stdout}{stderr}");
        let redirected = text.contains("redirected from");
        assert!(explains || redirected || stdout.contains("the line says something else"), "{text}\n{stdout}");
    }
}

/// Browsers leave `patch` as it is.
#[test]
fn a_method_in_another_case_is_mended_in_the_page() {
    let line = |method: &str| {
        format!(
            "Access to fetch at 'https://api.example.com/app/x' from origin '{APP}' has been blocked by CORS policy: Method {method} is not allowed by Access-Control-Allow-Methods in preflight response."
        )
    };
    let write = "Browsers do not change the case of PATCH: write `method: \"PATCH\"` in the page.";
    let dir = tempfile::tempdir().expect("a folder");
    let policy = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/explain/copied.toml"));
    let policy = policy.expect("the policy");
    for (methods, method, said) in [
        (
            r#"["PATCH"]"#,
            "patch",
            &["`patch` differs only in case from `PATCH`, which is listed (", write][..],
        ),
        (r#"["PUT"]"#, "patch", &[write, "The route's `methods` must have `PATCH`."]),
        (r#"["PUT"]"#, "PATCH", &["Add the method to the route's `methods`"]),
        (
            r#"["Purge"]"#,
            "PURGE",
            &["`PURGE` differs only in case from `Purge`, which is listed", "in the same case"],
        ),
    ] {
        let path = dir.path().join("policy.toml");
        std::fs::write(&path, policy.replacen(r#"["PUT"]"#, methods, 1)).expect("it is written");
        let path = path.to_str().expect("UTF-8");
        let (code, stdout, stderr) = explain(&[path, "-"], line(method).as_bytes());
        assert!(code == 10 && stdout.starts_with("refused: `method_not_allowed`"), "{stdout}{stderr}");
        for said in said {
            assert!(stdout.contains(said), "{methods} {method} {said}: {stdout}");
        }
        assert_eq!(stdout.contains("Add the method"), !said.contains(&write), "{stdout}");
    }
    // Without a policy as well.
    let (_, stdout, _) = explain(&["-"], line("patch").as_bytes());
    assert!(stdout.contains(write) && stdout.contains("have `PATCH` in"), "{stdout}");
    let (_, stdout, _) = explain(&["-"], line("PATCH").as_bytes());
    assert!(stdout.contains("Let the server add `PATCH` to `Access-Control-Allow-Methods`"), "{stdout}");
}

#[test]
fn nobody_is_advised_to_allow_null() {
    for at in
        ["'https://o.example/x'", "'https://o.example/x' (redirected from 'https://api.example.com/app/x')"]
    {
        let line = format!(
            "Access to fetch at {at} from origin 'null' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource."
        );
        let (code, stdout, stderr) = explain(&["-"], line.as_bytes());
        assert_eq!(code, 10, "{stderr}");
        assert!(stdout.contains("so a server must not allow it"), "{stdout}");
        assert!(!stdout.contains("Access-Control-Allow-Origin: null"), "{stdout}");
    }
}
