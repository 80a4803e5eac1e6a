//! A chart of how times grow, on logarithmic axes: a line that climbs grows.

use std::path::Path;

use plotters::prelude::*;
use serde_json::Value;

const SIZE: (u32, u32) = (880, 520);
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 90, 181),
    RGBColor(86, 160, 230),
    RGBColor(220, 50, 32),
    RGBColor(230, 140, 0),
    RGBColor(0, 120, 90),
    RGBColor(150, 90, 170),
    RGBColor(110, 110, 110),
    RGBColor(170, 120, 60),
];

/// What a chart shows.
pub(crate) struct Chart {
    /// What grows from left to right.
    pub(crate) counted: String,
    /// What a time is the time of.
    pub(crate) timed: String,
    /// The least and the greatest time on the axis, in nanoseconds.
    pub(crate) times: (f64, f64),
    pub(crate) lines: Vec<Line>,
}

/// A line of a chart.
pub(crate) struct Line {
    pub(crate) label: String,
    /// Which of the colours it has.
    pub(crate) colour: usize,
    pub(crate) width: u32,
    /// Counts, each with a time in nanoseconds.
    pub(crate) points: Vec<(f64, f64)>,
}

impl Chart {
    /// Reads a chart from JSON, in which members have the names of the fields.
    pub(crate) fn from_json(json: &Value) -> Option<Self> {
        let text = |of: &Value, name: &str| Some(of.get(name)?.as_str()?.to_owned());
        let pair = |of: &Value| Some((of.get(0)?.as_f64()?, of.get(1)?.as_f64()?));
        let line = |line: &Value| {
            Some(Line {
                label: text(line, "label")?,
                colour: usize::try_from(line.get("colour")?.as_u64()?).ok()?,
                width: u32::try_from(line.get("width")?.as_u64()?).ok()?,
                points: line.get("points")?.as_array()?.iter().map(pair).collect::<Option<_>>()?,
            })
        };
        Some(Self {
            counted: text(json, "counted")?,
            timed: text(json, "timed")?,
            times: pair(json.get("times")?)?,
            lines: json.get("lines")?.as_array()?.iter().map(line).collect::<Option<_>>()?,
        })
    }

    /// Draws it into an SVG file.
    pub(crate) fn draw(self, file: &Path) -> Result<(), Box<dyn core::error::Error>> {
        let root = SVGBackend::new(file, SIZE).into_drawing_area();
        root.fill(&WHITE)?;
        let (least, greatest) = self.times;
        let mut chart = ChartBuilder::on(&root)
            .margin(16)
            .x_label_area_size(44)
            .y_label_area_size(70)
            .build_cartesian_2d((8.0..1_300_000.0).log_scale(), (least..greatest).log_scale())?;
        chart
            .configure_mesh()
            .light_line_style(WHITE)
            .x_desc(self.counted)
            .y_desc(self.timed)
            .x_label_formatter(&|size| format!("{size:.0}"))
            .y_label_formatter(&|nanoseconds| duration(*nanoseconds))
            .draw()?;
        for Line { label, colour, width, points } in self.lines {
            let style = COLOURS[colour % COLOURS.len()].stroke_width(width);
            chart
                .draw_series(LineSeries::new(points, style).point_size(width))?
                .label(label)
                .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
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
}

fn duration(nanoseconds: f64) -> String {
    match nanoseconds {
        ..1e3 => format!("{nanoseconds:.0} ns"),
        ..1e6 => format!("{:.0} µs", nanoseconds / 1e3),
        ..1e9 => format!("{:.0} ms", nanoseconds / 1e6),
        _ => format!("{:.0} s", nanoseconds / 1e9),
    }
}
