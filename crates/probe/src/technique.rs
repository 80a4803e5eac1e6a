//! The ways to imitate a listed origin, each with its name, its attack and its remedy.

use core::fmt;

use crate::severity::Severity;

/// Who can control such an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// Anybody, for the price of a domain or for free.
    Anybody,
    /// An attacker on the user's network path, or one who controls another host of the owner's domain.
    Neighbour,
    /// The operator of another service on the listed host.
    SameHost,
    /// Nobody: browsers never send such a value. A server that accepts it reveals how it compares origins.
    Nobody,
}

macro_rules! techniques {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $danger:ident, $attack:literal, $instead:literal;)*) => {
        /// A way to imitate a listed origin.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Technique { $($(#[doc = $doc])* $variant,)* }

        impl Technique {
            /// All techniques, in the order in which they are tried.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The technique's name in reports.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Who can control the origin.
            #[must_use]
            pub fn danger(self) -> Danger {
                match self { $(Self::$variant => Danger::$danger,)* }
            }

            /// How an attacker exploits the technique, as a sentence.
            #[must_use]
            pub fn attack(self) -> &'static str {
                match self { $(Self::$variant => $attack,)* }
            }

            /// What the server's owner should write instead.
            #[must_use]
            pub fn instead(self) -> &'static str {
                match self { $(Self::$variant => $instead,)* }
            }
        }
    };
}

techniques! {
    /// An origin unrelated to any listed one.
    Reflection = "reflection", Anybody,
        "any page on the web can read the responses as the visitor of the page",
        "send back an origin only if the whole origin is in your list";
    /// The origin `null`.
    Null = "null", Anybody,
        "a sandboxed frame on any page has the origin `null`, so any page can read the responses",
        "remove `null` from the list; serve local files and frames from an origin of their own";
    /// The listed origin, followed by an attacker's domain.
    Suffix = "suffix", Anybody,
        "the owner of any domain can put the listed host in front of it as a subdomain, and read the responses",
        "compare the whole origin with `===`, not its beginning (`startsWith`, a pattern without `$`)";
    /// An attacker's domain whose name ends with the listed one.
    Prefix = "prefix", Anybody,
        "anybody can register a domain that ends with the listed one, and read the responses",
        "compare the whole origin with `===`, not its end (`endsWith`, a pattern without `^`); for subdomains, compare with the dot before the domain";
    /// An attacker's domain with the listed host in the middle.
    Substring = "substring", Anybody,
        "the owner of any domain can write the listed host into a subdomain, and read the responses",
        "compare the whole origin with `===`, not a part of it (`includes`, `in`, a pattern without `^` and `$`)";
    /// A letter in place of a dot.
    UnescapedDot = "unescaped-dot", Anybody,
        "anybody can register the domain with a letter instead of the dot, and read the responses",
        "write `\\.` in the pattern, because a dot in a regular expression matches any character; better, use a list of whole origins";
    /// A character that ends the host for some parsers only.
    SpecialCharacter = "special-character", Anybody,
        "browsers accept such characters in hosts under a DNS wildcard, so the owner of any domain can read the responses",
        "compare the whole origin with `===`, and refuse hosts with anything but letters, digits, `-` and `.`";
    /// A user name, with the listed host before or after the `@`.
    Userinfo = "userinfo", Nobody,
        "browsers send no user name in `Origin`, but the check only looks at a part of it, and an attacker can place that part elsewhere",
        "compare the whole origin with `===`";
    /// The listed host in a path, a query or a fragment.
    Path = "path", Nobody,
        "browsers send no path in `Origin`, but the check only looks at a part of it, and an attacker can place that part elsewhere",
        "compare the whole origin with `===`";
    /// A subdomain of the listed host.
    Subdomain = "subdomain", Neighbour,
        "an attacker who takes over a forgotten subdomain, or finds cross-site scripting in one, can read the responses",
        "list the subdomains that need it, one by one";
    /// Another host of the same domain.
    Sibling = "sibling", Neighbour,
        "an attacker who takes over a forgotten subdomain of the domain, or finds cross-site scripting in one, can read the responses",
        "list the subdomains that need it, one by one";
    /// A parent domain of the listed host.
    Parent = "parent", Neighbour,
        "an attacker who finds cross-site scripting in the site of the domain itself can read the responses",
        "list that origin only if its pages need it";
    /// The scheme `http` in place of another.
    Scheme = "scheme", Neighbour,
        "an attacker on the same network can replace the pages of the `http` site, and read the responses",
        "compare the whole origin, with its scheme, with `===`";
    /// The listed host with another port.
    Port = "port", SameHost,
        "any other service on that host, such as a developer tool, can read the responses",
        "compare the whole origin, with its port, with `===`";
    /// A lone `*`.
    Star = "star", Nobody,
        "browsers never send `*`, but the server sends it back, so it does not look up the value in a list of origins",
        "look up the whole origin in your list, and send back the one from the list";
    /// The listed host in upper case.
    UpperCase = "upper-case", Nobody,
        "browsers send hosts in lower case, but a check that ignores case may ignore more than intended",
        "compare the whole origin byte for byte: browsers always write it in the same way";
    /// The listed host with a trailing dot.
    TrailingDot = "trailing-dot", Nobody,
        "to browsers, the name with a dot at its end is another origin, with a storage of its own",
        "compare the whole origin byte for byte";
    /// Brackets around the host.
    Brackets = "brackets", Nobody,
        "browsers put only IPv6 addresses in brackets, but a check that strips them compares a value that was not sent",
        "compare the whole origin byte for byte";
    /// A host with empty labels.
    EmptyLabel = "empty-label", Nobody,
        "there are no such hosts, but the check only looks at a part of the origin",
        "compare the whole origin with `===`";
    /// An IP address in a form that URL parsing would normalize.
    AddressForm = "address-form", Nobody,
        "browsers always write an address in the same way, but a check that normalizes it compares a value that was not sent",
        "compare the whole origin byte for byte";
    /// A value longer than any origin.
    Oversize = "oversize", Nobody,
        "no host is so long, but a server that sends it back makes responses as large as an attacker wants",
        "refuse an `Origin` of more than a few hundred bytes before any other check";
    /// Two origins separated by a comma.
    Comma = "comma", Nobody,
        "browsers send one origin, but a check that finds a listed origin in a list allows the others with it",
        "treat the value as one origin, and compare the whole value";
    /// Two `Origin` lines.
    DuplicateLines = "duplicate-lines", Nobody,
        "a proxy and the server behind it may each use a different one of the two lines",
        "refuse a request with more than one `Origin`";
    /// A line break, raw or percent-encoded.
    LineBreak = "line-break", Nobody,
        "an attacker who can make a client send this may be able to write header lines into the response",
        "send back the origin from your list, never the value of the request";
    /// A byte 0.
    Nul = "nul", Nobody,
        "a check that compares strings like C only sees the part before the byte",
        "refuse an `Origin` with control characters";
}

impl Technique {
    /// How severe it is if the server grants such an origin.
    #[must_use]
    pub fn severity(self, with_credentials: bool) -> Severity {
        // Harmless in libraries that fold case (Flask-CORS): host names are case-insensitive, so nobody gains access.
        if self == Self::UpperCase {
            return Severity::Info;
        }
        match (self.danger(), with_credentials) {
            (Danger::Anybody, true) => Severity::Critical,
            (Danger::Neighbour, true) => Severity::High,
            (Danger::Anybody, false) | (Danger::SameHost, true) => Severity::Medium,
            (Danger::Neighbour | Danger::SameHost, false) | (Danger::Nobody, _) => Severity::Low,
        }
    }
}

impl fmt::Display for Technique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
