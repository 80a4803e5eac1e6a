//! The flags of curl.

/// The meaning of a flag.
#[derive(Clone, Copy)]
pub(super) enum Flag {
    Header,
    Request,
    /// A form-encoded body, unless a header says otherwise.
    Data,
    Json,
    /// A multipart form.
    Form,
    Head,
    /// Sends the data in the URL.
    Get,
    User,
    Bearer,
    Cookie,
    Url,
    Range,
    /// Uploads a file with `PUT`.
    Upload,
    Referer,
    /// Starts another request.
    Next,
    /// A flag that does not affect the request, with or without a value.
    Other {
        value: bool,
    },
}

/// Irrelevant flags that take a value. If one were missing, its value would be read as the URL.
const WITH_VALUE: &str = "\
    output o user-agent A proxy x preproxy max-time m connect-timeout cookie-jar c cacert capath cert E \
    cert-type key key-type pass crlfile write-out w resolve retry retry-delay retry-max-time dump-header \
    D connect-to interface limit-rate rate max-redirs max-filesize proxy-user U proxy-header \
    proxy-cacert proxy-cert proxy-key proxy1.0 noproxy socks4 socks4a socks5 socks5-hostname trace \
    trace-ascii trace-config unix-socket abstract-unix-socket stderr ciphers tls13-ciphers curves \
    tls-max pinnedpubkey config K variable aws-sigv4 alt-svc hsts doh-url dns-servers dns-interface \
    dns-ipv4-addr dns-ipv6-addr happy-eyeballs-timeout-ms expect100-timeout keepalive-time local-port \
    netrc-file continue-at C create-file-mode output-dir etag-compare etag-save libcurl login-options \
    parallel-max proto proto-default proto-redir quote Q request-target service-name delegation \
    speed-limit Y speed-time y time-cond z url-query haproxy-clientip ip-tos ipfs-gateway ech";

/// Irrelevant flags that take no value.
const WITHOUT_VALUE: &str = "\
    compressed insecure k silent s show-error S verbose v location L include i fail f http0.9 http1.0 0 \
    http1.1 http2 http2-prior-knowledge http3 http3-only no-buffer N remote-name O remote-name-all \
    globoff g ipv4 4 ipv6 6 progress-bar # location-trusted path-as-is tlsv1 1 tlsv1.0 tlsv1.1 tlsv1.2 \
    tlsv1.3 raw no-progress-meter fail-with-body fail-early remote-header-name J remote-time R anyauth \
    basic digest negotiate ntlm netrc n netrc-optional create-dirs disable q junk-session-cookies j \
    no-keepalive no-sessionid no-alpn parallel Z post301 post302 post303 proxytunnel p proxy-insecure \
    retry-all-errors retry-connrefused ssl-no-revoke ssl-reqd tcp-nodelay tcp-fastopen tr-encoding \
    trace-time styled-output use-ascii B xattr";

fn is_in(names: &str, name: &str) -> bool {
    names.split_ascii_whitespace().any(|known| known == name)
}

/// Finds a flag among the relevant ones and the other HTTP flags of curl 8.
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
        "next" | ":" => Flag::Next,
        _ if is_in(WITHOUT_VALUE, name) => Flag::Other { value: false },
        _ if is_in(WITH_VALUE, name) => Flag::Other { value: true },
        _ => return None,
    })
}

/// Whether the flag takes a value.
pub(super) fn takes_value(flag: Flag) -> bool {
    !matches!(flag, Flag::Head | Flag::Get | Flag::Next | Flag::Other { value: false })
}
