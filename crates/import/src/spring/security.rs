//! What stands before a configuration: Spring Security, and conditions of its beans.

use tree_sitter::Node;

use crate::java::{Program, annotation};
use crate::model::Reading;
use crate::place::Said;
use crate::report::{About, Class};
use crate::spring::configuration::{Configuration, remark};
use crate::spring::hole;
use crate::syntax::arguments;

/// Annotations with which a class or a bean is only there if something holds.
const CONDITIONS: [&str; 6] = [
    "Profile",
    "Conditional",
    "ConditionalOnProperty",
    "ConditionalOnExpression",
    "ConditionalOnMissingBean",
    "ConditionalOnClass",
];

/// Says that declarations are only there under a condition.
pub(super) fn conditions<'t>(
    program: &Program<'t>,
    declarations: &[Node<'t>],
    configuration: &mut Configuration,
) {
    for declaration in declarations {
        if let Some(found) = annotation(program, *declaration, &CONDITIONS) {
            let name =
                found.child_by_field_name("name").map(|it| program.simple_name(it)).unwrap_or_default();
            let message = format!("it is only in force where `@{name}` holds, which is not read");
            let advice = "Remove the route if it does not hold where this policy will be in force.";
            configuration
                .remark(remark(Class::Unreadable, About::Path, &message, advice), &program.place(found));
        }
    }
}

/// The same, for all methods and classes around a node.
pub(super) fn conditions_around<'t>(
    program: &Program<'t>,
    node: Node<'t>,
    configuration: &mut Configuration,
) {
    let mut around = Vec::new();
    let mut outer = node.parent();
    while let Some(node) = outer {
        if matches!(node.kind(), "method_declaration" | "class_declaration") {
            around.push(node);
        }
        outer = node.parent();
    }
    conditions(program, &around, configuration);
}

/// Reads what Spring Security is told about CORS.
pub(super) fn read(program: &Program<'_>, reading: &mut Reading) {
    let mut is_on = false;
    for call in program.calls_of("cors") {
        let given = arguments(*call);
        let text = given.first().map(|it| program.text(*it)).unwrap_or_default();
        // `cors(…::disable)`, `cors(c -> c.disable())` and `cors().disable()`.
        let outer = call.parent().filter(|it| it.kind() == "method_invocation").map(|it| program.method(it));
        let is_off = text.ends_with("::disable") || text.contains(".disable()") || outer == Some("disable");
        is_on |= !is_off;
        if is_off {
            let message = "Spring Security leaves CORS aside: where it asks for a login it refuses preflights, which \
                           have none, before anything else answers them";
            let place = program.place(*call);
            reading.holes.push(hole(About::Preflights, message, ADVICE, &place));
        }
    }
    let chains =
        program.calls_of("authorizeHttpRequests").iter().chain(program.calls_of("authorizeRequests"));
    let chain = chains.chain(program.calls_of("authorizeExchange")).next();
    if let Some(chain) =
        chain.filter(|_| !is_on && program.calls_of("cors").is_empty() && !reading.rules.is_empty())
    {
        let message = "Spring Security is not told about CORS: where it asks for a login it refuses preflights, which \
                       have none, before anything else answers them";
        let remark = remark(Class::Unreadable, About::Preflights, message, ADVICE);
        reading.holes.push(Said::new(remark, &program.place(*chain)));
    }
}

const ADVICE: &str = "Remove `methods` and `request_headers` of routes whose preflights it refuses.";
