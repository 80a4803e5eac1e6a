//! What comes of an origin that was refused.

use crate::risk::{Risk, Warning};

/// The refusals of an origin on a route.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedOn {
    /// The route.
    pub route: String,
    /// How often.
    pub decisions: u64,
    /// Counted from how many records.
    pub rows: u64,
    /// First, UTC.
    pub first_seen: String,
    /// Last.
    pub last_seen: String,
}

/// Where an addition belongs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A list of the policy; of the environment, where that writes it.
    Allowlist {
        /// Its name.
        name: String,
        /// It is the environment's own, and holds nowhere else.
        of_environment: bool,
    },
    /// The route's own `origins`.
    Route(String),
    /// `origins` of `[defaults.cors]`.
    Defaults,
    /// A line of a list in KV: the name of the list, and that in the key `allowlist/…`.
    KvList {
        /// Its name in the policy.
        name: String,
        /// Its name in the key.
        kv: String,
    },
    /// A key in KV.
    KvKeys {
        /// The name of the list in the policy.
        name: String,
        /// The key.
        key: String,
    },
}

impl Target {
    /// Whether it is in the file.
    #[must_use]
    pub fn is_in_policy(&self) -> bool {
        !matches!(self, Self::KvList { .. } | Self::KvKeys { .. })
    }
}

/// An origin that is suggested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Addition {
    /// The origin.
    pub origin: String,
    /// Where it was refused and would be allowed.
    pub refused: Vec<RefusedOn>,
    /// Where it is put.
    pub target: Target,
    /// The routes that it opens beside these.
    pub also_opens: Vec<String>,
    /// The greatest of the warnings.
    pub risk: Risk,
    /// What speaks against it.
    pub warnings: Vec<Warning>,
    /// It is written as it is, and not commented out.
    pub live: bool,
    /// Other lists of the routes, which `--into` takes.
    pub instead: Vec<String>,
}

impl Addition {
    /// How often it was refused.
    #[must_use]
    pub fn decisions(&self) -> u64 {
        self.refused.iter().fold(0, |sum, on| sum.saturating_add(on.decisions))
    }

    /// When first.
    #[must_use]
    pub fn first_seen(&self) -> &str {
        self.refused.iter().map(|on| on.first_seen.as_str()).min().unwrap_or_default()
    }

    /// When last.
    #[must_use]
    pub fn last_seen(&self) -> &str {
        self.refused.iter().map(|on| on.last_seen.as_str()).max().unwrap_or_default()
    }

    /// What is said of it above its line: in ASCII, without any control character.
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

/// Why something is not suggested.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    /// It was made to be taken for a listed origin.
    Attack,
    /// `null`, or no origin at all.
    NoOrigin,
    /// The policy cannot hold it, or `corsgate check` would say something about it.
    Refused,
    /// Another reason than that the origin is not listed.
    OtherReason,
    /// The policy has no such route, or allows no page there.
    Route,
    /// It is too rare.
    Rare,
    /// The policy allows it already.
    Allowed,
    /// It stands there commented out.
    Proposed,
    /// There are too many.
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
    /// The route, if there was one.
    pub route: Option<String>,
    /// The reason of the refusal.
    pub reason: String,
    /// How often.
    pub decisions: u64,
    /// Which kind of answer this is.
    pub because: Because,
    /// A sentence: why, and what to do instead.
    pub why: String,
}
