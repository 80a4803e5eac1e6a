//! The kinds of sources, and how each is known by its content. A new source has its line here.

use corsgate_authoring::Source;

use crate::around::Around;
use crate::configuration::{self, xml};
use crate::javascript;
use crate::json;
use crate::model::Reading;
use crate::python;
use crate::server;
use crate::spring;

/// A kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `cors` for Express.
    Express,
    /// `hono/cors`.
    Hono,
    /// `@fastify/cors`.
    Fastify,
    /// `@koa/cors`.
    Koa,
    /// `enableCors` of NestJS.
    Nest,
    /// `headers` of Next.js.
    Next,
    /// `headers` of `vercel.json`.
    Vercel,
    /// CORS rules of a bucket or a CDN.
    Json,
    /// API Gateway of AWS, SAM, and function URLs.
    ApiGateway,
    /// App Service and Functions of Azure.
    Azure,
    /// `HTTPRoute` of the Kubernetes Gateway API.
    HttpRoute,
    /// Annotations of ingress-nginx.
    IngressNginx,
    /// `VirtualService` of Istio.
    Istio,
    /// Envoy.
    Envoy,
    /// Traefik.
    Traefik,
    /// The `cors` plugin of Kong.
    Kong,
    /// The `cors` plugin of APISIX.
    Apisix,
    /// A `ws` server that compares the origin of a handshake.
    Sockets,
    /// Spring: Java, and the properties of Spring Boot.
    Spring,
    /// Flask-CORS.
    Flask,
    /// django-cors-headers.
    Django,
    /// `CORSMiddleware` of FastAPI and Starlette.
    FastApi,
    /// `add_header` of nginx.
    Nginx,
    /// `Header` of Apache.
    Apache,
    /// `header` of Caddy.
    Caddy,
}

/// One line of the table of kinds.
struct Reader {
    kind: Kind,
    name: &'static str,
    about: &'static str,
    /// Endings of file names that may hold it.
    endings: &'static [&'static str],
    read: fn(&Source, Option<Kind>) -> Reading,
}

const SCRIPTS: &[&str] = &["js", "mjs", "cjs", "jsx", "ts", "mts", "cts", "tsx"];
const PYTHON: &[&str] = &["py", "pyi"];

const READERS: &[Reader] = &[
    Reader {
        kind: Kind::Express,
        name: "express",
        about: "`cors` for Express",
        endings: SCRIPTS,
        read: javascript::read,
    },
    Reader { kind: Kind::Hono, name: "hono", about: "`hono/cors`", endings: SCRIPTS, read: javascript::read },
    Reader {
        kind: Kind::Fastify,
        name: "fastify",
        about: "`@fastify/cors`",
        endings: SCRIPTS,
        read: javascript::read,
    },
    Reader { kind: Kind::Koa, name: "koa", about: "`@koa/cors`", endings: SCRIPTS, read: javascript::read },
    Reader {
        kind: Kind::Nest,
        name: "nest",
        about: "`enableCors` of NestJS",
        endings: SCRIPTS,
        read: javascript::read,
    },
    Reader {
        kind: Kind::Next,
        name: "next",
        about: "`headers` of `next.config.js`",
        endings: SCRIPTS,
        read: javascript::read,
    },
    Reader {
        kind: Kind::Vercel,
        name: "vercel",
        about: "`headers` of `vercel.json`",
        endings: &["json"],
        read: json::read,
    },
    Reader {
        kind: Kind::Json,
        name: "json",
        about: "CORS rules of a bucket or a CDN",
        endings: &["json", "yaml", "yml", "xml"],
        read: document,
    },
    Reader {
        kind: Kind::ApiGateway,
        name: "api-gateway",
        about: "API Gateway of AWS, SAM and function URLs",
        endings: DOCUMENTS,
        read: document,
    },
    Reader {
        kind: Kind::Azure,
        name: "azure",
        about: "App Service and Functions of Azure",
        endings: DOCUMENTS,
        read: document,
    },
    Reader {
        kind: Kind::HttpRoute,
        name: "http-route",
        about: "`HTTPRoute` of the Kubernetes Gateway API",
        endings: DOCUMENTS,
        read: document,
    },
    Reader {
        kind: Kind::IngressNginx,
        name: "ingress-nginx",
        about: "annotations of ingress-nginx",
        endings: DOCUMENTS,
        read: document,
    },
    Reader {
        kind: Kind::Istio,
        name: "istio",
        about: "`VirtualService` of Istio",
        endings: DOCUMENTS,
        read: document,
    },
    Reader {
        kind: Kind::Envoy,
        name: "envoy",
        about: "the CORS filter of Envoy",
        endings: DOCUMENTS,
        read: document,
    },
    Reader {
        kind: Kind::Traefik,
        name: "traefik",
        about: "the headers middleware of Traefik",
        endings: &["json", "yaml", "yml", "toml"],
        read: document,
    },
    Reader {
        kind: Kind::Kong,
        name: "kong",
        about: "the `cors` plugin of Kong",
        endings: DOCUMENTS,
        read: document,
    },
    Reader {
        kind: Kind::Apisix,
        name: "apisix",
        about: "the `cors` plugin of APISIX",
        endings: DOCUMENTS,
        read: document,
    },
    Reader {
        kind: Kind::Sockets,
        name: "ws",
        about: "a `ws` server that compares `Origin` at a handshake",
        endings: SCRIPTS,
        read: javascript::read,
    },
    Reader {
        kind: Kind::Spring,
        name: "spring",
        about: "Spring in Java, and the properties of Spring Boot and Spring Cloud Gateway",
        endings: &["java", "kt", "properties", "yml", "yaml"],
        read: spring::read,
    },
    Reader { kind: Kind::Flask, name: "flask", about: "Flask-CORS", endings: PYTHON, read: python::read },
    Reader {
        kind: Kind::Django,
        name: "django",
        about: "django-cors-headers",
        endings: PYTHON,
        read: python::read,
    },
    Reader {
        kind: Kind::FastApi,
        name: "fastapi",
        about: "`CORSMiddleware` of FastAPI and Starlette",
        endings: PYTHON,
        read: python::read,
    },
    Reader {
        kind: Kind::Nginx,
        name: "nginx",
        about: "`add_header` of nginx",
        endings: &["conf", "nginx"],
        read: server::read_nginx,
    },
    Reader {
        kind: Kind::Apache,
        name: "apache",
        about: "`Header` of Apache",
        endings: &["conf", "htaccess"],
        read: server::read_apache,
    },
    Reader {
        kind: Kind::Caddy,
        name: "caddy",
        about: "`header` of Caddy",
        endings: &["caddyfile"],
        read: server::read_caddy,
    },
];

/// Endings of YAML and JSON.
const DOCUMENTS: &[&str] = &["json", "yaml", "yml"];

/// Reads JSON, TOML and XML if it is that, and YAML otherwise.
fn document(source: &Source, only: Option<Kind>) -> Reading {
    match () {
        () if is_json(source) => json::read(source, only),
        () if is_toml(source) => configuration::read_toml(source, only),
        () if xml::is_xml(source) => xml::read(source, only),
        () => configuration::read(source, only),
    }
}

impl Kind {
    /// All, with their names and what they are.
    pub fn all() -> impl Iterator<Item = (Self, &'static str, &'static str)> {
        READERS.iter().map(|reader| (reader.kind, reader.name, reader.about))
    }

    /// The kind with a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        READERS.iter().find(|reader| reader.name == name).map(|reader| reader.kind)
    }

    /// Whether a file with this name may be a source, when a folder is searched.
    #[must_use]
    pub fn may_be_in(file: &str) -> bool {
        let ending = file.rsplit_once('.').map_or(file, |(_, ending)| ending).to_ascii_lowercase();
        READERS.iter().any(|reader| reader.endings.contains(&ending.as_str()))
    }
}

/// Reads a file as the kind that it is, or as the one that is named.
#[must_use]
pub fn read(source: &Source, only: Option<Kind>) -> Reading {
    let named = only.and_then(|only| READERS.iter().find(|reader| reader.kind == only));
    let read = named.map_or_else(|| found(source), |reader| reader.read);
    read(source, only)
}

/// What a file is part of.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// What it says; nothing if another file includes it, and has its say.
    pub reading: Reading,
    /// The paths of the files that it includes, as [`plain`](crate::plain) writes them, and whether each is about CORS.
    pub included: Vec<(String, bool)>,
}

/// Whether a file may include others, so that it is read with all of them by [`read_files`].
#[must_use]
pub fn is_configuration_in_files(source: &Source, only: Option<Kind>) -> bool {
    only.or_else(|| server::kind_of(source)) == Some(Kind::Nginx)
}

/// Reads files that may include each other, and files around them. `is_alone` says that nothing else is imported.
#[must_use]
pub fn read_files(sources: &[&Source], around: &dyn Around, is_alone: bool) -> Vec<Part> {
    server::read_nginx_files(sources, around, is_alone)
}

/// The reader for a text.
fn found(source: &Source) -> fn(&Source, Option<Kind>) -> Reading {
    if let Some(reader) = server::kind_of(source).and_then(|kind| READERS.iter().find(|it| it.kind == kind)) {
        return reader.read;
    }
    match () {
        () if xml::is_xml(source) => xml::read,
        () if spring::is_spring(source) => spring::read,
        () if is_json(source) => json::read,
        () if is_toml(source) => configuration::read_toml,
        () if python::is_python(source) => python::read,
        () if is_yaml(source) => configuration::read,
        () => javascript::read,
    }
}

/// JSON begins with a bracket or a brace and a quotation mark; scripts do not.
fn is_json(source: &Source) -> bool {
    let mut letters = source.text().trim_start_matches('\u{feff}').chars().filter(|it| !it.is_whitespace());
    matches!(
        (letters.next(), letters.next()),
        (Some('{'), Some('"' | '}')) | (Some('['), Some('{' | '"' | ']'))
    )
}

/// TOML has that ending, or begins with the name of a table in brackets.
fn is_toml(source: &Source) -> bool {
    let name = source.name().to_ascii_lowercase();
    if let Some((_, ending)) = name.rsplit_once('.')
        && READERS.iter().any(|reader| reader.endings.contains(&ending))
    {
        return ending == "toml";
    }
    let table = first_line(source).trim().strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    table.is_some_and(|key| {
        key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.\"'[] ".contains(&byte))
            && key.bytes().any(|byte| byte.is_ascii_alphabetic())
    })
}

/// The first line that is no comment.
fn first_line(source: &Source) -> &str {
    let is_content = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with(['#', '%', '{']);
    source.text().trim_start_matches('\u{feff}').lines().find(is_content).unwrap_or_default()
}

/// YAML has that ending, or begins with a key, an item or the mark of a document. A label of a script has a statement
/// behind it.
fn is_yaml(source: &Source) -> bool {
    let name = source.name().to_ascii_lowercase();
    if name.ends_with(".yaml") || name.ends_with(".yml") {
        return true;
    }
    if name.rsplit_once('.').is_some_and(|(_, ending)| SCRIPTS.contains(&ending)) {
        return false;
    }
    let first = first_line(source);
    let is_key = |key: &str| {
        !key.is_empty()
            && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./$\"'@ ".contains(&byte))
    };
    let line = first.trim_start().trim_start_matches("- ");
    first.starts_with("---")
        || first.trim_start().starts_with("- ")
        || line.split_once(':').is_some_and(|(key, rest)| {
            is_key(key)
                && (rest.is_empty() || rest.starts_with(' '))
                && !rest.trim_end().ends_with([';', '{', ','])
        })
}
