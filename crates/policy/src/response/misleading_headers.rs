//! Request headers with which a client could give the upstream a false address, host, scheme, port or URL.
//!
//! Names are compared in the form that CGI-like servers produce: WSGI, Rack and CGI (RFC 3875, 4.1.18) turn
//! `-` into `_`, PHP also turns `.` into `_`, and lighttpd everything except letters and digits. So every
//! byte that is not a letter or a digit counts as `-` here, and `X_Forwarded.For` is `x-forwarded-for`.

/// Names in folded form.
const NAMES: &[&str] = &[
    "disguised-host",
    "front-end-https",
    "host-override",
    "https",
    "path-info",
    "proxy",
    "script-name",
    "was-default-hostname",
    "x-appservice-proto",
    "x-backend-host",
    "x-client-host",
    "x-client-port",
    "x-client-proto",
    "x-envoy-external-address",
    "x-envoy-internal",
    "x-host",
    "x-host-override",
    "x-http-destinationurl",
    "x-http-host",
    "x-http-host-override",
    "x-https",
    "x-invoke-path",
    "x-matched-path",
    "x-override-url",
    "x-path-info",
    "x-port",
    "x-proto",
    "x-replaced-path",
    "x-request-uri",
    "x-request-url",
    "x-scheme",
    "x-script-name",
    "x-server-name",
    "x-server-port",
    "x-ssl",
    "x-unencoded-url",
    "x-uri",
    "x-url",
    "x-url-scheme",
    "x-waws-unencoded-url",
];

/// Beginnings of such names, in folded form.
const BEGINNINGS: &[&str] = &[
    // RFC 9440, 4: a client certificate, which only the TLS terminator knows.
    "client-cert",
    "cloudfront-",
    "fly-forwarded-",
    "forwarded",
    // `Proxy-*` headers are for one proxy alone, and `Proxy` becomes `HTTP_PROXY` (CVE-2016-5385).
    "proxy-",
    "remote-",
    "ssl-client-",
    "wl-proxy-",
    "x-appengine-",
    "x-arr-",
    "x-client-cert",
    "x-envoy-original-",
    "x-forward",
    "x-middleware-",
    "x-original",
    "x-proxy",
    "x-real-",
    "x-remote-",
    "x-rewrite-",
    "x-ssl-client-",
    "x-vercel-forwarded-",
    "x-vercel-proxied-",
];

/// Endings of such names, in folded form: each of them indicates an address.
const ENDS: &[&str] =
    &["-ip", "-ip-address", "clientip", "realip", "socketip", "client-addr", "client-address", "remote-addr"];

/// Names that the platform or the browser guarantees, or that frame the message, in their own spelling only.
/// In any other spelling, a server that folds names would read a false value.
const ONLY_WITH_DASHES: &[&str] = &["cf-", "content-length", "corsgate-", "sec-", "transfer-encoding"];

/// Whether a header of this name, in any case and spelling, could mislead the upstream.
///
/// Headers that Cloudflare itself sets (`CF-Connecting-IP`) are not misleading.
#[must_use]
pub fn is_misleading(name: &str) -> bool {
    let name = name.as_bytes();
    let has_dashes_only = name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    if begins_with(name, "cf-") {
        return !has_dashes_only;
    }
    // Some servers and libraries look up the variable name as if it were the header name:
    // `HTTP_X_FORWARDED_FOR`, `HTTP_HOST`.
    let (variable, name) = match name.split_at_checked("http-".len()) {
        Some((head, rest)) if begins_with(head, "http-") => (true, rest),
        _ => (false, name),
    };
    let begins_alike = |known: &str| known.bytes().next() == name.first().map(fold);
    (variable && is(name, "host"))
        || NAMES.iter().any(|known| begins_alike(known) && is(name, known))
        || BEGINNINGS.iter().any(|beginning| begins_alike(beginning) && begins_with(name, beginning))
        || ENDS.iter().any(|end| ends_with(name, end))
        || (!has_dashes_only && ONLY_WITH_DASHES.iter().any(|beginning| begins_with(name, beginning)))
}

/// Whether Cloudflare Access tells the upstream about a cookie's user in this header.
pub(crate) fn is_of_access(name: &str) -> bool {
    begins_with(name.as_bytes(), "cf-access-")
}

/// Whether a server that folds names could read a header of this name as `known`, which is in lower case.
pub(crate) fn is_alike(name: &str, known: &str) -> bool {
    let name = name.as_bytes();
    let variable = name.split_at_checked("http-".len()).filter(|(head, _)| begins_with(head, "http-"));
    [Some(name), variable.map(|(_, name)| name)]
        .into_iter()
        .flatten()
        .any(|name| name.len() == known.len() && name.iter().map(fold).eq(known.as_bytes().iter().map(fold)))
}

fn fold(byte: &u8) -> u8 {
    if byte.is_ascii_alphanumeric() { byte.to_ascii_lowercase() } else { b'-' }
}

fn is(name: &[u8], known: &str) -> bool {
    name.len() == known.len() && begins_with(name, known)
}

fn begins_with(name: &[u8], beginning: &str) -> bool {
    name.len() >= beginning.len() && name.iter().map(fold).zip(beginning.bytes()).all(|(a, b)| a == b)
}

fn ends_with(name: &[u8], end: &str) -> bool {
    name.len() >= end.len() && name.iter().rev().map(fold).zip(end.bytes().rev()).all(|(a, b)| a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_by_which_a_client_could_lie_is_misleading() {
        for name in [
            "Forwarded",
            "Forwarded-For",
            "X-Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-By",
            "X-Forwarded-Host",
            "X-Forwarded-Port",
            "X-Forwarded-Prefix",
            "X-Forwarded-Proto",
            "X-Forwarded-Scheme",
            "X-Forwarded-Ssl",
            "X-Forwarded-Server",
            "X-Forwarded-Uri",
            "X-Forwarded-Client-Cert",
            "X-Forward-For",
            "X-Forwarder-For",
            "X-Original-URL",
            "X-Original-Uri",
            "X-Original-Host",
            "X-Original-Forwarded-For",
            "X-Originating-IP",
            "X-Rewrite-URL",
            "X-Host",
            "X-HTTP-Host-Override",
            "X-Real-IP",
            "X-Real-Host",
            "True-Client-IP",
            "X-True-IP",
            "X-Client-IP",
            "Client-IP",
            "X-ClientIP",
            "X-Cluster-Client-IP",
            "Cluster-Client-IP",
            "X-ProxyUser-Ip",
            "X-Remote-IP",
            "X-Remote-Addr",
            "Remote-Addr",
            "X-Url-Scheme",
            "X-Scheme",
            "Front-End-Https",
            "X-ARR-SSL",
            "X-ARR-ClientCert",
            "X-Envoy-External-Address",
            "X-Envoy-Original-Path",
            "Fastly-Client-IP",
            "X-Appengine-User-Ip",
            "X-Azure-ClientIP",
            "X-Azure-SocketIP",
            "DO-Connecting-IP",
            "X-NF-Client-Connection-IP",
            "Fly-Client-IP",
            "Ali-CDN-Real-IP",
            "WL-Proxy-Client-IP",
            "Proxy",
            "Proxy-Authorization",
            "Proxy-Connection",
            "Proxy-Client-IP",
            "X-Script-Name",
            "Client-Cert",
            "HTTP_X_FORWARDED_FOR",
            "HTTP_CLIENT_IP",
            "HTTP-Host",
            "Http_Host",
            "X_Forwarded_For",
            "X-Forwarded_For",
            "x.forwarded.for",
            "X_Real_IP",
            "X_Forwarded_Host",
            "TRUE_CLIENT_IP",
            "CF_Connecting_IP",
            "CF-Connecting_IP",
            "Cf_Access_Jwt_Assertion",
            "Sec_Fetch_Site",
            "Corsgate_Hop",
            "Content_Length",
            "Transfer_Encoding",
        ] {
            assert!(is_misleading(name), "{name}");
        }
    }

    #[test]
    fn what_clients_and_cloudflare_rightly_say_is_not() {
        for name in [
            "",
            "-",
            "_",
            "http-",
            "Host",
            "Accept",
            "Accept-Encoding",
            "Authorization",
            "Cookie",
            "Origin",
            "Referer",
            "User-Agent",
            "Upgrade",
            "Connection",
            "Content-Type",
            "Content-Length",
            "Transfer-Encoding",
            "Via",
            "Destination",
            "Traceparent",
            "If-None-Match",
            "X-Requested-With",
            "X-CSRF-Token",
            "X-Request-Id",
            "X-Client-Info",
            "X-Client-Version",
            "X-Api-Key",
            "api_key",
            "X_Api_Key",
            "X-HTTP-Method-Override",
            "X-HTTP-Method",
            "X_Method_Override",
            "Sec-Fetch-Site",
            "Sec-WebSocket-Key",
            "Corsgate-Hop",
            "Access-Control-Request-Method",
            "CF-Connecting-IP",
            "CF-Connecting-IPv6",
            "CF-IPCountry",
            "CF-Ray",
            "CF-Visitor",
            "CF-Worker",
            "Cf-Access-Jwt-Assertion",
            "CDN-Loop",
            "X-Shipping",
            "Zip",
        ] {
            assert!(!is_misleading(name), "{name}");
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    mod properties {
        use proptest::prelude::*;

        use super::super::*;

        proptest! {
            /// Any replacement of the bytes that are not letters or digits.
            #[test]
            fn a_misleading_name_is_misleading_in_every_spelling(
                known in prop::sample::select([NAMES, BEGINNINGS, ENDS].concat()),
                marks in prop::collection::vec(prop::sample::select(b"-_.!#$%&'*+^`|~".to_vec()), 32),
                upper in any::<u32>(),
                variable in any::<bool>(),
            ) {
                let plain = format!("{}{known}", if variable { "http-" } else { "" });
                let spelled: String = plain.bytes().enumerate().map(|(at, byte)| match byte {
                    b'-' => char::from(marks.get(at).copied().unwrap_or(b'_')),
                    letter if upper >> (at % 32) & 1 == 1 => char::from(letter.to_ascii_uppercase()),
                    letter => char::from(letter),
                }).collect();
                prop_assert!(is_misleading(&plain), "{}", plain);
                prop_assert!(is_misleading(&spelled), "{}", spelled);
            }

            /// For any name, the folded form is judged like the name, unless only the spelling is wrong.
            #[test]
            fn a_name_is_judged_as_what_it_folds_to(name in "[a-zA-Z_.-]{0,12}(ip|for|host|url)?") {
                let folded: String = name.bytes().map(|byte| char::from(fold(&byte))).collect();
                prop_assert!(!is_misleading(&folded) || is_misleading(&name), "{}", name);
            }
        }
    }
}
