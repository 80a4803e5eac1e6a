//! What `corsgate import` makes of parts of a configuration that refer to each other, that are off, or that are only for
//! some requests: a router and its middlewares, a plugin of a service, the default of all routes.

use crate::import::{imported_as, of_class};
use crate::import_nothing_silent::in_force;

/// A text of a source, the class of a finding, words that it has, and what the policy in force has and has not.
type Row = (&'static str, &'static str, &'static str, &'static [&'static str], &'static [&'static str]);

fn all_hold(rows: &[Row]) {
    let mut wrong = Vec::new();
    for (text, class, named, has, lacks) in rows {
        let (policy, report, _) = imported_as("gateway.yaml", *text, &["--host", "api.example.com"]);
        if !of_class(&report, class).contains(named) {
            wrong.push(format!("{text}: no {named}: {report:#}"));
        }
        let lines = in_force(&policy);
        let missing = has.iter().filter(|part| !lines.contains(**part)).map(|part| format!("no {part:?}"));
        let there = lacks.iter().filter(|part| lines.contains(**part)).map(|part| format!("{part:?}"));
        wrong.extend(missing.chain(there).map(|what| format!("{text}: {what}: {policy}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_middleware_of_traefik_is_for_the_routers_that_use_it() {
    all_hold(&[
        (
            "http:\n  routers:\n    a: { rule: Host(`api.example.com`), middlewares: [auth] }\n  middlewares:\n    auth: { basicAuth: {} }\n    c: { headers: { accessControlAllowOriginList: ['https://a.example'] } }\n",
            "not readable",
            "no router in this file uses this middleware",
            &["cors = false"],
            &["https://a.example"],
        ),
        (
            "http:\n  routers:\n    a: { rule: Host(`api.example.com`) && PathPrefix(`/admin`), middlewares: [admin@file] }\n    b: { rule: Host(`api.example.com`), middlewares: [chain] }\n  middlewares:\n    chain: { chain: { middlewares: [public] } }\n    admin: { headers: { accessControlAllowOriginList: ['https://a.example'], accessControlAllowCredentials: true } }\n    public: { headers: { accessControlAllowOriginList: ['*'] } }\n",
            "same",
            "every origin (`*`)",
            &[
                "path = \"/admin/*\"\nhosts = [\"api.example.com\"]\n[routes.cors]\norigins = [\n  \"https://a.example\"",
                "path = \"/*\"\nhosts = [\"api.example.com\"]\n[routes.cors]\norigins = [\n  \"*\"",
            ],
            &[],
        ),
        // Another namespace, and a route without it.
        (
            "kind: Middleware\nmetadata: { name: c, namespace: x }\nspec: { headers: { accessControlAllowOriginList: ['https://x.example'] } }\n---\nkind: Middleware\nmetadata: { name: c, namespace: y }\nspec: { headers: { accessControlAllowOriginList: ['https://y.example'] } }\n---\nkind: IngressRoute\nspec:\n  routes:\n  - { match: Host(`api.example.com`) && PathPrefix(`/y`), middlewares: [{ name: c, namespace: y }] }\n  - { match: Host(`api.example.com`) }\n",
            "not readable",
            "no router in this file uses this middleware",
            &[
                "path = \"/y/*\"",
                "https://y.example",
                "path = \"/*\"\nhosts = [\"api.example.com\"]\ncors = false",
            ],
            &["https://x.example"],
        ),
        // The longer rule decides, which is that of the wider path here, and so does a priority.
        (
            "http:\n  routers:\n    a: { rule: Host(`api.example.com`) && Path(`/ab`), middlewares: [c] }\n    b: { rule: Host(`api.example.com`) && PathPrefix(`/`), middlewares: [] }\n  middlewares:\n    c: { headers: { accessControlAllowOriginList: ['https://a.example'] } }\n",
            "not readable",
            "which requests the routers that use this middleware are for is not read",
            &["cors = false"],
            &["path = \"/ab\"", "https://a.example"],
        ),
        (
            "http:\n  routers:\n    a: { rule: Host(`api.example.com`), middlewares: [c], priority: 100 }\n    b: { rule: Host(`api.example.com`) && PathPrefix(`/b`) }\n  middlewares:\n    c: { headers: { accessControlAllowOriginList: ['https://a.example'] } }\n",
            "not readable",
            "which requests the routers that use this middleware are for is not read",
            &["cors = false"],
            &["path = \"/b/*\"", "https://a.example"],
        ),
        // Other hosts.
        (
            "http:\n  routers:\n    a: { rule: Host(`a.example.com`), middlewares: [c] }\n    b: { rule: Host(`b.example.com`) && PathPrefix(`/b`) }\n  middlewares:\n    c: { headers: { accessControlAllowOriginList: ['https://a.example'] } }\n",
            "same",
            "`https://a.example`",
            &[
                "path = \"/*\"\nhosts = [\"a.example.com\"]\n[routes.cors]\norigins = [\n  \"https://a.example\"",
                "path = \"/b/*\"\nhosts = [\"b.example.com\"]\ncors = false",
            ],
            &[],
        ),
        (
            "http:\n  routers:\n    a: { rule: 'Host(`a.example.com`, `b.example.com`)', middlewares: [c] }\n    b: { rule: Host(`b.example.com`) && PathPrefix(`/b`) }\n  middlewares:\n    c: { headers: { accessControlAllowOriginList: ['https://a.example'] } }\n",
            "not readable",
            "which requests the routers that use this middleware are for is not read",
            &["cors = false"],
            &["path = \"/b/*\"", "https://a.example"],
        ),
        // One that only redirects, one of TCP, and the same for another entry point.
        (
            "tcp:\n  routers: { t: { rule: HostSNI(`*`) } }\nhttp:\n  routers:\n    a: { rule: Host(`api.example.com`), middlewares: [https], entryPoints: [web] }\n    b: { rule: Host(`api.example.com`), middlewares: [c], entryPoints: [websecure] }\n    d: { rule: Host(`api.example.com`), middlewares: [c], entryPoints: [other] }\n  middlewares:\n    https: { redirectScheme: { scheme: https } }\n    c: { headers: { accessControlAllowOriginList: ['https://a.example'] } }\n",
            "same",
            "`https://a.example`",
            &[
                "path = \"/*\"\nhosts = [\"api.example.com\"]\n[routes.cors]\norigins = [\n  \"https://a.example\"",
            ],
            &[],
        ),
        (
            "labels:\n- traefik.http.routers.a.rule=Host(`api.example.com`)\n- traefik.http.routers.a.middlewares=c@docker\n- traefik.http.middlewares.c.headers.accesscontrolalloworiginlist[0]=https://a.example\n- traefik.http.middlewares.c.headers.accesscontrolalloworiginlist[1]=https://b.example\n",
            "same",
            "`https://b.example`",
            &["https://a.example", "https://b.example"],
            &[],
        ),
    ]);
}

#[test]
fn a_plugin_is_for_what_it_refers_to() {
    all_hold(&[
        (
            "_format_version: '3.0'\nservices:\n- { id: 5b3c, name: s, routes: [{ name: r, paths: [/r] }] }\nplugins:\n- { name: cors, service: { id: 5b3c }, config: { origins: ['https://a.example'] } }\n",
            "same",
            "`https://a.example`",
            &["path = \"/r/*\"", "https://a.example"],
            &[],
        ),
        (
            "_format_version: '3.0'\nservices:\n- { name: s, routes: [{ name: r, paths: [/r] }] }\nplugins:\n- { name: cors, route: other, config: { origins: ['https://a.example'] } }\n",
            "not readable",
            "a `cors` plugin of a route that is not in this file",
            &[],
            &["https://a.example"],
        ),
        (
            "_format_version: '3.0'\nservices:\n- { name: s, routes: [{ name: r, paths: [/r] }] }\nplugins:\n- { name: cors, consumer_group: gold, config: { origins: ['https://g.example'] } }\n- { name: cors, config: { origins: ['https://a.example'] } }\n",
            "not readable",
            "a `cors` plugin of a consumer",
            &["path = \"/r/*\"", "https://a.example"],
            &["https://g.example"],
        ),
        (
            "kind: KongPlugin\nplugin: cors\ndisabled: true\nconfig: { origins: ['https://a.example'] }\n---\nkind: KongPlugin\nplugin: cors\nconfig: { origins: ['https://b.example'] }\n",
            "same",
            "`https://b.example`",
            &["https://b.example"],
            &["https://a.example"],
        ),
        // Before version 3, other letters made a path an expression.
        (
            "_format_version: '2.1'\nroutes:\n- { name: r, paths: ['/v$'], plugins: [{ name: cors, config: { origins: ['https://a.example'] } }] }\n",
            "not readable",
            "a policy cannot say the path `/v$`",
            &[],
            &["https://a.example"],
        ),
        // APISIX: a route has the plugin of its service, and each has that of all.
        (
            "services:\n- { id: 1, plugins: { cors: { allow_origins: 'https://a.example' } } }\nroutes:\n- { uri: /a, service_id: 1 }\n- { uri: /b, service_id: 1, plugins: { cors: { allow_origins: 'https://b.example' } } }\n- { uri: /c, service_id: 1, plugins: { cors: { allow_origins: 'https://c.example', _meta: { disable: true } } } }\n",
            "same",
            "`https://a.example`",
            &[
                "path = \"/a\"\n[routes.cors]\norigins = [\n  \"https://a.example\"",
                "path = \"/b\"\n[routes.cors]\norigins = [\n  \"https://b.example\"",
            ],
            &["path = \"/*\"\n[routes.cors]", "https://c.example"],
        ),
        (
            "global_rules:\n- { id: 1, plugins: { cors: { allow_origins: 'https://a.example' } } }\nroutes:\n- { uri: /a, upstream_id: 1 }\n- { uri: /b, upstream_id: 1, plugins: { cors: { allow_origins: 'https://b.example' } } }\n",
            "not readable",
            "a plugin of `global_rules` as well",
            &[
                "path = \"/a\"\n[routes.cors]\norigins = [\n  \"https://a.example\"",
                "path = \"/*\"\n[routes.cors]\norigins = [\n  \"https://a.example\"",
                "path = \"/b\"\ncors = false",
            ],
            &["https://b.example"],
        ),
    ]);
}

#[test]
fn what_is_only_for_some_requests_is_not_for_all() {
    all_hold(&[
        (
            "virtual_hosts:\n- domains: [api.example.com, 'api.example.com:8443']\n  cors: { allow_origin_string_match: [{ exact: https://a.example }] }\n  routes:\n  - match: { path_separated_prefix: /w }\n    route:\n      weighted_clusters:\n        clusters:\n        - name: x\n          typed_per_filter_config:\n            envoy.filters.http.cors: { allow_origin_string_match: [{ exact: https://b.example }] }\n  - match: { path_separated_prefix: /e }\n    route: { cluster: c, cors: { allow_origin_string_match: [], allow_methods: PUT } }\n",
            "not readable",
            "a policy of one of the weighted clusters",
            // A list that is empty is none.
            &[
                "path = \"/w/*\"\nhosts = [\"api.example.com\"]\ncors = false",
                "path = \"/e/*\"\nhosts = [\"api.example.com\"]\n[routes.cors]\norigins = [\n  \"https://a.example\"",
            ],
            &["https://b.example"],
        ),
        (
            "kind: VirtualService\nspec:\n  hosts: [api.example.com]\n  http:\n  - match: [{ gateways: [mesh] }]\n    corsPolicy: { allowOrigins: [{ exact: 'https://m.example' }] }\n  - corsPolicy: { allowOrigins: [{ exact: 'https://a.example' }] }\n",
            "not readable",
            "under a condition",
            &["https://a.example"],
            &["https://m.example"],
        ),
        (
            "kind: Ingress\nmetadata:\n  annotations: { nginx.ingress.kubernetes.io/enable-cors: 'true', nginx.ingress.kubernetes.io/cors-allow-origin: 'https://a.example', nginx.ingress.kubernetes.io/server-alias: 'www.example.com,~^x.*$' }\nspec: { rules: [{ host: api.example.com, http: { paths: [{ path: /, pathType: Prefix }] } }] }\n---\nkind: Ingress\nmetadata:\n  annotations: { nginx.ingress.kubernetes.io/canary: 'true', nginx.ingress.kubernetes.io/enable-cors: 'true', nginx.ingress.kubernetes.io/cors-allow-origin: 'https://c.example' }\nspec: { rules: [{ host: api.example.com, http: { paths: [{ path: /, pathType: Prefix }] } }] }\n",
            "not readable",
            "a policy cannot say the `server-alias` `~^x.*$`",
            &["hosts = [\"api.example.com\"]\n[routes.cors]", "hosts = [\"www.example.com\"]\n[routes.cors]"],
            &["https://c.example"],
        ),
        (
            "apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: SecurityPolicy\nspec:\n  cors: { allowOrigins: ['https://a.example'], allowMethods: [PUT] }\n",
            "not readable",
            "which requests this `SecurityPolicy` is for is not read",
            &[],
            &[],
        ),
    ]);
}

#[test]
fn routes_that_share_some_of_their_hosts_do_not_hide_each_other() {
    let route = |hosts: &str, path: &str, origin: &str| {
        format!(
            "kind: HTTPRoute\nspec:\n  hostnames: [{hosts}]\n  rules:\n  - matches: [{{ path: {{ value: {path} }} }}]\n    filters: [{{ type: CORS, cors: {{ allowOrigins: ['{origin}'] }} }}]\n"
        )
    };
    let both = [
        route("a.example.com, b.example.com", "/", "https://one.example"),
        route("b.example.com, c.example.com", "/x", "https://two.example"),
    ];
    for text in [both.join("---\n"), both.iter().rev().cloned().collect::<Vec<_>>().join("---\n")] {
        let (policy, report, code) = imported_as("routes.yaml", &text, &[]);
        assert_eq!(code, 0, "{report:#}");
        let lines = in_force(&policy);
        let narrow = "path = \"/x/*\"\nhosts = [\"b.example.com\"]\n[routes.cors]\norigins = [\n  \"https://two.example\"";
        let wide = "path = \"/*\"\nhosts = [\"b.example.com\"]\n[routes.cors]\norigins = [\n  \"https://one.example\"";
        let at = |part: &str| lines.find(part).unwrap_or_else(|| panic!("no {part}: {policy}"));
        assert!(at(narrow) < at(wide), "{policy}");
        for (host, origin) in [("a.example.com", "one"), ("c.example.com", "two")] {
            at(&format!("hosts = [\"{host}\"]\n[routes.cors]\norigins = [\n  \"https://{origin}.example\""));
        }
        assert!(lines.contains("path = \"/*\"\nhosts = [\"c.example.com\"]\ncors = false"), "{policy}");
    }
    // The same path on a host that both have.
    let twice = [
        route("a.example.com, b.example.com", "/", "https://one.example"),
        route("b.example.com", "/", "https://two.example"),
    ];
    let (policy, report, _) = imported_as("routes.yaml", twice.join("---\n"), &[]);
    assert!(
        of_class(&report, "not readable").contains("another rule is for this path as well"),
        "{report:#}"
    );
    let lines = in_force(&policy);
    assert!(lines.contains("hosts = [\"b.example.com\"]\ncors = false"), "{policy}");
    assert!(lines.contains("https://one.example") && !lines.contains("https://two.example"), "{policy}");
}

#[test]
fn a_route_of_spring_cloud_gateway_has_the_path_of_its_only_predicate() {
    const LIVE: &str = "[routes.cors]\norigins = [\n  \"https://a.example\"";
    let yaml = |predicates: &str| {
        format!(
            "spring:\n  cloud:\n    gateway:\n      routes:\n      - id: r\n        uri: http://x\n        predicates: {predicates}\n        metadata: {{ cors: {{ allowedOrigins: 'https://a.example' }} }}\n"
        )
    };
    for (predicates, path) in [
        ("[Path=/a/**]", "/a/*"),
        ("['Path=/a']", "/a"),
        ("[{ name: Path, args: { patterns: /a/** } }]", "/a/*"),
        ("[{ name: Path, args: { patterns: [/a/**] } }]", "/a/*"),
        ("[{ name: Path, args: { _genkey_0: /a/** } }]", "/a/*"),
        ("[Path=/**]", "/*"),
    ] {
        let (policy, report, code) =
            imported_as("application.yml", yaml(predicates), &["--host", "a.example.com"]);
        assert_eq!(code, 0, "{predicates}: {report:#}");
        assert!(in_force(&policy).contains(&format!("path = \"{path}\"\n{LIVE}")), "{predicates}: {policy}");
    }
    for predicates in [
        "['Path=/a/**,/b/**']",
        "['Path=/a,false']",
        "['Path=/a/{id}']",
        "['Path=/a/**', Method=GET]",
        "[Host=a.example.com]",
        "[Path=/a/**, { name: Header, args: { header: x } }]",
        "[{ name: Path, args: { patterns: [/a/**, /b/**] } }]",
        "['Path=${api.path}']",
        "Path=/a/**",
        "[]",
    ] {
        let (policy, report, code) =
            imported_as("application.yml", yaml(predicates), &["--host", "a.example.com"]);
        assert_eq!(code, 10, "{predicates}");
        assert!(of_class(&report, "not readable").contains("a policy cannot say the path"), "{report:#}");
        assert!(!in_force(&policy).contains("https://a.example\""), "{predicates}: {policy}");
    }
    let based = format!("{}  webflux: {{ base-path: /base }}\n", yaml("[Path=/a/**]"));
    let (policy, ..) = imported_as("application.yml", based, &[]);
    assert!(!in_force(&policy).contains("https://a.example\""), "{policy}");
    // Filters that set the same headers are named.
    for filters in [
        "default-filters: ['AddResponseHeader=Access-Control-Allow-Origin, *']",
        "default-filters: [{ name: SetResponseHeader, args: { name: Access-Control-Allow-Origin, value: '*' } }]",
        "routes: [{ id: r, filters: ['RemoveResponseHeader=Access-Control-Allow-Origin'] }]",
    ] {
        let text = format!(
            "spring:\n  cloud:\n    gateway:\n      {filters}\n      globalcors:\n        cors-configurations:\n          '[/**]': {{ allowedOrigins: 'https://a.example' }}\n"
        );
        let (_, report, code) = imported_as("application.yml", text, &[]);
        assert!(
            code == 10 && of_class(&report, "not readable").contains("a filter changes a header of CORS"),
            "{filters}: {report:#}"
        );
    }
    let harmless = "spring.cloud.gateway.default-filters[0]=DedupeResponseHeader=Access-Control-Allow-Origin\nspring.cloud.gateway.globalcors.cors-configurations.[/**].allowed-origins=https://a.example\n";
    let (_, report, code) = imported_as("application.properties", harmless, &["--host", "a.example.com"]);
    assert_eq!(code, 0, "{report:#}");
}
