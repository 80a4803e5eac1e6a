//! Where a new project has the code of its gateway from.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::failure::Failure;

/// The variable that a launcher in an npm package sets: the project then has the gateway from such a package, too.
const LAUNCHER: &str = "CORSGATE_LAUNCHER";

/// The folder that this tool was built in. What is released was built on a machine that its users do not have.
const BUILT_IN: Option<&str> =
    if option_env!("CORSGATE_RELEASE").is_some() { None } else { Some(env!("CARGO_MANIFEST_DIR")) };

/// Where the code of the gateway is.
#[derive(Clone, Debug)]
pub(crate) enum Gateway {
    /// In a clone of this project, which builds it.
    Clone(GatewayClone),
    /// In the npm package, which has it built.
    Package,
}

impl Gateway {
    /// Finds the clone: the one that is named, the one around the new files or the working directory, or the one that
    /// this tool was built in. Without one, and if the tool itself came with npm, the gateway is that of the npm package.
    ///
    /// # Errors
    /// When what is named is no clone.
    pub(crate) fn find(named: Option<&Path>, out: &Path) -> Result<Self, Failure> {
        if let Some(named) = named {
            return GatewayClone::at(named).map(Self::Clone).ok_or_else(|| {
                Failure::usage(format!(
                    "`{}` is not a clone of corsgate: name the folder that has its `wrangler.toml` and `package.json`",
                    named.display()
                ))
            });
        }
        if std::env::var_os(LAUNCHER).is_some() {
            return Ok(Self::Package);
        }
        let around = [absolute(out), absolute(Path::new("."))];
        let around = around.iter().flat_map(|folder| folder.ancestors()).find_map(GatewayClone::at);
        let built = BUILT_IN.and_then(|crate_folder| Path::new(crate_folder).ancestors().nth(2));
        Ok(around.or_else(|| built.and_then(GatewayClone::at)).map_or(Self::Package, Self::Clone))
    }
}

/// The folder of a clone of this project.
#[derive(Clone, Debug)]
pub(crate) struct GatewayClone(PathBuf);

impl GatewayClone {
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

    /// Its path with slashes on every platform, for files that more than one program reads.
    pub(crate) fn typed_path(&self) -> String {
        match cfg!(windows) {
            true => self.path().replace('\\', "/"),
            false => self.path(),
        }
    }

    /// The path of its wrangler.
    pub(crate) fn wrangler(&self) -> String {
        let program = if cfg!(windows) { "wrangler.cmd" } else { "wrangler" };
        self.0.join("node_modules").join(".bin").join(program).to_string_lossy().into_owned()
    }

    /// The path from a folder to it.
    pub(crate) fn seen_from(&self, folder: &Path) -> String {
        let from = absolute(folder);
        let (mut from, mut to) = (from.components().peekable(), self.0.components().peekable());
        if from.peek() != to.peek() {
            // Another drive.
            return self.typed_path();
        }
        while from.peek().is_some() && from.peek() == to.peek() {
            from.next();
            to.next();
        }
        let up = from.map(|_| Component::ParentDir);
        let path: PathBuf = up.chain(to).collect();
        match path.as_os_str().is_empty() {
            true => ".".to_owned(),
            false if cfg!(windows) => path.to_string_lossy().replace('\\', "/"),
            false => path.to_string_lossy().into_owned(),
        }
    }
}

/// The absolute path of a folder that may not be there yet, without links in the part that is.
pub(crate) fn absolute(folder: &Path) -> PathBuf {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    for known in folder.ancestors() {
        if let Ok(real) = fs::canonicalize(known) {
            let real = typable(real);
            return match folder.strip_prefix(known) {
                Ok(rest) if !rest.as_os_str().is_empty() => real.join(rest),
                _ => real,
            };
        }
    }
    folder
}

/// On Windows, canonical paths begin with `\\?\`, which npm and wrangler do not read.
fn typable(path: PathBuf) -> PathBuf {
    if !cfg!(windows) {
        return path;
    }
    path.to_str().and_then(without_verbatim).map_or(path.clone(), PathBuf::from)
}

/// A path of Windows without its verbatim prefix, if it has one.
fn without_verbatim(path: &str) -> Option<String> {
    let rest = path.strip_prefix(r"\\?\")?;
    match rest.strip_prefix(r"UNC\") {
        Some(share) => Some(format!(r"\\{share}")),
        // A volume without a letter has no other path.
        None if rest.starts_with("Volume{") => None,
        None => Some(rest.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_windows_are_written_as_people_type_them() {
        for (path, typed) in [
            (r"\\?\C:\Users\me\gateway", Some(r"C:\Users\me\gateway")),
            (r"\\?\C:\", Some(r"C:\")),
            (r"\\?\UNC\server\share\gateway", Some(r"\\server\share\gateway")),
            (r"\\?\Volume{b75e2c83-0000-0000-0000-602f00000000}\gateway", None),
            (r"C:\Users\me", None),
            (r"\\server\share", None),
            ("/home/me", None),
        ] {
            assert_eq!(without_verbatim(path).as_deref(), typed, "{path}");
        }
    }
}
