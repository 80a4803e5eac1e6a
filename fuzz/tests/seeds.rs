//! Every seed, replayed without a fuzzer: what once broke something, and what is most likely to.

use std::fs;
use std::path::Path;

/// Hands each seed of a target to what must hold for it, and names the one that breaks it.
fn replay(target: &str, holds: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut replayed = 0;
    for file in files {
        let path = file.unwrap_or_else(|error| panic!("{}: {error}", folder.display())).path();
        let input = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        if std::panic::catch_unwind(|| holds(&input)).is_err() {
            panic!("{} breaks what must hold", path.display());
        }
        replayed += 1;
    }
    assert!(replayed > 0, "{} holds no seeds", folder.display());
}

macro_rules! targets {
    ($($target:ident)+) => {
        $(#[test] fn $target() {
            replay(stringify!($target), corsgate_fuzz::$target::holds);
        })+

        /// A target whose seeds nobody replays would be forgotten.
        #[test]
        fn every_target_is_here() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz_targets");
            let files = fs::read_dir(folder).expect("the targets");
            let mut names: Vec<_> = files
                .map(|file| file.expect("a file").path().file_stem().expect("a name").to_owned())
                .collect();
            names.sort();
            assert_eq!(names, [$(stringify!($target)),+]);
        }
    };
}

targets! { check decide header_list list origin path policy }
