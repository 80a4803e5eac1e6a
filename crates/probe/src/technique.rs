//! The ways to look like a listed origin: one name each, what somebody does with it, what to write instead.

use core::fmt;

use crate::severity::Severity;

/// Who can be at such an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Danger {
    /// Anybody: it can be had for the price of a domain, or for nothing.
    Anybody,
    /// Who is on the path to the user, or holds something else of the owner's domain.
    Neighbour,
    /// Who runs another service on the listed host.
    SameHost,
    /// Nobody: browsers send no such value. What takes it shows how it compares.
    Nobody,
}

macro_rules! techniques {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal, $danger:ident, $attack:literal, $instead:literal;)*) => {
        /// A way to look like a listed origin.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Technique { $($(#[doc = $doc])* $variant,)* }

        impl Technique {
            /// All of them, in the order in which they are tried.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Who can be there.
            #[must_use]
            pub fn danger(self) -> Danger {
                match self { $(Self::$variant => Danger::$danger,)* }
            }

            /// What somebody does with it: a sentence.
            #[must_use]
            pub fn attack(self) -> &'static str {
                match self { $(Self::$variant => $attack,)* }
            }

            /// What to write instead.
            #[must_use]
            pub fn instead(self) -> &'static str {
                match self { $(Self::$variant => $instead,)* }
            }
        }
    };
}

techniques! {
    /// An origin that has nothing to do with a listed one.
    Reflection = "reflection", Anybody,
        "any page on the web reads the answers in the name of whoever visits it",
        "send back an origin only after it was found, as a whole, in a list of those you know";
    /// `null`.
    Null = "null", Anybody,
        "a sandboxed frame on any page has the origin `null`, so any page reads the answers",
        "take `null` from the list: nobody's name is no name; serve local files and frames from an origin of their own";
    /// The listed origin, and then a domain of the attacker's.
    Suffix = "suffix", Anybody,
        "who owns any domain puts the listed host in front of it as a subdomain, and reads the answers",
        "compare the whole origin with `===`, not its beginning (`startsWith`, a pattern without `$`)";
    /// A domain of the attacker's that ends as the listed one.
    Prefix = "prefix", Anybody,
        "who registers a domain that ends in the listed one reads the answers",
        "compare the whole origin with `===`, not its end (`endsWith`, a pattern without `^`); where subdomains are meant, keep the dot before the domain";
    /// A domain of the attacker's with the listed host in the middle.
    Substring = "substring", Anybody,
        "who owns any domain writes the listed host into a subdomain of it, and reads the answers",
        "compare the whole origin with `===`, not a part of it (`includes`, `in`, a pattern without `^` and `$`)";
    /// A letter for a dot.
    UnescapedDot = "unescaped-dot", Anybody,
        "who registers the domain that has a letter where the listed one has a dot reads the answers",
        "write `\\.` in the pattern, or better a list of whole origins: a dot of a regular expression is any character";
    /// A character that ends the host for one parser and not for another.
    SpecialCharacter = "special-character", Anybody,
        "browsers open hosts with such characters below a wildcard of DNS, so who owns any domain reads the answers",
        "compare the whole origin with `===`, and refuse what is not made of letters, digits, `-` and `.`";
    /// A page in front of the listed host, as a user's name.
    Userinfo = "userinfo", Nobody,
        "browsers send no user name in `Origin`, but the check looks at a part of it only, and the part can be moved",
        "compare the whole origin with `===`";
    /// The listed host in a path, a query or a fragment.
    Path = "path", Nobody,
        "browsers send no path in `Origin`, but the check looks at a part of it only, and the part can be moved",
        "compare the whole origin with `===`";
    /// Below the listed host.
    Subdomain = "subdomain", Neighbour,
        "who takes over one forgotten subdomain, or finds a hole for scripts in one, reads the answers",
        "list the subdomains that need it, one by one";
    /// Beside the listed host.
    Sibling = "sibling", Neighbour,
        "who takes over one forgotten subdomain of the domain, or finds a hole for scripts in one, reads the answers",
        "list the subdomains that need it, one by one";
    /// Above the listed host.
    Parent = "parent", Neighbour,
        "who finds a hole for scripts in the site of the domain itself reads the answers",
        "list that origin only if its pages need it";
    /// Plain `http`.
    Scheme = "scheme", Neighbour,
        "who is on the same network answers in the place of the `http` site, and his script reads the answers",
        "compare the whole origin, with its scheme, with `===`";
    /// Another port.
    Port = "port", SameHost,
        "any other service on that host, such as a tool of the developers, reads the answers",
        "compare the whole origin, with its port, with `===`";
    /// A lone `*`.
    Star = "star", Nobody,
        "browsers never send `*`, but what comes in goes out: the value is not looked up in a list of origins",
        "compare the whole origin with those you know, and send back that of the list";
    /// The same host in other letters.
    UpperCase = "upper-case", Nobody,
        "browsers send hosts in lower case, but a check that folds case may fold more than is meant",
        "compare the whole origin byte for byte: browsers write it in one way alone";
    /// A dot at the end.
    TrailingDot = "trailing-dot", Nobody,
        "the name with a dot at its end is another origin for browsers, with a store of its own",
        "compare the whole origin byte for byte";
    /// Brackets around the host.
    Brackets = "brackets", Nobody,
        "browsers put only IPv6 addresses in brackets, but what strips them compares something that was not sent",
        "compare the whole origin byte for byte";
    /// Labels without a character.
    EmptyLabel = "empty-label", Nobody,
        "there are no such hosts, but the check looks at a part of the origin only",
        "compare the whole origin with `===`";
    /// An address in a form that URL parsing would change.
    AddressForm = "address-form", Nobody,
        "browsers write an address in one way alone, but what resolves it compares something that was not sent",
        "compare the whole origin byte for byte";
    /// More than any origin has.
    Oversize = "oversize", Nobody,
        "no host is so long, but what sends it back makes answers as large as a stranger likes",
        "refuse an `Origin` of more than some hundred bytes before anything else";
    /// Two values with a comma.
    Comma = "comma", Nobody,
        "browsers send one origin, but a check that finds a listed one in a list lets the others in with it",
        "take the value as one origin, and compare the whole of it";
    /// Two lines.
    DuplicateLines = "duplicate-lines", Nobody,
        "two servers behind one another may each take another of the two lines for the origin",
        "refuse a request with more than one `Origin`";
    /// A line break, as it is or in percent encoding.
    LineBreak = "line-break", Nobody,
        "who can make a client send this may write lines into the head of the answer",
        "send back the origin of your list, never what came in";
    /// A byte 0.
    Nul = "nul", Nobody,
        "what compares strings as C does sees only what stands before the byte",
        "refuse an `Origin` with control characters";
}

impl Technique {
    /// How bad it is that it is granted.
    #[must_use]
    pub fn severity(self, with_credentials: bool) -> Severity {
        // Libraries that fold case (Flask-CORS) let in nobody by it: a host is the same in all letters.
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
