//! Aligned columns of text, and text that cannot steer a terminal.

/// Rows of cells under a heading; the last column is never padded.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
    headings: usize,
    indent: usize,
}

impl Table {
    /// Makes a table with a heading.
    pub(crate) fn new<const N: usize>(heading: [&str; N]) -> Self {
        Self { rows: vec![heading.map(str::to_owned).to_vec()], headings: 1, indent: 0 }
    }

    /// Makes a table without heading.
    pub(crate) fn plain() -> Self {
        Self { rows: Vec::new(), headings: 0, indent: 0 }
    }

    /// Makes a table without heading, indented below something.
    pub(crate) fn indented() -> Self {
        Self { indent: 2, ..Self::plain() }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        self.rows.push(cells.iter().map(|cell| clean(cell)).collect());
    }

    /// Returns the lines.
    pub(crate) fn text(&self) -> String {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let empty = |column: usize| {
            let mut rows = self.rows.iter().skip(self.headings);
            rows.all(|row| row.get(column).is_none_or(String::is_empty))
        };
        // A column in which nothing stands is left out.
        let widths: Vec<_> =
            (0..columns).map(|column| if empty(column) { 0 } else { width(column) }).collect();
        let mut text = String::new();
        for row in &self.rows {
            let mut line = " ".repeat(self.indent);
            for (cell, width) in row.iter().zip(&widths).filter(|(_, width)| **width > 0) {
                line.push_str(cell);
                line.extend(std::iter::repeat_n(' ', width - cell.chars().count() + 2));
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// Replaces characters that would steer a terminal: names come from servers.
pub(crate) fn clean(text: &str) -> String {
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// Tells whether a character is obeyed rather than shown: controls, what turns the direction of
/// writing (`cod.exe` for `exe.doc`), and what ends a line.
fn steers(c: char) -> bool {
    let turns = matches!(c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_replaced() {
        for c in ['\u{1b}', '\n', '\u{9b}', '\u{202e}', '\u{2066}', '\u{200f}', '\u{2028}'] {
            assert_eq!(clean(&format!("a{c}b")), "a\u{fffd}b", "{c:?}");
        }
        assert_eq!(clean("\u{e4} \u{5d0}\u{1f600}"), "\u{e4} \u{5d0}\u{1f600}");
    }

    #[test]
    fn columns_are_aligned_and_lines_end_clean() {
        let mut table = Table::new(["Local", "User", "Remote"]);
        table.row(["S:".into(), String::new(), "ü\u{1b}[2J".into()]);
        table.row(["/mnt/team".into(), String::new(), String::new()]);
        assert_eq!(table.text(), "Local      Remote\nS:         ü\u{fffd}[2J\n/mnt/team\n");
    }
}
