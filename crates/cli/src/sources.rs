//! Finding and reading what `corsgate import` imports: files, and folders that are searched.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use corsgate_authoring::{MAX_SOURCE, Source};
use corsgate_import::{
    About, Around, Class, Kind, Part, Place, Reading, Remark, Said, is_configuration_in_files, plain, read,
    read_files,
};

use crate::failure::Failure;
use crate::input::{self, InputError};

/// Reads all files, and the names of those that are about CORS.
///
/// # Errors
/// When a file or a folder cannot be read.
pub(crate) fn read_all(files: &[String], from: Option<Kind>) -> Result<(Reading, Vec<String>), Failure> {
    let found = found(files)?;
    let is_alone = found.len() == 1;
    let mut parts = Vec::new();
    // Files that may include each other are read when all are known.
    let mut later = Vec::new();
    for (number, file) in found.iter().enumerate() {
        let mut part = Part::default();
        match load(file)? {
            Err(unusable) => part.reading = unusable,
            Ok(source) if is_configuration_in_files(&source, from) => later.push((number, source)),
            Ok(source) => {
                part.reading = read(&source, from);
                finish(&mut part.reading, file, &source);
            }
        }
        parts.push(part);
    }
    let sources: Vec<_> = later.iter().map(|(_, source)| source).collect();
    let around = Searched::new(files);
    let mut included = HashSet::new();
    for ((number, _), own) in later.iter().zip(read_files(&sources, &around, is_alone)) {
        included.extend(own.included.iter().map(|(path, _)| path.clone()));
        if let Some(part) = parts.get_mut(*number) {
            *part = own;
        }
    }
    let is_included = |file: &File| included.contains(&plain(&file.name));
    for (number, source) in &later {
        if let (Some(part), Some(file)) = (parts.get_mut(*number), found.get(*number)) {
            let is_part = is_included(file) || part.included.iter().any(|(_, names_cors)| *names_cors);
            if !is_part {
                finish(&mut part.reading, file, source);
            }
        }
    }
    let mut reading = Reading::default();
    let mut names: Vec<String> = Vec::new();
    for (file, part) in found.iter().zip(parts) {
        // A file that another one includes has no say of its own, whatever it was taken for.
        let is_about_cors = !part.reading.rules.is_empty() || !part.reading.holes.is_empty();
        if !is_about_cors || is_included(file) {
            continue;
        }
        let own = input::name(&file.name).to_owned();
        let others = part.included.into_iter().filter(|(_, names_cors)| *names_cors).map(|(path, _)| path);
        for name in core::iter::once(own).chain(others) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        reading.rules.extend(part.reading.rules);
        reading.holes.extend(part.reading.holes);
    }
    if reading.rules.is_empty() && reading.holes.is_empty() {
        let place = Place::whole(input::name(files.first().map_or("", String::as_str)));
        reading.holes.push(hole("no CORS configuration was found", &place));
    }
    Ok((reading, names))
}

/// A file to read.
struct File {
    name: String,
    /// It was found in a folder, so that nobody says that it has CORS.
    is_found: bool,
}

/// The most files that a search reads.
const MOST_FILES: usize = 20_000;

fn found(names: &[String]) -> Result<Vec<File>, Failure> {
    if names.iter().filter(|file| *file == "-").count() > 1 {
        return Err(Failure::usage("only one of the files can be `-` (standard input)"));
    }
    let mut files = Vec::new();
    for name in names {
        match Path::new(name).is_dir() {
            true => search(Path::new(name), &mut files)?,
            false => files.push(File { name: name.clone(), is_found: false }),
        }
    }
    Ok(files)
}

/// Folders of what others wrote, or of what is built.
const SKIPPED: [&str; 6] = ["node_modules", "target", "dist", "build", "vendor", "__pycache__"];

/// Where Debian has a file for each site, called after it: the second has links to those of the first that are in use.
const AVAILABLE: &str = "sites-available";
const ENABLED: &str = "sites-enabled";

/// Finds the files of a folder, in the order of their names. Links are not followed, except for those of sites.
fn search(folder: &Path, files: &mut Vec<File>) -> Result<(), Failure> {
    let within = Searched::new(&[folder.to_string_lossy().into_owned()]);
    let mut open = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = open.pop() {
        let unreadable = |error: std::io::Error| {
            InputError::unusable(&folder.to_string_lossy(), format!("the folder cannot be read: {error}"))
        };
        let is_called = |name: &str| folder.file_name().is_some_and(|own| own == name);
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let (name, kind) = (entry.file_name(), entry.file_type().map_err(unreadable)?);
            let name = name.to_string_lossy();
            let is_site = (is_called(ENABLED) || is_called(AVAILABLE)) && !name.starts_with('.');
            let is_linked = || kind.is_symlink() && is_called(ENABLED) && within.is_file(&entry.path());
            if kind.is_dir() && !name.starts_with('.') && !SKIPPED.contains(&&*name) {
                // The sites that are not in use, beside those that are.
                if name != AVAILABLE || !folder.join(ENABLED).is_dir() {
                    open.push(entry.path());
                }
            } else if kind.is_file() && (is_site || Kind::may_be_in(&name)) || is_linked() {
                found.push(entry.path().to_string_lossy().into_owned());
            }
            if found.len() > MOST_FILES {
                let sentence = format!("more than {MOST_FILES} files: name the ones with CORS");
                return Err(InputError::unusable(&folder.to_string_lossy(), sentence).into());
            }
        }
    }
    found.sort();
    files.extend(found.into_iter().map(|name| File { name, is_found: true }));
    Ok(())
}

/// What an `include` may lead to: the files that were named, and all in the folders that were.
struct Searched {
    folders: Vec<PathBuf>,
    files: HashSet<String>,
}

impl Searched {
    fn new(names: &[String]) -> Self {
        let (folders, files): (Vec<_>, Vec<_>) = names.iter().partition(|name| Path::new(name).is_dir());
        let folders = folders.into_iter().filter_map(|folder| fs::canonicalize(folder).ok()).collect();
        let files = files.into_iter().filter(|file| *file != "-").map(|file| plain(file)).collect();
        Self { folders, files }
    }

    /// Whether a path leads into one of the folders, behind all links.
    fn has(&self, path: &Path) -> bool {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        fs::canonicalize(path).is_ok_and(|path| self.folders.iter().any(|folder| path.starts_with(folder)))
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file() && self.has(path)
    }
}

impl Around for Searched {
    fn folder(&self, path: &str) -> Option<Vec<String>> {
        let folder = Path::new(if path.is_empty() { "." } else { path });
        if !self.has(folder) {
            return None;
        }
        let names = fs::read_dir(folder).ok()?.map(|entry| {
            let entry = entry.ok()?;
            Some(entry.file_name().to_string_lossy().into_owned())
        });
        names.collect()
    }

    fn file(&self, path: &str) -> Option<Result<Source, String>> {
        let file = Path::new(path);
        if !self.files.contains(path) && !self.is_file(file) {
            // What a link outside of the folders says is unknown; all else there is none of it.
            let is_in = file.parent().is_some_and(|folder| self.has(folder));
            let leads_out = file.is_symlink() && is_in && !self.has(file);
            return leads_out.then(|| Err(format!("`{path}` is a link to nothing in the folder")));
        }
        let bytes = match input::read_bytes(path, MAX_SOURCE) {
            Ok(bytes) => bytes,
            Err(error) => return Some(Err(error.to_string())),
        };
        Some(Source::from_bytes(path, bytes).map_err(|error| error.to_string()))
    }
}

/// Loads a file. What is no text, or too long, is a hole like any other.
fn load(file: &File) -> Result<Result<Source, Reading>, Failure> {
    let name = input::name(&file.name);
    let unusable = |sentence: String| {
        let holes = vec![hole(&sentence, &Place::whole(name))];
        Reading { rules: Vec::new(), holes: if file.is_found { Vec::new() } else { holes } }
    };
    let bytes = match input::read_bytes(&file.name, MAX_SOURCE) {
        Ok(bytes) => bytes,
        Err(error) if file.is_found => return Ok(Err(unusable(error.to_string()))),
        Err(error) => return Err(error.into()),
    };
    if bytes.len() > MAX_SOURCE {
        return Ok(Err(unusable(format!(
            "the file is longer than {} MiB, and is not read",
            MAX_SOURCE / (1024 * 1024)
        ))));
    }
    Ok(Source::from_bytes(name, bytes).map_err(|error| unusable(error.to_string())))
}

fn finish(reading: &mut Reading, file: &File, source: &Source) {
    if !file.is_found && reading.rules.is_empty() && reading.holes.is_empty() {
        let place = Place::whole(input::name(&file.name));
        reading.holes.push(hole("no CORS configuration was found here", &place));
    }
    // A script that has nothing to do with CORS may be of a dialect that is not read.
    let text = source.text().to_ascii_lowercase();
    let is_about_cors = text.contains("cors") || text.contains("access-control-allow-");
    if file.is_found && reading.rules.is_empty() && !is_about_cors {
        reading.holes.clear();
    }
}

fn hole(message: &str, place: &Place) -> Said<Remark> {
    let remark = Remark {
        class: Class::Unreadable,
        about: About::File,
        message: message.to_owned(),
        advice: None,
        closes: None,
    };
    Said::new(remark, place)
}
