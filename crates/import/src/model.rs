//! What a source says about CORS, in terms that all sources share. A reader of a source fills it in; nothing here
//! decides what becomes of it.

use crate::expression::Expression;
use crate::place::{Place, Said};

/// One configuration of CORS, and the requests that it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is, for people: "`cors()` of Express".
    pub what: &'static str,
    /// Where it begins.
    pub place: Place,
    /// The requests that it is for.
    pub scope: Scope,
    /// The origins that may read responses; empty if none may.
    pub origins: Vec<Said<OriginSaid>>,
    /// The methods that a preflight allows.
    pub methods: Names,
    /// The request headers that a preflight allows.
    pub request_headers: Names,
    /// The response headers that pages may read.
    pub exposed_headers: Names,
    /// Whether responses allow credentials; `None` if that cannot be read.
    pub credentials: Said<Option<bool>>,
    /// `Access-Control-Max-Age`; `Err` is a value that cannot be read.
    pub max_age: Option<Said<Result<i64, String>>>,
    /// What else a policy cannot say.
    pub remarks: Vec<Said<Remark>>,
    /// Which requests it is for is not known, or whether it is for any: its route is only proposed.
    pub is_proposed: bool,
}

impl Rule {
    /// A rule for all paths that allows nothing yet.
    #[must_use]
    pub fn new(what: &'static str, place: &Place) -> Self {
        Self {
            what,
            place: place.clone(),
            scope: Scope::of(PathSaid::All),
            origins: Vec::new(),
            methods: Names::default(),
            request_headers: Names::default(),
            exposed_headers: Names::default(),
            credentials: Said::new(Some(false), place),
            max_age: None,
            remarks: Vec::new(),
            is_proposed: false,
        }
    }

    /// The number of origins, methods and headers that it lists.
    pub(crate) fn entries(&self) -> usize {
        let names = [&self.methods, &self.request_headers, &self.exposed_headers];
        self.origins.len() + names.into_iter().map(|names| names.listed.len()).sum::<usize>()
    }
}

/// The requests that a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scope {
    /// The host names, as the source writes them; none if it names none.
    pub hosts: Vec<String>,
    /// The paths.
    pub path: PathSaid,
    /// The only methods whose responses get CORS headers; `None` for all.
    pub methods: Option<Vec<String>>,
    /// Whether preflights are answered. Without it, only requests that need none work.
    pub preflights: bool,
    /// Which rule it is that a request gets, if several are for it.
    pub applies: Applies,
}

/// What becomes of a request that several rules of a source are for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Applies {
    /// All of them have a say.
    #[default]
    Together,
    /// The first of the file decides alone.
    First,
    /// The one with the narrowest host and path decides alone.
    Narrowest,
    /// The same, and a host that a rule names has nothing of the rules for other hosts.
    OfHost,
}

impl Applies {
    /// Whether the narrower of two rules decides alone.
    pub(crate) fn is_narrowest(self) -> bool {
        matches!(self, Self::Narrowest | Self::OfHost)
    }
}

/// The paths of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PathSaid {
    /// All.
    All,
    /// This path.
    Exact(String),
    /// This path and all below it, on a segment boundary.
    Prefix(String),
    /// Paths that a policy cannot name: the text of the source, and the nearest path of a policy, which is wider.
    Other {
        /// As the source writes it.
        text: String,
        /// A path of a policy that has them all, if there is one.
        nearest: Option<String>,
    },
}

impl PathSaid {
    /// The nearest path of a policy that has them all; `None` for all paths, and if it is not known.
    pub(crate) fn nearest(&self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Exact(path) => Some(path.clone()),
            Self::Prefix(path) => Some(format!("{}/*", path.trim_end_matches('/'))),
            Self::Other { nearest, .. } => nearest.clone(),
        }
    }
}

/// An origin that a source allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OriginSaid {
    /// This text, compared as a whole.
    Exact(String),
    /// Every origin, with the header `*`, which browsers refuse for requests with credentials.
    Any,
    /// Every origin, each told that it is the allowed one, also with credentials.
    Reflected,
    /// Those that a regular expression or another pattern matches.
    Matching(Expression),
    /// What only running the source would tell, as a noun: "a callback".
    Unreadable(String),
}

/// Methods or headers that a source lists.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Names {
    /// The names, as written.
    pub listed: Vec<Said<String>>,
    /// All of them.
    pub all: Option<Said<All>>,
    /// What only running the source would tell.
    pub unreadable: Vec<Said<String>>,
    /// A `*` at the end of a name stands for any letters, as in the families of a policy; elsewhere it is a letter.
    pub has_families: bool,
}

/// How a source allows all methods or headers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum All {
    /// With a `*`: a name like any other in a response to a request with credentials, and never `authorization`.
    Star,
    /// By repeating what the preflight asks for.
    Asked,
}

/// What a source says beside the rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What becomes of it.
    pub class: crate::report::Class,
    /// What it is about.
    pub about: crate::report::About,
    /// A sentence in lower case, without a full stop.
    pub message: String,
    /// What to do about it.
    pub advice: Option<String>,
    /// The path that a route without CORS is proposed for.
    pub closes: Option<PathSaid>,
}

impl Remark {
    /// A part of a file that is not read.
    pub fn unread(message: String, advice: Option<String>) -> Self {
        use crate::report::{About, Class};
        Self { class: Class::Unreadable, about: About::File, message, advice, closes: None }
    }
}

/// What a reader found in a file.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// What could not be read and belongs to no rule.
    pub holes: Vec<Said<Remark>>,
}

impl Scope {
    /// All requests of a path, preflights among them.
    pub(crate) fn of(path: PathSaid) -> Self {
        Self { hosts: Vec::new(), path, methods: None, preflights: true, applies: Applies::Together }
    }
}

impl Names {
    /// Names at one place.
    pub(crate) fn of<'n>(names: impl IntoIterator<Item = &'n str>, place: &Place) -> Self {
        let listed = names.into_iter().map(|name| Said::new(name.to_owned(), place)).collect();
        Self { listed, ..Self::default() }
    }

    /// The names of a header's value, separated by commas.
    pub(crate) fn of_value(value: &str, place: &Place) -> Self {
        let names = value.split(',').map(str::trim).filter(|name| !name.is_empty());
        let mut names = Self::of(names, place);
        names.take_star();
        names
    }

    pub(crate) fn asked(place: &Place) -> Self {
        Self { all: Some(Said::new(All::Asked, place)), ..Self::default() }
    }

    pub(crate) fn unreadable(what: String, place: &Place) -> Self {
        Self { unreadable: vec![Said::new(what, place)], ..Self::default() }
    }

    /// A listed `*` means all names.
    pub(crate) fn take_star(&mut self) {
        if let Some(at) = self.listed.iter().position(|name| name.value == "*") {
            let star = self.listed.remove(at);
            self.all = self.all.take().or(Some(Said::new(All::Star, &star.place)));
            self.listed.retain(|name| name.value != "*");
        }
    }
}
