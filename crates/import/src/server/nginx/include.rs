//! Puts files in the place of their `include`, as nginx does while it reads (`ngx_conf_include`).

use std::collections::HashSet;
use std::rc::Rc;

use crate::model::Remark;
use crate::place::Said;
use crate::server::directive::{Directive, MOST_DEPTH};
use crate::server::hole;
use crate::server::nginx::files::{Files, Meant};

/// The deepest chain of files that include each other.
const MOST_FILES_DEEP: usize = 16;
/// The most directives of included files in one configuration: files that each include another twice double them.
const MOST_INCLUDED: usize = 200_000;

/// Files that come with nginx and have no headers in them.
const HARMLESS: [&str; 8] = [
    "mime.types",
    "fastcgi_params",
    "fastcgi.conf",
    "uwsgi_params",
    "scgi_params",
    "proxy_params",
    "modules-enabled/*.conf",
    "koi-utf",
];

/// A configuration without `include`, except for those that are holes.
pub(super) struct Whole {
    pub(super) directives: Vec<Directive>,
    pub(super) holes: Vec<Said<Remark>>,
    /// The files that are in it, the one that includes the others first.
    pub(super) files: Vec<usize>,
    known: HashSet<usize>,
}

/// The configuration that begins with a file.
pub(super) fn whole(files: &mut Files<'_>, first: usize, prefixes: &[String]) -> Whole {
    let whole = Whole { directives: Vec::new(), holes: Vec::new(), files: Vec::new(), known: HashSet::new() };
    let mut including = Including { files, prefixes, open: Vec::new(), included: 0, whole };
    let directives = including.file(first, 0);
    Whole { directives, ..including.whole }
}

impl Whole {
    pub(super) fn has(&self, file: usize) -> bool {
        self.known.contains(&file)
    }
}

struct Including<'i, 'f> {
    files: &'i mut Files<'f>,
    prefixes: &'i [String],
    /// The files whose directives are being read, each included by the one before.
    open: Vec<usize>,
    included: usize,
    whole: Whole,
}

impl Including<'_, '_> {
    fn file(&mut self, at: usize, depth: usize) -> Vec<Directive> {
        let Some(file) = self.files.all.get(at) else { return Vec::new() };
        if self.whole.known.insert(at) {
            self.whole.files.push(at);
            self.whole.holes.extend(file.holes.iter().cloned());
        }
        let directives = Rc::clone(&file.directives);
        self.open.push(at);
        let own = self.block(&directives, depth);
        self.open.pop();
        own
    }

    fn block(&mut self, directives: &[Directive], depth: usize) -> Vec<Directive> {
        let mut own = Vec::with_capacity(directives.len());
        for directive in directives {
            if self.open.len() > 1 {
                self.included += 1;
            }
            if directive.name == "include" && directive.block.is_none() {
                self.include(directive, depth, &mut own);
                continue;
            }
            let block = match &directive.block {
                Some(_) if depth == MOST_DEPTH => {
                    let message =
                        format!("blocks are nested more than {MOST_DEPTH} deep: the rest is not read");
                    self.miss(hole(message, None, &directive.place));
                    None
                }
                Some(block) => Some(self.block(block, depth + 1)),
                None => None,
            };
            own.push(Directive {
                name: directive.name.clone(),
                words: directive.words.clone(),
                block,
                place: directive.place.clone(),
            });
        }
        own
    }

    /// Adds the directives of the files that an `include` means, or the `include` itself and a hole.
    fn include(&mut self, directive: &Directive, depth: usize, own: &mut Vec<Directive>) {
        let name = directive.word(0);
        let is_template = directive.words.iter().any(|word| word.is_template);
        let meant = if is_template { Meant::Missing } else { self.files.meant(name, self.prefixes) };
        let shown = crate::shown::path(name);
        let advice = match self.files.are_complete {
            true => "What `nginx -T` prints has this file as well: import all of it.",
            false => "Import what `nginx -T` prints, or the folder that has all files.",
        };
        let missed = match meant {
            Meant::Nothing => return,
            Meant::Files(files, _) if files.iter().any(|file| self.open.contains(file)) => hole(
                format!("`include {shown}` leads back to its own file: it is not followed"),
                None,
                &directive.place,
            ),
            Meant::Files(..) if self.open.len() > MOST_FILES_DEEP => hole(
                format!(
                    "`include {shown}` is not followed: more than {MOST_FILES_DEEP} files include each other"
                ),
                None,
                &directive.place,
            ),
            Meant::Files(..) if self.included > MOST_INCLUDED => hole(
                format!(
                    "`include {shown}` is not followed: files that are included have more than {MOST_INCLUDED} directives"
                ),
                None,
                &directive.place,
            ),
            Meant::Files(files, missed) => {
                for file in files {
                    own.extend(self.file(file, depth));
                }
                let Some(why) = missed else { return };
                let message =
                    format!("`include {shown}` is only followed in part: {}", crate::shown::line(&why));
                hole(message, Some(advice), &directive.place)
            }
            // Its own files are left where they are.
            Meant::Missing if HARMLESS.iter().any(|file| name.ends_with(file)) => {
                own.push(directive.clone());
                return;
            }
            Meant::Missing => {
                hole(format!("`include {shown}` is not followed"), Some(advice), &directive.place)
            }
            Meant::Unreadable(why) => hole(
                format!("`include {shown}` is not followed: {}", crate::shown::line(&why)),
                Some(advice),
                &directive.place,
            ),
        };
        self.miss(missed);
        own.push(directive.clone());
    }

    fn miss(&mut self, missed: Said<Remark>) {
        if !self.whole.holes.contains(&missed) {
            self.whole.holes.push(missed);
        }
    }
}
