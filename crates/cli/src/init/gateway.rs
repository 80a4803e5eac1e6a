//! The clone of this project that the Worker is built in.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;

/// The folder of a clone.
#[derive(Clone, Debug)]
pub(crate) struct GatewayClone(PathBuf);

impl GatewayClone {
    /// Finds the clone: the one that is named, the one around the new files or the working directory, or the one that
    /// this tool was built in.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn find(named: Option<&Path>, out: &Path) -> Result<Self, Failure> {
        if let Some(named) = named {
            return Self::at(named).ok_or_else(|| {
                Failure::usage(format!(
                    "`{}` is not a clone of corsgate: name the folder that has its `wrangler.toml` and `package.json`",
                    named.display()
                ))
            });
        }
        let around = [absolute(out), absolute(Path::new("."))];
        let around = around.iter().flat_map(|folder| folder.ancestors()).find_map(Self::at);
        let built = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).and_then(Self::at);
        around.or(built).ok_or_else(|| {
            Failure::usage(
                "say where the clone of corsgate is, which the Worker is built in: `--gateway DIR`",
            )
        })
    }

    fn at(folder: &Path) -> Option<Self> {
        let manifest = fs::read(folder.join("package.json")).ok()?;
        let manifest: serde_json::Value = serde_json::from_slice(&manifest).ok()?;
        let is_one = manifest.get("name").and_then(|name| name.as_str()) == Some("corsgate");
        (is_one && folder.join("wrangler.toml").is_file()).then(|| Self(absolute(folder)))
    }

    /// Its path.
    pub(crate) fn path(&self) -> String {
        self.0.to_string_lossy().into_owned()
    }

    /// The path of its wrangler.
    pub(crate) fn wrangler(&self) -> String {
        self.0.join("node_modules/.bin/wrangler").to_string_lossy().into_owned()
    }

    /// The path from a folder to it.
    pub(crate) fn seen_from(&self, folder: &Path) -> String {
        let from = absolute(folder);
        let (mut from, mut to) = (from.components().peekable(), self.0.components().peekable());
        if from.peek() != to.peek() {
            // Another drive.
            return self.path();
        }
        while from.peek().is_some() && from.peek() == to.peek() {
            from.next();
            to.next();
        }
        let up = from.map(|_| Component::ParentDir);
        let path: PathBuf = up.chain(to).collect();
        match path.as_os_str().is_empty() {
            true => ".".to_owned(),
            false => path.to_string_lossy().replace('\\', "/"),
        }
    }
}

/// The absolute path of a folder that may not be there yet, without links in the part that is.
pub(crate) fn absolute(folder: &Path) -> PathBuf {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    for known in folder.ancestors() {
        if let Ok(real) = fs::canonicalize(known) {
            return match folder.strip_prefix(known) {
                Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
                _ => real,
            };
        }
    }
    folder
}
