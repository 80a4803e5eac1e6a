//! A preflight with a list that does not parse fails in every browser, whatever else it allows.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

use corsgate_explain::browser::check_preflight;
use corsgate_explain::{Blocked, Browser, PageRequest, Parts, sentences};
use corsgate_policy::fetch::{CorsResponse, ListHeader};

const APP: &str = "https://app.example.com";

fn request(method: &str, header: Option<&str>, credentials: bool) -> PageRequest {
    let parts = Parts {
        url: "https://api.example.com/users".to_owned(),
        method: method.to_owned(),
        origin: APP.to_owned(),
        headers: header.map(|name| (name.to_owned(), None)).into_iter().collect(),
        credentials,
        ..Parts::default()
    };
    PageRequest::new(parts).expect("a request").0
}

#[test]
fn the_list_is_named_as_in_chromium() {
    const METHODS: &str =
        "Cannot parse Access-Control-Allow-Methods response header field in preflight response.";
    const HEADERS: &str =
        "Cannot parse Access-Control-Allow-Headers response header field in preflight response.";
    for (methods, headers, list, member, printed) in [
        ("PUT, DE LETE", "content-type", ListHeader::Methods, "DE LETE", METHODS),
        ("PUT;DELETE", "content-type", ListHeader::Methods, "PUT;DELETE", METHODS),
        ("PUT", "content-type authorization", ListHeader::Headers, "content-type authorization", HEADERS),
        ("PUT", "content-type, \"authorization\"", ListHeader::Headers, "\"authorization\"", HEADERS),
        ("*", "*; x-a", ListHeader::Headers, "*; x-a", HEADERS),
    ] {
        let response = CorsResponse {
            status: 204,
            allow_origin: Some(APP),
            allow_credentials: Some("true"),
            allow_methods: Some(methods),
            allow_headers: Some(headers),
        };
        for (method, header) in [("PUT", None), ("GET", Some("content-type")), ("POST", Some("x-other"))] {
            for credentials in [false, true] {
                let request = request(method, header, credentials);
                let blocked = check_preflight(&request, request.method(), &response).expect_err("a failure");
                let whole = if list == ListHeader::Methods { methods } else { headers };
                assert_eq!(blocked, Blocked::Unparsable(list, whole.to_owned()), "{response:?}");
                let faults = [blocked];
                let complaint = |browser| sentences::complaint(browser, &request, true, 204, &faults);
                assert_eq!(complaint(Browser::Chrome).as_deref(), Some(printed));
                let firefox = complaint(Browser::Firefox).expect("a sentence");
                assert!(firefox.contains(&format!("‘{member}’")), "{firefox}");
            }
        }
    }
}
