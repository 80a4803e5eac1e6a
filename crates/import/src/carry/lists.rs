//! Methods, headers, credentials and max-age.

use corsgate_policy::grammar::token::Method;
use corsgate_policy::policy::cors::MAX_MAX_AGE;

use crate::admissible::List;
use crate::carry::origins::add;
use crate::carry::{Cors, Proposal, Telling, origins};
use crate::model::{All, Names, Rule};
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::shown;

/// The methods that browsers send without asking (Fetch, 2.2.1, CORS-safelisted method).
const SAFELISTED: [&str; 3] = ["GET", "HEAD", "POST"];
/// Methods whose names browsers bring into upper case (Fetch, 2.2.1, normalize).
const NORMALIZED: [&str; 6] = ["DELETE", "GET", "HEAD", "OPTIONS", "POST", "PUT"];

/// The CORS rules of a rule's route.
pub(super) fn cors(rule: &Rule, told: &mut Telling<'_>) -> Cors {
    let mut cors = Cors::default();
    origins::carry(rule, &mut cors, told);
    if cors.any_origin.is_some() {
        cors.origins.clear();
    }
    credentials(rule, &mut cors, told);
    // What cannot be read may be true.
    let is_credentialed = cors.credentials.is_some() || rule.credentials.value.is_none();
    if rule.scope.preflights {
        methods(&rule.methods, &mut cors, is_credentialed, told);
        request_headers(&rule.request_headers, &mut cors, is_credentialed, told);
        max_age(rule, &mut cors, told);
    } else {
        let message = "no preflight is answered, so only requests without one work";
        told.tell(Class::Same, About::Preflights, &rule.place, message, None);
    }
    exposed_headers(&rule.exposed_headers, &mut cors, is_credentialed, told);
    if let Some(only) = &rule.scope.methods {
        enforce(only, rule, &mut cors, told);
    }
    cors
}

/// The source gives CORS headers to some methods only.
fn enforce(only: &[String], rule: &Rule, cors: &mut Cors, told: &mut Telling<'_>) {
    let any = cors.methods.iter().any(|listed| listed.text == "*");
    let is_allowed =
        |method: &str| any || SAFELISTED.contains(&method) || cors.methods.iter().any(|it| it.text == method);
    let mut methods = Vec::new();
    for method in only.iter().filter(|method| is_allowed(method)) {
        add(&mut methods, method, &rule.place);
    }
    cors.methods = methods;
    cors.enforce_methods = true;
    cors.close_without_methods();
    let message = format!("only for {}: other methods get no CORS headers", only.join(", "));
    told.tell(Class::Same, About::Methods, &rule.place, message, None);
}

fn credentials(rule: &Rule, cors: &mut Cors, told: &mut Telling<'_>) {
    let Said { value, place } = &rule.credentials;
    match value {
        None => {
            let advice = "Set `credentials = true` if the pages send cookies.".to_owned();
            told.tell(
                Class::Unreadable,
                About::Credentials,
                place,
                "whether credentials are allowed cannot be read",
                Some(advice),
            );
        }
        Some(true) if cors.any_origin.is_some() => {
            let message = "browsers refuse credentials with `*`, so they never worked: they are left out";
            let advice =
                "List the origins of the pages that send cookies, then set `credentials = true`.".to_owned();
            told.tell(Class::Unsafe, About::Credentials, place, message, Some(advice));
        }
        Some(true) => {
            told.tell(Class::Same, About::Credentials, place, "credentials are allowed", None);
            cors.credentials = Some(place.clone());
        }
        Some(false) => {}
    }
}

fn methods(names: &Names, cors: &mut Cors, is_credentialed: bool, told: &mut Telling<'_>) {
    let about = About::Methods;
    unreadable(names, about, told);
    if let Some(all) = &names.all {
        if is_credentialed {
            let message = "every method is allowed, which a policy cannot say with credentials";
            let advice = "List the methods that the pages use.".to_owned();
            told.tell(Class::Stricter, about, &all.place, message, Some(advice));
        } else {
            told.tell(Class::Same, about, &all.place, "every method (`*`)", None);
            add(&mut cors.methods, "*", &all.place);
        }
    }
    let mut same = Vec::new();
    for Said { value, place } in &names.listed {
        let shown = shown::name(value);
        let upper = value.to_ascii_uppercase();
        if SAFELISTED.contains(&value.as_str()) {
            same.push((shown, place));
        } else if NORMALIZED.contains(&upper.as_str()) && *value != upper || value == "patch" {
            let message =
                format!("browsers compare methods letter by letter, so `{shown}` does not allow {upper}");
            told.tell(
                Class::Stricter,
                about,
                place,
                message,
                Some(format!("`{upper}` is in the policy, commented out.")),
            );
            if !SAFELISTED.contains(&upper.as_str()) {
                let because = format!("the source writes `{shown}`, which allows nothing");
                cors.proposals.push(Proposal { about, text: upper, because, place: place.clone() });
            }
        } else if let Some(objection) = name_objection(List::Methods, value, told) {
            told.tell(Class::Stricter, about, place, format!("`{shown}` is left out: {objection}"), None);
        } else if Method::parse(value).is_ok() {
            add(&mut cors.methods, value, place);
            same.push((shown, place));
        }
    }
    if cors.methods.iter().any(|listed| listed.text == "*") {
        cors.methods.retain(|listed| listed.text == "*");
    }
    tell_same(about, &same, told);
}

fn request_headers(names: &Names, cors: &mut Cors, is_credentialed: bool, told: &mut Telling<'_>) {
    let about = About::RequestHeaders;
    unreadable(names, about, told);
    match (&names.all, is_credentialed) {
        (Some(Said { value: All::Asked, place }), true) => {
            let message = "every header that is asked for is allowed, which a policy cannot say with credentials: \
                           `authorization` and `content-type` are listed";
            let advice =
                "Add the other headers that the pages send. While the route reports, the records name them.";
            told.tell(Class::Stricter, about, place, message, Some(advice.to_owned()));
            for name in ["authorization", "content-type"] {
                add(&mut cors.request_headers, name, place);
            }
        }
        (Some(Said { value: All::Star, place }), true) => {
            let message =
                "`*` is the name of a header when a request has credentials, and a policy does not say it";
            let advice = "List the headers that the pages send.".to_owned();
            told.tell(Class::Stricter, about, place, message, Some(advice));
        }
        (Some(Said { value, place }), false) => {
            let asked = *value == All::Asked;
            let message = if asked {
                "every header that is asked for"
            } else {
                "every header but `authorization` (`*`)"
            };
            told.tell(Class::Same, about, place, message, None);
            add(&mut cors.request_headers, "*", place);
            if asked {
                add(&mut cors.request_headers, "authorization", place);
            }
        }
        (None, _) => {}
    }
    listed_headers(List::RequestHeaders, about, names, cors, told);
}

fn exposed_headers(names: &Names, cors: &mut Cors, is_credentialed: bool, told: &mut Telling<'_>) {
    let about = About::ExposedHeaders;
    unreadable(names, about, told);
    if let Some(all) = &names.all {
        if is_credentialed {
            let message =
                "`*` is the name of a header when a request has credentials, and a policy does not say it";
            let advice = "List the headers that the pages read.".to_owned();
            told.tell(Class::Stricter, about, &all.place, message, Some(advice));
        } else {
            told.tell(Class::Same, about, &all.place, "every header (`*`)", None);
            add(&mut cors.exposed_headers, "*", &all.place);
        }
    }
    listed_headers(List::ExposedHeaders, about, names, cors, told);
}

fn listed_headers(list: List, about: About, names: &Names, cors: &mut Cors, told: &mut Telling<'_>) {
    let mut same = Vec::new();
    for Said { value, place } in &names.listed {
        let name = value.to_ascii_lowercase();
        let shown = shown::name(value);
        // In most programs `x-*` is a header of this name.
        if name.contains('*') && !names.has_families {
            told.tell(
                Class::Stricter,
                about,
                place,
                format!("`{shown}` is left out: browsers take it for the name of one header"),
                None,
            );
            continue;
        }
        if name.contains('*')
            && let Some(objection) = name_objection(list, &name, told)
        {
            let advice = Some("List the headers that the pages send.".to_owned());
            told.tell(Class::Stricter, about, place, format!("`{shown}` is left out: {objection}"), advice);
            continue;
        }
        if let Some(objection) = name_objection(list, &name, told) {
            let message = format!("`{shown}` is left out, and had no effect: {objection}");
            told.tell(Class::Same, about, place, message, None);
            continue;
        }
        let into = match list {
            List::ExposedHeaders => &mut cors.exposed_headers,
            _ => &mut cors.request_headers,
        };
        // `*` has every header but this one.
        let has_star = into.iter().any(|listed| listed.text == "*");
        if !has_star || list == List::RequestHeaders && name == "authorization" {
            add(into, &name, place);
        }
        same.push((shown, place));
    }
    tell_same(about, &same, told);
}

/// What the compiler has against a name. All of it means that the name does nothing in a browser.
fn name_objection(list: List, name: &str, told: &mut Telling<'_>) -> Option<String> {
    told.judge.objection(list, name, true).map(|objection| objection.message)
}

/// One line for names that stand together.
fn tell_same(about: About, same: &[(String, &Place)], told: &mut Telling<'_>) {
    for names in same.chunk_by(|(_, one), (_, other)| (&one.file, one.line) == (&other.file, other.line)) {
        if let Some((_, place)) = names.first() {
            let names: Vec<_> = names.iter().map(|(name, _)| format!("`{name}`")).collect();
            told.tell(Class::Same, about, place, names.join(", "), None);
        }
    }
}

fn unreadable(names: &Names, about: About, told: &mut Telling<'_>) {
    for Said { value, place } in &names.unreadable {
        let message =
            format!("the {} come from {value}: only running the program would tell them", about.name());
        told.tell(Class::Unreadable, about, place, message, Some("List them in the route.".to_owned()));
    }
}

fn max_age(rule: &Rule, cors: &mut Cors, told: &mut Telling<'_>) {
    let Some(Said { value, place }) = &rule.max_age else { return };
    let about = About::MaxAge;
    match value {
        Err(what) => {
            let message = format!("the max age comes from {what}: only running the program would tell it");
            told.tell(
                Class::Unreadable,
                about,
                place,
                message,
                Some("Set `max_age` in the route.".to_owned()),
            );
        }
        Ok(seconds) => match u32::try_from(*seconds) {
            Err(_) => told.tell(
                Class::Same,
                about,
                place,
                format!("{seconds} is no age: browsers keep the answer for 5 seconds"),
                None,
            ),
            Ok(seconds) if seconds > MAX_MAX_AGE => {
                let message = format!(
                    "{seconds} seconds are written as {MAX_MAX_AGE}: no browser keeps an answer longer"
                );
                told.tell(Class::Same, about, place, message, None);
                cors.max_age = Some((MAX_MAX_AGE, place.clone()));
            }
            Ok(seconds) => {
                told.tell(Class::Same, about, place, format!("{seconds} seconds"), None);
                cors.max_age = Some((seconds, place.clone()));
            }
        },
    }
}
