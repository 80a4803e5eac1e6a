//! `[[routes]]`, each over `[defaults]`.

use corsgate_policy::policy::document::{
    CorsDocument, DEFAULT_TIMEOUT, EncodedSlashes, Explain, Mode, OnDisallowed, OnLimiterError, RouteDocument,
};
use toml::de::{DeTable, DeValue};

use crate::cursor::{Cursor, quoted};
use crate::file::environment::Overlay;
use crate::file::{cors, limit, request, response, security, websocket};
use crate::table::Table;

const MODE: &[(&str, Mode)] = &[("enforce", Mode::Enforce), ("report", Mode::Report)];
const ON_DISALLOWED: &[(&str, OnDisallowed)] =
    &[("reject", OnDisallowed::Reject), ("forward", OnDisallowed::Forward)];
const ENCODED_SLASHES: &[(&str, EncodedSlashes)] =
    &[("refuse", EncodedSlashes::Refuse), ("keep", EncodedSlashes::Keep)];
const EXPLAIN: &[(&str, Explain)] = &[("headers", Explain::Headers), ("console", Explain::Console)];
const ON_LIMITER_ERROR: &[(&str, OnLimiterError)] =
    &[("allow", OnLimiterError::Allow), ("deny", OnLimiterError::Deny)];

/// Reads a route over `[defaults]`.
pub(crate) fn read<'t>(
    route: Cursor<'t, '_>,
    defaults: Option<&'t DeTable<'t>>,
    overlay: Overlay<'t>,
) -> Option<RouteDocument> {
    route.table_over(defaults, |table| {
        table.leave_below("fold_suffixes");
        let name = table.own_required("name").and_then(Cursor::string).unwrap_or_default();
        let path = table.own_required("path").and_then(Cursor::string).unwrap_or_default();
        let upstream = table.required("upstream").and_then(Cursor::string).unwrap_or_default();
        RouteDocument { name, path, upstream, ..read_fields(table, overlay) }
    })
}

/// Reads `[defaults]` to check its shape: each route reads its values again, with its own over them. Returns the CORS
/// rules, which also apply if no route matches, and whether format suffixes are folded.
pub(crate) fn read_defaults<'t>(
    table: &mut Table<'t, '_>,
    overlay: Overlay<'t>,
) -> (Option<CorsDocument>, bool) {
    table.field("upstream").and_then(Cursor::string);
    let fold_suffixes = table.field("fold_suffixes").and_then(Cursor::flag).unwrap_or_default();
    (read_fields(table, overlay).cors, fold_suffixes)
}

/// Reads the fields that both routes and defaults can have, except the upstream.
fn read_fields<'t>(table: &mut Table<'t, '_>, overlay: Overlay<'t>) -> RouteDocument {
    RouteDocument {
        name: String::new(),
        path: String::new(),
        upstream: String::new(),
        hosts: table.field("hosts").and_then(|hosts| overlay.read_hosts(hosts)),
        mode: table.field("mode").and_then(|word| word.word(MODE)).unwrap_or_default(),
        cors: read_cors(table),
        on_disallowed: {
            table.field("on_disallowed").and_then(|word| word.word(ON_DISALLOWED)).unwrap_or_default()
        },
        explain: table.field("explain").and_then(|word| word.word(EXPLAIN)).unwrap_or_default(),
        forward_origin: table.field("forward_origin").and_then(Cursor::flag).unwrap_or_default(),
        forward_cookies: table.field("forward_cookies").and_then(Cursor::flag).unwrap_or_default(),
        storage_access: table.field("storage_access").and_then(Cursor::flag).unwrap_or_default(),
        encoded_slashes: {
            table.field("encoded_slashes").and_then(|word| word.word(ENCODED_SLASHES)).unwrap_or_default()
        },
        record_path: table.field("record_path").and_then(Cursor::flag).unwrap_or(true),
        timeout: table.field("timeout").and_then(Cursor::seconds).unwrap_or(DEFAULT_TIMEOUT),
        upload_timeout: table.field("upload_timeout").and_then(Cursor::seconds),
        websocket: table.field("websocket").and_then(|it| it.table(websocket::read)).unwrap_or_default(),
        limits: table.field("limits").and_then(|limits| limits.tables(limit::read)).unwrap_or_default(),
        on_limiter_error: {
            table.field("on_limiter_error").and_then(|word| word.word(ON_LIMITER_ERROR)).unwrap_or_default()
        },
        request: table.field("request").and_then(|it| it.table(request::read)).unwrap_or_default(),
        response: table.field("response").and_then(|it| it.table(response::read)).unwrap_or_default(),
        security: table.field("security").and_then(|it| it.table(security::read)).unwrap_or_default(),
    }
}

/// Reads the CORS rules; `cors = false` opts out of the defaults.
fn read_cors(table: &mut Table<'_, '_>) -> Option<CorsDocument> {
    let cors = table.field("cors")?;
    match cors.value() {
        DeValue::Boolean(false) => None,
        DeValue::Table(_) => cors.table(cors::read),
        found => {
            let meant = match found {
                DeValue::String(text) if text == "false" => Some("false".to_owned()),
                DeValue::String(text) => Some(format!("{{ origins = [{}] }}", quoted(text))),
                DeValue::Array(values) => {
                    let origins: Option<Vec<_>> =
                        values.iter().map(|value| value.get_ref().as_str()).collect();
                    origins.map(|origins| {
                        let origins: Vec<_> = origins.into_iter().map(quoted).collect();
                        format!("{{ origins = [{}] }}", origins.join(", "))
                    })
                }
                _ => None,
            };
            cors.refuse_for("a table or `false`", meant)
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use crate::testing::{compiled, problems};

    const DEFAULTS: &str = r#"
        [defaults]
        hosts = ["a.example"]
        upstream = "api"
        timeout = 5
        [defaults.cors]
        origins = ["https://default.example"]
        methods = ["PUT"]
        max_age = 60
        [defaults.security]
        nosniff = true
        hsts = { max_age = 1, include_subdomains = true }
        [[defaults.limits]]
        name = "inherited"
        quota = 1
        window = 1
        by = ["client_ip"]
        [[routes]]
        name = "r"
        path = "/*"
    "#;

    fn route(own: &str) -> Value {
        compiled(&format!("{DEFAULTS}{own}"), None)["routes"][0].clone()
    }

    #[test]
    fn a_route_has_what_it_does_not_say_from_the_defaults() {
        let route = route("");
        assert_eq!(route["hosts"], json!(["a.example"]));
        assert_eq!(route["upstream"], "api");
        assert_eq!(route["timeout"], 5);
        assert_eq!(
            route["cors"],
            json!({ "origins": ["https://default.example"], "methods": ["PUT"], "max_age": 60 })
        );
        assert_eq!(route["limits"][0]["name"], "inherited");
    }

    #[test]
    fn fields_and_lists_replace() {
        let route = route("timeout = 6\nhosts = [\"b.example\"]\nlimits = []\n");
        assert_eq!(route["timeout"], 6);
        assert_eq!(route["hosts"], json!(["b.example"]));
        assert_eq!(route["limits"], Value::Null);
    }

    #[test]
    fn tables_merge_one_level_deep() {
        let route = route("cors.methods = [\"DELETE\"]\nsecurity.hsts = { max_age = 2 }\n");
        assert_eq!(
            route["cors"],
            json!({ "origins": ["https://default.example"], "methods": ["DELETE"], "max_age": 60 })
        );
        assert_eq!(route["security"], json!({ "nosniff": true, "hsts": { "max_age": 2 } }));
    }

    #[test]
    fn cors_false_opts_out() {
        assert_eq!(route("cors = false\n")["cors"], Value::Null);
        let policy = compiled(&format!("{DEFAULTS}cors = false\n"), None);
        assert_eq!(policy["default_cors"]["origins"], json!(["https://default.example"]));
        let found = problems(&format!("{DEFAULTS}cors = true\n"), None);
        assert_eq!(found[0].1, "expected a table or `false`, found `true`");
    }

    #[test]
    fn the_mode_is_compiled_unless_it_is_the_default() {
        let with = |defaults: &str, own: &str| {
            let defaults = DEFAULTS.replace("[defaults]\n", &format!("[defaults]\n{defaults}"));
            compiled(&format!("{defaults}{own}"), None)["routes"][0]["mode"].clone()
        };
        let (report, enforce) = ("mode = \"report\"\n", "mode = \"enforce\"\n");
        for (defaults, own, mode) in [
            ("", "", Value::Null),
            ("", enforce, Value::Null),
            ("", report, json!("report")),
            (report, "", json!("report")),
            (report, enforce, Value::Null),
            (enforce, report, json!("report")),
        ] {
            assert_eq!(with(defaults, own), mode, "{own} over {defaults}");
        }
    }

    #[test]
    fn defaults_without_origins_are_settings_and_no_rules() {
        let text = r#"
            [defaults.cors]
            max_age = 60
            [[routes]]
            name = "r"
            path = "/*"
            upstream = "api"
            cors.origins = ["https://a.example"]
        "#;
        let policy = compiled(text, None);
        assert_eq!(policy["default_cors"], Value::Null);
        assert_eq!(policy["routes"][0]["cors"]["max_age"], 60);
    }

    #[test]
    fn notes_and_switches_for_lints_are_not_compiled() {
        let text = r#"
            [[routes]]
            name = "r"
            path = "/*"
            upstream = "api"
            mode = "enforce"
            [routes.cors]
            origins = [{ origin = "https://a.example", expires = 2027-01-31, note = "contract 118" }]
            dangerously_allow_public_suffix = true
        "#;
        let route = compiled(text, None)["routes"][0].clone();
        let entry = json!({ "origin": "https://a.example", "expires": "2027-01-31" });
        assert_eq!(
            route,
            json!({ "name": "r", "path": "/*", "upstream": "api", "cors": { "origins": [entry] } })
        );
    }
}
