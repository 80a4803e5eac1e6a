//! Recognizes names in other scripts and names that look alike.

use idna::domain_to_unicode;
use unicode_security::MixedScript;
use unicode_security::confusable_detection::skeleton;

/// A host in Unicode; `None` unless it has an encoded (`xn--`) label.
pub(crate) fn decoded(host: &str) -> Option<String> {
    let encoded = host.split('.').any(|label| label.starts_with("xn--"));
    encoded.then(|| domain_to_unicode(host).0)
}

/// Whether a label has letters of several scripts that are not used together (UTS 39, 5.1).
pub(crate) fn mixes_scripts(decoded: &str) -> bool {
    decoded.split('.').any(|label| !label.is_single_script())
}

/// A form that is equal for confusable names (UTS 39, section 4), and for names whose difference people overlook in
/// ASCII: `rn` and `m`, `0` and `o`, `1` and `l`, a hyphen.
pub(crate) fn look(host: &str) -> String {
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
}
