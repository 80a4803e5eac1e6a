//! Finds the table that a misplaced key belongs to.

use core::fmt;

/// A table of the policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FileTable {
    /// The top level of the file.
    File,
    /// Only `[defaults]`.
    Defaults,
    /// `[[routes]]`, and `[defaults]` for all routes.
    Route,
    /// A table of a route, by its name.
    Part(&'static str),
    /// `[[routes.limits]]`.
    Limit,
    /// `hsts`.
    Hsts,
    /// An allowlist in KV.
    Reference,
    /// An origin with an expiry day or a note.
    Entry,
    /// `[records]`.
    Records,
    /// `[check]`.
    Check,
}

/// The keys of each table. A key of several tables (`name`, `max_age` of HSTS) is listed only where people look for it
/// by mistake.
const TABLE_KEYS: &[(FileTable, &[&str])] = &[
    (
        FileTable::File,
        &["version", "upstreams", "allowlists", "environments", "records", "check", "defaults", "routes"],
    ),
    (FileTable::Defaults, &["fold_suffixes"]),
    (
        FileTable::Route,
        &[
            "path",
            "hosts",
            "upstream",
            "mode",
            "cors",
            "on_disallowed",
            "explain",
            "forward_origin",
            "forward_cookies",
            "storage_access",
            "encoded_slashes",
            "record_path",
            "timeout",
            "upload_timeout",
            "websocket",
            "limits",
            "on_limiter_error",
            "request",
            "response",
            "security",
        ],
    ),
    (
        FileTable::Part("cors"),
        &[
            "origins",
            "methods",
            "request_headers",
            "exposed_headers",
            "presets",
            "credentials",
            "enforce_methods",
            "max_age",
            "dangerously_allow_any_extension",
            "dangerously_allow_insecure_origins",
            "dangerously_allow_public_suffix",
        ],
    ),
    (FileTable::Part("websocket"), &["require_origin", "on_reject", "dangerously_allow_any_origin"]),
    (FileTable::Part("response"), &["set", "remove", "rewrite"]),
    (
        FileTable::Part("security"),
        &[
            "hsts",
            "csp",
            "nosniff",
            "referrer_policy",
            "permissions_policy",
            "corp",
            "coop",
            "coep",
            "timing_allow_origin",
        ],
    ),
    (FileTable::Limit, &["quota", "window", "by"]),
    (FileTable::Hsts, &["include_subdomains", "preload"]),
    (
        FileTable::Reference,
        &["kv", "kv_keys", "scope", "dangerously_share_keys", "dangerously_unchecked_wildcards"],
    ),
    (FileTable::Entry, &["origin", "expires", "note"]),
    (FileTable::Records, &["sample_allowed"]),
    (FileTable::Check, &["allow"]),
];

/// The advice for a key that belongs to another table.
pub(crate) fn advice(key: &str) -> Option<String> {
    let (table, _) = TABLE_KEYS.iter().find(|(_, keys)| keys.contains(&key))?;
    Some(match table {
        // The tables of a route have their own headers, so each can follow another.
        FileTable::Route if matches!(key, "cors" | "websocket" | "request" | "response" | "security") => {
            format!("`{key}` is a table of a route: write `[routes.{key}]` below its `[[routes]]`")
        }
        FileTable::Route if key == "limits" => {
            "limits are tables of a route: write `[[routes.limits]]` below its `[[routes]]`".to_owned()
        }
        _ => format!("`{key}` belongs {table}"),
    })
}

impl fmt::Display for FileTable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File => f.write_str("at the top of the file, outside all other tables"),
            Self::Defaults => f.write_str("in `[defaults]`, because it applies to all routes"),
            Self::Route => f.write_str(
                "to the route itself: write it below `[[routes]]`, above `[routes.cors]` and its other tables",
            ),
            Self::Part(part) => write!(f, "in `[routes.{part}]`, or `[defaults.{part}]` for all routes"),
            Self::Limit => f.write_str("in `[[routes.limits]]`"),
            Self::Hsts => f.write_str("in `hsts = { … }` of `[routes.security]`"),
            Self::Reference => f.write_str("to a list of `[allowlists]`: `name = { kv = \"name\" }`"),
            Self::Entry => f.write_str("to one entry of a list: `{ origin = \"…\", expires = 2031-01-31 }`"),
            Self::Records => f.write_str("in `[records]`"),
            Self::Check => f.write_str("in `[check]`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::findings;

    /// A minimal file with `key` in this table.
    fn in_table(table: FileTable, key: &str) -> String {
        match table {
            FileTable::File => format!("{key} = 1\n"),
            FileTable::Defaults => format!("[defaults]\n{key} = 1\n"),
            FileTable::Route => format!("[[routes]]\n{key} = 1\n"),
            FileTable::Part(part) => format!("[[routes]]\n[routes.{part}]\n{key} = 1\n"),
            FileTable::Limit => format!("[[routes]]\n[[routes.limits]]\n{key} = 1\n"),
            FileTable::Hsts => format!("[[routes]]\nsecurity.hsts.{key} = 1\n"),
            // The keys of the table depend on which of the two it has.
            FileTable::Reference if key.contains("keys") || key == "scope" => {
                format!("[allowlists.l]\nkv_keys = \"l\"\n{key} = 1\n").replacen("kv_keys = 1\n", "", 1)
            }
            FileTable::Reference => format!("[allowlists.l]\n{key} = 1\n"),
            FileTable::Entry => format!("[allowlists]\nl = [{{ {key} = 1 }}]\n"),
            FileTable::Records => format!("[records]\n{key} = 1\n"),
            FileTable::Check => format!("[check]\n{key} = 1\n"),
        }
    }

    fn unknown(text: &str) -> Vec<(String, String)> {
        let findings = findings(text).into_iter();
        let unknown = findings.filter(|finding| finding.code.to_string() == "CG002");
        unknown.map(|finding| (finding.message, finding.help.unwrap_or_default())).collect()
    }

    #[test]
    fn each_key_is_known_at_its_home() {
        for (table, keys) in TABLE_KEYS {
            for key in *keys {
                assert_eq!(unknown(&in_table(*table, key)), [], "{key}");
            }
        }
    }

    /// The parser's list of its keys, taken from its message about an unknown key.
    #[test]
    fn each_key_of_a_table_has_a_home() {
        let everywhere: Vec<&str> = TABLE_KEYS.iter().flat_map(|(_, keys)| *keys).copied().collect();
        for (table, _) in TABLE_KEYS {
            for (_, help) in unknown(&in_table(*table, "qqqqqqqqqqqqqqqq")) {
                for key in help.split('`').skip(1).step_by(2) {
                    assert!(everywhere.contains(&key) || key == "name", "{key} of {table:?}");
                }
            }
        }
    }

    #[test]
    fn a_key_elsewhere_is_told_where_it_belongs() {
        for (text, help) in [
            ("[[routes]]\n[routes.cors]\non_disallowed = \"forward\"\n", "belongs to the route itself"),
            ("[[routes]]\n[routes.cors]\nhosts = [\"a.example\"]\n", "belongs to the route itself"),
            ("[[routes]]\n[routes.cors]\non_reject = \"close\"\n", "in `[routes.websocket]`"),
            ("[[routes]]\norigins = []\n", "in `[routes.cors]`, or `[defaults.cors]`"),
            ("[[routes]]\nquota = 1\n", "in `[[routes.limits]]`"),
            ("cors.origins = []\n", "write `[routes.cors]` below its `[[routes]]`"),
            ("limits = []\n", "write `[[routes.limits]]` below its `[[routes]]`"),
            ("timeout = 5\n", "belongs to the route itself"),
            ("[[routes]]\n[routes.cors]\nversion = 1\n", "at the top of the file"),
            ("[[routes]]\nsecurity.preload = true\n", "in `hsts = { … }`"),
            ("[[routes]]\nfold_suffixes = true\n", "in `[defaults]`"),
            ("[[routes]]\nkv = \"l\"\n", "to a list of `[allowlists]`"),
        ] {
            assert!(unknown(text)[0].1.contains(help), "{text}: {:?}", unknown(text));
        }
    }
}
