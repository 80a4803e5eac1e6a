//! The questions, for what no flag has answered.

use corsgate_authoring::presets::Preset;

use crate::asking::ask;
use crate::failure::{Failure, UsageError};
use crate::init::answers::{Answers, ApiUrl, Credentials, PageOrigin, PublicHost};
use crate::init::project::problem;
use crate::output::diagnostics;

/// The answers so far.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    pub(crate) upstream: Option<ApiUrl>,
    pub(crate) host: Option<PublicHost>,
    pub(crate) origins: Vec<PageOrigin>,
    pub(crate) credentials: Option<Credentials>,
    pub(crate) presets: Vec<&'static Preset>,
    /// Whether origins and credentials come from what is imported.
    pub(crate) is_import: bool,
}

/// Stand-ins for answers that are not there yet. They have nothing in common with any that is.
const UPSTREAM: &str = "https://upstream.corsgate-init.example";
const HOST: &str = "api.corsgate-init.example";

impl Draft {
    /// The answers, with stand-ins for those that are missing.
    pub(crate) fn answers(&self) -> Answers {
        Answers {
            upstream: self.upstream.clone().unwrap_or(ApiUrl(UPSTREAM.to_owned())),
            host: self.host.clone().unwrap_or(PublicHost(HOST.to_owned())),
            origins: self.origins.clone(),
            credentials: self.credentials.unwrap_or(Credentials::Tokens),
            presets: self.presets.clone(),
        }
    }

    /// The flags of the answers that are missing.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let questions = [
            (self.upstream.is_none(), "`--upstream URL` (where the API is)"),
            (self.host.is_none(), "`--host NAME` (the public host of the API)"),
            (
                self.origins.is_empty() && !self.is_import,
                "`--origin ORIGIN` (the origin of the pages; can be repeated)",
            ),
            (
                self.credentials.is_none() && !self.is_import,
                "`--credentials cookies` or `--credentials tokens` (how pages say who their user is)",
            ),
        ];
        questions.into_iter().filter(|(is_missing, _)| *is_missing).map(|(_, flag)| flag).collect()
    }

    /// Checks what the flags say.
    ///
    /// # Errors
    /// When no further answer could make a policy of it.
    pub(crate) fn require_sound(&self) -> Result<(), Failure> {
        problem(&self.answers()).map_or(Ok(()), |problem| Err(Failure::usage(problem)))
    }

    /// Asks for what is missing. `None` if the input ends before that.
    pub(crate) fn complete(mut self) -> Option<Self> {
        if self.upstream.is_none() {
            diagnostics::note(
                "\nWhere is the API? The gateway sends requests there: an `https` URL, whose path is kept. `zone` is the server \
                 that is behind the public host itself.",
            );
            self.upstream = Some(answer("URL of the API:", |text| {
                let upstream = Some(ApiUrl::parse(text)?);
                self.accept(Self { upstream, ..self.clone() }).map(|draft| draft.upstream)
            })??);
        }
        if self.host.is_none() {
            diagnostics::note(
                "\nUnder which host do pages reach it? A name of a domain that you have at Cloudflare.",
            );
            self.host = Some(answer("public host, such as api.example.com:", |text| {
                let host = Some(PublicHost::parse(text)?);
                self.accept(Self { host, ..self.clone() }).map(|draft| draft.host)
            })??);
        }
        if self.origins.is_empty() && !self.is_import {
            diagnostics::note(
                "\nWhich pages may use it? Their origins as browsers send them, one a line or several with commas: `https://app.example.com`, \
                 `https://*.preview.example.com` for every name below, `*` for any page. Those of this machine \
                 (`http://localhost:5173`) are allowed in development only.",
            );
            self.origins = self.ask_origins()?;
        }
        if self.credentials.is_none() && !self.is_import {
            diagnostics::note(
                "\nHow do pages say who their user is? `cookies` if the browser adds them by itself, `tokens` if the page sets \
                 a header such as `Authorization`, or if nobody signs in.",
            );
            self.credentials = answer("cookies or tokens [tokens]:", |text| {
                let credentials = Some(match text {
                    "cookies" => Credentials::Cookies,
                    "tokens" | "" => Credentials::Tokens,
                    _ => return Err(UsageError::new("answer `cookies` or `tokens`")),
                });
                self.accept(Self { credentials, ..self.clone() }).map(|draft| draft.credentials)
            })?;
        }
        Some(self)
    }

    fn ask_origins(&self) -> Option<Vec<PageOrigin>> {
        let mut origins: Vec<PageOrigin> = Vec::new();
        loop {
            let question =
                if origins.is_empty() { "origin of the pages:" } else { "another origin [no more]:" };
            let more = answer(question, |text| {
                let more = PageOrigin::parse_all(text)?;
                if more.is_empty() {
                    return match origins.is_empty() {
                        true => Err(UsageError::new("name at least one origin")),
                        false => Ok(more),
                    };
                }
                let all = [origins.as_slice(), more.as_slice()].concat();
                self.accept(Self { origins: all, ..self.clone() })?;
                Ok(more)
            })?;
            if more.is_empty() {
                return Some(origins);
            }
            origins.extend(more);
        }
    }

    /// Accepts an answer with which the policy has neither errors nor warnings.
    fn accept(&self, with: Self) -> Result<Self, UsageError> {
        match problem(&with.answers()) {
            None => Ok(with),
            Some(problem) => Err(UsageError::new(problem)),
        }
    }
}

/// Asks until the answer is valid. `None` at the end of the input.
fn answer<T>(question: &str, read: impl Fn(&str) -> Result<T, UsageError>) -> Option<T> {
    loop {
        match read(&ask(question)?) {
            Ok(value) => return Some(value),
            Err(error) => diagnostics::problem(&error.to_string()),
        }
    }
}
