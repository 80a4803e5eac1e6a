//! Compares lists of names in which `*` can stand for all: methods, request headers, exposed headers. Lists of headers
//! have families too.

use corsgate_policy::grammar::family::HeaderFamily;

use crate::change::{Line, Risk, quoted};
use crate::kind::Kind;

/// The properties of one kind of list of names.
pub(crate) struct Names {
    pub(crate) kind: Kind,
    /// Whether `*` stands for a name.
    pub(crate) star_covers: fn(&str) -> bool,
    /// Whether a name is allowed without being listed.
    pub(crate) always: fn(&str) -> bool,
    /// The risk of adding a name.
    pub(crate) risk: fn(&str) -> Risk,
    /// What pages may do with the names, for a sentence.
    pub(crate) may: &'static str,
    /// Why a longer list widens.
    pub(crate) why: &'static str,
}

impl Names {
    /// Compares two lists of this kind.
    pub(crate) fn compare(&self, before: &[String], now: &[String]) -> Vec<Line> {
        let mut lines = Vec::new();
        let added = self.beyond(before, now);
        if !added.is_empty() {
            let risk = added.iter().map(|name| (self.risk)(name)).max().unwrap_or(Risk::Low);
            let text = format!("pages may {} {}", self.may, shown(&added));
            lines.push(Line::widens(self.kind, risk, text, self.why));
        }
        let gone = self.beyond(now, before);
        if !gone.is_empty() {
            let text = format!("pages may no longer {} {}", self.may, shown(&gone));
            lines.push(Line::narrows(self.kind, text, "pages that do are refused by the browser"));
        }
        let differs = |from: &[String], to: &[String], told: &[&str]| {
            let idle = to.iter().filter(|name| !from.contains(name) && !told.contains(&name.as_str()));
            idle.cloned().collect::<Vec<_>>()
        };
        let mut idle = differs(before, now, &added);
        idle.extend(differs(now, before, &gone));
        if !idle.is_empty() {
            let text = format!(
                "{} {} written differently in `{}`",
                quoted(idle.iter().map(String::as_str)),
                if idle.len() == 1 { "is" } else { "are" },
                self.kind.name()
            );
            lines.push(Line::neutral(self.kind, Risk::Low, text, "the same is allowed without it"));
        }
        lines
    }

    /// The names of `to` that `from` does not allow.
    fn beyond<'n>(&self, from: &[String], to: &'n [String]) -> Vec<&'n str> {
        let star = from.iter().any(|name| name == "*");
        let families: Vec<_> = from.iter().filter_map(|name| self.family(name)).collect();
        let in_family = |name: &str| match self.family(name) {
            Some(family) => families.iter().any(|known| known.covers(&family)),
            None => families.iter().any(|known| known.admits(name)),
        };
        let allowed = |name: &str| {
            from.iter().any(|known| known == name)
                || name != "*" && (star && (self.star_covers)(name) || (self.always)(name) || in_family(name))
        };
        to.iter().map(String::as_str).filter(|name| !allowed(name)).collect()
    }
}

impl Names {
    /// The family that an entry names. A `*` in a method is a character like any other.
    fn family(&self, entry: &str) -> Option<HeaderFamily> {
        if self.kind == Kind::Methods {
            return None;
        }
        HeaderFamily::parse(entry).ok()
    }
}

fn shown(names: &[&str]) -> String {
    match names.contains(&"*") {
        true if names.len() > 1 => {
            format!("any (`*`), and {}", quoted(names.iter().copied().filter(|name| *name != "*")))
        }
        true => "any (`*`)".to_owned(),
        false => quoted(names.iter().copied()),
    }
}
