//! Writes the files of a project: all of them, or none.

use std::fs;
use std::path::{Path, PathBuf};

use crate::failure::Failure;
use crate::interruption;
use crate::replace;

/// A file to write: its name and its text.
pub(crate) type New = (&'static str, String);

/// Checks that no file is in the way.
///
/// # Errors
/// When one is there; the error names all.
pub(crate) fn require_free<'n>(
    folder: &Path,
    names: impl IntoIterator<Item = &'n str>,
) -> Result<(), Failure> {
    let known = |name: &&str| folder.join(name).symlink_metadata().is_ok();
    let known: Vec<_> = names.into_iter().filter(known).map(|name| text(&folder.join(name))).collect();
    if known.is_empty() { Ok(()) } else { Err(Failure::InTheWay(known)) }
}

/// Writes the files, and makes the folder if it is not there. After an error, everything is as before.
///
/// # Errors
/// When a file cannot be written.
pub(crate) fn write(folder: &Path, files: &[New]) -> Result<Vec<String>, Failure> {
    // An interruption waits until the files are there.
    let _held = interruption::hold();
    let made: Vec<_> = folder
        .ancestors()
        .filter(|folder| !folder.as_os_str().is_empty() && folder.symlink_metadata().is_err())
        .map(Path::to_owned)
        .collect();
    let written = fs::create_dir_all(folder)
        .map_err(|error| Failure::Folder { folder: text(folder), error })
        .and_then(|()| write_all(folder, files));
    if written.is_err() {
        // The innermost first. One that cannot be removed is not empty, or was never made.
        made.iter().for_each(|folder| drop(fs::remove_dir(folder)));
    }
    written
}

fn write_all(folder: &Path, files: &[New]) -> Result<Vec<String>, Failure> {
    let named = |name: &str| text(&folder.join(name));
    let prepared: Vec<_> =
        files.iter().map(|(name, text)| replace::prepare(&named(name), text)).collect::<Result<_, _>>()?;
    let mut before: Vec<(PathBuf, Option<Vec<u8>>)> = Vec::new();
    for ((name, _), prepared) in files.iter().zip(prepared) {
        let path = folder.join(name);
        let old = fs::read(&path).ok();
        if let Err(failure) = prepared.replace() {
            for (path, old) in before {
                // What cannot be undone is all that is left to do.
                let _undone = match old {
                    Some(old) => fs::write(&path, old),
                    None => fs::remove_file(&path),
                };
            }
            return Err(failure);
        }
        before.push((path, old));
    }
    Ok(files.iter().map(|(name, _)| named(name)).collect())
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
