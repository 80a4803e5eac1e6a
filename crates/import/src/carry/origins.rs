//! Origins: which of them a policy can list, and which it must not.

use corsgate_authoring::nearest_origin;
use corsgate_policy::origin::pattern::{OriginPattern, PatternError};

use crate::admissible::List;
use crate::carry::{Cors, Listed, Proposal, Telling};
use crate::expression::{Expression, Matched};
use crate::model::{OriginSaid, Rule};
use crate::place::Place;
use crate::report::{About, Class};
use crate::shown;

/// Carries the origins of a rule over.
pub(super) fn carry(rule: &Rule, cors: &mut Cors, told: &mut Telling<'_>) {
    if rule.origins.is_empty() {
        told.tell(Class::Same, About::Origins, &rule.place, "no other origin is allowed", None);
    }
    let mut list = OriginList { cors, told, credentials: rule.credentials.value };
    for said in &rule.origins {
        match &said.value {
            OriginSaid::Exact(text) => list.exact(text, &said.place),
            OriginSaid::Any => list.any(&said.place),
            OriginSaid::Reflected => list.reflected("every origin is reflected", &said.place),
            OriginSaid::Matching(expression) => list.matching(expression, &said.place),
            OriginSaid::Unreadable(what) => list.tell_unreadable(what, &said.place),
        }
    }
}

struct OriginList<'l, 't> {
    cors: &'l mut Cors,
    told: &'l mut Telling<'t>,
    /// `None` if that cannot be read.
    credentials: Option<bool>,
}

impl OriginList<'_, '_> {
    fn tell(&mut self, class: Class, place: &Place, message: String, advice: Option<&str>) {
        self.told.tell(class, About::Origins, place, message, advice.map(str::to_owned));
    }

    fn tell_unreadable(&mut self, what: &str, place: &Place) {
        let message = format!("the origins come from {what}: only running the program would tell them");
        self.tell(Class::Unreadable, place, message, Some("List them in `origins`."));
    }

    fn propose(&mut self, text: &str, because: &str, place: &Place) {
        let proposal = Proposal {
            about: About::Origins,
            text: text.to_owned(),
            because: because.to_owned(),
            place: place.clone(),
        };
        if !self.cors.proposals.contains(&proposal) {
            self.cors.proposals.push(proposal);
        }
    }

    fn exact(&mut self, text: &str, place: &Place) {
        let shown = shown::origin(text);
        match OriginPattern::parse(text) {
            Ok(pattern) if pattern.form().is_exact() => {
                let message = format!("`{shown}`");
                self.list(text, message, place);
            }
            Ok(_) => {
                let message =
                    format!("`{shown}` is compared letter by letter, so its `*` matches no browser's origin");
                self.tell(
                    Class::Stricter,
                    place,
                    message,
                    Some("The pattern is proposed in the policy, commented out."),
                );
                self.propose(text, "the source compares it letter by letter", place);
            }
            Err(PatternError::AnyOrigin) => {
                let message =
                    "`*` in a list is compared letter by letter, and matches no browser's origin".to_owned();
                self.tell(Class::Stricter, place, message, Some("List the origins that are meant."));
            }
            Err(PatternError::Null) => {
                let message = "`null` is what every sandboxed frame sends, of any site".to_owned();
                self.tell(
                    Class::Unsafe,
                    place,
                    message,
                    Some("Serve the page from an origin of its own, and list that."),
                );
            }
            Err(error) => {
                let message = format!("no browser sends `{shown}`: {error}");
                let nearest = nearest_origin(text).filter(|nearest| OriginPattern::parse(nearest).is_ok());
                let advice =
                    nearest.as_ref().map(|_| "What was probably meant is in the policy, commented out.");
                self.tell(Class::Stricter, place, message, advice);
                if let Some(nearest) = nearest {
                    self.propose(&nearest, "the source writes it in a form that no browser sends", place);
                }
            }
        }
    }

    /// Lists a pattern, unless the compiler objects.
    fn list(&mut self, pattern: &str, message: String, place: &Place) {
        let objects = self.told.judge.objection(List::Origins, pattern, self.credentials != Some(false));
        if let Some(objection) = objects.filter(|objection| objection.is_error) {
            let message = format!("{message}: {}", objection.message);
            let advice = match pattern.starts_with("http://") {
                true => "Serve the page over `https`, and list that origin.",
                false => "List the origins that you know.",
            };
            self.tell(Class::Unsafe, place, message, Some(advice));
            self.propose(pattern, &objection.message, place);
            return;
        }
        self.tell(Class::Same, place, message, None);
        add(&mut self.cors.origins, pattern, place);
    }

    fn any(&mut self, place: &Place) {
        self.tell(Class::Same, place, "every origin (`*`)".to_owned(), None);
        self.cors.any_origin.get_or_insert_with(|| place.clone());
    }

    fn reflected(&mut self, what: &str, place: &Place) {
        match self.credentials {
            Some(false) => {
                let message = format!("{what}, without credentials: for a browser that is `*`");
                self.tell(Class::Same, place, message, None);
                self.cors.any_origin.get_or_insert_with(|| place.clone());
            }
            Some(true) => {
                let message =
                    format!("{what}, with credentials: any site can read what its visitors may read here");
                let advice = "List the origins of your own pages. While the route reports, the records name those in use.";
                self.tell(Class::Unsafe, place, message, Some(advice));
            }
            None => {
                let message = format!("{what}, and whether credentials are allowed cannot be read");
                self.tell(Class::Unreadable, place, message, Some("List the origins of your own pages."));
            }
        }
    }

    fn matching(&mut self, expression: &Expression, place: &Place) {
        let shown = expression.shown();
        match expression.matched() {
            Matched::Everything => self.reflected(&format!("`{shown}` matches every origin"), place),
            Matched::Exactly(patterns) => {
                for pattern in patterns {
                    let has_names = pattern.contains("://*.");
                    let also = if has_names { ", which also matches names with `_`" } else { "" };
                    self.list(&pattern, format!("`{shown}` is `{pattern}`{also}"), place);
                }
            }
            Matched::Wider { lets_in, intended } => {
                let meant = named(&intended);
                let message = format!("`{shown}` also lets in `{lets_in}`");
                let advice = match intended.is_empty() {
                    true => "List the origins that are meant.".to_owned(),
                    false => format!("Probably meant: {meant}, commented out in the policy."),
                };
                self.tell(Class::Unsafe, place, message, Some(&advice));
                for pattern in &intended {
                    self.propose(pattern, &format!("`{shown}` was probably meant so"), place);
                }
            }
            Matched::Narrower { adds, nearest } => {
                let meant = named(&nearest);
                let message =
                    format!("`{shown}` is narrower than any pattern: {meant} would also let in `{adds}`");
                self.tell(
                    Class::Stricter,
                    place,
                    message,
                    Some("List the origins, or accept the pattern, which is commented out in the policy."),
                );
                for pattern in &nearest {
                    self.propose(pattern, &format!("it would also let in `{adds}`"), place);
                }
            }
            Matched::Nothing => {
                let message = format!("`{shown}` matches nothing that a browser sends");
                self.tell(Class::Stricter, place, message, Some("List the origins that are meant."));
            }
            Matched::Unreadable(why) => {
                let message = format!("`{shown}` cannot be compared with patterns: {why}");
                self.tell(Class::Unreadable, place, message, Some("List the origins that are meant."));
            }
        }
    }
}

fn named(patterns: &[String]) -> String {
    let named: Vec<_> = patterns.iter().map(|pattern| format!("`{pattern}`")).collect();
    named.join(" and ")
}

/// Adds an entry, or a place of one that is there.
pub(super) fn add(list: &mut Vec<Listed>, text: &str, place: &Place) {
    match list.iter_mut().find(|listed| listed.text == text) {
        Some(listed) if listed.places.contains(place) => {}
        Some(listed) => listed.places.push(place.clone()),
        None => list.push(Listed { text: text.to_owned(), places: vec![place.clone()] }),
    }
}
