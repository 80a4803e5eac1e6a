//! Routes that an application has before it sets headers of CORS: their handlers answer first, without them.

use tree_sitter::Node;

use crate::javascript::calls::covers;
use crate::javascript::library::remark;
use crate::javascript::paths::{Style, said};
use crate::javascript::script::{Script, callee};
use crate::javascript::value::text;
use crate::model::{PathSaid, Remark};
use crate::place::Said;
use crate::report::{About, Class};
use crate::syntax::arguments;

/// The methods of an application that answer requests.
const ANSWERING: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "all"];
/// The most routes that are named.
const MOST: usize = 20;

/// Names the routes before a call of `use`, among those of a path; `has_cors` is whether a handler sets the headers itself.
pub(super) fn handled_before<'t>(
    script: &Script<'t>,
    call: Node<'t>,
    path: &PathSaid,
    has_cors: impl Fn(Node<'t>) -> bool,
) -> Vec<Said<Remark>> {
    let receiver = |call: Node<'t>| {
        let object = callee(call)?.child_by_field_name("object")?;
        (object.kind() == "identifier").then(|| script.text(object))
    };
    let Some(application) = receiver(call) else { return Vec::new() };
    let is_earlier = |other: &&Node<'t>| {
        let property = callee(**other).and_then(|it| it.child_by_field_name("property"));
        let given = arguments(**other);
        let (Some(property), [first, handlers @ ..]) = (property, given.as_slice()) else { return false };
        let Some(at) = text(script, *first) else { return false };
        !handlers.is_empty()
            && ANSWERING.contains(&script.text(property))
            && receiver(**other) == Some(application)
            && covers(path, &said(&at, Style::Whole))
            && !handlers.iter().any(|it| has_cors(script.resolved(*it)))
    };
    let before = script.calls.iter().take_while(|it| it.start_byte() < call.start_byte());
    let named = before.filter(is_earlier).take(MOST).map(|other| {
        let message = format!(
            "this route answers before headers of CORS are set ({}): it has none, and the policy gives it those",
            script.place(call)
        );
        let advice = "Write a route with `cors = false` for its path if no page may read it.";
        Said::new(remark(Class::Unreadable, About::Path, &message, advice), &script.place(*other))
    });
    named.collect()
}
