//! What a program prints: the end of it is kept, the rest is read and forgotten.

/// How much of each output is kept.
pub(crate) const KEPT: usize = 64 << 10;

/// The end of an output.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    bytes: Vec<u8>,
    truncated: bool,
}

impl Tail {
    /// Takes more output.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        // Moving the kept part down once for as much new output keeps this linear.
        if self.bytes.len() >= 2 * KEPT {
            self.cut();
        }
    }

    /// Returns the end of the output; a line that lost its beginning is left out.
    pub(crate) fn text(&self) -> String {
        let excess = self.bytes.len().saturating_sub(KEPT);
        let mut kept = &self.bytes[excess..];
        if self.is_truncated() {
            let line = kept.iter().position(|&byte| byte == b'\n').map_or(kept.len(), |at| at + 1);
            kept = &kept[line..];
        }
        String::from_utf8_lossy(kept).into_owned()
    }

    /// Tells whether something was forgotten.
    pub(crate) const fn is_truncated(&self) -> bool {
        self.truncated || self.bytes.len() > KEPT
    }

    fn cut(&mut self) {
        self.bytes.drain(..self.bytes.len() - KEPT);
        self.truncated = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_is_kept() {
        let mut tail = Tail::default();
        tail.push(b"one\ntwo\n");
        assert_eq!(tail.text(), "one\ntwo\n");
        assert!(!tail.is_truncated());
        for _ in 0..100_000 {
            tail.push(b"noise\n");
        }
        tail.push(b"code=7");
        let text = tail.text();
        assert!(text.starts_with("noise\n") && text.ends_with("noise\ncode=7"));
        assert!(text.len() <= KEPT && tail.is_truncated());
        assert!(tail.bytes.capacity() <= 4 * KEPT);
    }

    #[test]
    fn a_line_without_beginning_is_no_line() {
        let mut tail = Tail::default();
        tail.push(&vec![b'x'; 3 * KEPT]);
        assert_eq!(tail.text(), "");
    }
}
