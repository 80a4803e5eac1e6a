//! A namespace of Workers KV, through wrangler.

use std::io::Write as _;

use serde::Deserialize;
use tempfile::NamedTempFile;

use crate::failure::Failure;
use crate::interruption;
use crate::note::Note;
use crate::progress::Shown;
use crate::system;
use crate::wrangler::{Wrangler, WranglerOptions};

/// A namespace.
#[derive(Debug)]
pub(crate) struct Namespace {
    wrangler: Wrangler,
}

/// A key, as it is listed: without its value.
#[derive(Debug, Deserialize)]
pub(crate) struct ListedKey {
    pub(crate) name: String,
    /// When KV forgets it, in Unix seconds.
    pub(crate) expiration: Option<u64>,
    #[serde(default)]
    metadata: serde_json::Value,
}

impl ListedKey {
    /// What is noted beside it; nothing for metadata in any other form.
    pub(crate) fn note(&self) -> Note {
        Note::deserialize(&self.metadata).unwrap_or_default()
    }
}

impl Namespace {
    /// # Errors
    /// When there is no wrangler.
    pub(crate) fn open(options: &WranglerOptions) -> Result<Self, Failure> {
        Ok(Self { wrangler: Wrangler::find(options)? })
    }

    /// Lists all keys that begin so.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn list(&self, prefix: &str) -> Result<Vec<ListedKey>, Failure> {
        let _shown = shown("reading", prefix);
        let printed = self.wrangler.kv(&["key", "list", &format!("--prefix={prefix}")])?;
        serde_json::from_slice(&printed).map_err(|error| {
            Failure::Wrangler(format!("`wrangler kv key list` did not print a list of keys: {error}"))
        })
    }

    /// Reads a key that has been listed. For one that is missing, wrangler prints a sentence as if that were its value.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn get(&self, key: &str) -> Result<Vec<u8>, Failure> {
        let _shown = shown("reading", key);
        self.wrangler.kv(&["key", "get", key])
    }

    /// Writes a key, which KV forgets after `ttl` seconds, if there are any.
    ///
    /// # Errors
    /// When wrangler fails, or the file by which it gets the value cannot be written.
    pub(crate) fn put(&self, key: &str, value: &[u8], note: &Note, ttl: Option<u64>) -> Result<(), Failure> {
        let _shown = shown("writing", key);
        // Remove the temporary file in any case.
        let _held = interruption::hold();
        let file = written(value).map_err(|error| {
            let folder = std::env::temp_dir();
            let why = system::sentence(&error);
            Failure::Wrangler(format!("cannot write a temporary file to `{}`: {why}", folder.display()))
        })?;
        let (path, metadata) =
            (format!("--path={}", file.path().display()), format!("--metadata={}", note.json()));
        let ttl = ttl.map(|ttl| format!("--ttl={ttl}"));
        let mut arguments = vec!["key", "put", key, path.as_str(), metadata.as_str()];
        arguments.extend(ttl.as_deref());
        self.wrangler.kv(&arguments).map(|_printed| ())
    }

    /// Deletes a key.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn delete(&self, key: &str) -> Result<(), Failure> {
        let _shown = shown("deleting", key);
        self.wrangler.kv(&["key", "delete", key]).map(|_printed| ())
    }
}

fn written(value: &[u8]) -> std::io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("corsgate-").suffix(".json").tempfile()?;
    file.write_all(value)?;
    file.flush()?;
    Ok(file)
}

fn shown(doing: &str, what: &str) -> Shown {
    let mut shown = Shown::default();
    shown.show(&format!("{doing} `{what}`"));
    shown
}
