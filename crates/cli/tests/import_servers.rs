//! What `corsgate import` makes of nginx, Apache and Caddy, and hostile files of each.

use crate::import::{imported_as, of_class};

const NGINX: &str = "server { listen 80; location / { proxy_pass http://a; HERE } }";
const ALLOW: &str = "add_header Access-Control-Allow-Origin";

#[test]
fn what_nginx_must_not_or_cannot_give_is_named() {
    for (body, class, named) in [
        (
            format!("{ALLOW} $http_origin; add_header Access-Control-Allow-Credentials true;"),
            "would be unsafe",
            "every origin is reflected, with credentials",
        ),
        (format!("{ALLOW} $host;"), "not readable", "the variable `$host`"),
        (format!("{ALLOW} {{{{ origin }}}};"), "not readable", "a template"),
        (format!("{ALLOW} \"${{CORS_ORIGIN}}\";"), "not readable", "the variable `$CORS_ORIGIN`"),
        (format!("{ALLOW} null;"), "would be unsafe", "sandboxed frame"),
        (format!("{ALLOW} https://a.example; {ALLOW} *;"), "stricter here", "is sent twice"),
        (format!("{ALLOW} \"https://a.example, https://b.example\";"), "stricter here", "no browser sends"),
        (format!("if ($arg_x) {{ {ALLOW} *; }}"), "not readable", "a condition on `$arg_x`"),
        (format!("if ($http_origin ~ \"a(?!b)\") {{ {ALLOW} *; }}"), "not readable", "a look around"),
        (
            format!("if ($http_origin ~ \"example\\.com$\") {{ {ALLOW} $http_origin; }}"),
            "would be unsafe",
            "also lets in",
        ),
        (format!("{ALLOW} *; include more.conf;"), "not readable", "`include more.conf` is not followed"),
    ] {
        let (_, report, code) = imported_as("nginx.conf", NGINX.replace("HERE", &body), &[]);
        assert_eq!(code, 10, "{body}");
        assert!(of_class(&report, class).contains(named), "{body}: {report:#}");
    }
}

#[test]
fn more_than_is_told_apart_is_a_hole_and_never_no_cors() {
    let map = |entries: String| format!("map $http_origin $o {{ default \"\"; {entries} }}\n");
    let expressions = (0..9).map(|it| format!("~^https://(.*\\.)?a{it}\\.example\\.com$ $http_origin;"));
    let texts = |count: usize| (0..count).map(|it| format!("https://p{it}.example $http_origin;")).collect();
    let body = NGINX.replace("HERE", &format!("{ALLOW} $o always;"));
    for (map, is_read) in
        [(map(expressions.collect()), false), (map(texts(1001)), false), (map(texts(20)), true)]
    {
        let (policy, report, code) = imported_as("nginx.conf", map + &body, &[]);
        assert_eq!(policy.contains("https://p19.example"), is_read, "{policy}");
        let named = of_class(&report, "not readable").contains("more origins or regular expressions");
        assert_eq!((named, code == 10 || is_read), (!is_read, true), "{report:#}");
    }
}

#[test]
fn credentials_of_some_origins_are_those_of_none() {
    let text = format!(
        "map $http_origin $c {{ default \"\"; https://a.example true; }}\nmap $http_origin $o {{ default \"\"; https://a.example $http_origin; https://b.example $http_origin; }}\n{}",
        NGINX.replace(
            "HERE",
            &format!("{ALLOW} $o always; add_header Access-Control-Allow-Credentials $c always;")
        )
    );
    let (policy, report, code) = imported_as("nginx.conf", text, &[]);
    assert!(!policy.contains("credentials = true") && policy.contains("https://b.example"), "{policy}");
    let named = "credentials are allowed for `https://a.example` only";
    assert!(of_class(&report, "not readable").contains(named), "{report:#}");
    assert_eq!(code, 10);
}

#[test]
fn a_location_of_nginx_that_drops_the_headers_of_its_server_stays_closed() {
    let text = format!(
        "server {{ {ALLOW} *; location /a/ {{ add_header X-A b; proxy_pass http://a; }} location /b/ {{ proxy_pass http://a; }} }}"
    );
    let (policy, _, _) = imported_as("nginx.conf", text, &[]);
    assert!(policy.contains("path = \"/a/*\"\ncors = false"), "{policy}");
    assert!(policy.contains("path = \"/b/*\"\n[routes.cors]\norigins = [\n  \"*\""), "{policy}");
}

#[test]
fn servers_of_other_names_keep_their_own_origins() {
    let server = |name: &str, origin: &str| {
        format!("server {{ server_name {name}; {ALLOW} {origin}; location / {{ proxy_pass http://a; }} }}\n")
    };
    let text =
        server("a.example.com", "https://one.example") + &server(".b.example.com _", "https://two.example");
    let (policy, _, _) = imported_as("nginx.conf", text, &[]);
    assert!(
        policy.contains("hosts = [\"a.example.com\"]\n[routes.cors]\norigins = [\n  \"https://one.example\""),
        "{policy}"
    );
    assert!(policy.contains("hosts = [\"*.b.example.com\", \"b.example.com\"]"), "{policy}");
}

#[test]
fn a_location_of_nginx_that_rewrites_its_paths_answers_as_the_one_that_they_end_in() {
    let server = |api: &str| {
        format!(
            "server {{ server_name api.example.com; {ALLOW} * always; location /api/ {{ {api} }} \
             location /v2/ {{ {ALLOW} https://app.example.com always; return 200; }} \
             location /same/ {{ proxy_pass http://a; }} }}"
        )
    };
    let with_app = "path = \"/api/*\"\nhosts = [\"api.example.com\"]\n[routes.cors]\norigins = [\n  \"https://app.example.com\"";
    let closed = "path = \"/api/*\"\nhosts = [\"api.example.com\"]\ncors = false";
    for (api, expected, named) in [
        ("rewrite ^/api/(.*)$ /v2/$1 last;", with_app, ""),
        ("rewrite ^/api/?(.*)$ /v2/$1;", with_app, ""),
        ("if ($request_method != X) { rewrite ^ /v2/ last; }", with_app, ""),
        ("rewrite ^/api/(\\d+)$ /v2/$1 last;", closed, "`rewrite`, which leads to another location"),
        ("rewrite ^/api/(.*)$ /$1 last;", closed, "`rewrite`, which leads to another location"),
        ("rewrite ^/api/(.*)$ /api/v1/$1 last;", closed, "`rewrite`, which leads to another location"),
    ] {
        let (policy, report, code) = imported_as("nginx.conf", server(api), &[]);
        let is_known = named.is_empty() && of_class(&report, "not readable").contains("`rewrite`");
        assert!(policy.contains(expected) && !is_known, "{api}: {policy}{report:#}");
        assert!(of_class(&report, "not readable").contains(named) && code == 10, "{api}: {report:#}");
    }
    // Paths that stay, that the location does not have, or that get the same elsewhere.
    for api in [
        "rewrite ^/api/(.*)$ /$1 break; proxy_pass http://a;",
        "rewrite ^/old/(.*)$ /v2/$1 last; proxy_pass http://a;",
        "rewrite ^/api/(\\d+)$ /same/$1 last; proxy_pass http://a;",
    ] {
        let (policy, report, _) = imported_as("nginx.conf", server(api), &[]);
        assert!(!policy.contains(closed) && !policy.contains(with_app), "{api}: {policy}");
        assert!(!report.to_string().contains("`rewrite`"), "{api}: {report:#}");
    }
    // Some paths of the whole server: they are named, and the rest stays open.
    let whole = server("proxy_pass http://a;")
        .replace("location /api/", "rewrite ^/api/(.*)$ /v2/$1 last; location /new/");
    let (policy, report, _) = imported_as("nginx.conf", whole, &[]);
    assert!(policy.contains("path = \"/*\"\nhosts = [\"api.example.com\"]\n[routes.cors]"), "{policy}");
    assert!(
        of_class(&report, "not readable").contains("`rewrite`, which leads to another location"),
        "{report:#}"
    );
}

#[test]
fn code_in_nginx_that_may_set_headers_is_named() {
    let server = |location: &str| {
        format!(
            "server {{ server_name api.example.com; location /code/ {{ {location} }} \
             location /x/ {{ {ALLOW} https://a.example.com always; return 200; }} }}"
        )
    };
    let header = "ngx.header[\"Access-Control-Allow-Origin\"] = ngx.var.http_origin";
    for (location, named) in [
        (format!("rewrite_by_lua_block {{ {header} }} proxy_pass http://a;"), "rewrite_by_lua_block"),
        (format!("access_by_lua_block {{ {header} }} proxy_pass http://a;"), "access_by_lua_block"),
        (format!("access_by_lua '{header}'; proxy_pass http://a;"), "access_by_lua"),
        (format!("content_by_lua_block {{ {header} }}"), "content_by_lua_block"),
        (
            "rewrite_by_lua_block { require(\"cors\").allow() } proxy_pass http://a;".to_owned(),
            "rewrite_by_lua_block",
        ),
        ("content_by_lua_file cors.lua;".to_owned(), "content_by_lua_file"),
        ("access_by_lua_file cors.lua; proxy_pass http://a;".to_owned(), "access_by_lua_file"),
        ("js_content main.answer;".to_owned(), "js_content"),
    ] {
        let (policy, report, code) = imported_as("nginx.conf", server(&location), &[]);
        assert_eq!(code, 10, "{location}");
        let named = format!("nginx.conf:1 file: `{named}` may change headers of CORS");
        assert!(of_class(&report, "not readable").contains(&named), "{location}: {report:#}");
        // Beside headers of a wider block, too.
        let within = server(&location).replace("location /code/", &format!("{ALLOW} *; location /code/"));
        let (within, _, _) = imported_as("nginx.conf", within, &[]);
        if location.contains(header) {
            let closed = "path = \"/code/*\"\nhosts = [\"api.example.com\"]\ncors = false";
            assert!(policy.contains(closed) && within.contains(closed), "{location}: {policy}{within}");
        }
    }
    for location in [
        "access_by_lua_block { if ngx.var.arg_x then return ngx.exit(403) end } return 204;",
        "log_by_lua_block { require(\"log\").write() } return 204;",
    ] {
        let (_, report, code) = imported_as("nginx.conf", server(location), &[]);
        assert_eq!(code, 0, "{location}: {report:#}");
    }
}

#[test]
fn what_apache_must_not_or_cannot_give_is_named() {
    for (body, class, named) in [
        (
            "SetEnvIf Origin \".*\" O=$0\nHeader set Access-Control-Allow-Origin \"%{O}e\" env=O\nHeader set Access-Control-Allow-Credentials true",
            "not readable",
            "the condition `env=O`",
        ),
        (
            "SetEnvIf Origin \"^.*$\" O=$0\nHeader set Access-Control-Allow-Origin \"%{O}e\" env=O\nHeader set Access-Control-Allow-Credentials true",
            "would be unsafe",
            "matches every origin",
        ),
        (
            "SetEnvIf Host a O=b\nHeader set Access-Control-Allow-Origin \"%{O}e\"",
            "not readable",
            "`SetEnvIf Host`",
        ),
        ("Header set Access-Control-Allow-Origin \"%{HOST}s\"", "not readable", "a format of Apache"),
        ("Header set Access-Control-Allow-Origin ${ORIGIN}", "not readable", "a template"),
        (
            "<IfDefine X>\nHeader set Access-Control-Allow-Origin *\n</IfDefine>",
            "not readable",
            "`<IfDefine>`",
        ),
        (
            "Header set Access-Control-Allow-Origin * \"expr=%{REMOTE_ADDR} == 'a'\"",
            "not readable",
            "the condition",
        ),
        (
            "<FilesMatch \"a$\">\nHeader set Access-Control-Allow-Origin *\n</FilesMatch>",
            "not readable",
            "cannot say the path",
        ),
        (
            "Header set Access-Control-Allow-Origin *\nInclude more.conf",
            "not readable",
            "`Include more.conf`",
        ),
    ] {
        let (_, report, code) = imported_as("httpd.conf", body, &[]);
        assert_eq!(code, 10, "{body}");
        assert!(of_class(&report, class).contains(named), "{body}: {report:#}");
    }
}

#[test]
fn caddy_takes_more_than_segments() {
    let text = "a.example.com {\n\theader Access-Control-Allow-Origin *\n\thandle /admin* {\n\t\theader -Access-Control-Allow-Origin\n\t\trespond ok\n\t}\n}\n";
    let (policy, report, code) = imported_as("Caddyfile", text, &[]);
    assert!(policy.contains("path = \"/admin/*\""), "{policy}");
    assert!(
        of_class(&report, "not readable").contains("Caddy also takes paths such as `/adminx`"),
        "{report:#}"
    );
    assert_eq!(code, 10);
}

#[test]
fn what_caddy_must_not_or_cannot_give_is_named() {
    let allow = "header Access-Control-Allow-Origin";
    for (body, class, named) in [
        (
            format!("{allow} {{header.Origin}}\nheader Access-Control-Allow-Credentials true"),
            "would be unsafe",
            "every origin is reflected, with credentials",
        ),
        (format!("{allow} {{$ORIGIN}}"), "not readable", "the environment variable `ORIGIN`"),
        (format!("{allow} {{http.vars.a}}"), "not readable", "the placeholder"),
        (
            "@a remote_ip 10.0.0.1\nheader @a Access-Control-Allow-Origin *".to_owned(),
            "not readable",
            "the matcher `@a`",
        ),
        (
            "@a header Origin *.example.com\nheader @a Access-Control-Allow-Origin {header.Origin}"
                .to_owned(),
            "would be unsafe",
            "also lets in `http://a.example.com`",
        ),
        (format!("import more\n{allow} *"), "not readable", "`import more` is not followed"),
    ] {
        let text = format!("api.example.com {{\n{body}\nreverse_proxy a:1\n}}\n");
        let (_, report, code) = imported_as("Caddyfile", text, &[]);
        assert_eq!(code, 10, "{body}");
        assert!(of_class(&report, class).contains(named), "{body}: {report:#}");
    }
}

/// Half a file, nesting without an end, snippets that import each other, another language, and secrets.
#[test]
fn hostile_files_of_servers_end_in_a_named_hole() {
    let nested = |open: &str, close: &str| format!("{}{ALLOW} *;\n{}", open.repeat(5000), close.repeat(5000));
    let many: String = (0..3000).map(|at| format!("https://a{at}.example $http_origin;\n")).collect();
    let patterns: String =
        (0..40).map(|at| format!("~^https://.+\\.a{at}\\.example$ $http_origin;\n")).collect();
    let map = |entries: &str| format!("map $http_origin $v {{ {entries} }} server {{ {ALLOW} $v; }}");
    for (name, text) in [
        ("nginx.conf", format!("server {{ location / {{ {ALLOW} https://a.exam")),
        ("nginx.conf", nested("location / {", "}")),
        ("nginx.conf", "}}}}".to_owned() + ALLOW + " *;"),
        ("nginx.conf", map(&many)),
        ("nginx.conf", map(&patterns)),
        ("nginx.conf", "map $a $b { default $b; } server { add_header Access-Control-Allow-Origin $b; }".to_owned()),
        ("nginx.conf", "def main():\n    print('Access-Control-Allow-Origin')\n".to_owned()),
        ("httpd.conf", format!("{}Header set Access-Control-Allow-Origin *\n", "<Location /a>\n".repeat(5000))),
        ("httpd.conf", "<VirtualHost *>\nHeader set Access-Control-Allow-Origin \"https://a".to_owned()),
        ("Caddyfile", "(a) {\nimport b\nimport b\n}\n(b) {\nimport a\nimport a\n}\nx.example {\nimport a\nheader Access-Control-Allow-Origin *\n}\n".to_owned()),
        ("Caddyfile", "x.example {\n".to_owned() + &"handle {\n".repeat(5000)),
        ("Caddyfile", "x.example {\nheader Access-Control-Allow-Origin \"https://a".to_owned()),
    ] {
        let (_, report, code) = imported_as(name, &text, &[]);
        assert_eq!(code, 10, "{name}: {}: {report:#}", text.get(..60).unwrap_or(&text));
    }
    for (name, text) in [
        ("nginx.conf", format!("server {{ {ALLOW} https://user:hunter2@a.example/hunter2; proxy_set_header Authorization hunter2; }}")),
        ("httpd.conf", "Header set Access-Control-Allow-Origin https://user:hunter2@a.example/hunter2\nSetEnv KEY hunter2\n".to_owned()),
        ("Caddyfile", "x.example {\nheader Access-Control-Allow-Origin https://user:hunter2@a.example/hunter2\nbasicauth {\na hunter2\n}\n}\n".to_owned()),
    ] {
        let (policy, report, _) = imported_as(name, &text, &[]);
        assert!(!policy.contains("hunter2") && !report.to_string().contains("hunter2"), "{policy}{report:#}");
    }
}
