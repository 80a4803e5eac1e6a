//! A chart of how the times grow with the list.

use std::path::Path;

use plotters::prelude::*;

use crate::stopwatch::Figure;

const SIZE: (u32, u32) = (880, 520);
const COLOURS: [RGBColor; 4] =
    [RGBColor(0, 90, 181), RGBColor(86, 160, 230), RGBColor(220, 50, 32), RGBColor(230, 140, 0)];

/// Draws one line for each subject and outcome, on logarithmic axes: a line that climbs grows with the list.
pub(crate) fn draw(figures: &[Figure], file: &Path) -> Result<(), Box<dyn core::error::Error>> {
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d((8.0..1_300_000.0).log_scale(), (10.0..20_000_000.0).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("origins in the allowlist")
        .y_desc("time of one decision")
        .x_label_formatter(&|size| format!("{size:.0}"))
        .y_label_formatter(&|nanoseconds| duration(*nanoseconds))
        .draw()?;
    let mut subjects: Vec<&str> = figures.iter().map(|figure| figure.subject).collect();
    subjects.dedup();
    subjects.truncate(COLOURS.len());
    for (subject, colour) in subjects.into_iter().zip(COLOURS) {
        for (outcome, width) in [("allowed", 3), ("rejected", 1)] {
            let points = figures
                .iter()
                .filter(|figure| figure.subject == subject && figure.outcome == outcome)
                .map(|figure| (figure.size as f64, figure.nanoseconds));
            let style = colour.stroke_width(width);
            chart
                .draw_series(LineSeries::new(points, style).point_size(width))?
                .label(format!("{subject}, {outcome}"))
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
        }
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.9))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    root.present()?;
    Ok(())
}

fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.0} ns"),
        ..1e6 => format!("{:.0} µs", nanoseconds / 1e3),
        _ => format!("{:.0} ms", nanoseconds / 1e6),
    }
}
