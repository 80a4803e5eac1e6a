//! `docs/policy.md` agrees with the parser.
//!
//! Nothing here knows the keys of a policy: [`page`] reads them from the page, [`parser`] asks the parser for the keys
//! that it knows, and [`claims`], [`examples`] and [`paths`] try the page's statements on the compiler. [`schema`]
//! compares the JSON Schema with all of them, and [`reasons`] the table of reasons in docs/responses.md.
#![expect(clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "tests may fail loudly")]

mod claims;
mod examples;
mod page;
mod parser;
mod paths;
mod reasons;
mod schema;
mod sections;

use corsgate_authoring::{Compiled, Report, Source, check, compile};

fn compiled(text: &str) -> Result<Compiled, Report> {
    compile(&Source::from_bytes("policy.toml", text.into()).expect("text"), None)
}

/// The codes of all findings in a text.
fn codes(text: &str) -> Vec<String> {
    let source = Source::from_bytes("policy.toml", text.into()).expect("text");
    check(&source, None, None).report.findings().iter().map(|finding| finding.code.to_string()).collect()
}
