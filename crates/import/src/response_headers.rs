//! A rule from the headers of responses, as servers and CDNs are told to add them to every response of a path.

use crate::model::{Names, OriginSaid, PathSaid, Remark, Rule, Scope};
use crate::place::{Place, Said};
use crate::report::{About, Class};

/// A header that is added; `Err` is a value that cannot be read, as a noun.
#[derive(Clone, Debug)]
pub(crate) struct HeaderSaid {
    pub(crate) name: String,
    pub(crate) value: Said<Result<String, String>>,
}

/// The rule that the headers are; `None` if none is of CORS.
pub(crate) fn rule(what: &'static str, headers: &[HeaderSaid], place: &Place) -> Option<Rule> {
    let find =
        |name: &str| headers.iter().rev().find(|it| it.name.eq_ignore_ascii_case(name)).map(|it| &it.value);
    let allow_origin = find("access-control-allow-origin");
    let is_cors = headers.iter().any(|it| it.name.to_ascii_lowercase().starts_with("access-control-"));
    if !is_cors {
        return None;
    }
    let names =
        |said: Option<&Said<Result<String, String>>>| match said.map(|said| (&said.value, &said.place)) {
            None => Names::default(),
            Some((Ok(value), place)) => Names::of_value(value, place),
            Some((Err(what), place)) => Names::unreadable(what.clone(), place),
        };
    let origins = allow_origin.map(|said| {
        let origin = match &said.value {
            Ok(value) if value.trim() == "*" => OriginSaid::Any,
            Ok(value) => OriginSaid::Exact(value.trim().to_owned()),
            Err(what) => OriginSaid::Unreadable(what.clone()),
        };
        Said::new(origin, &said.place)
    });
    let credentials = match find("access-control-allow-credentials").map(|said| (&said.value, &said.place)) {
        None => Said::new(Some(false), place),
        // Nothing but `true` counts (Fetch, CORS check).
        Some((Ok(value), place)) => Said::new(Some(value.trim() == "true"), place),
        Some((Err(_), place)) => Said::new(None, place),
    };
    let max_age = find("access-control-max-age").map(|said| {
        let value = said.value.clone();
        Said::new(
            value.and_then(|value| value.trim().parse().map_err(|_| "a text that is no number".to_owned())),
            &said.place,
        )
    });
    let message = "the same headers are added to preflights, which succeed only if the program answers OPTIONS with a status \
                   of 200 to 299: that is not said here";
    let remark = Remark {
        class: Class::Unreadable,
        about: About::Preflights,
        message: message.to_owned(),
        advice: Some("If it does not, remove `methods` and `request_headers` of the route.".to_owned()),
        closes: None,
    };
    Some(Rule {
        what,
        place: place.clone(),
        scope: Scope::of(PathSaid::All),
        origins: origins.into_iter().collect(),
        methods: names(find("access-control-allow-methods")),
        request_headers: names(find("access-control-allow-headers")),
        exposed_headers: names(find("access-control-expose-headers")),
        credentials,
        max_age,
        remarks: vec![Said::new(remark, place)],
        is_proposed: false,
    })
}
