//! One test program for the whole crate: linking one per file takes longer than the tests.
//!
//! A new file needs its line here; `tests/test-programs.test.mjs` finds the files that have none.

mod app_origins;
mod bad_input;
mod check;
mod compile;
mod compiled;
mod diff;
mod examples;
mod explain;
mod explain_archives;
mod explain_copied;
mod explain_line;
mod explain_live;
mod explain_not_cors;
mod explain_response;
mod explain_several;
mod export;
mod generated;
mod hostile_text;
mod import;
mod import_by_hand;
mod import_gateways;
mod import_meaning;
mod import_nothing_silent;
mod import_pages;
mod import_python;
mod import_servers;
mod import_spring;
mod import_xml;
mod init;
mod init_asked;
mod input;
mod interrupted;
mod list;
mod list_filters;
mod list_keys;
mod list_sets;
mod page;
mod probe;
mod publish;
mod report;
mod sarif;
mod suggest;
mod support;
mod test;
