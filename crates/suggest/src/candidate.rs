//! The result for a rejected origin: it is suggested, or left out for a reason.

use crate::risk::{Risk, Warning};

/// The rejections of an origin on a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedOn {
    /// The name of the route.
    pub route: String,
    /// The number of rejections, which may be an estimate.
    pub decisions: u64,
    /// The number of records that the decisions were estimated from.
    pub rows: u64,
    /// Time of the first rejection, in UTC.
    pub first_seen: String,
    /// Time of the last rejection, in UTC.
    pub last_seen: String,
}

/// The place that an addition is written to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// An allowlist in the file: the environment's own, if it has one.
    Allowlist {
        /// Its name.
        name: String,
        /// Whether the list belongs to the environment and applies nowhere else.
        of_environment: bool,
    },
    /// The route's own `origins`.
    Route(String),
    /// `origins` of `[defaults.cors]`.
    Defaults,
    /// A line of a text list in KV.
    KvList {
        /// The name of the list in the policy.
        name: String,
        /// Its name in the key `allowlist/…`.
        kv: String,
    },
    /// A key for one origin in KV.
    KvKeys {
        /// The name of the list in the policy.
        name: String,
        /// The whole key, which may have `<host>` in it.
        key: String,
    },
}

impl Target {
    /// Whether the place is in the policy file, not in KV.
    #[must_use]
    pub fn is_in_policy(&self) -> bool {
        !matches!(self, Self::KvList { .. } | Self::KvKeys { .. })
    }
}

/// An origin that is suggested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The origin to allow.
    pub origin: String,
    /// The routes where it was rejected and would be allowed.
    pub refused: Vec<RefusedOn>,
    /// The place that it is written to.
    pub target: Target,
    /// Other routes that it would open.
    pub also_opens: Vec<String>,
    /// The highest risk of its warnings.
    pub risk: Risk,
    /// Reasons against allowing it.
    pub warnings: Vec<Warning>,
    /// Whether its line is in force; otherwise it is commented out. A line of high risk is not, nor one whose list is not
    /// clear.
    pub live: bool,
    /// Other lists of the routes, for `--into`.
    pub instead: Vec<String>,
}

impl Addition {
    /// The number of rejections on all its routes.
    #[must_use]
    pub fn decisions(&self) -> u64 {
        self.refused.iter().fold(0, |sum, on| sum.saturating_add(on.decisions))
    }

    /// The lists that it could belong to, if what they hold does not tell to which; otherwise none.
    #[must_use]
    pub fn unclear_lists(&self) -> &[String] {
        let unclear = self.warnings.iter().find_map(|warning| match warning {
            Warning::UnclearList { lists } => Some(lists.as_slice()),
            _ => None,
        });
        unclear.unwrap_or_default()
    }

    /// Time of the first rejection on any route, in UTC.
    #[must_use]
    pub fn first_seen(&self) -> &str {
        self.refused.iter().map(|on| on.first_seen.as_str()).min().unwrap_or_default()
    }

    /// Time of the last rejection on any route, in UTC.
    #[must_use]
    pub fn last_seen(&self) -> &str {
        self.refused.iter().map(|on| on.last_seen.as_str()).max().unwrap_or_default()
    }

    /// The comment above its line, in ASCII without control characters.
    pub(crate) fn comment(&self) -> String {
        let routes: Vec<_> = self.refused.iter().map(|on| on.route.as_str()).collect();
        let mut text = format!(
            "refused {} times on {} from {} to {}; risk {}",
            self.decisions(),
            routes.join(", "),
            self.first_seen(),
            self.last_seen(),
            self.risk.name()
        );
        for (at, warning) in self.warnings.iter().enumerate() {
            text.push_str(if at == 0 { ": " } else { "; " });
            text.push_str(&warning.to_string());
        }
        text
    }
}

/// Why an origin is not suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    /// It imitates a listed origin.
    Attack,
    /// It is `null`, or there is no origin.
    NoOrigin,
    /// A policy cannot contain it, `corsgate check` would report it, or a test case rejects it.
    Refused,
    /// It was rejected for another reason than that it is not listed.
    OtherReason,
    /// The policy has no such route, or the route allows no other origin.
    Route,
    /// It was rejected too rarely.
    Rare,
    /// The policy already allows it.
    Allowed,
    /// The policy already has it, commented out.
    Proposed,
    /// The limit of suggestions was reached.
    Beyond,
}

impl Because {
    /// The name, as it stands in JSON.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Attack => "attack",
            Self::NoOrigin => "no_origin",
            Self::Refused => "refused",
            Self::OtherReason => "other_reason",
            Self::Route => "route",
            Self::Rare => "rare",
            Self::Allowed => "allowed",
            Self::Proposed => "proposed",
            Self::Beyond => "beyond",
        }
    }
}

/// An origin that is not suggested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The origin, as it was sent.
    pub origin: String,
    /// The route, if one matched.
    pub route: Option<String>,
    /// The reason for the rejection.
    pub reason: String,
    /// The number of rejections, which may be an estimate.
    pub decisions: u64,
    /// The reason that it is not suggested, by kind.
    pub because: Because,
    /// A sentence that says why, and what to do instead.
    pub why: String,
}
