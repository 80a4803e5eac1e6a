//! `corsgate explain` with several requests or several lines of the console in one text: each of them is explained.

use crate::explain_copied::{APP, explain};

/// The lines of `--brief` for a text, with the exit code.
fn brief(text: &str, more: &[&str]) -> (i32, Vec<String>) {
    let (code, stdout, stderr) = explain(&[&["copied.toml", "-", "--brief"], more].concat(), text.as_bytes());
    (code, (stderr + &stdout).lines().map(str::to_owned).collect())
}

const GET: &str = "allowed: GET https://api.example.com/app/x from `https://app.example.com`";
const PATCH: &str =
    "refused: PATCH https://api.example.com/app/y from `https://app.example.com`: `method_not_allowed`";

#[test]
fn each_request_of_a_copy_of_all_is_explained() {
    let ours = "-H 'origin: https://app.example.com'";
    let theirs = "^\"origin: https://app.example.com^\"";
    let call = |url: &str, method: &str, mode: &str| {
        format!(
            "fetch(\"https://api.example.com{url}\", {{\n  \"headers\": {{}},\n  \"referrer\": \"https://app.example.com/\",\n  \"body\": null,\n  \"method\": \"{method}\",\n  \"mode\": \"{mode}\",\n  \"credentials\": \"omit\"\n}}); ;\n"
        )
    };
    for copy in [
        // Chromium, bash.
        format!("curl 'https://api.example.com/app/x' {ours} ;\ncurl 'https://api.example.com/app/y' -X 'PATCH' {ours} \\\n  --compressed"),
        // Each on a line of its own, with a prompt, in a pipe.
        format!("$ curl 'https://api.example.com/app/x' {ours} | jq .\n$ curl 'https://api.example.com/app/y' -X PATCH {ours} && echo done"),
        // Chromium, cmd.
        format!("curl ^\"https://api.example.com/app/x^\" ^\r\n  -H {theirs} &\r\ncurl ^\"https://api.example.com/app/y^\" ^\r\n  -X ^\"PATCH^\" ^\r\n  -H {theirs}"),
        // `curl.exe` in PowerShell.
        format!("curl.exe 'https://api.example.com/app/x' `\n  {ours}\ncurl.exe 'https://api.example.com/app/y' `\n  -X PATCH {ours}"),
        // Chromium, fetch.
        call("/app/x", "GET", "cors") + &call("/app/y", "PATCH", "cors"),
        // Chromium, PowerShell.
        "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\nInvoke-WebRequest -UseBasicParsing -Uri \"https://api.example.com/app/x\" `\n-WebSession $session `\n-Headers @{\n\"Origin\"=\"https://app.example.com\"\n};\n$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\nInvoke-WebRequest -UseBasicParsing -Uri \"https://api.example.com/app/y\" `\n-Method \"PATCH\" `\n-WebSession $session `\n-Headers @{\n\"Origin\"=\"https://app.example.com\"\n}".to_owned(),
    ] {
        let (code, lines) = brief(&copy, &[]);
        let lines: Vec<_> = lines.iter().filter(|line| !line.starts_with("note: ")).collect();
        let [first, second, summary] = &lines[..] else { panic!("{copy}: {lines:?}") };
        assert!(code == 10 && first.starts_with(GET) && second.starts_with(PATCH), "{copy}: {lines:?}");
        assert_eq!(*summary, "2 requests: 2 different explained, 1 refused or failed", "{copy}");
    }
    // What needs no CORS is counted, and what cannot be read is named.
    let page = call("/app/x", "GET", "cors")
        + &call("/app/x", "GET", "cors")
        + &call("/i.png", "GET", "no-cors")
        + "fetch(api + '/y');\n"
        + "fetch('https://app.example.com/own', { referrer: 'https://app.example.com/', mode: 'cors' });";
    let (code, lines) = brief(&page, &[]);
    assert_eq!(code, 0, "{lines:?}");
    for said in [
        "allowed: GET https://api.example.com/app/x from `https://app.example.com`, 2 times: the page may read the response",
        "note: 1 request left out: a `no-cors` request, which needs no CORS",
        "note: 1 request left out: a request to the page's own origin, which needs no CORS",
        "note: 1 request left out: the URL that `fetch` gets is computed by the script, which is not run: write the URL itself as a string",
        "5 requests: 1 different explained, 0 refused or failed",
    ] {
        assert!(lines.iter().any(|line| line == said), "{said}: {lines:#?}");
    }
}

#[test]
fn cookies_belong_to_the_call_whose_session_has_them() {
    let call = |cookie: &str, path: &str| {
        format!(
            "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n{cookie}Invoke-WebRequest -Uri \"https://api.example.com/app/{path}\" -WebSession $session -Headers @{{\n\"Origin\"=\"https://app.example.com\"\n}};\n"
        )
    };
    let cookie =
        "$session.Cookies.Add((New-Object System.Net.Cookie(\"sid\", \"1\", \"/\", \"api.example.com\")))\n";
    let (_, stdout, _) = explain(&["copied.toml", "-"], (call(cookie, "x") + &call("", "y")).as_bytes());
    assert!(stdout.contains("/app/x from `https://app.example.com`, with cookies\n"), "{stdout}");
    assert!(stdout.contains("/app/y from `https://app.example.com`\n"), "{stdout}");
}

#[test]
fn a_text_of_thousands_of_commands_is_read_up_to_a_bound() {
    let many = "curl https://api.example.com/app/x -H 'origin: https://app.example.com'\n".repeat(1000);
    let (code, lines) = brief(&many, &[]);
    assert_eq!(code, 0, "{lines:?}");
    assert!(lines.contains(&"note: only the first 200 requests are explained".to_owned()), "{lines:?}");
    // A text without another command ends soon, however often it could begin one.
    let (code, _) = brief(
        &format!("curl https://api.example.com/app/x -H 'origin: {APP}'; {}", "a;".repeat(100_000)),
        &[],
    );
    assert_eq!(code, 0);
}

#[test]
fn each_line_of_a_console_is_explained_with_what_belongs_to_it() {
    let chrome = |origin: &str, path: &str, sentence: &str| {
        format!(
            "app.js:12 Access to fetch at 'https://api.example.com{path}' from origin '{origin}' has been blocked by CORS policy: {sentence}\n"
        )
    };
    let missing = "No 'Access-Control-Allow-Origin' header is present on the requested resource.";
    let method = "Method PATCH is not allowed by Access-Control-Allow-Methods in preflight response.";
    let evil = "https://evil.example";
    let text = chrome(evil, "/app/x", missing)
        + "app.js:12   GET https://api.example.com/app/x net::ERR_FAILED 403 (Forbidden)\nUncaught (in promise) TypeError: Failed to fetch\n    at load (app.js:12:3)\n"
        + &chrome(evil, "/app/x", missing)
        + "app.js:12   GET https://api.example.com/app/x net::ERR_FAILED 403 (Forbidden)\n"
        + &chrome(APP, "/app/y", method)
        + "app.js:20   GET https://api.example.com/app/z?k=secret net::ERR_CONNECTION_REFUSED\n"
        + "Refused to connect to 'https://other.example.net/?k=secret' because it violates the following Content Security Policy directive: \"connect-src 'self'\".\n";
    let (code, lines) = brief(&text, &[]);
    assert_eq!(code, 10, "{lines:#?}");
    for (at, begin) in [
        "refused: GET https://api.example.com/app/x from `https://evil.example`, 2 times: `origin_not_listed`",
        PATCH,
        "failed: the connection was not made or broke off",
        "not CORS: the page's own `Content-Security-Policy` does not allow the request",
        "5 lines of the console: 4 different explained, 4 refused or failed",
    ]
    .into_iter()
    .enumerate()
    {
        assert!(lines.get(at).is_some_and(|line| line.starts_with(begin)), "{begin}: {lines:#?}");
    }
    let (_, whole, _) = explain(&["copied.toml", "-"], text.as_bytes());
    assert!(whole.contains("  https://other.example.net/\n") && !whole.contains("secret"), "{whole}");
    // Safari's lines belong together in twos and threes, and Firefox' have an empty one between them.
    for (text, more, begins) in [
        (
            "[Error] Origin https://evil.example is not allowed by Access-Control-Allow-Origin. Status code: 403\n[Error] Fetch API cannot load https://api.example.com/app/x due to access control checks.\n[Error] Failed to load resource: Origin https://evil.example is not allowed by Access-Control-Allow-Origin. Status code: 403 (x, line 0)\n[Error] Request header field X-Trace is not allowed by Access-Control-Allow-Headers.\n[Error] XMLHttpRequest cannot load https://api.example.com/app/y due to access control checks.\n",
            &[][..],
            [
                "refused: GET https://api.example.com/app/x from `https://evil.example`: `origin_not_listed`",
                "refused by the browser: `Access-Control-Allow-Headers` does not allow `x-trace`",
            ],
        ),
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/app/x. (Reason: CORS header \u{2018}Access-Control-Allow-Origin\u{2019} missing). Status code: 200.\n\nCross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/app/y. (Reason: CORS request did not succeed). Status code: (null).\n\nUncaught (in promise) TypeError: NetworkError when attempting to fetch resource.",
            &["--origin", APP],
            [
                "not explained by this policy: GET https://api.example.com/app/x",
                "failed: GET https://api.example.com/app/y from `https://app.example.com`: there was no response at all",
            ],
        ),
    ] {
        let (code, lines) = brief(text, more);
        let found: Vec<_> = lines.iter().zip(begins).map(|(line, begin)| line.starts_with(begin)).collect();
        assert!(code == 10 && found == [true, true], "{lines:#?}");
    }
}

#[test]
fn programs_get_every_line() {
    let text = "Uncaught SecurityError: Failed to execute 'toDataURL' on 'HTMLCanvasElement': Tainted canvases may not be exported.\nMixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but requested an insecure resource 'http://api.example.com/app/x'. This request has been blocked; the content must be served over HTTPS.\nUncaught SecurityError: Blocked a frame with origin \"https://app.example.com\" from accessing a cross-origin frame.";
    let (code, stdout, _) = explain(&["copied.toml", "-", "--format", "json"], text.as_bytes());
    let told: serde_json::Value = serde_json::from_str(&stdout).expect("JSON");
    let reason = |at: &str| told.pointer(at).cloned().unwrap_or_default();
    assert_eq!(code, 10);
    assert_eq!(
        [reason("/line/reason"), reason("/moreLines/0/reason"), reason("/requests/0/verdict/reason")],
        ["canvas", "frame_access", "mixed_content"]
    );
}
