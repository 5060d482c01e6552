//! The figures with the machine that they were seen on, as a table or as JSON.

use std::fmt::Write as _;
use std::fs;
use std::process::Command;

use serde_json::json;

/// What the figures depend on.
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    kernel: String,
    rustc: String,
}

impl Machine {
    pub(crate) fn read() -> Self {
        let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = info.lines().find_map(|line| line.strip_prefix("model name")?.split(": ").nth(1));
        let rustc = Command::new("rustc").arg("-V").output().map(|output| output.stdout).unwrap_or_default();
        Self {
            cpu: model.unwrap_or("unknown").trim().to_owned(),
            cores: std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default().trim().to_owned(),
            rustc: String::from_utf8_lossy(&rustc).trim().to_owned(),
        }
    }
}

struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    goal: Option<(&'static str, f64)>,
}

impl Figure {
    fn is_met(&self) -> Option<bool> {
        self.goal
            .map(|(relation, limit)| if relation == "<=" { self.value <= limit } else { self.value >= limit })
    }
}

/// All figures of one call.
pub(crate) struct Report {
    machine: Machine,
    figures: Vec<Figure>,
    notes: Vec<String>,
}

impl Report {
    pub(crate) fn new(machine: Machine) -> Self {
        Self { machine, figures: Vec::new(), notes: Vec::new() }
    }

    /// Adds a figure; a goal is `("<=", limit)` or `(">=", limit)`.
    pub(crate) fn add(
        &mut self,
        name: impl Into<String>,
        value: f64,
        unit: &'static str,
        goal: Option<(&'static str, f64)>,
    ) {
        self.figures.push(Figure { name: name.into(), value, unit, goal });
    }

    pub(crate) fn note(&mut self, note: String) {
        self.notes.push(note);
    }

    /// Markdown, as the README has it.
    pub(crate) fn table(&self) -> String {
        let Machine { cpu, cores, kernel, rustc } = &self.machine;
        let mut page = format!(
            "{cpu}, {cores} cores, Linux {kernel}, {rustc}\n\n| figure | median | goal | |\n| --- | ---: | --- | --- |\n"
        );
        for figure in &self.figures {
            let goal = figure.goal.map_or(String::new(), |(relation, limit)| format!("{relation} {limit}"));
            let met = figure.is_met().map_or("", |met| if met { "met" } else { "missed" });
            let value = if figure.value >= 1000.0 {
                format!("{:.0}", figure.value)
            } else {
                format!("{:.2}", figure.value)
            };
            // Writing into a string cannot fail.
            writeln!(page, "| {} | {value} {} | {goal} | {met} |", figure.name, figure.unit).ok();
        }
        for note in &self.notes {
            writeln!(page, "\n{note}").ok();
        }
        page
    }

    pub(crate) fn json(&self) -> String {
        let figures = self.figures.iter().map(|figure| {
            let goal = figure.goal.map(|(relation, limit)| json!({"relation": relation, "limit": limit}));
            json!({"name": figure.name, "value": figure.value, "unit": figure.unit, "goal": goal, "met": figure.is_met()})
        });
        let Machine { cpu, cores, kernel, rustc } = &self.machine;
        json!({
            "machine": {"cpu": cpu, "cores": cores, "kernel": kernel, "rustc": rustc},
            "figures": figures.collect::<Vec<_>>(),
            "notes": self.notes,
        })
        .to_string()
    }
}

/// The middle of the figures; the mean of the two middle ones when their number is even.
pub(crate) fn median(figures: &[f64]) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    let upper = sorted.get(middle).copied().unwrap_or(f64::NAN);
    if sorted.len() % 2 == 1 {
        upper
    } else {
        sorted.get(middle.wrapping_sub(1)).map_or(upper, |lower| (lower + upper) / 2.0)
    }
}

/// The figure below which this many of a hundred are.
pub(crate) fn at_percent(figures: &[f64], percent: usize) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() * percent / 100).copied().unwrap_or(f64::NAN)
}
