//! Figures and targets as text.

use super::measure::Cost;
use super::reference::Size;

/// One style of crate.
pub(super) struct Row {
    pub(super) style: &'static str,
    pub(super) size: Size,
    /// Check and release build.
    pub(super) costs: [Cost; 2],
}

impl Row {
    fn peak_bytes(&self) -> u64 {
        self.costs.iter().map(|cost| cost.peak_bytes).max().unwrap_or_default()
    }

    fn millis(&self, cost: Cost) -> f64 {
        cost.cpu_seconds * 1e3 / number(self.size.operations.max(1))
    }
}

/// A target and whether it is met.
#[derive(Debug, PartialEq)]
pub(super) struct Verdict {
    text: String,
    pub(super) met: bool,
    /// It holds on any machine.
    pub(super) portable: bool,
}

/// How many times less than serde's derives, at least.
const RATIO: f64 = 5.0;
/// Milliseconds per operation, at most: check, release build.
const MILLIS: [f64; 2] = [20.0, 30.0];
/// Memory of the compiler, at most.
const PEAK_BYTES: u64 = 1_000_000_000;

/// Both styles, one line each, and how they compare.
pub(super) fn table(rows @ [ours, theirs]: &[Row; 2]) -> String {
    let head = [
        "style",
        "operations",
        "types",
        "lines",
        "check CPU s",
        "ms/op",
        "release CPU s",
        "ms/op",
        "peak MB",
        "rmeta MB",
        "rlib MB",
    ];
    let mut lines = vec![head.map(str::to_owned)];
    lines.extend(rows.iter().map(line));
    let [[our_check, our_release], [their_check, their_release]] = [ours.costs, theirs.costs];
    let sizes = |ours: u64, theirs: u64| times(theirs as f64 / ours as f64);
    lines.push([
        "reference / ours".to_owned(),
        String::new(),
        String::new(),
        times(number(theirs.size.lines) / number(ours.size.lines)),
        times(their_check.cpu_seconds / our_check.cpu_seconds),
        String::new(),
        times(their_release.cpu_seconds / our_release.cpu_seconds),
        String::new(),
        sizes(ours.peak_bytes(), theirs.peak_bytes()),
        sizes(our_check.output_bytes, their_check.output_bytes),
        sizes(our_release.output_bytes, their_release.output_bytes),
    ]);
    let width = |column: usize| lines.iter().filter_map(|line| line.get(column)).map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for line in &lines {
        let cells = line.iter().enumerate().map(|(column, cell)| match column {
            0 => format!("{cell:width$}", width = width(column)),
            _ => format!("{cell:>width$}", width = width(column)),
        });
        text.push_str(&format!("\n{}", cells.collect::<Vec<_>>().join("  ")));
    }
    text
}

fn line(row: &Row) -> [String; 11] {
    let [check, release] = row.costs;
    [
        row.style.to_owned(),
        row.size.operations.to_string(),
        row.size.types.to_string(),
        row.size.lines.to_string(),
        format!("{:.2}", check.cpu_seconds),
        format!("{:.1}", row.millis(check)),
        format!("{:.2}", release.cpu_seconds),
        format!("{:.1}", row.millis(release)),
        megabytes(row.peak_bytes()),
        format!("{:.1}", check.output_bytes as f64 / 1e6),
        format!("{:.1}", release.output_bytes as f64 / 1e6),
    ]
}

/// The targets of the generated style, with what was measured.
pub(super) fn verdicts([ours, theirs]: &[Row; 2]) -> Vec<Verdict> {
    let mut verdicts = Vec::new();
    for (index, step) in ["check", "release build"].into_iter().enumerate() {
        let (Some(cost), Some(reference), Some(most)) =
            (ours.costs.get(index), theirs.costs.get(index), MILLIS.get(index))
        else {
            continue;
        };
        let (millis, ratio) = (ours.millis(*cost), reference.cpu_seconds / cost.cpu_seconds);
        verdicts.push(Verdict {
            text: format!("{step} at least {RATIO} times less CPU time than serde's derives: {ratio:.1} times"),
            met: ratio >= RATIO,
            portable: true,
        });
        verdicts.push(Verdict {
            text: format!("{step} under {most} ms per operation: {millis:.1} ms"),
            met: millis < *most,
            portable: false,
        });
    }
    verdicts.push(Verdict {
        text: format!("compiler memory under {} MB: {} MB", megabytes(PEAK_BYTES), megabytes(ours.peak_bytes())),
        met: ours.peak_bytes() < PEAK_BYTES,
        portable: false,
    });
    verdicts
}

/// One line for each target.
pub(super) fn list(verdicts: &[Verdict]) -> String {
    let line = |Verdict { text, met, portable }: &Verdict| {
        let word = if *met { "met   " } else { "MISSED" };
        let note = if *portable { "" } else { " (depends on the machine)" };
        format!("{word} {text}{note}\n")
    };
    format!("\ntargets\n{}", verdicts.iter().map(line).collect::<String>().trim_end())
}

/// Megabytes without a fraction.
pub(super) fn megabytes(bytes: u64) -> String {
    (bytes / 1_000_000).to_string()
}

fn times(ratio: f64) -> String {
    format!("{ratio:.1}x")
}

fn number(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::{Cost, Row, Size, list, table, verdicts};

    fn row(style: &'static str, check: f64, release: f64, peak_bytes: u64) -> Row {
        let cost = |cpu_seconds| Cost { cpu_seconds, peak_bytes, output_bytes: peak_bytes / 10 };
        let size = Size { operations: 100, types: 250, lines: 20_000 };
        Row { style, size, costs: [cost(check), cost(release)] }
    }

    #[test]
    fn the_table_and_the_targets_say_everything() {
        let rows = [row("generated", 1.0, 2.9, 500_000_000), row("serde derives", 6.0, 14.0, 2_000_000_000)];
        insta::assert_snapshot!(format!("{}\n{}", table(&rows), list(&verdicts(&rows))));
    }

    #[test]
    fn each_target_can_be_missed() {
        let met = |ours: Row| -> Vec<bool> {
            let rows = [ours, row("serde derives", 10.0, 15.0, 1)];
            verdicts(&rows).iter().map(|verdict| verdict.met).collect()
        };
        assert_eq!(met(row("", 1.99, 2.99, 999_999_999)), [true; 5]);
        assert_eq!(met(row("", 2.01, 2.99, 1)), [false, false, true, true, true]);
        assert_eq!(met(row("", 1.0, 3.01, 1)), [true, true, false, false, true]);
        assert_eq!(met(row("", 1.0, 1.0, 1_000_000_000)), [true, true, true, true, false]);
    }
}
