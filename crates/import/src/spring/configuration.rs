//! `CorsConfiguration` of Spring: what its setters do one after another, and what it means in the end.
//!
//! Read in the sources of Spring Framework 4.3 to 6.2. Some setters depend on what was there before: values of
//! `applyPermitDefaultValues` give way to a setter, and not to a method that adds.

use crate::model::{All, Names, OriginSaid, PathSaid, Remark, Rule, Scope};
use crate::place::{Place, Said};
use crate::report::{About, Class};
use crate::spring::origin;

/// An entry of a list; `Err` is one that cannot be read, as a noun.
pub(super) type Entry = Said<Result<String, String>>;

/// A list, as it was set.
#[derive(Clone, Debug, Default)]
struct Entries {
    all: Vec<Entry>,
    /// `applyPermitDefaultValues` has set it.
    is_default: bool,
}

/// The lists of a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum List {
    Origins,
    OriginPatterns,
    Methods,
    RequestHeaders,
    ExposedHeaders,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Configuration {
    origins: Option<Entries>,
    patterns: Option<Entries>,
    methods: Option<Entries>,
    request_headers: Option<Entries>,
    exposed_headers: Option<Entries>,
    credentials: Option<Said<Option<bool>>>,
    max_age: Option<Said<Result<i64, String>>>,
    remarks: Vec<Said<Remark>>,
}

/// The maximum age without one (`applyPermitDefaultValues`), in seconds.
const DEFAULT_MAX_AGE: i64 = 1800;

impl Configuration {
    fn list(&mut self, list: List) -> &mut Option<Entries> {
        match list {
            List::Origins => &mut self.origins,
            List::OriginPatterns => &mut self.patterns,
            List::Methods => &mut self.methods,
            List::RequestHeaders => &mut self.request_headers,
            List::ExposedHeaders => &mut self.exposed_headers,
        }
    }

    /// `setAllowedOrigins` and its like.
    pub(super) fn set(&mut self, list: List, entries: Vec<Entry>) {
        *self.list(list) = Some(Entries { all: entries, is_default: false });
        if list == List::OriginPatterns && self.patterns.as_ref().is_some_and(|it| !it.all.is_empty()) {
            self.forget_default_origins();
        }
    }

    /// `addAllowedOrigin` and its like: one more, beside the defaults if there are any.
    pub(super) fn add(&mut self, list: List, entry: Entry) {
        let entries = self.list(list).get_or_insert_default();
        entries.all.push(entry);
        entries.is_default = false;
        if list == List::OriginPatterns {
            self.forget_default_origins();
        }
    }

    fn forget_default_origins(&mut self) {
        if self.origins.as_ref().is_some_and(|it| it.is_default) {
            self.origins = None;
        }
    }

    pub(super) fn set_credentials(&mut self, credentials: Said<Option<bool>>) {
        self.credentials = Some(credentials);
    }

    pub(super) fn set_max_age(&mut self, max_age: Said<Result<i64, String>>) {
        self.max_age = Some(max_age);
    }

    pub(super) fn has_methods(&self) -> bool {
        self.methods.as_ref().is_some_and(|it| !it.all.is_empty())
    }

    pub(super) fn remark(&mut self, remark: Remark, place: &Place) {
        let said = Said::new(remark, place);
        if !self.remarks.contains(&said) {
            self.remarks.push(said);
        }
    }

    /// Something may have changed everything: nothing that was set is relied on.
    pub(super) fn lose(&mut self, what: &str, place: &Place) {
        let lost = || vec![Said::new(Err(what.to_owned()), place)];
        self.patterns = None;
        self.exposed_headers = None;
        for list in [List::Origins, List::Methods, List::RequestHeaders] {
            self.set(list, lost());
        }
        self.credentials = Some(Said::new(None, place));
        self.max_age = None;
    }

    /// The age that Spring Boot gives its own endpoints.
    pub(super) fn default_max_age(&mut self, place: &Place) {
        self.max_age.get_or_insert_with(|| Said::new(Ok(DEFAULT_MAX_AGE), place));
    }

    /// `applyPermitDefaultValues`.
    pub(super) fn permit_defaults(&mut self, place: &Place) {
        let entries = |names: &[&str]| Entries {
            all: names.iter().map(|name| Said::new(Ok((*name).to_owned()), place)).collect(),
            is_default: true,
        };
        if self.origins.is_none() && self.patterns.is_none() {
            self.origins = Some(entries(&["*"]));
        }
        self.methods.get_or_insert_with(|| entries(&["GET", "HEAD", "POST"]));
        self.request_headers.get_or_insert_with(|| entries(&["*"]));
        self.max_age.get_or_insert_with(|| Said::new(Ok(DEFAULT_MAX_AGE), place));
    }

    /// The rule that it is. `mapped` are the only methods that reach what it is for, if there are any.
    pub(super) fn rule(
        self,
        what: &'static str,
        place: &Place,
        path: PathSaid,
        mapped: Option<&[String]>,
    ) -> Rule {
        let mut rule = Rule {
            what,
            place: place.clone(),
            scope: Scope::of(path),
            origins: Vec::new(),
            methods: Names::default(),
            request_headers: names(self.request_headers, All::Asked),
            exposed_headers: names(self.exposed_headers, All::Star),
            credentials: self.credentials.unwrap_or_else(|| Said::new(Some(false), place)),
            max_age: self.max_age,
            remarks: self.remarks,
            is_proposed: false,
        };
        let origins = self.origins.map(|it| it.all).unwrap_or_default();
        let any = origins.iter().find(|it| it.value.as_deref() == Ok("*")).map(|it| it.place.clone());
        match any {
            Some(any) if rule.credentials.value == Some(false) => {
                rule.origins.push(Said::new(OriginSaid::Any, &any))
            }
            Some(any) => {
                rule.origins.push(Said::new(OriginSaid::Reflected, &any));
                let message = "`*` with credentials: Spring 5.3 and newer answer no request with it, and older ones \
                               reflect every origin";
                rule.remarks.push(Said::new(remark(Class::Unsafe, About::Origins, message, ""), &any));
            }
            None => {
                rule.origins =
                    origins.into_iter().map(|it| Said::new(origin::listed(it.value), &it.place)).collect();
                let patterns = self.patterns.map(|it| it.all).unwrap_or_default();
                rule.origins
                    .extend(patterns.into_iter().map(|it| Said::new(origin::pattern(it.value), &it.place)));
            }
        }
        let methods = self.methods.filter(|it| !it.all.is_empty());
        let methods =
            methods.map_or_else(|| Names::of(["GET", "HEAD"], place), |it| names(Some(it), All::Asked));
        restrict(&mut rule, &methods, mapped);
        rule.methods = methods;
        rule
    }
}

/// Spring refuses every other method of another origin, not only in preflights.
fn restrict(rule: &mut Rule, methods: &Names, mapped: Option<&[String]>) {
    if !methods.unreadable.is_empty() {
        let message = "Spring refuses methods that are not allowed, also those that need no preflight; as the methods \
                       cannot be read, GET, HEAD and POST are allowed here";
        let advice = "List the methods, and set `enforce_methods = true`.";
        rule.remarks.push(Said::new(remark(Class::Unreadable, About::Methods, message, advice), &rule.place));
        rule.scope.methods = mapped.map(<[String]>::to_vec);
        return;
    }
    let mut only: Vec<String> = match (&methods.all, mapped) {
        (Some(all), None) => {
            if rule.credentials.value == Some(false) {
                let message = "`*` has methods without a name in Spring, such as QUERY: before version 6 it refuses them";
                let place = all.place.clone();
                rule.remarks.push(Said::new(remark(Class::Same, About::Methods, message, ""), &place));
            }
            return;
        }
        (Some(_), Some(mapped)) => mapped.to_vec(),
        (None, mapped) => {
            let listed = methods.listed.iter().map(|it| it.value.clone());
            listed.filter(|it| mapped.is_none_or(|mapped| mapped.contains(it))).collect()
        }
    };
    // A preflight is no request of its own, and browsers send no TRACE.
    only.retain(|it| it != "OPTIONS" && it != "TRACE" && it.bytes().all(|byte| byte.is_ascii_uppercase()));
    only.dedup();
    if only.is_empty() {
        rule.origins.clear();
        let message = "no method that a page can send is allowed, so no origin is";
        let advice = "List the methods as browsers send them, in capitals.";
        rule.remarks.push(Said::new(remark(Class::Stricter, About::Methods, message, advice), &rule.place));
        return;
    }
    if only.iter().any(|it| it == "GET") && !only.iter().any(|it| it == "HEAD") {
        let message = "HEAD goes with GET in a policy, and Spring refuses it here: it tells a page nothing that GET does \
                       not";
        rule.remarks.push(Said::new(remark(Class::Same, About::Methods, message, ""), &rule.place));
    }
    rule.scope.methods = Some(only);
}

fn names(entries: Option<Entries>, star: All) -> Names {
    let mut names = Names::default();
    for entry in entries.map(|it| it.all).unwrap_or_default() {
        match entry.value {
            Ok(name) => names.listed.push(Said::new(name.trim().to_owned(), &entry.place)),
            Err(what) => names.unreadable.push(Said::new(what, &entry.place)),
        }
    }
    names.take_star();
    if let Some(all) = &mut names.all {
        all.value = star;
    }
    names
}

pub(super) fn remark(class: Class, about: About, message: &str, advice: &str) -> Remark {
    let advice = (!advice.is_empty()).then(|| advice.to_owned());
    Remark { class, about, message: message.to_owned(), advice, closes: None }
}
