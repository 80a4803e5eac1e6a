//! Which requests the handlers of a program are for, as `corsgate import` reads them.

use crate::import::{corsgate, folder, imported, imported_as, of_class, ran};

/// Fastify's documentation calls both the application and the instance of each plugin `fastify`.
#[test]
fn a_plugin_of_an_instance_is_for_its_own_paths_alone() {
    let registers = "await fastify.register(cors, { origin: 'https://a.example' });";
    let imports = "import Fastify from 'fastify';\nimport cors from '@fastify/cors';\n";
    for (script, is_read) in [
        (
            format!(
                "const fastify = Fastify();\n{registers}\nfastify.register(async function (fastify) {{ fastify.get('/', f); }});"
            ),
            true,
        ),
        (format!("export default async function (fastify, options) {{ {registers} }}"), false),
        (format!("const plugin = async (fastify) => {{ {registers} }};"), false),
        (format!("const plugin = async fastify => {{ {registers} }};"), false),
    ] {
        let (policy, report, _) = imported(&format!("{imports}{script}"));
        assert_eq!(policy.contains("\npath = \"/*\"\n[routes.cors]"), is_read, "{script}: {policy}");
        let holes = of_class(&report, "not readable");
        assert_eq!(!holes.contains("registered elsewhere"), is_read, "{script}: {holes}");
    }
}

/// A route that stands before `cors()` answers without its headers.
#[test]
fn a_route_before_the_headers_is_a_hole() {
    let cors = "app.use(cors({ origin: 'https://a.example' }));";
    let uses = "const cors = require('cors');\nconst app = require('express')();\n";
    let by_hand = "app.use((req, res, next) => { res.set('Access-Control-Allow-Origin', '*'); next(); });";
    for (script, line) in [
        (format!("{uses}app.get('/x', f);\n{cors}"), Some(3)),
        (format!("{uses}app.get('/x', f);\n{by_hand}"), Some(3)),
        (format!("{uses}{cors}\napp.get('/x', f);"), None),
        (format!("{uses}app.get('/x', cors(), f);\n{cors}"), None),
        (format!("{uses}app.get('env');\n{cors}"), None),
        (format!("{uses}other.get('/x', f);\n{cors}"), None),
        (format!("{uses}app.get('/x', f);\napp.use('/api', cors());"), None),
    ] {
        let (_, report, _) = imported(&script);
        let findings = report["findings"].as_array().expect("a list");
        let is_named = |it: &&serde_json::Value| {
            it["message"].as_str().unwrap_or_default().contains("before headers of CORS are set")
        };
        let named = findings.iter().find(is_named).map(|it| it["line"].as_u64().unwrap_or_default());
        assert_eq!(named, line, "{script}: {report:#}");
    }
}

/// Whoever agrees that no page may read it only removes the `#`.
#[test]
fn a_route_before_the_headers_is_written_without_cors_and_commented_out() {
    let script = "const cors = require('cors');\nconst express = require('express');\nconst app = express();\n\
                  const v1 = express.Router();\napp.use('/v1', v1);\n\
                  app.get('/health', f);\napp.get('/health', f);\napp.get('/users/:id', f);\nv1.get('/me', f);\n\
                  v1.use(cors({ origin: 'https://a.example' }));\n\
                  app.use(cors({ origin: 'https://a.example' }));\n";
    let folder = folder("server.js", script);
    let (_, _, code) = ran(corsgate(folder.path(), &["import", "server.js"]));
    assert_eq!(code, 10);
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    let tested = || {
        let (stdout, stderr, code) =
            ran(corsgate(folder.path(), &["test", "policy.toml", "policy.test.toml", "--deny", "uncovered"]));
        assert_eq!(code, 0, "{}{stdout}{stderr}", read("policy.toml"));
    };
    tested();
    let proposals = |text: &str| text.matches("# [[").count();
    // The path with a parameter has no route of a policy; the one that is there twice is proposed once.
    assert_eq!((proposals(&read("policy.toml")), proposals(&read("policy.test.toml"))), (2, 2));
    for name in ["policy.toml", "policy.test.toml"] {
        let text = read(name);
        let mut is_proposed = false;
        let lines = text.lines().map(|line| {
            is_proposed = line.starts_with("# [[") || is_proposed && line.starts_with('#');
            if is_proposed { line.trim_start_matches("# ") } else { line }
        });
        let text = lines.map(|line| format!("{line}\n")).collect::<String>();
        std::fs::write(folder.path().join(name), text).expect("written");
    }
    tested();
    let policy = read("policy.toml");
    for path in ["/health", "/v1/me"] {
        assert!(policy.contains(&format!("\npath = \"{path}\"\ncors = false")), "{policy}");
    }
}

#[test]
fn a_set_allows_every_origin_unless_the_program_looks_into_it() {
    let program = |uses: &str| {
        format!(
            "const cors = require('cors');\nconst allowed = new Set(['https://a.example']);\nconst app = make();\napp.use(cors({{ origin: {uses} }}));\n"
        )
    };
    for (uses, is_named) in [
        ("allowed", true),
        ("new Set(['https://a.example'])", true),
        ("Object.freeze(allowed)", true),
        ("[...allowed]", false),
        ("Array.from(allowed)", false),
        ("(origin, callback) => callback(null, allowed.has(origin))", false),
    ] {
        let (policy, report, _) = imported_as("server.js", program(uses), &[]);
        assert!(
            policy.contains("\n  \"https://a.example\"") && !policy.contains("\n  \"*\",\n]\nmethods"),
            "{policy}"
        );
        let named = of_class(&report, "stricter here").contains("it allows every origin there");
        assert_eq!(named, is_named, "{uses}: {report:#}");
    }
    // An array has no `has`, nor a set `includes`: such a callback throws.
    for uses in [
        "(origin, callback) => callback(null, allowed.includes(origin))",
        "(origin, callback) => callback(null, ['https://a.example'].has(origin))",
    ] {
        let (policy, ..) = imported_as("server.js", program(uses), &[]);
        assert!(!policy.contains("\n  \"https://a.example\""), "{uses}: {policy}");
    }
}
