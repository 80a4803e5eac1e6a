//! Reading from the KV namespace, with its errors as values.

use std::time::Duration;

use worker::kv::KvStore;
use worker::{Env, KvError};

use crate::deadline::within;
use crate::log::Event;

/// The binding of the namespace.
const BINDING: &str = "POLICY";

/// Seconds for which KV may answer from its own cache: its minimum.
const CACHE_TTL: u64 = 30;

/// How long a read may take. A cold one takes a few hundred milliseconds; a KV that hangs must not
/// hold up requests for which there is an older copy, or an honest 503.
const DEADLINE: Duration = Duration::from_secs(5);

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
    let value = within(DEADLINE, store.get(key).cache_ttl(CACHE_TTL).text()).await;
    let value = value.ok_or_else(|| format!("no answer within {} seconds", DEADLINE.as_secs()))?;
    value.map_err(|error: KvError| error.to_string())
}
