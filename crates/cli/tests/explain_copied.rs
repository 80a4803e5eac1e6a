//! `corsgate explain` with whatever a person can copy out of a browser: each row is a copy, and what must be said of it.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use std::path::Path;

use snapbox::cmd::{Command, cargo_bin};

pub const APP: &str = "https://app.example.com";

/// The exit code and both outputs for a text on standard input.
pub fn explain(arguments: &[&str], input: &[u8]) -> (i32, String, String) {
    let output = Command::new(cargo_bin!("corsgate"))
        .env("NO_COLOR", "1")
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/explain"))
        .arg("explain")
        .args(arguments)
        .stdin(input.to_vec())
        .output()
        .expect("it runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is written is UTF-8");
    (output.status.code().expect("it ends"), text(output.stdout), text(output.stderr))
}

/// What a text is said to be, by the policy.
fn by_policy(text: &str) -> (i32, String) {
    let (code, stdout, stderr) = explain(&["copied.toml", "-"], text.as_bytes());
    (code, stdout + &stderr)
}

/// A copy, the exit code, the begin of the first line, and what else must be said.
pub type Row<'a> = (&'a str, i32, &'a str, &'a [&'a str]);

pub fn try_all(rows: &[Row<'_>]) {
    for (text, code, begin, said) in rows {
        let (found, output) = by_policy(text);
        assert_eq!(found, *code, "{text}\n{output}");
        let line = output.lines().find(|line| !line.starts_with("note: ")).unwrap_or_default();
        assert!(line.starts_with(begin), "{text}\n{output}");
        for sentence in *said {
            assert!(output.contains(sentence), "{text}\n{sentence}\n{output}");
        }
    }
}

const PUT: &str = "  PUT https://api.example.com/app/x from `https://app.example.com`, with cookies\n";

#[test]
fn copies_of_requests_are_read_for_every_shell_and_engine() {
    try_all(&[
        // Chrome, bash.
        (
            "curl 'https://api.example.com/app/x' \\\n  -X 'PUT' \\\n  -H 'accept: */*' \\\n  -H 'content-type: application/json' \\\n  -b 'sid=1' \\\n  -H 'origin: https://app.example.com' \\\n  -H 'sec-ch-ua: \"Chromium\";v=\"148\"' \\\n  -H 'priority: u=1, i' \\\n  --data-raw '{\"q\":\"a ^\"}'",
            0,
            "allowed:",
            &[PUT],
        ),
        // Chrome and Edge, cmd.
        (
            "curl ^\"https://api.example.com/app/x^\" ^\r\n  -X ^\"PUT^\" ^\r\n  -H ^\"content-type: application/json^\" ^\r\n  -b ^\"sid=1^\" ^\r\n  -H ^\"origin: https://app.example.com^\" ^\r\n  --data-raw ^\"^{^\\^\"q^\\^\":^\\^\"a ^^^\\^\"^}^\"",
            0,
            "allowed:",
            &[PUT],
        ),
        // Older ones, and Firefox.
        (
            "curl \"https://api.example.com/app/x\" ^\n -X PUT -H \"content-type: application/json\" ^\n -H \"Cookie: sid=1\" -H \"Origin: https://app.example.com\" --data-raw \"{\"\"q\"\":1}\"",
            0,
            "allowed:",
            &[PUT],
        ),
        // Firefox and Safari, bash.
        (
            "curl 'https://api.example.com/app/x' -X PUT -H 'User-Agent: Mozilla/5.0' -H 'Accept: */*' -H 'content-type: application/json' -H 'Origin: https://app.example.com' -H 'Sec-Fetch-Mode: cors' -H 'Cookie: sid=1' -H 'Priority: u=4' --data-raw '{}'",
            0,
            "allowed:",
            &[PUT],
        ),
        // PowerShell.
        (
            "curl.exe 'https://api.example.com/app/x' `\r\n -X PUT `\r\n -H 'origin: https://app.example.com' -H 'cookie: sid=1' -H \"content-type: application/json\" --data-raw '{}'",
            0,
            "allowed:",
            &[PUT],
        ),
        (
            "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\n$session.UserAgent = \"Mozilla/5.0\"\n$session.Cookies.Add((New-Object System.Net.Cookie(\"sid\", \"1\", \"/\", \"api.example.com\")))\nInvoke-WebRequest -UseBasicParsing -Uri \"https://api.example.com/app/x\" `\n-Method \"PUT\" `\n-WebSession $session `\n-Headers @{\n\"authority\"=\"api.example.com\"\n  \"method\"=\"PUT\"\n  \"path\"=\"/app/x\"\n  \"scheme\"=\"https\"\n  \"accept\"=\"*/*\"\n  \"origin\"=\"https://app.example.com\"\n  \"priority\"=\"u=1, i\"\n} `\n-ContentType \"application/json\" `\n-Body \"{`\"a`\":1}\"",
            0,
            "allowed:",
            &[PUT],
        ),
        // fetch.
        (
            "fetch(\"https://api.example.com/app/x\", {\n  \"headers\": {\n    \"accept\": \"*/*\",\n    \"content-type\": \"application/json\",\n    \"priority\": \"u=1, i\",\n    \"sec-ch-ua\": \"\\\"Chromium\\\";v=\\\"148\\\"\"\n  },\n  \"referrer\": \"https://app.example.com/\",\n  \"body\": \"{\\\"a\\\":1}\",\n  \"method\": \"PUT\",\n  \"mode\": \"cors\",\n  \"credentials\": \"include\"\n});",
            0,
            "allowed:",
            &[PUT],
        ),
        (
            "await fetch(\"https://api.example.com/app/x\", {\n    \"credentials\": \"include\",\n    \"headers\": {\n        \"User-Agent\": \"Mozilla/5.0\",\n        \"Content-Type\": \"application/json\"\n    },\n    \"referrer\": \"https://app.example.com/\",\n    \"body\": \"{}\",\n    \"method\": \"PUT\",\n    \"mode\": \"cors\"\n});",
            0,
            "allowed:",
            &[PUT],
        ),
        (
            "fetch(\"https://api.example.com/app/x\", { headers: { \"content-type\": \"application/json\", \"cookie\": \"sid=1\", \"Referer\": \"https://app.example.com/\" }, body: \"{}\", method: \"PUT\" });",
            0,
            "allowed:",
            &[PUT],
        ),
    ]);
}

#[test]
fn what_people_type_is_read_or_refused_with_the_way_out() {
    try_all(&[
        (
            "TOKEN=secret curl https://api.example.com/app/x -H 'Origin: https://app.example.com'",
            0,
            "allowed:",
            &["note: the command sets `TOKEN` for itself"],
        ),
        ("time curl https://api.example.com/app/x -H 'Origin: https://app.example.com'", 0, "allowed:", &[]),
        (
            "curl https://api.example.com/app/x?a=1&b=2 -H 'Origin: https://app.example.com'",
            0,
            "allowed:",
            &["note: the URL has an unquoted `&`"],
        ),
        (
            "curl \u{2018}https://api.example.com/app/x\u{2019} \u{2013}H \u{201c}Origin: https://app.example.com\u{201d}",
            0,
            "allowed:",
            &["quotation marks or dashes of a word processor"],
        ),
        (
            "me@host:~$ curl https://api.example.com/app/x -H 'Origin: https://app.example.com'",
            0,
            "allowed:",
            &[],
        ),
        (
            "curl $API/x -H 'Origin: https://app.example.com'",
            2,
            "error: the URL is in the variable `$API/x`",
            &["taken literally because no shell is run"],
        ),
        (
            "curl --wonder -H 'Origin: https://app.example.com'",
            2,
            "error: the command has no URL",
            &["note: `--wonder` is unknown and ignored"],
        ),
        (
            "curl 'https://user:secret@api.example.com/app/x' -H 'Origin: https://app.example.com'",
            2,
            "error: `fetch` throws a `TypeError`",
            &["`api.example.com`"],
        ),
        (
            "fetch('https://user:secret@api.example.com/app/x', { referrer: 'https://app.example.com/' })",
            2,
            "error: `fetch` throws a `TypeError`",
            &[],
        ),
        // No page can send it, so it does not matter which one is meant.
        (
            "await fetch('https://user:secret@api.example.com/app/x', { method: 'PUT' })",
            2,
            "error: `fetch` throws a `TypeError`",
            &["`api.example.com`"],
        ),
        ("fetch(base + '/app/x')", 2, "error: the URL that `fetch` gets is computed by the script", &[]),
        (
            "fetch('https://api.example.com/app/x')",
            2,
            "error: the script does not say which page sends the request",
            &["--origin"],
        ),
        (
            "fetch('https://api.example.com/app/x', { mode: 'no-cors' })",
            10,
            "not CORS: a `no-cors` request",
            &[],
        ),
        ("Invoke-WebRequest -Method PUT", 2, "error: the text has no `Invoke-WebRequest` with a `-Uri`", &[]),
        ("axios.get('https://api.example.com/app/x')", 2, "error: the text has no call of `fetch`", &[]),
        (
            "if true; then curl https://api.example.com/app/x; fi",
            2,
            "error: a command must begin with `curl`, but this one begins with `if`",
            &[],
        ),
        (
            "hello",
            2,
            "error: this is no line of a console about a failed request, and no request",
            &["Access to"],
        ),
        ("   ", 2, "error: `<stdin>` is empty", &[]),
        ("<html>", 2, "error: `<stdin>`: it is HTML or XML", &[]),
    ]);
}

#[test]
fn what_is_secret_in_a_copy_is_not_repeated() {
    for copy in [
        "TOKEN=secret curl 'https://user:secret@api.example.com/app/x?token=secret' -H 'authorization: secret'",
        "curl 'https://api.example.com/app/x?token=secret' -H 'Origin: https://app.example.com' -H 'authorization: secret' -b 'sid=secret' -d secret -H secret -u me:secret",
        "curl 'https://user:secret@a b/?secret' -H 'Origin: https://app.example.com'",
        "curl $API?token=secret -H 'Origin: https://app.example.com'",
        "fetch('https://api.example.com/app/x?token=secret', { headers: { authorization: 'secret' }, body: 'secret', referrer: 'https://app.example.com/secret?secret' })",
        "Invoke-WebRequest -Uri 'https://api.example.com/app/x?token=secret' -Headers @{ 'origin' = 'https://app.example.com'; 'authorization' = 'secret' } -Body 'secret'",
        "Access to fetch at 'https://api.example.com/app/x?token=secret' from origin 'https://app.example.com' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
    ] {
        for arguments in
            [&["copied.toml", "-"][..], &["-"], &["copied.toml", "-", "--format", "json"], &["-", "--brief"]]
        {
            let (_, stdout, stderr) = explain(arguments, copy.as_bytes());
            assert!(!stdout.contains("secret") && !stderr.contains("secret"), "{copy}: {stdout}{stderr}");
        }
    }
}

#[test]
fn mixed_content_is_named_first_and_then_the_rest() {
    for (url, origin, browser, code, begin, also) in [
        (
            "http://api.example.com/app/x",
            APP,
            "chrome",
            10,
            "not CORS: mixed content",
            "the policy has nothing against the request itself",
        ),
        (
            "ws://api.example.com/app/x",
            APP,
            "firefox",
            10,
            "not CORS: mixed content",
            "the policy has nothing against the request itself",
        ),
        (
            "http://api.example.com/app/x",
            "https://evil.example",
            "chrome",
            10,
            "not CORS: mixed content",
            "also: refused: `origin_not_listed`",
        ),
        ("http://localhost:3000/x", APP, "chrome", 10, "refused: `route_not_found`", ""),
        ("http://localhost:3000/x", APP, "safari", 10, "not CORS: mixed content", ""),
        (
            "http://api.example.com/app/x",
            "http://app.example.com",
            "chrome",
            10,
            "refused: `origin_not_listed`",
            "",
        ),
        ("https://api.example.com/app/x", APP, "chrome", 0, "allowed", ""),
    ] {
        let (found, stdout, _) =
            explain(&["copied.toml", "--url", url, "--origin", origin, "--browser", browser], b"");
        assert!(
            found == code && stdout.starts_with(begin) && stdout.contains(also),
            "{url} {origin}: {stdout}"
        );
    }
    // The browser trips over cookies before the method.
    let request = [
        "copied.toml",
        "--url",
        "https://api.example.com/open/x",
        "--origin",
        APP,
        "--method",
        "PATCH",
        "--credentials",
        "--header",
        "x-a",
    ];
    let (_, stdout, _) = explain(&request, b"");
    let head: Vec<_> = stdout.lines().take(4).collect();
    assert_eq!(
        head[0],
        "refused by the browser: the page sends cookies, but the gateway's response does not allow credentials"
    );
    assert_eq!(
        head[2..],
        [
            "  also: `method_not_allowed`: `Access-Control-Allow-Methods` does not allow `PATCH`",
            "  also: `Access-Control-Allow-Headers` does not allow `x-a`"
        ]
    );
}

#[test]
fn texts_of_windows_and_old_editors_are_decoded() {
    let command = "curl 'https://api.example.com/app/x' -H 'Origin: https://app.example.com' --data '\u{e9}'";
    let utf16: Vec<u8> = command.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let latin: Vec<u8> =
        command.chars().map(|character| u8::try_from(u32::from(character)).expect("Latin-1")).collect();
    for (bytes, note) in [
        ([b"\xff\xfe", &utf16[..]].concat(), ""),
        (utf16.clone(), ""),
        ([b"\xef\xbb\xbf", command.as_bytes()].concat(), ""),
        (latin, "note: the text is not UTF-8, so it is read as Latin-1"),
    ] {
        let (code, stdout, stderr) = explain(&["copied.toml", "-"], &bytes);
        assert!(code == 0 && stdout.starts_with("allowed") && stdout.contains(note), "{stdout}{stderr}");
    }
}

#[test]
fn without_a_policy_a_request_says_what_its_response_needs() {
    let command = "curl -X PUT https://api.example.com/app/x -H 'Origin: https://app.example.com' -H 'content-type: application/json' -b sid=1";
    let (code, stdout, _) = explain(&["-"], command.as_bytes());
    assert_eq!(code, 0);
    for said in [
        "without a policy: the page may read a response with `Access-Control-Allow-Origin: https://app.example.com` and `Access-Control-Allow-Credentials: true`",
        "`Access-Control-Allow-Methods: PUT` and `Access-Control-Allow-Headers: content-type`",
    ] {
        assert!(stdout.contains(said), "{stdout}");
    }
    for (arguments, said) in [
        (&[][..], "error: nothing is to be explained"),
        (&["copied.toml"], "error: `copied.toml`: it is a policy: add what is to be explained"),
        (&["-", "--list", "a=b"], "error: `--env`, `--list` and `--key` need a policy"),
    ] {
        let (code, _, stderr) = explain(arguments, b"");
        assert!(code == 2 && stderr.starts_with(said), "{stderr}");
    }
}

#[test]
fn the_headers_of_a_response_alone_say_what_the_page_gets() {
    let get = ["--url", "https://api.example.com/app/x", "--origin", APP];
    let put = [&get[..], &["--method", "PUT"]].concat();
    let cookies = [&get[..], &["--credentials"]].concat();
    for (arguments, head, code, begin) in [
        (
            &get[..],
            "HTTP/1.1 200 OK\r\nAccess-Control-Allow-Origin: https://app.example.com\r\n",
            0,
            "allowed: by the headers of the response",
        ),
        (
            &get,
            "HTTP/2 200\ncontent-type: text/plain\n",
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin`",
        ),
        (
            &get,
            "access-control-allow-origin: https://app.example.com\naccess-control-allow-origin: *\ncontent-type: text/plain",
            10,
            "refused by the browser: `Access-Control-Allow-Origin` has more than one value",
        ),
        (
            &cookies,
            "HTTP/2 200\naccess-control-allow-origin: https://app.example.com\naccess-control-allow-credentials: True\n",
            10,
            "refused by the browser: the page sends cookies, but `Access-Control-Allow-Credentials` is `True`",
        ),
        (
            &put,
            "HTTP/2 204\naccess-control-allow-origin: *\n",
            10,
            "refused by the browser: `Access-Control-Allow-Methods` does not allow `PUT`",
        ),
        (&put, "HTTP/2 308\nlocation: /x\n", 10, "refused by the browser: the preflight is redirected"),
        (
            &put,
            "HTTP/2 204\naccess-control-allow-origin: *\naccess-control-allow-methods: PUT\n\nHTTP/2 500\n",
            10,
            "refused by the browser: the response has no `Access-Control-Allow-Origin` (the response has the status 500)",
        ),
    ] {
        let (found, stdout, stderr) = explain(&[&["--response", "-"], arguments].concat(), head.as_bytes());
        assert!(
            found == code && (stdout.clone() + &stderr).starts_with(begin),
            "{arguments:?} {head}: {stdout}{stderr}"
        );
    }
    let (code, _, stderr) = explain(&["-"], b"HTTP/2 200\n");
    assert!(code == 2 && stderr.starts_with("error: these are the headers of a response"), "{stderr}");
    // With a policy, beside what it says.
    let (code, stdout, _) =
        explain(&[&["copied.toml", "-"], &get[..]].concat(), b"HTTP/2 200\ncontent-type: text/plain\n");
    assert!(
        code == 10
            && stdout.starts_with("refused by the browser")
            && stdout.contains("this policy would allow the request"),
        "{stdout}"
    );
}
