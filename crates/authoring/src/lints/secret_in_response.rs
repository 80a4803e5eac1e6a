//! CG264.

use crate::finding::Finding;
use crate::lint::Lint;
use crate::lints::{Check, Subject};
use crate::report::Report;

pub(crate) const CHECK: Check = Check { lint: &LINT, run };

static LINT: Lint = Lint::warning(
    264,
    "a reference to a secret in a response header",
    r#"`secret:NAME` stands for a secret of the Worker in `[routes.request]` alone. In `[routes.response]` it is sent to browsers as the text that it is: the secret is not read, since a response must not carry one. To send a secret to the upstream, set the header on the request:

    [routes.request]
    set = { authorization = "Bearer secret:PARTNER_KEY" }"#,
);

fn run(subject: &Subject<'_>, report: &mut Report) {
    let mut known = Vec::new();
    for (place, route) in subject.routes() {
        let set = place.key("response").key("set");
        for (name, _) in route.response.set.iter().filter(|(_, value)| has_reference(value)) {
            let span = subject.span(&set.key(name));
            // Several routes may have the value from `[defaults]`.
            if known.contains(&span) {
                continue;
            }
            known.push(span.clone());
            let message = format!(
                "the response header `{name}` of route `{}` is sent to browsers with this text, not with a secret",
                route.name
            );
            let finding = Finding::new(&LINT, message).at(span, "");
            report.add(finding.help("set the header in `[routes.request]` if the upstream needs the secret"));
        }
    }
}

/// Whether a value has what `[routes.request]` would take for a secret, or for an attempt at one.
fn has_reference(value: &str) -> bool {
    value.split_ascii_whitespace().any(|word| {
        word.get(.."secret:".len()).is_some_and(|begin| begin.eq_ignore_ascii_case("secret:"))
            && word.len() > "secret:".len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_a_word_of_its_own() {
        for (value, is) in [
            ("secret:PARTNER_KEY", true),
            ("Bearer secret:PARTNER_KEY", true),
            ("Secret:partner-key", true),
            ("secret:", false),
            ("no secret", false),
            ("a=secret:b", false),
            ("", false),
        ] {
            assert_eq!(has_reference(value), is, "{value}");
        }
    }
}
