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
        "any page on the web reads the answers in the name of whoever visits it",
        "send back an origin only after it was found, as a whole, in a list of those you know";
    /// The origin `null`.
    Null = "null", Anybody,
        "a sandboxed frame on any page has the origin `null`, so any page reads the answers",
        "take `null` from the list: nobody's name is no name; serve local files and frames from an origin of their own";
    /// The listed origin, followed by an attacker's domain.
    Suffix = "suffix", Anybody,
        "who owns any domain puts the listed host in front of it as a subdomain, and reads the answers",
        "compare the whole origin with `===`, not its beginning (`startsWith`, a pattern without `$`)";
    /// An attacker's domain whose name ends with the listed one.
    Prefix = "prefix", Anybody,
        "who registers a domain that ends in the listed one reads the answers",
        "compare the whole origin with `===`, not its end (`endsWith`, a pattern without `^`); where subdomains are meant, keep the dot before the domain";
    /// An attacker's domain with the listed host in the middle.
    Substring = "substring", Anybody,
        "who owns any domain writes the listed host into a subdomain of it, and reads the answers",
        "compare the whole origin with `===`, not a part of it (`includes`, `in`, a pattern without `^` and `$`)";
    /// A letter in place of a dot.
    UnescapedDot = "unescaped-dot", Anybody,
        "who registers the domain that has a letter where the listed one has a dot reads the answers",
        "write `\\.` in the pattern, or better a list of whole origins: a dot of a regular expression is any character";
    /// A character that ends the host for some parsers only.
    SpecialCharacter = "special-character", Anybody,
        "browsers open hosts with such characters below a wildcard of DNS, so who owns any domain reads the answers",
        "compare the whole origin with `===`, and refuse what is not made of letters, digits, `-` and `.`";
    /// A user name, with the listed host before or after the `@`.
    Userinfo = "userinfo", Nobody,
        "browsers send no user name in `Origin`, but the check looks at a part of it only, and the part can be moved",
        "compare the whole origin with `===`";
    /// The listed host in a path, a query or a fragment.
    Path = "path", Nobody,
        "browsers send no path in `Origin`, but the check looks at a part of it only, and the part can be moved",
        "compare the whole origin with `===`";
    /// A subdomain of the listed host.
    Subdomain = "subdomain", Neighbour,
        "who takes over one forgotten subdomain, or finds a hole for scripts in one, reads the answers",
        "list the subdomains that need it, one by one";
    /// Another host of the same domain.
    Sibling = "sibling", Neighbour,
        "who takes over one forgotten subdomain of the domain, or finds a hole for scripts in one, reads the answers",
        "list the subdomains that need it, one by one";
    /// A parent domain of the listed host.
    Parent = "parent", Neighbour,
        "who finds a hole for scripts in the site of the domain itself reads the answers",
        "list that origin only if its pages need it";
    /// The scheme `http` in place of another.
    Scheme = "scheme", Neighbour,
        "who is on the same network answers in the place of the `http` site, and his script reads the answers",
        "compare the whole origin, with its scheme, with `===`";
    /// The listed host with another port.
    Port = "port", SameHost,
        "any other service on that host, such as a tool of the developers, reads the answers",
        "compare the whole origin, with its port, with `===`";
    /// A lone `*`.
    Star = "star", Nobody,
        "browsers never send `*`, but what comes in goes out: the value is not looked up in a list of origins",
        "compare the whole origin with those you know, and send back that of the list";
    /// The listed host in upper case.
    UpperCase = "upper-case", Nobody,
        "browsers send hosts in lower case, but a check that folds case may fold more than is meant",
        "compare the whole origin byte for byte: browsers write it in one way alone";
    /// The listed host with a trailing dot.
    TrailingDot = "trailing-dot", Nobody,
        "the name with a dot at its end is another origin for browsers, with a store of its own",
        "compare the whole origin byte for byte";
    /// Brackets around the host.
    Brackets = "brackets", Nobody,
        "browsers put only IPv6 addresses in brackets, but what strips them compares something that was not sent",
        "compare the whole origin byte for byte";
    /// A host with empty labels.
    EmptyLabel = "empty-label", Nobody,
        "there are no such hosts, but the check looks at a part of the origin only",
        "compare the whole origin with `===`";
    /// An IP address in a form that URL parsing would normalize.
    AddressForm = "address-form", Nobody,
        "browsers write an address in one way alone, but what resolves it compares something that was not sent",
        "compare the whole origin byte for byte";
    /// A value longer than any origin.
    Oversize = "oversize", Nobody,
        "no host is so long, but what sends it back makes answers as large as a stranger likes",
        "refuse an `Origin` of more than some hundred bytes before anything else";
    /// Two origins separated by a comma.
    Comma = "comma", Nobody,
        "browsers send one origin, but a check that finds a listed one in a list lets the others in with it",
        "take the value as one origin, and compare the whole of it";
    /// Two `Origin` lines.
    DuplicateLines = "duplicate-lines", Nobody,
        "two servers behind one another may each take another of the two lines for the origin",
        "refuse a request with more than one `Origin`";
    /// A line break, raw or percent-encoded.
    LineBreak = "line-break", Nobody,
        "who can make a client send this may write lines into the head of the answer",
        "send back the origin of your list, never what came in";
    /// A byte 0.
    Nul = "nul", Nobody,
        "what compares strings as C does sees only what stands before the byte",
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
