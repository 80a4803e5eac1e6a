//! What an import must not lose, and must not open, without a word: several hosts and files, texts that are cut, and
//! CORS that a source has in a way that is not read.

use std::fs;

use crate::import::{corsgate, imported_as, of_class, ran};

const TARGET: [&str; 4] = ["--host", "api.example.com", "--upstream", "https://origin.example.net"];

/// The lines of a policy that are in force, without those that are commented out.
pub(crate) fn in_force(policy: &str) -> String {
    policy
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .map(|line| format!("{line}\n"))
        .collect()
}

fn nginx(names: &str, path: &str, origin: &str) -> String {
    format!(
        "server {{ server_name {names}; location {path} {{ add_header Access-Control-Allow-Origin {origin} always; \
         proxy_pass http://x; }} }}\n"
    )
}

#[test]
fn a_server_whose_name_no_policy_can_say_is_only_proposed() {
    for name in [r"~^(?<sub>.+)\.c\.example\.com$", "www.*"] {
        let (policy, report, code) =
            imported_as("site.conf", nginx(name, "/", "https://app.example.com"), &TARGET);
        assert_eq!(code, 10, "{name}");
        assert!(of_class(&report, "not readable").contains("a policy cannot say the host"), "{report:#}");
        assert!(!in_force(&policy).contains("app.example.com"), "{policy}");
    }
    // Beside a name that a policy can say, it is told, and the other stays.
    let both = nginx(r"api.example.com ~^x\d+$", "/", "https://app.example.com");
    let (policy, report, _) = imported_as("site.conf", both, &TARGET);
    assert!(
        of_class(&report, "not readable").contains(r"a policy cannot say the host `~^x\d+$`"),
        "{report:#}"
    );
    assert!(in_force(&policy).contains("https://app.example.com"), "{policy}");
}

#[test]
fn a_server_that_names_the_host_has_nothing_of_the_default_server() {
    let servers = nginx("api.example.com", "/x/", "https://a.example.com") + &nginx("_", "/", "*");
    let (policy, report, code) = imported_as("site.conf", servers, &TARGET);
    assert_eq!(code, 10);
    assert!(!in_force(&policy).contains("\"*\","), "{policy}");
    assert!(
        of_class(&report, "stricter here").contains("`api.example.com` has rules of its own"),
        "{report:#}"
    );
}

#[test]
fn a_program_behind_a_server_of_the_same_host_is_imported_with_it() {
    for name in ["api.example.com", "*.example.com"] {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a file");
        write("site.conf", &nginx(name, "/", "https://a.example.com"));
        write(
            "server.js",
            "const cors = require('cors');\nconst app = require('express')();\n\
             app.use('/t', cors({ origin: ['https://a.example.com', 'https://b.example.com'] }));\n",
        );
        let arguments = [&["import", "site.conf", "server.js"], &TARGET[..]].concat();
        let (stdout, stderr, code) = ran(corsgate(folder.path(), &arguments));
        assert_eq!(code, 10, "{name}: {stdout}{stderr}");
        let policy = fs::read_to_string(folder.path().join("policy.toml")).expect("a policy");
        let in_force = in_force(&policy);
        let (t, all) = (in_force.find("path = \"/t/*\""), in_force.find("path = \"/*\""));
        assert!(t.is_some() && t < all, "{policy}");
        assert!(!in_force.contains("https://b.example.com"), "{policy}");
        let test = ["test", "policy.toml", "policy.test.toml", "--deny", "uncovered"];
        let (stdout, stderr, code) = ran(corsgate(folder.path(), &test));
        assert_eq!(code, 0, "{stdout}{stderr}");
    }
}

#[test]
fn routes_without_a_host_are_reached_beside_routes_with_a_wildcard() {
    let routes = "routes:\n- uri: /hello\n  host: '*.example.com'\n  plugins: { cors: { allow_origins: 'https://a.example' } }\n\
                  - uri: /t\n  plugins: { cors: { allow_origins: 'https://b.example' } }\n";
    let (policy, _, _) = imported_as("apisix.yaml", routes, &TARGET);
    let in_force = in_force(&policy);
    assert!(in_force.contains("https://a.example") && in_force.contains("https://b.example"), "{policy}");
}

#[test]
fn java_that_is_cut_or_filled_in_later_is_never_every_origin() {
    let registry = |body: &str| {
        format!(
            "class A implements WebMvcConfigurer {{\n  public void addCorsMappings(CorsRegistry registry) {{\n    {body}"
        )
    };
    let bean = "class A {\n  @Bean CorsFilter f() {\n    CorsConfiguration c = new CorsConfiguration().applyPermitDefaultValues();\n    \
                c.setAllowedOrigins({{ origins }});\n    UrlBasedCorsConfigurationSource s = new UrlBasedCorsConfigurationSource();\n    \
                s.registerCorsConfiguration(\"/**\", c);\n    return new CorsFilter(s);\n  }\n}\n";
    for program in [
        registry("registry.addMapping(\"/a/**\").allowedOriginPatterns(\"https://*.exam"),
        registry("registry.addMapping(\"/a/**\")\n      .allowedOrigins("),
        registry("registry.addMapping(\"/a/**\").allowedOrigins({{ origins }});\n  }\n}\n"),
        bean.to_owned(),
        bean.replace("c.setAllowedOrigins({{ origins }});", "c.setAllowedOrigins(<%= origins %>);"),
    ] {
        let (policy, report, code) = imported_as("A.java", &program, &TARGET);
        assert_eq!(code, 10, "{program}");
        assert!(!in_force(&policy).contains("\"*\","), "{program}: {policy}");
        assert!(of_class(&report, "not readable").contains("not Java"), "{program}: {report:#}");
    }
}

#[test]
fn spring_takes_the_first_mapping_of_a_registry() {
    let program = |mappings: &[&str]| {
        let calls: String = mappings.iter().map(|it| format!("registry.{it};\n")).collect();
        format!("class A {{ public void addCorsMappings(CorsRegistry registry) {{\n{calls}}} }}\n")
    };
    let narrow = "addMapping(\"/api/**\").allowedOrigins(\"https://a.example\").allowCredentials(true)";
    let wide = "addMapping(\"/**\").allowedOrigins(\"https://b.example\")";
    let (policy, _, _) = imported_as("A.java", program(&[narrow, wide]), &TARGET);
    let in_order = in_force(&policy);
    let (a, b) = (in_order.find("https://a.example"), in_order.find("https://b.example"));
    assert!(a.is_some() && b.is_some() && a < b, "{policy}");
    // The wide one hides the narrow one, and two registries both have a say.
    let (policy, _, _) = imported_as("A.java", program(&[wide, narrow]), &TARGET);
    assert!(!in_force(&policy).contains("https://a.example"), "{policy}");
    let two = program(&[narrow]) + &program(&[wide]).replace("class A", "class B");
    let (policy, report, _) = imported_as("A.java", two, &TARGET);
    assert!(!in_force(&policy).contains("https://a.example"), "{policy}");
    assert!(of_class(&report, "not readable").contains("another rule is for this path"), "{report:#}");
}

#[test]
fn headers_that_are_set_or_removed_elsewhere_are_named_with_their_line() {
    let server = |line: &str| {
        format!(
            "server {{\n  server_name api.example.com;\n  location / {{\n    {line}\n    proxy_pass http://x;\n  }}\n}}\n"
        )
    };
    for (file, text, named) in [
        (
            "route.yaml",
            "kind: HTTPRoute\nspec:\n  rules:\n  - filters:\n    - type: ResponseHeaderModifier\n      responseHeaderModifier:\n        \
             set:\n        - name: Access-Control-Allow-Origin\n          value: '*'\n"
                .to_owned(),
            "route.yaml:9 file: a header of CORS is set here",
        ),
        (
            "openapi.json",
            "{\"paths\": {\"/a\": {\"options\": {\"responseParameters\": {\n\"method.response.header.Access-Control-Allow-Origin\": \"'*'\"\n}}}}}"
                .to_owned(),
            "openapi.json:2 file: a header of CORS is set here",
        ),
        (
            "kong.yaml",
            "plugins:\n- name: response-transformer\n  config:\n    add:\n      headers:\n      - 'Access-Control-Allow-Origin: *'\n"
                .to_owned(),
            "kong.yaml:6 file: a header of CORS is set here",
        ),
        (
            "map.yaml",
            "kind: ConfigMap\ndata:\n  default.conf: |\n    location / {\n      add_header Access-Control-Allow-Origin *;\n    }\n".to_owned(),
            "map.yaml:4 file: a header of CORS is set here",
        ),
        (
            "ingress.yaml",
            "metadata:\n  annotations:\n    haproxy.org/cors-allow-origin: '*'\n".to_owned(),
            "ingress.yaml:3 file: a header of CORS is set here",
        ),
        (
            "site.conf",
            nginx("api.example.com", "/new", "*").replace("location", "location /old { rewrite ^ /$arg_page last; } location"),
            "`rewrite`, which leads to another location",
        ),
        (
            "serverless.yml",
            "functions:\n  a:\n    events:\n    - http:\n        path: a\n        cors: true\n".to_owned(),
            "serverless.yml:6 file: `cors` of a program that is not read",
        ),
        (
            "traefik.yaml",
            "http:\n  middlewares:\n    a:\n      headers:\n        accessControlAllowOriginList: [https://a.example]\n        \
             customResponseHeaders:\n          Access-Control-Allow-Origin: ''\n"
                .to_owned(),
            "the origins come from `customResponseHeaders`",
        ),
        (
            "kong.yaml",
            "_format_version: '3.0'\nplugins:\n- name: cors\n  config: { origins: [https://a.example] }\n- name: cors\n  consumer: u\n  \
             config: { origins: [https://b.example] }\n"
                .to_owned(),
            "kong.yaml:5 path: a `cors` plugin of a consumer",
        ),
        (
            "site.conf",
            server("header_filter_by_lua_block { ngx.header[\"Access-Control-Allow-Origin\"] = \"*\" }"),
            "site.conf:4 file: `header_filter_by_lua_block` may change headers of CORS",
        ),
        (
            "handlers.py",
            "from corsheaders.signals import check_request_enabled\ncheck_request_enabled.connect(allow)\n".to_owned(),
            "handlers.py:1 origins: receivers of `check_request_enabled` may allow more",
        ),
        (
            "cors.json",
            "{\"allowedOrigins\": [\"https://a.example\"], \"allowedMethods\": [\"GET\"],\n\"allowedOriginPatterns\": [\"x\"]}".to_owned(),
            "cors.json:2 origins: `allowedOriginPatterns` is not read",
        ),
    ] {
        let (_, report, code) = imported_as(file, &text, &TARGET);
        assert_eq!(code, 10, "{text}");
        assert!(of_class(&report, "not readable").contains(named), "{text}: {report:#}");
    }
    // Names of headers that a page may send, and declarations, set nothing.
    for text in [
        "kind: VirtualService\nspec:\n  http:\n  - corsPolicy: { allowOrigins: [{ exact: https://a.example }], allowHeaders: [access-control-allow-origin] }\n",
        "paths:\n  /a:\n    options:\n      responses:\n        '200':\n          headers: { Access-Control-Allow-Origin: { schema: { type: string } } }\n      responseParameters: { method.response.header.Access-Control-Allow-Origin: true }\n",
    ] {
        let (_, report, _) = imported_as("a.yaml", text, &TARGET);
        assert!(!of_class(&report, "not readable").contains("is set here"), "{text}: {report:#}");
    }
}

#[test]
fn headers_that_nginx_clears_are_not_sent() {
    let text = |clear: &str| {
        format!(
            "server {{\n server_name api.example.com;\n location / {{\n  more_set_headers 'Access-Control-Allow-Origin: https://a.example' \
             'Access-Control-Allow-Credentials: true';\n  {clear}\n  proxy_pass http://x;\n }}\n}}\n"
        )
    };
    let (policy, ..) = imported_as("site.conf", text(""), &TARGET);
    assert!(in_force(&policy).contains("credentials = true"), "{policy}");
    for clear in [
        "more_clear_headers Access-Control-Allow-Credentials;",
        "more_clear_headers -s 404 'Access-Control-*';",
    ] {
        let (policy, ..) = imported_as("site.conf", text(clear), &TARGET);
        assert!(!in_force(&policy).contains("credentials = true"), "{clear}: {policy}");
    }
}

#[test]
fn a_configuration_of_nginx_is_known_however_its_lines_are_broken() {
    for text in [
        nginx("api.example.com", "/", "https://a.example"),
        "server {\n  location / { add_header 'Access-Control-Allow-Origin' 'https://a.example'; proxy_pass http://x; }\n}\n".to_owned(),
    ] {
        let (policy, report, _) = imported_as("site.conf", &text, &TARGET);
        assert!(in_force(&policy).contains("https://a.example"), "{text}: {policy}\n{report:#}");
    }
    let (_, report, _) =
        imported_as("site.conf", "server {\n  location / { proxy_pass http://x; }\n}\n", &TARGET);
    assert!(of_class(&report, "not readable").contains("no CORS configuration was found here"), "{report:#}");
}

#[test]
fn rules_of_a_bucket_that_differ_only_in_their_origins_are_one() {
    let rule = |origin: &str, method: &str| {
        format!(
            "{{\"AllowedOrigins\": [\"{origin}\"], \"AllowedMethods\": [\"{method}\"], \"AllowedHeaders\": [\"x-a\"]}}"
        )
    };
    let alike = format!("[{}, {}]", rule("https://a.example", "PUT"), rule("https://b.example", "PUT"));
    let (policy, report, code) = imported_as("bucket.json", alike, &TARGET);
    // S3 also allows credentials, which no file says.
    assert_eq!(code, 10, "{report:#}");
    assert!(!of_class(&report, "stricter here").contains("a.example"), "{report:#}");
    assert!(
        policy.contains("  \"https://a.example\",") && policy.contains("  \"https://b.example\","),
        "{policy}"
    );
    let others = format!("[{}, {}]", rule("https://a.example", "PUT"), rule("https://b.example", "DELETE"));
    let (policy, report, code) = imported_as("bucket.json", others, &TARGET);
    let lines = in_force(&policy);
    assert!(code == 10 && lines.contains("https://a.example") && lines.contains("\"PUT\""), "{policy}");
    assert!(!lines.contains("https://b.example") && !lines.contains("DELETE"), "{policy}");
    assert!(
        of_class(&report, "stricter here").contains("`https://b.example` is left out with `DELETE`"),
        "{report:#}"
    );
    // Two buckets are two configurations.
    let two = format!(
        "{{\"a\": [{}], \"b\": [{}]}}",
        rule("https://a.example", "PUT"),
        rule("https://b.example", "PUT")
    );
    let (policy, ..) = imported_as("bucket.json", two, &TARGET);
    assert!(!in_force(&policy).contains("https://a.example"), "{policy}");
    // R2's own form.
    let r2 = "{\"rules\": [{\"allowed\": {\"origins\": [\"https://a.example\"], \"methods\": [\"PUT\"]}, \"exposeHeaders\": [\"etag\"], \"maxAgeSeconds\": 60}]}";
    let (policy, _, code) = imported_as("r2.json", r2, &TARGET);
    assert!(code == 0 && policy.contains("\"etag\"") && policy.contains("max_age = 60"), "{policy}");
}

#[test]
fn an_expression_with_a_name_of_two_parts_is_narrower_and_not_unsafe() {
    let settings = "CORS_ALLOWED_ORIGIN_REGEXES = [r\"^https://[a-z]+-pr\\d+\\.example\\.dev$\"]\n";
    let (policy, report, _) = imported_as("settings.py", settings, &TARGET);
    assert!(of_class(&report, "stricter here").contains("is narrower than any pattern"), "{report:#}");
    assert!(policy.contains("# \"https://*.example.dev\""), "{policy}");
}

#[test]
fn a_password_in_a_host_is_not_repeated() {
    let route = "kind: VirtualService\nspec:\n  hosts: ['user:hunter2@h']\n  http:\n  - corsPolicy: { allowOrigins: [{ exact: https://a.example }] }\n";
    let (policy, report, _) = imported_as("a.yaml", route, &TARGET);
    assert!(!policy.contains("hunter2") && !report.to_string().contains("hunter2"), "{policy}\n{report:#}");
}

#[test]
fn what_kong_takes_for_an_expression_and_is_none_is_named() {
    let text = "_format_version: '3.0'\nplugins:\n- name: cors\n  config: { origins: ['https://a.example', '*.example.com'] }\n";
    let (policy, report, code) = imported_as("kong.yaml", text, &[]);
    assert!(policy.contains("\"https://a.example\"") && !policy.contains("example.com\","), "{policy}");
    let named = of_class(&report, "not readable").to_owned();
    assert!(
        named.contains("Kong takes `*.example.com` for a regular expression, and it is none"),
        "{report:#}"
    );
    assert_eq!(code, 10);
}
