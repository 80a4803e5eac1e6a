//! The risk of allowing an origin.

use std::collections::BTreeSet;

use corsgate_authoring::{domains, letters};
use corsgate_policy::grammar::host::is_loopback;
use corsgate_policy::origin::pattern::{OriginPattern, PortPattern};
use corsgate_policy::policy::document::{AllowlistDocument, CorsDocument, Document, EntryDocument};

use crate::change::Risk;

/// The most domains that a new one is compared with letter by letter. More would make a long list slow.
const MOST_COMPARED: usize = 2000;

/// The registered domains that a policy already lists.
#[derive(Debug, Default)]
pub(crate) struct ListedDomains {
    domains: BTreeSet<String>,
}

impl ListedDomains {
    /// Collects the domains of all routes and lists of a policy.
    pub(crate) fn of(document: &Document) -> Self {
        let rules = document.routes.iter().filter_map(|route| route.cors.as_ref());
        let inline = rules.chain(&document.default_cors).map(|cors: &CorsDocument| cors.origins.as_slice());
        let lists = document.allowlists.values().filter_map(|list| match list {
            AllowlistDocument::Entries(entries) => Some(entries.as_slice()),
            _ => None,
        });
        let mut all = Self::default();
        all.add(inline.chain(lists).flatten());
        all
    }

    /// Adds the domains of more entries.
    pub(crate) fn add<'e>(&mut self, entries: impl IntoIterator<Item = &'e EntryDocument>) {
        for entry in entries {
            let Ok(pattern) = OriginPattern::parse(entry.origin()) else { continue };
            if let Some(domain) = domains::registrable_domain(pattern.form().host) {
                self.domains.insert(domain.to_owned());
            }
        }
    }
}

/// The risk of a new entry, and the reason.
pub(crate) fn of_entry(text: &str, credentials: bool, known: &ListedDomains) -> (Risk, String) {
    let Ok(pattern) = OriginPattern::parse(text) else {
        return (Risk::High, "nothing is known about it".to_owned());
    };
    let form = pattern.form();
    let mut reasons: Vec<(Risk, String)> = Vec::new();
    let mut say = |risk, why: &str| reasons.push((risk, why.to_owned()));
    let loopback = is_loopback(form.host);
    if loopback {
        say(Risk::Medium, "any program on the visitor's machine can serve pages there");
    } else if form.is_insecure() {
        say(Risk::High, "an attacker on the network can replace a page that is loaded over `http`");
    }
    if form.subdomains {
        let risk = if credentials { Risk::High } else { Risk::Medium };
        say(risk, "one subdomain that an attacker takes over is enough");
    }
    if form.port == PortPattern::Any && !loopback {
        say(Risk::Medium, "every program that listens on a port of the host is allowed");
    }
    if form.is_any_extension() {
        // Firefox gives each installation of an extension an origin of its own, so this is no single one.
        say(Risk::High, "it allows every extension of Firefox");
    } else if !matches!(form.scheme, "https" | "http") {
        say(Risk::Medium, "the origin belongs to an app or an extension, so no domain says whose it is");
    }
    if let Some(why) = letters::homograph(form.host).filter(|_| matches!(form.scheme, "https" | "http")) {
        say(Risk::High, &why);
    } else if form.host.split('.').any(|label| label.starts_with("xn--")) {
        say(Risk::Medium, "the name has letters of another script, and may look like another name");
    }
    if let Some(why) = domains::many_owners(&form) {
        say(Risk::High, &why);
    }
    match domains::registrable_domain(form.host) {
        Some(domain) if !known.domains.contains(domain) => {
            let listed = known.domains.iter().take(MOST_COMPARED).map(String::as_str);
            match domains::look_alike(domain, listed) {
                Some(other) => say(Risk::High, &format!("`{domain}` looks like `{other}`, which is listed")),
                None => say(Risk::Medium, &format!("no origin of `{domain}` was listed before")),
            }
        }
        Some(domain) => say(Risk::Low, &format!("`{domain}` is already listed")),
        None => {}
    }
    let risk = reasons.iter().map(|(risk, _)| *risk).max().unwrap_or(Risk::Medium);
    // Highest risk first.
    reasons.sort_by_key(|(risk, _)| core::cmp::Reverse(*risk));
    let grave = reasons.iter().filter(|(reason, _)| *reason > Risk::Low || risk == Risk::Low);
    let why: Vec<_> = grave.map(|(_, why)| why.as_str()).collect();
    let why = if why.is_empty() { "its host has no registered domain".to_owned() } else { why.join("; ") };
    (risk, why)
}
