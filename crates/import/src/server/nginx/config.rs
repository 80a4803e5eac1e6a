//! The servers of a configuration and their locations.

use std::collections::{HashMap, HashSet};

use crate::place::{Place, Said};
use crate::server::directive::Directive;
use crate::server::hosts;
use crate::server::nginx::code::may_set_headers;

/// How a location is matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Matching {
    /// `=`
    Exact,
    /// Without a modifier.
    Prefix,
    /// `^~`: no expression is tried afterwards.
    Only,
    /// `~` and `~*`.
    Expression { ignores_case: bool },
    /// `@name`
    Named,
}

/// A location, or what a server does outside of its locations.
#[derive(Debug)]
pub(super) struct Location<'t> {
    pub(super) matching: Matching,
    pub(super) path: String,
    pub(super) place: Place,
    /// Its directives, and those of the blocks around it, the outermost first.
    pub(super) levels: Vec<&'t [Directive]>,
    /// It is the server itself.
    pub(super) is_server: bool,
}

/// A server.
#[derive(Debug)]
pub(super) struct Server<'t> {
    pub(super) names: Vec<String>,
    /// Its own directives.
    pub(super) directives: &'t [Directive],
    pub(super) locations: Vec<Location<'t>>,
    /// It is only a part of one: what is behind it is not known.
    pub(super) is_fragment: bool,
}

/// A `map`.
#[derive(Debug)]
pub(super) struct Map<'t> {
    pub(super) source: &'t str,
    pub(super) entries: &'t [Directive],
}

/// A configuration.
#[derive(Debug, Default)]
pub(super) struct Config<'t> {
    pub(super) servers: Vec<Server<'t>>,
    pub(super) maps: HashMap<&'t str, Map<'t>>,
    /// The variables that `set` gives a value somewhere; elsewhere they are empty.
    pub(super) set: HashSet<&'t str>,
    /// The directives that may set headers by code.
    pub(super) filters: Vec<Said<String>>,
    /// The names of servers beside others that no policy can say.
    pub(super) lost_names: Vec<Said<String>>,
}

impl<'t> Config<'t> {
    pub(super) fn new(root: &'t [Directive]) -> Self {
        let mut config = Self::default();
        let mut open = vec![(root, Vec::<&'t [Directive]>::new())];
        let mut stray = Vec::new();
        while let Some((directives, around)) = open.pop() {
            let levels = [around.as_slice(), &[directives]].concat();
            for directive in directives {
                match directive.name.as_str() {
                    "http" => open.push((directive.block(), levels.clone())),
                    "server" if directive.block.is_some() => config.server(directive, &levels),
                    "map" => config.map(directive),
                    _ => {}
                }
                config.note(directive);
            }
            let is_part = |it: &Directive| {
                matches!(
                    it.name.as_str(),
                    "location" | "add_header" | "more_set_headers" | "if" | "return" | "limit_except"
                ) || it.name.ends_with("_pass")
            };
            if directives.iter().any(is_part) && config.servers.is_empty() {
                stray.push((directives, levels));
            }
        }
        // Parts of a server, as people paste them.
        if config.servers.is_empty() {
            for (directives, levels) in stray {
                config.add_server(Vec::new(), directives, &levels, true);
            }
        }
        config
    }

    /// Takes what a block has anywhere in it.
    fn note(&mut self, directive: &'t Directive) {
        let mut open = vec![directive];
        while let Some(directive) = open.pop() {
            match directive.name.as_str() {
                "set" => {
                    self.set.insert(directive.word(0).trim_start_matches('$'));
                }
                _ if may_set_headers(directive) => {
                    let said = Said::new(directive.name.clone(), &directive.place);
                    // A block around it has it, too, and a file may be included twice.
                    if !self.filters.contains(&said) {
                        self.filters.push(said);
                    }
                }
                _ => {}
            }
            open.extend(directive.block());
        }
    }

    fn map(&mut self, directive: &'t Directive) {
        let name = directive.word(1).trim_start_matches('$');
        self.maps.insert(name, Map { source: directive.word(0), entries: directive.block() });
    }

    fn server(&mut self, directive: &'t Directive, around: &[&'t [Directive]]) {
        let block = directive.block();
        let levels = [around, &[block]].concat();
        let names = block.iter().filter(|it| it.is("server_name")).flat_map(|it| &it.words);
        let mut known = Vec::new();
        let mut others = Vec::new();
        for word in names {
            known.extend(hosts(&word.text));
            // An expression, or a name whose end is open.
            if word.text.starts_with('~') || word.text.ends_with(".*") {
                others.push(Said::new(word.text.clone(), &word.place));
            }
        }
        let names: Vec<String> = match known.is_empty() {
            true => others.into_iter().map(|it| it.value).collect(),
            false => {
                self.lost_names.extend(others);
                known
            }
        };
        self.add_server(names, block, &levels, false);
        if let Some(server) = self.servers.last_mut()
            && let Some(whole) = server.locations.first_mut()
        {
            whole.place = directive.place.clone();
        }
    }

    fn add_server(
        &mut self,
        names: Vec<String>,
        block: &'t [Directive],
        levels: &[&'t [Directive]],
        is_fragment: bool,
    ) {
        let mut locations = Vec::new();
        let mut open = vec![(block, levels.to_vec())];
        while let Some((directives, levels)) = open.pop() {
            for directive in directives.iter().filter(|it| it.is("location") && it.block.is_some()) {
                let levels = [levels.as_slice(), &[directive.block()]].concat();
                locations.push(location(directive, levels.clone()));
                open.push((directive.block(), levels));
            }
        }
        let has_whole =
            locations.iter().any(|it: &Location<'_>| it.path == "/" && it.matching != Matching::Exact);
        let place = block.first().map_or_else(|| Place::whole(""), |first| first.place.clone());
        if !has_whole {
            let own = Location {
                matching: Matching::Prefix,
                path: "/".to_owned(),
                place,
                levels: levels.to_vec(),
                is_server: true,
            };
            locations.insert(0, own);
        }
        self.servers.push(Server { names, directives: block, locations, is_fragment });
    }
}

fn location<'t>(directive: &'t Directive, levels: Vec<&'t [Directive]>) -> Location<'t> {
    let (modifier, path) = match directive.words.as_slice() {
        [path] => split(&path.text),
        [modifier, path, ..] => (modifier.text.as_str(), path.text.as_str()),
        [] => ("", ""),
    };
    let matching = match modifier {
        "=" => Matching::Exact,
        "^~" => Matching::Only,
        "~" => Matching::Expression { ignores_case: false },
        "~*" => Matching::Expression { ignores_case: true },
        _ if path.starts_with('@') => Matching::Named,
        _ => Matching::Prefix,
    };
    Location { matching, path: path.to_owned(), place: directive.place.clone(), levels, is_server: false }
}

/// `location ~*\.png` and `location =/x`: nginx takes the modifier without a space as well.
fn split(text: &str) -> (&str, &str) {
    for modifier in ["^~", "~*", "=", "~"] {
        if let Some(path) = text.strip_prefix(modifier) {
            return (modifier, path);
        }
    }
    ("", text)
}

impl Location<'_> {
    /// Whether it has all paths that nothing else has.
    pub(super) fn is_whole(&self) -> bool {
        self.path == "/" && matches!(self.matching, Matching::Prefix | Matching::Only)
    }

    /// Whether it stands in the block of another one.
    pub(super) fn is_within(&self, other: &Self) -> bool {
        let depth = other.levels.len();
        !other.is_server
            && self.levels.len() > depth
            && depth.checked_sub(1).is_some_and(|last| {
                match (self.levels.get(last), other.levels.get(last)) {
                    (Some(own), Some(theirs)) => core::ptr::eq(*own, *theirs),
                    _ => false,
                }
            })
    }

    /// Whether it is another location, which has all paths of this one by its prefix.
    pub(super) fn has_all_of(&self, other: &Self) -> bool {
        matches!(self.matching, Matching::Prefix | Matching::Only)
            && !self.is_whole()
            && self.path != other.path
            && other.path.starts_with(&self.path)
    }
}
