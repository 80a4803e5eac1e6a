//! The findings that the author of a policy accepts: `[check] allow`, and CG122.

use crate::cursor::Cursor;
use crate::finding::{Finding, Severity};
use crate::lint::{Code, Lint};
use crate::lints::lints;

pub(crate) static NOT_ALLOWED: Lint = Lint::error(
    122,
    "a code that cannot be allowed",
    r#"`allow` in `[check]` names findings that you know and accept, so that `check` does not report them and `--deny warnings` passes. It holds codes of warnings and infos. Errors cannot be allowed: such a policy does not compile. Nor can the findings whose purpose is to be shown every time: a dangerous switch (CG204) and a route that only reports (CG304).

    [check]
    allow = ["CG330"]   # this gateway serves any host on purpose"#,
);

/// The codes of findings that every check lists.
const ALWAYS: [Code; 2] = [Code::of(204), Code::of(304)];

/// Reads a code that can be allowed.
pub(crate) fn read(cursor: Cursor<'_, '_>) -> Option<Code> {
    let text = cursor.value().as_str().map(str::to_owned);
    let Some(text) = text else { return cursor.string().and(None) };
    let Some(lint) = lints().find(|lint| lint.code.to_string() == text) else {
        let finding = Finding::new(&NOT_ALLOWED, "no finding has this code");
        return cursor.reject(finding.help("a code is `CG` and three digits, as in the findings of `check`"));
    };
    let why = match lint.severity {
        Severity::Error => "errors cannot be allowed",
        _ if ALWAYS.contains(&lint.code) => "every check lists this finding, so that it is not forgotten",
        _ => return Some(lint.code),
    };
    cursor.reject(Finding::new(&NOT_ALLOWED, why))
}

#[cfg(test)]
mod tests {
    use crate::testing::{BASE, findings, problems};

    const ROUTE: &str = "[[routes]]\nname = \"r\"\npath = \"/*\"\nupstream = \"api\"\n";

    #[test]
    fn what_is_allowed_is_not_reported_and_errors_are_all_the_same() {
        let text = |allow: &str| {
            format!("{BASE}check.allow = [{allow}]\n{ROUTE}response.set = {{ vary = \"a\" }}\n")
        };
        let codes = |allow: &str| -> Vec<String> {
            findings(&text(allow)).into_iter().map(|finding| finding.code.to_string()).collect()
        };
        assert_eq!(codes(""), ["CG330", "CG034"]);
        assert_eq!(codes("\"CG330\""), ["CG034"]);
    }

    #[test]
    fn a_code_that_cannot_be_allowed_is_an_error() {
        for (code, message) in [
            ("\"CG999\"", "no finding has this code"),
            ("\"cg330\"", "no finding has this code"),
            ("\"CG007\"", "no finding has this code"),
            ("\"CG013\"", "errors cannot be allowed"),
            ("\"CG204\"", "every check lists this finding, so that it is not forgotten"),
            ("330", "expected a string, found a number"),
        ] {
            let found = problems(&format!("check.allow = [{code}]\n{ROUTE}"), None);
            assert_eq!(found, [(vec![code.to_owned()], message.to_owned())], "{code}");
        }
    }
}
