//! Replaces files atomically: readers see the old content or the new one, even if writing fails.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::failure::Failure;

/// A temporary file with the new content, not yet moved to its place.
#[derive(Debug)]
pub(crate) struct Prepared {
    name: String,
    place: PathBuf,
    file: NamedTempFile,
}

/// # Errors
/// When a file is to be written where one is read, by whatever path: what it had would be lost.
pub(crate) fn require_other(read: &[&str], written: &str) -> Result<(), Failure> {
    let place = fs::canonicalize(written).ok();
    let is_same = |file: &&&str| place.is_some() && fs::canonicalize(file).ok() == place;
    match read.iter().find(is_same) {
        Some(file) => Err(Failure::usage(format!(
            "`{written}` would replace `{file}`, which this reads: name another file to write"
        ))),
        None => Ok(()),
    }
}

/// Writes the new content of a file to a temporary file beside it, so that most errors occur before anything is replaced.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn prepare(file: &str, content: impl AsRef<[u8]>) -> Result<Prepared, Failure> {
    let prepared = || -> io::Result<Prepared> {
        // Elsewhere it is standard input or output, and a file of this name is not what anyone means.
        if file == "-" {
            return Err(io::Error::other("this option takes a file, not standard output"));
        }
        // If the path is a symbolic link, replace its target, not the link.
        let place = match fs::canonicalize(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => PathBuf::from(file),
            other => other?,
        };
        let folder = place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let known = fs::metadata(&place).ok();
        if known.as_ref().is_some_and(|known| !known.is_file()) {
            return Err(io::Error::other("it is not a regular file"));
        }
        if known.as_ref().is_some_and(|known| known.permissions().readonly()) {
            return Err(io::Error::other("it is read-only"));
        }
        let mut new = tempfile::Builder::new().prefix(".corsgate-").tempfile_in(folder)?;
        new.write_all(content.as_ref())?;
        match known {
            Some(known) => new.as_file().set_permissions(known.permissions())?,
            None => readable(new.as_file())?,
        }
        new.as_file().sync_all()?;
        Ok(Prepared { name: file.to_owned(), place, file: new })
    };
    prepared().map_err(|error| failed(file, error))
}

impl Prepared {
    /// Moves the temporary file to its place.
    ///
    /// # Errors
    /// When the file cannot be replaced.
    pub(crate) fn replace(self) -> Result<(), Failure> {
        self.file.persist(&self.place).map_err(|error| failed(&self.name, error.error))?;
        Ok(())
    }
}

/// Temporary files can only be read by their owner; the final file keeps the usual permissions.
#[cfg(unix)]
fn readable(file: &fs::File) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    file.set_permissions(fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_file: &fs::File) -> io::Result<()> {
    Ok(())
}

fn failed(file: &str, error: io::Error) -> Failure {
    Failure::Replace { file: file.to_owned(), error }
}
