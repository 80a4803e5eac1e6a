//! Why a browser asks first, in words.

use corsgate_explain::{Cause, Need, NoNeed, Unsafe};

/// Whether there is a preflight, in a sentence.
pub(super) fn need(need: &Need) -> String {
    match need {
        Need::Yes(causes) => {
            let causes: Vec<_> = causes.iter().map(cause).collect();
            format!("the browser sends a preflight first: {}", causes.join("; "))
        }
        Need::No(NoNeed::Handshake) => {
            "the browser sends no preflight: CORS does not apply to WebSockets".to_owned()
        }
        Need::No(NoNeed::SameOrigin) => "the browser sends no preflight: the origins are the same".to_owned(),
        Need::No(NoNeed::Simple) => {
            "the browser sends no preflight: method and headers are safelisted".to_owned()
        }
    }
}

fn cause(cause: &Cause) -> String {
    match cause {
        Cause::Method(method) => format!("the method `{method}` is not safelisted"),
        Cause::Header(name, why) => match why {
            Unsafe::Name => format!("the header `{name}` is not safelisted"),
            Unsafe::Length => format!("the value of `{name}` is longer than 128 bytes"),
            Unsafe::Value => format!("the value of `{name}` is not safelisted"),
            Unsafe::Unknown => {
                format!("the value of `{name}` is unknown, so it is treated as not safelisted")
            }
            Unsafe::Total => {
                format!("`{name}`: the values of safelisted headers have more than 1024 bytes in total")
            }
        },
        Cause::Seen => "the archive has its preflight".to_owned(),
    }
}

/// For programs: what, which, and why.
pub(super) fn parts(cause: &Cause) -> (&'static str, Option<&str>, Option<&'static str>) {
    match cause {
        Cause::Method(method) => ("method", Some(method), None),
        Cause::Header(name, why) => {
            let why = match why {
                Unsafe::Name => "name",
                Unsafe::Length => "length",
                Unsafe::Value => "value",
                Unsafe::Unknown => "unknown_value",
                Unsafe::Total => "total_length",
            };
            ("header", Some(name), Some(why))
        }
        Cause::Seen => ("seen", None, None),
    }
}
