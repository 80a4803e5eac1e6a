//! Reads an archive entry by entry, so that neither its length nor its bodies take memory.

use core::fmt;
use std::io::{self, Read};

use corsgate_policy::Policy;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use thiserror::Error;

use super::archive::Har;
use super::entry::{Entry, Text};
use crate::engine::Browser;

/// The longest archive that is read, in bytes.
pub const MAX_HAR: u64 = 1024 * 1024 * 1024;

/// The most entries that are kept; each takes less than a kilobyte.
const MAX_ENTRIES: usize = 100_000;

/// What a caller knows besides the archive.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'o> {
    /// The origin of every page, instead of the one in the archive.
    pub origin: Option<&'o str>,
    /// Requests carried cookies, which archives often leave out.
    pub credentials: bool,
    /// The browser by which requests are judged, instead of that in the archive.
    pub browser: Option<Browser>,
}

#[derive(Debug, Deserialize)]
#[serde(expecting = "a page")]
pub(super) struct Page {
    #[serde(default)]
    pub(super) id: Text,
    /// Chromium writes the page's URL here.
    #[serde(default)]
    pub(super) title: Text,
}

/// Why bytes cannot be read as an HTTP archive.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// The file is empty, or white space alone.
    #[error("the file is empty")]
    Empty,
    /// The file is not JSON.
    #[error("not JSON: {0}")]
    NotJson(serde_json::Error),
    /// The file is JSON of another structure.
    #[error("not an HTTP archive (HAR 1.2): {0}")]
    NotAnArchive(serde_json::Error),
    /// The archive exceeds the maximum length.
    #[error("the archive is longer than {} MiB: clear the network panel, repeat only what fails, and export it again; a filter in the panel leaves out the rest", MAX_HAR / (1024 * 1024))]
    TooLong,
    /// The file cannot be read.
    #[error("{0}")]
    Unreadable(io::Error),
}

/// Reads an archive.
///
/// # Errors
/// If it is not an archive.
pub fn read(json: impl Read, policy: Option<&Policy>, options: Options<'_>) -> Result<Har, ArchiveError> {
    let mut bounded = Bounded { inner: json, left: MAX_HAR, read: 0 };
    let mut log = Log::default();
    let reader = io::BufReader::with_capacity(256 * 1024, &mut bounded);
    let mut deserializer = serde_json::Deserializer::from_reader(reader);
    let done = Root(&mut log).deserialize(&mut deserializer).and_then(|()| deserializer.end());
    let mut har = Har { entries: log.entries.len() + log.left_out, ..Har::default() };
    if let Err(error) = done {
        if bounded.left == 0 {
            return Err(ArchiveError::TooLong);
        }
        match error.classify() {
            serde_json::error::Category::Io => return Err(ArchiveError::Unreadable(error.into())),
            serde_json::error::Category::Eof if !log.entries.is_empty() => {
                har.notes.push(format!(
                    "the archive is cut off: what comes before that, {} of its entries, is explained",
                    har.entries
                ));
            }
            serde_json::error::Category::Eof if bounded.read == 0 || log.is_blank(&error) => {
                return Err(ArchiveError::Empty);
            }
            serde_json::error::Category::Data => return Err(ArchiveError::NotAnArchive(error)),
            _ => return Err(ArchiveError::NotJson(error)),
        }
    }
    if !log.version.0.is_empty() && log.version.0 != "1.2" {
        let version: String = log.version.0.chars().take(20).collect();
        har.notes.push(format!("the archive has version `{version}`; it is read as version `1.2`"));
    }
    if log.left_out > 0 {
        har.notes.push(format!(
            "only the first {MAX_ENTRIES} entries are explained; {} are left out",
            log.left_out
        ));
    }
    har.browser = log.browser();
    har.judge(&log.entries, &log.pages, policy, options);
    Ok(har)
}

/// A reader that ends after a number of bytes.
struct Bounded<R> {
    inner: R,
    left: u64,
    read: u64,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let buffer = buffer.get_mut(..most).unwrap_or_default();
        let count = self.inner.read(buffer)?;
        self.left -= count as u64;
        self.read += count as u64;
        Ok(count)
    }
}

#[derive(Default)]
struct Log {
    version: Text,
    pages: Vec<Page>,
    entries: Vec<Entry>,
    left_out: usize,
    has_begun: bool,
    browser: Named,
    /// The exporter.
    creator: Named,
}

#[derive(Debug, Default, Deserialize)]
#[serde(expecting = "a name with a version")]
struct Named {
    #[serde(default)]
    name: Text,
}

impl Log {
    /// The browser, as Playwright and Firefox name it, or the exporter of one.
    fn browser(&self) -> Option<Browser> {
        [&self.browser, &self.creator].into_iter().find_map(|named| {
            let name = named.name.0.to_ascii_lowercase();
            let is = |parts: &[&str]| parts.iter().any(|part| name.contains(part));
            match () {
                () if is(&["firefox"]) => Some(Browser::Firefox),
                () if is(&["webkit", "safari"]) => Some(Browser::Safari),
                // Chromium's developer tools call themselves so.
                () if is(&["chrom", "edge", "webinspector"]) => Some(Browser::Chrome),
                () => None,
            }
        })
    }

    /// Whether the text ended before anything but white space.
    fn is_blank(&self, error: &serde_json::Error) -> bool {
        !self.has_begun && error.to_string().starts_with("EOF while parsing a value")
    }
}

struct Root<'l>(&'l mut Log);
struct LogSeed<'l>(&'l mut Log);
struct Entries<'l>(&'l mut Log);

impl<'de> DeserializeSeed<'de> for Root<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Root<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `log`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.has_begun = true;
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "log" => {
                    found = true;
                    map.next_value_seed(LogSeed(self.0))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if found { Ok(()) } else { Err(serde::de::Error::missing_field("log")) }
    }
}

impl<'de> DeserializeSeed<'de> for LogSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for LogSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `entries`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut found = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" => self.0.version = map.next_value()?,
                "browser" => self.0.browser = map.next_value::<Option<_>>()?.unwrap_or_default(),
                "creator" => self.0.creator = map.next_value::<Option<_>>()?.unwrap_or_default(),
                "pages" => self.0.pages = map.next_value::<Option<_>>()?.unwrap_or_default(),
                "entries" => {
                    found = true;
                    map.next_value_seed(Entries(self.0))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if found { Ok(()) } else { Err(serde::de::Error::missing_field("entries")) }
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while self.0.entries.len() < MAX_ENTRIES {
            match list.next_element()? {
                Some(entry) => self.0.entries.push(entry),
                None => return Ok(()),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            self.0.left_out += 1;
        }
        Ok(())
    }
}
