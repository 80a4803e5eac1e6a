//! `corsgate list filter`.

use std::io::{BufRead, BufReader, Read as _};

use clap::Args;
use corsgate_policy::kv::origin_key;
use corsgate_policy::origin::entry::{ListPatterns, parse_line};
use corsgate_policy::origin::filter::hash_of;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::input::{self, InputError};
use crate::lists::form::MOST_BYTES;
use crate::lists::key::is_host;
use crate::lists::keys::filter::{filter_key, too_long, value_of};
use crate::lists::require_name;
use crate::output::diagnostics;
use crate::output::human::plural;
use crate::replace;

/// The longest line, in bytes. A key has up to 512.
const LONGEST_LINE: usize = 4096;

/// Write the filter of a list with `kv_keys`: gateways answer most strangers from it, without reading a key
///
/// The file has a line for each key of the list: an origin, or `HOST/ORIGIN` with `scope = "host"`; `#` begins a comment, and
/// `expires=` may follow an origin. A filter has about nine bits for each key, so that 23 million fit into a value of KV.
///
/// Put it under `origin-filter/NAME` before the keys that are new: gateways with a filter refuse an origin that it does not
/// know, whatever keys there are. `corsgate list publish --filter` does both, for lists of up to 10,000 origins.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub(super) struct Arguments {
    /// The name of the list in KV
    #[arg(value_name = "NAME")]
    name: String,
    /// The keys; `-` for standard input
    #[arg(value_name = "FILE")]
    keys: String,
    /// The file to write; one that exists is replaced
    #[arg(long, short, value_name = "FILE")]
    out: String,
}

const EXAMPLE: &str = "\
Exit codes:
  0   written
  1   a file could not be read, used or written, or the filter is longer than a value in KV may be
  2   wrong usage

Example:
  corsgate list filter tenants tenants.txt -o tenants.filter
  # put it in force, before the keys:
  # npx wrangler kv key put --binding POLICY --remote origin-filter/tenants --path tenants.filter";

pub(super) fn run(arguments: &Arguments) -> Result<Exit, Failure> {
    let Arguments { name, keys, out } = arguments;
    require_name(name)?;
    replace::require_other(&[keys], out)?;
    let hashes = hashes(name, keys)?;
    let count = hashes.len();
    if count == 0 {
        let why = "it has no keys, so its filter would refuse every origin";
        return Err(InputError::unusable(input::name(keys), why).into());
    }
    let filter = value_of(name, hashes)?;
    replace::prepare(out, &filter)?.replace()?;
    diagnostics::note(&format!(
        "wrote `{out}`: the filter of {} in {} bytes, for `{}`",
        plural(count, "key"),
        filter.len(),
        filter_key(name)
    ));
    Ok(Exit::Fine)
}

/// The hashes of the keys in a file, which may be far longer than the memory.
fn hashes(name: &str, file: &str) -> Result<Vec<u64>, Failure> {
    let mut reader = BufReader::new(input::open(file)?);
    let (mut hashes, mut line, mut number) = (Vec::new(), Vec::new(), 0_u64);
    loop {
        line.clear();
        number += 1;
        let read = reader.by_ref().take(LONGEST_LINE as u64).read_until(b'\n', &mut line);
        input::read_through(file, read.as_ref().map(drop).map_err(|error| error.kind().into()))?;
        if number == 1 {
            input::refuse_utf16(file, &line)?;
        }
        if line.is_empty() {
            return Ok(hashes);
        }
        hashes.extend(hash_in(name, &line).map_err(|why| {
            InputError::unusable(input::name(file), format!("line {number} is no key of a list: {why}"))
        })?);
        // A key takes more than a byte.
        if hashes.len() > MOST_BYTES {
            return Err(too_long(hashes.len()));
        }
    }
}

/// The hash of the key in a line, if it has one.
fn hash_in(name: &str, line: &[u8]) -> Result<Option<u64>, String> {
    let text = std::str::from_utf8(line).map_err(|_invalid| "it is not UTF-8 text".to_owned())?;
    if line.len() >= LONGEST_LINE {
        return Err(format!("it has more than {LONGEST_LINE} bytes"));
    }
    let text = text.trim_start_matches('\u{feff}').trim_ascii();
    let (host, text) = match text.split_once('/') {
        Some((host, origin)) if is_host(host) => (Some(host), origin),
        _ => (None, text),
    };
    let entry = parse_line(text, ListPatterns::Exact).map_err(|error| error.to_string())?;
    Ok(entry.map(|entry| hash_of(&origin_key(name, host, entry.pattern.as_str()))))
}
