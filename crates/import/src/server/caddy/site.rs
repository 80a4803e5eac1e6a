//! The sites of a Caddyfile, and the paths that each tells apart.

use std::collections::HashMap;

use crate::model::PathSaid;
use crate::place::Place;
use crate::server::caddy::syntax::snippet;
use crate::server::directive::Directive;
use crate::server::hosts;

/// A path of a matcher.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Path {
    All,
    Exact(String),
    /// Everything that begins so.
    Begin(String),
    /// Another pattern.
    Other(String),
}

impl Path {
    pub(super) fn of(text: &str) -> Self {
        match text.strip_suffix('*') {
            _ if text == "*" || text == "/*" => Self::All,
            Some(begin) if begin.starts_with('/') && !begin.contains('*') => Self::Begin(begin.to_owned()),
            None if text.starts_with('/') => Self::Exact(text.to_owned()),
            _ => Self::Other(text.to_owned()),
        }
    }

    pub(super) fn said(&self) -> PathSaid {
        match self {
            Self::All => PathSaid::All,
            Self::Exact(path) => PathSaid::Exact(path.clone()),
            Self::Begin(begin) => PathSaid::Prefix(begin.clone()),
            Self::Other(text) => PathSaid::Other { text: text.clone(), nearest: None },
        }
    }

    /// A path that stands for those that nothing narrower has.
    pub(super) fn sample(&self) -> String {
        match self {
            Self::All => "/\u{3}".to_owned(),
            Self::Exact(path) => path.clone(),
            Self::Begin(begin) => format!("{}/\u{3}", begin.trim_end_matches('/')),
            Self::Other(text) => text.clone(),
        }
    }

    pub(super) fn has(&self, sample: &str) -> bool {
        match self {
            Self::All => true,
            Self::Exact(path) | Self::Other(path) => path == sample,
            Self::Begin(begin) => sample.starts_with(begin),
        }
    }
}

/// A path that is looked at by itself.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) path: Path,
    pub(super) place: Place,
}

/// A site.
#[derive(Debug)]
pub(super) struct Site<'t> {
    pub(super) names: Vec<String>,
    pub(super) directives: Vec<&'t Directive>,
    /// Named matchers.
    pub(super) matchers: HashMap<&'t str, &'t Directive>,
    /// The first is the site itself.
    pub(super) spots: Vec<Spot>,
    /// It is only a part of one: what is behind it is not known.
    pub(super) is_fragment: bool,
}

impl Site<'_> {
    /// Whether another path, which is not all, has all of a spot.
    pub(super) fn is_within_another(&self, spot: &Spot) -> bool {
        let sample = spot.path.sample();
        self.spots
            .iter()
            .any(|other| other.path != spot.path && other.path != Path::All && other.path.has(&sample))
    }
}

/// Directives that a site may have, as people paste them without one.
const DIRECTIVES: [&str; 12] = [
    "header",
    "handle",
    "handle_path",
    "route",
    "respond",
    "reverse_proxy",
    "root",
    "file_server",
    "encode",
    "import",
    "php_fastcgi",
    "redir",
];

pub(super) fn sites(root: &[Directive]) -> Vec<Site<'_>> {
    let is_part = |it: &Directive| it.name.starts_with('@') || DIRECTIVES.contains(&it.name.as_str());
    if root.iter().any(is_part) {
        // A site without braces begins with its addresses.
        let addresses =
            root.iter().take_while(|it| !is_part(it) && it.block.is_none() && snippet(it).is_none());
        let names: Vec<_> = addresses.flat_map(names).collect();
        let is_fragment = root.first().is_none_or(is_part) && names.is_empty();
        let directives = root.iter().filter(|it| snippet(it).is_none()).collect();
        return vec![site(names, directives, is_fragment)];
    }
    let is_site = |it: &&Directive| {
        it.block.is_some() && snippet(it).is_none() && !it.name.is_empty() && !it.name.starts_with('&')
    };
    let mut sites = Vec::new();
    let mut addresses = Vec::new();
    for directive in root {
        if is_site(&directive) {
            addresses.extend(names(directive));
            sites.push(site(core::mem::take(&mut addresses), directive.block().iter().collect(), false));
        } else if directive.block.is_none() {
            // Addresses may stand on several lines, with commas between them.
            addresses.extend(names(directive));
        }
    }
    sites
}

/// The hosts of the addresses on a line.
fn names(directive: &Directive) -> Vec<String> {
    let words = core::iter::once(directive.name.as_str())
        .chain(directive.words.iter().map(|word| word.text.as_str()));
    let addresses = words.flat_map(|word| word.split(',')).filter(|address| !address.is_empty());
    let host = |address: &str| {
        let address = address.rsplit("://").next().unwrap_or_default().to_owned();
        address.split(['/', ':']).next().unwrap_or_default().to_owned()
    };
    addresses.flat_map(|address| hosts(&host(address))).collect()
}

fn site<'t>(names: Vec<String>, directives: Vec<&'t Directive>, is_fragment: bool) -> Site<'t> {
    let place = directives.first().map_or_else(|| Place::whole(""), |first| first.place.clone());
    let mut site = Site {
        names,
        matchers: HashMap::new(),
        spots: vec![Spot { path: Path::All, place }],
        is_fragment,
        directives: directives.clone(),
    };
    let mut open = directives;
    open.reverse();
    while let Some(directive) = open.pop() {
        let mut paths = Vec::new();
        if let Some(name) = directive.name.strip_prefix('@') {
            site.matchers.entry(name).or_insert(directive);
        }
        let own = if directive.name.starts_with('@') { 0 } else { usize::MAX };
        let is_path = directive.is("path") || directive.word(own) == "path";
        if is_path {
            paths
                .extend(directive.words.iter().map(|word| word.text.as_str()).filter(|word| *word != "path"));
        } else if !directive.name.starts_with('@') && directive.word(0).starts_with('/') {
            paths.push(directive.word(0));
        }
        for path in paths {
            let path = Path::of(path);
            if !site.spots.iter().any(|spot| spot.path == path) {
                site.spots.push(Spot { path, place: directive.place.clone() });
            }
        }
        open.extend(directive.block().iter().rev());
    }
    site
}
