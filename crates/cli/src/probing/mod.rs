//! Sends the planned requests to a live server, one after another, at the agreed rate.

pub(crate) mod cases;
mod pace;
pub(crate) mod target;
mod tls_error;
mod wire;

use std::thread;
use std::time::{Duration, Instant};

use corsgate_authoring::Span;
use corsgate_authoring::cases::Decided;
use corsgate_probe::{Answer, Ask, Probe};

use crate::failure::Failure;
use crate::progress::Shown;
use pace::Pace;
use target::Target;
use wire::Wire;

/// The `User-Agent` of the probe.
pub(crate) const USER_AGENT: &str =
    concat!("corsgate-probe/", env!("CARGO_PKG_VERSION"), " (+", env!("CARGO_PKG_REPOSITORY"), ")");

/// After this many requests without any response, the server counts as unreachable.
const ENOUGH: usize = 3;
/// The maximum time to wait for a `Retry-After`, and for all of them together.
const PATIENCE: Duration = Duration::from_secs(5);
const ALL_PATIENCE: Duration = Duration::from_secs(30);

const TOO_MANY_REQUESTS: u16 = 429;

/// How requests are sent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SendOptions {
    /// The maximum number of requests per second.
    pub(crate) rate: f64,
    /// The maximum time to wait for a response.
    pub(crate) timeout: Duration,
}

/// A request that is sent.
pub(crate) enum Item<'s> {
    /// The request of a test case.
    Case(Box<Predicted<'s>>),
    /// A request whose response is checked as a browser would check it.
    Judged(Box<Probe>),
}

/// A request of a test case, and the result that the policy predicts.
pub(crate) struct Predicted<'s> {
    pub(crate) ask: Ask,
    pub(crate) name: String,
    pub(crate) span: &'s Span,
    pub(crate) decided: Decided,
    /// The keys in KV on which the prediction rests.
    pub(crate) asked: Vec<String>,
}

impl Item<'_> {
    pub(crate) fn ask(&self) -> &Ask {
        match self {
            Self::Case(predicted) => &predicted.ask,
            Self::Judged(probe) => &probe.ask,
        }
    }
}

/// The result of a request.
#[derive(Debug)]
pub(crate) enum Reply {
    Answered(Answer),
    /// Why there is no response, as a sentence.
    Failed(String),
}

/// The results of all requests.
pub(crate) struct SentRequests {
    /// The replies to the requests that were sent, in order.
    pub(crate) replies: Vec<Reply>,
    /// The number of requests sent, including those sent twice.
    pub(crate) requests: usize,
    pub(crate) seconds: f64,
}

/// Sends all requests.
///
/// # Errors
/// When the server cannot be reached.
pub(crate) fn send(
    items: &[Item<'_>],
    target: &Target,
    options: SendOptions,
) -> Result<SentRequests, Failure> {
    let wire = Wire::new(target, options.timeout, USER_AGENT)?;
    let mut pace = Pace::new(options.rate);
    let mut shown = Shown::default();
    let started = Instant::now();
    let mut sent = SentRequests { replies: Vec::new(), requests: 0, seconds: 0.0 };
    let mut patience = ALL_PATIENCE;
    let mut answered = 0;
    for item in items {
        shown.show(&format!("{} of {} requests to `{}`", sent.replies.len(), items.len(), target.authority));
        pace.wait();
        sent.requests += 1;
        let mut reply = wire.exchange(item.ask());
        if let Some(wait) = patience_for(&reply).filter(|wait| *wait <= patience) {
            patience = patience.saturating_sub(wait);
            shown.show(&format!("`{}` asks for a pause of {} s", target.authority, wait.as_secs()));
            thread::sleep(wait);
            sent.requests += 1;
            reply = wire.exchange(item.ask());
        }
        match &reply {
            Reply::Answered(_) => answered += 1,
            Reply::Failed(why) if answered == 0 && sent.replies.len() + 1 >= ENOUGH.min(items.len()) => {
                return Err(Failure::Server(format!("cannot probe `{}`: {why}", target.authority)));
            }
            Reply::Failed(_) => {}
        }
        sent.replies.push(reply);
    }
    sent.seconds = started.elapsed().as_secs_f64();
    Ok(sent)
}

/// The server's `Retry-After`, if it is short enough to wait for.
fn patience_for(reply: &Reply) -> Option<Duration> {
    let Reply::Answered(answer) = reply else { return None };
    let seconds: u64 =
        answer.get("retry-after").filter(|_| answer.status == TOO_MANY_REQUESTS)?.parse().ok()?;
    Some(Duration::from_secs(seconds)).filter(|wait| *wait <= PATIENCE)
}
