//! What is said of a response that the browser took out of its cache: it may be the one to another page.

use corsgate_explain::Blocked;
use corsgate_explain::har::{Cached, Ending};

use super::conclusion::Conclusion;

/// Adds what the cache explains to the conclusion from an entry of an archive.
pub(super) fn weigh(conclusion: &mut Conclusion, ending: &Ending, cached: Cached) {
    let Ending::Blocked { preflight: false, faults, .. } = ending else { return };
    conclusion.seen.push("the archive says that the response came out of the browser's cache".to_owned());
    let stored_for = match faults.first() {
        Some(Blocked::OtherOrigin(value)) if value.contains("://") => "another page",
        Some(Blocked::NoAllowOrigin) => "another page, or for a request without `Origin`",
        _ => return,
    };
    if cached == Cached::ForAllPages && conclusion.end == "blocked" {
        conclusion.advice = Some(format!(
            "The browser stored this response for {stored_for}, and it has no `Vary: Origin`. Let the server send `Vary: Origin` with each response of this URL, also to requests without `Origin`; then empty the cache."
        ));
    }
}
