//! The policies that a command line names: where each is read from, and how it becomes comparable.

use corsgate_authoring::{Calendar, Checked, MAX_COMPILED, Report, Source, check_compiled, compile};
use corsgate_compare::Side;
use corsgate_policy::policy::document::Document;
use corsgate_policy::{Policy, ReadError};

use crate::failure::{Failure, UsageError};
use crate::input::{self, InputError};
use crate::output::changes::Compared;
use crate::output::diagnostics;
use crate::output::human::summary;
use crate::policy_store::{Key, PolicyStore};
use crate::wrangler;

/// Where a policy comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A file, or `-` for standard input: a policy, perhaps with the name of an environment, or a compiled policy.
    File { file: String, environment: Option<String> },
    /// A published policy: `kv:`, `kv:previous`, `kv:<id>`.
    Kv(Key),
}

/// A policy, ready to be compared.
#[derive(Debug)]
pub(crate) struct Loaded {
    /// The name of the policy in messages.
    pub(crate) name: String,
    /// The bytes it was read from.
    pub(crate) bytes: Vec<u8>,
    pub(crate) side: Side,
}

impl Loaded {
    /// As one side of a comparison.
    pub(crate) fn compared(&self) -> Compared<'_> {
        Compared { name: &self.name, id: &self.side.document().id, bytes: &self.bytes }
    }
}

impl Origin {
    /// Reads `FILE`, `FILE@ENVIRONMENT` or `kv:…`. If a file with the whole name exists, or the text after the `@`
    /// cannot be the name of an environment, the argument is the name of a file.
    ///
    /// # Errors
    /// When the text after `kv:` is neither `previous` nor an id.
    pub(crate) fn of(argument: &str) -> Result<Self, UsageError> {
        if let Some(key) = argument.strip_prefix("kv:") {
            let parsed = match key {
                "" | "current" => Some(Key::Current),
                "previous" => Some(Key::Previous),
                id => Key::version(id),
            };
            return parsed.map(Self::Kv).ok_or_else(|| {
                UsageError::new(format!("`{argument}` is not a policy in KV: write `kv:` for the live one, `kv:previous`, or `kv:` and the 16 digits of an id"))
            });
        }
        let is_environment = |name: &str| {
            name.starts_with(|first: char| first.is_ascii_lowercase())
                && name.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
        };
        Ok(match argument.rsplit_once('@') {
            Some((file, environment))
                if is_environment(environment)
                    && !file.is_empty()
                    && !std::path::Path::new(argument).exists() =>
            {
                Self::File { file: file.to_owned(), environment: Some(environment.to_owned()) }
            }
            _ => Self::File { file: argument.to_owned(), environment: None },
        })
    }

    /// Whether the policy is read from standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        matches!(self, Self::File { file, .. } if file == "-")
    }

    /// Whether the policy is read from KV.
    pub(crate) fn is_kv(&self) -> bool {
        matches!(self, Self::Kv(_))
    }

    /// Reads the policy.
    ///
    /// # Errors
    /// When it cannot be read, is not a policy, or has errors; errors are reported first.
    pub(crate) fn load(&self, kv: &wrangler::WranglerOptions) -> Result<Loaded, Failure> {
        match self {
            Self::File { file, environment } => load_file(file, environment.as_deref()),
            Self::Kv(key) => {
                let store = PolicyStore::open(kv)?;
                let bytes = store.find(key)?.ok_or_else(|| {
                    Failure::Kv(format!(
                        "there is no `{key}` in {}: `corsgate history` lists the versions",
                        kv.place()
                    ))
                })?;
                let loaded = read_compiled(&key.to_string(), bytes)?;
                key.require_of(&loaded.side.document().id)?;
                Ok(loaded)
            }
        }
    }
}

fn load_file(file: &str, environment: Option<&str>) -> Result<Loaded, Failure> {
    let bytes = input::read_bytes(file, MAX_COMPILED)?;
    if is_compiled(file, &bytes) {
        if environment.is_some() {
            return Err(environment_of_compiled(file).into());
        }
        return read_compiled(input::name(file), bytes);
    }
    let source = input::source(file, bytes)?;
    let name = match environment {
        Some(environment) => format!("{}@{environment}", input::name(file)),
        None => input::name(file).to_owned(),
    };
    let side = compile_source(&source, environment)?;
    Ok(Loaded { name, bytes: source.text().as_bytes().to_vec(), side })
}

/// Compiles the text of a policy.
///
/// # Errors
/// When the policy has errors, which are reported first, or the gateway would reject the result.
pub(crate) fn compile_source(source: &Source, environment: Option<&str>) -> Result<Side, Failure> {
    let compiled = compile(source, environment).map_err(|report| {
        diagnostics::report(&report, source);
        Failure::Findings
    })?;
    Ok(Side::new(compiled.document).map_err(|error| unusable(source.name(), &error))?)
}

/// Reads a compiled policy; `name` is its name in messages. It is checked by the same rules as its source, and an
/// error rejects it in the same way.
pub(crate) fn read_compiled(name: &str, bytes: Vec<u8>) -> Result<Loaded, Failure> {
    let (document, source, checked) = check_bytes(name, bytes.clone(), None)?;
    if checked.report.has_errors() {
        refuse_compiled(checked.report.without_infos(), &source, "cannot be used:");
        return Err(Failure::Findings);
    }
    let side = Side::new(document).map_err(|error| unusable(name, &error))?;
    Ok(Loaded { name: name.to_owned(), bytes, side })
}

/// The error for an environment beside a compiled policy.
pub(crate) fn environment_of_compiled(file: &str) -> UsageError {
    UsageError::new(format!("`{}` is already compiled, so it cannot take an environment", input::name(file)))
}

/// Reports why a compiled policy is rejected.
pub(crate) fn refuse_compiled(report: Report, source: &Source, verdict: &str) {
    diagnostics::findings(&report, source);
    diagnostics::problem(&summary(&report, source, verdict));
}

/// Checks a compiled policy.
///
/// # Errors
/// When it is too long, or not a compiled policy.
pub(crate) fn check_bytes(
    name: &str,
    bytes: Vec<u8>,
    calendar: impl Into<Calendar>,
) -> Result<(Document, Source, Checked), InputError> {
    if bytes.len() > MAX_COMPILED {
        let mebibytes = MAX_COMPILED / (1024 * 1024);
        let why = format!("a compiled policy has at most {mebibytes} MiB, the limit of KV");
        return Err(InputError::unusable(name, why));
    }
    if let Err(error @ (ReadError::Malformed(_) | ReadError::Version(_))) = Policy::read(&bytes) {
        return Err(unusable(name, &error));
    }
    let source = Source::from_compiled(name, bytes)
        .map_err(|error| unusable(name, &ReadError::Malformed(error.to_string())))?;
    let (document, checked) = check_compiled(&source, calendar).map_err(|error| unusable(name, &error))?;
    Ok((document, source, checked))
}

/// Reads a compiled policy as the gateway does.
///
/// # Errors
/// When the gateway would reject it.
pub(crate) fn document_of(bytes: &[u8]) -> Result<Document, ReadError> {
    Policy::read(bytes)?;
    serde_json::from_slice(bytes).map_err(|error| ReadError::Malformed(error.to_string()))
}

fn unusable(name: &str, error: &ReadError) -> InputError {
    InputError::unusable(name, error.to_string())
}

/// Whether the bytes are a compiled policy: TOML never begins with a brace, and the JSON of a policy always does.
pub(crate) fn is_compiled(file: &str, bytes: &[u8]) -> bool {
    let named = std::path::Path::new(file).extension().is_some_and(|extension| extension == "json");
    named || bytes.trim_ascii_start().starts_with(b"{")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_follows_the_last_at_sign() {
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
                Ok(Origin::File { file: file.to_owned(), environment }),
                "{argument}"
            );
        }
    }
    #[test]
    fn a_published_policy_is_named_after_kv_and_a_colon() {
        let version = Key::version("3f2a9c0d1e5b7a64").unwrap();
        for (argument, key) in [
            ("kv:", Key::Current),
            ("kv:current", Key::Current),
            ("kv:previous", Key::Previous),
            ("kv:3f2a9c0d1e5b7a64", version),
        ] {
            assert_eq!(Origin::of(argument), Ok(Origin::Kv(key)), "{argument}");
        }
        for argument in ["kv:live", "kv:3f2a", "kv:3F2A9C0D1E5B7A64", "kv:../../x", "kv:previous "] {
            assert!(Origin::of(argument).is_err(), "{argument}");
        }
    }
}
