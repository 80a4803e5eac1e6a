//! What one decision costs, natively: `decide` beside the `CorsLayer` of tower-http, in one process, in turns.
//!
//! `corsgate-bench-decide [--svg FILE]` prints one line of JSON for each subject, size of the list and fate of
//! the request, and draws how the times grow.

mod corsgate;
mod origins;
mod plot;
mod stopwatch;
mod tower;

use crate::stopwatch::{Figure, compare};

/// The sizes of the allowlist.
const SIZES: [usize; 4] = [10, 1_000, 100_000, 1_000_000];

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let mut figures: Vec<Figure> = Vec::new();
    for size in SIZES {
        eprintln!("an allowlist of {size} …");
        let listed = origins::listed(size);
        let policy = corsgate::policy(&listed)?;
        let layers = tower::layers(&listed)?;
        for (fate, clients) in [("allowed", origins::clients(&listed)), ("rejected", origins::strangers())] {
            let mut subjects = vec![corsgate::decide(&policy, &clients), corsgate::stamp(&policy, &clients)];
            subjects.extend(layers.iter().map(|layer| layer.subject(&clients)));
            figures.extend(compare(size, fate, &mut subjects));
        }
    }
    for figure in &figures {
        println!("{}", figure.to_json());
    }
    if let (Some("--svg"), Some(file)) = (std::env::args().nth(1).as_deref(), std::env::args().nth(2)) {
        plot::draw(&figures, file.as_ref())?;
    }
    Ok(())
}
