//! What a server answers to one request.

use crate::place::{Place, Said};
use crate::server::pages::has_marker;

/// A header of an answer. Its value may contain the markers of `pages`; `Err` is what it depends on, as a noun.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// In lower case.
    pub(super) name: String,
    pub(super) value: Result<String, String>,
    pub(super) place: Place,
    /// It is also added to answers with an error status.
    pub(super) on_errors: bool,
}

/// The status of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(super) enum Status {
    /// The server's own.
    Own(u16),
    /// That of the program behind the server, or of a file.
    #[default]
    Other,
}

/// Something that only running the server would tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Doubt {
    /// As a noun: "a condition on `$host`".
    pub(super) what: String,
    /// CORS headers depend on it.
    pub(super) is_about_cors: bool,
}

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) headers: Vec<Sent>,
    pub(super) status: Status,
    pub(super) doubts: Vec<Said<Doubt>>,
}

/// What a page gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It may read the answer; with `*`, only without credentials.
    Reads { is_star: bool },
    /// It may not.
    Refused,
    /// It depends on something, as a noun.
    Unknown(String, Place),
}

impl Answer {
    pub(super) fn doubt(&mut self, what: String, is_about_cors: bool, place: &Place) {
        let doubt = Said::new(Doubt { what, is_about_cors }, place);
        if !self.doubts.contains(&doubt) {
            self.doubts.push(doubt);
        }
    }

    pub(super) fn is_about_cors(&self) -> bool {
        self.headers.iter().any(|sent| sent.name.starts_with("access-control-"))
            || self.doubts.iter().any(|doubt| doubt.value.is_about_cors)
    }

    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Sent> {
        self.headers.iter().filter(move |sent| sent.name == name)
    }

    /// Whether another answer has the same headers and status, wherever it has them from.
    pub(super) fn says_alike(&self, other: &Self) -> bool {
        let says = |answer: &Self| {
            let headers = answer.headers.iter();
            headers.map(|sent| (sent.name.clone(), sent.value.clone(), sent.on_errors)).collect::<Vec<_>>()
        };
        self.status == other.status && says(self) == says(other)
    }

    /// Whether a page may read the answer (Fetch, CORS check).
    pub(super) fn verdict(&self, origin: &str) -> Verdict {
        if let Some(doubt) = self.doubts.iter().find(|doubt| doubt.value.is_about_cors) {
            return Verdict::Unknown(doubt.value.what.clone(), doubt.place.clone());
        }
        let sent: Vec<_> = self.all("access-control-allow-origin").collect();
        if let Some((what, place)) =
            sent.iter().find_map(|it| it.value.as_ref().err().map(|what| (what, &it.place)))
        {
            return Verdict::Unknown(what.clone(), place.clone());
        }
        match sent.as_slice() {
            [only] => match &only.value {
                Ok(value) if value == "*" => Verdict::Reads { is_star: true },
                Ok(value) if value == origin => Verdict::Reads { is_star: false },
                Ok(value) if has_marker(value) => Verdict::Unknown(
                    "a text that has something of the request in it".to_owned(),
                    only.place.clone(),
                ),
                _ => Verdict::Refused,
            },
            _ => Verdict::Refused,
        }
    }

    /// Whether credentials are allowed.
    pub(super) fn has_credentials(&self) -> bool {
        let mut sent = self.all("access-control-allow-credentials");
        matches!((sent.next(), sent.next()), (Some(only), None) if only.value.as_deref() == Ok("true"))
    }
}
