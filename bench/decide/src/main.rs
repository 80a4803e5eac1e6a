//! Measures one decision natively.
//!
//! - `corsgate-bench-decide peers [--svg FILE]`: `decide` beside the `CorsLayer` of tower-http, in one process, in turns,
//!   and a chart of how the times grow;
//! - `corsgate-bench-decide growth`: decisions by policies with many routes, and lookups in long lists;
//! - `corsgate-bench-decide draw FILE`: draws the chart that standard input has as JSON.
//!
//! Figures are printed as lines of JSON, one for each subject, size and outcome of the request.

mod chart;
mod corsgate;
mod growth;
mod origins;
mod plot;
mod stopwatch;
mod tower;

use std::io::stdin;

use crate::chart::Chart;
use crate::stopwatch::{Case, Figure, compare};

/// The sizes of the allowlist.
const SIZES: [usize; 4] = [10, 1_000, 100_000, 1_000_000];

fn main() -> Result<(), Box<dyn core::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["peers"] => print(&beside_peers()?),
        ["peers", "--svg", file] => {
            let figures = beside_peers()?;
            print(&figures);
            plot::chart(&figures).draw(file.as_ref())?;
        }
        ["growth"] => print(&growth::measure()?),
        ["draw", file] => {
            let chart = Chart::from_json(&serde_json::from_reader(stdin())?).ok_or("this is no chart")?;
            chart.draw(file.as_ref())?;
        }
        _ => return Err("usage: corsgate-bench-decide peers [--svg FILE] | growth | draw FILE".into()),
    }
    Ok(())
}

fn print(figures: &[Figure]) {
    for figure in figures {
        println!("{}", figure.to_json());
    }
}

fn beside_peers() -> Result<Vec<Figure>, Box<dyn core::error::Error>> {
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
    Ok(compare(&mut subjects))
}
