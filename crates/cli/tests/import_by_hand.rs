//! Programs in JavaScript that set the headers of CORS themselves: what is read of a handler, and what is only named.

use crate::import::{imported, imported_as, of_class};

const ORIGIN: &str = "res.setHeader('Access-Control-Allow-Origin', 'https://a.example');";

fn handler(body: &str) -> String {
    format!(
        "const allowed = ['https://a.example', 'https://b.example'];\napp.use((req, res, next) => {{ {body} }});\n"
    )
}

#[test]
fn a_handler_that_only_sets_headers_is_read() {
    for (body, has, lacks) in [
        (
            format!("{ORIGIN} res.header('Access-Control-Allow-Credentials', true); next();"),
            &["\"https://a.example\"", "credentials = true"][..],
            &[][..],
        ),
        ("res.set({ 'Access-Control-Allow-Origin': '*' }); next();".to_owned(), &["\"*\""], &["credentials"]),
        (
            "const origin = req.headers.origin;
             if (allowed.includes(origin)) { res.setHeader('Access-Control-Allow-Origin', origin); res.vary('Origin'); }
             return next();"
                .to_owned(),
            &["\"https://a.example\"", "\"https://b.example\""],
            &["\"*\""],
        ),
        (
            "res.header('Access-Control-Allow-Origin', allowed.includes(req.get('Origin')) ? req.get('Origin') : allowed[0]); next();"
                .to_owned(),
            &["\"https://a.example\"", "\"https://b.example\""],
            &["\"*\""],
        ),
        (
            "if (req.headers.origin === 'https://a.example') { res.setHeader('Access-Control-Allow-Origin', 'https://a.example'); } next();"
                .to_owned(),
            &["\"https://a.example\""],
            &["https://b.example"],
        ),
        (
            format!(
                "{ORIGIN} if ('OPTIONS' == req.method) {{ res.header('Access-Control-Allow-Methods', 'PUT'); res.sendStatus(204); }} else {{ next(); }}"
            ),
            &["\"PUT\""],
            &["not readable: preflights"],
        ),
        (
            format!("{ORIGIN} if (req.method === \"OPTIONS\") return res.status(200).json({{}}); next();"),
            &["\"https://a.example\""],
            &["not readable: preflights"],
        ),
        (
            format!("{ORIGIN} if (req.method === 'OPTIONS') {{ return res.status(404).end(); }} next();"),
            &["not readable: preflights"],
            &[],
        ),
        (
            "res.header('Access-Control-Allow-Origin', req.headers.origin); next();".to_owned(),
            &["every origin is reflected"],
            &["credentials = true"],
        ),
        (
            "res.header('Access-Control-Allow-Origin', process.env.PAGE); next();".to_owned(),
            &["environment variable `PAGE`", "\ncors = false"],
            &[],
        ),
    ] {
        let (policy, report, _) = imported(&handler(&body));
        let text = format!("{policy}{report:#}");
        assert!(policy.contains("path = \"/*\""), "{body}: {report:#}");
        for has in has {
            assert!(text.contains(has), "{body} lacks {has}: {text}");
        }
        for lacks in lacks {
            assert!(!text.contains(lacks), "{body} has {lacks}: {text}");
        }
    }
}

#[test]
fn a_handler_that_does_more_is_a_hole_with_its_line() {
    for body in [
        // Another value later, under a condition that is not about the origin, or after what was answered.
        format!("{ORIGIN} res.setHeader('Access-Control-Allow-Origin', '*'); next();"),
        format!("if (isProduction) {{ {ORIGIN} }} next();"),
        format!("if (req.path === '/open') {{ {ORIGIN} }} next();"),
        format!("return next(); {ORIGIN}"),
        format!("if (!req.user) return res.status(401).end(); {ORIGIN} next();"),
        format!("for (const one of allowed) {{ {ORIGIN} }} next();"),
        format!("try {{ {ORIGIN} }} finally {{ next(); }}"),
        // Preflights have no headers, or others.
        format!("if (req.method === 'OPTIONS') return res.sendStatus(204); {ORIGIN} next();"),
        format!("if (req.method === 'OPTIONS') {{ {ORIGIN} return res.sendStatus(204); }} next();"),
        format!(
            "{ORIGIN} if (req.method === 'OPTIONS') {{ res.header('Access-Control-Allow-Credentials', 'true'); return res.sendStatus(204); }} next();"
        ),
        format!(
            "{ORIGIN} if (req.method === 'OPTIONS') return res.sendStatus(204); res.header('Access-Control-Allow-Methods', 'PUT'); next();"
        ),
        // Others than these origins.
        "if (!allowed.includes(req.headers.origin)) { res.setHeader('Access-Control-Allow-Origin', req.headers.origin); } next();".to_owned(),
        "if (allowed.includes(req.headers.origin)) { res.setHeader('Access-Control-Allow-Origin', '*'); } next();".to_owned(),
        "if (allowed.includes(req.headers.origin)) { res.setHeader('Access-Control-Allow-Origin', req.headers.origin); } else { res.setHeader('Access-Control-Allow-Origin', '*'); } next();".to_owned(),
        // For some of the origins alone.
        "if (allowed.includes(req.headers.origin)) { res.set('Access-Control-Allow-Origin', req.headers.origin); } if (req.headers.origin === allowed[0]) { res.set('Access-Control-Allow-Credentials', 'true'); } next();".to_owned(),
        "if (req.headers.origin === allowed[0]) { res.set('Access-Control-Allow-Credentials', 'true'); } if (allowed.includes(req.headers.origin)) { res.set('Access-Control-Allow-Origin', req.headers.origin); } next();".to_owned(),
        format!("{ORIGIN} if (req.headers.origin === allowed[1]) {{ res.set('Access-Control-Allow-Methods', 'PUT'); }} next();"),
        "decide(req, res); res.header('Access-Control-Allow-Methods', 'PUT'); next();".to_owned(),
        "other.setHeader('Access-Control-Allow-Origin', '*'); next();".to_owned(),
    ] {
        let (policy, report, code) = imported(&handler(&body));
        assert_eq!(code, 10, "{body}");
        assert!(of_class(&report, "not readable").contains("set here by code of its own"), "{body}: {report:#}");
        assert!(!policy.contains("[[routes]]"), "{body}: {policy}");
    }
}

#[test]
fn every_place_that_sets_headers_is_named_once() {
    for (script, lines) in [
        (
            "const headers = {\n 'Access-Control-Allow-Origin': '*',\n 'Access-Control-Allow-Methods': 'GET',\n};",
            &[2][..],
        ),
        ("app.get('/', (c) => {\n c.header('access-control-allow-origin', '*');\n});", &[2]),
        ("res.writeHead(200, { 'Access-Control-Allow-Origin': '*' });", &[1]),
        (
            "const cors = require('cors');\napp.use(cors({ origin: 'https://a.example' }));\napp.get('/x', (req, res) => {\n res.set('Access-Control-Allow-Origin', '*');\n});",
            &[4],
        ),
        (
            "router.use((req, res, next) => {\n res.set('Access-Control-Allow-Origin', '*');\n next();\n});",
            &[2],
        ),
        (
            "app.use((req, res, next) => { res.set('Access-Control-Allow-Origin', '*'); next(); });\napp.get('/x', (req, res) => {\n res.set('Access-Control-Allow-Origin', 'null');\n});",
            &[1, 3],
        ),
        (
            "const api = express();\napi.use((req, res, next) => {\n res.set('Access-Control-Allow-Origin', '*');\n next();\n});\napp.use('/api', api);",
            &[3],
        ),
        (
            "app.use((req, res, next) => { res.set('Access-Control-Allow-Origin', '*'); next(); });\napp.get('/x', (req, res) => {\n res.removeHeader('Access-Control-Allow-Origin');\n});",
            &[1, 3],
        ),
    ] {
        let (_, report, _) = imported(script);
        let holes = report["findings"].as_array().expect("a list").iter();
        let named: Vec<_> = holes
            .filter(|it| it["message"].as_str().unwrap_or_default().contains("code of its own"))
            .map(|it| it["line"].as_u64().unwrap_or_default())
            .collect();
        assert_eq!(named, lines, "{script}: {report:#}");
    }
}

#[test]
fn filters_and_handlers_in_java_are_named() {
    for (line, is_named) in [
        ("response.setHeader(\"Access-Control-Allow-Origin\", \"*\");", true),
        ("response.addHeader(HttpHeaders.ACCESS_CONTROL_ALLOW_ORIGIN, origin);", true),
        ("return ResponseEntity.ok().header(\"access-control-allow-credentials\", \"true\").build();", true),
        ("headers.setAccessControlAllowOrigin(\"*\");", true),
        ("response.setHeader(\"Cache-Control\", \"no-store\");", false),
        ("request.getHeader(\"Access-Control-Request-Method\");", false),
    ] {
        let text = format!("class Filter {{\n void run() {{\n  {line}\n }}\n}}\n");
        let (_, report, code) = imported_as("Filter.java", text, &[]);
        assert_eq!(code, 10, "{line}");
        let holes = of_class(&report, "not readable");
        assert_eq!(holes.contains("set here by code of its own"), is_named, "{line}: {holes}");
        assert!(!is_named || report["findings"][0]["line"] == 3, "{report:#}");
    }
}

#[test]
fn options_of_libraries_that_are_not_read_are_named() {
    for (script, is_named) in [
        ("const io = new Server(http, { cors: { origin: 'https://a.example' } });", true),
        ("@WebSocketGateway({ cors: { origin: '*' } })\nexport class Events {}", true),
        ("const app = await NestFactory.create(App, { cors: { origin: 'https://a.example' } });", false),
        ("const options = { cors: { enabled: true } };", false),
    ] {
        let (_, report, _) = imported(script);
        let holes = of_class(&report, "not readable");
        assert_eq!(holes.contains("the option `cors` of a library"), is_named, "{script}: {report:#}");
    }
}
