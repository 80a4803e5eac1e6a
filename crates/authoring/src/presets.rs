//! Presets: what the specification or the clients of a protocol ask of CORS, under one name.
//!
//! They are expanded when a policy file is read. Compiled policies have names only, and the gateway knows no presets.

use corsgate_policy::policy::document::CorsDocument;
use toml::de::DeValue;

use crate::cursor::{Cursor, quoted};
use crate::finding::Finding;
use crate::mistakes;
use crate::nearest::{listed, nearest};

/// What a protocol asks of CORS. Every list is sorted.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// The name in a policy.
    pub name: &'static str,
    /// What it is for, in a sentence.
    pub what: &'static str,
    /// Where the protocol says so.
    pub source: &'static str,
    /// The methods besides `GET`, `HEAD` and `POST`, which every route allows that does not enforce its methods.
    pub methods: &'static [&'static str],
    /// Those of `GET`, `HEAD` and `POST` that a route must list if it enforces its methods.
    pub safelisted: &'static [&'static str],
    /// The request headers, in lower case.
    pub request_headers: &'static [&'static str],
    /// The response headers that pages read, in lower case.
    pub exposed_headers: &'static [&'static str],
}

/// All presets, by name.
pub const PRESETS: [Preset; 9] = [
    Preset {
        name: "connect",
        what: "Connect RPC from browsers, with the trailers of unary calls.",
        source: "https://connectrpc.com/docs/cors",
        methods: &[],
        safelisted: &["GET", "POST"],
        request_headers: &[
            "connect-accept-encoding",
            "connect-content-encoding",
            "connect-protocol-version",
            "connect-timeout-ms",
            "content-encoding",
            "content-type",
            "x-user-agent",
        ],
        exposed_headers: &["connect-content-encoding", "content-encoding", "trailer-*"],
    },
    Preset {
        name: "graphql",
        what: "GraphQL over HTTP, and the headers that Apollo's clients send.",
        source: "https://www.apollographql.com/docs/router/configuration/csrf",
        methods: &[],
        safelisted: &["GET", "POST"],
        request_headers: &[
            "apollo-require-preflight",
            "apollographql-client-name",
            "apollographql-client-version",
            "content-type",
            "x-apollo-operation-name",
        ],
        exposed_headers: &[],
    },
    Preset {
        name: "grpc-web",
        what: "gRPC-Web, with the status in headers where a response has no body.",
        source: "https://connectrpc.com/docs/cors",
        methods: &[],
        safelisted: &["POST"],
        request_headers: &["content-type", "grpc-timeout", "x-grpc-web", "x-user-agent"],
        exposed_headers: &["grpc-message", "grpc-status", "grpc-status-details-bin"],
    },
    Preset {
        name: "mcp",
        what: "The Model Context Protocol over Streamable HTTP: with sessions (until 2025-11-25) and without (2026-07-28).",
        source: "https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http",
        methods: &["DELETE"],
        safelisted: &["GET", "POST"],
        request_headers: &[
            "authorization",
            "content-type",
            "last-event-id",
            "mcp-method",
            "mcp-name",
            "mcp-param-*",
            "mcp-protocol-version",
            "mcp-session-id",
        ],
        exposed_headers: &["mcp-protocol-version", "mcp-session-id", "www-authenticate"],
    },
    Preset {
        name: "s3",
        what: "Amazon S3 and stores like it: objects, their metadata, and uploads in parts.",
        source: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/ManageCorsUsing.html",
        methods: &["DELETE", "PUT"],
        safelisted: &["GET", "HEAD", "POST"],
        request_headers: &[
            "amz-sdk-*",
            "authorization",
            "cache-control",
            "content-disposition",
            "content-encoding",
            "content-language",
            "content-md5",
            "content-type",
            "expires",
            "if-match",
            "if-modified-since",
            "if-none-match",
            "if-unmodified-since",
            "range",
            "x-amz-*",
        ],
        exposed_headers: &[
            "accept-ranges",
            "content-disposition",
            "content-encoding",
            "content-range",
            "date",
            "etag",
            "x-amz-*",
        ],
    },
    Preset {
        name: "sentry",
        what: "Traces of Sentry's browser SDK.",
        source: "https://docs.sentry.io/platforms/javascript/tracing/distributed-tracing/dealing-with-cors-issues/",
        methods: &[],
        safelisted: &[],
        request_headers: &["baggage", "sentry-trace"],
        exposed_headers: &[],
    },
    Preset {
        name: "supabase",
        what: "The clients of Supabase: database, auth, storage and functions.",
        source: "https://supabase.com/docs/reference/javascript/functions-corsheaders",
        methods: &["DELETE", "PATCH", "PUT"],
        safelisted: &["GET", "HEAD", "POST"],
        request_headers: &[
            "accept-profile",
            "apikey",
            "authorization",
            "content-profile",
            "content-type",
            "prefer",
            "x-client-info",
            "x-metadata",
            "x-region",
            "x-retry-count",
            "x-supabase-api-version",
            "x-upsert",
        ],
        exposed_headers: &["content-range", "x-relay-error", "x-total-count"],
    },
    Preset {
        name: "tus",
        what: "Resumable uploads by tus 1.0.0 with its extensions.",
        source: "https://tus.io/protocols/resumable-upload",
        methods: &["DELETE", "PATCH"],
        safelisted: &["HEAD", "POST"],
        request_headers: &[
            "content-type",
            "tus-resumable",
            "upload-checksum",
            "upload-concat",
            "upload-defer-length",
            "upload-length",
            "upload-metadata",
            "upload-offset",
            "x-request-id",
        ],
        exposed_headers: &[
            "location",
            "tus-checksum-algorithm",
            "tus-extension",
            "tus-max-size",
            "tus-resumable",
            "tus-version",
            "upload-concat",
            "upload-defer-length",
            "upload-expires",
            "upload-length",
            "upload-metadata",
            "upload-offset",
        ],
    },
    Preset {
        name: "w3c-trace",
        what: "Traces by W3C Trace Context and Baggage, as OpenTelemetry sends them.",
        source: "https://www.w3.org/TR/trace-context/",
        methods: &[],
        safelisted: &[],
        request_headers: &["baggage", "traceparent", "tracestate"],
        exposed_headers: &[],
    },
];

/// The preset of a name.
///
/// # Errors
/// The name of the nearest preset, if one is near, as what may have been meant.
pub fn preset(name: &str) -> Result<&'static Preset, Option<&'static str>> {
    let found = PRESETS.iter().find(|preset| preset.name == name);
    found.ok_or_else(|| nearest(name, PRESETS.iter().map(|preset| preset.name)))
}

/// Reads one element of `presets`.
pub(crate) fn read(element: Cursor<'_, '_>) -> Option<&'static Preset> {
    let DeValue::String(name) = element.value() else {
        return element.refuse("the name of a preset");
    };
    match preset(name) {
        Ok(preset) => Some(preset),
        Err(near) => {
            let finding = Finding::new(&mistakes::UNKNOWN_PRESET, format!("there is no preset `{name}`"));
            let span = element.span();
            element.reject(match near {
                Some(near) => finding.fix(span, quoted(near)),
                None => finding.help(format!("the presets are {}", listed(PRESETS.map(|it| it.name), "and"))),
            })
        }
    }
}

/// A list of rules that presets add to, by its key in the policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PresetList {
    /// `methods`
    Methods,
    /// `request_headers`
    RequestHeaders,
    /// `exposed_headers`
    ExposedHeaders,
}

/// A name that a preset added to the rules of a route, which does not list it itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FromPreset {
    /// The list that has it.
    pub list: PresetList,
    /// A name, or a family of names.
    pub name: &'static str,
    /// The name of the preset.
    pub preset: &'static str,
}

impl FromPreset {
    /// Whether this is why the list has a name: they are equal, or this is a family with the name in it.
    #[must_use]
    pub fn admits(&self, list: PresetList, name: &str) -> bool {
        let is_same = self.name.eq_ignore_ascii_case(name);
        let is_within = || {
            let prefix = self.name.strip_suffix('*')?;
            Some(name.get(..prefix.len())?.eq_ignore_ascii_case(prefix) && name.len() > prefix.len())
        };
        self.list == list && (is_same || is_within().unwrap_or_default())
    }
}

/// Adds the names of presets to rules, and returns them with their presets. A name that the rules list already is not
/// added again.
pub(crate) fn expand(presets: &[&'static Preset], rules: &mut CorsDocument) -> Vec<FromPreset> {
    let mut added = Vec::new();
    let enforced = rules.enforce_methods;
    type Names = fn(&Preset) -> [&'static [&'static str]; 2];
    let methods: Names = if enforced { |it| [it.safelisted, it.methods] } else { |it| [it.methods, &[]] };
    for (list, names, of) in [
        (PresetList::Methods, &mut rules.methods, methods),
        (PresetList::RequestHeaders, &mut rules.request_headers, |it| [it.request_headers, &[]]),
        (PresetList::ExposedHeaders, &mut rules.exposed_headers, |it| [it.exposed_headers, &[]]),
    ] {
        let own = names.len();
        for preset in presets {
            for name in of(preset).into_iter().flatten() {
                let lists = |known: &String| known.eq_ignore_ascii_case(name);
                if names.iter().take(own).any(lists) {
                    continue;
                }
                if !names.iter().any(lists) {
                    names.push((*name).to_owned());
                }
                added.push(FromPreset { list, name, preset: preset.name });
            }
        }
    }
    added
}

#[cfg(test)]
mod tests {
    use corsgate_policy::fetch::method;
    use corsgate_policy::grammar::family::ListedHeader;
    use corsgate_policy::grammar::token::Method;
    use serde_json::json;

    use super::*;
    use crate::testing::{compiled, problems};

    fn route(cors: &str) -> String {
        format!(
            "[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\n[routes.cors]\norigins = [\"https://a.example\"]\n{cors}"
        )
    }

    #[test]
    fn every_preset_is_sound_and_in_order() {
        assert!(PRESETS.is_sorted_by_key(|preset| preset.name));
        for preset in PRESETS {
            assert!(preset.source.starts_with("https://") && preset.what.ends_with('.'), "{}", preset.name);
            for names in [preset.methods, preset.safelisted, preset.request_headers, preset.exposed_headers] {
                assert!(names.is_sorted_by(|earlier, later| earlier < later), "{}: {names:?}", preset.name);
            }
            for name in preset.methods {
                assert!(
                    Method::parse(name).is_ok() && !method::is_safelisted(name),
                    "{}: {name}",
                    preset.name
                );
            }
            for name in preset.safelisted {
                assert!(method::is_safelisted(name), "{}: {name}", preset.name);
            }
            for name in preset.request_headers.iter().chain(preset.exposed_headers) {
                assert!(ListedHeader::parse(name).is_ok(), "{}: {name}", preset.name);
                assert_eq!(*name, name.to_ascii_lowercase());
            }
            // With credentials too, and without a finding.
            let text = route(&format!("credentials = true\npresets = [\"{}\"]\n", preset.name));
            assert_eq!(problems(&text, None), [], "{}", preset.name);
        }
    }

    #[test]
    fn a_preset_joins_what_the_route_lists() {
        let text = route(
            "presets = [\"sentry\", \"w3c-trace\"]\nmethods = [\"PUT\"]\nrequest_headers = [\"X-A\", \"Baggage\"]\n",
        );
        let cors = compiled(&text, None)["routes"][0]["cors"].clone();
        assert_eq!(
            cors,
            json!({
                "origins": ["https://a.example"],
                "methods": ["PUT"],
                "request_headers": ["baggage", "sentry-trace", "traceparent", "tracestate", "x-a"],
            })
        );
    }

    #[test]
    fn a_route_that_enforces_its_methods_gets_all_that_the_protocol_uses() {
        let methods = |presets: &str, enforce: bool| {
            let text = route(&format!("presets = [{presets}]\nenforce_methods = {enforce}\n"));
            compiled(&text, None)["routes"][0]["cors"]["methods"].clone()
        };
        assert_eq!(methods("\"mcp\"", true), json!(["DELETE", "GET", "POST"]));
        assert_eq!(methods("\"mcp\"", false), json!(["DELETE"]));
        assert_eq!(methods("\"mcp\", \"tus\"", true), json!(["DELETE", "GET", "HEAD", "PATCH", "POST"]));
        // A trace comes with requests of any method.
        assert_eq!(methods("\"sentry\"", true), json!(null));
    }

    #[test]
    fn each_name_is_known_by_its_presets_unless_the_route_lists_it() {
        let text =
            route("presets = [\"sentry\", \"w3c-trace\", \"s3\"]\nrequest_headers = [\"TraceState\"]\n");
        let text = format!("version = 1\n[upstreams]\napi = \"https://origin.example.net\"\n{text}");
        let source = crate::Source::from_bytes("policy.toml", text.into()).unwrap();
        let policy = crate::EnvironmentPolicy::new(&source, None).unwrap();
        let presets = |list, name: &str| {
            let from = policy.from_presets(Some("r"));
            from.iter().filter(|it| it.admits(list, name)).map(|it| it.preset).collect::<Vec<_>>()
        };
        let request = PresetList::RequestHeaders;
        assert_eq!(presets(request, "baggage"), ["sentry", "w3c-trace"]);
        assert_eq!(presets(request, "tracestate"), [""; 0], "the route lists it");
        assert_eq!(presets(request, "X-Amz-Meta-Colour"), ["s3"]);
        assert_eq!(presets(request, "x-amz-"), [""; 0], "no name of the family");
        assert_eq!(presets(request, "x-é"), [""; 0]);
        assert_eq!(presets(request, "put"), [""; 0], "a method is no header");
        assert_eq!(presets(PresetList::Methods, "PUT"), ["s3"]);
        assert_eq!(presets(PresetList::ExposedHeaders, "etag"), ["s3"]);
        assert_eq!(policy.from_presets(None), []);
        assert_eq!(policy.from_presets(Some("none")), []);
    }

    #[test]
    fn a_route_has_the_presets_of_the_defaults_unless_it_has_its_own() {
        let defaults = "[defaults.cors]\npresets = [\"sentry\"]\n";
        let headers = |own: &str| {
            compiled(&format!("{defaults}{}", route(own)), None)["routes"][0]["cors"]["request_headers"]
                .clone()
        };
        assert_eq!(headers(""), json!(["baggage", "sentry-trace"]));
        assert_eq!(headers("presets = []\n"), json!(null));
        assert_eq!(headers("presets = [\"w3c-trace\"]\n"), json!(["baggage", "traceparent", "tracestate"]));
    }

    #[test]
    fn an_unknown_preset_is_told_with_the_nearest() {
        let message = |presets: &str| {
            let found = problems(&route(&format!("presets = {presets}\n")), None);
            found.into_iter().map(|problem| problem.1).collect::<Vec<_>>()
        };
        assert_eq!(message("[\"grpcweb\"]"), ["there is no preset `grpcweb`"]);
        assert_eq!(preset("grpcweb").err(), Some(Some("grpc-web")));
        assert_eq!(preset("MCP").err(), Some(Some("mcp")));
        assert_eq!(preset("colours").err(), Some(None));
        assert_eq!(message("[1]"), ["expected the name of a preset, found a number"]);
        assert_eq!(message("\"mcp\""), ["expected a list of presets, found a string"]);
    }

    #[test]
    fn a_preset_does_not_make_a_star_go_with_credentials() {
        for (key, star) in
            [("origins", "*"), ("request_headers", "*"), ("exposed_headers", "*"), ("methods", "*")]
        {
            let text = route("credentials = true\npresets = [\"mcp\"]\n");
            let text = match key {
                "origins" => text.replace("https://a.example", star),
                key => format!("{text}{key} = [\"{star}\"]\n"),
            };
            assert_eq!(problems(&text, None).len(), 1, "{key}");
        }
    }
}
