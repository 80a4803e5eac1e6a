//! The columns of a data point: their order, their names, the maximum length of their values, and their meaning.
//!
//! `docs/records.md` has the same table, and a test compares the two. Only tests and tools use the constants that
//! contain the descriptions, so the descriptions are not in the Wasm.

use super::{Kind, Record};
use crate::origin::MAX_ORIGIN;

/// The maximum total size of a point's blobs in bytes; the platform drops a point with more.
pub const MAX_BLOBS_BYTES: usize = 16_000;
/// The maximum size of the index in bytes.
pub const MAX_INDEX_BYTES: usize = 96;
/// The number of blobs of a record; the platform accepts up to 20.
pub const BLOB_COUNT: usize = 15;

/// A column of a data point.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// The name, which is also the key in a line of the log.
    pub name: &'static str,
    /// The maximum length of a value in bytes; a longer value is cut.
    pub longest: usize,
    /// The meaning of its values.
    pub holds: &'static str,
}

/// The part of a column that is needed to write a blob.
#[derive(Clone, Copy)]
pub(super) struct BlobColumn {
    pub(super) name: &'static str,
    pub(super) longest: usize,
}

macro_rules! blobs {
    ($record:ident; $($name:literal, $longest:expr, $value:expr, $holds:literal;)+) => {
        /// The blobs, `blob1` first.
        pub const BLOBS: [Column; BLOB_COUNT] =
            [$(Column { name: $name, longest: $longest, holds: $holds }),+];

        /// The blobs without their descriptions.
        const BLOB_COLUMNS: [BlobColumn; BLOB_COUNT] = [$(BlobColumn { name: $name, longest: $longest }),+];

        /// The values of a record, uncut, in the order of the blobs.
        fn values<'r>($record: &'r Record<'_>) -> [&'r str; BLOB_COUNT] {
            [$($value),+]
        }
    };
}

/// A longer origin is malformed, whatever it contains.
pub(super) const LONGEST_ORIGIN: usize = MAX_ORIGIN;
/// Names of routes have at most 48 bytes.
pub(super) const LONGEST_ROUTE: usize = 48;
/// Longer than the name of any reason, with room for new ones.
pub(super) const LONGEST_REASON: usize = 40;

/// The index, by which Analytics Engine samples: a flood for one route and reason causes sampling only for records of
/// the same route and reason.
pub const INDEX: Column = Column {
    name: "index",
    longest: LONGEST_ROUTE + 1 + LONGEST_REASON + 1 + 3,
    holds: "route, reason and the bucket of the origin's host (0 to 255), joined by `|`",
};

blobs! { record;
    "outcome", 16, record.outcome.name(),
        "the outcome of the request: `allow`, `reject`, `strip`, `would_reject` or `would_allow`";
    "reason", LONGEST_REASON, record.reason,
        "the reason in `Corsgate-Decision`; `limiter_unavailable` for a request that passed because its limiter could not \
         be reached; `credentials_not_allowed` for one with cookies whose response only the upstream lets the page read; \
         empty for a plain allow";
    "origin", LONGEST_ORIGIN, &record.origin,
        "`Origin` as it was sent, up to a `?` or `#`, and before an `@` only a name that looks like a host; empty without \
         `Origin`";
    "route", LONGEST_ROUTE, record.route,
        "the name of the route; empty if no route matched the request";
    "host", 256, record.host,
        "the host of the requested URL, without the port";
    "method", 32, record.method,
        "the method of the request";
    "requested_method", 64, record.requested_method,
        "`Access-Control-Request-Method`; empty without it";
    "header", 256, record.offending_header,
        "the requested header that is not allowed, for `header_not_allowed`";
    "path", 2048, record.path,
        "the path that was matched, without the query; empty with `record_path = false`";
    "country", 8, record.country,
        "the client's country, according to Cloudflare";
    "colo", 8, record.colo,
        "the Cloudflare data centre that responded";
    "policy", 64, record.policy_id,
        "the id of the policy that decided; empty without a policy";
    "kind", 16, kind(record.kind),
        "the kind of request: `preflight`, `actual` or `websocket`";
    "entry", 512, record.entry,
        "the entry of the allowlist that matches the origin; empty if none does";
    "ray", 64, record.ray,
        "Cloudflare's id of the request, which is also in Cloudflare's logs";
}

/// The numbers, `double1` first; each takes eight bytes.
pub const DOUBLES: [Column; 3] = [
    Column {
        name: "weight",
        longest: 8,
        holds: "the number of decisions for which this record stands: 1, or 1 / `sample_allowed` for a plain allow",
    },
    Column { name: "status", longest: 8, holds: "the status of the response" },
    Column {
        name: "milliseconds",
        longest: 8,
        holds: "the time that the gateway itself took, by a clock that stands still while code runs",
    },
];

impl Record<'_> {
    /// The numbers, in the order of [`DOUBLES`].
    #[must_use]
    pub fn doubles(&self) -> [f64; 3] {
        [self.weight, f64::from(self.status), self.milliseconds]
    }

    /// Each blob's column and value, uncut.
    pub(super) fn blobs(&self) -> impl Iterator<Item = (BlobColumn, &str)> {
        BLOB_COLUMNS.into_iter().zip(values(self))
    }
}

/// The name of a kind of request, here and wherever else one is written.
#[must_use]
pub fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Preflight => "preflight",
        Kind::Actual => "actual",
        Kind::Handshake => "websocket",
    }
}

const fn sum_of_longest() -> usize {
    let (mut sum, mut rest) = (0, BLOB_COLUMNS.as_slice());
    while let [slot, others @ ..] = rest {
        sum += slot.longest;
        rest = others;
    }
    sum
}

const _: () =
    assert!(sum_of_longest() <= MAX_BLOBS_BYTES, "the longest values of all blobs must fit a point");
const _: () = assert!(INDEX.longest <= MAX_INDEX_BYTES, "the longest index must fit a point");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Reason;
    use crate::record::RecordedOutcome;

    #[test]
    fn every_value_stands_in_the_column_of_its_name() {
        let record = Record {
            outcome: RecordedOutcome::Strip,
            reason: "reason",
            origin: "origin".into(),
            route: "route",
            host: "host",
            method: "method",
            requested_method: "requested_method",
            offending_header: "header",
            path: "path",
            country: "country",
            colo: "colo",
            policy_id: "policy",
            kind: Kind::Handshake,
            entry: "entry",
            ray: "ray",
            weight: 100.0,
            status: 403,
            milliseconds: 1.5,
        };
        for ((slot, value), column) in record.blobs().zip(BLOBS) {
            let expected = match column.name {
                "outcome" => "strip",
                "kind" => "websocket",
                name => name,
            };
            assert_eq!((slot.name, value), (column.name, expected));
        }
        assert_eq!(record.doubles(), [100.0, 403.0, 1.5]);
        assert_eq!(DOUBLES.map(|column| column.name), ["weight", "status", "milliseconds"]);
    }

    #[test]
    fn what_the_gateway_names_is_never_cut() {
        let longest = |name| BLOBS.iter().find(|column| column.name == name).expect("a column").longest;
        for reason in Reason::ALL {
            assert!(reason.name().len() <= longest("reason"), "{reason}");
        }
        for outcome in RecordedOutcome::ALL {
            assert!(outcome.name().len() <= longest("outcome"), "{outcome:?}");
        }
        for name in [Kind::Preflight, Kind::Actual, Kind::Handshake].map(kind) {
            assert!(name.len() <= longest("kind"), "{name}");
        }
        assert!(longest("host") >= crate::grammar::host::MAX_HOST);
    }
}
