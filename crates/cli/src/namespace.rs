//! A namespace of Workers KV, accessed through wrangler.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde::{Deserialize, Serialize};
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

/// A key as a listing returns it: without its value.
#[derive(Debug, Deserialize)]
pub(crate) struct ListedKey {
    pub(crate) name: String,
    /// When KV deletes it, in Unix seconds.
    pub(crate) expiration: Option<u64>,
    #[serde(default)]
    metadata: serde_json::Value,
}

impl ListedKey {
    /// The note in the metadata; empty if the metadata has another form.
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

    /// Lists all keys with this prefix.
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

    /// Reads a key that a listing contained. For a missing key, wrangler prints a sentence in place of the value.
    ///
    /// # Errors
    /// When wrangler fails.
    pub(crate) fn get(&self, key: &str) -> Result<Vec<u8>, Failure> {
        let _shown = shown("reading", key);
        self.wrangler.kv(&["key", "get", key])
    }

    /// Writes a key. KV deletes it after `ttl` seconds, if given.
    ///
    /// # Errors
    /// When wrangler fails, or the temporary file with the value cannot be written.
    pub(crate) fn put(&self, key: &str, value: &[u8], note: &Note, ttl: Option<u64>) -> Result<(), Failure> {
        let _shown = shown("writing", key);
        // Remove the temporary file whether or not wrangler succeeds.
        let _held = interruption::hold();
        let file = temporary(value)?;
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

/// The most keys of one call: wrangler reads as many in one request to Cloudflare's API, and writes ten times as many.
const READ_AT_ONCE: usize = 100;
/// The most keys that one call writes or deletes. wrangler sends as many in one request.
pub(crate) const WRITTEN_AT_ONCE: usize = 1000;

/// A key to write together with others.
#[derive(Debug, Serialize)]
pub(crate) struct Pair {
    pub(crate) key: String,
    pub(crate) value: String,
    /// After how many seconds KV deletes it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) expiration_ttl: Option<u64>,
    pub(crate) metadata: Note,
}

/// A value as `wrangler kv bulk get` prints it: from Cloudflare as it is, from local KV inside an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum ReadValue {
    Plain(Option<String>),
    Wrapped { value: Option<String> },
}

impl Namespace {
    /// Reads many keys. Those that KV does not have are left out.
    ///
    /// # Errors
    /// When wrangler fails, or prints something else.
    pub(crate) fn get_all(&self, keys: &[String], what: &str) -> Result<BTreeMap<String, String>, Failure> {
        let mut values = BTreeMap::new();
        for (done, some) in keys.chunks(READ_AT_ONCE).enumerate() {
            let _shown = shown("reading", &format!("{what}: {} of {}", done * READ_AT_ONCE, keys.len()));
            let printed = self.bulk("get", &some, &[])?;
            let read: BTreeMap<String, ReadValue> = serde_json::from_slice(&printed).map_err(|error| {
                Failure::Wrangler(format!("`wrangler kv bulk get` did not print values: {error}"))
            })?;
            values.extend(read.into_iter().filter_map(|(key, value)| match value {
                ReadValue::Plain(value) | ReadValue::Wrapped { value } => Some((key, value?)),
            }));
        }
        Ok(values)
    }

    /// Writes keys, at most [`WRITTEN_AT_ONCE`].
    ///
    /// # Errors
    /// When wrangler fails; some of the keys may have been written then.
    pub(crate) fn put_all(&self, pairs: &[Pair], what: &str) -> Result<(), Failure> {
        let _shown = shown("writing", what);
        self.bulk("put", &pairs, &[]).map(|_printed| ())
    }

    /// Deletes keys, at most [`WRITTEN_AT_ONCE`].
    ///
    /// # Errors
    /// When wrangler fails; some of the keys may have been deleted then.
    pub(crate) fn delete_all(&self, keys: &[String], what: &str) -> Result<(), Failure> {
        let _shown = shown("deleting", what);
        // Without `--force`, wrangler asks by itself.
        self.bulk("delete", &keys, &["--force"]).map(|_printed| ())
    }

    fn bulk(&self, verb: &str, content: &impl Serialize, options: &[&str]) -> Result<Vec<u8>, Failure> {
        let _held = interruption::hold();
        let json = serde_json::to_vec(content).map_err(|error| Failure::Output(error.into()))?;
        let file = temporary(&json)?;
        let path = file.path().display().to_string();
        self.wrangler.kv(&[["bulk", verb, path.as_str()].as_slice(), options].concat())
    }
}

fn temporary(value: &[u8]) -> Result<NamedTempFile, Failure> {
    written(value).map_err(|error| {
        let folder = std::env::temp_dir();
        let why = system::sentence(&error);
        Failure::Wrangler(format!("cannot write a temporary file to `{}`: {why}", folder.display()))
    })
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
