//! The files of a configuration, by their paths, and which of them an `include` means.

use std::collections::HashMap;
use std::rc::Rc;

use corsgate_authoring::Source;

use crate::around::{Around, plain};
use crate::model::Remark;
use crate::place::Said;
use crate::server::directive::{Directive, Tree};
use crate::server::nginx::{glob, syntax};

/// Folders that nginx has its configuration in. What is imported is a copy of one, so that its `nginx.conf` tells where
/// it is now.
const USUAL: [&str; 6] = [
    "/etc/nginx/",
    "/usr/local/nginx/conf/",
    "/usr/local/etc/nginx/",
    "/opt/homebrew/etc/nginx/",
    "/opt/nginx/conf/",
    "/usr/local/openresty/nginx/conf/",
];

/// The most files that one pattern may have found.
const MOST_FOUND: usize = 10_000;

/// A file.
pub(super) struct File {
    /// Its path, with slashes and without `.` and `..`.
    pub(super) path: String,
    pub(super) directives: Rc<Vec<Directive>>,
    pub(super) holes: Vec<Said<Remark>>,
    /// Whether its text is about CORS at all.
    pub(super) names_cors: bool,
}

/// All files that are known, and those around them.
pub(super) struct Files<'a> {
    pub(super) all: Vec<File>,
    by_path: HashMap<String, usize>,
    around: &'a dyn Around,
    /// They are all that the server has read.
    pub(super) are_complete: bool,
}

/// What an `include` means.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Meant {
    /// These; of some that a pattern matches, it may be known why they cannot be read.
    Files(Vec<usize>, Option<String>),
    /// A pattern that matches no file, which nginx takes for nothing.
    Nothing,
    /// It is not known what the server finds there.
    Missing,
    /// It is there, and cannot be read.
    Unreadable(String),
}

impl<'a> Files<'a> {
    pub(super) fn new(around: &'a dyn Around, are_complete: bool) -> Self {
        Self { all: Vec::new(), by_path: HashMap::new(), around, are_complete }
    }

    /// Adds a file. Of two with one path, the first is found.
    pub(super) fn add(&mut self, name: &str, tree: Tree, names_cors: bool) -> usize {
        let path = plain(name);
        let at = self.all.len();
        self.by_path.entry(path.clone()).or_insert(at);
        self.all.push(File { path, directives: Rc::new(tree.directives), holes: tree.holes, names_cors });
        at
    }

    pub(super) fn at(&self, name: &str) -> Option<usize> {
        self.by_path.get(&plain(name)).copied()
    }

    /// The files that an `include` of this name means, in a configuration in one of these folders. nginx has one
    /// folder, that of its `nginx.conf`; of several that are possible, the first with such a file is it.
    pub(super) fn meant(&mut self, name: &str, prefixes: &[String]) -> Meant {
        let mut is_nothing = false;
        for path in self.paths(name, prefixes) {
            if glob::is_pattern(&path) {
                let (mut found, is_known) = self.matching(&path);
                is_nothing |= is_known;
                found.sort();
                let (mut files, mut missed) = (Vec::new(), None);
                for path in found {
                    match self.file(&path) {
                        Some(Ok(at)) => files.push(at),
                        Some(Err(why)) => missed = Some(why),
                        // A folder.
                        None => {}
                    }
                }
                if !files.is_empty() || missed.is_some() {
                    return Meant::Files(files, missed);
                }
            } else {
                match self.file(&path) {
                    Some(Ok(at)) => return Meant::Files(vec![at], None),
                    Some(Err(why)) => return Meant::Unreadable(why),
                    None => {}
                }
            }
        }
        if is_nothing { Meant::Nothing } else { Meant::Missing }
    }

    /// Where a file of this name may be.
    fn paths(&self, name: &str, prefixes: &[String]) -> Vec<String> {
        let name = name.replace('\\', "/");
        let within = |rest: &str| -> Vec<_> {
            prefixes.iter().map(|prefix| plain(&format!("{prefix}{rest}"))).collect()
        };
        let is_absolute = name.starts_with('/') || name.get(1..3) == Some(":/");
        if !is_absolute {
            return within(&name);
        }
        let usual = USUAL.iter().filter(|_| !self.are_complete).find_map(|usual| name.strip_prefix(usual));
        let mut paths = vec![plain(&name)];
        paths.extend(usual.map(within).unwrap_or_default());
        paths
    }

    /// A file by its path; `None` if it is not there.
    fn file(&mut self, path: &str) -> Option<Result<usize, String>> {
        if let Some(at) = self.by_path.get(path) {
            return Some(Ok(*at));
        }
        let source = match self.around.file(path)? {
            Ok(source) => source,
            Err(why) => return Some(Err(why)),
        };
        Some(Ok(self.add(path, syntax::parse(&source, 0..source.text().len()), names_cors(&source))))
    }

    /// The paths that match a pattern, and whether all that there are are known.
    fn matching(&self, pattern: &str) -> (Vec<String>, bool) {
        let known = self.all.iter().map(|file| &file.path).filter(|path| glob::matches_path(path, pattern));
        let mut found: Vec<_> = known.cloned().collect();
        let is_known = self.are_complete | self.list(pattern, &mut found);
        found.sort();
        found.dedup();
        (found, is_known)
    }

    /// Looks for a pattern folder by folder; false if one of them cannot be listed.
    fn list(&self, pattern: &str, found: &mut Vec<String>) -> bool {
        let mut is_known = true;
        let mut open = vec![(String::new(), pattern)];
        while let Some((folder, rest)) = open.pop() {
            let (segment, behind) = match rest.split_once('/') {
                Some((segment, behind)) => (segment, Some(behind)),
                None => (rest, None),
            };
            if !glob::is_pattern(segment)
                && let Some(behind) = behind
            {
                open.push((format!("{folder}{segment}/"), behind));
                continue;
            }
            let Some(names) = self.around.folder(&folder) else {
                is_known = false;
                continue;
            };
            for name in names.iter().filter(|name| glob::matches(name, segment)) {
                if found.len() + open.len() == MOST_FOUND {
                    return false;
                }
                match behind {
                    Some(behind) => open.push((format!("{folder}{name}/"), behind)),
                    None => found.push(format!("{folder}{name}")),
                }
            }
        }
        is_known
    }
}

pub(super) fn names_cors(source: &Source) -> bool {
    source.text().to_ascii_lowercase().contains("access-control-allow-origin")
}

/// The folder of a path, with its slash; empty for the folder that it is relative to.
pub(super) fn folder(path: &str) -> &str {
    path.rfind('/').and_then(|at| path.get(..=at)).unwrap_or_default()
}

/// The folders around a path, the innermost first.
pub(super) fn folders(path: &str) -> Vec<String> {
    let mut folders = vec![folder(path).to_owned()];
    while let Some(outer) = folders.last().and_then(|inner| inner.strip_suffix('/')).map(folder) {
        folders.push(outer.to_owned());
    }
    folders
}
