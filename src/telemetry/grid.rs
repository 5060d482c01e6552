//! Counters of one name by two labels, found by their place.
//!
//! Promises: to count is one atomic addition; nothing is locked, formatted or allocated after a counter's first time.

use metrics::{Counter, counter};
use std::sync::OnceLock;

/// The counters of one name; `R` values of the first label, `C` of the second.
pub struct Grid<const R: usize, const C: usize> {
    name: &'static str,
    labels: (&'static str, &'static str),
    rows: [&'static str; R],
    columns: [&'static str; C],
    cells: [[OnceLock<Counter>; C]; R],
}

impl<const R: usize, const C: usize> Grid<R, C> {
    /// The counters `name{labels.0 = one of rows, labels.1 = one of columns}`.
    pub const fn new(
        name: &'static str,
        labels: (&'static str, &'static str),
        rows: [&'static str; R],
        columns: [&'static str; C],
    ) -> Self {
        let cells = [const { [const { OnceLock::new() }; C] }; R];
        Self { name, labels, rows, columns, cells }
    }

    /// The place of a value of the first label; the last place where it has none.
    pub fn row(&self, value: &str) -> usize {
        self.rows.iter().position(|known| *known == value).unwrap_or(R.saturating_sub(1))
    }

    /// The place of a value of the second label; the last place where it has none.
    pub fn column(&self, value: &str) -> usize {
        self.columns.iter().position(|known| *known == value).unwrap_or(C.saturating_sub(1))
    }

    /// Counts one more.
    pub fn count(&self, row: usize, column: usize) {
        self.add(row, column, 1);
    }

    /// Shows the counters of these rows from the start, as 0, so that their first event is seen as a change.
    pub fn show(&self, rows: std::ops::Range<usize>) {
        rows.flat_map(|row| (0..C).map(move |column| (row, column)))
            .for_each(|(row, column)| self.add(row, column, 0));
    }

    fn add(&self, row: usize, column: usize, number: u64) {
        let cell = self.cells.get(row).and_then(|cells| cells.get(column));
        let (Some(cell), Some(first), Some(second)) = (cell, self.rows.get(row), self.columns.get(column))
        else {
            return;
        };
        let (name, labels) = (self.name, self.labels);
        cell.get_or_init(|| counter!(name, labels.0 => *first, labels.1 => *second)).increment(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_has_the_last_place() {
        let grid = Grid::new("n", ("a", "b"), ["x", "y", "other"], ["u", "v"]);
        assert_eq!((grid.row("y"), grid.row("z"), grid.column("u"), grid.column("z")), (1, 2, 0, 1));
        grid.count(7, 7);
    }
}
