//! The parts of an entry that matter. Values are kept only where they decide: an archive is full of secrets.

use core::fmt;

use corsgate_policy::fetch::is_redirect_status;
use serde::de::{IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::shown::without_secrets;

/// A header's values that decide something; of all others the name alone is kept.
const KEPT_VALUES: [&str; 20] = [
    "accept",
    "accept-language",
    "access-control-allow-credentials",
    "access-control-allow-headers",
    "access-control-allow-methods",
    "access-control-allow-origin",
    "access-control-request-headers",
    "access-control-request-method",
    "content-language",
    "content-type",
    "corsgate-decision",
    "location",
    "origin",
    "range",
    "referer",
    "sec-fetch-dest",
    "sec-fetch-mode",
    "sec-fetch-site",
    "upgrade",
    "vary",
];

/// The longest error that is kept, in characters.
const MOST_ERROR: usize = 300;

/// An entry, as far as it matters.
#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "an entry with `request` and `response`")]
pub(super) struct Entry {
    #[serde(default)]
    pub(super) pageref: Text,
    pub(super) request: Request,
    #[serde(default, deserialize_with = "or_none")]
    pub(super) response: Response,
    /// Chromium, Safari.
    #[serde(rename = "_resourceType", default)]
    resource_type: Text,
    /// Firefox.
    #[serde(rename = "_blockedReason", default)]
    blocked_reason: Text,
    /// Chromium writes the error here or in the response.
    #[serde(rename = "_error", default)]
    error: Text,
    /// Playwright writes it in the response.
    #[serde(rename = "_failureText", default)]
    failure_text: Text,
    /// Chromium: `disk`, `memory` or `prefetch`.
    #[serde(rename = "_fromCache", default)]
    from_cache: Text,
    /// Safari: `Disk Cache`, `Network Load` and the like, in the response or here.
    #[serde(rename = "_fetchType", default)]
    fetch_type: Text,
}

#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "a request with `method` and `url`")]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default, deserialize_with = "or_none")]
    headers: Headers,
    #[serde(default, deserialize_with = "or_none")]
    cookies: Vec<IgnoredAny>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "a response", default)]
pub(super) struct Response {
    status: Number,
    #[serde(deserialize_with = "or_none")]
    headers: Headers,
    #[serde(rename = "_error")]
    error: Text,
    #[serde(rename = "_blockedReason")]
    blocked_reason: Text,
    #[serde(rename = "_failureText")]
    failure_text: Text,
    #[serde(rename = "_fromCache")]
    from_cache: Text,
    #[serde(rename = "_fetchType")]
    fetch_type: Text,
    #[serde(rename = "redirectURL")]
    redirect_url: Text,
    #[serde(rename = "_fetchedViaServiceWorker")]
    by_service_worker: Text,
}

impl Entry {
    pub(super) fn resource_type(&self) -> Option<&str> {
        Some(self.resource_type.0.as_str()).filter(|kind| !kind.is_empty())
    }

    /// What the browser says of a failure.
    pub(super) fn error(&self) -> Option<&str> {
        let response = &self.response;
        [
            &response.blocked_reason,
            &self.blocked_reason,
            &response.error,
            &self.error,
            &response.failure_text,
            &self.failure_text,
        ]
        .into_iter()
        .map(|text| text.0.trim())
        .find(|text| !text.is_empty() && *text != "0" && *text != "none")
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.request.headers.get(name)
    }

    /// All headers of the request, with lower-case names, and the values that are kept.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.request.headers.0.iter().map(|(name, value)| (name.as_str(), value.as_deref()))
    }

    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers().any(|(known, _)| known == name)
    }

    /// Whether the page's own service worker answered, so that the browser did not check the response.
    pub(super) fn is_by_service_worker(&self) -> bool {
        self.response.by_service_worker.0 == "true" && self.status().is_some()
    }

    pub(super) fn has_cookies(&self) -> bool {
        !self.request.cookies.is_empty() || self.has_header("cookie")
    }

    /// The status of the response, if there was one.
    pub(super) fn status(&self) -> Option<u16> {
        self.response.status.0
    }

    /// Whether the browser took the response out of its cache, as the archive says.
    pub(super) fn is_from_cache(&self) -> bool {
        let is_cache = |text: &Text| text.0.to_ascii_lowercase().contains("cache");
        let is_said = |text: &Text| !matches!(text.0.as_str(), "" | "0" | "false" | "none");
        let response = &self.response;
        is_said(&self.from_cache)
            || is_said(&response.from_cache)
            || is_cache(&self.fetch_type)
            || is_cache(&response.fetch_type)
    }

    /// Where the response redirects to, as it says.
    pub(super) fn location(&self) -> Option<&str> {
        self.status().filter(|status| is_redirect_status(*status))?;
        // Exporters that leave headers out have this.
        let field = Some(self.response.redirect_url.0.as_str());
        self.response_header("location").or(field).filter(|location| !location.is_empty())
    }

    pub(super) fn response_header(&self, name: &str) -> Option<&str> {
        self.response.headers.get(name)
    }

    /// Whether the response has any header, or the exporter left all of them out.
    pub(super) fn has_response_headers(&self) -> bool {
        !self.response.headers.0.is_empty()
    }
}

/// Header names in lower case, each with its value if that is kept. Lines of one name are joined.
#[derive(Debug, Default)]
pub(super) struct Headers(Vec<(String, Option<String>)>);

impl Headers {
    fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(known, _)| known == name)?;
        value.as_deref()
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Lines;

        #[derive(Deserialize)]
        #[serde(expecting = "a header with `name` and `value`")]
        struct Line {
            name: String,
            #[serde(default)]
            value: Text,
        }

        impl<'de> Visitor<'de> for Lines {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of headers")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut lines: A) -> Result<Headers, A::Error> {
                let mut headers = Headers::default();
                while let Some(line) = lines.next_element::<Line>()? {
                    headers.add(&line.name, line.value.0);
                }
                Ok(headers)
            }
        }

        deserializer.deserialize_seq(Lines)
    }
}

impl Headers {
    fn add(&mut self, name: &str, value: String) {
        let name = name.trim().to_ascii_lowercase();
        // Chromium and Playwright join several lines of one name with a line break.
        let value = match value.contains(['\r', '\n']) {
            true => {
                value.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(", ")
            }
            false => value,
        };
        let value = KEPT_VALUES.contains(&name.as_str()).then_some(value);
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            // Fetch, "get": several lines are one value.
            Some((_, Some(known))) if name.starts_with("access-control-") => {
                known.push_str(", ");
                known.push_str(&value.unwrap_or_default());
            }
            Some(_) => {}
            None => self.0.push((name, value)),
        }
    }
}

/// Some tools write `null` for unknown values. One such entry must not make the whole archive unreadable.
fn or_none<'de, T: Default + Deserialize<'de>, D: Deserializer<'de>>(value: D) -> Result<T, D::Error> {
    Ok(Option::deserialize(value)?.unwrap_or_default())
}

/// A text that exporters also write as `null`, a number or an object.
#[derive(Debug, Default)]
pub(super) struct Text(pub(super) String);

/// A status, which some exporters write as a text. Absent and not positive ones mean that there was no response.
#[derive(Debug, Default)]
struct Number(Option<u16>);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Anything).map(|text| {
            // Only an error may be long, and headers' values are bounded where they are used.
            Self(text)
        })
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(Anything)?;
        // `200.0` as well.
        let whole = text.split('.').next().unwrap_or_default();
        Ok(Self(whole.parse().ok().filter(|status| *status > 0)))
    }
}

/// Any value as a text. An object is one that has a message, or a text that says that there is something.
struct Anything;

impl<'de> Visitor<'de> for Anything {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<String, E> {
        Ok(text)
    }

    fn visit_unit<E>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_none<E>(self) -> Result<String, E> {
        Ok(String::new())
    }

    fn visit_bool<E>(self, is: bool) -> Result<String, E> {
        Ok(if is { "true".to_owned() } else { String::new() })
    }

    fn visit_i64<E>(self, number: i64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_u64<E>(self, number: u64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_f64<E>(self, number: f64) -> Result<String, E> {
        Ok(number.to_string())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<String, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(String::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<String, A::Error> {
        let mut found = String::new();
        while let Some(key) = map.next_key::<String>()? {
            let value: Text = map.next_value()?;
            if matches!(key.as_str(), "message" | "text" | "errorText" | "code") && found.is_empty() {
                found = value.0;
            }
        }
        Ok(found)
    }
}

/// An error as it is shown: bounded, and without secrets.
pub(super) fn shown(error: &str) -> String {
    let error: String = error.chars().take(MOST_ERROR).collect();
    without_secrets(&error)
}
