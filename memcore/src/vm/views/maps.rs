//! One line of `/proc/PID/maps` for an area.
//!
//! ```text
//! 00400000-00410000 r-xp 00002000 00:00 7                                  /bin/sh
//! address-address   perms offset  dev   inode                              name
//! ```
//!
//! The columns are Linux' (`fs/proc/task_mmu.c`): addresses and offset of at least eight hexadecimal digits, `s` or
//! `p` for shared or private, the name from column 74 on. A machine has one device, 00:00; a file's number, from 1,
//! stands for its inode. Anonymous memory has inode and offset 0, be it private; shared, it is shown as Linux does
//! it, as a deleted file of `/dev/zero`.

use crate::vm::space::{Area, AreaKind};
use core::fmt::{self, Write};

/// The name begins behind so many characters.
const NAME_COLUMN: usize = 73;

/// Counts what is written, so that a name can be put into its column.
struct Counted<'a, W: Write> {
    inner: &'a mut W,
    written: usize,
}

impl<W: Write> Write for Counted<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.written += text.len();
        self.inner.write_str(text)
    }
}

/// Writes the line of an area, without an end of line. `file_name` is shown for an area of a file.
///
/// ```
/// use memcore::vm::{Area, AreaName, Protection, map_line};
/// let area = Area::anonymous(0x7ffd_e000_0000, 0x7ffd_e002_1000, Protection::READ | Protection::WRITE);
/// let mut line = String::new();
/// map_line(&mut line, &Area { name: AreaName::Stack, ..area }, None)?;
/// assert_eq!(line, "7ffde0000000-7ffde0021000 rw-p 00000000 00:00 0                          [stack]");
/// # Ok::<(), std::fmt::Error>(())
/// ```
pub fn map_line(out: &mut impl Write, area: &Area, file_name: Option<&str>) -> fmt::Result {
    let (offset, inode, name) = match area.kind {
        AreaKind::AnonymousPrivate => (0, 0, area.name.label()),
        AreaKind::File { file, .. } => {
            (area.offset, u64::from(file) + 1, file_name.unwrap_or(area.name.label()))
        }
        AreaKind::SharedAnonymous { object } => (area.offset, u64::from(object) + 1, "/dev/zero (deleted)"),
    };
    let sharing = if area.kind.is_shared() { 's' } else { 'p' };
    let mut out = Counted { inner: out, written: 0 };
    let (start, end, protection) = (area.start, area.end, area.protection);
    write!(out, "{start:08x}-{end:08x} {protection}{sharing} {offset:08x} 00:00 {inode} ")?;
    if !name.is_empty() {
        let gap = NAME_COLUMN.saturating_sub(out.written);
        write!(out, "{:gap$}{name}", "")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::Protection;
    use std_alloc::string::String;

    fn line(area: &Area, file_name: Option<&str>) -> String {
        let mut line = String::new();
        map_line(&mut line, area, file_name).unwrap();
        line
    }

    #[test]
    fn lines_as_linux_writes_them() {
        // The columns of lines observed in /proc/self/maps, with this machine's device and inodes.
        let mut area = Area::anonymous(0x5583_6af6_8000, 0x5583_6af6_a000, Protection::READ);
        assert_eq!(line(&area, None), "55836af68000-55836af6a000 r--p 00000000 00:00 0 ");
        (area.kind, area.offset) = (AreaKind::File { file: 6, shared: false, writable_file: false }, 0x2000);
        assert_eq!(
            line(&area, Some("/usr/bin/cat")),
            "55836af68000-55836af6a000 r--p 00002000 00:00 7                          /usr/bin/cat"
        );
        area.kind = AreaKind::SharedAnonymous { object: 0 };
        (area.start, area.end, area.protection) = (0x1000, 0x2000, Protection::READ | Protection::WRITE);
        assert_eq!(
            line(&area, None),
            "00001000-00002000 rw-s 00002000 00:00 1                                  /dev/zero (deleted)"
        );
    }
}
