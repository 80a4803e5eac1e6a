//! Replays every seed without a fuzzer: inputs that once broke a rule, and those that are most likely to.

use std::fs;
use std::path::Path;

const FUZZ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz");

/// Checks each seed of a target, and names the one that breaks a rule.
fn replay(target: &str, holds: fn(&[u8])) {
    let folder = Path::new(FUZZ).join("seeds").join(target);
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
            replay(stringify!($target), corsgate_invariants::$target::holds);
        })+

        /// A target whose seeds nobody replays would be forgotten.
        #[test]
        fn every_target_is_replayed() {
            let folder = Path::new(FUZZ).join("fuzz_targets");
            let files = fs::read_dir(folder).expect("the targets");
            let mut names: Vec<_> = files
                .map(|file| file.expect("a file").path().file_stem().expect("a name").to_owned())
                .collect();
            names.sort();
            assert_eq!(names, [$(stringify!($target)),+]);
        }
    };
}

targets! { check decide filter header_list list origin path policy set }

/// A seed with a mistake in its policy would check nothing.
#[test]
fn every_seed_of_a_decision_is_a_case() {
    let folder = Path::new(FUZZ).join("seeds/decide");
    for file in fs::read_dir(folder).expect("the seeds") {
        let path = file.expect("a file").path();
        let input = fs::read(&path).expect("a seed");
        assert!(corsgate_invariants::decide::case_of(&input).is_some(), "{}", path.display());
    }
}
