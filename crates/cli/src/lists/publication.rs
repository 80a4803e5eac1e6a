//! Puts a list in force that is one value in KV: shows the changes, asks, and writes the permanent version before the live list.
//!
//! If it is interrupted at any write, the live list is complete and the replaced one is kept. Running the same command
//! again finishes the writes.

use clap::Args;
use corsgate_authoring::id_of;
use corsgate_compare::{Change, Direction, ListInKv};
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::is_policy_id;
use corsgate_policy::origin::entry::ListPatterns;

use super::List;
use super::store::{ListStore, Listing, version_key};
use crate::asking;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interruption;
use crate::note::{Note, Operation};
use crate::output::changes::{self, ChangesFormat, Compared, Comparison};
use crate::output::diagnostics;
use crate::publication::confirmation::{ConfirmationOptions, Consent};

/// How a list is put in force.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct PublicationOptions {
    #[command(flatten)]
    confirmation: ConfirmationOptions,
    /// The list that must be live, such as the one that a review compared with: an id, or `none`
    #[arg(long, value_name = "ID")]
    pub(crate) base: Option<String>,
}

/// The value to put in force, and why.
pub(crate) struct Goal<'g> {
    pub(crate) list: &'g List,
    pub(crate) patterns: ListPatterns,
    /// The name of the list in messages.
    pub(crate) name: &'g str,
    /// A text or a set.
    pub(crate) value: Vec<u8>,
    pub(crate) act: Operation,
    pub(crate) message: &'g str,
    /// The id of the list that must be live, or `none`.
    pub(crate) base: Option<&'g str>,
    /// If a change widens a route, end with 11.
    pub(crate) denies_widening: bool,
    pub(crate) consent: Consent,
    /// The KV namespace, in words.
    pub(crate) place: String,
    pub(crate) today: Option<Day>,
}

impl PublicationOptions {
    /// Decides how to ask for confirmation, before anything else is done.
    ///
    /// # Errors
    /// When nobody can be asked, or `--base` is not an id.
    pub(crate) fn consent(&self, reads_stdin: bool) -> Result<Consent, Failure> {
        if let Some(base) = self.base.as_deref().filter(|base| *base != "none" && !is_policy_id(base)) {
            return Err(Failure::usage(format!(
                "`--base {base}` is not an id: write its 16 digits, or `none` if there is no live list yet"
            )));
        }
        self.confirmation.required(reads_stdin.then_some("list"))
    }
}

/// Shows the changes of a list on the routes.
///
/// # Errors
/// When the output cannot be written.
pub(crate) fn show(
    list: &List,
    in_kv: ListInKv<'_>,
    format: ChangesFormat,
    before: (&str, &[u8]),
    now: (&str, &[u8]),
    found: &[Change],
) -> Result<(), Failure> {
    let (old, new) = (id_of(before.1), id_of(now.1));
    let unchanged = list.unchanged(in_kv, before, now);
    let comparison = Comparison {
        before: Compared { name: before.0, id: &old, bytes: before.1 },
        now: Compared { name: now.0, id: &new, bytes: now.1 },
        routes: list.routes(),
        changes: found,
        unchanged: unchanged.as_deref(),
        replayed: None,
    };
    changes::write(format, &comparison)
}

/// Puts a list in force.
///
/// # Errors
/// When wrangler fails, another list is live than was compared, or a change widens a route and that is denied.
/// Everything written until then stays.
pub(crate) fn run(goal: &Goal<'_>, store: &ListStore, listing: &Listing) -> Result<Exit, Failure> {
    let name = goal.list.name.as_str();
    let live = store.live(name, listing)?;
    let live_id = live.as_deref().map(id_of);
    let id = id_of(&goal.value);
    // If the goal is live, an earlier run has written it.
    let is_base =
        |base: &&str| live_id.as_deref().unwrap_or("none") == *base || live_id.as_deref() == Some(&*id);
    if let Some(base) = goal.base.filter(|base| !is_base(base)) {
        return Err(moved(name, live_id.as_deref(), format!("`{base}`")));
    }
    if listing.versions.contains_key(&id) && store.version(name, &id, listing)? != goal.value {
        return Err(Failure::Kv(format!("`{}` does not hold this list", version_key(name, &id))));
    }
    let key = goal.list.key();
    if live_id.as_deref() != Some(&*id) {
        if live.is_none() {
            diagnostics::note(&format!("there is no `{key}` yet: this shows everything that the list opens"));
        }
        let before = live.as_deref().unwrap_or_default();
        let found = goal.list.compare(goal.patterns, before, &goal.value, goal.today);
        let in_kv = ListInKv::Text { name };
        show(goal.list, in_kv, ChangesFormat::Human, (&key, before), (goal.name, &goal.value), &found)?;
        let widens = found.iter().any(|change| change.direction == Direction::Widens);
        if goal.denies_widening && widens {
            return Err(Failure::Denied("a change widens the list, which `--deny widens` denies"));
        }
    }
    let note = Note::of_list(goal.act, Some(&id), goal.message, live_id.as_deref())?;
    let writes = plan(goal, &id, &note, live.as_deref(), live_id.as_deref(), listing);
    if live_id.as_deref() == Some(&*id) {
        let rest = if writes.is_empty() { "; there is nothing to write" } else { "" };
        diagnostics::note(&format!("`{id}` is already live as `{key}` in {}{rest}", goal.place));
    }
    if goal.consent == Consent::DryRun {
        for write in &writes {
            diagnostics::note(&format!("would write `{}`{}", write.key, write.what));
        }
        return Ok(Exit::Fine);
    }
    if writes.is_empty() {
        return Ok(Exit::Fine);
    }
    let replaced = live_id.as_deref().map_or_else(|| "no list".to_owned(), |id| format!("`{id}`"));
    let question = format!("Put `{id}` in force as `{key}` in {}, replacing {replaced}?", goal.place);
    if goal.consent == Consent::Asked && !asking::agrees(&question) {
        diagnostics::note("nothing was written");
        return Ok(Exit::Different);
    }
    for write in &writes {
        if write.key == key {
            // KV has no compare-and-swap: this is the best protection against two publications at the same time.
            let now = match live {
                Some(_) => Some(store.namespace.get(&key)?),
                None => store.live(name, &store.list(name)?)?,
            };
            if now != live {
                return Err(moved(name, now.as_deref().map(id_of).as_deref(), replaced));
            }
        }
        carry_out(write, goal, &id, store)?;
    }
    diagnostics::note(&format!(
        "`{id}` is in force in {}; all gateways use it within about 90 seconds",
        goal.place
    ));
    Ok(Exit::Fine)
}

/// One write.
struct Write<'w> {
    key: String,
    value: &'w [u8],
    note: Note,
    what: &'static str,
}

/// The writes in their order: the permanent versions, then the live list.
fn plan<'w>(
    goal: &'w Goal<'_>,
    id: &str,
    note: &Note,
    live: Option<&'w [u8]>,
    live_id: Option<&str>,
    listing: &Listing,
) -> Vec<Write<'w>> {
    let name = goal.list.name.as_str();
    let is_kept = |id: &str| listing.versions.contains_key(id);
    let mut writes = Vec::new();
    if !is_kept(id) {
        let note = match (live_id == Some(id), &listing.live) {
            (true, Some(noted)) if noted.act.is_some() && noted.is_of(id) => noted.clone(),
            _ => note.clone(),
        };
        writes.push(Write { key: version_key(name, id), value: &goal.value, note, what: "" });
    }
    if live_id == Some(id) {
        return writes;
    }
    if let (Some(live), Some(live_id)) = (live, live_id)
        && !is_kept(live_id)
    {
        // The message of another list says nothing of this one.
        let noted = listing.live.as_ref().filter(|noted| noted.is_of(live_id)).cloned().unwrap_or_default();
        let act = noted.act.or(Some(Operation::Keep));
        let note = Note { id: Some(live_id.to_owned()), act, ..noted };
        writes.push(Write {
            key: version_key(name, live_id),
            value: live,
            note,
            what: ", the list that is live now",
        });
    }
    writes.push(Write { key: goal.list.key(), value: &goal.value, note: note.clone(), what: "" });
    writes
}

fn carry_out(write: &Write<'_>, goal: &Goal<'_>, id: &str, store: &ListStore) -> Result<(), Failure> {
    let Write { key, value, note, what } = write;
    let done = store.namespace.put(key, value, note, None);
    done.map_err(|failure| {
        // The value may have been written nevertheless. A second plain `rollback` would then undo the first, so name
        // the version.
        let again = match goal.act {
            Operation::Rollback => format!("`corsgate list rollback {} --to {id}`", goal.list.name),
            _ => "the same command".to_owned(),
        };
        // An interrupted wrangler may have written the value before it could report that.
        let whether = if interruption::is_requested() { "possibly not written" } else { "not written" };
        Failure::Unwritten { failure: Box::new(failure), whether, write: format!("`{key}`{what}"), again }
    })?;
    diagnostics::note(&format!("wrote `{key}`{what}"));
    Ok(())
}

/// The failure when another list is live than was compared.
pub(crate) fn moved(name: &str, live: Option<&str>, base: String) -> Failure {
    let live = live.map_or_else(|| "no list".to_owned(), |id| format!("`{id}`"));
    Failure::MovedList { list: name.to_owned(), live, base }
}
