//! Python: Flask-CORS, django-cors-headers, and `CORSMiddleware` of Starlette, which FastAPI has as well.
//!
//! `script` parses, `evaluate` says what expressions stand for, `calls` what a call builds, `paths` what paths a regular
//! expression matches, `doubt` what makes all of it unsure, `gate` what a list of methods does to headers, and `headers` reads code that sets headers itself.
//! Each library has a file of its own.

mod calls;
mod classes;
mod defaults;
mod django;
mod doubt;
mod evaluate;
mod flask;
mod gate;
mod headers;
mod options;
mod paths;
mod script;
mod starlette;
mod text;
mod value;

use corsgate_authoring::Source;

use crate::kind::Kind;
use crate::model::{OriginSaid, Reading, Remark};
use crate::place::{Place, Said};
use crate::report::{About, Class};

use script::Script;

/// Whether a text is Python: by the name of its file, or by its first lines if the name does not tell.
pub(crate) fn is_python(source: &Source) -> bool {
    let ending = source.name().rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    match ending.as_deref() {
        Some("py" | "pyi") => true,
        Some("js" | "mjs" | "cjs" | "jsx" | "ts" | "mts" | "cts" | "tsx" | "json") => false,
        _ => source.text().lines().take(400).any(is_line_of_python),
    }
}

/// A line that no script of JavaScript has.
fn is_line_of_python(line: &str) -> bool {
    let text = line.trim();
    let is_import = text.starts_with("from ") && text.contains(" import ")
        || text.starts_with("import ") && !text.contains(['"', '\'', ';', '{']);
    let is_block =
        (text.starts_with("def ") || text.starts_with("class ") && text.contains('(')) && text.ends_with(':');
    let is_setting = text.split_once('=').is_some_and(|(name, _)| {
        let name = name.split(':').next().unwrap_or_default().trim_end_matches(['+', ' ']);
        name.starts_with("CORS_") && name.bytes().all(|it| it.is_ascii_uppercase() || it == b'_')
    });
    is_import
        || is_block
        || is_setting
        || text.starts_with("app.add_middleware(")
        || text.starts_with("CORS(")
}

/// A file that names CORS more often than this is no program that somebody wrote, and reading it would take very long.
const MOST_USES: usize = 2_000;

/// Reads a file for one kind of source, or for all that it uses.
pub(crate) fn read(source: &Source, only: Option<Kind>) -> Reading {
    let mut reading = Reading::default();
    let whole = Place::whole(source.name());
    let uses: usize = ["CORS", "cross_origin"].iter().map(|word| source.text().matches(word).count()).sum();
    if uses > MOST_USES {
        let message = format!("the file has more than {MOST_USES} uses of CORS: nothing of it is read");
        reading.holes.push(Said::new(remark(Class::Unreadable, About::File, &message, ""), &whole));
        return reading;
    }
    let tree = match script::parse(source.text()) {
        Ok(tree) => tree,
        Err(message) => {
            reading.holes.push(Said::new(remark(Class::Unreadable, About::File, message, ""), &whole));
            return reading;
        }
    };
    let script = Script::new(source, &tree);
    if let Some(place) = &script.first_error {
        // What stands between its marks may be left out, or be there twice.
        let is_template = ["{%", "{{", "<%"].iter().any(|mark| source.text().contains(mark));
        let message = match is_template {
            true => "a template, which becomes Python only when it is filled in: nothing of it is read",
            false => "from here on, something is not Python: what it belongs to is not read",
        };
        reading.holes.push(Said::new(remark(Class::Unreadable, About::File, message, ""), place));
        if is_template {
            return reading;
        }
    }
    if let Some(place) = &script.python_2 {
        let message = "this is Python 2, whose libraries are older than those that are read here";
        let advice = "Look up what its version of the library does without the options that are not set.";
        reading.holes.push(Said::new(remark(Class::Unreadable, About::File, message, advice), place));
    }
    let mut is_read = Vec::new();
    let reads = |kind| only.is_none_or(|only| only == kind);
    if reads(Kind::Flask) {
        is_read = flask::read(&script, only, &mut reading);
    }
    if reads(Kind::Django) {
        django::read(&script, only, &mut reading);
    }
    if reads(Kind::FastApi) {
        starlette::read(&script, &mut reading);
    }
    headers::loose(&script, &is_read, &mut reading);
    other_libraries(&script, &mut reading);
    reading
}

/// Libraries for CORS that are not read.
fn other_libraries(script: &Script<'_>, reading: &mut Reading) {
    for (module, node) in script.modules() {
        let first = module.split('.').next().unwrap_or_default();
        let is_read = matches!(first, "flask_cors" | "corsheaders" | "flask" | "fastapi" | "starlette");
        if is_read || !first.to_ascii_lowercase().contains("cors") || module.starts_with('.') {
            continue;
        }
        let message = format!("the library `{}` is not read", crate::shown::name(first));
        let advice = "Write routes for what it allows.";
        reading
            .holes
            .push(Said::new(remark(Class::Unreadable, About::File, &message, advice), &script.place(node)));
    }
}

fn remark(class: Class, about: About, message: &str, advice: &str) -> Remark {
    let advice = (!advice.is_empty()).then(|| advice.to_owned());
    Remark { class, about, message: message.to_owned(), advice, closes: None }
}

fn unreadable(what: &str, place: &Place) -> Said<OriginSaid> {
    Said::new(OriginSaid::Unreadable(what.to_owned()), place)
}
