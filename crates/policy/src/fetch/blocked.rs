//! Why a browser keeps a response from the page.

use core::fmt;

/// Why a browser keeps a response from the page, or does not send the request. The checks borrow from the response
/// (`Blocked<&str>`); [`into_owned`](Blocked::into_owned) outlives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Blocked<S = String> {
    /// There is no `Access-Control-Allow-Origin`.
    NoAllowOrigin,
    /// It names another origin.
    OtherOrigin(S),
    /// It is `*`, and there are credentials.
    AnyOriginWithCredentials,
    /// There are credentials, and `Access-Control-Allow-Credentials` is this value, or empty if it is absent, instead of
    /// `true`.
    Credentials(S),
    /// A preflight whose status is not 200 to 299. A redirect is reported before any other fault, as no browser follows it.
    Status(u16),
    /// A preflight with a list that does not parse: the whole list.
    Unparsable(ListHeader, S),
    /// A preflight that does not allow the method.
    Method(S),
    /// A preflight that does not allow a header.
    Header(S),
}

impl Blocked<&str> {
    /// The same, with texts of its own.
    #[must_use]
    pub fn into_owned(self) -> Blocked {
        match self {
            Self::NoAllowOrigin => Blocked::NoAllowOrigin,
            Self::OtherOrigin(value) => Blocked::OtherOrigin(value.into()),
            Self::AnyOriginWithCredentials => Blocked::AnyOriginWithCredentials,
            Self::Credentials(value) => Blocked::Credentials(value.into()),
            Self::Status(status) => Blocked::Status(status),
            Self::Unparsable(header, member) => Blocked::Unparsable(header, member.into()),
            Self::Method(method) => Blocked::Method(method.into()),
            Self::Header(name) => Blocked::Header(name.into()),
        }
    }
}

/// A header of a preflight's response that is a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListHeader {
    /// `Access-Control-Allow-Methods`.
    Methods,
    /// `Access-Control-Allow-Headers`.
    Headers,
}

impl fmt::Display for ListHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Methods => "Access-Control-Allow-Methods",
            Self::Headers => "Access-Control-Allow-Headers",
        })
    }
}
