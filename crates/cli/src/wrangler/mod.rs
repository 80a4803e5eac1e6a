//! Runs wrangler, Cloudflare's own tool, to read and write KV: wrangler knows the account, the login and the
//! namespaces.

mod process;
mod words;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use std::{env, io};

use clap::Args;

use crate::failure::Failure;
use crate::gateway::TOKEN;
use crate::output::diagnostics;
use crate::system;

/// Where policies are kept, and how that is reached.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Where it is kept")]
#[group(skip)]
pub(crate) struct WranglerOptions {
    /// The environment in wrangler.toml; without it, the top level of the file is used
    #[arg(long, value_name = "NAME", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) env: Option<String>,
    /// Use local KV instead of Cloudflare's
    #[arg(long)]
    local: bool,
    /// The folder of local KV, such as that of `corsgate dev --persist DIR`
    #[arg(long, value_name = "DIR", requires = "local")]
    persist_to: Option<String>,
    /// The binding of the KV namespace
    #[arg(long, value_name = "NAME", default_value = "POLICY")]
    binding: String,
    /// The configuration file of wrangler, instead of the one that wrangler finds
    #[arg(long, value_name = "FILE")]
    config: Option<String>,
    /// The wrangler program, instead of the one in the project or the PATH
    #[arg(long, value_name = "PATH")]
    wrangler: Option<PathBuf>,
    /// How long each call of wrangler may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=3600))]
    timeout: u64,
}

impl WranglerOptions {
    /// Whether an option was given that only makes sense with KV.
    pub(crate) fn are_given(&self) -> bool {
        let Self { env, local, persist_to: _, binding, config, wrangler, timeout: _ } = self;
        *local || env.is_some() || config.is_some() || wrangler.is_some() || binding != "POLICY"
    }

    /// The KV namespace, in words.
    pub(crate) fn place(&self) -> String {
        let which = if self.local { "local KV" } else { "KV" };
        match &self.env {
            Some(env) => format!("{which} of the environment `{env}`"),
            None => format!("{which} without an environment"),
        }
    }
}

/// The wrangler program that was found.
#[derive(Debug)]
pub(crate) struct Wrangler {
    program: PathBuf,
    options: WranglerOptions,
}

impl Wrangler {
    /// Finds wrangler: the program that is named, that of the project around the working directory, or that of the
    /// PATH. Never `npx`, which would install it.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn find(options: &WranglerOptions) -> Result<Self, Failure> {
        let program = match &options.wrangler {
            Some(named) => Some(named.clone()),
            None => of_project().or_else(on_path).inspect(|found| {
                if !is_own(found) {
                    diagnostics::note(&format!(
                        "using the wrangler of `{}`, which does not belong to this project",
                        found.display()
                    ));
                }
            }),
        };
        let program = program.ok_or_else(|| {
            let sentence = "cannot find `wrangler`: run `npm install wrangler` in your project, or name it with `--wrangler PATH`";
            Failure::Wrangler(sentence.to_owned())
        })?;
        Ok(Self { program, options: options.clone() })
    }

    /// Runs `wrangler kv …` on the namespace, and returns its output.
    ///
    /// # Errors
    /// When it cannot be run, takes too long, or fails; the error has its message.
    pub(crate) fn kv(&self, arguments: &[&str]) -> Result<Vec<u8>, Failure> {
        let patience = Duration::from_secs(self.options.timeout);
        let output = process::run(&mut self.command(arguments), patience);
        // The argument of `bulk` is a temporary file, which says nothing.
        let named = if arguments.first() == Some(&"bulk") { 2 } else { 3 };
        let doing =
            format!("`wrangler kv {}`", arguments.iter().take(named).copied().collect::<Vec<_>>().join(" "));
        let sentence = match output {
            Ok(output) if output.status.success() => return Ok(output.stdout),
            Ok(output) => {
                let said = words::of(output.status, &output.stderr, &output.stdout);
                format!("{doing} failed: {said}")
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                format!("cannot run `{}`: there is no such program", self.program.display())
            }
            Err(error) if error.kind() == io::ErrorKind::FileTooLarge => {
                format!("{doing} printed more than {} MiB and was stopped", process::MOST / (1024 * 1024))
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => format!("{doing} was interrupted"),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => format!(
                "{doing} was stopped: it took longer than {} seconds (`--timeout`)",
                self.options.timeout
            ),
            Err(error) => format!("cannot run `{}`: {}", self.program.display(), system::sentence(&error)),
        };
        Err(Failure::Wrangler(sentence))
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let WranglerOptions { env, local, persist_to, binding, config, .. } = &self.options;
        let mut command = Command::new(&self.program);
        command.arg("kv").args(arguments);
        // Joined with `=`, a value can never be taken for an option.
        command
            .arg(format!("--binding={binding}"))
            .arg(format!("--env={}", env.as_deref().unwrap_or_default()));
        command.arg(if *local { "--local" } else { "--remote" });
        if let Some(folder) = persist_to {
            command.arg(format!("--persist-to={folder}"));
        }
        if let Some(config) = config {
            command.arg(format!("--config={config}"));
        }
        // wrangler is a script for Node.js. Its project may have a newer Node.js beside it than the system has.
        if let Some(path) = self.path() {
            command.env("PATH", path);
        }
        // wrangler does not need the gateway's token.
        command.env("NO_COLOR", "1").env("WRANGLER_HIDE_BANNER", "true").env_remove(TOKEN);
        command
    }

    fn path(&self) -> Option<OsString> {
        let beside = self.program.parent().filter(|folder| !folder.as_os_str().is_empty())?;
        let others = env::var_os("PATH").unwrap_or_default();
        env::join_paths(std::iter::once(beside.to_path_buf()).chain(env::split_paths(&others))).ok()
    }
}

fn of_project() -> Option<PathBuf> {
    let folder = env::current_dir().ok()?;
    folder.ancestors().map(|folder| folder.join("node_modules/.bin")).find_map(|folder| program_in(&folder))
}

/// The files that mark a directory as a project. Their author decides which program is run.
const MARKS: [&str; 4] = ["package.json", "wrangler.toml", "wrangler.json", "wrangler.jsonc"];

/// Whether a program belongs to the project around the working directory, and not to a directory further up, which may
/// be somebody else's.
fn is_own(program: &Path) -> bool {
    let Ok(folder) = env::current_dir() else { return false };
    let project = folder.ancestors().find(|folder| MARKS.iter().any(|mark| folder.join(mark).is_file()));
    project.is_some_and(|project| program.parent() == Some(&*project.join("node_modules/.bin")))
}

fn on_path() -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).find_map(|folder| program_in(&folder))
}

fn program_in(folder: &Path) -> Option<PathBuf> {
    let names: &[&str] = if cfg!(windows) { &["wrangler.cmd", "wrangler.exe"] } else { &["wrangler"] };
    names.iter().map(|name| folder.join(OsStr::new(name))).find(|program| program.is_file())
}
