//! The last part of an index, the bucket of the origin. There are few enough buckets to query each of them, and enough
//! that a flood from one origin causes sampling for few others.

use crate::origin::split_scheme;

/// The bucket of an origin: FNV-1a (32 bit) of its host, whose two lowest bytes are combined into one by XOR.
///
/// The lowest byte alone would depend only on the lower bits of the host's bytes, and hosts that differ in digits would
/// share few buckets. Folding is what the authors of FNV advise for less than 16 bits
/// (isthe.com/chongo/tech/comp/fnv, "xor-folding").
///
/// The host is the text after the first `://`, or the whole text without one, up to a `:`; if it begins with `[`, up to
/// and including `]`. The function accepts any text, because `Origin` may hold anything. Its result must never change,
/// because stored records are queried by it.
#[must_use]
pub fn bucket(origin: &str) -> u8 {
    let hash = host(origin)
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let [lowest, second, ..] = hash.to_le_bytes();
    lowest ^ second
}

fn host(origin: &str) -> &str {
    let rest = split_scheme(origin).map_or(origin, |(_, rest)| rest);
    let bracket = if rest.starts_with('[') { rest.find(']').map(|at| at + 1) } else { None };
    let end = bracket.or_else(|| rest.find(':')).unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_found_in_anything() {
        for (origin, expected) in [
            ("https://app.example.com", "app.example.com"),
            ("https://app.example.com:8443", "app.example.com"),
            ("http://[::1]:8080", "[::1]"),
            ("http://[::1]", "[::1]"),
            ("http://[::1", "["),
            ("capacitor://localhost", "localhost"),
            ("null", "null"),
            ("", ""),
            ("://", ""),
            ("https://", ""),
            (":80", ""),
            ("https://a.example, https://b.example", "a.example, https"),
            ("a://b://c", "b"),
            ("https://\u{1f4a9}:1", "\u{1f4a9}"),
        ] {
            assert_eq!(host(origin), expected, "{origin}");
        }
    }

    /// From the test suite of the authors of FNV: "", "a", "foobar" are 0x811c9dc5, 0xe40c292c, 0xbf9cf968.
    #[test]
    fn the_hash_is_fnv_1a_folded() {
        assert_eq!([bucket(""), bucket("a"), bucket("foobar")], [0x9d ^ 0xc5, 0x29 ^ 0x2c, 0xf9 ^ 0x68]);
    }

    #[test]
    fn hosts_of_one_kind_spread() {
        let mut hosts_in = [0_u32; 256];
        for tenant in 0..4096 {
            hosts_in[usize::from(bucket(&format!("https://tenant-{tenant}.example.com")))] += 1;
        }
        let (fewest, most) = (hosts_in.iter().min(), hosts_in.iter().max());
        assert!(fewest >= Some(&4) && most <= Some(&40), "16 on average, {fewest:?} to {most:?}");
    }
}
