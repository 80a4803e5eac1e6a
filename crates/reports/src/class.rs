//! The class of a recorded reason.

use corsgate_policy::record::{CREDENTIALS_NOT_ALLOWED, LIMITER_UNAVAILABLE};
use corsgate_policy::{Reason, ReasonClass};

/// The class of a reason as a record names it; `None` without a reason, or for the reason of another version.
pub(crate) fn class_of(reason: &str) -> Option<ReasonClass> {
    match reason {
        LIMITER_UNAVAILABLE => Some(ReasonClass::Limit),
        CREDENTIALS_NOT_ALLOWED => Some(ReasonClass::Cors),
        _ => Reason::from_name(reason).map(Reason::class),
    }
}

/// The recorded reasons of a class.
pub(crate) fn reasons_of(class: ReasonClass) -> Vec<&'static str> {
    let named = Reason::ALL.iter().map(|reason| reason.name());
    let recorded = named.chain([LIMITER_UNAVAILABLE, CREDENTIALS_NOT_ALLOWED]);
    recorded.filter(|reason| class_of(reason) == Some(class)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_one_class() {
        let listed: usize = ReasonClass::ALL.into_iter().map(|class| reasons_of(class).len()).sum();
        assert_eq!(listed, Reason::ALL.len() + 2);
        let upstream =
            ["upstream_unreachable", "upstream_timeout", "upstream_invalid", "upstream_loop"].as_slice();
        assert_eq!(reasons_of(ReasonClass::Upstream), upstream);
        assert_eq!(reasons_of(ReasonClass::Limit), ["rate_limited", "limiter_unavailable"]);
        assert_eq!(class_of(""), None);
        assert_eq!(class_of("of_another_version"), None);
    }
}
