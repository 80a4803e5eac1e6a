//! Directives that run code in the server: Lua, njs and Perl.

use crate::server::directive::Directive;

/// What code in Lua needs to set a header of an answer, or to leave that to other code.
const SETTING: [&str; 8] =
    ["access-control", "ngx.header", "ngx.resp", "ngx.exec", "require", "dofile", "loadfile", "loadstring"];

/// Whether a directive runs code that may set headers of the answer. Code that can have none of what that takes is left
/// out, since much Lua only looks at requests.
pub(super) fn may_set_headers(directive: &Directive) -> bool {
    let Some((phase, form)) = directive.name.split_once("_by_lua") else {
        return matches!(directive.name.as_str(), "js_header_filter" | "js_content" | "js_access" | "perl");
    };
    match (phase, form) {
        // The phases in which `ngx.header` may be written to; `set_by_lua` is none of them.
        ("header_filter", _) => true,
        ("server_rewrite" | "rewrite" | "access" | "precontent" | "content", "_file") => true,
        ("server_rewrite" | "rewrite" | "access" | "precontent" | "content", _) => {
            SETTING.iter().any(|word| says(directive, word))
        }
        _ => false,
    }
}

/// Whether it sets headers of CORS, as far as its own text tells.
pub(super) fn names_cors(directive: &Directive) -> bool {
    may_set_headers(directive) && says(directive, "access-control")
}

fn says(directive: &Directive, word: &str) -> bool {
    directive.words.iter().any(|text| text.text.to_ascii_lowercase().contains(word))
}
