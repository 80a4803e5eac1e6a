//! The rules that rate limits keep.

use crate::document::LimitDocument;
use crate::policy::is_name;
use crate::reader::Reader;
use crate::token::HeaderName;
use crate::violation::Violation;

/// Holds the limits of a route to their rules.
pub(crate) fn check(limits: &[LimitDocument], reader: &mut Reader<'_>) {
    let by_client_ip = limits.iter().any(|limit| limit.by.iter().any(|key| key == "client_ip"));
    for (at, limit) in limits.iter().enumerate() {
        let mut reader = reader.index(at);
        let named_before = limits.iter().take(at).any(|earlier| earlier.name == limit.name);
        reader.key("name").require(is_name(&limit.name), Violation::Name);
        reader.key("name").require(!named_before, Violation::DuplicateName);
        for (value, field) in [(limit.quota, "quota"), (limit.window, "window")] {
            reader.key(field).require(value > 0, Violation::ZeroLimit);
        }
        let mut reader = reader.key("by");
        reader.require(!limit.by.is_empty(), Violation::NoLimitKey);
        for (at, key) in limit.by.iter().enumerate() {
            let header = key.strip_prefix("header:");
            let known = matches!(key.as_str(), "client_ip" | "origin" | "route")
                || header.is_some_and(|name| HeaderName::parse(name).is_ok());
            reader.index(at).require(known, Violation::LimitKey);
            let invented = header.is_some() || key == "origin";
            reader.index(at).require(!invented || by_client_ip, Violation::InventedLimitKey);
        }
    }
}
