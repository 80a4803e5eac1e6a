//! Rate limits: which requests are counted together, and how many may pass.

use core::fmt::Write;
use core::net::{IpAddr, Ipv6Addr};

use sha2::{Digest, Sha256};

use crate::gcra::Rate;
use crate::grammar::token::HeaderName;
use crate::policy::document::LimitDocument;
use crate::policy::is_name;
use crate::policy::reader::Reader;
use crate::policy::violation::Violation;

/// The most bytes of limit names in the name of an object. They are ASCII.
const MOST_LABEL_BYTES: usize = 500;

/// A limit of a route.
#[derive(Debug)]
pub struct Limit {
    name: String,
    rate: Rate,
}

/// The limits of a route with the same key. One object counts for all of them, so that a request denied by
/// one is not counted by another.
#[derive(Debug)]
pub struct Counter {
    by: Vec<Key>,
    /// The positions of the limits in the route.
    limits: Vec<usize>,
    /// The names of the limits, for people who read object names.
    label: String,
    /// The hash that identifies these limits.
    identity: Sha256,
}

/// What identifies the client of a request to a limit, apart from its headers.
#[derive(Clone, Copy, Debug, Default)]
pub struct Client<'a> {
    /// The address.
    pub ip: Option<&'a str>,
    /// `Origin`.
    pub origin: Option<&'a str>,
}

/// What distinguishes the requests that a limit counts.
#[derive(Debug, PartialEq)]
enum Key {
    /// The client's address.
    ClientIp,
    /// `Origin`.
    Origin,
    /// Nothing: all requests of the route count together.
    Route,
    /// The value of a header.
    Header(HeaderName),
}

impl Limit {
    /// The name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The rate of the limit.
    #[must_use]
    pub fn rate(&self) -> Rate {
        self.rate
    }
}

impl Counter {
    /// The positions of its limits among those of the route.
    #[must_use]
    pub fn limits(&self) -> &[usize] {
        &self.limits
    }

    /// The key parts, as policies write them.
    #[must_use]
    pub fn by(&self) -> Vec<String> {
        self.by.iter().map(Key::written).collect()
    }

    /// The name of the object that counts a request of a client for these limits and one key. `header` returns
    /// the client's value of a header.
    ///
    /// The client's values appear only as a hash. A limit with another rate is another limit: it starts from
    /// zero.
    #[must_use]
    pub fn object_name(
        &self,
        route: &str,
        client: Client<'_>,
        header: impl Fn(&str) -> Option<String>,
    ) -> String {
        let mut hash = self.identity.clone();
        add(&mut hash, "by", None);
        for key in &self.by {
            match key {
                Key::ClientIp => add(&mut hash, "client_ip", client.ip.and_then(network).as_deref()),
                Key::Origin => add(&mut hash, "origin", client.origin.map(str::as_bytes)),
                Key::Route => add(&mut hash, "route", None),
                Key::Header(name) => {
                    add(&mut hash, name.as_str(), header(name.as_str()).as_deref().map(str::as_bytes));
                }
            }
        }
        // The platform accepts names of up to 1024 bytes.
        let label = self.label.get(..MOST_LABEL_BYTES).unwrap_or(&self.label);
        let mut name = format!("{route}/{label}/");
        push_digest(&mut name, hash);
        name
    }

    /// Groups the limits of a route that have the same key.
    fn of(limits: &[Limit], keys: Vec<Vec<Key>>) -> Vec<Self> {
        let mut counters: Vec<Self> = Vec::new();
        for (at, (limit, by)) in limits.iter().zip(keys).enumerate() {
            let known = counters.iter().position(|counter| counter.by == by);
            let known = known.unwrap_or_else(|| {
                counters.push(Self { by, limits: Vec::new(), label: String::new(), identity: Sha256::new() });
                counters.len() - 1
            });
            if let Some(counter) = counters.get_mut(known) {
                if !counter.limits.is_empty() {
                    counter.label.push('+');
                }
                counter.label.push_str(&limit.name);
                counter.limits.push(at);
                let (quota, window) = (limit.rate.quota(), limit.rate.window());
                let rate = [quota.to_le_bytes(), window.to_le_bytes()].concat();
                add(&mut counter.identity, &limit.name, Some(&rate));
            }
        }
        counters
    }
}

impl Key {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "client_ip" => Some(Self::ClientIp),
            "origin" => Some(Self::Origin),
            "route" => Some(Self::Route),
            header => HeaderName::parse(header.strip_prefix("header:")?).ok().map(Self::Header),
        }
    }

    fn written(&self) -> String {
        match self {
            Self::ClientIp => "client_ip".to_owned(),
            Self::Origin => "origin".to_owned(),
            Self::Route => "route".to_owned(),
            Self::Header(name) => format!("header:{}", name.as_str()),
        }
    }

    /// Whether the client can send another value with each request.
    fn is_invented(&self) -> bool {
        matches!(self, Self::Origin | Self::Header(_))
    }
}

/// Adds a part of a key to its hash, so that no other list of parts gives the same bytes. All requests
/// without the part share one key.
fn add(hash: &mut Sha256, kind: &str, value: Option<&[u8]>) {
    for part in [Some(kind.as_bytes()), value] {
        // `u64::MAX` marks an absent part: no part is that long.
        hash.update(part.map_or(u64::MAX, |part| part.len() as u64).to_le_bytes());
        hash.update(part.unwrap_or_default());
    }
}

/// Appends half of the hash: enough that nobody can find a second key with the same hash.
fn push_digest(name: &mut String, hash: Sha256) {
    for byte in hash.finalize().iter().take(16) {
        // Writing to a `String` does not fail.
        let _written = write!(name, "{byte:02x}");
    }
}

/// The hashed key of a client's address, for counting outside a route's limits. All clients without a known
/// address share one key.
#[must_use]
pub fn client_key(client_ip: Option<&str>) -> String {
    let mut hash = Sha256::new();
    add(&mut hash, "client_ip", client_ip.and_then(network).as_deref());
    let mut key = String::new();
    push_digest(&mut key, hash);
    key
}

/// The address of a client, or the smallest network that one client may have: a household has many IPv6
/// addresses (RFC 6177). `None` if the text is not an address.
fn network(address: &str) -> Option<Vec<u8>> {
    const CLIENT_PREFIX_BYTES: usize = 8;
    let v6: Ipv6Addr = match address.parse().ok()? {
        IpAddr::V4(address) => return Some(address.octets().to_vec()),
        IpAddr::V6(address) => address,
    };
    match v6.to_ipv4_mapped() {
        Some(address) => Some(address.octets().to_vec()),
        None => v6.octets().get(..CLIENT_PREFIX_BYTES).map(<[u8]>::to_vec),
    }
}

/// Reads the limits of a route, and their counters.
pub(crate) fn read_all(documents: &[LimitDocument], reader: &mut Reader<'_>) -> (Vec<Limit>, Vec<Counter>) {
    if documents.is_empty() { (Vec::new(), Vec::new()) } else { read_some(documents, reader) }
}

#[inline(never)]
fn read_some(documents: &[LimitDocument], reader: &mut Reader<'_>) -> (Vec<Limit>, Vec<Counter>) {
    // If the client chooses one part of a key, it chooses the key.
    let invented = |key: &String| Key::parse(key).is_some_and(|key| key.is_invented());
    let is_by_client_ip = |limit: &LimitDocument| {
        limit.by.iter().any(|key| key == "client_ip") && !limit.by.iter().any(invented)
    };
    let by_client_ip = documents.iter().any(is_by_client_ip);
    let (mut limits, mut keys) = (Vec::with_capacity(documents.len()), Vec::with_capacity(documents.len()));
    for (at, document) in documents.iter().enumerate() {
        let mut reader = reader.index(at);
        let named_before = documents.iter().take(at).any(|earlier| earlier.name == document.name);
        reader.key("name").require(!named_before, Violation::DuplicateName);
        reader.key("name").require(is_name(&document.name), Violation::Name);
        for (value, field) in [(document.quota, "quota"), (document.window, "window")] {
            reader.key(field).require(value > 0, Violation::ZeroLimit);
        }
        let mut reader = reader.key("by");
        reader.require(!document.by.is_empty(), Violation::NoLimitKey);
        let mut by = Vec::with_capacity(document.by.len());
        for (at, text) in document.by.iter().enumerate() {
            let key = Key::parse(text);
            reader.index(at).require(key.is_some(), Violation::LimitKey);
            reader.index(at).require(!invented(text) || by_client_ip, Violation::InventedLimitKey);
            by.extend(key);
        }
        if let Some(rate) = Rate::new(document.quota, document.window) {
            limits.push(Limit { name: document.name.clone(), rate });
            keys.push(by);
        }
    }
    let counters = Counter::of(&limits, keys);
    (limits, counters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limit(name: &str, quota: u32, window: u32) -> Limit {
        Limit { name: name.to_owned(), rate: Rate::new(quota, window).expect("a rate") }
    }

    fn keys(by: &[&str]) -> Vec<Key> {
        by.iter().map(|key| Key::parse(key).expect("a key")).collect()
    }

    fn counters(limits: &[Limit], by: &[&[&str]]) -> Vec<Counter> {
        Counter::of(limits, by.iter().map(|by| keys(by)).collect())
    }

    fn from(ip: Option<&str>) -> Client<'_> {
        Client { ip, origin: Some("https://app.example.com") }
    }

    fn name(by: &[&str], client_ip: Option<&str>, header: Option<&str>) -> String {
        let counters = counters(&[limit("per-client", 120, 60)], &[by]);
        let header = |_: &str| header.map(str::to_owned);
        counters.first().expect("a counter").object_name("events", from(client_ip), header)
    }

    #[test]
    fn a_name_says_which_limits_it_is_of_but_not_whose() {
        let name = name(&["client_ip", "header:x-key"], Some("203.0.113.7"), Some("s3cret"));
        let (limits, key) = name.rsplit_once('/').expect("a key at its end");
        assert_eq!(limits, "events/per-client");
        assert!(key.len() == 32 && key.bytes().all(|byte| byte.is_ascii_hexdigit()), "{key}");
    }

    #[test]
    fn one_client_is_one_key() {
        for (one, other, same) in [
            (Some("203.0.113.7"), Some("203.0.113.7"), true),
            (Some("203.0.113.7"), Some("203.0.113.8"), false),
            (Some("203.0.113.7"), Some("::ffff:203.0.113.7"), true),
            (Some("2001:db8:1:2::1"), Some("2001:db8:1:2:ffff::9"), true),
            (Some("2001:db8:1:2::1"), Some("2001:DB8:1:2:0:0:0:1"), true),
            (Some("2001:db8:1:2::1"), Some("2001:db8:1:3::1"), false),
            (Some("not an address"), None, true),
            (Some("203.0.113.7, 203.0.113.8"), None, true),
            (Some(""), None, true),
            (Some("0.0.0.0"), None, false),
        ] {
            let equal = name(&["client_ip"], one, None) == name(&["client_ip"], other, None);
            assert_eq!(equal, same, "{one:?} and {other:?}");
            assert_eq!(client_key(one) == client_key(other), same, "{one:?} and {other:?}");
        }
    }

    #[test]
    fn keys_that_differ_anywhere_are_apart() {
        let long = "k".repeat(100_000);
        let names = [
            name(&["client_ip"], None, None),
            name(&["client_ip"], Some("203.0.113.7"), None),
            name(&["route"], None, None),
            name(&["origin"], None, None),
            name(&["header:x-key"], None, None),
            name(&["header:x-key"], None, Some("")),
            name(&["header:x-key"], None, Some("a")),
            name(&["header:x-key"], None, Some(&long)),
            name(&["header:x-key"], None, long.get(1..)),
            name(&["header:x-other"], None, Some("a")),
            name(&["header:x-key", "header:x-other"], None, Some("a")),
            name(&["client_ip", "header:x-key"], Some("203.0.113.7"), Some("a")),
            name(&["header:x-key", "client_ip"], Some("203.0.113.7"), Some("a")),
        ];
        for (at, one) in names.iter().enumerate() {
            assert!(one.len() < 160);
            assert!(names.iter().skip(at + 1).all(|other| other != one), "number {at} stands twice");
        }
    }
    #[test]
    fn limits_by_the_same_are_counted_together() {
        let limits = [limit("a", 1, 1), limit("b", 2, 1), limit("c", 3, 1)];
        let counters = counters(&limits, &[&["client_ip"], &["origin"], &["client_ip"]]);
        let positions: Vec<_> = counters.iter().map(Counter::limits).collect();
        assert_eq!(positions, [&[0, 2][..], &[1]]);
        let names = counters.iter().map(|counter| counter.object_name("r", from(None), |_| None));
        let label = |name: String| name.rsplit_once('/').map(|(label, _)| label.to_owned());
        assert_eq!(names.filter_map(label).collect::<Vec<_>>(), ["r/a+c", "r/b"]);
    }

    #[test]
    fn the_name_of_an_object_has_a_bound() {
        let limits: Vec<_> = (0..100).map(|at| limit(&format!("{}{at}", "l".repeat(40)), 1, 1)).collect();
        let counters = counters(&limits, &[["client_ip"].as_slice(); 100]);
        let names = counters.iter().map(|counter| counter.object_name("r", from(None), |_| None));
        assert_eq!(names.map(|name| name.len()).collect::<Vec<_>>(), [2 + 500 + 1 + 32]);
    }

    #[test]
    fn another_limit_counts_from_the_start() {
        let by: [&[&str]; 2] = [&["client_ip"], &["client_ip"]];
        let sets = [
            vec![limit("a", 1, 1)],
            vec![limit("b", 1, 1)],
            vec![limit("a", 2, 1)],
            vec![limit("a", 1, 2)],
            vec![limit("a", 1, 1), limit("b", 1, 1)],
            vec![limit("b", 1, 1), limit("a", 1, 1)],
        ];
        let names = sets.iter().flat_map(|limits| {
            let counters = counters(limits, &by[..limits.len()]);
            counters.iter().map(|counter| counter.object_name("r", from(None), |_| None)).collect::<Vec<_>>()
        });
        let names: std::collections::HashSet<_> = names.collect();
        assert_eq!(names.len(), sets.len());
    }
}
