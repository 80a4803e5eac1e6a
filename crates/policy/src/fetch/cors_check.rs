//! Whether a page may read a response.

use super::{Blocked, CorsRequest, CorsResponse};

/// "CORS check".
///
/// # Errors
/// Why the page may not read the response.
pub fn cors_check<'a>(request: CorsRequest<'_>, response: &CorsResponse<'a>) -> Result<(), Blocked<&'a str>> {
    // Steps 1 and 2.
    let Some(allowed) = response.allow_origin else {
        return Err(Blocked::NoAllowOrigin);
    };
    // Step 3.
    if allowed == "*" && !request.include_credentials {
        return Ok(());
    }
    // Step 4.
    if allowed != request.origin {
        return Err(match allowed {
            "*" => Blocked::AnyOriginWithCredentials,
            other => Blocked::OtherOrigin(other),
        });
    }
    // Steps 5 to 8. No other spelling of `true` counts.
    if !request.include_credentials || response.allow_credentials == Some("true") {
        Ok(())
    } else {
        Err(Blocked::Credentials(response.allow_credentials.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "https://app.example.com";

    #[test]
    fn each_step_has_its_failure() {
        for (allow_origin, allow_credentials, omitting, including) in [
            (None, Some("true"), Err(Blocked::NoAllowOrigin), Err(Blocked::NoAllowOrigin)),
            (Some("*"), Some("true"), Ok(()), Err(Blocked::AnyOriginWithCredentials)),
            (Some(APP), None, Ok(()), Err(Blocked::Credentials(""))),
            (Some(APP), Some("True"), Ok(()), Err(Blocked::Credentials("True"))),
            (Some(APP), Some("true"), Ok(()), Ok(())),
            (Some(""), Some("true"), Err(Blocked::OtherOrigin("")), Err(Blocked::OtherOrigin(""))),
            (Some("*, *"), None, Err(Blocked::OtherOrigin("*, *")), Err(Blocked::OtherOrigin("*, *"))),
        ] {
            let response = CorsResponse { allow_origin, allow_credentials, ..CorsResponse::default() };
            for (include_credentials, expected) in [(false, omitting), (true, including)] {
                let request = CorsRequest { origin: APP, include_credentials };
                assert_eq!(cors_check(request, &response), expected, "{response:?}, {include_credentials}");
            }
        }
    }
}
