use core::slice;

use proptest::prelude::*;

use super::*;
use crate::page::{PageRequest, Parts};
use crate::sentences;

const URL: &str = "https://api.example.com/app/x";
const APP: &str = "https://app.example.com";

/// Whatever a browser prints is read as what it is about.
#[test]
fn each_sentence_of_each_browser_is_read_back() {
    let (request, _) = PageRequest::new(Parts {
        url: URL.to_owned(),
        origin: APP.to_owned(),
        credentials: true,
        ..Parts::default()
    })
    .expect("a request");
    for (preflight, fault) in [
        (false, Blocked::NoAllowOrigin),
        (true, Blocked::NoAllowOrigin),
        (false, Blocked::OtherOrigin("https://other.example".to_owned())),
        (false, Blocked::OtherOrigin("https://a.example, https://b.example".to_owned())),
        (false, Blocked::OtherOrigin("app.example.com".to_owned())),
        (true, Blocked::AnyOriginWithCredentials),
        (false, Blocked::Credentials("True".to_owned())),
        (false, Blocked::Credentials(String::new())),
        (true, Blocked::Status(404)),
        (true, Blocked::Status(302)),
        (true, Blocked::Unparsable(ListHeader::Methods, "PUT, DE LETE".to_owned())),
        (true, Blocked::Unparsable(ListHeader::Headers, "a b".to_owned())),
        (true, Blocked::Method("PATCH".to_owned())),
        (true, Blocked::Header("x-trace".to_owned())),
    ] {
        for browser in Browser::ALL {
            let printed = sentences::blocked(browser, &request, preflight, 404, slice::from_ref(&fault))
                .expect("a line");
            for copied in [
                printed.clone(),
                format!("app.js:12 {printed}\n(anonymous) @ app.js:12"),
                printed.replace(' ', "\n"),
            ] {
                let line = read(&copied).expect(&copied);
                let Complaint::Cors { fault: found, .. } = &line.complaint else {
                    panic!("{copied}: {line:?}")
                };
                // Safari has one sentence for an origin that is absent and for one that differs.
                let is_same = core::mem::discriminant(found) == core::mem::discriminant(&fault);
                let is_origin = matches!((found, &fault), (Blocked::NoAllowOrigin, Blocked::OtherOrigin(_)));
                // And of a preflight that is not successful it names nothing but the status.
                let is_status = preflight && matches!(found, Blocked::Status(_));
                let is_safari = browser == Browser::Safari;
                assert!(is_same || is_safari && (is_origin || is_status), "{copied}: {found:?}");
                assert_eq!(line.url.as_deref(), Some(URL), "{copied}");
                if browser == Browser::Chrome {
                    assert_eq!(
                        (line.origin.as_deref(), line.initiator),
                        (Some(APP), Some(Initiator::Fetch)),
                        "{copied}"
                    );
                    if !matches!(fault, Blocked::Status(_) | Blocked::Unparsable(..)) {
                        assert_eq!(found, &fault, "{copied}");
                    }
                }
            }
        }
    }
}

#[test]
fn what_is_not_cors_is_told_apart() {
    use BrowserError::{
        Certificate, Client, Connection, ContentSecurityPolicy, Isolation, LocalNetwork, MixedContent,
        NoResponse, Unspecific,
    };
    for (text, error) in [
        (
            "Access to fetch at 'http://192.168.0.5/x' from origin 'https://app.example.com' has been blocked by CORS policy: Permission was denied for this request to access the `local` address space.",
            LocalNetwork,
        ),
        (
            "Access to fetch at 'http://10.0.0.5/x' from origin 'http://app.example.com' has been blocked by CORS policy: The request client is not a secure context and the resource is in more-private address space `private`.",
            LocalNetwork,
        ),
        (
            "Mixed Content: The page at 'https://app.example.com/' was loaded over HTTPS, but requested an insecure resource 'http://api.example.com/x'. This request has been blocked; the content must be served over HTTPS.",
            MixedContent,
        ),
        ("Blocked loading mixed active content \u{201c}http://api.example.com/x\u{201d}", MixedContent),
        (
            "[blocked] The page at https://app.example.com/ requested insecure content from http://api.example.com/x. This content was blocked and must be served over HTTPS.",
            MixedContent,
        ),
        ("GET https://api.example.com/x net::ERR_BLOCKED_BY_CLIENT", Client),
        ("POST https://api.example.com/x net::ERR_CERT_AUTHORITY_INVALID", Certificate),
        (
            "GET https://api.example.com/x net::ERR_BLOCKED_BY_RESPONSE.NotSameOriginAfterDefaultedToSameOriginByCoep 200 (OK)",
            Isolation,
        ),
        ("GET https://api.example.com/x net::ERR_BLOCKED_BY_ORB", Isolation),
        (
            "The resource at \u{201c}https://api.example.com/x\u{201d} was blocked due to its Cross-Origin-Resource-Policy header (or lack thereof).",
            Isolation,
        ),
        (
            "Refused to connect to 'https://api.example.com/x' because it violates the following Content Security Policy directive: \"connect-src 'self'\".",
            ContentSecurityPolicy,
        ),
        ("GET https://api.example.com/x net::ERR_CONNECTION_REFUSED", Connection),
        ("GET https://api.example.com/x net::ERR_FAILED 200 (OK)", Unspecific),
        ("Uncaught (in promise) TypeError: Failed to fetch at app.js:3:1", Unspecific),
        ("TypeError: NetworkError when attempting to fetch resource.", Unspecific),
        (
            "Cross-Origin Request Blocked: The Same Origin Policy disallows reading the remote resource at https://api.example.com/x. (Reason: CORS request did not succeed). Status code: (null).",
            NoResponse,
        ),
        (
            "WebSocket connection to 'wss://api.example.com/x' failed: Error in connection establishment: net::ERR_CERT_DATE_INVALID",
            Certificate,
        ),
    ] {
        assert_eq!(read(text).map(|line| line.complaint), Ok(Complaint::NotCors(error)), "{text}");
        assert!(
            !text.contains("example.com/x")
                || read(text).is_ok_and(|line| line.url.is_some_and(|url| url.ends_with("/x"))),
            "{text}"
        );
    }
}

#[test]
fn other_lines_are_read_for_what_they_are() {
    for (text, complaint, url, origin) in [
        (
            "XMLHttpRequest cannot load https://api.example.com/x. No 'Access-Control-Allow-Origin' header is present on the requested resource. Origin 'https://app.example.com' is therefore not allowed access.",
            Complaint::Cors { preflight: false, fault: Blocked::NoAllowOrigin },
            Some("https://api.example.com/x"),
            Some(APP),
        ),
        (
            "Access to fetch at 'https://b.example/y' (redirected from 'https://api.example.com/x') from origin 'https://app.example.com' has been blocked by CORS policy: No 'Access-Control-Allow-Origin' header is present on the requested resource.",
            Complaint::Cors { preflight: false, fault: Blocked::NoAllowOrigin },
            Some("https://api.example.com/x"),
            Some(APP),
        ),
        (
            "Access to script at 'file:///x.js' from origin 'null' has been blocked by CORS policy: Cross origin requests are only supported for protocol schemes: http, https.",
            Complaint::Scheme,
            Some("file:///x.js"),
            Some("null"),
        ),
        (
            "WebSocket connection to 'wss://api.example.com/x' failed: Error during WebSocket handshake: Unexpected response code: 403",
            Complaint::Handshake,
            Some("wss://api.example.com/x"),
            None,
        ),
        (
            "Firefox can\u{2019}t establish a connection to the server at wss://api.example.com/x.",
            Complaint::Handshake,
            Some("wss://api.example.com/x"),
            None,
        ),
        (
            "Refused to get unsafe header \"X-Request-Id\"",
            Complaint::NotExposed("x-request-id".to_owned()),
            None,
            None,
        ),
        (
            "Quell\u{fc}bergreifende (Cross-Origin) Anfrage blockiert: Die Gleiche-Quelle-Regel verbietet das Lesen der externen Ressource auf https://api.example.com/x. (Grund: CORS-Kopfzeile 'Access-Control-Allow-Origin' fehlt). https://developer.mozilla.org/docs/Web/HTTP/CORS/Errors/CORSMissingAllowOrigin",
            Complaint::Cors { preflight: false, fault: Blocked::NoAllowOrigin },
            Some("https://api.example.com/x"),
            None,
        ),
    ] {
        let line = read(text).expect(text);
        assert_eq!(
            (&line.complaint, line.url.as_deref(), line.origin.as_deref()),
            (&complaint, url, origin),
            "{text}"
        );
    }
}

#[test]
fn what_cannot_be_read_says_what_to_copy() {
    for (text, error) in [
        (
            "Quell\u{fc}bergreifende (Cross-Origin) Anfrage blockiert: Die Gleiche-Quelle-Regel verbietet das Lesen der externen Ressource auf https://api.example.com/x. (Grund: CORS-Kopfzeile fehlt).",
            LineError::OtherLanguage,
        ),
        (
            "Blocage d\u{2019}une requ\u{ea}te multiorigine (Cross-Origin Request) : la politique \u{ab} Same Origin \u{bb} ne permet pas de consulter la ressource",
            LineError::OtherLanguage,
        ),
        (
            "Access to fetch at 'https://a.example/' from origin 'https://b.example' has been blocked by CORS policy: Something new.",
            LineError::OtherSentence,
        ),
        ("hello", LineError::Unknown),
        ("", LineError::Unknown),
    ] {
        assert_eq!(read(text), Err(error), "{text}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "(Access to |at '|from origin '|blocked by CORS policy: |https://a\\.b|net::|\\PC|['\" \n]){0,30}") {
        let _line_or_not = read(&text);
    }
}
