//! Recognizes names in other scripts and names that look alike.

use idna::domain_to_unicode;
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

/// A host in Unicode; `None` unless it has an encoded (`xn--`) label.
#[must_use]
pub fn decoded(host: &str) -> Option<String> {
    let encoded = host.split('.').any(|label| label.starts_with("xn--"));
    encoded.then(|| domain_to_unicode(host).0)
}

/// Whether a label has letters of several scripts that are not used together (UTS 39, 5.1).
#[must_use]
pub fn mixes_scripts(decoded: &str) -> bool {
    decoded.split('.').any(|label| !label.is_single_script())
}

/// A form that is equal for confusable names (UTS 39, section 4), and for names whose difference people overlook in
/// ASCII: `rn` and `m`, `0` and `o`, `1` and `l`, a hyphen.
#[must_use]
pub fn look(host: &str) -> String {
    let written = decoded(host).unwrap_or_else(|| host.to_owned());
    // The skeleton turns `m` into `rn` and `1` into `l`, and keeps `i`. It turns a digit into a capital: `0` into `O`.
    let plain: String = skeleton(&written).collect::<String>().to_lowercase();
    let joined = plain.replace("vv", "w").replace("cl", "d").replace("rn", "m");
    let letters = joined.chars().filter(|letter| !matches!(letter, '-' | '_'));
    letters
        .map(|letter| match letter {
            '0' => 'o',
            '1' | 'i' | '\u{131}' | '|' => 'l',
            '5' => 's',
            other => other,
        })
        .collect()
}

/// The reason why a host with encoded labels may be mistaken for another one: a label that mixes scripts, or consists of
/// letters that look like ASCII letters. The letters that are not ASCII are escaped.
#[must_use]
pub fn homograph(host: &str) -> Option<String> {
    // Browsers refuse such a host (CG112), and it would be slow to compare.
    const LONGEST_HOST: usize = 253;
    let decoded = decoded(host).filter(|_| host.len() <= LONGEST_HOST)?;
    let labels = || decoded.split('.').filter(|label| !label.is_ascii());
    if let Some(plain) = labels().find_map(looks_ascii) {
        return Some(format!("`{host}` is `{}`, which looks like `{plain}`", escaped(&decoded)));
    }
    let mixed = labels().any(|label| !label.is_single_script());
    mixed.then(|| format!("`{host}` is `{}`, which has letters of several scripts", escaped(&decoded)))
}

/// The ASCII letters that a label of other letters looks like.
fn looks_ascii(label: &str) -> Option<String> {
    let plain: String = skeleton(label).collect();
    (plain.is_ascii() && !plain.is_empty()).then(|| plain.replace("rn", "m").to_lowercase())
}

fn escaped(text: &str) -> String {
    let mut written = String::new();
    for letter in text.chars() {
        match letter {
            '!'..='~' if !matches!(letter, '`' | '\\') => written.push(letter),
            _ => written.extend(letter.escape_unicode()),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_have_one_look() {
        for (one, other) in [
            ("example.com", "exarnple.com"),
            ("example.com", "examp1e.com"),
            ("paypal.com", "paypa1.com"),
            ("google.com", "g00gle.com"),
            ("login.com", "iogin.com"),
            ("window.com", "vvindow.com"),
            ("example.com", "ex-ample.com"),
            // аpple.com (partly Cyrillic) and аррӏе.com (all Cyrillic).
            ("apple.com", "xn--pple-43d.com"),
            ("apple.com", "xn--80ak6aa92e.com"),
            // ехаmрlе.com.
            ("example.com", "xn--ml-6kctd8d6a.com"),
        ] {
            assert_eq!(look(one), look(other), "{other} is {:?}", decoded(other));
        }
        assert_ne!(look("example.com"), look("partner.com"));
        assert_ne!(look("apple.com"), look("xn--bcher-kva.com"));
    }

    #[test]
    fn scripts_that_are_mixed_are_seen() {
        for (host, mixed) in [("xn--bcher-kva.example", false), ("xn--pple-43d.com", true)] {
            let decoded = decoded(host).expect("another script");
            assert_eq!(mixes_scripts(&decoded), mixed, "{decoded}");
        }
        assert_eq!(decoded("example.com"), None);
    }

    #[test]
    fn homographs_are_told_from_names_in_other_scripts() {
        for (host, why) in [
            ("apple.com", None),
            ("xn--bcher-kva.example", None),
            // почта.example, 日本語.example, ελλάδα.example.
            ("xn--80a1acny.example", None),
            ("xn--wgv71a119e.example", None),
            ("xn--hxakic4aa.example", None),
            ("xn--pple-43d.com", Some(r"`xn--pple-43d.com` is `\u{430}pple.com`, which looks like `apple`")),
            (
                "www.xn--80ak6aa92e.com",
                Some(
                    r"`www.xn--80ak6aa92e.com` is `www.\u{430}\u{440}\u{440}\u{4cf}\u{435}.com`, which looks like `apple`",
                ),
            ),
            // жank.example: the first letter looks like no ASCII letter.
            (
                "xn--ank-udd.example",
                Some(r"`xn--ank-udd.example` is `\u{436}ank.example`, which has letters of several scripts"),
            ),
        ] {
            assert_eq!(homograph(host).as_deref(), why, "{host}");
        }
    }
}
