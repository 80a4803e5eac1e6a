//! Putting a policy in force: the steps that `publish` and `rollback` share.

pub(crate) mod confirmation;
pub(crate) mod plan;

use std::time::Duration;

use clap::Args;
use corsgate_authoring::canonicalize;
use corsgate_compare::{Direction, Side, compare};
use corsgate_policy::ReadError;

use crate::asking;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::gateway::{self, Gateway};
use crate::interruption;
use crate::output::changes::{self, ChangesFormat, Comparison};
use crate::output::diagnostics;
use crate::policy::{Loaded, document_of};
use crate::policy_store::{Key, Listing, Note, Operation, PolicyStore};
use crate::wrangler;
use confirmation::{ConfirmationOptions, Consent};
use plan::{Before, Content, Write, plan};

/// How a policy is put in force.
#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct PublicationOptions {
    #[command(flatten)]
    confirmation: ConfirmationOptions,
    /// The policy that must be live, such as the one that a review compared with: an id, or `none`
    #[arg(long, value_name = "ID")]
    base: Option<String>,
    #[command(flatten)]
    pub(crate) kv: wrangler::WranglerOptions,
    #[command(flatten)]
    gateway: gateway::GatewayOptions,
    /// How long to wait until the gateway uses the new policy, with --url
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 180,
        requires = "url",
        help_heading = "The gateway"
    )]
    wait: u64,
}

/// The policy to put in force, and why.
pub(crate) struct Goal {
    pub(crate) policy: Published,
    pub(crate) act: Operation,
    pub(crate) message: String,
    /// If a change widens the policy, end with 11.
    pub(crate) denies_widening: bool,
    /// Replace even a live policy that cannot be read.
    pub(crate) replaces_unreadable: bool,
}

/// A policy, and the bytes that are published.
pub(crate) struct Published {
    pub(crate) loaded: Loaded,
}

impl Published {
    /// A policy in its canonical bytes.
    ///
    /// # Errors
    /// When it breaks a rule.
    pub(crate) fn canonical(
        name: &str,
        mut document: corsgate_policy::policy::document::Document,
    ) -> Result<Self, ReadError> {
        let bytes = canonicalize(&mut document).map_err(|error| ReadError::Malformed(error.to_string()))?;
        Ok(Self { loaded: Loaded { name: name.to_owned(), bytes, side: Side::new(document)? } })
    }

    /// A policy as KV has it.
    ///
    /// # Errors
    /// When the gateway would reject it.
    pub(crate) fn stored(key: &Key, bytes: Vec<u8>) -> Result<Self, ReadError> {
        let side = Side::new(document_of(&bytes)?)?;
        Ok(Self { loaded: Loaded { name: key.to_string(), bytes, side } })
    }

    pub(crate) fn id(&self) -> &str {
        &self.loaded.side.document().id
    }

    /// The warning for a policy in KV whose id does not match its content or its metadata.
    pub(crate) fn contradiction(&self, noted: &Note) -> Option<String> {
        let (key, id) = (&self.loaded.name, self.id());
        let named = document_of(&self.loaded.bytes).ok()?.id;
        if !named.is_empty() && named != id {
            return Some(format!(
                "`{key}` has the id `{named}`, but its content has the id `{id}`: it was edited after it was compiled"
            ));
        }
        let noted = noted.id.as_deref().filter(|noted| *noted != id)?;
        Some(format!(
            "`{key}` holds the policy `{id}`, but its metadata names `{noted}`: it was not written by corsgate"
        ))
    }
}

/// The policy that is in force before the change.
enum Live {
    Nothing,
    Unreadable { bytes: Vec<u8>, why: ReadError },
    Policy(Box<Published>),
}

impl Live {
    fn read(store: &PolicyStore, listing: &Listing) -> Result<Self, Failure> {
        if !listing.has(&Key::Current) {
            return Ok(Self::Nothing);
        }
        let bytes = store.read(&Key::Current)?;
        Ok(match Published::stored(&Key::Current, bytes.clone()) {
            Ok(policy) => Self::Policy(Box::new(policy)),
            Err(why) => Self::Unreadable { bytes, why },
        })
    }

    fn id(&self) -> Option<&str> {
        match self {
            Self::Policy(policy) => Some(policy.id()),
            Self::Nothing | Self::Unreadable { .. } => None,
        }
    }

    fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Nothing => None,
            Self::Unreadable { bytes, .. } => Some(bytes),
            Self::Policy(policy) => Some(&policy.loaded.bytes),
        }
    }

    fn described(&self) -> String {
        match self {
            Self::Nothing => "no policy".to_owned(),
            Self::Unreadable { .. } => "an unreadable policy".to_owned(),
            Self::Policy(policy) => format!("`{}`", policy.id()),
        }
    }
}

/// Checks the command line before anything else is done: how to ask for confirmation, and the gateway.
pub(crate) fn begin(
    options: &PublicationOptions,
    reads_stdin: bool,
) -> Result<(Consent, Option<Gateway>), Failure> {
    if let Some(base) = options.base.as_deref().filter(|base| *base != "none" && Key::version(base).is_none())
    {
        return Err(Failure::usage(format!(
            "`--base {base}` is not an id: write its 16 digits, or `none` if no policy is live yet"
        )));
    }
    let consent = options.confirmation.required(reads_stdin.then_some("policy"))?;
    Ok((consent, Gateway::of(&options.gateway)?))
}

/// Puts a policy in force.
///
/// # Errors
/// When wrangler or the gateway fails. Everything written until then stays, and a second run continues from there.
pub(crate) fn run(
    goal: &Goal,
    options: &PublicationOptions,
    consent: Consent,
    gateway: Option<&Gateway>,
    store: &PolicyStore,
    listing: &Listing,
) -> Result<Exit, Failure> {
    if let Some(gateway) = gateway {
        // Before anything is written, make sure that the gateway can be asked afterwards.
        gateway.policy()?;
    }
    let live = Live::read(store, listing)?;
    if let Some(base) = options.base.as_deref().filter(|base| !is_base(&live, base, goal.policy.id())) {
        return Err(moved(&live, format!("`{base}`")));
    }
    if let Live::Unreadable { why, .. } = &live {
        diagnostics::problem(&format!("the live policy cannot be read: {why}"));
        if !goal.replaces_unreadable {
            diagnostics::note(
                "a newer corsgate may be able to read it; to replace it anyway, write `--replace-unreadable`",
            );
            return Ok(Exit::Failed);
        }
    }
    if let Live::Policy(policy) = &live
        && let Some(sentence) = listing.notes.get(&Key::Current).and_then(|note| policy.contradiction(note))
    {
        diagnostics::problem(&sentence);
    }
    let id = goal.policy.id();
    if let Some(key) = Key::version(id).filter(|key| listing.has(key)) {
        // The live policy was already read.
        let differs = live.id() != Some(id) && store.read(&key)? != goal.policy.loaded.bytes;
        if differs {
            return Err(key.overwritten());
        }
    }
    show_changes(goal, &live)?;
    let note = Note::new(goal.act, id, &goal.message, live.id())?;
    let before = match &live {
        Live::Nothing => Before::Nothing,
        Live::Unreadable { .. } => Before::Unreadable,
        Live::Policy(policy) => Before::Policy { id: policy.id() },
    };
    let writes = plan(id, goal.act == Operation::Revoke, &before, listing);
    let place = options.kv.place();
    if live.id() == Some(id) {
        let rest = if writes.is_empty() { "; there is nothing to write" } else { "" };
        diagnostics::note(&format!("`{id}` is already live in {place}{rest}"));
    }
    if goal.act == Operation::Revoke {
        diagnostics::note(
            "`--revoke` leaves no policy to fall back to: if the gateway cannot read this policy, it responds to every request with 503",
        );
    }
    if consent == Consent::DryRun {
        for write in &writes {
            diagnostics::note(&format!("would write {write}"));
        }
        return Ok(Exit::Fine);
    }
    if !writes.is_empty() {
        if consent == Consent::Asked
            && !asking::agrees(&format!("Put `{id}` in force in {place}, replacing {}?", live.described()))
        {
            diagnostics::note("nothing was written");
            return Ok(Exit::Different);
        }
        if !carry_out(&writes, goal, &live, &note, store, listing)? {
            return Err(moved(&Live::read(store, &store.list()?)?, live.described()));
        }
        diagnostics::note(&format!(
            "`{id}` is in force in {place}; all gateways use it within about 90 seconds"
        ));
    }
    let answers = gateway.is_none_or(|gateway| gateway.wait_for(id, Duration::from_secs(options.wait)));
    Ok(if answers { Exit::Fine } else { Exit::Different })
}

/// Whether the live policy is the one that was compared, or is the goal because an earlier run has written it.
fn is_base(live: &Live, base: &str, goal: &str) -> bool {
    match live {
        Live::Nothing => base == "none",
        Live::Unreadable { .. } => false,
        Live::Policy(policy) => policy.id() == base || policy.id() == goal,
    }
}

fn moved(live: &Live, base: String) -> Failure {
    Failure::Moved { live: live.described(), base }
}

/// Shows the changes of the policy.
///
/// # Errors
/// When a change widens the policy, and that is denied.
fn show_changes(goal: &Goal, live: &Live) -> Result<(), Failure> {
    // Compare with a closed policy: nobody knows what an unreadable policy allows.
    let closed = goal.policy.loaded.side.closed().map_err(Failure::Policy)?;
    let nothing = Loaded { name: "nothing".to_owned(), bytes: Vec::new(), side: closed };
    let before = match live {
        Live::Policy(before) if before.id() == goal.policy.id() => return Ok(()),
        Live::Policy(before) => &before.loaded,
        Live::Nothing => {
            diagnostics::note("no policy is live yet: this shows everything that the policy allows");
            &nothing
        }
        Live::Unreadable { .. } => &nothing,
    };
    let found = compare(&before.side, &goal.policy.loaded.side);
    let comparison = Comparison {
        before: before.compared(),
        now: goal.policy.loaded.compared(),
        routes: goal.policy.loaded.side.document().routes.len(),
        changes: &found,
        unchanged: None,
        replayed: None,
    };
    changes::write(ChangesFormat::Human, &comparison)?;
    let widens = found.iter().any(|change| change.direction == Direction::Widens);
    if goal.denies_widening && widens {
        return Err(Failure::Denied("a change widens the policy, which `--deny widens` denies"));
    }
    Ok(())
}

/// Makes all writes. Returns false if another policy has become live in the meantime.
fn carry_out(
    writes: &[Write],
    goal: &Goal,
    live: &Live,
    note: &Note,
    store: &PolicyStore,
    listing: &Listing,
) -> Result<bool, Failure> {
    let mut looked = false;
    for write in writes {
        if write.is_seen() && !looked {
            looked = true;
            // KV has no compare-and-swap: this is the best protection against two publications at the same time.
            let now = match live {
                Live::Nothing => store.find(&Key::Current)?,
                _ => Some(store.read(&Key::Current)?),
            };
            if now.as_deref() != live.bytes() {
                return Ok(false);
            }
        }
        let done = match &write.content {
            Content::Goal => store.write(&write.key, &goal.policy.loaded.bytes, note),
            Content::Live => {
                let noted = noted_of_live(&write.key, live, listing);
                store.write(&write.key, live.bytes().unwrap_or_default(), &noted)
            }
            Content::Version(id) => {
                let key = Key::Version(id.clone());
                let noted = listing.notes.get(&key).filter(|noted| noted.is_of(id));
                let noted = noted.cloned().unwrap_or_default();
                store.read(&key).and_then(|bytes| {
                    let held = Published::stored(&key, bytes).map_err(|_| key.overwritten())?;
                    key.require_of(held.id())?;
                    store.write(&write.key, &held.loaded.bytes, &Note { id: Some(id.clone()), ..noted })
                })
            }
        };
        done.map_err(|failure| {
            // The value may have been written nevertheless. A second plain `rollback` would then undo the first, so
            // name the version.
            let again = match goal.act {
                Operation::Rollback => format!("`corsgate rollback --to {}`", goal.policy.id()),
                _ => "the same command".to_owned(),
            };
            // An interrupted wrangler may have written the value before it could report that.
            let whether = if interruption::is_requested() { "possibly not written" } else { "not written" };
            Failure::Unwritten { failure: Box::new(failure), whether, write: write.to_string(), again }
        })?;
        diagnostics::note(&format!("wrote {write}"));
    }
    Ok(true)
}

/// The note for the policy that was live, under its new key.
fn noted_of_live(key: &Key, live: &Live, listing: &Listing) -> Note {
    let noted = listing.notes.get(&Key::Current);
    // The message of another policy says nothing of this one.
    let noted = noted.filter(|noted| live.id().is_none_or(|id| noted.is_of(id))).cloned().unwrap_or_default();
    let id = live.id().map(str::to_owned);
    match key {
        Key::Version(_) if noted.act.is_none() => Note { id, act: Some(Operation::Keep), ..noted },
        _ => Note { id, ..noted },
    }
}
