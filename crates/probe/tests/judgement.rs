//! Responses and the findings for them: rows that each show one mistake, and servers that are correct with any list.

#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_explain::Browser;
use corsgate_probe::{Answer, Ask, Finding, ListedOrigins, Plan, Probe, Severity, Wanted, judge};
use proptest::prelude::*;

const APP: &str = "https://app.example.com";

/// The behaviour of a server.
type Server<'s> = &'s dyn Fn(&Ask) -> Answer;

fn answer(status: u16, lines: &[(&str, &str)]) -> Answer {
    let lines = lines.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Answer { status, lines, ..Answer::default() }
}

fn wanted(listed: &[&str]) -> Wanted {
    Wanted {
        url: "https://api.example.com/users?page=1".to_owned(),
        credentials: true,
        listed: ListedOrigins::new(listed.iter().copied()).expect("origins"),
        hostile: true,
        ..Wanted::default()
    }
}

fn probe(wanted: &Wanted, server: Server<'_>) -> Vec<Finding> {
    let plan = Plan::new(wanted).expect("a plan");
    let answers: Vec<_> = plan.probes.iter().map(|probe| server(&probe.ask)).collect();
    let answered: Vec<(&Probe, &Answer)> = plan.probes.iter().zip(&answers).collect();
    judge(&answered, Browser::Chrome)
}

fn names(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.name).collect()
}

/// A correct server: the whole origin or nothing, `Vary` always, preflights with the lists.
fn correct(ask: &Ask, allows: &dyn Fn(&str) -> bool) -> Answer {
    let mut lines = vec![("vary".to_owned(), "Origin".to_owned())];
    let origins = ask.headers.iter().filter(|(name, _)| name == "Origin").count();
    let origin = ask.header("Origin").filter(|origin| origins == 1 && allows(origin));
    if let Some(origin) = origin {
        lines.push(("access-control-allow-origin".to_owned(), origin));
        lines.push(("access-control-allow-credentials".to_owned(), "true".to_owned()));
        if ask.method == "OPTIONS" {
            lines.push(("access-control-allow-methods".to_owned(), "PUT".to_owned()));
            lines.push(("access-control-allow-headers".to_owned(), "content-type".to_owned()));
        }
    }
    Answer { status: if ask.method == "OPTIONS" { 204 } else { 200 }, lines, ..Answer::default() }
}

/// The correct server with changed lines.
fn changed(ask: &Ask, change: impl FnOnce(&mut Answer)) -> Answer {
    let mut answer = correct(ask, &|origin| origin == APP);
    change(&mut answer);
    answer
}

fn set(answer: &mut Answer, name: &str, value: &str) {
    for (known, old) in &mut answer.lines {
        if known == name {
            value.clone_into(old);
        }
    }
}

#[test]
fn a_correct_server_has_no_finding_and_each_mistake_has_its_own() {
    let no_vary = |ask: &Ask| changed(ask, |it| it.lines.retain(|(name, _)| name != "vary"));
    let stored = |ask: &Ask| {
        changed(ask, |it| {
            it.lines.retain(|(name, _)| name != "vary");
            it.lines.push(("cache-control".to_owned(), "private, no-store".to_owned()));
        })
    };
    let some_vary = |ask: &Ask| {
        let mut answer = no_vary(ask);
        if ask.header("Origin").as_deref() == Some(APP) {
            answer.lines.push(("vary".to_owned(), "accept, ORIGIN".to_owned()));
        }
        answer
    };
    let twice = |ask: &Ask| {
        changed(ask, |it| {
            let more: Vec<_> =
                it.lines.iter().filter(|(name, _)| name.ends_with("allow-origin")).cloned().collect();
            it.lines.extend(more);
        })
    };
    let unauthorized =
        |ask: &Ask| changed(ask, |it| it.status = if ask.method == "OPTIONS" { 401 } else { 200 });
    let moved = |ask: &Ask| changed(ask, |it| it.status = if ask.method == "OPTIONS" { 308 } else { 200 });
    let unavailable = |ask: &Ask| changed(ask, |it| it.status = 503);
    let bare_error = |ask: &Ask| {
        if ask.method == "OPTIONS" { changed(ask, |_| ()) } else { answer(500, &[("vary", "origin")]) }
    };
    let challenged = |_: &Ask| answer(403, &[("cf-mitigated", "challenge")]);
    let access =
        |_: &Ask| answer(302, &[("location", "https://team.cloudflareaccess.com/cdn-cgi/access/login/x")]);
    let injected = |ask: &Ask| {
        changed(ask, |it| {
            if ask.header("Origin").is_some_and(|origin| origin.contains("%0d%0a")) {
                it.lines.push(("corsgate-probe".to_owned(), "1".to_owned()));
            }
        })
    };
    let rows: &[(&str, Server<'_>, &[&str])] = &[
        ("a correct one", &|ask| changed(ask, |_| ()), &[]),
        ("an API that is down", &unavailable, &[]),
        ("what no cache keeps needs no Vary", &stored, &[]),
        ("no Vary", &no_vary, &["vary-missing"]),
        ("Vary for the app alone", &some_vary, &["vary-sometimes"]),
        ("two lines", &twice, &["duplicate-allow-origin"]),
        ("a preflight that must authenticate", &unauthorized, &["preflight-unauthorized"]),
        ("a preflight that is redirected", &moved, &["preflight-redirected"]),
        ("a challenge before the server", &challenged, &["answered-in-front"]),
        ("Cloudflare Access before the server", &access, &["answered-in-front"]),
        ("an error without headers", &bare_error, &["errors-without-cors", "not-found-without-cors"]),
        ("a line break that is written", &injected, &["injected-header"]),
        (
            "another origin",
            &|ask| changed(ask, |it| set(it, "access-control-allow-origin", "https://old.example")),
            &["other-origin"],
        ),
        (
            "a slash too many",
            &|ask| changed(ask, |it| set(it, "access-control-allow-origin", "https://app.example.com/")),
            &["other-origin"],
        ),
        (
            "a word in upper case",
            &|ask| changed(ask, |it| set(it, "access-control-allow-credentials", "TRUE")),
            &["credentials-refused"],
        ),
        (
            "a star beside credentials",
            &|ask| changed(ask, |it| set(it, "access-control-allow-origin", "*")),
            &["star-with-credentials"],
        ),
        (
            "a literal star",
            &|ask| changed(ask, |it| set(it, "access-control-allow-headers", "*")),
            &["literal-star"],
        ),
        (
            "the socket's answer where a page asks",
            &|_| answer(200, &[("access-control-allow-origin", "*")]),
            &["star-with-credentials", "open-to-anyone"],
        ),
    ];
    for (row, server, expected) in rows {
        let findings = probe(&wanted(&[APP]), server);
        let shown: Vec<_> = names(&findings)
            .into_iter()
            .filter(|name| *name != "not-found-without-cors" || expected.contains(name))
            .collect();
        assert_eq!(shown, *expected, "{row}: {findings:#?}");
    }
}

#[test]
fn a_list_that_does_not_parse_is_reported_whatever_the_page_requests() {
    const METHODS: &str = "access-control-allow-methods";
    const HEADERS: &str = "access-control-allow-headers";
    let headers = |name: &str| Wanted { headers: vec![(name.to_owned(), None)], ..wanted(&[APP]) };
    let put = || Wanted { method: "PUT".to_owned(), ..wanted(&[APP]) };
    let said_methods =
        "`Access-Control-Allow-Methods: PUT, DE LETE` cannot be parsed as a list: `DE LETE` is not a method";
    let said_headers = "`Access-Control-Allow-Headers: content-type authorization` cannot be parsed as a list: \
        `content-type authorization` is not the name of a header";
    let both = format!("{said_methods}; {said_headers}");
    let spaced: &[(&str, &str)] = &[(HEADERS, "content-type authorization")];
    let split: &[(&str, &str)] = &[(METHODS, "PUT, DE LETE")];
    for (page, lists, message, list) in [
        (headers("content-type"), spaced, said_headers, "Access-Control-Allow-Headers"),
        (headers("authorization"), spaced, said_headers, "Access-Control-Allow-Headers"),
        (put(), spaced, said_headers, "Access-Control-Allow-Headers"),
        (wanted(&[APP]), spaced, said_headers, "Access-Control-Allow-Headers"),
        (put(), split, said_methods, "Access-Control-Allow-Methods"),
        (headers("content-type"), split, said_methods, "Access-Control-Allow-Methods"),
        (put(), &[spaced, split].concat(), &both, "Access-Control-Allow-Methods"),
    ] {
        let server =
            |ask: &Ask| changed(ask, |it| lists.iter().for_each(|(name, value)| set(it, name, value)));
        let findings = probe(&page, &server);
        assert_eq!(names(&findings), ["unparsable-list"], "{findings:#?}");
        let finding = findings.first().expect("one");
        assert_eq!(finding.message, message);
        let printed = format!("Cannot parse {list} response header field in preflight response.");
        assert_eq!(finding.console, Some(printed));
        assert!(finding.instead.contains("comma"), "{}", finding.instead);
    }
    // The CORS check fails first, and Chromium reports that.
    let findings = probe(&put(), &|ask| {
        changed(ask, |it| {
            set(it, METHODS, "PUT; DELETE");
            set(it, "access-control-allow-credentials", "yes");
        })
    });
    assert_eq!(names(&findings), ["unparsable-list", "credentials-refused"]);
    assert_eq!(findings.first().and_then(|finding| finding.console.as_deref()), None);
}

#[test]
fn a_server_that_allows_every_origin_has_one_finding_with_the_right_severity() {
    let reflecting = |credentials: bool| {
        move |ask: &Ask| {
            let mut answer = correct(ask, &|_| true);
            if !credentials {
                answer.lines.retain(|(name, _)| name != "access-control-allow-credentials");
            }
            answer
        }
    };
    let findings = probe(&wanted(&[APP]), &reflecting(true));
    assert_eq!(names(&findings), ["reflection", "null"]);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Critical), "{findings:#?}");
    let open = Wanted { credentials: false, ..wanted(&[APP]) };
    let findings = probe(&open, &reflecting(false));
    assert_eq!(names(&findings), ["reflection", "null"]);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Medium), "{findings:#?}");
    // Without `--hostile`, one foreign origin is sent nevertheless: only that shows whether responses depend on the
    // origin.
    let quiet = Wanted { hostile: false, ..wanted(&[APP]) };
    assert_eq!(names(&probe(&quiet, &reflecting(true))), ["reflection"]);
}

#[test]
fn a_rejected_origin_and_a_websocket_are_judged_by_their_responses() {
    let evil = "https://evil.example";
    let refusing =
        Wanted { refused: vec!["https://old.example".to_owned()], hostile: false, ..wanted(&[APP]) };
    let lets_in = |ask: &Ask| correct(ask, &|origin| origin == APP || origin == "https://old.example");
    let findings = probe(&refusing, &lets_in);
    assert_eq!(names(&findings), ["refused-origin-granted"]);
    assert_eq!(
        findings.first().map(|finding| (finding.severity, finding.seen.len())),
        Some((Severity::High, 2))
    );

    let sockets = Wanted { websocket: true, ..wanted(&[APP]) };
    let opens = |ask: &Ask| {
        answer(101, &[]).closing(changed(ask, |_| ()).get("access-control-allow-origin").is_none())
    };
    assert_eq!(names(&probe(&sockets, &opens)), [] as [&str; 0]);
    assert_eq!(names(&probe(&sockets, &|_| answer(101, &[]))), ["reflection", "null"]);
    let shut = |ask: &Ask| answer(if ask.header("Origin").as_deref() == Some(evil) { 101 } else { 403 }, &[]);
    assert_eq!(names(&probe(&sockets, &shut)), ["reflection", "handshake-refused"]);
}

trait Closing {
    fn closing(self, closes: bool) -> Self;
}

impl Closing for Answer {
    fn closing(mut self, closes: bool) -> Self {
        self.closed =
            closes.then(|| corsgate_probe::Closed { code: 4403, reason: "origin_not_listed".to_owned() });
        self
    }
}

#[test]
fn a_finding_about_a_socket_speaks_of_the_upgrade() {
    let open = Wanted { url: "wss://api.example.com/ws".to_owned(), websocket: true, ..wanted(&[APP]) };
    let found = probe(&open, &|_| answer(101, &[]));
    assert!(names(&found).contains(&"reflection"), "{found:?}");
    for finding in &found {
        assert!(finding.instead.contains("`Origin` in the upgrade request"), "{finding:?}");
        assert!(!finding.consequence.contains("responses"), "{finding:?}");
    }
    let refused = probe(&Wanted { hostile: false, ..open }, &|_| answer(403, &[]));
    assert!(refused.iter().all(|finding| finding.instead.contains("upgrade request")), "{refused:?}");
}

/// A finding does not contradict the headers that it shows.
#[test]
fn a_404_with_the_wrong_headers_does_not_come_without_them() {
    for (lines, message) in [
        (&[][..], "comes without CORS headers"),
        (
            &[("access-control-allow-origin", "*")],
            "`Access-Control-Allow-Origin` is `*` for a page that sends cookies",
        ),
        (
            &[("access-control-allow-origin", "https://other.example")],
            "`Access-Control-Allow-Origin` is `https://other.example`",
        ),
        (&[("access-control-allow-origin", APP)], "there is no `Access-Control-Allow-Credentials`"),
    ] {
        let found = probe(&Wanted { hostile: false, ..wanted(&[APP]) }, &|ask| {
            if ask.target.contains("corsgate-probe") {
                answer(404, lines)
            } else {
                correct(ask, &|it| it == APP)
            }
        });
        let told = found.iter().find(|finding| finding.name == "not-found-without-cors");
        assert!(told.is_some_and(|told| told.message.contains(message)), "{lines:?}: {found:?}");
    }
}

#[test]
fn a_hostile_probe_changes_nothing_and_sends_no_secret() {
    let wanted = Wanted {
        method: "DELETE".to_owned(),
        refused: vec!["https://old.example".to_owned()],
        ..wanted(&[APP])
    };
    let plan = Plan::new(&wanted).expect("a plan");
    let unsafe_ones: Vec<_> = plan.probes.iter().filter(|probe| !probe.ask.is_safe()).collect();
    assert_eq!(unsafe_ones.len(), 1, "{unsafe_ones:#?}");
    assert!(unsafe_ones.iter().all(|probe| probe.ask.header("Origin").as_deref() == Some(APP)));
    let names = plan.probes.iter().flat_map(|probe| &probe.ask.headers).map(|(name, _)| name.as_str());
    assert!(names.into_iter().all(|name| !matches!(name, "Cookie" | "Authorization")));
}

fn origin() -> impl Strategy<Value = String> {
    let host = prop_oneof![
        "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}\\.(com|example|co\\.uk)",
        Just("127.0.0.1".to_owned()),
        Just("localhost".to_owned())
    ];
    let port = prop_oneof![
        Just(String::new()),
        (1024_u16..).prop_filter("none is default", |port| *port != 443).prop_map(|port| format!(":{port}"))
    ];
    (prop_oneof![Just("https"), Just("http")], host, port)
        .prop_map(|(scheme, host, port)| format!("{scheme}://{host}{port}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// With any list: a server that allows exactly the listed origins is correct.
    #[test]
    fn a_correct_server_has_no_finding(listed in prop::collection::vec(origin(), 1..4)) {
        let texts: Vec<_> = listed.iter().map(String::as_str).collect();
        let findings = probe(&wanted(&texts), &|ask| correct(ask, &|origin| texts.contains(&origin)));
        prop_assert_eq!(names(&findings), Vec::<&str>::new());
    }

    /// A server that allows one of the derived origins as well is always found.
    #[test]
    fn other_allowed_origins_are_found(listed in origin(), at in any::<prop::sample::Index>()) {
        let derived = corsgate_probe::derive(std::slice::from_ref(&listed), |_| false);
        let one = at.get(&derived);
        let single = one.lines.len() == 1 && one.technique != corsgate_probe::Technique::Star;
        prop_assume!(single);
        let value = String::from_utf8_lossy(one.lines.first().expect("a line")).into_owned();
        let findings = probe(&wanted(&[&listed]), &|ask| correct(ask, &|origin| origin == listed || origin == value));
        prop_assert!(names(&findings).contains(&one.technique.name()), "{value}: {findings:#?}");
    }
}

/// The tables of `docs/probe.md` have every name and its description.
#[test]
fn the_page_has_every_finding() {
    let page = include_str!("../../../docs/probe.md");
    for mistake in corsgate_probe::Mistake::ALL {
        let row = format!("| `{}` ({}) | {} |", mistake.name(), mistake.severity(), mistake.consequence());
        assert!(page.contains(&row), "docs/probe.md lacks\n{row}");
    }
    for technique in corsgate_probe::Technique::ALL {
        let (with, without) = (technique.severity(true), technique.severity(false));
        let row = format!("| `{}` | {} | {with}, {without} |", technique.name(), technique.attack());
        assert!(page.contains(&row), "docs/probe.md lacks\n{row}");
    }
}
