//! A child process that ends in bounded time.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::interruption;

/// How long a child process may take to end after it was asked to, before it is killed.
const GRACE: Duration = Duration::from_secs(2);
const PACE: Duration = Duration::from_millis(5);
/// A value of KV has at most 25 MiB, and lists of keys are shorter.
pub(super) const MOST: u64 = 64 * 1024 * 1024;

/// The exit status and the output of a child process.
pub(super) struct Output {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Runs a command without input. It stays in our process group, so that an interruption at the terminal
/// reaches it too. If only this process is interrupted, it ends the command.
pub(super) fn run(command: &mut Command, patience: Duration) -> io::Result<Output> {
    let _held = interruption::hold();
    if interruption::is_requested() {
        return Err(io::ErrorKind::Interrupted.into());
    }
    let deadline = Instant::now() + patience;
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let (stdout, stderr) = (reading(child.stdout.take()), reading(child.stderr.take()));
    let output = collect(&mut child, &stdout, &stderr, deadline);
    if output.is_err() {
        end(&mut child);
    }
    // One that came to its end may have been interrupted with us, and say so in its own way.
    if interruption::is_requested() { Err(io::ErrorKind::Interrupted.into()) } else { output }
}

fn collect(
    child: &mut Child,
    stdout: &Receiver<io::Result<Vec<u8>>>,
    stderr: &Receiver<io::Result<Vec<u8>>>,
    deadline: Instant,
) -> io::Result<Output> {
    let (stdout, stderr) = (received(stdout, deadline)?, received(stderr, deadline)?);
    loop {
        if let Some(status) = exit(child, Instant::now() + PACE)? {
            return Ok(Output { status, stdout, stderr });
        }
        is_over(deadline)?;
    }
}

/// Reads on a thread of its own: a child that has filled one pipe waits, while we wait for the other.
fn reading(pipe: Option<impl Read + Send + 'static>) -> Receiver<io::Result<Vec<u8>>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = pipe.map_or(Ok(0), |pipe| pipe.take(MOST + 1).read_to_end(&mut bytes));
        let read = match read {
            Ok(length) if length as u64 > MOST => Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_length) => Ok(bytes),
            Err(error) => Err(error),
        };
        // Nobody waits any more where the time is over.
        let _unwanted = sender.send(read);
    });
    receiver
}

fn received(receiver: &Receiver<io::Result<Vec<u8>>>, deadline: Instant) -> io::Result<Vec<u8>> {
    loop {
        match receiver.recv_timeout(PACE) {
            Err(RecvTimeoutError::Timeout) => is_over(deadline)?,
            Err(RecvTimeoutError::Disconnected) => return Err(io::ErrorKind::BrokenPipe.into()),
            Ok(read) => return read,
        }
    }
}

/// Whether there is no more time; an error then.
fn is_over(deadline: Instant) -> io::Result<()> {
    if interruption::is_requested() {
        return Err(io::ErrorKind::Interrupted.into());
    }
    if Instant::now() >= deadline { Err(io::ErrorKind::TimedOut.into()) } else { Ok(()) }
}

fn exit(child: &mut Child, deadline: Instant) -> io::Result<Option<ExitStatus>> {
    loop {
        let status = child.try_wait()?;
        if status.is_some() || Instant::now() >= deadline {
            return Ok(status);
        }
        thread::sleep(PACE);
    }
}

/// wrangler hands a request to end on to the processes that it has started, and cannot when it is killed.
fn end(child: &mut Child) {
    if ask_to_end(child) && matches!(exit(child, Instant::now() + GRACE), Ok(Some(_))) {
        return;
    }
    // It may have ended by itself; there is nothing else to be done.
    let _gone = child.kill();
    let _status = child.wait();
}

#[cfg(unix)]
fn ask_to_end(child: &Child) -> bool {
    let process = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    process
        .is_some_and(|process| rustix::process::kill_process(process, rustix::process::Signal::TERM).is_ok())
}

#[cfg(not(unix))]
fn ask_to_end(_child: &Child) -> bool {
    false
}
