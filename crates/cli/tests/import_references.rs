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
            "which routers use this middleware is not read",
            &[],
            &["path = \"/ab\""],
        ),
        (
            "http:\n  routers:\n    a: { rule: Host(`api.example.com`), middlewares: [c], priority: 100 }\n    b: { rule: Host(`api.example.com`) && PathPrefix(`/b`) }\n  middlewares:\n    c: { headers: { accessControlAllowOriginList: ['https://a.example'] } }\n",
            "not readable",
            "which routers use this middleware is not read",
            &[],
            &["path = \"/b/*\""],
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
            &["hosts = [\"api.example.com\", \"www.example.com\"]\n[routes.cors]", "https://a.example"],
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
