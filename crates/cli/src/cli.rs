//! The command line.

use clap::{Command, CommandFactory, Parser, Subcommand};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::interruption;
use crate::output::{diagnostics, results};
use crate::verbs::{
    check, compile, completions, dev, diff, explain, export, history, import, init, list, man, presets,
    probe, publish, report, rollback, schema, status, suggest, test, unused,
};

/// Check, compile, test, explain, compare and publish the policies of a corsgate gateway, and show what it refuses
#[derive(Debug, Parser)]
#[command(name = "corsgate", version, after_help = EXAMPLE)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Check(check::Arguments),
    Compile(compile::Arguments),
    Test(test::Arguments),
    Explain(explain::Arguments),
    Dev(dev::Arguments),
    Diff(diff::Arguments),
    Probe(probe::Arguments),
    Publish(publish::Arguments),
    Rollback(rollback::Arguments),
    History(history::Arguments),
    Status(status::Arguments),
    List(list::Arguments),
    Report(report::Arguments),
    Unused(unused::Arguments),
    Suggest(suggest::Arguments),
    Init(init::Arguments),
    Import(import::Arguments),
    Export(export::Arguments),
    Presets(presets::Arguments),
    Schema(schema::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

const EXAMPLE: &str = "\
Example:
  corsgate init
  corsgate check policy.toml
  corsgate test policy.toml policy.test.toml --coverage
  corsgate explain policy.toml --url https://api.example.com/users --origin https://app.example.com
  corsgate compile policy.toml > policy.json
  corsgate diff policy.json policy.toml
  corsgate publish policy.toml --env production --message 'partner.example may read'
  corsgate report --url https://corsgate.example.com --since 6h";

/// Runs the verb.
pub(crate) fn run() -> Exit {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Arguments may contain file names that somebody else chose.
            if error.use_stderr() {
                diagnostics::usage(&error.render().ansi().to_string());
                return Exit::Usage;
            }
            let printed = results::gone_is_fine(error.print());
            return match printed {
                Ok(()) => Exit::Fine,
                Err(failure) => failed(&failure),
            };
        }
    };
    let done = match cli.verb {
        Verb::Check(arguments) => check::run(&arguments),
        Verb::Compile(arguments) => compile::run(&arguments),
        Verb::Test(arguments) => test::run(&arguments),
        Verb::Explain(arguments) => explain::run(&arguments),
        Verb::Dev(arguments) => dev::run(&arguments),
        Verb::Diff(arguments) => diff::run(&arguments),
        Verb::Probe(arguments) => probe::run(&arguments),
        Verb::Publish(arguments) => publish::run(&arguments),
        Verb::Rollback(arguments) => rollback::run(&arguments),
        Verb::History(arguments) => history::run(&arguments),
        Verb::Status(arguments) => status::run(&arguments),
        Verb::List(arguments) => list::run(&arguments),
        Verb::Report(arguments) => report::run(&arguments),
        Verb::Unused(arguments) => unused::run(&arguments),
        Verb::Suggest(arguments) => suggest::run(&arguments),
        Verb::Init(arguments) => init::run(&arguments),
        Verb::Import(arguments) => import::run(&arguments),
        Verb::Export(arguments) => export::run(&arguments),
        Verb::Presets(arguments) => presets::run(&arguments),
        Verb::Schema(arguments) => schema::run(&arguments),
        Verb::Completions(arguments) => completions::run(&arguments),
        Verb::Man(arguments) => man::run(&arguments),
    };
    let exit = done.unwrap_or_else(|failure| failed(&failure));
    interruption::end_as_requested();
    exit
}

fn failed(failure: &Failure) -> Exit {
    diagnostics::failure(failure);
    failure.exit()
}

/// The definition of the command line, for completions and manual pages.
pub(crate) fn command() -> Command {
    Cli::command()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All verbs and their sub-verbs, each with the words that call it.
    fn verbs(command: &Command, before: &str) -> Vec<(String, Command)> {
        let mut all = Vec::new();
        for verb in command.get_subcommands() {
            let name = format!("{before}{}", verb.get_name());
            all.extend(verbs(verb, &format!("{name} ")));
            all.push((name, verb.clone()));
        }
        all
    }

    /// The tool and its verbs, each with the text at the end of its help.
    fn endings() -> Vec<(String, String)> {
        let tool = command();
        let mut all = verbs(&tool, "");
        all.push(("corsgate".to_owned(), tool));
        let end = |command: &Command| command.get_after_help().map(ToString::to_string).unwrap_or_default();
        all.into_iter().map(|(name, command)| (name, end(&command))).collect()
    }

    /// The lines of the example.
    fn example(end: &str) -> Vec<&str> {
        end.rsplit_once("Example:\n").map(|(_, example)| example.lines().collect()).unwrap_or_default()
    }

    /// Splits a line as a shell does, as far as the examples need it: quotes, `>` and `|`.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut is_quoted) = (vec![String::new()], false);
        let own = line.split(" > ").next().and_then(|line| line.split(" | ").next());
        for character in own.unwrap_or_default().chars() {
            match character {
                '\'' => is_quoted = !is_quoted,
                ' ' if !is_quoted => words.push(String::new()),
                _ => words.last_mut().unwrap().push(character),
            }
        }
        words
    }

    #[test]
    fn the_definitions_are_sound() {
        command().debug_assert();
    }

    #[test]
    fn every_help_ends_with_exit_codes_and_an_example() {
        for (name, end) in endings() {
            let lines = example(&end);
            assert!(!lines.is_empty(), "{name}: no example");
            for line in &lines {
                assert!(line.starts_with("  ") && line.len() <= 120, "{name}: {line}");
            }
            if name != "corsgate" {
                assert!(end.starts_with("Exit codes:\n  0   "), "{name}: {end}");
                let begins = format!("  corsgate {name} ");
                assert!(lines.iter().any(|line| line.starts_with(&begins)), "{name}: none of its own");
            }
        }
        // For people who look for more than the list.
        for (name, verb) in verbs(&command(), "") {
            let about = verb.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(!about.is_empty() && about.lines().count() == 1, "{name}: {about}");
        }
    }

    #[test]
    fn every_example_is_a_command_line() {
        for (name, end) in endings() {
            for line in example(&end).into_iter().filter(|line| !line.trim_start().starts_with('#')) {
                let parsed = Cli::try_parse_from(words(line.trim()));
                assert!(parsed.is_ok(), "{name}: {line}: {}", parsed.unwrap_err());
            }
        }
    }
}
