//! Reading from the KV namespace, with its errors as values.

use worker::kv::KvStore;
use worker::{Env, KvError};

use crate::log::Event;

/// The binding of the namespace.
const BINDING: &str = "POLICY";

/// Seconds for which KV may answer from its own cache: its minimum.
const CACHE_TTL: u64 = 30;

/// KV did not answer; the log has why.
pub(crate) struct KvFailed;

/// Reads the text of a key, or nothing where there is no such key.
pub(crate) async fn text(env: &Env, key: &str) -> Result<Option<String>, KvFailed> {
    read(env, key).await.map_err(|error| {
        Event::KvFailed { key, error: &error }.error();
        KvFailed
    })
}

async fn read(env: &Env, key: &str) -> Result<Option<String>, String> {
    let store: KvStore = env.kv(BINDING).map_err(|error| error.to_string())?;
    store.get(key).cache_ttl(CACHE_TTL).text().await.map_err(|error: KvError| error.to_string())
}
