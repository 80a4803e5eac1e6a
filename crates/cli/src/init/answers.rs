//! The answers, each read by the parser of policies.

use clap::ValueEnum;
use corsgate_authoring::domains::registrable_domain;
use corsgate_authoring::presets::{Preset, preset};
use corsgate_policy::grammar::host::HostPattern;
use corsgate_policy::origin::pattern::OriginPattern;
use corsgate_policy::policy::upstream::Upstream;

use crate::failure::UsageError;
use crate::gateway::localhost::is_loopback;

/// Everything that a project is made from.
#[derive(Clone, Debug)]
pub(crate) struct Answers {
    pub(crate) upstream: ApiUrl,
    pub(crate) host: PublicHost,
    pub(crate) origins: Vec<PageOrigin>,
    pub(crate) credentials: Credentials,
    pub(crate) presets: Vec<&'static Preset>,
}

/// Where requests go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ApiUrl(pub(crate) String);

impl ApiUrl {
    /// Reads an `https` URL, or `zone`.
    pub(crate) fn parse(text: &str) -> Result<Self, UsageError> {
        match Upstream::parse(text) {
            Ok(Upstream::Service(_)) => Err(UsageError::new(
                "a service binding needs a line in wrangler.toml that names its Worker: answer with an `https://` URL, and change it afterwards",
            )),
            Ok(_) => Ok(Self(text.to_owned())),
            Err(error) => Err(UsageError::new(error.to_string())),
        }
    }

    /// Whether it is the server behind the public host itself.
    pub(crate) fn is_zone(&self) -> bool {
        self.0 == "zone"
    }

    /// Whether only this machine reaches it.
    pub(crate) fn is_local(&self) -> bool {
        self.0.starts_with("http://")
    }
}

/// The name under which pages reach the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PublicHost(pub(crate) String);

impl PublicHost {
    /// Reads a name of a domain that somebody can have at Cloudflare, or `*.` before one. An `https://` before it and a
    /// slash behind it say nothing else.
    pub(crate) fn parse(text: &str) -> Result<Self, UsageError> {
        let name = text.strip_prefix("https://").map(|rest| rest.strip_suffix('/').unwrap_or(rest));
        let text = name.unwrap_or(text);
        HostPattern::parse(text).map_err(|error| {
            let is_url = name.is_some() || text.contains("://");
            let alone = if is_url { "; write the host alone, without `https://`, port and path" } else { "" };
            UsageError::new(format!("{error}{alone}"))
        })?;
        let host = Self(text.to_owned());
        match host.zone() {
            Some(_) => Ok(host),
            None => Err(UsageError::new(format!(
                "`{text}` is no name below a domain that Cloudflare could serve: write for example `api.example.com`; on this machine, the environment `development` answers to `localhost`"
            ))),
        }
    }

    /// The domain that is a zone at Cloudflare.
    pub(crate) fn zone(&self) -> Option<&str> {
        let name = self.0.strip_prefix("*.").unwrap_or(&self.0);
        let is_name = name.bytes().any(|byte| byte.is_ascii_alphabetic()) && !name.starts_with('[');
        registrable_domain(name).filter(|_| is_name && name.contains('.'))
    }

    /// Whether it stands for many hosts.
    fn is_pattern(&self) -> bool {
        self.0.starts_with("*.")
    }

    /// A host that it stands for.
    pub(crate) fn example(&self) -> String {
        self.0.replace("*.", "any.")
    }
}

/// An origin of pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PageOrigin {
    /// Any origin.
    Any,
    /// One origin; it can be in a list in KV.
    Exact(String),
    /// Many origins.
    Pattern(OriginPattern),
    /// An origin of this machine, which is allowed in development.
    Local(String),
}

impl PageOrigin {
    /// The origin, as it was written.
    fn as_str(&self) -> &str {
        match self {
            Self::Any => "*",
            Self::Exact(text) | Self::Local(text) => text,
            Self::Pattern(pattern) => pattern.as_str(),
        }
    }

    /// Reads an origin, a pattern, or `*`.
    pub(crate) fn parse(text: &str) -> Result<Self, UsageError> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let pattern = OriginPattern::parse(text).map_err(|error| {
            let near = corsgate_authoring::nearest_origin(text).filter(|near| near != text);
            let meant = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            UsageError::new(format!("{error}{meant}"))
        })?;
        let form = pattern.form();
        Ok(if form.scheme.starts_with("http") && is_loopback(form.host) {
            Self::Local(text.to_owned())
        } else if form.is_exact() {
            Self::Exact(text.to_owned())
        } else {
            Self::Pattern(pattern)
        })
    }

    /// Reads one or more, with commas or white space between them.
    pub(crate) fn parse_all(text: &str) -> Result<Vec<Self>, UsageError> {
        let texts = text.split([',', ' ', '\t', '\n', '\r']).filter(|text| !text.is_empty());
        texts
            .map(|text| Self::parse(text).map_err(|error| UsageError::new(format!("`{text}`: {error}"))))
            .collect()
    }
}

/// How pages say who their user is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Credentials {
    /// Cookies, or HTTP authentication: the browser adds them
    Cookies,
    /// A token that the page itself sets, as in `Authorization`; or nothing
    Tokens,
}

/// Reads the name of a preset.
pub(crate) fn parse_preset(name: &str) -> Result<&'static Preset, UsageError> {
    preset(name).map_err(|near| {
        let help = near.map_or_else(
            || "`corsgate presets` lists them".to_owned(),
            |near| format!("did you mean `{near}`?"),
        );
        UsageError::new(format!("there is no preset `{name}`: {help}"))
    })
}

impl Answers {
    /// The single origins, which are in the list in KV. Without those that a pattern allows already: the gateway would never
    /// look for them there.
    pub(crate) fn exact(&self) -> Vec<&str> {
        self.of(|origin| match origin {
            PageOrigin::Exact(text) if self.covering(text).is_none() => Some(text.as_str()),
            _ => None,
        })
    }

    /// The single origins that are in no list, each with the pattern that allows it.
    pub(crate) fn covered(&self) -> Vec<(&str, &OriginPattern)> {
        let exact = self.of(|origin| match origin {
            PageOrigin::Exact(text) => Some(text.as_str()),
            _ => None,
        });
        exact.into_iter().filter_map(|text| Some((text, self.covering(text)?))).collect()
    }

    fn covering(&self, exact: &str) -> Option<&OriginPattern> {
        let exact = OriginPattern::parse(exact).ok()?;
        self.patterns().into_iter().find(|pattern| pattern.form().covers(&exact.form()))
    }

    /// The patterns, which are in the policy.
    pub(crate) fn patterns(&self) -> Vec<&OriginPattern> {
        let patterns = self.origins.iter().filter_map(|origin| match origin {
            PageOrigin::Pattern(pattern) => Some(pattern),
            _ => None,
        });
        patterns.collect()
    }

    /// The origins of this machine.
    pub(crate) fn local(&self) -> Vec<&str> {
        self.of(|origin| match origin {
            PageOrigin::Local(text) => Some(text.as_str()),
            _ => None,
        })
    }

    fn of<'a>(&'a self, text: impl Fn(&'a PageOrigin) -> Option<&'a str>) -> Vec<&'a str> {
        let mut all: Vec<&str> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        all.extend(self.origins.iter().filter_map(text).filter(|text| seen.insert(*text)));
        all
    }

    /// Why the origins cannot stand in one policy, or need none.
    pub(crate) fn contradiction(&self) -> Option<String> {
        let other = self.origins.iter().find(|origin| **origin != PageOrigin::Any);
        if let Some(other) = other.filter(|_| self.allows_any()) {
            return Some(format!(
                "`*` already allows every page, so write it alone, without `{}`; or leave it out, and name the pages (CG015)",
                other.as_str()
            ));
        }
        let own = self.own_origin();
        let names_own = self.origins.contains(&PageOrigin::Exact(own.clone())) && !self.host.is_pattern();
        names_own.then(|| {
            format!("`{own}` is the origin of the API itself, whose pages need no CORS: name the origins of other pages")
        })
    }

    /// The origin of the pages that the API itself serves, on the host that cases ask.
    pub(crate) fn own_origin(&self) -> String {
        format!("https://{}", self.example_host())
    }

    /// A host of the API, and for a wildcard one that is not the host of a page, for which cases could prove nothing.
    pub(crate) fn example_host(&self) -> String {
        let is_page = |host: &String| self.origins.contains(&PageOrigin::Exact(format!("https://{host}")));
        let names = ["any.", "api.", "other."].map(|name| self.host.0.replace("*.", name));
        names.into_iter().find(|host| !is_page(host)).unwrap_or_else(|| self.host.example())
    }

    /// Whether every origin is allowed.
    pub(crate) fn allows_any(&self) -> bool {
        self.origins.contains(&PageOrigin::Any)
    }
}
