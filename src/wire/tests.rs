//! Each message is written on one side and read on the other, by the JavaScript itself (`tests/support/wire.mjs`).

use std::io::Write;
use std::process::{Command, Stdio};

use corsgate_policy::gcra::Rate;
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::origin::set::AcceptedEntries;
use corsgate_policy::record::columns::BLOBS;
use corsgate_policy::response::forward::RequestHeaderSink;
use corsgate_policy::response::headers::{Refusal, ResponseHeaderSink};
use corsgate_policy::{Answers, Count, Facts, Kind, KvList, Policy, Reason, RequestUrl};
use serde_json::{Value, json};

use super::counts::{Answer, Counted};
use super::headers::Headers;
use super::learned::Learned;
use super::plan::Plan;
use super::read::Read;
use super::{counts, failure, gathered, granted, observed, record, reply};

/// The results of the calls, in order.
fn javascript(calls: Value) -> Vec<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/wire.mjs");
    let mut node = Command::new("node")
        .arg(script)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("node runs");
    node.stdin.take().expect("stdin").write_all(calls.to_string().as_bytes()).expect("node listens");
    let output = node.wait_with_output().expect("node ends");
    assert!(output.status.success(), "node ended with {}", output.status);
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// Variants of a message: too short, too long, of another version and of another name.
fn broken(message: &str) -> Vec<String> {
    let head = message.split(['\n', '\t']).next().expect("a first line");
    let newer = message.replacen(" 1", " 2", 1);
    assert_ne!(newer, message);
    let (short, _) = message.rsplit_once('\n').expect("lines");
    vec![
        short.to_owned(),
        format!("{message}\nmore"),
        newer,
        message.replacen(head, "other 1", 1),
        String::new(),
    ]
}

#[test]
fn gathered_crosses_to_rust() {
    let requests = json!([
        ["gather", { "method": "GET", "url": "https://api.example.com/users?q=1", "body": null, "headers": {
            "origin": "https://app.example.com", "accept": "", "authorization": "Bearer x", "upgrade": "websocket",
            "cf-connecting-ip": "192.0.2.1", "corsgate-hop": "other.example", "sec-fetch-site": "same-origin",
            "sec-fetch-storage-access": "inactive"
        } }],
        ["gather", { "method": "OPTIONS", "url": "https://api.example.com/", "body": null, "headers": {
            "origin": "null", "access-control-request-method": "PUT", "access-control-request-headers": "x-a,x-b",
            "sec-fetch-site": "same-origin", "accept": "*/*", "authorization": "x",
            "sec-fetch-storage-access": "active"
        } }],
        ["gather", { "method": "OPTIONS", "url": "https://api.example.com/", "body": "1", "headers": {
            "origin": "https://app.example.com", "access-control-request-method": "", "cf-connecting-ip": "192.0.2.1",
            "sec-fetch-storage-access": "inactive", "upgrade": "websocket", "corsgate-hop": "api.example.com"
        } }],
        ["gather", { "method": "OPTIONS", "url": "https://api.example.com/", "body": null, "headers": {
            "origin": "https://app.example.com", "upgrade": "websocket", "corsgate-hop": "api.example.com"
        } }],
        ["gather", { "method": "POST", "url": "https://api.example.com/", "body": "1", "headers": {} }],
        ["gather", { "method": "POST", "url": "https://api.example.com/", "body": "", "headers": { "content-length": "0" } }],
        ["gather", { "method": "GET", "url": "https://", "body": null, "headers": {} }],
    ]);
    let given = javascript(requests);
    let messages: Vec<_> = given.iter().map(text).collect();
    let [get, options, preflight, no_preflight, post, empty, no_url] = messages[..] else {
        panic!("seven messages")
    };

    let facts = gathered::read(get).expect("a message").expect("a URL");
    let url = RequestUrl::parse("https://api.example.com/users?q=1").expect("a URL");
    assert_eq!((facts.method, facts.url), ("GET", url));
    assert_eq!(facts.origin, Some("https://app.example.com"));
    assert_eq!((facts.accept, facts.upgrade), (Some(""), Some("websocket")));
    assert_eq!((facts.has_authorization, facts.has_body), (true, false));
    assert!(facts.storage_access_inactive);
    assert_eq!((facts.client_ip, facts.hops), (Some("192.0.2.1"), Some("other.example")));
    // Headers that no decision depends on do not cross.
    assert_eq!((facts.requested_method, facts.sec_fetch_site), (None, None));
    assert_eq!(gathered::href(get), "https://api.example.com/users?q=1");

    let facts = gathered::read(options).expect("a message").expect("a URL");
    assert_eq!((facts.requested_method, facts.requested_headers), (Some("PUT"), Some("x-a,x-b")));
    assert_eq!((facts.sec_fetch_site, facts.accept), (Some("same-origin"), None));
    assert!(!facts.has_authorization && !facts.storage_access_inactive);

    let facts = gathered::read(preflight).expect("a message").expect("a URL");
    assert_eq!((facts.kind(), facts.requested_method), (Kind::Preflight, Some("")));
    assert_eq!((facts.client_ip, facts.upgrade), (Some("192.0.2.1"), None));
    // In report mode it goes to the upstream.
    assert_eq!((facts.hops, facts.has_body), (Some("api.example.com"), true));
    assert!(!facts.storage_access_inactive);
    let facts = gathered::read(no_preflight).expect("a message").expect("a URL");
    assert_eq!(facts.kind(), Kind::Handshake);
    assert_eq!((facts.upgrade, facts.hops), (Some("websocket"), Some("api.example.com")));

    let has_body = |message| gathered::read(message).expect("a message").expect("a URL").has_body;
    assert_eq!((has_body(post), has_body(empty)), (true, false));
    assert!(gathered::read(no_url).expect("a message").is_none());

    for message in broken(get) {
        assert_eq!(gathered::read(&message).expect_err(&message).0, "gathered");
    }
    let unmarked = get.replace("=https://app", "https://app");
    assert!(gathered::read(&unmarked).is_err(), "a value without its mark");
}

#[test]
fn observed_crosses_to_rust() {
    let given = javascript(json!([
        ["observe", { "country": "CH", "colo": "ZRH" }, { "cf-ray": "8f" }],
        ["observe", null, {}],
    ]));
    let (known, unknown) = (text(&given[0]), text(&given[1]));
    assert_eq!(observed::read(known), Ok(observed::Observed { country: "CH", colo: "ZRH", ray: "8f" }));
    assert_eq!(observed::read(unknown), Ok(observed::Observed::default()));
    for message in broken(known) {
        assert_eq!(observed::read(&message).expect_err(&message).0, "observed");
    }
}

#[test]
fn granted_crosses_to_rust() {
    let given = javascript(json!([["granted", {
        "access-control-allow-origin": "*", "access-control-allow-credentials": "true",
        "access-control-allow-methods": "PUT", "access-control-allow-headers": ""
    }]]));
    let message = text(&given[0]);
    let answer = granted::read(message, 200).expect("a message");
    assert_eq!(
        (answer.status, answer.allow_origin, answer.allow_credentials),
        (200, Some("*"), Some("true"))
    );
    assert_eq!((answer.allow_methods, answer.allow_headers), (Some("PUT"), Some("")));
    for message in broken(message) {
        assert_eq!(granted::read(&message, 200).expect_err(&message).0, "granted");
    }
}

#[test]
fn what_was_learned_crosses_both_ways() {
    let read = Read::Policy.line();
    let nothing = Learned::default().next_round(std::slice::from_ref(&read));
    let given = javascript(json!([
        ["nothingLearned"],
        ["withUnread", nothing, ["read 1 key - origin/a/https://b"]],
        ["withCounted", nothing, "counts 1\ta\tallow\t1 1\tx\ncounts 1\tb\tdeny\t\ty"],
    ]));
    assert_eq!(Learned::read(text(&given[0])), Ok(Learned::default()));
    let unread = Learned::read(text(&given[1])).expect("a message");
    assert!(unread.is_unread(&read) && unread.is_unread("read 1 key - origin/a/https://b"));
    let counted = Learned::read(text(&given[2])).expect("a message");
    assert_eq!(
        counted.counted().collect::<Vec<_>>(),
        ["counts 1\ta\tallow\t1 1\tx", "counts 1\tb\tdeny\t\ty"]
    );
    assert_eq!(Learned::read(&counted.next_round(&[])).map(|next| next.counted().count()), Ok(2));
    for message in broken(&nothing).into_iter().skip(1) {
        assert_eq!(Learned::read(&message).expect_err(&message).0, "learned");
    }
    assert!(Learned::read("learned 1").is_err(), "short");
}

#[test]
fn a_read_crosses_and_comes_back() {
    let list = KvList {
        key: "allowlist/partners".to_owned(),
        patterns: ListPatterns::Wildcards,
        accepted: AcceptedEntries { insecure: false, wildcards: true, extensions: false },
    };
    let reads = [
        Read::Policy,
        Read::PreviousPolicy { current: u64::MAX, error: "it is not JSON: line 1".to_owned() },
        Read::List(list),
        Read::Filter("origin-filter/tenants".to_owned()),
        Read::Key { client: None, key: "origin/tenants/https://a.example".to_owned() },
        Read::Key { client: Some("192.0.2.1".to_owned()), key: "origin/t/h/https://a.example".to_owned() },
    ];
    let lines: Vec<_> = reads.iter().map(Read::line).collect();
    for (read, line) in reads.iter().zip(&lines) {
        assert_eq!(Read::parse(line).as_ref(), Ok(read));
    }
    let keys: Vec<_> = reads.iter().map(Read::key).collect();
    assert_eq!(javascript(json!([["keys", lines.join("\n")]])), [json!(keys)]);

    let wrong = [
        "",
        "read 1",
        "read 2 policy policy/current",
        "read 1 policy policy/current more",
        "read 1 list 16 a",
        "read 1 key origin/a",
    ];
    for line in wrong {
        assert_eq!(Read::parse(line).expect_err(line).0, "read");
    }
    let calls: Vec<_> =
        ["", "read 1", "read 2 policy policy/current", "read 1 list 16 a", "read 1 key origin/a"]
            .iter()
            .map(|line| json!(["keys", line]))
            .collect();
    for given in javascript(json!(calls)) {
        assert!(text(&given["malformed"]).contains("`read`"), "{given}");
    }
}

#[test]
fn counts_cross_and_come_back_with_answers() {
    let rates = [Rate::new(100, 60).expect("a rate"), Rate::new(5, 1).expect("a rate")];
    let line = counts::question("route/a+b/0", true, rates.into_iter());
    let open = counts::question("status", false, std::iter::empty());
    let plan = format!("{line}\n{open}");
    let given = javascript(json!([
        ["asked", plan],
        [
            "admit",
            line,
            1_700_000_000_000_u64,
            [1_700_000_000_000_000_000_u64, 1_700_000_001_000_000_000_u64]
        ],
        [
            "admit",
            line,
            1_700_000_000_000_u64,
            [1_700_000_000_000_000_000_u64, -1_700_000_001_000_000_000_i64]
        ],
        ["admit", open, 1_700_000_000_000_u64, []],
        ["failures"],
    ]));
    let expected = json!([
        { "object": "route/a+b/0", "rates": [{ "quota": 100, "window": 60 }, { "quota": 5, "window": 1 }] },
        { "object": "status", "rates": [] },
    ]);
    assert_eq!(given[0], expected);
    let [admitted, denied, empty] =
        [&given[1], &given[2], &given[3]].map(|given| Counted::parse(text(given)).expect("a line"));
    assert_eq!((admitted.object, &admitted.rates[..]), ("route/a+b/0", &rates[..]));
    assert!(admitted.answers(&line) && !admitted.refuses() && admitted.has_counted());
    assert!(matches!(&admitted.answer, Answer::Admitted(counts) if counts.len() == 2));
    assert!(denied.refuses() && !denied.has_counted());
    assert!(
        matches!(&denied.answer, Answer::Denied(counts) if matches!(counts[..], [Count::Admitted(_), Count::Denied(_)]))
    );
    assert!(matches!(&empty.answer, Answer::Admitted(counts) if counts.is_empty()));
    let refunded = admitted.refunded();
    let refunded = Counted::parse(&refunded).expect("a line");
    assert!(refunded.is_refunded && refunded.answers(&line) && !refunded.has_counted());

    // A failed object denies requests if its limits fail closed, and its error becomes one line.
    let [overloaded, slow, failed] = [0, 1, 2].map(|at| format!("{line}\t{}", text(&given[4][at])));
    for (line, expected) in [
        (&overloaded, Answer::Overloaded),
        (&slow, Answer::Slow("no answer")),
        (&failed, Answer::Failed("two lines and a tab")),
    ] {
        let counted = Counted::parse(line).expect("a line");
        assert_eq!(counted.answer, expected);
        assert!(counted.refuses());
    }
    let refused_open = format!("{open}\tfailed x");
    assert!(!Counted::parse(&refused_open).expect("a line").refuses());
}

#[test]
fn an_answer_of_another_version_says_nothing() {
    let line = counts::question("route/a/0", false, Rate::new(5, 1).into_iter());
    let answers = [
        "answer 2 1 +1",
        "answer 1",
        "answer 1 1",
        "answer 1 1 +1 +1",
        "answer 1 1 1",
        "answer 1 1 +1x",
        "1 +1",
        "",
    ];
    for answer in answers {
        let text = format!("{line}\t{answer}");
        assert_eq!(Counted::parse(&text).expect("a line").answer, Answer::Failed(answer));
    }
    let calls: Vec<_> = answers.iter().map(|answer| json!(["readAnswer", answer, 1])).collect();
    for (given, answer) in javascript(json!(calls)).iter().zip(answers) {
        assert_eq!(given["error"], answer);
    }
}

#[test]
fn a_loan_follows_an_answer_or_is_none() {
    let [lent] = &javascript(json!([["lend", 16, ["18446744073709551615", "0"]]]))[..] else { panic!("one") };
    assert_eq!(*lent, json!(["an answer", 16, ["18446744073709551615", "0"]]));
    let answer = "answer 1 5 +9";
    let wrong = [
        "",
        "\n",
        "\nloan 2 16 9",
        "\nloan 1 16",
        "\nloan 1 16 9 9",
        "\nloan 1 -16 9",
        "\nloan 1 16 9x",
        "\nloan 1  9",
    ];
    let calls: Vec<_> = wrong.iter().map(|loan| json!(["isLoan", format!("{answer}{loan}"), 1])).collect();
    for (given, loan) in javascript(json!(calls)).iter().zip(wrong) {
        assert_eq!(*given, json!(false), "{loan:?}");
    }
}

#[test]
fn a_line_of_another_version_is_no_count() {
    let line = counts::question("route/a/0", false, Rate::new(5, 1).into_iter());
    let wrong = [
        line.replacen("counts 1", "counts 2", 1),
        line.replacen("allow", "perhaps", 1),
        line.replacen("5 1", "5", 1),
        line.replacen("route/a/0", "", 1),
        "counts 1".to_owned(),
        String::new(),
    ];
    for line in &wrong {
        assert!(Counted::parse(&format!("{line}\toverloaded")).is_none(), "{line:?}");
    }
    let calls: Vec<_> = wrong.iter().map(|line| json!(["asked", line])).collect();
    for given in javascript(json!(calls)) {
        assert!(text(&given["malformed"]).contains("`counts`"), "{given}");
    }
}

#[test]
fn a_plan_crosses_to_javascript() {
    let mut plan = Plan {
        target: "http://127.0.0.1:9000/base/x?q".to_owned(),
        own_origin: "https://api.example.com",
        upstream: "http://127.0.0.1:9000/base".to_owned(),
        summary: "a\tsummary".to_owned(),
        is_recorded: true,
        ..Plan::default()
    };
    RequestHeaderSink::remove(&mut plan.request, "origin");
    RequestHeaderSink::set(&mut plan.request, "x-real-ip", "192.0.2.1");
    plan.request.set_secret("authorization", "Bearer ", "PARTNER_KEY");
    plan.response.remove("server");
    plan.response.set("access-control-allow-origin", "https://app.example.com");
    plan.response.append("ratelimit", "\"a\";r=1;t=1");
    plan.response.vary("Origin");
    plan.response.expose("x-amz-meta-*");
    let message = plan.write();
    let request = json!({ "origin": "https://app.example.com", "accept": "*/*" });
    let response = json!({ "server": "x", "ratelimit": "\"theirs\";r=9;t=9" });
    let given = javascript(json!([
        ["plan", message, request, response],
        ["plan", Plan::default().write(), request, {}],
    ]));
    let expected = json!({
        "target": "http://127.0.0.1:9000/base/x?q",
        "ownOrigin": "https://api.example.com",
        "upstream": "http://127.0.0.1:9000/base",
        "summary": "a\tsummary",
        "isRecorded": true,
        "vary": "Origin",
        "families": "x-amz-meta-*",
        "secrets": [{ "name": "authorization", "scheme": "Bearer ", "secret": "PARTNER_KEY" }],
        "request": { "accept": "*/*", "x-real-ip": "192.0.2.1" },
        "response": {
            "access-control-allow-origin": "https://app.example.com",
            "ratelimit": "\"theirs\";r=9;t=9, \"a\";r=1;t=1",
        },
    });
    assert_eq!(given[0], expected);
    assert_eq!((&given[1]["target"], &given[1]["isRecorded"]), (&json!(""), &json!(false)));

    let calls: Vec<_> = broken(&message).iter().map(|message| json!(["plan", message, {}, {}])).collect();
    for given in javascript(json!(calls)) {
        assert!(text(&given["malformed"]).contains("`plan`"), "{given}");
    }
}

#[test]
fn headers_and_a_failure_cross_to_javascript() {
    let mut headers = Headers::default();
    headers.set("cache-control", "no-store");
    headers.set("x-empty", "");
    let failure = failure::write(&Refusal::of_failure(Reason::UpstreamTimeout, "events", "3f2a9c0d1e5b7a64"));
    let given = javascript(json!([
        ["headers", headers.as_message()],
        ["headers", Headers::default().as_message()],
        ["failure", failure],
    ]));
    assert_eq!(given[0], json!({ "cache-control": "no-store", "x-empty": "" }));
    assert_eq!(given[1], json!({}));
    let answer = &given[2];
    assert_eq!(answer["status"], 504);
    let body: Value = serde_json::from_str(text(&answer["body"])).expect("a problem");
    assert_eq!((&body["reason"], &body["route"]), (&json!("upstream_timeout"), &json!("events")));
    assert_eq!(answer["headers"]["content-type"], "application/problem+json");
    assert!(text(&answer["headers"]["corsgate-decision"]).contains("3f2a9c0d1e5b7a64"));
    assert_eq!(answer["protection"]["x-content-type-options"], "nosniff");

    let mut calls: Vec<_> =
        broken(headers.as_message()).iter().map(|message| json!(["headers", message])).collect();
    calls.extend(broken(&failure).iter().map(|message| json!(["failure", message])));
    for given in javascript(json!(calls)) {
        assert!(given["malformed"].is_string(), "{given}");
    }
}

#[test]
fn a_record_crosses_to_javascript() {
    let policy = br#"{
        "version": 1, "upstreams": { "api": "https://origin.example.net" },
        "routes": [{ "name": "api", "path": "/*", "upstream": "api", "cors": { "origins": ["https://app.example.com"] } }]
    }"#;
    let policy = Policy::read(policy).expect("a policy");
    let facts = Facts {
        method: "GET",
        url: RequestUrl::parse("https://api.example.com/users").expect("a URL"),
        origin: Some("https://evil.example"),
        ..Facts::default()
    };
    let today = corsgate_policy::grammar::day::Day::from_unix_milliseconds(0.0);
    let decision = corsgate_policy::decision::decide::decide(&policy, &facts, &Answers::default(), today);
    let summary = corsgate_policy::record::Summary::new(&decision, "api.example.com", 0.0, 0.0, || false);
    let observed = corsgate_policy::record::Observed { country: "CH", colo: "ZRH", ray: "8f", status: 403 };
    let record = summary.record(Some(&facts), observed).expect("a record");
    let message = record::write(&record);

    let given = javascript(json!([["blobs"], ["record", message]]));
    assert_eq!(given[0], json!(BLOBS.map(|column| column.name)));
    assert!(text(&given[1]["index"]).starts_with("api|origin_not_listed|"));
    let blobs = given[1]["blobs"].as_array().expect("blobs");
    let value = |name| &blobs[BLOBS.iter().position(|column| column.name == name).expect(name)];
    assert_eq!((value("outcome"), value("origin")), (&json!("reject"), &json!("https://evil.example")));
    assert_eq!((value("country"), value("ray")), (&json!("CH"), &json!("8f")));

    let calls: Vec<_> = broken(&message).iter().map(|message| json!(["record", message])).collect();
    for given in javascript(json!(calls)) {
        assert!(text(&given["malformed"]).contains("`record`"), "{given}");
    }
}

#[test]
fn a_reply_crosses_to_javascript() {
    let answer = reply::answer(200, &json!({ "a": "two\nlines" }));
    let reads = reply::reads(&Learned::default().next_round(&[]), &Read::Policy.line());
    let given = javascript(json!([
        ["reply", answer],
        ["reply", reads],
        ["writeAnswer", 400, { "status": 400 }],
    ]));
    assert_eq!(given[0], json!({ "status": 200, "json": r#"{"a":"two\nlines"}"# }));
    assert_eq!(given[1], json!({ "learned": "learned 1\n1", "reads": "read 1 policy policy/current" }));
    assert_eq!(text(&given[2]), reply::answer(400, &json!({ "status": 400 })));

    let calls: Vec<_> =
        [broken(&answer), vec!["reply 1 answer\n20\n{}".to_owned(), "reply 1 reads\nx".to_owned()]]
            .concat()
            .iter()
            .map(|message| json!(["reply", message]))
            .collect();
    for given in javascript(json!(calls)) {
        assert!(text(&given["malformed"]).contains("`reply`"), "{given}");
    }
}
