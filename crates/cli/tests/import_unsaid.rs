//! Rules for paths that a policy cannot say, and locations that a server never takes: whatever decides about their requests
//! allows no more than the source, or the report names it.

use crate::import::{imported_as, of_class};

const ALLOW: &str = "add_header Access-Control-Allow-Origin";

fn server(locations: &str) -> String {
    format!("server {{ server_name api.example.com; {locations} }}")
}

#[test]
fn nginx_takes_an_expression_before_a_longer_prefix() {
    let open = format!("{{ {ALLOW} * always; return 200; }}");
    let closed = format!("{{ {ALLOW} https://a.example always; return 200; }}");
    for (locations, never) in [
        (format!("location /api/open/ {open} location ~ ^/api/ {closed}"), "`location /api/open/`"),
        (format!("location ~ ^/api/ {closed} location ~ ^/api/open/ {open}"), "`location ^/api/open/`"),
        (format!("location ^~ /api/ {closed} location ~ ^/api/open/ {open}"), "`location ^/api/open/`"),
        (format!("location / {open} location ~ ^/ {closed}"), "`location /`"),
        (
            format!(
                "location /api/ {{ location ~ ^/api/o {closed} }} location /api/open/ {open} location ~ ^/api/ {closed}"
            ),
            "`location /api/open/`",
        ),
    ] {
        let (policy, report, code) = imported_as("nginx.conf", server(&locations), &[]);
        assert!(!policy.contains("\"*\""), "{locations}: {policy}");
        assert!(policy.contains("\"https://a.example\""), "{locations}: {policy}");
        assert!(
            of_class(&report, "same").contains(&format!("nginx never takes {never}")),
            "{locations}: {report:#}"
        );
        assert!(code == 0 || locations.contains("^/api/o "), "{locations}: {report:#}");
    }
    // What is exact, stands behind `^~` or in its block is taken.
    for locations in [
        format!("location = /api/open {open} location ~ ^/api/ {closed}"),
        format!("location ^~ /api/open/ {open} location ~ ^/api/ {closed}"),
        format!("location ^~ /api/ {{ location ~ ^/api/open/ {open} }} location ~ ^/api/ {closed}"),
        format!("location /api/open/ {open} location ~ ^/api/closed/ {closed}"),
    ] {
        let (policy, report, _) = imported_as("nginx.conf", server(&locations), &[]);
        assert!(policy.contains("\"*\""), "{locations}: {policy}");
        let same = of_class(&report, "same");
        let is_never = |path: &str| same.contains(&format!("never takes `location {path}"));
        assert!(!is_never("/api/open") && !is_never("^/api/open"), "{locations}: {report:#}");
    }
}

#[test]
fn the_nearest_path_of_a_rule_gets_what_it_and_those_around_it_allow() {
    let express = |path: &str| {
        format!(
            "const app = require('express')(), cors = require('cors'); app.use(cors()); app.get('{path}', cors({{ origin: 'https://a.example' }}), (q, r) => r.json({{}}));"
        )
    };
    let envoy = "virtual_hosts:
- name: v
  domains: [api.example.com]
  typed_per_filter_config:
    envoy.filters.http.cors:
      \"@type\": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy
      allow_origin_string_match: [{exact: https://wide.example}]
      allow_credentials: true
  routes:
  - match: {safe_regex: {regex: \"/users/[0-9]+/secret\"}}
    route: {cluster: c}
    typed_per_filter_config:
      envoy.filters.http.cors:
        \"@type\": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy
        allow_origin_string_match: [{exact: https://a.example}]
  - match: {prefix: /}
    route: {cluster: c}
";
    let nginx = server(&format!(
        "location / {{ {ALLOW} https://wide.example always; return 200; }} location ~ ^/users/[0-9]+/secret$ {{ return 200; }}"
    ));
    let kong = "_format_version: '3.0'
plugins: [{name: cors, config: {origins: ['https://wide.example']}}]
services:
- name: a
  url: http://b
  routes: [{name: r, paths: ['~/users/\\d+/secret$'], plugins: [{name: cors, config: {origins: ['https://a.example']}}]}]
";
    for (name, text) in [
        ("server.js", express("/users/:id/secret")),
        ("envoy.yaml", envoy.to_owned()),
        ("nginx.conf", nginx),
        ("kong.yaml", kong.to_owned()),
    ] {
        let (policy, report, code) = imported_as(name, text, &[]);
        let route = policy.split("\n[[routes]]").find(|route| route.contains("\npath = \"/users/*\""));
        let live: Vec<_> = route.expect(&policy).lines().take_while(|line| !line.is_empty()).collect();
        let live = live.join("\n");
        assert!(
            !live.contains("\n  \"https://wide.example\"") && !live.contains("\n  \"*\""),
            "{name}: {policy}"
        );
        assert!(
            of_class(&report, "not readable")
                .contains("all of `/users/*` gets what this rule and those around it allow"),
            "{name}: {report:#}"
        );
        assert_eq!(code, 10, "{name}");
    }
}

#[test]
fn the_nearest_path_never_gets_more_than_the_route_that_is_nearest_around_it() {
    let location =
        |path: &str, origins: &str| format!("location {path} {{ {ALLOW} {origins} always; return 200; }} ");
    let text = server(
        &[
            location("/", "*"),
            location("/users/", "https://a.example"),
            location("~ ^/users/admin/[0-9]+$", "$o"),
        ]
        .concat(),
    );
    let map = "map $http_origin $o { default \"\"; https://a.example $http_origin; https://b.example $http_origin; }\n";
    let (policy, report, _) = imported_as("nginx.conf", map.to_owned() + &text, &[]);
    assert!(!policy.contains("\npath = \"/users/admin/*\""), "{policy}");
    assert!(!report.to_string().contains("allows more"), "{report:#}");
}

#[test]
fn several_rules_with_one_nearest_path_narrow_it_in_turn() {
    let get = |path: &str, origins: &str| {
        format!("app.get('{path}', cors({{ origin: {origins} }}), (q, r) => r.json({{}}));")
    };
    for (first, second) in
        [("/users/:id/a", "/users/:id/b"), ("/users/me/:id", "/users/:id"), ("/users/:id", "/users/me/:id")]
    {
        let script = [
            "const app = require('express')(), cors = require('cors'); app.use(cors());".to_owned(),
            get(first, "['https://a.example', 'https://both.example']"),
            get(second, "['https://b.example', 'https://both.example']"),
        ]
        .concat();
        let (policy, _, _) = imported_as("server.js", script, &[]);
        let live: Vec<_> = policy.lines().filter(|line| !line.starts_with('#')).collect();
        let live = live.join("\n");
        assert!(live.contains("https://both.example"), "{first} {second}: {policy}");
        let is_one = first.ends_with("/a");
        assert!(
            !is_one || !live.contains("https://a.example") && !live.contains("https://b.example"),
            "{policy}"
        );
        let me = live.split("[[routes]]").find(|route| route.contains("\"/users/me/*\"")).unwrap_or_default();
        assert!(!me.contains("https://a.example") || !me.contains("https://b.example"), "{policy}");
        assert!(
            is_one || me.contains("both.example") && !me.contains("//a.") && !me.contains("//b."),
            "{policy}"
        );
    }
}

#[test]
fn a_route_that_decides_in_place_of_a_comment_and_allows_more_is_named() {
    let wide = format!("location / {{ {ALLOW} https://wide.example always; return 200; }}");
    let vercel = |rules: &str| format!("{{ \"headers\": [{rules}] }}");
    let said = |source: &str, origin: &str| {
        format!(
            "{{ \"source\": \"{source}\", \"headers\": [{{ \"key\": \"Access-Control-Allow-Origin\", \"value\": \"{origin}\" }}] }}"
        )
    };
    for (name, text) in [
        ("nginx.conf", server(&format!("{wide} location ~ \\.php$ {{ return 200; }}"))),
        (
            "apache.conf",
            "Header always set Access-Control-Allow-Origin \"*\"\n<LocationMatch \"^/admin\">\nHeader always unset Access-Control-Allow-Origin\n</LocationMatch>".to_owned(),
        ),
        (
            "apache.conf",
            "<VirtualHost *:443>\nServerName api.example.com\nHeader always set Access-Control-Allow-Origin \"*\"\n<Directory \"/srv/private\">\nHeader always unset Access-Control-Allow-Origin\n</Directory>\n</VirtualHost>".to_owned(),
        ),
        ("vercel.json", vercel(&[said("/(.*)", "*"), said("/:id(\\\\d+)", "https://a.example")].join(","))),
    ] {
        let (_, report, code) = imported_as(name, text, &[]);
        let named = of_class(&report, "not readable").to_owned();
        assert!(named.contains("decides about its requests, and allows more"), "{name}: {report:#}");
        assert_eq!(code, 10, "{name}");
        assert!(!of_class(&report, "same").contains("unreadable"), "{name}: {report:#}");
    }
    // Nothing is said where the source does not take it, or it allows more itself.
    for text in [
        server(&format!("{wide} location ~ \\.php$ {{ {ALLOW} https://wide.example always; return 200; }}")),
        server(&format!(
            "location / {{ return 200; }} location ~ \\.php$ {{ {ALLOW} https://wide.example always; return 200; }}"
        )),
    ] {
        let (_, report, _) = imported_as("nginx.conf", text.clone(), &[]);
        assert!(!report.to_string().contains("allows more"), "{text}: {report:#}");
    }
}

#[test]
fn a_folder_of_apache_is_all_that_is_served_only_where_nothing_says_otherwise() {
    let folder = |path: &str| {
        format!("<Directory \"{path}\">\nHeader always set Access-Control-Allow-Origin \"*\"\n</Directory>\n")
    };
    let (policy, report, _) = imported_as("apache.conf", folder("/var/www/html"), &[]);
    assert!(policy.contains("\npath = \"/*\"\n[routes.cors]"), "{policy}");
    assert!(of_class(&report, "same").contains("is taken for all that the host serves"), "{report:#}");
    for text in [
        format!(
            "<VirtualHost *:443>\nServerName api.example.com\n{}</VirtualHost>",
            folder("/usr/share/fonts")
        ),
        folder("/usr/share/fonts") + "ProxyPass / http://b/\n",
        folder("/usr/share/fonts") + &folder("/var/www/html"),
    ] {
        let (policy, _, code) = imported_as("apache.conf", text.clone(), &[]);
        assert!(!policy.contains("\n  \"*\""), "{text}: {policy}");
        assert_eq!(code, 10, "{text}");
    }
}
