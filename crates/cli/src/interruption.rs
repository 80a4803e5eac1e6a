//! Signals that ask the tool to end, while something runs that would go on without it: they wait until that is ended
//! and tidied away, and end the tool then, as they would have at once.

use std::marker::PhantomData;

/// While there is one, the tool does not end by a signal: whoever holds it looks at [`is_requested`].
#[must_use]
pub(crate) struct Held(PhantomData<()>);

/// Lets signals wait.
pub(crate) fn hold() -> Held {
    signals::hold();
    Held(PhantomData)
}

impl Drop for Held {
    fn drop(&mut self) {
        signals::release();
    }
}

/// Whether a signal has come that asks the tool to end.
pub(crate) fn is_requested() -> bool {
    signals::requested().is_some()
}

/// Ends by the signal that has come, if one has: a shell sees that its script was interrupted, and not that it failed.
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
        /// The last signal that came while it was held; none is 0.
        asked: Arc<AtomicUsize>,
    }

    static STATE: LazyLock<State> = LazyLock::new(|| {
        let (at_once, asked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            if is_ignored(signal) {
                continue;
            }
            let number = usize::try_from(signal).unwrap_or_default();
            // Where a signal cannot be caught, it ends the tool as it did before.
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
            // It does not come back from here, but where there is no such signal.
            let _unknown = low_level::emulate_default_handler(signal);
        }
    }

    /// `nohup`, and a shell that starts something in the background, let signals be ignored; to catch them would undo
    /// that. What is ignored is in `/proc/self/status` of Linux (proc_pid_status(5)); elsewhere nothing tells.
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
