//! A layout as a drawing.

use super::Layout;
use core::fmt;

/// What is free.
const FREE: &str = "(free)";

/// The layout as a drawing, the highest address first.
///
/// ```
/// use memcore::vm::{Layout, LayoutConfig};
/// // 64 pages of 16 bytes.
/// let layout = Layout::new(&LayoutConfig::for_space(1024, 16), 1024, 16)?;
/// let drawing = layout.to_string();
/// assert_eq!(drawing, "\
/// 0x400 +----------------------+
///       | stack, grows down    |
/// 0x3e0 +----------------------+
///       | (free)               |
/// 0x3c0 +----------------------+
///       | mappings, downwards  |
///       | heap, grows up       |
/// 0x040 +----------------------+
///       | bss                  |
/// 0x030 +----------------------+
///       | data                 |
/// 0x020 +----------------------+
///       | text                 |
/// 0x010 +----------------------+
///       | (free)               |
/// 0x000 +----------------------+
/// ");
/// # Ok::<(), memcore::vm::VmError>(())
/// ```
impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Where each part begins; it reaches up to where the next one does.
        let mut parts = [
            (0, FREE),
            (self.text.start, if self.text.is_empty() { "" } else { "text" }),
            (self.data.start, if self.data.is_empty() { "" } else { "data" }),
            (self.bss.start, if self.bss.is_empty() { "" } else { "bss" }),
            (self.bss.end, if self.bss.end == self.brk_start { "" } else { FREE }),
            (self.brk_start, "heap, grows up"),
            (self.mmap_base, if self.top_down { FREE } else { "mappings, upwards" }),
            (self.stack_low, "stack, grows down"),
            (self.stack_top, FREE),
            (self.high, ""),
        ];
        // Of those that begin at the same place the last one counts.
        parts.sort_by_key(|&(start, _)| start);
        let width = 2 + (16 - self.high.leading_zeros() as usize / 4);
        let mut above = self.high;
        let line = |f: &mut fmt::Formatter<'_>, text: &str| writeln!(f, "{:width$} | {text:20} |", "");
        writeln!(f, "{above:#0width$x} +----------------------+")?;
        for &(start, what) in parts.iter().rev() {
            if start >= above || what.is_empty() {
                continue;
            }
            if self.top_down && above == self.mmap_base {
                line(f, "mappings, downwards")?;
            }
            line(f, what)?;
            writeln!(f, "{start:#0width$x} +----------------------+")?;
            above = start;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std_alloc::string::ToString;

    #[test]
    fn a_flat_space_is_all_mappings() {
        let expected = "\
0x80 +----------------------+
     | mappings, upwards    |
0x00 +----------------------+
";
        assert_eq!(Layout::flat(128, 16).to_string(), expected);
    }
}
