//! Finds reasons against allowing an origin.

use core::fmt;
use std::collections::BTreeSet;

use corsgate_authoring::{domains, letters};
use corsgate_policy::grammar::host::{is_address, is_loopback, is_private_address};
use corsgate_policy::origin::Origin;
use corsgate_policy::origin::pattern::OriginPattern;

use crate::shown::shown;

pub use corsgate_compare::Risk;

/// The most listed domains that one is compared with letter by letter. More would make a long list slow.
const MOST_COMPARED: usize = 2000;

/// A reason against allowing an origin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// `http` to a host that is not loopback.
    Insecure,
    /// A loopback host: whichever machine the browser runs on.
    Loopback {
        /// Whether the list already has such entries.
        usual: bool,
    },
    /// An IP address of a private network.
    PrivateAddress,
    /// Any other IP address.
    Address,
    /// The host itself is a public suffix.
    PublicSuffix,
    /// A host of a single label, which means another server in each network.
    SingleLabel,
    /// A name on a platform where anybody can get one.
    SharedHosting {
        /// The platform's suffix.
        suffix: String,
    },
    /// A domain that looks like a listed one.
    LookAlike {
        /// The listed domain.
        listed: String,
    },
    /// A host with letters of other scripts.
    OtherLetters {
        /// The host in Unicode.
        decoded: String,
        /// Whether a label mixes several scripts.
        mixed: bool,
    },
    /// A domain of which no name is listed.
    NewDomain {
        /// The registered domain.
        domain: String,
        /// Whether the routes allow credentials.
        credentials: bool,
        /// Whether the operator named the origin.
        vouched: bool,
    },
    /// A scheme other than `https` and `http`.
    Scheme {
        /// The scheme, without `:`.
        scheme: String,
    },
    /// A port that is not the scheme's default.
    Port {
        /// The port number.
        port: u16,
    },
    /// It would also open routes that did not reject it.
    AlsoOpens {
        /// The names of these routes.
        routes: Vec<String>,
    },
    /// It could belong to any of several lists, and what they hold does not tell to which.
    UnclearList {
        /// The names of all these lists.
        lists: Vec<String>,
    },
    /// The figures are estimated from few records.
    FewRecords {
        /// The number of records.
        rows: u64,
    },
    /// All rejections came within some minutes.
    OneBurst,
    /// The rejections are spread evenly over many routes, as a scanner's are.
    Sweep {
        /// The number of routes.
        routes: usize,
    },
}

impl Warning {
    /// The risk that this reason stands for.
    #[must_use]
    pub fn risk(&self) -> Risk {
        match self {
            Self::Insecure
            | Self::Loopback { usual: false }
            | Self::PrivateAddress
            | Self::Address
            | Self::PublicSuffix
            | Self::SingleLabel
            | Self::SharedHosting { .. }
            | Self::LookAlike { .. }
            | Self::Scheme { .. }
            | Self::OtherLetters { mixed: true, .. }
            | Self::NewDomain { credentials: true, vouched: false, .. } => Risk::High,
            _ => Risk::Medium,
        }
    }

    /// Whether the reason is about the figures, not about the origin.
    #[must_use]
    pub fn is_low_confidence(&self) -> bool {
        matches!(self, Self::FewRecords { .. } | Self::OneBurst | Self::Sweep { .. })
    }

    /// The name, as it stands in JSON.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Insecure => "insecure",
            Self::Loopback { .. } => "loopback",
            Self::PrivateAddress => "private_address",
            Self::Address => "address",
            Self::PublicSuffix => "public_suffix",
            Self::SingleLabel => "single_label",
            Self::SharedHosting { .. } => "shared_hosting",
            Self::LookAlike { .. } => "look_alike",
            Self::OtherLetters { .. } => "other_letters",
            Self::NewDomain { .. } => "new_domain",
            Self::Scheme { .. } => "scheme",
            Self::Port { .. } => "port",
            Self::AlsoOpens { .. } => "also_opens",
            Self::UnclearList { .. } => "unclear_list",
            Self::FewRecords { .. } => "few_records",
            Self::OneBurst => "one_burst",
            Self::Sweep { .. } => "sweep",
        }
    }
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Insecure => {
                f.write_str("an attacker on the network can replace a page that is loaded over `http`")
            }
            Self::Loopback { .. } => {
                f.write_str("any program on the visitor's machine can serve pages there")
            }
            Self::PrivateAddress => f.write_str("a private address is a different machine in each network"),
            Self::Address => f.write_str("an IP address can change its owner"),
            Self::PublicSuffix => f.write_str("the host is a public suffix, which belongs to nobody alone"),
            Self::SingleLabel => f.write_str("a name with one label is a different machine in each network"),
            Self::SharedHosting { suffix } => {
                write!(
                    f,
                    "anybody can get a name under `{}`, and this name when it is given up",
                    shown(suffix)
                )
            }
            Self::LookAlike { listed } => write!(f, "it looks like `{}`, which is listed", shown(listed)),
            Self::OtherLetters { decoded, mixed } => {
                write!(f, "decoded, it is `{}`", shown(decoded))?;
                f.write_str(if *mixed { ", with letters of several scripts" } else { "" })
            }
            Self::NewDomain { domain, credentials, .. } => {
                write!(f, "no origin of `{}` is listed", shown(domain))?;
                f.write_str(if *credentials {
                    ", and its pages could act with your users' cookies"
                } else {
                    ""
                })
            }
            Self::Scheme { scheme } => {
                write!(
                    f,
                    "`{}` belongs to an app or an extension, so no domain says whose it is",
                    shown(scheme)
                )
            }
            Self::Port { port } => write!(f, "port {port} may be another service of the host"),
            Self::AlsoOpens { routes } => write!(f, "it also allows {}", routes.join(", ")),
            Self::UnclearList { lists } => {
                write!(
                    f,
                    "the entries of {} do not tell which of them it belongs to (choose by --into)",
                    lists.join(", ")
                )
            }
            Self::FewRecords { rows } => write!(f, "few records: {rows}"),
            Self::OneBurst => f.write_str("a single burst, which a single client can cause"),
            Self::Sweep { routes } => {
                write!(
                    f,
                    "about as often on each of {routes} routes, which looks like one client that tries them all"
                )
            }
        }
    }
}

/// The registered domains that a policy lists.
#[derive(Debug, Default)]
pub(crate) struct ListedDomains {
    /// The domains of the chosen environment.
    pub(crate) domains: BTreeSet<String>,
    /// The domains of all environments, each with its form by `letters::look`.
    looks: Vec<(String, String)>,
}

impl ListedDomains {
    /// `here` are the entries of the chosen environment, `anywhere` those of all.
    pub(crate) fn of<'e>(
        here: impl Iterator<Item = &'e str>,
        anywhere: impl Iterator<Item = &'e str>,
    ) -> Self {
        let looks = domains(anywhere).into_iter().take(MOST_COMPARED).map(|domain| {
            let look = letters::look(&domain);
            (domain, look)
        });
        Self { domains: domains(here), looks: looks.collect() }
    }

    /// The listed domain that this one could be mistaken for.
    fn look_alike(&self, domain: &str) -> Option<&str> {
        let alike = domains::look_alike(domain, self.looks.iter().map(|(other, _)| other.as_str()));
        let look = letters::look(domain);
        let same = || self.looks.iter().find(|(other, as_seen)| other != domain && *as_seen == look);
        alike.or_else(|| same().map(|(other, _)| other.as_str()))
    }
}

fn domains<'e>(entries: impl Iterator<Item = &'e str>) -> BTreeSet<String> {
    let patterns = entries.filter_map(|entry| OriginPattern::parse(entry).ok());
    patterns
        .filter_map(|pattern| domains::registrable_domain(pattern.form().host).map(str::to_owned))
        .collect()
}

/// What a judgement needs to know besides the origin.
pub(crate) struct Circumstances<'c> {
    pub(crate) listed: &'c ListedDomains,
    pub(crate) credentials: bool,
    pub(crate) vouched: bool,
    /// Whether the list already holds loopback origins.
    pub(crate) usual_loopback: bool,
}

/// The reasons against allowing an origin, highest risk first.
pub(crate) fn of_origin(origin: &Origin<'_>, around: &Circumstances<'_>) -> Vec<Warning> {
    let host = origin.host();
    let is_web = matches!(origin.scheme(), "https" | "http");
    let mut all = Vec::new();
    if is_loopback(host) && is_web {
        all.push(Warning::Loopback { usual: around.usual_loopback });
    } else if !is_web {
        all.push(Warning::Scheme { scheme: origin.scheme().to_owned() });
    } else {
        if origin.is_insecure() {
            all.push(Warning::Insecure);
        }
        all.extend(of_host(host, around));
        all.extend(origin.port().map(|port| Warning::Port { port }));
    }
    all
}

fn of_host(host: &str, around: &Circumstances<'_>) -> Vec<Warning> {
    if is_address(host) {
        return vec![if is_private_address(host) { Warning::PrivateAddress } else { Warning::Address }];
    }
    if domains::is_public_suffix(host) {
        return vec![Warning::PublicSuffix];
    }
    let mut all = Vec::new();
    let Some(domain) = domains::registrable_domain(host) else {
        return vec![Warning::SingleLabel];
    };
    let is_new = !around.listed.domains.contains(domain);
    if is_new {
        if let Some(listed) = around.listed.look_alike(domain) {
            all.push(Warning::LookAlike { listed: listed.to_owned() });
        }
        if let Some(suffix) = domains::platform_of(host) {
            all.push(Warning::SharedHosting { suffix: suffix.to_owned() });
        }
    }
    if let Some(decoded) = letters::decoded(host) {
        let mixed = letters::mixes_scripts(&decoded);
        all.push(Warning::OtherLetters { decoded, mixed });
    }
    if is_new {
        let domain = domain.to_owned();
        all.push(Warning::NewDomain { domain, credentials: around.credentials, vouched: around.vouched });
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_risk_is_seen_and_none_without_a_warning() {
        let entries = [
            "https://app.example.com",
            "https://*.bank-of-shops.com",
            "https://apple.com",
            "https://a.pages.dev",
        ];
        let listed = ListedDomains::of(entries.into_iter(), entries.into_iter());
        for (origin, risk, warnings) in [
            ("https://beta.example.com", Risk::Low, &[][..]),
            ("https://beta.example.com:8443", Risk::Medium, &["port"]),
            ("https://shop.example", Risk::Medium, &["new_domain"]),
            ("http://beta.example.com", Risk::High, &["insecure"]),
            ("http://shop.example:8080", Risk::High, &["insecure", "new_domain", "port"]),
            ("https://github.io", Risk::High, &["public_suffix"]),
            ("https://co.uk", Risk::High, &["public_suffix"]),
            ("https://team.github.io", Risk::High, &["shared_hosting", "new_domain"]),
            // The domain is listed, so its owner is already trusted.
            ("https://b.a.pages.dev", Risk::Low, &[]),
            ("https://exarnple.com", Risk::High, &["look_alike", "new_domain"]),
            ("https://example.net", Risk::High, &["look_alike", "new_domain"]),
            ("https://bank-of-shop.com", Risk::High, &["look_alike", "new_domain"]),
            ("https://bankofshops.com", Risk::High, &["look_alike", "new_domain"]),
            ("https://xn--80ak6aa92e.com", Risk::High, &["look_alike", "other_letters", "new_domain"]),
            ("https://xn--pple-43d.com", Risk::High, &["look_alike", "other_letters", "new_domain"]),
            ("https://xn--bcher-kva.example", Risk::Medium, &["other_letters", "new_domain"]),
            ("http://localhost:5173", Risk::High, &["loopback"]),
            ("https://127.0.0.1", Risk::High, &["loopback"]),
            ("http://[::1]:3000", Risk::High, &["loopback"]),
            ("https://192.168.0.7", Risk::High, &["private_address"]),
            ("https://100.64.0.1", Risk::High, &["private_address"]),
            ("https://[fd00::1]", Risk::High, &["private_address"]),
            ("https://[::ffff:a00:1]", Risk::High, &["private_address"]),
            ("http://192.0.2.1", Risk::High, &["insecure", "address"]),
            ("https://[2001:db8::1]:8443", Risk::High, &["address", "port"]),
            ("https://intranet", Risk::High, &["single_label"]),
            ("chrome-extension://abcdefgh", Risk::High, &["scheme"]),
            ("capacitor://localhost", Risk::High, &["scheme"]),
        ] {
            let around =
                Circumstances { listed: &listed, credentials: false, vouched: false, usual_loopback: false };
            let found = of_origin(&Origin::parse(origin).expect(origin), &around);
            assert_eq!(found.iter().map(Warning::name).collect::<Vec<_>>(), warnings, "{origin}");
            let greatest = found.iter().map(Warning::risk).max().unwrap_or(Risk::Low);
            assert_eq!(greatest, risk, "{origin}");
            for warning in &found {
                let text = warning.to_string();
                assert!(text.bytes().all(|byte| matches!(byte, b' '..=b'~')), "{text}");
            }
        }
    }

    #[test]
    fn what_is_around_an_origin_matters() {
        let listed = ListedDomains::default();
        let risk = |origin: &str, credentials, vouched, usual_loopback| {
            let around = Circumstances { listed: &listed, credentials, vouched, usual_loopback };
            let found = of_origin(&Origin::parse(origin).expect("an origin"), &around);
            found.iter().map(Warning::risk).max()
        };
        assert_eq!(risk("https://shop.example", true, false, false), Some(Risk::High));
        assert_eq!(risk("https://shop.example", true, true, false), Some(Risk::Medium));
        // Naming an origin does not lower a risk that lies in the name itself.
        assert_eq!(risk("https://team.github.io", false, true, false), Some(Risk::High));
        assert_eq!(risk("http://localhost:3000", false, false, true), Some(Risk::Medium));
    }
}
