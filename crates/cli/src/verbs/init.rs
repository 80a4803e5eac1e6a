//! `corsgate init`.

use std::path::PathBuf;

use clap::Args;
use corsgate_authoring::presets::Preset;
use corsgate_authoring::{check, compile};
use corsgate_import::{Carried, Kind, Target, carry, written};

use crate::asking::can_ask;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::init::answers::{ApiUrl, Credentials, PageOrigin, PublicHost, parse_preset};
use crate::init::development::with_development;
use crate::init::files::{self, New};
use crate::init::gateway::Gateway;
use crate::init::manifest::manifest;
use crate::init::next::{self, Made};
use crate::init::project::{self, CASES, IGNORED, IGNORED_FILES, MANIFEST, PAGES, POLICY, WRANGLER};
use crate::init::questions::Draft;
use crate::init::wrangler_toml::wrangler_toml;
use crate::output::imported::{self, ImportFormat, Imported};
use crate::output::{diagnostics, results};
use crate::sources::read_all;
use crate::verbs::import::{ImportMode, parse_kind};

/// Begin a project: a policy, its test cases, a list and a wrangler.toml, from four questions
///
/// Asks at the terminal for what no option answers. What is written passes `corsgate check --deny warnings` and
/// `corsgate test`, and can be deployed. All files are written or none, and nothing that exists is replaced without `--force`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(crate) struct Arguments {
    /// Where the API is: an `https` URL, or `zone` for the server behind the public host
    #[arg(long, value_name = "URL", value_parser = ApiUrl::parse)]
    upstream: Option<ApiUrl>,
    /// The public host of the API
    #[arg(long, value_name = "NAME", value_parser = PublicHost::parse)]
    host: Option<PublicHost>,
    /// An origin whose pages may use the API, a pattern, or `*`; can be repeated
    #[arg(long = "origin", value_name = "ORIGIN", value_parser = PageOrigin::parse, conflicts_with = "from")]
    origins: Vec<PageOrigin>,
    /// How pages say who their user is
    #[arg(long, value_enum, value_name = "HOW", conflicts_with = "from")]
    credentials: Option<Credentials>,
    /// A protocol that the API speaks, by its preset, such as mcp; can be repeated
    #[arg(long = "preset", value_name = "NAME", value_parser = parse_preset, conflicts_with = "from")]
    presets: Vec<&'static Preset>,
    /// The CORS configuration of another program, instead of the last two questions: files and folders, as for `import`
    #[arg(long, value_name = "FILE", num_args = 1..)]
    from: Vec<String>,
    /// What the files of `--from` are, if their content does not tell
    #[arg(long, value_name = "KIND", value_parser = parse_kind, requires = "from")]
    kind: Option<Kind>,
    /// Whether the routes of `--from` enforce the policy, or only report what it would reject [default: report]
    #[arg(long, value_enum, requires = "from")]
    mode: Option<ImportMode>,
    /// The folder to write to
    #[arg(long, value_name = "DIR", default_value = ".")]
    out: PathBuf,
    /// The clone of corsgate that the Worker is built in, instead of the one around DIR, that of this tool, or the npm package
    #[arg(long, value_name = "DIR")]
    gateway: Option<PathBuf>,
    /// Replace files that exist
    #[arg(long)]
    force: bool,
}

const EXAMPLE: &str = "\
Exit codes:
  0   written
  1   a file is in the way, or could not be read or written
  2   wrong usage, or there is no terminal to ask at
  10  the input ended before the last answer; or, with `--from`, the report names what was not carried over
  11  what was imported has warnings: `corsgate import` writes it nevertheless

Example:
  corsgate init
  corsgate init --upstream zone --host api.example.com --origin https://app.example.com --credentials tokens
  corsgate init --preset mcp --out gateway
  corsgate init --from server.js --host api.example.com --upstream https://origin.example.net";

/// Runs the verb.
pub(crate) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let out = arguments.out.as_path();
    let gateway = Gateway::find(arguments.gateway.as_deref(), out)?;
    let is_import = !arguments.from.is_empty();
    if !arguments.force {
        let list = (!is_import).then_some(PAGES);
        files::require_free(out, [POLICY, CASES, WRANGLER].into_iter().chain(list))?;
    }
    let draft = Draft {
        upstream: arguments.upstream.clone(),
        host: arguments.host.clone(),
        origins: arguments.origins.clone(),
        credentials: arguments.credentials,
        presets: arguments.presets.clone(),
        is_import,
    };
    draft.require_sound()?;
    // What cannot be read is said before anything is asked.
    let import = if is_import { Some(read_all(&arguments.from, arguments.kind)?) } else { None };
    let missing = draft.missing();
    if !missing.is_empty() && !can_ask() {
        return Err(Failure::usage(format!("there is no terminal to ask at: add {}", missing.join(", "))));
    }
    let Some(draft) = draft.complete() else {
        diagnostics::note("nothing was written");
        return Ok(Exit::Different);
    };
    let answers = draft.answers();
    let mut exit = Exit::Fine;
    let mut report = None;
    let mut has_development = true;
    let mut new: Vec<New> = match import {
        None => project::files(&answers)?,
        Some((reading, names)) => {
            let mut carried = carry(&reading.rules, &reading.holes)?;
            let target = Target {
                hosts: vec![answers.host.0.clone()],
                upstream: Some(answers.upstream.0.clone()),
                mode: arguments.mode.unwrap_or_default().into(),
            };
            let files = if carried.routes.is_empty() { Vec::new() } else { imported(&mut carried, &target)? };
            let developed = with_development(&answers, &files);
            has_development = developed.is_some();
            let files = developed.unwrap_or(files);
            exit = if carried.is_complete() { Exit::Fine } else { Exit::Different };
            report = Some((carried, target, names));
            files
        }
    };
    let has_manifest = matches!(gateway, Gateway::Package) && !out.join(MANIFEST).exists();
    let wrote = if new.is_empty() {
        Vec::new()
    } else {
        new.push((WRANGLER, wrangler_toml(&answers.host, &answers.upstream, &gateway, out)));
        if has_manifest {
            new.push((MANIFEST, manifest(has_development)));
        }
        if out.join(IGNORED).symlink_metadata().is_err() {
            new.push((IGNORED, IGNORED_FILES.to_owned()));
        }
        files::write(out, &new)?
    };
    if let Some((carried, target, names)) = &report {
        let report = Imported { sources: names, carried, target, wrote: &wrote };
        imported::write(ImportFormat::Human, &report)?;
    }
    if wrote.is_empty() {
        diagnostics::note("nothing was written");
        return Ok(exit);
    }
    let names: Vec<_> = wrote.iter().map(|name| format!("`{name}`")).collect();
    diagnostics::note(&format!("wrote {}", names.join(", ")));
    let has_list = new.iter().any(|(name, _)| *name == PAGES);
    let made = Made { out, has_development, has_list, has_manifest };
    results::write_text(&next::commands(&made, &gateway))?;
    Ok(exit)
}

/// What is imported, if `check --deny warnings` passes it.
fn imported(carried: &mut Carried, target: &Target) -> Result<Vec<New>, Failure> {
    let mut texts = written(carried, target)?;
    carried.findings.append(&mut texts.findings);
    let source = project::source(POLICY, texts.policy.clone())?;
    let checked = check(&source, None, crate::system::today());
    if project::first(&checked.report).is_some() || compile(&source, None).is_err() {
        diagnostics::findings(&checked.report, &source);
        diagnostics::problem(
            "the imported policy has warnings, so nothing was written: `corsgate import` writes it for you to mend",
        );
        return Err(Failure::Findings);
    }
    let files = vec![(POLICY, texts.policy), (CASES, texts.cases)];
    project::require_passing(&files)?;
    Ok(files)
}
