//! Puts a list of keys in force: shows the changes, asks, and writes only the keys that change.

use corsgate_authoring::id_of;
use corsgate_compare::Direction;
use corsgate_policy::grammar::day::Day;
use corsgate_policy::kv::origin_key;

use super::filter::{self, filter_key};
use super::live::Live;
use super::store::{History, history, published_key, version_key};
use super::{Keys, Origins, changes, origins_of, text_of};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::lists::List;
use crate::lists::expiry::ttl_until;
use crate::lists::key::key_value;
use crate::lists::publication::{moved, show};
use crate::namespace::{Namespace, Pair, WRITTEN_AT_ONCE};
use crate::note::{Note, Operation};
use crate::output::changes::ChangesFormat;
use crate::output::diagnostics;
use crate::output::human::plural;
use crate::publication::confirmation::Consent;

/// The origins to put in force, and why.
pub(crate) struct Goal<'g> {
    pub(crate) list: &'g List,
    pub(crate) keys: Keys<'g>,
    /// The name of the origins in messages.
    pub(crate) name: &'g str,
    /// The text of their version.
    pub(crate) text: String,
    pub(crate) act: Operation,
    pub(crate) message: &'g str,
    /// Whether the keys get a filter. One that is there is kept in step in any case.
    pub(crate) filter: bool,
    /// The id of the list that must be live, or `none`.
    pub(crate) base: Option<&'g str>,
    /// If a change widens a route, end with 11.
    pub(crate) denies_widening: bool,
    pub(crate) consent: Consent,
    /// The KV namespace, in words.
    pub(crate) place: String,
    pub(crate) today: Option<Day>,
    /// Unix seconds.
    pub(crate) now: u64,
}

/// What is live before a publication.
pub(crate) struct Before {
    pub(crate) live: Live,
    pub(crate) history: History,
    /// The origins that are allowed today.
    pub(crate) text: String,
    /// The id of what is live: that of the last publication if nothing has changed since; none without origins.
    pub(crate) id: Option<String>,
    /// Whether the live keys are those of the last publication.
    pub(crate) is_as_published: bool,
}

impl Before {
    /// # Errors
    /// When wrangler fails, or there are too many keys.
    pub(crate) fn read(keys: Keys<'_>, namespace: &Namespace, today: Option<Day>) -> Result<Self, Failure> {
        let live = Live::read(keys, namespace)?;
        let history = history(keys, namespace)?;
        let text = text_of(&live.origins(today));
        let finished = history.published.as_ref().filter(|note| !note.unfinished);
        let published = match finished.and_then(|note| note.id.clone()) {
            None => None,
            Some(id) => {
                let bytes = namespace.get(&published_key(keys))?;
                let origins = origins_of(&String::from_utf8_lossy(&bytes), today);
                // Entries that have ended since make no difference.
                (text_of(&origins) == text && id_of(&bytes) == id).then_some(id)
            }
        };
        let is_as_published = published.is_some();
        let id = published.or_else(|| (!text.is_empty()).then(|| id_of(text.as_bytes())));
        Ok(Self { live, history, text, id, is_as_published })
    }

    /// Whether the last publication of this id was not finished.
    fn continues(&self, id: &str) -> bool {
        self.history.published.as_ref().is_some_and(|note| note.unfinished && note.id.as_deref() == Some(id))
    }
}

/// What is to be written.
struct Plan {
    id: String,
    /// The version that is live now, if it must be kept.
    kept: Option<String>,
    note: Note,
    delete: Vec<String>,
    write: Origins,
    /// The origins whose keys the filter must know; none if it is not written.
    filter: Option<Origins>,
}

/// Puts the origins in force.
///
/// # Errors
/// When wrangler fails, other keys are live than were compared, or a change widens a route and that is denied.
/// Everything written until then stays.
pub(crate) fn run(goal: &Goal<'_>, namespace: &Namespace) -> Result<Exit, Failure> {
    let keys = goal.keys;
    let wanted = origins_of(&goal.text, goal.today);
    keys.require_publishable(goal.list, &wanted)?;
    let before = Before::read(keys, namespace, goal.today)?;
    let mut plan = plan(goal, &before, &wanted)?;
    let changed = plan.delete.len() + plan.write.len();
    if filter::is_written(keys, &wanted, goal.filter, changed > 0, namespace)? {
        plan.filter = Some(wanted);
    }
    let is_base = |base: &&str| {
        let live = before.id.as_deref().unwrap_or("none");
        live == *base
            || (*base == "none" && before.text.is_empty())
            || changed == 0
            || before.continues(&plan.id)
    };
    if let Some(base) = goal.base.filter(|base| !is_base(base)) {
        return Err(moved(goal.list.name.as_str(), before.id.as_deref(), format!("`{base}`")));
    }
    let prefix = keys.prefix();
    if before.live.strange > 0 {
        diagnostics::note(&format!(
            "{} of `{prefix}` with no origin in the name: the gateway never reads them, and they stay",
            plural(before.live.strange, "key")
        ));
    }
    if changed == 0 && plan.filter.is_none() && is_done(&before, &plan.id) {
        diagnostics::note(&format!(
            "`{}` is already live as keys of `{prefix}` in {}; there is nothing to write",
            plan.id, goal.place
        ));
        return Ok(Exit::Fine);
    }
    if before.continues(&plan.id) {
        diagnostics::note(&format!("a publication of `{}` was not finished: this continues it", plan.id));
    }
    let found = changes(goal.list, keys, &before.text, &goal.text, goal.today);
    let names = (prefix.as_str(), before.text.as_bytes());
    show(goal.list, keys.in_kv, ChangesFormat::Human, names, (goal.name, goal.text.as_bytes()), &found)?;
    if goal.denies_widening && found.iter().any(|change| change.direction == Direction::Widens) {
        return Err(Failure::Denied("a change widens the list, which `--deny widens` denies"));
    }
    let filter =
        plan.filter.as_ref().map_or_else(String::new, |_| format!(" behind `{}`", filter_key(keys.name)));
    let amount = format!(
        "write {} and delete {} of `{prefix}`{filter}",
        plural(plan.write.len(), "key"),
        plan.delete.len()
    );
    let replaced = before.id.as_deref().map_or_else(|| "no list".to_owned(), |id| format!("`{id}`"));
    let question = format!("Put `{}` in force in {}, replacing {replaced}: {amount}?", plan.id, goal.place);
    if let Some(exit) = goal.consent.stops(&format!("would {amount}"), &question, "nothing was written") {
        return Ok(exit);
    }
    carry_out(goal, &plan, &before, namespace)?;
    diagnostics::note(&format!(
        "`{}` is in force in {} once KV shows every key, within about 90 seconds; until then a gateway may know a part. `corsgate list diff {} kv:{} kv:` then says whether every key arrived",
        plan.id,
        goal.place,
        keys.arguments(),
        plan.id
    ));
    Ok(Exit::Fine)
}

fn is_done(before: &Before, id: &str) -> bool {
    before.is_as_published && before.id.as_deref() == Some(id)
}

fn plan(goal: &Goal<'_>, before: &Before, wanted: &Origins) -> Result<Plan, Failure> {
    let id = id_of(goal.text.as_bytes());
    let published = before.history.published.as_ref();
    // What was live before an unfinished publication is in its record, and so is what an unchanged one replaced.
    let base = match published {
        Some(note) if before.continues(&id) || is_done(before, &id) => note.base.clone(),
        _ => before.id.clone(),
    };
    let kept = before
        .id
        .clone()
        .filter(|live| base.as_ref() == Some(live) && !before.history.versions.contains_key(live));
    // The longest note comes first, so that a message that is too long stops everything.
    let note = Note::of_list(goal.act, Some(&id), goal.message, base.as_deref())?.unfinished()?;
    let (delete, write) = (before.live.to_delete(goal.keys, wanted), before.live.to_write(wanted));
    Ok(Plan { id, kept, note, delete, write, filter: None })
}

fn carry_out(goal: &Goal<'_>, plan: &Plan, before: &Before, namespace: &Namespace) -> Result<(), Failure> {
    let keys = goal.keys;
    let finished = Note { unfinished: false, ..plan.note.clone() };
    let put = |key: String, value: &[u8], note: &Note| {
        let whether = "possibly not written";
        let done = namespace.put(&key, value, note, None);
        done.map_err(|failure| unwritten(goal, &plan.id, failure, whether, format!("`{key}`")))?;
        diagnostics::note(&format!("wrote `{key}`"));
        Ok::<(), Failure>(())
    };
    if !before.history.versions.contains_key(&plan.id) {
        put(version_key(keys, &plan.id), goal.text.as_bytes(), &finished)?;
    }
    if let Some(kept) = &plan.kept {
        let note = Note { id: Some(kept.clone()), act: Some(Operation::Keep), ..Note::default() };
        put(version_key(keys, kept), before.text.as_bytes(), &note)?;
    }
    // KV has no transaction: this is the best protection against two publications at the same time.
    let now = Before::read(keys, namespace, goal.today)?;
    if now.live != before.live || now.history.published != before.history.published {
        let replaced = before.id.as_deref().map_or_else(|| "no list".to_owned(), |id| format!("`{id}`"));
        return Err(moved(keys.name, now.id.as_deref(), replaced));
    }
    put(published_key(keys), goal.text.as_bytes(), &plan.note)?;
    // Before the keys: a gateway reads none that the filter does not know.
    if let Some(origins) = &plan.filter {
        put(filter_key(keys.name), &filter::with_origins(keys, origins, namespace)?, &finished)?;
    }
    // What closes comes first: if the rest fails, no origin is allowed that neither list has.
    let total = plan.delete.len() + plan.write.len();
    let prefix = keys.prefix();
    let mut done = 0;
    let part = |done: usize, failure| {
        let rest = format!("{} of {} of `{prefix}`", total - done, plural(total, "key"));
        unwritten(goal, &plan.id, failure, "not written, or only in part", rest)
    };
    for some in plan.delete.chunks(WRITTEN_AT_ONCE) {
        namespace.delete_all(some, &prefix).map_err(|failure| part(done, failure))?;
        done += some.len();
        diagnostics::note(&format!("deleted {}: {done} of {total}", plural(some.len(), "key")));
    }
    let writes: Vec<_> = plan.write.iter().collect();
    for some in writes.chunks(WRITTEN_AT_ONCE) {
        let pair = |(origin, day): &(&String, &Day)| {
            Ok(Pair {
                key: origin_key(keys.name, keys.host, origin),
                value: key_value(**day, None)?,
                expiration_ttl: ttl_until(**day, goal.now),
                metadata: Note::of_key(goal.act, goal.message, **day)?,
            })
        };
        let pairs = some.iter().map(pair).collect::<Result<Vec<_>, Failure>>()?;
        namespace.put_all(&pairs, &prefix).map_err(|failure| part(done, failure))?;
        done += some.len();
        diagnostics::note(&format!("wrote {}: {done} of {total}", plural(some.len(), "key")));
    }
    put(published_key(keys), goal.text.as_bytes(), &finished)
}

fn unwritten(goal: &Goal<'_>, id: &str, failure: Failure, whether: &'static str, write: String) -> Failure {
    // A second plain `rollback` would undo the first, so name the version.
    let again = match goal.act {
        Operation::Rollback => format!("`corsgate list rollback {} --to {id}`", goal.keys.arguments()),
        _ => "the same command".to_owned(),
    };
    Failure::Unwritten { failure: Box::new(failure), whether, write, again }
}
