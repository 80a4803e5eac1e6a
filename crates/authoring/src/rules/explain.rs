//! Explains a broken rule as a finding about the file.

use corsgate_policy::grammar::token::TokenError;
use corsgate_policy::origin::OriginError;
use corsgate_policy::path::PathError;
use corsgate_policy::policy::upstream::UpstreamError;
use corsgate_policy::policy::violation::{DocumentPath, Problem, Step, Violation};
use toml::Spanned;
use toml::de::DeValue;

use crate::file::Reading;
use crate::finding::{Finding, Span};
use crate::mistakes;
use crate::rules::repair::{self, Repair};
use crate::rules::{culprit, order};
use crate::source::Source;

/// The finding for a problem, at the place of its value in the file. `None` if the document only holds a stand-in
/// there: that mistake was reported when the file was read.
pub(crate) fn explain(problem: &Problem, reading: &Reading, source: &Source) -> Option<Finding> {
    let Problem { place, violation } = problem;
    if reading.spans.get(place).is_some_and(|tree| tree.broken) {
        return None;
    }
    let span = subject(problem, reading);
    let text = span.as_ref().and_then(|span| written(span, source));
    let mut finding =
        Finding::new(mistakes::of(violation), sentence(violation)).at(span.clone(), label(violation));
    for (span, text) in contexts(problem, reading, source, text.as_deref()) {
        finding = finding.at(Some(span), text);
    }
    let repair = match violation {
        Violation::Unreachable(name) => Some(Repair::Consider(order::advice(place, name, &reading.document))),
        _ => text
            .and_then(|text| repair::repair(violation, &text, in_list(problem, reading), &reading.document)),
    };
    Some(match (repair, span) {
        (Some(Repair::Write(replacement)), Some(span)) => finding.fix(span, replacement),
        (Some(Repair::Consider(help)), _) => finding.help(help),
        _ => finding,
    })
}

/// The span of the finding's subject.
fn subject(problem: &Problem, reading: &Reading) -> Option<Span> {
    let Problem { place, violation } = problem;
    let tree = reading.spans.get(place);
    let within = |key: &str| tree?.child(key)?.span.clone();
    let of_part = match violation {
        Violation::Expires(_) => within("expires"),
        _ if is_about_name(violation) => tree.and_then(|tree| tree.name.clone()),
        _ => within("origin"),
    };
    of_part.or_else(|| reading.spans.nearest_span(place).cloned())
}

/// Whether the value is in a list that can have more elements; for a name, whether it is a key.
fn in_list(problem: &Problem, reading: &Reading) -> bool {
    match (&problem.violation, problem.place.steps()) {
        (Violation::Name, [.., Step::Key(key)]) => !matches!(key.as_str(), "name" | "kv" | "kv_keys"),
        (_, steps) => {
            let tree = reading.spans.get(&problem.place);
            let in_table = tree.is_some_and(|tree| tree.child("origin").is_some());
            matches!(steps.last(), Some(Step::Index(_))) && !in_table
        }
    }
}

/// Whether a violation at an entry of a table is about the entry's key.
fn is_about_name(violation: &Violation) -> bool {
    matches!(
        violation,
        Violation::Name | Violation::Token(_) | Violation::OwnedHeader | Violation::OwnedRequestHeader
    )
}

/// The value that breaks the rule, without the quotes of a string.
fn written(span: &Span, source: &Source) -> Option<String> {
    let text = source.text().get(span.clone())?;
    match DeValue::parse(text).map(Spanned::into_inner) {
        Ok(DeValue::String(text)) => Some(text.into_owned()),
        // A key can have no quotes.
        _ => Some(text.to_owned()),
    }
}

/// What is wrong. An upstream shares its grammar with origins and routes, but not all of their sentences.
fn sentence(violation: &Violation) -> String {
    let of_upstream = match violation {
        Violation::Upstream(UpstreamError::Origin(OriginError::Userinfo)) => {
            "an upstream has no user name or password"
        }
        Violation::Upstream(UpstreamError::Origin(OriginError::DefaultPort)) => {
            "an upstream is written without the default port"
        }
        Violation::Upstream(UpstreamError::Base(PathError::Wildcard)) => {
            "the base path of an upstream has no `*`"
        }
        Violation::Upstream(UpstreamError::Base(PathError::Parameters)) => {
            "the base path of an upstream cannot contain `;`"
        }
        Violation::Upstream(UpstreamError::Base(PathError::NotOnlyPath)) => {
            "an upstream has no query and no fragment"
        }
        Violation::Upstream(UpstreamError::Base(PathError::DotSegment)) => {
            "the base path of an upstream has no `.` and `..`"
        }
        _ => return violation.to_string(),
    };
    of_upstream.to_owned()
}

/// The text of the label at the subject.
fn label(violation: &Violation) -> &'static str {
    match violation {
        Violation::Version(_) => "unsupported version",
        Violation::Name => "not a name",
        Violation::DuplicateName => "again here",
        Violation::Pattern(_) => "not an origin pattern",
        Violation::Host(_) => "not a host",
        Violation::Path(_) => "not a path",
        Violation::Upstream(_) => "not an upstream",
        Violation::UnknownUpstream(_) => "not in `[upstreams]`",
        Violation::UnknownAllowlist(_) => "not in `[allowlists]`",
        Violation::Unreachable(_) => "never reached",
        Violation::NoOrigins => "no origins",
        Violation::CredentialsWithAnyOrigin => "any origin",
        Violation::CredentialsWithWildcard => "any name",
        Violation::CredentialsWithAnyPort => "any port",
        Violation::AnyExtension | Violation::CredentialsWithAnyExtension => "every extension",
        Violation::InsecureOrigin | Violation::CredentialsWithInsecureOrigin => "not `https`",
        Violation::Token(TokenError::StrayWildcard) => "a `*` in the middle",
        Violation::Token(TokenError::ReservedFamily) => "too wide a family",
        Violation::Token(TokenError::ForbiddenMethod) => "a forbidden method",
        Violation::Token(TokenError::NotToken) => "not a token",
        Violation::Secret => "not a reference to a secret",
        Violation::OwnSecret => "the gateway's own",
        Violation::OwnedHeader | Violation::OwnedRequestHeader => "a policy cannot change this header",
        Violation::LimitKey => "not a key",
        Violation::SecurityValue(_) => "not one of these values",
        _ => "",
    }
}

/// Other places that explain the violation.
fn contexts(
    problem: &Problem,
    reading: &Reading,
    source: &Source,
    text: Option<&str>,
) -> Vec<(Span, String)> {
    let Problem { place, violation } = problem;
    let top = DocumentPath::default();
    let span_of = |place: &DocumentPath| reading.spans.get(place)?.span.clone();
    let mut contexts = Vec::new();
    match violation {
        Violation::Unreachable(name) => {
            let position = reading.document.routes.iter().position(|route| route.name == *name);
            let span = position.and_then(|at| span_of(&top.key("routes").index(at).key("path")));
            contexts.extend(span.map(|span| (span, format!("route `{name}` matches them"))));
            let hosts = position.and_then(|at| span_of(&top.key("routes").index(at).key("hosts")));
            contexts.extend(hosts.map(|span| (span, "on these hosts".to_owned())));
        }
        Violation::DuplicateName => {
            let first = first_of_name(place, reading, source);
            contexts.extend(first.map(|span| (span, "the first".to_owned())));
        }
        Violation::CredentialsWithAnyOrigin
        | Violation::CredentialsWithWildcard
        | Violation::CredentialsWithAnyExtension
        | Violation::CredentialsWithInsecureOrigin
        | Violation::CredentialsWithAnyPort
        | Violation::CredentialsWithSharedKeys => {
            let credentials = cors_of(place).and_then(|cors| span_of(&cors.key("credentials")));
            contexts.extend(credentials.map(|span| (span, "with credentials".to_owned())));
        }
        _ => {}
    }
    if let Some(list) = text.and_then(|text| text.strip_prefix('@')) {
        let culprit = cors_of(place).and_then(|cors| culprit::find(&cors, list, violation, reading));
        contexts.extend(culprit.and_then(|place| span_of(&place)).map(|span| (span, "this one".to_owned())));
    }
    if reading.spans.is_inherited(place)
        && let [routes @ Step::Key(_), Step::Index(at), ..] = place.steps()
        && *routes == Step::Key("routes".to_owned())
        && let Some(route) = reading.document.routes.get(*at)
    {
        let span = span_of(&top.key("routes").index(*at).key("name"));
        contexts.extend(span.map(|span| (span, format!("inherited by route `{}`", route.name))));
    }
    contexts
}

/// The place of the CORS rules that enclose a place.
fn cors_of(place: &DocumentPath) -> Option<DocumentPath> {
    let mut place = place.clone();
    while !place.is_top() {
        if matches!(place.steps().last(), Some(Step::Key(key)) if key == "cors" || key == "default_cors") {
            return Some(place);
        }
        place = place.parent();
    }
    None
}

/// The span of the first table in the same list with the same name.
fn first_of_name(place: &DocumentPath, reading: &Reading, source: &Source) -> Option<Span> {
    let list = place.parent().parent();
    let text = |span: &Span| source.text().get(span.clone());
    let name = text(reading.spans.get(place)?.span.as_ref()?)?;
    let tables = (0..).map_while(|at| reading.spans.get(&list.index(at)));
    let spans = tables.filter_map(|table| table.child("name")?.span.clone());
    spans.into_iter().find(|span| text(span) == Some(name))
}
