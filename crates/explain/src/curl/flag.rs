//! The flags of curl.

/// What a flag is about.
#[derive(Clone, Copy)]
pub(super) enum Flag {
    Header,
    Request,
    /// A body in the way of a form, unless a header says otherwise.
    Data,
    Json,
    /// A form in several parts.
    Form,
    Head,
    /// Data go into the URL.
    Get,
    User,
    Bearer,
    Cookie,
    Url,
    Range,
    /// Uploads a file: `PUT`.
    Upload,
    Referer,
    /// Of no matter here; without a value, or with one.
    Other {
        value: bool,
    },
}

/// The flags of curl that matter, and of the others those that are common.
pub(super) fn flag(name: &str) -> Option<Flag> {
    Some(match name {
        "header" | "H" => Flag::Header,
        "request" | "X" => Flag::Request,
        "data" | "d" | "data-raw" | "data-binary" | "data-ascii" | "data-urlencode" => Flag::Data,
        "json" => Flag::Json,
        "form" | "F" | "form-string" => Flag::Form,
        "head" | "I" => Flag::Head,
        "get" | "G" => Flag::Get,
        "user" | "u" => Flag::User,
        "oauth2-bearer" => Flag::Bearer,
        "cookie" | "b" => Flag::Cookie,
        "url" => Flag::Url,
        "range" | "r" => Flag::Range,
        "upload-file" | "T" => Flag::Upload,
        "referer" | "e" => Flag::Referer,
        "compressed" | "insecure" | "k" | "silent" | "s" | "show-error" | "S" | "verbose" | "v"
        | "location" | "L" | "include" | "i" | "fail" | "f" | "http1.1" | "http2" | "http3" | "no-buffer"
        | "N" | "remote-name" | "O" | "globoff" | "g" | "ipv4" | "4" | "ipv6" | "6" | "progress-bar"
        | "#" | "location-trusted" | "path-as-is" | "tlsv1.2" | "tlsv1.3" | "raw" | "no-progress-meter"
        | "fail-with-body" | "remote-header-name" | "J" => Flag::Other { value: false },
        "output" | "o" | "user-agent" | "A" | "proxy" | "x" | "max-time" | "m" | "connect-timeout"
        | "cookie-jar" | "c" | "cacert" | "cert" | "E" | "key" | "write-out" | "w" | "resolve" | "retry"
        | "dump-header" | "D" | "connect-to" | "interface" | "limit-rate" | "max-redirs" | "proxy-user"
        | "U" | "trace" | "trace-ascii" | "unix-socket" | "stderr" | "ciphers" | "config" | "K" => {
            Flag::Other { value: true }
        }
        _ => return None,
    })
}

/// Whether a value follows.
pub(super) fn takes_value(flag: Flag) -> bool {
    !matches!(flag, Flag::Head | Flag::Get | Flag::Other { value: false })
}
