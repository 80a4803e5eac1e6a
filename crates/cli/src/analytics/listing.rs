//! The policy of `corsgate unused`: its entries, their places in the file, and which of them have expired.

use corsgate_authoring::{EnvironmentPolicy, Source};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::list_key;
use corsgate_policy::origin::entry::ListPatterns;
use corsgate_policy::origin::list::TextList;
use corsgate_policy::origin::set::OriginSet;
use corsgate_reports::{Places, PolicyEntries};

use crate::failure::Failure;
use crate::input::{self, InputError};
use crate::output::trace::{At, ListFile};

/// A policy, and those of its lists in KV for which a file was given.
pub(crate) struct Listing {
    compiled: EnvironmentPolicy,
    source: Source,
    places: Places,
    /// The lists in KV, in the policy's order.
    lists: Vec<List>,
}

/// A list in KV, and its file if one was given.
struct List {
    place: String,
    file: Option<(ListFile, OriginSet)>,
}

impl Listing {
    /// Reads the lists that are given as files.
    pub(crate) fn new(
        source: Source,
        compiled: EnvironmentPolicy,
        files: &[(String, String)],
    ) -> Result<Self, Failure> {
        let known: Vec<_> = compiled.policy().kv_lists().map(|(_, list)| list.key.clone()).collect();
        for (name, _) in files {
            if !known.contains(&list_key(name)) {
                return Err(Failure::usage(format!(
                    "the policy has no list in KV with the key `{}`",
                    list_key(name)
                )));
            }
        }
        let mut lists = Vec::new();
        for (name, list) in compiled.policy().kv_lists() {
            let file = files.iter().find(|(file, _)| list_key(file) == list.key);
            let file = file.map(|(_, file)| read(&list.key, file, list.patterns)).transpose();
            lists.push(List { place: format!("allowlist {name}"), file: file? });
        }
        let places = Places::of(compiled.policy());
        Ok(Self { compiled, source, places, lists })
    }

    /// The name of the policy in messages.
    pub(crate) fn name(&self) -> &str {
        self.source.name()
    }

    /// The entries of the policy and of its lists.
    pub(crate) fn listed(&self) -> PolicyEntries<'_> {
        let lists = self.lists.iter().map(|list| list.file.as_ref().map(|(_, origins)| origins));
        let mut listed = self.places.listed(self.compiled.policy(), lists);
        for left_out in &mut listed.not_covered {
            if let Some(place) = left_out.strip_suffix(": could not be read") {
                *left_out = format!("{place}: it is in KV; pass it with `--list NAME=FILE`");
            }
        }
        listed
    }

    /// The position of an entry in the file, given the route or list that contains it.
    pub(crate) fn at(&self, place: &str, entry: &str) -> Option<At> {
        if let Some(list) = self.lists.iter().find(|list| list.place == place) {
            return list.file.as_ref()?.0.place_of(entry);
        }
        let (route, allowlist) = match place.split_once(' ') {
            Some(("route", name)) => (Some(name), None),
            Some(("allowlist", name)) => (None, Some(name)),
            _ => (None, None),
        };
        let span = self.compiled.place_of_entry(route, allowlist, entry)?;
        Some(At::of(span, &self.source))
    }

    /// The last day of an entry that has expired.
    pub(crate) fn expired(&self, place: &str, entry: &str, today: Day) -> Option<String> {
        let own = self.compiled.policy().entries();
        let own = own.iter().find(|(name, _)| name == place).map(|(_, entries)| *entries);
        let list = || self.lists.iter().find(|list| list.place == place)?.file.as_ref();
        let day = own.or_else(|| list().map(|(_, entries)| entries))?.last_day(entry)?;
        (day < today).then(|| day.to_string())
    }
}

fn read(key: &str, file: &str, patterns: ListPatterns) -> Result<(ListFile, OriginSet), InputError> {
    let source = input::read_list(file)?;
    let origins = TextList::parse(source.text(), patterns).origins;
    Ok((ListFile { key: key.to_owned(), source }, origins))
}
