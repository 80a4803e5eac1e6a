//! JavaScript and TypeScript: the CORS libraries of Node.js and their like.
//!
//! `script` parses, `value` says what expressions stand for, `callback` and `delegate` read functions that only look an
//! origin up, `library` and `names` know what the options of each library mean, `calls` finds the calls, `mounts` and
//! `paths` the paths that they are for, `fastify` what is special of that framework, `by_hand` reads handlers that set the
//! headers themselves, `order` the routes that answer before, `preflights` what answers them, `static_headers` reads the lists of headers of Next.js and Vercel.

mod allowed;
mod built;
mod by_hand;
mod callback;
mod calls;
mod conditional;
mod delegate;
mod fastify;
mod library;
mod literal;
mod modules;
mod mounts;
mod names;
mod options;
mod order;
mod paths;
mod preflights;
mod script;
mod sockets;
pub(crate) mod static_headers;
pub(crate) mod value;

use corsgate_authoring::Source;

use crate::configuration;
use crate::kind::Kind;
use crate::model::{Reading, Remark};
use crate::place::{Place, Said};
use crate::yaml;

pub(crate) use script::Script;

/// Reads JSON. Alone, a text that begins with a brace is a block of statements, so it is put in parentheses; places are
/// told without them.
pub(crate) fn read_json(source: &Source, only: Option<Kind>) -> Reading {
    let mut reading = Reading::default();
    let text = format!("({})", source.text().trim_start_matches('\u{feff}').trim_end());
    let Ok(inner) = Source::from_bytes(source.name(), text.into_bytes()) else { return reading };
    let Some(tree) = script::parse(inner.text()) else { return too_slow(source) };
    let script = Script::new(&inner, &tree, 1);
    not_read(&script, "JSON", &mut reading);
    if only.is_none_or(|only| only == Kind::Vercel) {
        static_headers::read(&script, &mut reading);
    }
    if only != Some(Kind::Vercel) {
        let whole = script.value().filter(|_| script.first_error.is_none());
        // In a file that is cut, the objects that are complete.
        let nodes = whole.map_or_else(|| complete_objects(&script), |node| vec![node]);
        let documents: Vec<_> =
            nodes.into_iter().map(|it| yaml::of_json(&value::item(&script, it))).collect();
        configuration::read_nodes(&documents, only, &mut reading);
    }
    reading
}

/// The objects without an error in them that stand in no other of them.
fn complete_objects<'t>(script: &Script<'t>) -> Vec<tree_sitter::Node<'t>> {
    let mut end = 0;
    let is_outermost = |node: &tree_sitter::Node<'t>| {
        let is_new = node.start_byte() >= end && !node.has_error();
        if is_new {
            end = node.end_byte();
        }
        is_new
    };
    script.objects.iter().copied().filter(is_outermost).collect()
}

fn too_slow(source: &Source) -> Reading {
    let message = "the file takes too long to parse".to_owned();
    let remark = Remark::unread(message, None);
    Reading { rules: Vec::new(), holes: vec![Said::new(remark, &Place::whole(source.name()))] }
}

/// Says where a file is not of its language.
fn not_read(script: &Script<'_>, language: &str, reading: &mut Reading) {
    if let Some(place) = &script.first_error {
        let message = format!("from here on, something is not {language}: what it belongs to is not read");
        let remark = Remark::unread(message, None);
        reading.holes.push(Said::new(remark, place));
    }
}

/// Reads a script for one kind of source, or for all that it uses.
pub(crate) fn read(source: &Source, only: Option<Kind>) -> Reading {
    let mut reading = Reading::default();
    let Some(tree) = script::parse(source.text()) else { return too_slow(source) };
    let script = Script::new(source, &tree, 0);
    not_read(&script, "JavaScript or TypeScript", &mut reading);
    calls::read(&script, only, &mut reading);
    if only.is_none_or(|kind| matches!(kind, Kind::Next | Kind::Vercel)) {
        static_headers::read(&script, &mut reading);
    }
    if only.is_none_or(|kind| kind == Kind::Sockets) {
        sockets::read(&script, &mut reading);
    }
    options::of_other_libraries(&script, &mut reading);
    by_hand::read(&script, only.is_none_or(|kind| kind == Kind::Express), &mut reading);
    reading
}
