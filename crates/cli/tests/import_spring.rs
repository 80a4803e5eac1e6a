//! What `corsgate import` makes of Spring: defaults, what setters do one after another, and hostile files.

use crate::import::{imported_as, of_class};

fn class(annotations: &str) -> String {
    format!("@RestController class A {{\n{annotations}\npublic void a() {{}}\n}}\n")
}

fn bean(lines: &str) -> String {
    format!(
        "class A {{ CorsConfigurationSource a() {{\nCorsConfiguration c = new CorsConfiguration();\n{lines}\n\
         UrlBasedCorsConfigurationSource s = new UrlBasedCorsConfigurationSource();\n\
         s.registerCorsConfiguration(\"/**\", c);\nreturn s; }} }}\n"
    )
}

#[test]
fn each_spelling_means_what_spring_makes_of_it() {
    for (sentence, program, has, has_not) in [
        (
            "@CrossOrigin alone allows every origin for the method of its mapping",
            class("@CrossOrigin @PutMapping(\"/a\")"),
            &["\"*\"", "\"PUT\"", "max_age = 1800", "enforce_methods = true"][..],
            &["\"DELETE\""][..],
        ),
        (
            "a bare configuration allows GET and HEAD, and no header",
            bean("c.addAllowedOrigin(\"https://app.example.com\");"),
            &["https://app.example.com", "\"GET\"", "\"HEAD\""],
            &["\"POST\"", "request_headers", "max_age"],
        ),
        (
            "an origin that is added to the defaults leaves every origin allowed",
            bean("c.applyPermitDefaultValues(); c.addAllowedOrigin(\"https://app.example.com\");"),
            &["\"*\""],
            &["https://app.example.com"],
        ),
        (
            "an origin that is set takes the place of the defaults",
            bean("c.applyPermitDefaultValues(); c.setAllowedOrigins(List.of(\"https://app.example.com\"));"),
            &["https://app.example.com"],
            &["origins = [\n  \"*\""],
        ),
        (
            "a pattern takes the place of the default origin",
            bean("c.applyPermitDefaultValues(); c.addAllowedOriginPattern(\"https://*.example.com\");"),
            &["https://*.example.com"],
            &["origins = [\n  \"*\""],
        ),
        (
            "every origin with credentials is left out",
            bean("c.addAllowedOrigin(\"*\"); c.setAllowCredentials(true);"),
            &["cors = false"],
            &["origins = [\n  \"*\""],
        ),
        (
            "what is set under a condition is not relied on",
            bean(
                "c.addAllowedOrigin(\"https://app.example.com\"); if (x) { c.setAllowedOrigins(List.of(\"https://b.example\")); }",
            ),
            &["cors = false"],
            &["https://app.example.com", "https://b.example"],
        ),
        (
            "what another method may have changed is not relied on",
            bean("c.addAllowedOrigin(\"https://app.example.com\"); c.customize(\"x\");"),
            &["cors = false"],
            &["https://app.example.com"],
        ),
    ] {
        let (policy, report, _) = imported_as("A.java", &program, &[]);
        for text in has {
            assert!(policy.contains(text), "{sentence}: {text}\n{policy}\n{report:#}");
        }
        for text in has_not {
            assert!(!policy.contains(text), "{sentence}: {text}\n{policy}\n{report:#}");
        }
    }
}

#[test]
fn what_only_running_spring_would_tell_is_a_hole() {
    for (program, hole) in [
        (class("@CrossOrigin(\"${origins}\") @GetMapping(\"/a\")"), "a placeholder"),
        (class("@CrossOrigin(Origins.ALL) @GetMapping(\"/a\")"), "the constant `ALL` of another file"),
        (class("@CrossOrigin @GetMapping(\"/a/{id}\")"), "a policy cannot say the path `/a/{id}`"),
        (class("@Profile(\"dev\") @CrossOrigin @GetMapping(\"/a\")"), "where `@Profile` holds"),
        (class("@CrossOrigin @Scheduled"), "on a method without a mapping"),
        (bean("for (String o : list) { c.addAllowedOrigin(o); }"), "a condition or a loop"),
        (
            "class A { void a(HttpSecurity http) { http.cors(c -> c.disable()); } }".to_owned(),
            "leaves CORS aside",
        ),
        (
            "class A { CorsConfiguration c = new CorsConfiguration(); }".to_owned(),
            "the requests that it is for",
        ),
    ] {
        let (_, report, code) = imported_as("A.java", &program, &[]);
        assert_eq!(code, 10, "{program}");
        assert!(of_class(&report, "not readable").contains(hole), "{program}: {report:#}");
    }
}

#[test]
fn kotlin_is_refused_in_so_many_words() {
    for name in ["A.kt", "A.txt"] {
        let (_, report, code) = imported_as(name, "@CrossOrigin(\"https://a.example\")\nfun a() = 1\n", &[]);
        assert_eq!(code, 10);
        assert!(of_class(&report, "not readable").contains("Kotlin is not read"), "{report:#}");
    }
}

#[test]
fn hostile_programs_end() {
    for text in [
        "class A { void a() { ".to_owned() + &"if (x) { ".repeat(3_000),
        bean(&"c.addAllowedOrigin(\"https://a.example\");\n".repeat(2_000)),
        "class A { ".repeat(2_000) + "@CrossOrigin @GetMapping(\"/a\") void a() {} ",
        "registry.addMapping(\"/a\")".to_owned() + &".allowedOrigins(\"https://a.example\")".repeat(500),
        "public class A { @CrossOrigin(origins = {{ origins }}) @GetMapping(\"/a\") void a() {}".to_owned(),
        "def a():\n  CORS(app)  # new CorsConfiguration(\n".to_owned(),
        "String a = \"x\" + ".repeat(3_000) + "@CrossOrigin",
    ] {
        imported_as("A.java", &text, &[]);
    }
}

#[test]
fn secrets_are_not_repeated() {
    let program = bean(
        "c.addAllowedOrigin(\"https://user:hunter2@app.example.com\"); c.addAllowedHeader(\"Bearer sk_live_1\");",
    );
    let (policy, report, _) = imported_as("A.java", &program, &[]);
    let all = format!("{policy}{report}");
    assert!(!all.contains("hunter2") && !all.contains("sk_live_1"), "{all}");
}

#[test]
fn sockets_that_compare_the_origin_are_read() {
    let server = |handler: &str| {
        format!(
            "const {{ WebSocketServer }} = require(\"ws\");\nconst list = [\"https://a.example\", \"https://b.example\"];\n{handler}\n"
        )
    };
    for (sentence, handler, is_read) in [
        (
            "one text",
            "new WebSocketServer({ port: 1 }).on('connection', (ws, req) => { if (req.headers.origin !== 'https://a.example') { ws.close(); return; } });",
            true,
        ),
        (
            "a list",
            "wss.on('connection', function (ws, req) { if (!list.includes(req.headers.origin)) return ws.close(1008); });",
            true,
        ),
        (
            "both",
            "wss.on('connection', (ws, req) => { const o = req.headers['origin']; if (o !== list[0] && o !== 'https://b.example') { ws.terminate(); return; } });",
            true,
        ),
        (
            "verifyClient",
            "new WebSocketServer({ verifyClient: (info) => list.includes(info.origin) });",
            true,
        ),
        (
            "verifyClient with an answer",
            "new WebSocketServer({ verifyClient: ({ origin }, done) => check(origin, done) });",
            false,
        ),
        (
            "an upgrade",
            "server.on('upgrade', (req, socket, head) => { if (!list.includes(req.headers.origin)) { socket.destroy(); return; } });",
            true,
        ),
        (
            "a function",
            "wss.on('connection', (ws, req) => { if (!allowed(req.headers.origin)) ws.close(); });",
            false,
        ),
        (
            "a refusal of what is listed",
            "wss.on('connection', (ws, req) => { if (list.includes(req.headers.origin)) ws.close(); });",
            false,
        ),
        (
            "a warning",
            "wss.on('connection', (ws, req) => { if (!list.includes(req.headers.origin)) console.warn('who?'); });",
            false,
        ),
    ] {
        let (policy, report, _) = imported_as("server.js", server(handler), &[]);
        assert_eq!(policy.contains("\n  \"https://a.example\""), is_read, "{sentence}: {policy}{report:#}");
        if !is_read {
            assert!(
                of_class(&report, "not readable").contains("looks at the origin"),
                "{sentence}: {report:#}"
            );
        }
    }
}
