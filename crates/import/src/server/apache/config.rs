//! The hosts of a configuration, and the sections that apply to a path.

use crate::expression::Expression;
use crate::model::PathSaid;
use crate::paths;
use crate::place::{Place, Said};
use crate::server::directive::Directive;
use crate::server::hosts as host_names;

/// The requests that a section is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Section {
    /// `<Location /x>`: this path and what is below it.
    Location(String),
    /// What a path alone does not tell: `<FilesMatch>`, `<LocationMatch>`, a folder that has no path.
    Other(String),
    /// `<If>` and `<ElseIf>`.
    If(String),
    /// A section whose condition is not about requests, or is not known, as a noun.
    Doubt(String),
    /// `<LimitExcept>` and `<Limit>`, which restrict access only.
    Methods { are_listed: bool, names: Vec<String> },
}

/// A directive with the sections around it.
#[derive(Clone, Debug)]
pub(super) struct Applied<'t> {
    pub(super) directive: &'t Directive,
    pub(super) sections: Vec<Section>,
    /// Sections are merged in this order (core, "How the sections are merged").
    order: u8,
}

/// A path, or another part of the requests, that is looked at by itself.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    pub(super) section: Option<Section>,
    pub(super) place: Place,
}

/// A virtual host, or the main server.
#[derive(Debug, Default)]
pub(super) struct Host<'t> {
    pub(super) names: Vec<String>,
    pub(super) applied: Vec<Applied<'t>>,
    /// The first is the host itself.
    pub(super) spots: Vec<Spot>,
    pub(super) includes: Vec<Said<String>>,
    /// The only folder, which is taken for the one that is served.
    pub(super) folder: Option<Said<String>>,
}

impl Spot {
    pub(super) fn path(&self) -> PathSaid {
        match &self.section {
            None => PathSaid::All,
            Some(Section::Location(path)) if path == "/" => PathSaid::All,
            Some(Section::Location(path)) => PathSaid::Prefix(path.clone()),
            Some(Section::Other(text) | Section::If(text) | Section::Doubt(text)) => {
                // Only an expression for paths begins so.
                let nearest = paths::around(text).filter(|_| text.starts_with("^/"));
                PathSaid::Other { text: text.clone(), nearest }
            }
            Some(Section::Methods { .. }) => PathSaid::All,
        }
    }

    /// Whether a section applies to it; `None` if that depends on the request.
    pub(super) fn has(&self, section: &Section) -> bool {
        match (section, &self.section) {
            (Section::Location(wide), Some(Section::Location(own))) => is_below(own, wide),
            (Section::Location(wide), _) => wide == "/",
            (other, Some(own)) => other == own,
            (_, None) => false,
        }
    }
}

fn is_below(path: &str, wide: &str) -> bool {
    let wide = wide.trim_end_matches('/');
    path.strip_prefix(wide).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

impl Host<'_> {
    /// Whether another section, which is not for all paths, has all paths of a spot.
    pub(super) fn is_within_another(&self, spot: &Spot) -> bool {
        let Some(Section::Location(path)) = &spot.section else { return false };
        self.spots.iter().any(|other| match &other.section {
            Some(Section::Location(wide)) => wide != path && wide != "/" && is_below(path, wide),
            _ => false,
        })
    }
}

/// The hosts: virtual ones, each with what the main server says, and the main server if it has none.
pub(super) fn hosts(root: &[Directive]) -> Vec<Host<'_>> {
    let virtual_hosts: Vec<_> = flat(root).into_iter().filter(|it| it.is("VirtualHost")).collect();
    if virtual_hosts.is_empty() {
        return vec![host(&[root])];
    }
    virtual_hosts.into_iter().map(|directive| host(&[root, directive.block()])).collect()
}

/// Directives with those of the sections that only ask whether a module is there.
fn flat(directives: &[Directive]) -> Vec<&Directive> {
    let mut all = Vec::new();
    let mut open: Vec<_> = directives.iter().rev().collect();
    while let Some(directive) = open.pop() {
        match directive.is("IfModule") && !directive.word(0).starts_with('!') {
            true => open.extend(directive.block().iter().rev()),
            false => all.push(directive),
        }
    }
    all
}

fn host<'t>(levels: &[&'t [Directive]]) -> Host<'t> {
    let mut host = Host::default();
    let all: Vec<_> = levels.iter().flat_map(|level| flat(level)).collect();
    let named = all.iter().filter(|it| it.is("ServerName") || it.is("ServerAlias"));
    let names: Vec<_> = named.flat_map(|it| &it.words).collect();
    // A name may have a scheme and a port.
    host.names = names
        .into_iter()
        .map(|word| word.text.rsplit("://").next().unwrap_or_default())
        .flat_map(|name| host_names(name.split(':').next().unwrap_or_default()))
        .collect();
    host.names.dedup();
    let root =
        all.iter().find(|it| it.is("DocumentRoot")).map(|it| it.word(0).trim_end_matches('/').to_owned());
    let root = match root {
        Some(root) => Root::Named(root),
        None => Root::unnamed(&all, levels.len() > 1),
    };
    let place =
        all.iter().find(|it| !it.is("VirtualHost")).map_or_else(|| Place::whole(""), |it| it.place.clone());
    host.spots.push(Spot { section: None, place });
    let mut open: Vec<(&'t Directive, Vec<Section>, u8)> =
        all.into_iter().rev().filter(|it| !it.is("VirtualHost")).map(|it| (it, Vec::new(), 0)).collect();
    while let Some((directive, sections, order)) = open.pop() {
        if directive.block.is_none() {
            if directive.is("Include") || directive.is("IncludeOptional") {
                host.includes.push(Said::new(directive.word(0).to_owned(), &directive.place));
            }
            host.applied.push(Applied { directive, sections, order });
            continue;
        }
        if matches!(root, Root::Only) && directive.is("Directory") && host.folder.is_none() {
            host.folder = Some(Said::new(directive.word(0).to_owned(), &directive.place));
        }
        let Some((found, order)) = section(directive, &root, order) else { continue };
        for within in found {
            if let Some(own) = within
                .clone()
                .filter(|it| !matches!(it, Section::Methods { .. } | Section::If(_) | Section::Doubt(_)))
                && !host.spots.iter().any(|spot| spot.section.as_ref() == Some(&own))
            {
                host.spots.push(Spot { section: Some(own), place: directive.place.clone() });
            }
            let sections: Vec<_> = sections.iter().cloned().chain(within).collect();
            open.extend(directive.block().iter().rev().map(|it| (it, sections.clone(), order)));
        }
    }
    host.applied.sort_by_key(|applied| applied.order);
    host
}

/// What a section is for, in one or more parts, and when it is merged; `None` if it never applies.
fn section(directive: &Directive, root: &Root, order: u8) -> Option<(Vec<Option<Section>>, u8)> {
    let text = || directive.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>().join(" ");
    let is_expression = directive.word(0) == "~";
    let first = directive.word(usize::from(is_expression)).to_owned();
    let by_expression = || {
        let found = Expression::pcre(&first, false).ok().and_then(|it| paths::of_expression(&it));
        let named = found.map(|paths| {
            let section = |path: PathSaid| match path {
                // `^/api` also matches `/apix`, and `<Location "/api">` does not.
                PathSaid::Prefix(path) if path.ends_with('/') => Section::Location(path),
                PathSaid::All => Section::Location("/".to_owned()),
                _ => Section::Other(first.clone()),
            };
            paths.into_iter().map(|path| Some(section(path))).collect()
        });
        named.unwrap_or_else(|| vec![Some(Section::Other(first.clone()))])
    };
    let methods = |are_listed| Section::Methods {
        are_listed,
        names: directive.words.iter().map(|word| word.text.to_ascii_uppercase()).collect(),
    };
    let name = directive.name.to_ascii_lowercase();
    Some(match name.as_str() {
        "location" if !is_expression && !first.contains(['*', '?', '[']) => {
            (vec![Some(Section::Location(first))], 4)
        }
        "location" | "locationmatch" => (by_expression(), 4),
        "directory" if !is_expression => (vec![folder(&first, root)], 1),
        "directory" | "directorymatch" => (vec![Some(Section::Other(text()))], 2),
        "files" | "filesmatch" => (vec![Some(Section::Other(text()))], 3),
        "if" | "elseif" => (vec![Some(Section::If(text()))], 5),
        "else" => (vec![Some(Section::Doubt("`<Else>`".to_owned()))], 5),
        "limit" => (vec![Some(methods(true))], order),
        "limitexcept" => (vec![Some(methods(false))], order),
        "ifmodule" if first.starts_with('!') => return None,
        "ifmodule" | "requireall" | "requireany" | "requirenone" | "proxy" => (vec![None], order),
        _ => (vec![Some(Section::Doubt(format!("`<{}>`", crate::shown::name(&directive.name))))], order),
    })
}

/// The folder that a host serves.
enum Root {
    /// `DocumentRoot`.
    Named(String),
    /// That of the only `<Directory>`, since nothing says otherwise.
    Only,
    /// It is not known.
    Unknown,
}

impl Root {
    /// Without `DocumentRoot`, the only folder of a part of a configuration is the one that is served, as people paste it.
    fn unnamed(all: &[&Directive], is_virtual_host: bool) -> Self {
        let folders: Vec<_> = all.iter().filter(|it| it.is("Directory")).map(|it| it.word(0)).collect();
        let is_proxy = all.iter().any(|it| it.name.to_ascii_lowercase().starts_with("proxypass"));
        let is_one = folders.iter().all(|folder| Some(folder) == folders.first());
        if is_one && !is_proxy && !is_virtual_host { Self::Only } else { Self::Unknown }
    }
}

/// The path of a folder; `None` is the root.
fn folder(folder: &str, root: &Root) -> Option<Section> {
    let folder = folder.trim_end_matches('/');
    let other = || Some(Section::Other(format!("those of the folder {folder}")));
    match root {
        // All folders are in it.
        _ if folder.is_empty() => None,
        Root::Only => None,
        Root::Unknown => other(),
        Root::Named(root) if root == folder || is_below(root, folder) => None,
        Root::Named(root) => match folder.strip_prefix(root.as_str()) {
            Some(path) if path.starts_with('/') => Some(Section::Location(path.to_owned())),
            _ => other(),
        },
    }
}
