//! Headers of CORS that a program sets in code of its own. What it says is not carried over: each place is a hole.

use crate::model::{Reading, Remark};
use crate::place::{Place, Said};

/// The most places that are named.
const MOST: usize = 20;

/// Whether a text is the name of a header that allows something.
pub(crate) fn is_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.starts_with("access-control-allow-") || name.starts_with("access-control-expose-")
}

/// Names the places that set such headers, once for each block of the program. A block is told apart by its number.
pub(crate) fn name_places(setters: impl Iterator<Item = (usize, Place)>, reading: &mut Reading) {
    let mut blocks = Vec::new();
    for (block, place) in setters {
        if blocks.contains(&block) || blocks.len() == MOST {
            continue;
        }
        blocks.push(block);
        let message = "a header of CORS is set here by code of its own, which is not read".to_owned();
        let advice = Some("Write a route for the requests that it is for.".to_owned());
        let remark = Remark::unread(message, advice);
        reading.holes.push(Said::new(remark, &place));
    }
}
