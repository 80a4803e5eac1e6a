//! `policy.toml`, with the place of each entry in a comment.

use core::fmt::Write as _;
use std::collections::{HashMap, HashSet};

use corsgate_authoring::{MAX_ROUTES, Severity, Source, compile};
use corsgate_policy::policy::document::Mode;
use thiserror::Error;

use crate::carry::{Carried, Cors, Listed, Proposal, Route, closing};
use crate::place::Place;
use crate::report::{About, Class, Finding};
use crate::write::placed::placed;
use crate::write::{Target, cases, quoted};

/// The two files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written {
    /// `policy.toml`.
    pub policy: String,
    /// `policy.test.toml`.
    pub cases: String,
    /// What became of routes on the hosts of the target, beside what was carried over.
    pub findings: Vec<Finding>,
}

/// Why nothing can be written.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The policy that would be written has an error.
    #[error("the policy that would be written has an error: {0}")]
    Unsound(String),
    /// A policy has no more than [`MAX_ROUTES`] routes.
    #[error("the policy would have {0} routes, and can have {MAX_ROUTES}: import fewer files at a time")]
    TooManyRoutes(usize),
    /// The policy to merge into has an error.
    #[error("the policy to merge into has an error: {0}")]
    Broken(String),
    /// The policy to merge into has no place for the routes.
    #[error("{0}")]
    Unmergeable(String),
}

/// Writes the policy and its cases.
///
/// # Errors
/// When the result would not compile, which is a mistake of this program.
pub fn written(carried: &Carried, target: &Target) -> Result<Written, WriteError> {
    let mut text = String::from(
        "# Written by `corsgate import`. `policy.test.toml` has cases that pin what was carried over.\n\
         # Comments name the line that asked for an entry; what was left out is commented out, with the reason.\n\n\
         version = 1\n\n[upstreams]\n",
    );
    let upstream = if target.upstream.is_none() { " # a placeholder: write the URL of your API" } else { "" };
    let placeholder =
        if target.hosts.is_empty() { " # a placeholder: write the public host of your API" } else { "" };
    line(&mut text, &format!("api = {}{upstream}", quoted(target.upstream())));
    text.push_str("\n[defaults]\n");
    let (routes, findings) = placed(&carried.routes, target);
    if routes.len() > MAX_ROUTES {
        return Err(WriteError::TooManyRoutes(routes.len()));
    }
    if routes.iter().any(|route| route.hosts.is_empty()) {
        line(&mut text, &format!("hosts    = [{}]{placeholder}", list(&target.hosts())));
    }
    line(&mut text, "upstream = \"api\"");
    if target.mode == Mode::Report {
        line(
            &mut text,
            concat!(
                "# The source still decides; remove this line to enforce: ",
                env!("CARGO_PKG_REPOSITORY"),
                "/blob/main/docs/taking-over.md\nmode     = \"report\""
            ),
        );
    }
    let told = told(carried, &findings);
    for route in &routes {
        write_route(&mut text, route, &told, None);
    }
    sound(&text)?;
    Ok(Written { policy: text, cases: cases::cases(&routes, target), findings })
}

/// The findings about each route.
type Told<'c> = HashMap<&'c str, Vec<&'c Finding>>;

fn told<'c>(carried: &'c Carried, more: &'c [Finding]) -> Told<'c> {
    let mut told = Told::new();
    for finding in carried.findings.iter().chain(more) {
        if let Some(route) = &finding.route {
            told.entry(route).or_default().push(finding);
        }
    }
    told
}

fn sound(text: &str) -> Result<(), WriteError> {
    let source = Source::from_bytes("policy.toml", text.as_bytes().to_vec());
    let source = source.map_err(|error| WriteError::Unsound(error.to_string()))?;
    compile(&source, None).map(|_| ()).map_err(|report| WriteError::Unsound(first(&report, &source)))
}

fn first(report: &corsgate_authoring::Report, source: &Source) -> String {
    let errors = report.findings().iter().filter(|finding| finding.severity == Severity::Error);
    let finding = errors.chain(report.findings()).next();
    finding.map_or_else(String::new, |finding| {
        let line = finding.span().map_or(0, |span| source.line(span.start));
        format!("line {line}: {} ({})", crate::shown::line(&finding.message), finding.code)
    })
}

/// Adds the routes to a policy. They do not inherit what its `[defaults]` say about CORS.
///
/// # Errors
/// When the policy has errors, or would have some with the routes.
pub fn merged(policy: &Source, carried: &Carried, target: &Target) -> Result<Written, WriteError> {
    let before = compile(policy, None).map_err(|report| WriteError::Broken(first(&report, policy)))?;
    let mut text = policy.text().to_owned();
    let upstream = target.upstream();
    let upstreams = &before.document.upstreams;
    let known = upstreams.iter().find(|(_, url)| url.as_str() == upstream).map(|(name, _)| name.clone());
    let name = match (known, upstreams.keys().next()) {
        (Some(name), _) => name,
        // The source names none: that of the policy is meant, if there is one only.
        (None, Some(only)) if target.upstream.is_none() && upstreams.len() == 1 => only.clone(),
        _ => insert_upstream(&mut text, upstream)?,
    };
    let mut carried = carried.clone();
    let findings;
    (carried.routes, findings) = placed(&carried.routes, target);
    // The paths that the source gives no CORS are not the business of this policy.
    carried.routes.retain(|route| route.place.is_some());
    let names: HashSet<_> = before.document.routes.iter().map(|route| route.name.as_str()).collect();
    for route in &mut carried.routes {
        let base = route.name.clone();
        let taken = |name: &str| names.contains(name);
        let mut number = 2;
        while taken(&route.name) {
            route.name = format!("{base}-imported-{number}");
            number += 1;
        }
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text.push_str("\n# Added by `corsgate import`.\n");
    let told = told(&carried, &findings);
    for route in &carried.routes {
        write_route(&mut text, route, &told, Some((&name, target)));
    }
    let source = Source::from_bytes("policy.toml", text.clone().into_bytes());
    let source = source.map_err(|error| WriteError::Unmergeable(error.to_string()))?;
    compile(&source, None).map_err(|report| {
        WriteError::Unmergeable(format!(
            "with the routes, the policy has an error: {}",
            first(&report, &source)
        ))
    })?;
    Ok(Written { policy: text, cases: cases::cases(&carried.routes, target), findings })
}

/// Adds an upstream behind the line `[upstreams]`.
fn insert_upstream(text: &mut String, url: &str) -> Result<String, WriteError> {
    let header = text
        .match_indices("[upstreams]")
        .map(|(at, _)| at)
        .find(|at| text.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with('\n')));
    let end = header.and_then(|at| text.get(at..)?.find('\n').map(|length| at + length + 1));
    let Some(end) = end else {
        let sentence = "the policy has no line `[upstreams]` to add the upstream to: add it, and name it with `--upstream`";
        return Err(WriteError::Unmergeable(sentence.to_owned()));
    };
    let name =
        (1..).map(|number| if number == 1 { "imported".to_owned() } else { format!("imported-{number}") });
    let name = name.into_iter().find(|name| !text.contains(&format!("{name} "))).unwrap_or_default();
    text.insert_str(end, &format!("{name} = {}\n", quoted(url)));
    Ok(name)
}

fn line(text: &mut String, line: &str) {
    // Writing to a string does not fail.
    let _written = writeln!(text, "{}", line.trim_end());
}

fn list<'l>(entries: impl IntoIterator<Item = &'l String>) -> String {
    entries.into_iter().map(|entry| quoted(entry)).collect::<Vec<_>>().join(", ")
}

/// One route. With an upstream and a target, it says everything itself.
fn write_route(text: &mut String, route: &Route, told: &Told<'_>, explicit: Option<(&str, &Target)>) {
    let mut block = String::new();
    let findings = told.get(route.name.as_str()).into_iter().flatten();
    match &route.place {
        Some(place) => line(&mut block, &format!("# {}, {place}.", route.what)),
        None => line(&mut block, "# What the source gives no CORS. Without a route, requests get 404."),
    }
    for finding in findings.filter(|finding| finding.class != Class::Same) {
        line(
            &mut block,
            &format!(
                "# {}: {}: {} ({}).",
                finding.class.name(),
                finding.about.name(),
                finding.message,
                finding.place
            ),
        );
    }
    if route.what == closing::WHAT {
        line(&mut block, "# If no page may read it, remove the `#` before these lines and before its case.");
    }
    line(&mut block, "[[routes]]");
    line(&mut block, &format!("name = {}", quoted(&route.name)));
    line(&mut block, &format!("path = {}", quoted(&route.path)));
    match explicit {
        _ if !route.hosts.is_empty() => line(&mut block, &format!("hosts = [{}]", list(&route.hosts))),
        Some((_, target)) => line(&mut block, &format!("hosts = [{}]", list(&target.hosts()))),
        None => {}
    }
    if let Some((upstream, target)) = explicit {
        line(&mut block, &format!("upstream = {}", quoted(upstream)));
        let mode = if target.mode == Mode::Report { "report" } else { "enforce" };
        line(&mut block, &format!("mode = \"{mode}\""));
    }
    write_cors(&mut block, &route.cors, explicit.is_some());
    text.push('\n');
    for written in block.lines() {
        match route.is_proposed && !written.starts_with('#') {
            true => line(text, &format!("# {written}")),
            false => line(text, written),
        }
    }
}

fn write_cors(text: &mut String, cors: &Cors, is_explicit: bool) {
    let proposals = |about: About| cors.proposals.iter().filter(move |it| it.about == about);
    let has_origins = cors.any_origin.is_some() || !cors.origins.is_empty();
    if !has_origins {
        line(text, "cors = false # no other origin is allowed");
        if cors.proposals.is_empty()
            && cors.methods.is_empty()
            && cors.request_headers.is_empty()
            && cors.credentials.is_none()
        {
            return;
        }
        // The rest of the rule waits for its origins.
        let mut waiting = String::new();
        line(&mut waiting, "[routes.cors] # in place of the line above, once there are origins");
        write_list(&mut waiting, "origins", &[], proposals(About::Origins), true);
        write_rest(&mut waiting, cors, is_explicit);
        for waiting in waiting.lines() {
            line(text, &format!("# {}", waiting.trim_start_matches("# ")));
        }
        return;
    }
    line(text, "[routes.cors]");
    let any =
        cors.any_origin.iter().map(|place| Listed { text: "*".to_owned(), places: vec![place.clone()] });
    let any: Vec<_> = any.collect();
    let origins = if any.is_empty() { cors.origins.as_slice() } else { any.as_slice() };
    write_list(text, "origins", origins, proposals(About::Origins), true);
    write_rest(text, cors, is_explicit);
}

fn write_rest(text: &mut String, cors: &Cors, is_explicit: bool) {
    let methods = cors.proposals.iter().filter(|it| it.about == About::Methods);
    write_list(text, "methods", &cors.methods, methods, is_explicit);
    write_list(text, "request_headers", &cors.request_headers, core::iter::empty(), is_explicit);
    write_list(text, "exposed_headers", &cors.exposed_headers, core::iter::empty(), is_explicit);
    match &cors.credentials {
        Some(place) => line(text, &format!("credentials = true # {place}")),
        None if is_explicit => line(text, "credentials = false"),
        None => {}
    }
    if cors.enforce_methods || is_explicit {
        line(text, &format!("enforce_methods = {}", cors.enforce_methods));
    }
    match &cors.max_age {
        Some((seconds, place)) => line(text, &format!("max_age = {seconds} # {place}")),
        None if is_explicit => line(text, "max_age = 5 # as browsers have it without one"),
        None => {}
    }
    if is_explicit {
        line(text, "presets = []");
    }
}

fn write_list<'p>(
    text: &mut String,
    key: &str,
    entries: &[Listed],
    proposals: impl Iterator<Item = &'p Proposal>,
    even_if_empty: bool,
) {
    let proposals: Vec<_> = proposals.collect();
    if entries.is_empty() && proposals.is_empty() {
        if even_if_empty {
            line(text, &format!("{key} = []"));
        }
        return;
    }
    line(text, &format!("{key} = ["));
    for entry in entries {
        line(text, &format!("  {}, # {}", quoted(&entry.text), places(&entry.places)));
    }
    for proposal in proposals {
        line(text, &format!("  # {}, # {}: {}", quoted(&proposal.text), proposal.place, proposal.because));
    }
    line(text, "]");
}

/// The most places that a comment names.
const MOST_PLACES: usize = 3;

fn places(places: &[Place]) -> String {
    let named: Vec<_> = places.iter().take(MOST_PLACES).map(ToString::to_string).collect();
    match places.len().saturating_sub(MOST_PLACES) {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
