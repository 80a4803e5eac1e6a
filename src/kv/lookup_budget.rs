//! A bound on lookups of unknown origins in KV.

use std::collections::HashMap;

/// How many lookups may miss or fail in an isolate in a second.
pub(crate) const MISSES_PER_SECOND: u32 = 100;

/// How many of them one client may cause: ten clients that send only unknown origins leave half for the others. Clients
/// without an address share the isolate's budget; Cloudflare always gives an address.
const MISSES_OF_CLIENT: u32 = 5;

/// Concurrent reads for one client. A page sends a few dozen requests at once, and in a cold isolate each does its own read.
const READS_OF_CLIENT: u32 = 32;

/// Concurrent reads for all clients.
const READS_OF_ALL: u32 = 500;

/// The time in milliseconds after which a lookup will never end. No read may take so long, so the platform has killed its
/// request.
const ABANDONED_AFTER: f64 = 10_000.0;

/// Counts the lookups that missed in the current second, and those under way, which may miss.
///
/// A lookup that finds its key is free. Further lookups of a key that is already being looked up are free too, so many
/// requests of one listed origin in a cold isolate cost one lookup.
#[derive(Default)]
pub(crate) struct LookupBudget {
    second: f64,
    warned: bool,
    misses: u32,
    /// By client, in this second.
    misses_of: HashMap<String, u32>,
    /// One for each key, so fewer than may miss in a second: a hash table would be more code for every isolate.
    under_way: Vec<UnderWay>,
    /// Reads under way, by client. Several may be of the same key.
    reads_of: HashMap<String, u32>,
    reads: u32,
}

/// Reads of one key that have not ended.
struct UnderWay {
    key: String,
    /// The client that began the first of them; `None` if it has no address.
    client: Option<String>,
    since: f64,
}

/// Whether a lookup may begin.
#[derive(Debug, PartialEq)]
pub(crate) enum Allowance {
    Granted,
    /// No: the isolate's budget for this second is exhausted, and this is the first lookup to find that.
    JustExhausted,
    /// No: a budget for this second is exhausted.
    Exhausted,
}

impl LookupBudget {
    /// Begins a lookup of a key for a client. Times are in milliseconds since 1970.
    pub(crate) fn begin(&mut self, client: Option<&str>, key: &str, now: f64) -> Allowance {
        self.turn_to(now);
        if self.may_begin(client, key, now) {
            self.reads = self.reads.saturating_add(1);
            if let Some(client) = client {
                *self.reads_of.entry(client.to_owned()).or_default() += 1;
            }
            return Allowance::Granted;
        }
        // Do not log a client that has used up only its own share.
        if self.misses < MISSES_PER_SECOND && self.under_way.len() < MISSES_PER_SECOND as usize {
            return Allowance::Exhausted;
        }
        match std::mem::replace(&mut self.warned, true) {
            false => Allowance::JustExhausted,
            true => Allowance::Exhausted,
        }
    }

    fn may_begin(&mut self, client: Option<&str>, key: &str, now: f64) -> bool {
        let missed = client.and_then(|client| self.misses_of.get(client).copied()).unwrap_or_default();
        let reading = client.and_then(|client| self.reads_of.get(client).copied()).unwrap_or_default();
        if self.misses >= MISSES_PER_SECOND
            || missed >= MISSES_OF_CLIENT
            || reading >= READS_OF_CLIENT
            || self.reads >= READS_OF_ALL
        {
            return false;
        }
        if self.under_way.iter().any(|of_key| of_key.key == key) {
            return true;
        }
        let of_client = match client {
            Some(_) => self.under_way.iter().filter(|of_key| of_key.client.as_deref() == client).count(),
            None => 0,
        };
        let fits = |missed: u32, may_miss: usize, most: u32| {
            u32::try_from(may_miss).is_ok_and(|may_miss| missed.saturating_add(may_miss) < most)
        };
        let is_left = fits(self.misses, self.under_way.len(), MISSES_PER_SECOND)
            && fits(missed, of_client, MISSES_OF_CLIENT);
        if is_left {
            let (key, client) = (key.to_owned(), client.map(str::to_owned));
            self.under_way.push(UnderWay { key, client, since: now });
        }
        is_left
    }

    /// Ends a read. Of several concurrent reads of a key, only the first to end counts for the isolate; each counts for its
    /// client.
    pub(crate) fn end(&mut self, client: Option<&str>, key: &str, now: f64, missed: bool) {
        self.turn_to(now);
        self.reads = self.reads.saturating_sub(1);
        if let Some(client) = client {
            if let Some(reads) = self.reads_of.get_mut(client) {
                *reads = reads.saturating_sub(1);
            }
            if missed {
                *self.misses_of.entry(client.to_owned()).or_default() += 1;
            }
        }
        if let Some(at) = self.under_way.iter().position(|of_key| of_key.key == key) {
            self.under_way.swap_remove(at);
            self.misses = self.misses.saturating_add(missed.into());
        }
    }

    fn turn_to(&mut self, now: f64) {
        const STEPPED_BACK: f64 = 2.0;
        let second = (now / 1000.0).floor();
        // A later request may have a clock that is behind by less than a second.
        if second > self.second || second < self.second - STEPPED_BACK {
            self.second = second;
            self.misses = 0;
            self.misses_of.clear();
            self.warned = false;
            self.under_way.retain(|of_key| (now - of_key.since).abs() < ABANDONED_AFTER);
            self.reads_of.retain(|_, reads| *reads > 0);
            // Killed reads never end. If no lookup is left, no read is left either.
            if self.under_way.is_empty() {
                self.reads_of.clear();
                self.reads = 0;
            }
        }
    }
}
