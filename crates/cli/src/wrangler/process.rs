//! A child process with a time limit.

use std::io::{self, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use crate::interruption;

/// The time that a child process has to end after SIGTERM, before it is killed.
const GRACE: Duration = Duration::from_secs(2);
const PACE: Duration = Duration::from_millis(5);
/// The maximum size of the output. A value in KV has at most 25 MiB, and listings of keys are shorter.
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
    // If the child was interrupted too, its own failure must not hide the interruption.
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

/// Reads on its own thread: a child that fills one pipe would block while we read the other.
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
        // After the time limit, nobody receives the output any more.
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

/// An error if the time is over.
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

/// Sends SIGTERM first: wrangler forwards it to its own child processes, which it could not do if it were killed.
fn end(child: &mut Child) {
    if ask_to_end(child) && matches!(exit(child, Instant::now() + GRACE), Ok(Some(_))) {
        return;
    }
    // The child may have ended by itself; nothing is left to do.
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
