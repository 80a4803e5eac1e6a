//! Several files, some of which include others: each is read where it is included, and not by itself as well.

use std::collections::HashSet;

use corsgate_authoring::Source;

use crate::around::Around;
use crate::kind::Part;
use crate::model::Reading;
use crate::place::Places;
use crate::report::{About, Class};
use crate::server::directive::Directive;
use crate::server::nginx::files::{Files, folder, folders, names_cors};
use crate::server::nginx::include::{self, Whole};
use crate::server::nginx::{configuration, dump, syntax};
use crate::server::{hole, remark};

/// The most files of a dump.
const MOST_PRINTED: usize = 20_000;

/// Reads files. A part of a server is taken for all that the server does if it is the only file that is imported.
pub(crate) fn read(sources: &[&Source], around: &dyn Around, is_alone: bool) -> Vec<Part> {
    let mut parts: Vec<Part> = sources.iter().map(|_| Part::default()).collect();
    let mut files = Files::new(around, false);
    // The number of each file among the sources.
    let mut given = Vec::new();
    for (number, source) in sources.iter().enumerate() {
        match (dump::files(source.text()), parts.get_mut(number)) {
            (Some(printed), Some(part)) => part.reading = dumped(source, &printed),
            _ => {
                files.add(source.name(), syntax::parse(source, 0..source.text().len()), names_cors(source));
                given.push(number);
            }
        }
    }
    let found = roots(&mut files, &[], given.len());
    for root in found {
        let Some(part) = given.get(root.file).and_then(|number| parts.get_mut(*number)) else { continue };
        part.reading = reading(&files, &root, is_alone);
        part.included = root
            .whole
            .files
            .iter()
            .skip(1)
            .filter_map(|file| files.all.get(*file))
            .map(|file| (file.path.clone(), file.names_cors))
            .collect();
    }
    parts
}

/// Reads what `nginx -T` has printed.
fn dumped(source: &Source, printed: &[dump::Printed<'_>]) -> Reading {
    let mut files = Files::new(&crate::around::Nowhere, true);
    let names_cors = names_cors(source);
    let mut holes = Vec::new();
    let places = Places::new(source, 0);
    if let Some(first) = printed.get(MOST_PRINTED) {
        let message = format!("more than {MOST_PRINTED} files: the rest is not read");
        holes.push(hole(message, None, &places.at(first.range.start)));
    }
    let printed = printed.get(..MOST_PRINTED).unwrap_or(printed);
    for file in printed {
        let tree = syntax::parse(source, file.range.clone());
        let text = |range: &core::ops::Range<usize>| source.text().get(range.clone()).map(str::trim_end);
        let before = files.at(file.name).and_then(|at| printed.get(at));
        match before.filter(|_| !file.name.is_empty()) {
            // nginx before 1.13 prints a file once for each of its includes.
            Some(before) if text(&before.range) == text(&file.range) => {}
            Some(_) => {
                let message = format!("two files are called `{}`", crate::shown::path(file.name));
                holes.push(hole(message, None, &places.at(file.range.start)));
            }
            None => {}
        }
        files.add(file.name, tree, names_cors);
    }
    let main = printed.iter().find(|file| !file.name.is_empty()).map_or("", |file| file.name);
    let prefix = folder(&crate::around::plain(main)).to_owned();
    let mut all = Reading { holes, ..Reading::default() };
    for root in roots(&mut files, &[prefix], printed.len()) {
        // Only a copy of a file has the path of another.
        let is_copy = files.all.get(root.file).is_some_and(|file| files.at(&file.path) != Some(root.file));
        if is_copy {
            continue;
        }
        let own = reading(&files, &root, printed.len() == 1);
        all.rules.extend(own.rules);
        all.holes.extend(own.holes);
    }
    all
}

/// A file that no other includes, with all that it includes.
struct Root {
    file: usize,
    whole: Whole,
    /// nginx begins with another file, and does not come to this one.
    is_unused: bool,
}

/// The files among the first ones that no other includes. The prefix of nginx is the folder of the file that it begins
/// with; for a part of a configuration, it is one of those around the file.
fn roots(files: &mut Files<'_>, prefix: &[String], count: usize) -> Vec<Root> {
    let is_main = |file: usize| {
        let begins = |it: &Directive| it.block.is_some() && matches!(it.name.as_str(), "http" | "events");
        files.all.get(file).is_some_and(|file| file.directives.iter().any(begins))
    };
    let (mains, others): (Vec<_>, Vec<_>) = (0..count).partition(|file| is_main(*file));
    let path = |files: &Files<'_>, file: usize| {
        files.all.get(file).map(|file| file.path.clone()).unwrap_or_default()
    };
    let main_folders: Vec<_> = mains.iter().map(|main| folder(&path(files, *main)).to_owned()).collect();
    let mut roots: Vec<Root> = Vec::new();
    // Files that include each other have no first one: the one that is read first is it.
    for is_first_time in [true, false] {
        let mut reached: HashSet<usize> =
            roots.iter().flat_map(|root| root.whole.files.iter().copied()).collect();
        for file in mains.iter().chain(&others).copied() {
            if reached.contains(&file) {
                continue;
            }
            let own = path(files, file);
            let prefixes = match (prefix, mains.contains(&file)) {
                ([], true) => vec![folder(&own).to_owned()],
                ([], false) => folders(&own),
                (prefix, _) => prefix.to_vec(),
            };
            let whole = include::whole(files, file, &prefixes);
            if is_first_time && whole.files.len() > 1 {
                roots.retain(|root| !whole.has(root.file));
            }
            reached.extend(whole.files.iter().copied());
            let is_below = |main: &String| {
                own.starts_with(main.as_str())
                    && (!main.is_empty() || !own.starts_with("../") && !own.starts_with('/'))
            };
            let is_unused = !mains.contains(&file) && main_folders.iter().any(is_below);
            roots.push(Root { file, whole, is_unused });
        }
    }
    roots.sort_by_key(|root| root.file);
    roots
}

fn reading(files: &Files<'_>, root: &Root, is_alone: bool) -> Reading {
    let names_cors =
        root.whole.files.iter().filter_map(|file| files.all.get(*file)).any(|file| file.names_cors);
    let (mut reading, is_fragment) = configuration(&root.whole, names_cors);
    let (message, advice) = match () {
        () if is_fragment && !is_alone => (
            "a part of a server, which no other file includes: the requests that it is for are not known",
            "The route is commented out in the policy: write its hosts and its path, and remove the `#`.",
        ),
        () if root.is_unused => (
            "no other file includes this one: nginx does not read it",
            "The route is commented out in the policy: remove the `#` if a server does read it.",
        ),
        () => return reading,
    };
    for rule in &mut reading.rules {
        rule.is_proposed = true;
        rule.remarks.push(remark(Class::Unreadable, About::Path, message, Some(advice), &rule.place));
    }
    reading
}
