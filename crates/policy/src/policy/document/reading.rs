//! Reads a document from its JSON. `serde` reads the same in the tests, which hold this to it.

mod route;

use core::fmt::Display;
use std::collections::BTreeMap;

use super::{AllowlistDocument, Document, EntryDocument, RecordsDocument, Scope, VERSION};
use crate::json::{Ignored, Json, Malformed, Object, Read, Value};
use crate::policy::ReadError;

impl Document {
    /// Reads the JSON that `corsgate compile` wrote, without judging what it says.
    ///
    /// # Errors
    /// When it is no such document, or of another version.
    pub fn read(json: &[u8]) -> Result<Self, ReadError> {
        Self::read_text(core::str::from_utf8(json).map_err(ReadError::malformed)?)
    }

    /// The same from a text.
    ///
    /// # Errors
    /// Those of [`read`](Self::read).
    pub fn read_text(text: &str) -> Result<Self, ReadError> {
        let mut document = Self {
            version: VERSION,
            id: String::new(),
            upstreams: BTreeMap::new(),
            allowlists: BTreeMap::new(),
            routes: Vec::new(),
            default_cors: None,
            fold_suffixes: false,
            records: RecordsDocument::default(),
        };
        match Json::read(text, &mut document) {
            Ok(()) if document.version == VERSION => Ok(document),
            Ok(()) => Err(ReadError::Version(document.version)),
            Err(error) => Err(unreadable(text, &error)),
        }
    }
}

/// Why a text could not be read: of a document of another version, nothing but its version can be.
#[inline(never)]
fn unreadable(text: &str, error: &Malformed) -> ReadError {
    let mut versioned = Versioned::default();
    match Json::read(text, &mut versioned) {
        Ok(()) if versioned.version != VERSION => ReadError::Version(versioned.version),
        Ok(()) => ReadError::malformed(error),
        Err(error) => ReadError::malformed(error),
    }
}

impl ReadError {
    #[inline(never)]
    fn malformed(error: impl Display) -> Self {
        Self::Malformed(error.to_string())
    }
}

#[derive(Default)]
struct Versioned {
    version: u32,
    others: Ignored,
}

impl Object for Versioned {
    fn required(&self) -> &'static [&'static str] {
        &["version"]
    }

    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "version" => &mut self.version,
            _ => &mut self.others,
        })
    }
}

impl Object for Document {
    fn required(&self) -> &'static [&'static str] {
        &["version", "upstreams", "routes"]
    }

    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "version" => &mut self.version,
            "id" => &mut self.id,
            "upstreams" => &mut self.upstreams,
            "allowlists" => &mut self.allowlists,
            "routes" => &mut self.routes,
            "default_cors" => &mut self.default_cors,
            "fold_suffixes" => &mut self.fold_suffixes,
            "records" => &mut self.records,
            _ => return None,
        })
    }
}

impl Default for AllowlistDocument {
    fn default() -> Self {
        Self::Entries(Vec::new())
    }
}

impl Value for AllowlistDocument {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        /// All fields of both kinds of list in KV; which may stand together is checked below.
        #[derive(Default)]
        struct InKv {
            kv: Option<String>,
            dangerously_unchecked_wildcards: Option<bool>,
            kv_keys: Option<String>,
            scope: Option<Scope>,
            dangerously_share_keys: Option<bool>,
        }

        impl Object for InKv {
            fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
                Some(match name {
                    "kv" => &mut self.kv,
                    "dangerously_unchecked_wildcards" => &mut self.dangerously_unchecked_wildcards,
                    "kv_keys" => &mut self.kv_keys,
                    "scope" => &mut self.scope,
                    "dangerously_share_keys" => &mut self.dangerously_share_keys,
                    _ => return None,
                })
            }
        }

        if json.peek() == Some(b'[') {
            let mut entries = Vec::new();
            entries.read(json)?;
            *self = Self::Entries(entries);
            return Ok(());
        }
        let mut in_kv = InKv::default();
        in_kv.read(json)?;
        *self = match in_kv {
            InKv {
                kv: Some(kv),
                dangerously_unchecked_wildcards,
                kv_keys: None,
                scope: None,
                dangerously_share_keys: None,
            } => Self::Kv {
                kv,
                dangerously_unchecked_wildcards: dangerously_unchecked_wildcards.unwrap_or_default(),
            },
            InKv {
                kv: None,
                dangerously_unchecked_wildcards: None,
                kv_keys: Some(kv_keys),
                scope,
                dangerously_share_keys,
            } => Self::KvKeys {
                kv_keys,
                scope: scope.unwrap_or_default(),
                dangerously_share_keys: dangerously_share_keys.unwrap_or_default(),
            },
            _ => return Err(json.expected("`kv` or `kv_keys` with the options of that one")),
        };
        Ok(())
    }
}

impl Default for EntryDocument {
    fn default() -> Self {
        Self::Lasting(String::new())
    }
}

impl Value for EntryDocument {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        #[derive(Default)]
        struct Expiring {
            origin: String,
            expires: String,
        }

        impl Object for Expiring {
            fn required(&self) -> &'static [&'static str] {
                &["origin", "expires"]
            }

            fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
                Some(match name {
                    "origin" => &mut self.origin,
                    "expires" => &mut self.expires,
                    _ => return None,
                })
            }
        }

        if json.peek() == Some(b'"') {
            let mut origin = String::new();
            origin.read(json)?;
            *self = Self::Lasting(origin);
        } else {
            let mut expiring = Expiring::default();
            expiring.read(json)?;
            *self = Self::Expiring { origin: expiring.origin, expires: expiring.expires };
        }
        Ok(())
    }
}

impl Object for RecordsDocument {
    fn required(&self) -> &'static [&'static str] {
        &["sample_allowed"]
    }

    fn field(&mut self, name: &str) -> Option<&mut dyn Value> {
        Some(match name {
            "sample_allowed" => &mut self.sample_allowed,
            _ => return None,
        })
    }
}

impl Value for Scope {
    fn read(&mut self, json: &mut Json<'_>) -> Read<()> {
        *self = json.one_of(&[("shared", Self::Shared), ("host", Self::Host)])?;
        Ok(())
    }
}
