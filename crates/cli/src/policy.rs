//! The policies that a command line names: where each comes from, and how it becomes one that can be compared.

use corsgate_authoring::{MAX_COMPILED, compile};
use corsgate_compare::Side;
use corsgate_policy::document::Document;
use corsgate_policy::{Policy, ReadError};

use crate::exit::Exit;
use crate::input::{self, InputError};
use crate::output::diagnostics;

/// Where a policy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file, or `-` for standard input: the text of a policy, of which an environment may be named, or a compiled one.
    File { file: String, environment: Option<String> },
}

/// A policy, ready to be compared.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// What it is called.
    pub(crate) name: String,
    /// The bytes it was read from.
    pub(crate) bytes: Vec<u8>,
    pub(crate) side: Side,
}

impl Origin {
    /// Reads `FILE` or `FILE@ENVIRONMENT`. A name with an `@` that is no environment's is a file's, and so is one that
    /// is there.
    pub(crate) fn of(argument: &str) -> Self {
        let is_environment = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_lowercase())
                && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
        };
        match argument.rsplit_once('@') {
            Some((file, environment))
                if is_environment(environment)
                    && !file.is_empty()
                    && !std::path::Path::new(argument).exists() =>
            {
                Self::File { file: file.to_owned(), environment: Some(environment.to_owned()) }
            }
            _ => Self::File { file: argument.to_owned(), environment: None },
        }
    }

    /// Whether it is read from standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        let Self::File { file, .. } = self;
        file == "-"
    }

    /// What messages call it.
    pub(crate) fn name(&self) -> String {
        let Self::File { file, environment } = self;
        match environment {
            Some(environment) => format!("{}@{environment}", input::name(file)),
            None => input::name(file).to_owned(),
        }
    }

    /// Reads the policy. What is wrong with one that can be read is said, and gives the exit code.
    ///
    /// # Errors
    /// When it cannot be read, or is no policy at all.
    pub(crate) fn load(&self) -> Result<Result<Loaded, Exit>, InputError> {
        let Self::File { file, environment } = self;
        let bytes = input::read_bytes(file, MAX_COMPILED)?;
        if is_compiled(file, &bytes) {
            if environment.is_some() {
                let sentence =
                    format!("`{}` is compiled: an environment is in it already, or none", input::name(file));
                diagnostics::problem(&sentence);
                return Ok(Err(Exit::Usage));
            }
            return self.read_compiled(bytes);
        }
        let source = input::source(file, bytes)?;
        match compile(&source, environment.as_deref()) {
            Ok(compiled) => {
                let bytes = source.text().as_bytes().to_vec();
                let side = Side::new(compiled.document);
                side.map(|side| Ok(Loaded { name: self.name(), bytes, side }))
                    .map_err(|error| unusable(file, &error))
            }
            Err(report) => {
                diagnostics::report(&report, &source);
                Ok(Err(Exit::Findings))
            }
        }
    }

    fn read_compiled(&self, bytes: Vec<u8>) -> Result<Result<Loaded, Exit>, InputError> {
        let Self::File { file, .. } = self;
        if bytes.len() > MAX_COMPILED {
            let why =
                format!("a compiled policy has at most {} MiB, as KV does", MAX_COMPILED / (1024 * 1024));
            return Err(InputError::unusable(input::name(file), why));
        }
        let document = match Policy::read(&bytes) {
            Ok(_) => serde_json::from_slice::<Document>(&bytes).map_err(|error| {
                InputError::unusable(input::name(file), format!("not a compiled policy: {error}"))
            })?,
            Err(ReadError::Unsafe(problems)) => {
                for problem in &problems {
                    diagnostics::problem(&format!("`{}`: {problem}", input::name(file)));
                }
                return Ok(Err(Exit::Findings));
            }
            Err(error) => return Err(unusable(file, &error)),
        };
        let id = document.id.clone();
        let side = Side::new(document).map_err(|error| unusable(file, &error))?;
        if !id.is_empty() && id != side.document().id {
            diagnostics::note(&format!(
                "`{}` has the id `{id}`, and its content that of `{}`: it was changed after it was compiled",
                input::name(file),
                side.document().id
            ));
        }
        Ok(Ok(Loaded { name: self.name(), bytes, side }))
    }
}

fn unusable(file: &str, error: &ReadError) -> InputError {
    InputError::unusable(input::name(file), error.to_string())
}

/// No TOML begins with a brace, and all JSON of a policy does.
fn is_compiled(file: &str, bytes: &[u8]) -> bool {
    let named = std::path::Path::new(file).extension().is_some_and(|extension| extension == "json");
    named || bytes.trim_ascii_start().starts_with(b"{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_environment_stands_behind_the_last_at() {
        for (argument, file, environment) in [
            ("policy.toml", "policy.toml", None),
            ("policy.toml@staging", "policy.toml", Some("staging")),
            ("a@b.toml@staging", "a@b.toml", Some("staging")),
            ("policy@v2.toml", "policy@v2.toml", None),
            ("-@staging", "-", Some("staging")),
            ("policy.toml@", "policy.toml@", None),
            ("@staging", "@staging", None),
        ] {
            let environment = environment.map(str::to_owned);
            assert_eq!(
                Origin::of(argument),
                Origin::File { file: file.to_owned(), environment },
                "{argument}"
            );
        }
    }
}
