use super::*;

/// Reads a command into method, URL, origin, header names and credentials.
fn told(command: &str) -> (String, String, String, Vec<String>, bool) {
    let Parts { url, method, origin, headers, credentials, .. } = read(command).expect(command).parts;
    let shown = headers.into_iter().map(|(name, value)| match value.as_deref() {
        Some(value) if name == "content-type" || name == "range" => format!("{name}: {value}"),
        _ => name,
    });
    (method, url, origin, shown.collect(), credentials)
}

#[test]
fn what_browsers_copy_is_read() {
    let chrome = r#"curl 'https://api.example.com/users/7' \
  -X 'PUT' \
  -H 'accept: */*' \
  -H 'accept-language: de-DE,de;q=0.9' \
  -H 'authorization: Bearer abc' \
  -H 'cache-control: no-cache' \
  -H 'content-type: application/json' \
  -b 'session=1' \
  -H 'origin: https://app.example.com' \
  -H 'priority: u=1, i' \
  -H 'referer: https://app.example.com/' \
  -H 'sec-ch-ua: "Chromium";v="148"' \
  -H 'sec-fetch-mode: cors' \
  -H 'user-agent: Mozilla/5.0' \
  --data-raw $'{"name":"O\'Neill"}' --compressed --insecure"#;
    let expected = ["accept", "accept-language", "authorization", "content-type: application/json"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(
        told(chrome),
        (
            "PUT".into(),
            "https://api.example.com/users/7".into(),
            "https://app.example.com".into(),
            expected,
            true
        )
    );
    let notes = read(chrome).expect("a command").notes;
    assert_eq!(
        notes,
        ["treated as set by the browser: `cache-control`, `priority`; if the page sets them, add `--header`"]
    );
    let firefox = "curl 'https://api.example.com/x' --compressed -H 'User-Agent: Mozilla/5.0' -H 'Accept: */*' -H 'Referer: https://app.example.com:8443/a?b' -H 'Sec-Fetch-Site: cross-site'";
    let (method, _, origin, headers, _) = told(firefox);
    assert_eq!(
        (method.as_str(), origin.as_str(), headers),
        ("GET", "https://app.example.com:8443", vec!["accept".to_owned()])
    );
}

#[test]
fn what_people_write_is_read() {
    for (command, method, headers, credentials) in [
        ("curl https://h/x", "GET", &[][..], false),
        ("curl -XPUT https://h/x", "PUT", &[], false),
        ("curl -sSvX DELETE https://h/x", "DELETE", &[], false),
        ("curl -I https://h/x", "HEAD", &[], false),
        ("curl -d a=b https://h/x", "POST", &["content-type: application/x-www-form-urlencoded"], false),
        ("curl -da=b -G https://h/x", "GET", &[], false),
        ("curl --json '{}' https://h/x", "POST", &["content-type: application/json"], false),
        ("curl -F a=b https://h/x", "POST", &["content-type: multipart/form-data"], false),
        (
            "curl -d '{}' -H 'Content-Type: application/json' https://h/x",
            "POST",
            &["content-type: application/json"],
            false,
        ),
        (
            "curl -X PATCH --data=x https://h/x",
            "PATCH",
            &["content-type: application/x-www-form-urlencoded"],
            false,
        ),
        ("curl -u a:b https://h/x", "GET", &["authorization"], false),
        ("curl --oauth2-bearer t https://h/x", "GET", &["authorization"], false),
        ("curl -b a=b --url https://h/x", "GET", &[], true),
        ("curl -H 'Cookie: a=b' https://h/x", "GET", &[], true),
        ("curl -H 'X-A: 1' -H 'x-b;' -H 'Accept:' https://h/x", "GET", &["x-a", "x-b"], false),
        ("curl -r 0-9 https://h/x", "GET", &["range: bytes=0-9"], false),
        ("curl -T f https://h/x", "PUT", &[], false),
        ("curl -H 'cache-control: no-cache' https://h/x", "GET", &["cache-control"], false),
        ("/usr/bin/curl -o out -A me -- https://h/x", "GET", &[], false),
    ] {
        let (got_method, url, _, got_headers, got_credentials) = told(command);
        assert_eq!(
            (got_method.as_str(), url.as_str(), got_credentials),
            (method, "https://h/x", credentials),
            "{command}"
        );
        assert_eq!(got_headers, headers, "{command}");
    }
}

#[test]
fn what_is_left_out_is_named() {
    for (command, note) in [
        ("curl --wonder https://h/x", "`--wonder` is unknown and ignored"),
        ("curl -sM https://h/x", "`-M` is unknown and ignored"),
        ("curl h/x", "the URL has no scheme, so curl uses `http`"),
        ("curl https://h/x https://h/y", "only the first of 2 URLs is explained"),
        ("curl https://h/x | jq", "only the first command is read; the rest is ignored"),
        ("curl -H nothing https://h/x", "a header without `:` is ignored: write `Name: value`"),
        ("curl -H @file https://h/x", "the headers in the file `@file` are not read"),
    ] {
        assert_eq!(read(command).expect(command).notes, [note], "{command}");
    }
    for (command, sentence) in [
        ("", "the command is empty: write a command that begins with `curl`"),
        ("wget x", "a command must begin with `curl`, but this one begins with `wget`"),
        ("curl -s", "the command has no URL: write one such as `https://api.example.com/users`"),
        ("curl https://h/x -H", "`-H` has no value after it"),
    ] {
        assert_eq!(read(command).expect_err(command).error.to_string(), sentence);
    }
}

#[test]
fn a_value_of_a_flag_that_does_not_matter_is_no_url() {
    for flags in [
        "--aws-sigv4 aws:amz:eu:s3",
        "--noproxy '*' --retry-delay 3 --proto =https",
        "-C - -z yesterday -Y 1 -y 2 --url-query a=b",
        "--no-keepalive --http2-prior-knowledge -Zj",
    ] {
        let curl = read(&format!("curl {flags} https://h/x")).expect(flags);
        assert_eq!((curl.parts.url.as_str(), curl.notes), ("https://h/x", vec![]), "{flags}");
    }
}

#[test]
fn what_follows_next_is_another_request() {
    for next in ["--next", "-:"] {
        let curl = read(&format!("curl https://h/x {next} -X PUT -H 'a: 1' https://h/y")).expect(next);
        assert_eq!((curl.parts.method.as_str(), curl.parts.headers.len()), ("GET", 0), "{next}");
        assert_eq!(curl.notes, ["only the request before `--next` is explained"], "{next}");
    }
}

#[test]
fn a_header_without_a_value_takes_away_what_a_body_brings() {
    for command in ["curl https://h/x --json 1 -H Content-Type:", "curl -H 'content-type: ' -d 1 https://h/x"]
    {
        assert_eq!(told(command).3, [""; 0], "{command}");
    }
    assert_eq!(told("curl https://h/x --json 1 -H 'content-type;'").3, ["content-type: "]);
}
