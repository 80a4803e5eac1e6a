//! What `corsgate import` makes of what sources say: what it leaves out, and what it never guesses.

use std::fs;

use crate::import::{corsgate, express, folder, imported, imported_as, kept, of_class, ran};

/// What must never be carried over, each with a line that names it.
#[test]
fn what_would_open_the_api_is_left_out_and_named() {
    for (options, class, named) in [
        (
            "{ origin: true, credentials: true }",
            "would be unsafe",
            "every origin is reflected, with credentials",
        ),
        ("{ origin: /.*/, credentials: true }", "would be unsafe", "matches every origin, with credentials"),
        (
            "{ origin: (o, cb) => cb(null, true), credentials: true }",
            "would be unsafe",
            "every origin is reflected, with credentials",
        ),
        ("{ origin: '*', credentials: true }", "would be unsafe", "browsers refuse credentials with `*`"),
        ("{ credentials: true }", "would be unsafe", "browsers refuse credentials with `*`"),
        ("{ origin: ['null'] }", "would be unsafe", "sandboxed frame"),
        ("{ origin: 'http://app.example.com' }", "would be unsafe", "network path"),
        ("{ origin: /example\\.com$/ }", "would be unsafe", "also lets in `https://evilexample.com`"),
        (
            "{ origin: /^https:\\/\\/app.example.com$/ }",
            "would be unsafe",
            "also lets in `https://appxexample.com`",
        ),
        (
            "{ origin: /^https:\\/\\/app\\.example\\.com/ }",
            "would be unsafe",
            "also lets in `https://app.example.com.evil.example`",
        ),
        ("{ origin: /^https:\\/\\/.*\\.vercel\\.app$/, credentials: true }", "would be unsafe", "vercel.app"),
        ("{ origin: /^https:\\/\\/\\w+\\.example\\.com$/ }", "stricter here", "narrower than any pattern"),
        ("{ origin: /^https:\\/\\/(?!evil)/ }", "not readable", "a look around"),
        ("{ origin: /x/g }", "not readable", "the flag `g`"),
        ("{ origin: async (origin) => lookUp(origin) }", "not readable", "a callback"),
        ("{ origin: (o, cb) => db.find(o, cb) }", "not readable", "a callback"),
        (
            "{ origin: (o, cb) => cb(null, o.startsWith('https://app.example.com')) }",
            "would be unsafe",
            "also lets in",
        ),
        ("(request, callback) => callback(null, { origin: true })", "not readable", "a delegate"),
        ("{ origin: ['https://*.example.com'] }", "stricter here", "letter by letter"),
        ("{ ...shared }", "not readable", "the variable `shared`"),
        ("{ origin: 'https://a.example', methods: 'put,patch' }", "stricter here", "does not allow PUT"),
        (
            "{ origin: 'https://a.example', credentials: isOn() }",
            "not readable",
            "whether credentials are allowed",
        ),
        (
            "{ origin: 'https://a.example', preflightContinue: true }",
            "not readable",
            "handler of the program",
        ),
        (
            "{ origin: 'https://a.example', optionsSuccessStatus: 404 }",
            "not readable",
            "which browsers refuse",
        ),
        ("{ origin: 'https://a.example', origins: '*' }", "not readable", "the option `origins`"),
        ("{ origin: `https://${name}.example` }", "not readable", "the variable `name`"),
        ("{ origin: 'https://{{ host }}' }", "not readable", "a template"),
        ("{ origin: process.env.A || 'https://a.example' }", "not readable", "environment variable `A`"),
        ("{ origin: on ? '*' : 'https://a.example' }", "not readable", "a condition"),
    ] {
        let (policy, report, code) = imported(&express(options));
        assert_eq!(code, 10, "{options}");
        assert!(of_class(&report, class).contains(named), "{options}: {report:#}");
        if class == "would be unsafe" && !options.contains("*'") && options != "{ credentials: true }"
            || named.contains("callback")
        {
            assert!(policy.contains("\ncors = false"), "{options}: {policy}");
        }
    }
}

/// The defaults of each library, as its code has them.
#[test]
fn each_library_has_its_own_defaults() {
    let uses = |module: &str, options: &str| {
        format!("const cors = require('{module}');\nconst app = make();\napp.use(cors({options}));\n")
    };
    let hono =
        |options: &str| format!("import {{ cors }} from 'hono/cors';\napp.use('*', cors({options}));\n");
    let fastify =
        |options: &str| format!("import cors from '@fastify/cors';\nawait app.register(cors, {options});\n");
    for (name, script, has, lacks) in [
        (
            "Express allows any origin by default",
            uses("cors", ""),
            &["\n  \"*\", # server.js:3", "\"PUT\"", "\"PATCH\"", "\"DELETE\"", "\"authorization\""][..],
            &["QUERY"][..],
        ),
        (
            "Express has no CORS with an origin that is false",
            uses("cors", "{ origin: false }"),
            &["\ncors = false"],
            &["\n[routes.cors]"],
        ),
        ("or undefined", uses("cors", "{ origin: undefined }"), &["\ncors = false"], &["\n[routes.cors]"]),
        (
            "Express takes nothing but true for credentials",
            uses("cors", "{ origin: ['https://a.example'], credentials: 'true' }"),
            &["https://a.example"],
            &["credentials"],
        ),
        (
            "an empty list of headers is none in Express",
            uses("cors", "{ allowedHeaders: [] }"),
            &["origins"],
            &["request_headers"],
        ),
        ("and all in Hono", hono("{ allowHeaders: [] }"), &["request_headers", "\"authorization\""], &[]),
        (
            "and in Koa",
            uses("@koa/cors", "{ allowHeaders: [] }"),
            &["request_headers", "\"authorization\""],
            &[],
        ),
        (
            "Koa reflects with credentials",
            uses("@koa/cors", "{ credentials: true }"),
            &["\ncors = false", "every origin is reflected, with credentials"],
            &[],
        ),
        ("Koa leaves an age of 0 out", uses("@koa/cors", "{ maxAge: 0 }"), &["origins"], &["max_age"]),
        ("Express does not", uses("cors", "{ maxAge: 0 }"), &["max_age = 0"], &[]),
        (
            "Fastify allows no further methods by default",
            fastify("{ origin: 'https://a.example' }"),
            &["https://a.example"],
            &["\"PUT\""],
        ),
        (
            "a `*` in a list is any origin in Fastify",
            fastify("{ origin: ['*'] }"),
            &["\n  \"*\", # server.js:2"],
            &[],
        ),
        ("and none in Express", uses("cors", "{ origin: ['*'] }"), &["\ncors = false"], &[]),
        (
            "Hono searches no expressions",
            hono("{ origin: [/^https:\\/\\/a\\.example$/] }"),
            &["\ncors = false"],
            &[],
        ),
        ("NestJS is Express", "app.enableCors();".to_owned(), &["\"PATCH\"", "\n  \"*\", #"], &[]),
        (
            "unless it is Fastify",
            "new FastifyAdapter();\napp.enableCors({});".to_owned(),
            &["\n  \"*\", #"],
            &["\"PATCH\""],
        ),
        (
            "NestJS takes options at its creation",
            "NestFactory.create(App, { cors: { origin: 'https://a.example' } });".to_owned(),
            &["https://a.example"],
            &[],
        ),
    ] {
        let (policy, report, _) = imported(&script);
        for text in has {
            assert!(policy.contains(text), "{name}: no {text}: {policy}\n{report:#}");
        }
        for text in lacks {
            assert!(!policy.contains(text), "{name}: {text}: {policy}\n{report:#}");
        }
    }
}

#[test]
fn a_fragment_is_read_and_what_it_does_not_say_is_named() {
    let script = "app.use('/api/*', cors({ origin: 'https://a.example' }))";
    let (policy, report, code) = imported(script);
    assert_eq!(code, 10);
    assert!(of_class(&report, "not readable").contains("read as that of Express"), "{report:#}");
    assert!(policy.contains("https://a.example"), "{policy}");
    let (policy, report, _) = imported_as("server.js", script, &["--from", "hono"]);
    assert!(!of_class(&report, "not readable").contains("read as that of Express"), "{report:#}");
    assert!(policy.contains("`cors()` of Hono") && policy.contains("path = \"/api/*\""), "{policy}");
    let folder = folder("server.js", script);
    let (_, stderr, code) = ran(corsgate(folder.path(), &["import", "server.js", "--from", "cobol"]));
    assert!(code == 2 && stderr.contains("the kinds are express, hono"), "{stderr}");
}

#[test]
fn chains_of_calls_keep_their_path() {
    let rule = "cors({ origin: 'https://a.example', allowedHeaders: 'x-a' })";
    for (line, path) in [
        (format!("app.route('/books').all({rule}).get(list);"), "path = \"/books\""),
        (format!("app.route('/books').get(list).all({rule});"), "path = \"/books\""),
        (format!("app.use(log).use('/api', {rule});"), "path = \"/api/*\""),
        (format!("express().use({rule});"), "path = \"/*\""),
        (format!("make().part().use({rule});"), ""),
        (format!("new Hono().basePath('/v1').use({rule});"), "path = \"/v1/*\""),
        (format!("const api = new Hono().use({rule}); app.route('/v1', api);"), "path = \"/v1/*\""),
        (format!("app.route('/v1', new Hono().use({rule}));"), "path = \"/v1/*\""),
        (format!("const api = express(); api.use('/x', {rule}); app.use('/v1', api);"), "path = \"/v1/x/*\""),
        (format!("const api = express(); api.use({rule}); app.use(version(), api);"), ""),
        (
            format!("const api = root.basePath('/v1'); api.use({rule}); app.route('/all', api);"),
            "path = \"/all/v1/*\"",
        ),
    ] {
        let (policy, report, _) = imported(&format!("const cors = require('cors');\n{line}\n"));
        let live = policy.split("[[routes]]").find(|route| route.contains("\n  \"https://a.example\""));
        match live {
            Some(live) => {
                assert!(!path.is_empty() && live.contains(&format!("\n{path}\n")), "{line}: {policy}")
            }
            None => assert!(path.is_empty(), "{line}: {policy}\n{report:#}"),
        }
    }
}

/// Only the file that registers the plugin has its options.
#[test]
fn options_of_a_fastify_route_are_named_without_those_of_the_plugin() {
    let (policy, report, code) =
        imported("export const routes = (api) => { api.get('/x', { config: { cors: false } }, answer); };");
    assert_eq!((policy.as_str(), code), ("", 10));
    assert!(report.to_string().contains("whose options are not in this file"), "{report:#}");
}

/// The policy of a route without a method that may be used allows nothing, and says so in its cases.
#[test]
fn a_route_whose_methods_all_need_preflights_that_nobody_answers_is_closed() {
    let (policy, _, _) =
        imported("const cors = require('cors');\napp.put('/x', cors({ origin: 'https://a.example' }));");
    assert!(policy.contains("name = \"x\"\npath = \"/x\"\ncors = false"), "{policy}");
}

#[test]
fn a_module_may_be_brought_in_in_any_way() {
    for line in [
        "const cors = require('cors');",
        "import cors from 'cors';",
        "import * as cors from 'cors';",
        "import cors, { CorsOptions } from \"cors\";",
        "import cors = require('cors');",
        "const { default: cors } = await import('cors');",
        "const cors = (await import('cors')).default;",
    ] {
        let script = format!(
            "{line}\napp.use(cors<Request>({{ 'origin': [`https://a.example`], \"allowedHeaders\": 'x-a' }} as any));"
        );
        let (policy, report, code) = imported_as("server.ts", &script, &[]);
        assert_eq!(code, 0, "{line}: {report:#}");
        assert!(policy.contains("https://a.example"), "{line}: {policy}");
    }
}

/// docs/import.md shows a program, its report and its policy.
#[test]
fn the_page_shows_real_output() {
    let page = fs::read_to_string(kept().join("../../../../docs/import.md")).expect("docs/import.md");
    let block = |kind: &str| {
        let rest = page.split(&format!("```{kind}\n")).nth(1).expect("a block");
        rest.split("```").next().expect("its end").to_owned()
    };
    let folder = folder("server.js", block("js"));
    let line = block("sh");
    let arguments: Vec<_> = line.trim().split(' ').skip(1).collect();
    let (shown, _, code) = ran(corsgate(folder.path(), &arguments));
    assert_eq!((code, shown.as_str()), (10, block("text").as_str()));
    assert_eq!(fs::read_to_string(folder.path().join("policy.toml")).expect("a file"), block("toml"));
    for (_, name, _) in corsgate_import::Kind::all() {
        assert!(page.contains(&format!("| `{name}` |")), "{name}");
    }
}

/// The first handler answers a preflight, the last one changes the headers of a response.
#[test]
fn preflights_are_those_of_the_handler_that_answers_them() {
    let script = |lines: &str| format!("const cors = require('cors');\n{lines}\n");
    let own = "cors({ origin: 'https://a.example', methods: 'PUT', allowedHeaders: 'x-a' })";
    for (lines, has, lacks) in [
        (
            format!("app.use({own});\napp.options('*', cors());"),
            &["\"PUT\"", "\"x-a\""][..],
            &["\"PATCH\""][..],
        ),
        (
            format!("app.options('*', cors());\napp.use({own});"),
            &["none is allowed here"],
            &["\"PUT\"", "\"x-a\"", "\"PATCH\""],
        ),
        (
            format!(
                "app.options('*', cors({{ origin: 'https://a.example', methods: 'PATCH', allowedHeaders: 'x-b' }}));\napp.use({own});"
            ),
            &["\"PATCH\"", "\"x-b\""],
            &["\"PUT\"", "\"x-a\""],
        ),
        (
            format!("app.get('/x', {own}, get);"),
            &["\"GET\"", "enforce_methods = true"],
            &["\"PUT\"", "\"x-a\""],
        ),
        (
            format!("app.options('/x', {own});\napp.put('/x', {own}, put);"),
            &["\"PUT\"", "\"x-a\"", "enforce_methods = true"],
            &["\"GET\""],
        ),
    ] {
        let (policy, report, _) = imported(&script(&lines));
        for text in has {
            assert!(policy.contains(text), "{lines}: no {text}: {policy}\n{report:#}");
        }
        for text in lacks {
            assert!(!policy.contains(text), "{lines}: {text}: {policy}\n{report:#}");
        }
    }
    let nested = "import cors from '@fastify/cors';\nexport default async function (fastify) { await fastify.register(cors, { origin: '*' }); }";
    let (policy, report, _) = imported(nested);
    assert!(
        of_class(&report, "not readable").contains("those of a plugin") && !policy.contains("\n  \"*\""),
        "{policy}"
    );
}

#[test]
fn what_changes_while_the_program_runs_is_not_guessed() {
    for script in [
        "const list = ['https://a.example'];\nlist.push(process.env.B);\napp.use(cors({ origin: list }));",
        "const options = { origin: 'https://a.example' };\noptions.origin = '*';\napp.use(cors(options));",
        "let options = { origin: 'https://a.example' };\noptions = { origin: '*' };\napp.use(cors(options));",
        "const options = { origin: 'https://a.example' };\nObject.assign(options, more);\napp.use(cors(options));",
        "let list = ['https://a.example'];\n[list] = [others];\napp.use(cors({ origin: list }));",
        "const list = ['https://a.example'];\nconst same = list;\nsame.push(more);\napp.use(cors({ origin: list }));",
        "const list = ['https://a.example'];\nfunction fill(it) { it.push(more); }\nfill(list);\napp.use(cors({ origin: list }));",
        "function use(options) { app.use(cors(options)); }",
        "if (dev) { app.use(cors({ origin: '*' })); }",
        "dev && app.use(cors({ origin: '*' }));",
        "dev ? app.use(cors({ origin: '*' })) : null;",
        "for (const o of all) app.use(cors({ origin: o }));",
        "const all = cors({ origin: '*' });\nif (dev) { app.use(all); }",
        "function start() { if (!dev) return; app.use(cors({ origin: '*' })); }",
        "const handler = cors({ origin: '*' });\nhandler(request, response, next);",
    ] {
        let (policy, report, code) = imported(&format!("const cors = require('cors');\n{script}\n"));
        assert_eq!(code, 10, "{script}");
        assert!(!of_class(&report, "not readable").is_empty(), "{script}: {report:#}");
        assert!(
            !policy.contains("\n  \"https://a.example\"") && !policy.contains("\n  \"*\", #"),
            "{script}: {policy}"
        );
    }
}

#[test]
fn two_rules_for_one_path_allow_what_both_allow() {
    let script = "const cors = require('cors');\napp.use(cors({ origin: ['https://a.example', 'https://b.example'], methods: 'PUT', credentials: true }));\n\
                  app.use('/x', cors({ origin: ['https://b.example', 'https://c.example'], methods: 'PUT,DELETE' }));\n";
    let (policy, report, code) = imported(script);
    assert_eq!(code, 10);
    assert!(
        of_class(&report, "not readable").contains("another rule is for this path as well (server.js:2)"),
        "{report:#}"
    );
    let narrow = policy
        .split("path = \"/x/*\"")
        .nth(1)
        .and_then(|rest| rest.split("[[routes]]").next())
        .expect("a route");
    assert!(
        narrow.contains("https://b.example")
            && !narrow.contains("https://a.example")
            && !narrow.contains("https://c.example"),
        "{policy}"
    );
    assert!(!narrow.contains("DELETE") && !narrow.contains("credentials = true"), "{policy}");
}

#[test]
fn paths_that_a_policy_cannot_say_are_only_proposed() {
    let script = "const cors = require('cors');\napp.get('/products/:id', cors({ origin: 'https://a.example' }), show);\n";
    let (policy, report, code) = imported(script);
    assert_eq!(code, 10);
    assert!(
        of_class(&report, "not readable").contains("`/products/:id`: `/products/*` has it, and more"),
        "{report:#}"
    );
    assert!(
        policy.contains("\n# path = \"/products/*\"") && !policy.contains("\npath = \"/products/*\""),
        "{policy}"
    );
}

#[test]
fn the_base_path_of_next_is_before_every_source() {
    let config = |more: &str, base: &str| {
        format!(
            "module.exports = {{ {base} async headers() {{ return [{{ source: '/api/:rest*', {more} headers: [{{ key: 'Access-Control-Allow-Origin', value: 'https://a.example' }}] }}] }} }}"
        )
    };
    for (more, base, path) in [
        ("", "", "/api/*"),
        ("", "basePath: '/docs',", "/docs/api/*"),
        ("", "basePath: '',", "/api/*"),
        ("basePath: false,", "basePath: '/docs',", "/api/*"),
    ] {
        let (policy, report, _) = imported_as("next.config.js", config(more, base), &[]);
        assert!(
            policy.contains(&format!("\npath = \"{path}\"\n[routes.cors]")),
            "{base} {more}: {policy} {report:#}"
        );
    }
    let (policy, report, code) =
        imported_as("next.config.js", config("", "basePath: process.env.BASE,"), &[]);
    assert!(!policy.contains("\n  \"https://a.example\""), "{policy}");
    assert!(of_class(&report, "not readable").contains("a policy cannot say the path"), "{report:#}");
    assert_eq!(code, 10);
}
