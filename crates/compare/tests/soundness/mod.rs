//! The comparison against the decision function: nothing becomes possible without a change that widens and names the
//! route, the reverse comparison mirrors the forward one, and only equal policies have no changes.
#![expect(clippy::expect_used, reason = "tests may fail loudly")]

mod policies;
mod requests;

use std::collections::BTreeSet;

use corsgate_compare::{Change, Direction, Side, Subject, compare};
use proptest::prelude::*;

use policies::pair;
use requests::{Permission, requests};

fn widens(change: &&Change) -> bool {
    change.direction == Direction::Widens
}

/// Kinds and subjects of the changes in one direction; `first` says whether to use the names of the first policy.
fn told(changes: &[Change], direction: Direction, swapped: bool) -> BTreeSet<(String, String)> {
    let told = changes.iter().filter(|change| change.direction == direction);
    told.flat_map(|change| {
        change.subjects.iter().map(|subject| {
            let about = match subject {
                // A renamed route has its new name, which is the old one in the reverse comparison.
                Subject::Route(_) => "a route".to_owned(),
                Subject::Requests(requests) if swapped => format!("{} to {}", requests.now, requests.before),
                Subject::Requests(requests) => format!("{} to {}", requests.before, requests.now),
                Subject::Defaults => "defaults".to_owned(),
                Subject::Policy => "policy".to_owned(),
            };
            (about, change.kind.name().to_owned())
        })
    })
    .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Soundness: for every request that the second policy allows and the first does not, there is a change.
    #[test]
    fn nothing_becomes_possible_without_a_change((before, now) in pair(), asked in requests()) {
        let (before, now) = (Side::new(before).expect("valid"), Side::new(now).expect("valid"));
        let changes = compare(&before, &now);
        for request in &asked {
            let (was, was_route) = Permission::of(before.policy(), request);
            let (is, is_route) = Permission::of(now.policy(), request);
            for (more, kinds) in is.beyond(&was, |name| Permission::has_header(before.policy(), request, name)) {
                let concerns = |change: &&Change| {
                    // A change of another subject does not count.
                    kinds.contains(&change.kind) && (was_route.as_deref().is_some_and(|route| change.concerns(route))
                        || is_route.as_deref().is_some_and(|route| change.concerns(route)))
                };
                prop_assert!(
                    changes.iter().filter(widens).any(|change| concerns(&change)),
                    "{more}: {request:?}\nwas {was:?} of {was_route:?}\nis {is:?} of {is_route:?}\n{changes:#?}\n{before:#?}\n{now:#?}"
                );
            }
        }
    }

    /// What widens in one direction narrows in the other.
    #[test]
    fn the_reverse_comparison_is_the_mirror_image((before, now) in pair()) {
        let (before, now) = (Side::new(before).expect("valid"), Side::new(now).expect("valid"));
        let (there, back) = (compare(&before, &now), compare(&now, &before));
        for (one, other) in [
            (Direction::Widens, Direction::Narrows),
            (Direction::Narrows, Direction::Widens),
            (Direction::Neutral, Direction::Neutral),
        ] {
            prop_assert_eq!(told(&there, one, false), told(&back, other, true), "{:#?}\n{:#?}", there, back);
        }
    }

    /// Equal policies have no changes, and any difference has one.
    #[test]
    fn only_equal_policies_have_no_changes((before, now) in pair()) {
        let (before, now) = (Side::new(before).expect("valid"), Side::new(now).expect("valid"));
        prop_assert!(compare(&before, &before).is_empty());
        for change in compare(&before, &now) {
            // docs/diff.md says in which directions a kind of change can go; it never goes in another.
            let meaning = change.kind.meaning().get(change.direction as usize).copied().unwrap_or_default();
            prop_assert!(!meaning.is_empty(), "{change:#?}");
        }
        let equal = before.document() == now.document();
        prop_assert_eq!(compare(&before, &now).is_empty(), equal, "{:#?}\n{:#?}", before.document(), now.document());
    }
}
