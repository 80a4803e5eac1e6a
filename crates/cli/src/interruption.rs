//! Delays signals that end the tool (SIGINT, SIGTERM, SIGHUP) while it runs something that would otherwise survive it,
//! such as wrangler. After the cleanup, the tool ends by the same signal, as it would have without the delay.

use std::marker::PhantomData;

/// While a `Held` exists, signals do not end the tool; its owner checks [`is_requested`].
#[must_use]
pub(crate) struct Held(PhantomData<()>);

/// Starts to delay signals.
pub(crate) fn hold() -> Held {
    signals::hold();
    Held(PhantomData)
}

impl Drop for Held {
    fn drop(&mut self) {
        signals::release();
    }
}

/// Whether a signal has asked the tool to end.
pub(crate) fn is_requested() -> bool {
    signals::requested().is_some()
}

/// Ends the tool by the signal that it received, if any: a shell then sees that the tool was interrupted, not that it
/// failed.
pub(crate) fn end_as_requested() {
    signals::end_by_requested();
}

#[cfg(unix)]
mod signals {
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::sync::{Arc, LazyLock};

    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::{flag, low_level};

    struct State {
        held: AtomicUsize,
        /// Whether a signal ends the tool at once.
        at_once: Arc<AtomicBool>,
        /// The last signal that was delayed; 0 if none was.
        asked: Arc<AtomicUsize>,
    }

    static STATE: LazyLock<State> = LazyLock::new(|| {
        let (at_once, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            if is_ignored(signal) {
                continue;
            }
            let number = usize::try_from(signal).unwrap_or_default();
            // If a handler cannot be installed, the signal ends the tool at once.
            let _caught = flag::register_conditional_default(signal, Arc::clone(&at_once))
                .and_then(|_| flag::register_usize(signal, Arc::clone(&asked), number));
        }
        State { held: AtomicUsize::new(0), at_once, asked }
    });

    pub(super) fn hold() {
        STATE.held.fetch_add(1, Ordering::SeqCst);
        STATE.at_once.store(false, Ordering::SeqCst);
    }

    pub(super) fn release() {
        let was_last = STATE.held.fetch_sub(1, Ordering::SeqCst) == 1;
        if was_last {
            STATE.at_once.store(true, Ordering::SeqCst);
        }
    }

    pub(super) fn requested() -> Option<i32> {
        let signal = i32::try_from(STATE.asked.load(Ordering::SeqCst)).ok()?;
        (signal > 0).then_some(signal)
    }

    pub(super) fn end_by_requested() {
        if let Some(signal) = requested() {
            // This call returns only if there is no such signal.
            let _unknown = low_level::emulate_default_handler(signal);
        }
    }

    /// Whether the signal was ignored when the tool started, as by `nohup` or for a job in a shell's background:
    /// catching it would undo that. Only Linux says so, in `/proc/self/status` (proc_pid_status(5)).
    fn is_ignored(signal: i32) -> bool {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
        let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or_default();
        mask >> (signal - 1) & 1 == 1
    }
}

#[cfg(not(unix))]
mod signals {
    pub(super) fn hold() {}

    pub(super) fn release() {}

    pub(super) fn requested() -> Option<i32> {
        None
    }

    pub(super) fn end_by_requested() {}
}
