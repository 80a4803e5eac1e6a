//! Reading the values that have more than one form.
//!
//! Written out, because the derived way keeps a copy of each value until a form fits: a list of a
//! hundred thousand entries would be read twice, by code of several kilobytes of Wasm.

use core::fmt;

use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{AllowlistDocument, EntryDocument, Scope, TimingDocument};

impl<'de> Deserialize<'de> for EntryDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Expiring {
            origin: String,
            expires: String,
        }

        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = EntryDocument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an origin, or one with the day on which it expires")
            }

            fn visit_str<E: Error>(self, origin: &str) -> Result<EntryDocument, E> {
                Ok(EntryDocument::Lasting(origin.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<EntryDocument, A::Error> {
                let Expiring { origin, expires } = Expiring::deserialize(MapAccessDeserializer::new(map))?;
                Ok(EntryDocument::Expiring { origin, expires })
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl<'de> Deserialize<'de> for TimingDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = TimingDocument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("true, false or a list of origins")
            }

            fn visit_bool<E: Error>(self, follows: bool) -> Result<TimingDocument, E> {
                Ok(TimingDocument::Follows(follows))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<TimingDocument, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(TimingDocument::Listed)
            }
        }

        deserializer.deserialize_any(Form)
    }
}

impl<'de> Deserialize<'de> for AllowlistDocument {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// All fields of both kinds of list in KV; which may stand together is checked below.
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct InKv {
            kv: Option<String>,
            dangerously_unchecked_wildcards: Option<bool>,
            kv_keys: Option<String>,
            scope: Option<Scope>,
            dangerously_share_keys: Option<bool>,
        }

        struct Form;

        impl<'de> Visitor<'de> for Form {
            type Value = AllowlistDocument;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of origins, or `kv` or `kv_keys` with their options")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<AllowlistDocument, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(seq)).map(AllowlistDocument::Entries)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<AllowlistDocument, A::Error> {
                match InKv::deserialize(MapAccessDeserializer::new(map))? {
                    InKv {
                        kv: Some(kv),
                        dangerously_unchecked_wildcards,
                        kv_keys: None,
                        scope: None,
                        dangerously_share_keys: None,
                    } => Ok(AllowlistDocument::Kv {
                        kv,
                        dangerously_unchecked_wildcards: dangerously_unchecked_wildcards.unwrap_or_default(),
                    }),
                    InKv {
                        kv: None,
                        dangerously_unchecked_wildcards: None,
                        kv_keys: Some(kv_keys),
                        scope,
                        dangerously_share_keys,
                    } => Ok(AllowlistDocument::KvKeys {
                        kv_keys,
                        scope: scope.unwrap_or_default(),
                        dangerously_share_keys: dangerously_share_keys.unwrap_or_default(),
                    }),
                    _ => Err(Error::custom(
                        "an allowlist in KV has `kv` or `kv_keys`, and the options of that one",
                    )),
                }
            }
        }

        deserializer.deserialize_any(Form)
    }
}
