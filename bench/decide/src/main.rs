//! Measures one decision natively: `decide` beside the `CorsLayer` of tower-http, in one process, in turns.
//!
//! `corsgate-bench-decide [--svg FILE]` prints one line of JSON for each subject, size of the list and outcome of the
//! request, and draws how the times grow.

mod corsgate;
mod origins;
mod plot;
mod stopwatch;
mod tower;

use crate::stopwatch::{Case, compare};

/// The sizes of the allowlist.
const SIZES: [usize; 4] = [10, 1_000, 100_000, 1_000_000];

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let lists = SIZES.map(|size| (size, origins::listed(size)));
    let mut sides = Vec::new();
    for (size, listed) in &lists {
        eprintln!("an allowlist of {size} …");
        sides.push((*size, origins::clients(listed), corsgate::policy(listed)?, tower::layers(listed)?));
    }
    let strangers = origins::strangers();
    let mut subjects = Vec::new();
    for (size, clients, policy, layers) in &sides {
        for (outcome, clients) in [("allowed", clients), ("rejected", &strangers)] {
            let case = Case { size: *size, outcome, clients: clients.len() };
            subjects.push(corsgate::decide(case, policy, clients));
            subjects.push(corsgate::write_headers(case, policy, clients));
            subjects.extend(layers.iter().map(|layer| layer.subject(case, clients)));
        }
    }
    eprintln!("{} subjects in turns …", subjects.len());
    let figures = compare(&mut subjects);
    for figure in &figures {
        println!("{}", figure.to_json());
    }
    if let (Some("--svg"), Some(file)) = (std::env::args().nth(1).as_deref(), std::env::args().nth(2)) {
        plot::draw(&figures, file.as_ref())?;
    }
    Ok(())
}
