//! What `corsgate import` makes of gateways, proxies and clouds: their defaults and how they compare, as their
//! documentation and their code have it.

use crate::import::{corsgate, folder, imported_as, of_class, ran};

/// An Ingress with some annotations.
fn ingress(annotations: &[(&str, &str)]) -> String {
    let lines: String = annotations
        .iter()
        .map(|(key, value)| format!("    nginx.ingress.kubernetes.io/{key}: {value}\n"))
        .collect();
    format!(
        "kind: Ingress\nmetadata:\n  annotations:\n    nginx.ingress.kubernetes.io/enable-cors: \"true\"\n{lines}spec:\n  rules:\n  - host: api.example.com\n    http:\n      paths:\n      - path: /\n        pathType: Prefix\n"
    )
}

fn istio(policy: &str) -> String {
    format!("kind: VirtualService\nspec:\n  hosts: [api.example.com]\n  http:\n  - corsPolicy: {policy}\n")
}

fn envoy(policy: &str) -> String {
    format!(
        "virtual_hosts:\n- domains: [api.example.com]\n  routes:\n  - match: {{ prefix: / }}\n    route: {{ cluster: a }}\n    typed_per_filter_config:\n      envoy.filters.http.cors: {policy}\n"
    )
}

fn http_route(cors: &str) -> String {
    format!("kind: HTTPRoute\nspec:\n  rules:\n  - filters:\n    - type: CORS\n      cors: {cors}\n")
}

fn traefik(headers: &str) -> String {
    format!(
        "http:\n  routers:\n    a: {{ rule: Host(`api.example.com`), middlewares: [c] }}\n  middlewares:\n    c:\n      headers: {headers}\n"
    )
}

fn kong(config: &str) -> String {
    format!("_format_version: '3.0'\nplugins:\n- name: cors\n  config: {config}\n")
}

fn apisix(cors: &str) -> String {
    format!("routes:\n- uri: /*\n  plugins:\n    cors: {cors}\n")
}

/// An entry that is not commented out.
const LIVE: &str = "\n  \"https://a.example\"";

/// A text of a source, the class of a finding, words that it has, and what of the policy is or is not there.
type Row = (String, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

#[test]
fn each_gateway_has_its_own_defaults_and_its_own_way_to_compare() {
    let rows: Vec<Row> = vec![
        // ingress-nginx: any origin with credentials by default, which browsers refuse.
        (
            ingress(&[]),
            "would be unsafe",
            "browsers refuse credentials with `*`",
            &["\n  \"*\"", "\"authorization\""],
            &["credentials = true"],
        ),
        (
            ingress(&[("cors-allow-credentials", "\"false\"")]),
            "same",
            "every origin (`*`)",
            &["\n  \"*\""],
            &["credentials = true"],
        ),
        (
            ingress(&[("cors-allow-origin", "https://a.example")]),
            "same",
            "credentials are allowed",
            &["\n  \"https://a.example\"", "\"PATCH\"", "max_age = 86400"],
            &[],
        ),
        (
            ingress(&[("cors-allow-origin", "\"https://a.example, *\"")]),
            "same",
            "every origin",
            &["\n  \"*\""],
            &["a.example"],
        ),
        (
            ingress(&[("cors-allow-origin", "\"https://*.a.example\"")]),
            "stricter here",
            "narrower than any pattern",
            &["# \"https://*.a.example\""],
            &["\n  \"https://*.a.example\""],
        ),
        (
            ingress(&[("cors-allow-headers", "\"*\"")]),
            "stricter here",
            "does not take `*`",
            &["\"content-type\""],
            &["request_headers = [\n  \"*\""],
        ),
        (
            ingress(&[("configuration-snippet", "'more_set_headers \"Access-Control-Allow-Origin: *\";'")]),
            "not readable",
            "in nginx's own language",
            &[],
            &[],
        ),
        // Gateway API: `*` with credentials is the origin itself; `*` in a host has any number of labels.
        (
            http_route("{ allowOrigins: ['*'], allowCredentials: true }"),
            "would be unsafe",
            "reflected, with credentials",
            &["cors = false"],
            &["\n  \"*\""],
        ),
        (http_route("{ allowOrigins: ['*'] }"), "same", "every origin (`*`)", &["\n  \"*\""], &[]),
        (
            http_route("{ allowOrigins: ['https://*.a.example'] }"),
            "same",
            "is `https://*.a.example`",
            &["\n  \"https://*.a.example\""],
            &[],
        ),
        (
            http_route("{ allowOrigins: ['https://*'] }"),
            "would be unsafe",
            "also lets in",
            &[],
            &["\n  \"https://*"],
        ),
        // Istio and Envoy.
        (
            istio("{ allowOrigins: [{ prefix: 'https://a.example' }] }"),
            "would be unsafe",
            "also lets in `https://a.example.evil.example`",
            &["# \"https://a.example\""],
            &[LIVE],
        ),
        (
            istio("{ allowOrigins: [{ regex: 'a\\.example' }] }"),
            "stricter here",
            "matches nothing that a browser sends",
            &[],
            &[LIVE],
        ),
        (
            istio("{ allowOrigins: [{ exact: '*' }], allowCredentials: true }"),
            "would be unsafe",
            "reflected, with credentials",
            &[],
            &["\n  \"*\""],
        ),
        (
            istio("{ allowOrigin: ['https://a.example'], maxAge: 1h30m }"),
            "same",
            "5400 seconds",
            &["\n  \"https://a.example\"", "max_age = 5400"],
            &[],
        ),
        (
            istio(
                "{ allowOrigins: [{ exact: https://a.example }], allowHeaders: ['*'], allowCredentials: true }",
            ),
            "stricter here",
            "every header that is asked for",
            &["\"authorization\""],
            &[],
        ),
        (
            envoy("{ allow_origin_string_match: [{ suffix: '.a.example' }] }"),
            "would be unsafe",
            "also lets in",
            &[],
            &["\n  \"https://"],
        ),
        (
            envoy("{ allow_origin_string_match: [{ prefix: '' }], allow_credentials: true }"),
            "would be unsafe",
            "reflected, with credentials",
            &[],
            &["\n  \"*\""],
        ),
        (
            envoy("{ allow_origin_string_match: [{ exact: 'HTTPS://A.EXAMPLE', ignore_case: true }] }"),
            "same",
            "https://a.example",
            &["\n  \"https://a.example\""],
            &[],
        ),
        (
            envoy("{ allowOriginStringMatch: [{ safeRegex: { regex: 'https://a\\.example' } }] }"),
            "same",
            "https://a.example",
            &["\n  \"https://a.example\""],
            &[],
        ),
        (
            envoy(
                "{ allow_origin_string_match: [{ exact: https://a.example }], filter_enabled: { default_value: { numerator: 50 } } }",
            ),
            "not readable",
            "a share of the requests",
            &[],
            &[LIVE],
        ),
        (
            envoy(
                "{ disabled: true, config: { allow_origin_string_match: [{ exact: https://a.example }] } }",
            ),
            "not readable",
            "no CORS configuration",
            &[],
            &[LIVE],
        ),
        (
            envoy("{ allow_origin_string_match: [{ custom: x }] }"),
            "not readable",
            "a matcher that is not known",
            &[],
            &[],
        ),
        // Traefik.
        (
            traefik("{ accessControlAllowOriginListRegex: ['https://a\\.example'] }"),
            "would be unsafe",
            "also lets in",
            &["# \"https://a.example\""],
            &[LIVE],
        ),
        (
            traefik("{ accessControlAllowOriginListRegex: ['^https://a\\.example$'] }"),
            "same",
            "0 seconds",
            &["\n  \"https://a.example\"", "max_age = 0"],
            &[],
        ),
        (
            traefik("{ accessControlAllowOriginList: ['*'], accessControlAllowCredentials: true }"),
            "would be unsafe",
            "browsers refuse credentials",
            &["\n  \"*\""],
            &["credentials = true"],
        ),
        (
            traefik("{ customResponseHeaders: { Access-Control-Allow-Origin: https://a.example } }"),
            "not readable",
            "added to preflights",
            &["\n  \"https://a.example\""],
            &[],
        ),
        // Kong: regular expressions match the whole origin or the whole host.
        (
            kong("{}"),
            "same",
            "every header that is asked for",
            &["\n  \"*\"", "\"PATCH\""],
            &["credentials = true"],
        ),
        (
            kong("{ credentials: true }"),
            "would be unsafe",
            "reflected, with credentials",
            &[],
            &["\n  \"*\""],
        ),
        (
            kong("{ origins: ['https://a\\.example'] }"),
            "same",
            "https://a.example",
            &["\n  \"https://a.example\""],
            &[],
        ),
        (kong("{ origins: ['a\\.example'] }"), "would be unsafe", "also lets in", &[], &[LIVE]),
        (
            kong("{ origins: ['https://a\\.example|https://b\\.example', 'https://c.example'] }"),
            "would be unsafe",
            "`https://a.example.evil.example`",
            &[],
            &[LIVE],
        ),
        (
            kong("{ origins: [https://a.example], preflight_continue: true }"),
            "not readable",
            "the service behind Kong",
            &["\n  \"https://a.example\""],
            &["PUT"],
        ),
        // APISIX.
        (apisix("{}"), "same", "every method (`*`)", &["\n  \"*\""], &["credentials = true"]),
        (
            apisix("{ allow_origins: '**', allow_credential: true, allow_headers: a, allow_methods: GET }"),
            "would be unsafe",
            "reflected, with credentials",
            &[],
            &["\n  \"*\""],
        ),
        (
            apisix("{ allow_origins: 'https://a.example,https://b.example' }"),
            "same",
            "https://b.example",
            &["\n  \"https://a.example\"", "\n  \"https://b.example\""],
            &[],
        ),
        (
            apisix(
                "{ allow_origins: 'https://a.example', allow_origins_by_regex: ['^https://c\\.example$'] }",
            ),
            "same",
            "https://c.example",
            &["\n  \"https://c.example\""],
            &[LIVE],
        ),
        (
            apisix("{ allow_origins_by_metadata: [EXAMPLE] }"),
            "not readable",
            "the metadata of the plugin",
            &[],
            &[],
        ),
    ];
    let mut wrong = Vec::new();
    for (text, class, named, has, lacks) in rows {
        let (policy, report, _) = imported_as("gateway.yaml", &text, &["--host", "api.example.com"]);
        if !of_class(&report, class).contains(named) {
            wrong.push(format!("{text}: no {named}: {report:#}"));
        }
        let missing = has.iter().filter(|part| !policy.contains(**part)).map(|part| format!("no {part:?}"));
        let there = lacks.iter().filter(|part| policy.contains(**part)).map(|part| format!("{part:?}"));
        wrong.extend(missing.chain(there).map(|what| format!("{text}: {what}: {policy}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// What else may decide is a hole.
#[test]
fn templates_tags_and_variables_are_holes() {
    let names = "allowMethods: [PUT]";
    for (value, what) in [
        ("{{ .Values.origin }}", "a template"),
        ("\"https://{{ .Values.host }}\"", "a template"),
        ("{% raw %}https://b.example{% endraw %}", "a template"),
        ("!Ref Origin", "`!Ref`"),
        ("!Join ['', [https://, a.example]]", "`!Join`"),
        ("{ \"Fn::GetAtt\": [A, B] }", "`Fn::GetAtt`"),
        ("${ORIGIN}", "a variable"),
        ("$(ORIGIN)", "a variable"),
        ("\"[parameters('origin')]\"", "a variable"),
        ("'{vault://env/origin}'", "a variable"),
        ("*nobody", "an alias of nothing"),
    ] {
        let text = format!("allowOrigins:\n- {value}\n- https://a.example\n{names}\n");
        let (policy, report, code) = imported_as("rule.yaml", &text, &[]);
        assert_eq!(code, 10, "{value}");
        assert!(
            of_class(&report, "not readable").contains(&format!("come from {what}")),
            "{value}: {report:#}"
        );
        assert!(
            policy.contains("\n  \"https://a.example\"") && !policy.contains("b.example"),
            "{value}: {policy}"
        );
    }
    for (text, what) in [
        (
            format!(
                "allowOrigins: [https://a.example]\n{names}\n{{{{- if .x }}}}\nallowCredentials: true\n{{{{- end }}}}\n"
            ),
            "a template",
        ),
        (
            format!("{{{{- if .x }}}}\nallowOrigins: [https://a.example]\n{names}\n{{{{- end }}}}\n"),
            "a template",
        ),
        (format!("allowOrigins: [https://a.example]\n{names}\nallowHeaders: [\n"), "not YAML"),
        (
            format!("allowOrigins: [https://a.example]\nallowOrigins: [https://b.example]\n{names}\n"),
            "a key that stands twice",
        ),
        (
            format!(
                "x: &x {{ allowOrigins: [https://a.example] }}\ny:\n  <<: [*x, {{{{ .z }}}}]\n  {names}\n"
            ),
            "a template",
        ),
    ] {
        let (policy, report, _) = imported_as("rule.yaml", &text, &[]);
        assert!(of_class(&report, "not readable").contains(what), "{text}: {report:#}");
        assert!(!policy.contains("\n  \"https://"), "{text}: {policy}");
    }
}

#[test]
fn hosts_and_paths_are_those_of_the_source() {
    let rules = "kind: HTTPRoute\nspec:\n  hostnames: [a.example.com, '*.b.example.com']\n  rules:\n  - matches: [{ path: { value: /api } }]\n    filters: [{ type: CORS, cors: { allowOrigins: [https://a.example] } }]\n  - matches: [{ path: { value: /api/private } }]\n";
    let (policy, _, code) = imported_as("route.yaml", rules, &[]);
    assert_eq!(code, 0, "{policy}");
    assert!(
        policy.contains("path = \"/api/*\"\nhosts = [\"*.b.example.com\", \"a.example.com\"]"),
        "{policy}"
    );
    assert!(
        policy.contains(
            "path = \"/api/private/*\"\nhosts = [\"*.b.example.com\", \"a.example.com\"]\ncors = false"
        ),
        "{policy}"
    );
    assert!(!policy.contains("api.invalid"), "{policy}");
    // The first route of Envoy decides alone: what comes before a narrower one hides it.
    let envoy =
        |first: &str, second: &str| format!("virtual_hosts:\n- domains: ['*']\n  routes:\n{first}{second}");
    let none = "  - match: { prefix: / }\n    route: {}\n";
    let some = "  - match: { path_separated_prefix: /api }\n    route: {}\n    typed_per_filter_config:\n      envoy.filters.http.cors:\n        allow_origin_string_match: [{ exact: https://a.example }]\n";
    assert!(imported_as("a.yaml", envoy(some, none), &[]).0.contains("\n  \"https://a.example\""));
    let (policy, report, _) = imported_as("a.yaml", envoy(none, some), &[]);
    assert!(!policy.contains("\n  \"https://a.example\""), "{policy}\n{report:#}");
    // Conditions, regular expressions and hosts that are none.
    for route in [
        "match: [{ headers: { x: { exact: y } } }]",
        "match: [{ uri: { regex: '/v[0-9]/.*' } }]",
        "match: [{ uri: { prefix: /a }, method: { exact: GET } }]",
    ] {
        let text = format!(
            "kind: VirtualService\nspec:\n  hosts: [a.example.com]\n  http:\n  - {route}\n    corsPolicy: {{ allowOrigins: [{{ exact: https://a.example }}] }}\n"
        );
        let (policy, report, code) = imported_as("a.yaml", &text, &[]);
        assert!(code == 10 && !policy.contains("\n  \"https://a.example\""), "{route}: {policy}\n{report:#}");
    }
    let (policy, _, _) = imported_as("a.yaml", rules.replace("a.example.com", "'bad host'"), &[]);
    assert!(!policy.contains("\n  \"https://a.example\"") && policy.contains("# hosts"), "{policy}");
}

#[test]
fn each_kind_reads_what_is_its_own() {
    let both = format!(
        "{}---\n{}",
        istio("{ allowOrigins: [{ exact: https://a.example }] }"),
        ingress(&[("cors-allow-origin", "https://b.example")])
    );
    let (policy, _, _) = imported_as("a.yaml", &both, &["--from", "istio"]);
    assert!(policy.contains("a.example") && !policy.contains("b.example"), "{policy}");
    let (policy, _, _) = imported_as("a.yaml", &both, &["--from", "ingress-nginx"]);
    assert!(!policy.contains("https://a.example") && policy.contains("https://b.example"), "{policy}");
    // Without a name that tells.
    let folder = folder("gateway", &both);
    let (stdout, _, _) = ran(corsgate(folder.path(), &["import", "gateway"]));
    assert!(stdout.contains("VirtualService") || stdout.contains("https://a.example"), "{stdout}");
    // JSON is YAML.
    let json = r#"{"_format_version": "3.0", "plugins": [{"name": "cors", "config": {"origins": ["https://a.example"], "credentials": true}}]}"#;
    let (policy, _, _) = imported_as("kong.json", json, &[]);
    assert!(policy.contains("https://a.example") && policy.contains("credentials = true"), "{policy}");
    // Of a file that is cut, what is complete is read.
    let half = r#"{"rules": [{"allowedOrigins": ["https://a.example"], "allowedMethods": ["PUT"]}, {"allowedOrigins": ["https://b.ex"#;
    let (policy, report, code) = imported_as("half.json", half, &[]);
    assert!(code == 10 && of_class(&report, "not readable").contains("not JSON"), "{report:#}");
    assert!(policy.contains("\n  \"https://a.example\"") && !policy.contains("b.ex"), "{policy}");
}

/// Texts of others stay texts, and nothing ends the program.
#[test]
fn hostile_configurations_are_holes_and_tell_no_secret() {
    let text = "allowOrigins:\n- \"https://a.example\\n[[routes]]\\nname = 1\"\n- https://user:hunter2@b.example\n- hunter2\n- \"https://\\u202ec.example\"\nallowMethods: [PUT, 'HUNTER 2']\nallowHeaders: [\"Bearer hunter2\"]\npassword: hunter2\nmaxAge: hunter2\nhunter2: 1\n";
    let (policy, report, code) = imported_as("a.yaml", text, &[]);
    assert_eq!(code, 10);
    for text in [&policy, &report.to_string()] {
        assert!(
            !text.contains("hunter2") && !text.contains("HUNTER 2") && !text.contains('\u{202e}'),
            "{text}"
        );
        assert!(!text.contains("\nname = 1"), "{text}");
    }
    for host in ["hunter2 secret", "a.example.com\\n[[routes]]"] {
        let text = istio("{ allowOrigins: [{ exact: https://a.example }] }")
            .replace("[api.example.com]", &format!("[\"{host}\"]"));
        let (policy, _, _) = imported_as("a.yaml", &text, &[]);
        assert!(
            !policy.contains("\n[[routes]]\"") && !policy.contains("\n  \"https://a.example\""),
            "{policy}"
        );
    }
    let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
    for number in 1..30 {
        laughs.push_str(&format!(
            "a{number}: &a{number} [{}]\n",
            vec![format!("*a{}", number - 1); 9].join(", ")
        ));
    }
    laughs.push_str("cors: { allowOrigins: *a29, allowMethods: [PUT] }\n");
    let deep = format!("corsPolicy: {}1{}\n", "{ a: ".repeat(20_000), " }".repeat(20_000));
    let dashes = format!("{}corsPolicy\n", "- ".repeat(40_000));
    let half = istio("{ allowOrigins: [{ exact: https://a.example }], allowMethods: [");
    let ruby = "require 'rack/cors'\nuse Rack::Cors do\n  allow { origins '*' }\nend\n".to_owned();
    for (index, text) in
        [laughs, deep, dashes, half, ruby, "{{".repeat(20_000), "\u{feff}---\n...\n---\n".to_owned()]
            .iter()
            .enumerate()
    {
        let (policy, report, code) = imported_as("a.yaml", text, &[]);
        assert_eq!(code, 10, "{index}: {report:#}");
        assert!(!policy.contains("\n  \"*\"") && !policy.contains("\n  \"https://"), "{index}: {policy}");
    }
}
