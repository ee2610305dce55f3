//! What has been promised: the commit charge, and what refuses to promise more (overcommitment).
//!
//! A page that may be written privately will need a frame or a slot of swap some day; so will a page of shared
//! anonymous memory. The commit charge counts them when they are mapped, long before they are touched.
//!
//! ```text
//!   0 heuristic   refuse one request of more pages than RAM + swap
//!   1 always      refuse nothing, and count
//!   2 never       committed < limit - (administrator ? 0 : admin reserve) - min(total_vm / 32, user reserve)
//!
//!                 limit = (kbytes set ? kbytes : (RAM - huge pages) * ratio / 100) + swap
//! ```
//!
//! Source: Linux, `Documentation/mm/overcommit-accounting.rst` and the rules of `__vm_enough_memory`.

use super::AreaKind;
use crate::vm::{Protection, Shortage};
use serde::{Deserialize, Serialize};

/// How much may be promised (`vm.overcommit_memory`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OvercommitMode {
    /// 0: refuses only what could not be kept by itself.
    #[default]
    Heuristic,
    /// 1: refuses nothing.
    Always,
    /// 2: never promises more than the commit limit.
    Never,
}

impl OvercommitMode {
    /// The mode of Linux' number; `None` for other numbers than 0, 1 and 2.
    pub fn from_number(number: u32) -> Option<OvercommitMode> {
        Some(match number {
            0 => OvercommitMode::Heuristic,
            1 => OvercommitMode::Always,
            2 => OvercommitMode::Never,
            _ => return None,
        })
    }

    /// Linux' number.
    pub fn number(self) -> u32 {
        self as u32
    }
}

/// How much may be promised, with Linux' parameters and defaults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
pub struct OvercommitConfig {
    /// Which rule holds.
    pub mode: OvercommitMode,
    /// Percent of the RAM that may be promised under [`Never`](OvercommitMode::Never) (`vm.overcommit_ratio`). May
    /// be above 100.
    pub ratio: u32,
    /// Kilobytes in place of the ratio (`vm.overcommit_kbytes`); 0 is as none.
    pub kbytes: Option<u64>,
    /// Kilobytes that are kept for administrators (`vm.admin_reserve_kbytes`).
    pub admin_reserve_kb: u64,
    /// Kilobytes of which each process leaves some for others (`vm.user_reserve_kbytes`).
    pub user_reserve_kb: u64,
}

impl Default for OvercommitConfig {
    fn default() -> Self {
        OvercommitConfig {
            mode: OvercommitMode::Heuristic,
            ratio: 50,
            kbytes: None,
            admin_reserve_kb: 8192,
            user_reserve_kb: 131_072,
        }
    }
}

impl OvercommitConfig {
    /// The commit limit, in pages: what `/proc/meminfo` calls `CommitLimit`. It is computed in every mode and
    /// enforced under [`Never`](OvercommitMode::Never) alone. O(1).
    ///
    /// ```
    /// use memcore::vm::OvercommitConfig;
    /// // 24,684,092 kB of RAM in pages of 4 KiB, no huge pages, no swap.
    /// let limit = OvercommitConfig::default().limit(24_684_092 / 4, 0, 0, 4096);
    /// assert_eq!(limit * 4, 12_342_044);
    /// ```
    pub fn limit(&self, ram_pages: u64, hugetlb_pages: u64, swap_pages: u64, page_size: u64) -> u64 {
        let base = match self.kbytes {
            Some(kbytes) if kbytes > 0 => pages(kbytes, page_size),
            _ => {
                let percent = u128::from(ram_pages.saturating_sub(hugetlb_pages)) * u128::from(self.ratio);
                u64::try_from(percent / 100).unwrap_or(u64::MAX)
            }
        };
        base.saturating_add(swap_pages)
    }
}

/// Whole pages in so many kilobytes.
fn pages(kilobytes: u64, page_size: u64) -> u64 {
    let pages = u128::from(kilobytes) * 1024 / u128::from(page_size.max(1));
    u64::try_from(pages).unwrap_or(u64::MAX)
}

/// What there is to keep promises with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct MemorySize {
    /// Pages of RAM.
    pub ram_pages: u64,
    /// Of them, pages set aside in the pools of huge pages.
    pub hugetlb_pages: u64,
    /// Pages of swap.
    pub swap_pages: u64,
    /// Bytes in a page.
    pub page_size: u64,
}

/// The commit charge of a machine: pages promised to all its processes (`Committed_AS`).
///
/// ```
/// use memcore::vm::{Commit, MemorySize, OvercommitConfig, OvercommitMode};
/// let memory = MemorySize { ram_pages: 100, swap_pages: 20, page_size: 4096, ..Default::default() };
/// let mut config = OvercommitConfig::default();
/// let mut commit = Commit::default();
/// assert!(commit.check(&config, 121, 0, false, &memory).is_err());
/// assert!(commit.check(&config, 120, 0, false, &memory).is_ok());
/// commit.charge(60);
/// // 50 + 20 pages may be promised, and the sum must stay below that.
/// (config.mode, config.admin_reserve_kb) = (OvercommitMode::Never, 0);
/// assert!(commit.check(&config, 9, 0, false, &memory).is_ok());
/// assert!(commit.check(&config, 10, 0, false, &memory).is_err());
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Commit {
    committed: u64,
}

impl Commit {
    /// Pages that are promised.
    pub fn committed(&self) -> u64 {
        self.committed
    }

    /// Whether `request_pages` more may be promised to a process whose areas have `total_vm_pages` pages already.
    /// Charges nothing. O(1).
    ///
    /// # Errors
    /// [`Shortage::Commit`].
    pub fn check(
        &self,
        config: &OvercommitConfig,
        request_pages: u64,
        total_vm_pages: u64,
        is_admin: bool,
        memory: &MemorySize,
    ) -> Result<(), Shortage> {
        let allowed = match config.mode {
            OvercommitMode::Always => true,
            OvercommitMode::Heuristic => request_pages <= memory.ram_pages.saturating_add(memory.swap_pages),
            OvercommitMode::Never => {
                let MemorySize { ram_pages, hugetlb_pages, swap_pages, page_size } = *memory;
                let admin = if is_admin { 0 } else { pages(config.admin_reserve_kb, page_size) };
                let others = (total_vm_pages / 32).min(pages(config.user_reserve_kb, page_size));
                let limit = config.limit(ram_pages, hugetlb_pages, swap_pages, page_size);
                self.committed.saturating_add(request_pages)
                    < limit.saturating_sub(admin).saturating_sub(others)
            }
        };
        if allowed { Ok(()) } else { Err(Shortage::Commit) }
    }

    /// Promises so many pages more.
    pub fn charge(&mut self, pages: u64) {
        self.committed = self.committed.saturating_add(pages);
    }

    /// Takes back the promise of so many pages.
    pub fn uncharge(&mut self, pages: u64) {
        self.committed = self.committed.saturating_sub(pages);
    }
}

/// Whether memory of this kind and protection is charged when it is mapped: private and writable, or shared and
/// anonymous whatever its protection. Where the mapper waives the charge (`MAP_NORESERVE`) it is not, but under
/// [`Never`](OvercommitMode::Never) that is ignored. Huge pages from a pool are never charged: ask this of other
/// areas only.
///
/// ```
/// use memcore::vm::{AreaKind, OvercommitMode, Protection, is_accounted};
/// let (kind, write) = (AreaKind::AnonymousPrivate, Protection::READ | Protection::WRITE);
/// assert!(is_accounted(kind, write, false, OvercommitMode::Heuristic));
/// assert!(!is_accounted(kind, write, true, OvercommitMode::Heuristic));
/// assert!(is_accounted(kind, write, true, OvercommitMode::Never));
/// assert!(!is_accounted(kind, Protection::READ, false, OvercommitMode::Never));
/// ```
pub fn is_accounted(kind: AreaKind, protection: Protection, noreserve: bool, mode: OvercommitMode) -> bool {
    if noreserve && mode != OvercommitMode::Never {
        return false;
    }
    match kind {
        AreaKind::SharedAnonymous { .. } => true,
        AreaKind::File { shared: true, .. } => false,
        AreaKind::AnonymousPrivate | AreaKind::File { shared: false, .. } => {
            protection.contains(Protection::WRITE)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 1 GiB of RAM and 256 MiB of swap, in pages of 4 KiB.
    const MEMORY: MemorySize =
        MemorySize { ram_pages: 262_144, hugetlb_pages: 0, swap_pages: 65_536, page_size: 4096 };

    fn never() -> OvercommitConfig {
        OvercommitConfig { mode: OvercommitMode::Never, ..Default::default() }
    }

    /// The most pages that one request may ask for, by bisection.
    fn most(commit: &Commit, config: &OvercommitConfig, total_vm: u64, is_admin: bool) -> u64 {
        let (mut fits, mut fails) = (0, 1 << 40);
        while fails - fits > 1 {
            let middle = (fits + fails) / 2;
            match commit.check(config, middle, total_vm, is_admin, &MEMORY) {
                Ok(()) => fits = middle,
                Err(_) => fails = middle,
            }
        }
        fits
    }

    #[test]
    fn limit_as_observed() {
        // 24,684,092 kB at 50 % and no swap.
        assert_eq!(OvercommitConfig::default().limit(6_171_023, 0, 0, 4096), 3_085_511);
        assert_eq!(3_085_511 * 4, 12_342_044);
    }

    #[test]
    fn limit_by_its_parts() {
        let mut config = OvercommitConfig::default();
        assert_eq!(config.limit(1000, 200, 30, 4096), 430);
        config.ratio = 120;
        assert_eq!(config.limit(1000, 200, 30, 4096), 990);
        config.kbytes = Some(401);
        assert_eq!(config.limit(1000, 200, 30, 4096), 130);
        config.kbytes = Some(0);
        assert_eq!(config.limit(1000, 200, 30, 4096), 990);
        // Pages smaller than a kilobyte, as in a teaching machine.
        config.kbytes = Some(2);
        assert_eq!(config.limit(1000, 0, 0, 16), 128);
        // More huge pages than RAM, and figures that do not fit.
        config.kbytes = None;
        assert_eq!(config.limit(10, 11, 5, 4096), 5);
        assert_eq!(config.limit(u64::MAX, 0, u64::MAX, 1), u64::MAX);
    }

    #[test]
    fn heuristic_looks_at_one_request() {
        let mut commit = Commit::default();
        commit.charge(1 << 30);
        assert_eq!(most(&commit, &OvercommitConfig::default(), 1 << 30, false), 262_144 + 65_536);
    }

    #[test]
    fn always_counts_and_allows() {
        let config = OvercommitConfig { mode: OvercommitMode::Always, ..Default::default() };
        let mut commit = Commit::default();
        commit.charge(u64::MAX);
        assert_eq!(commit.check(&config, u64::MAX, u64::MAX, false, &MEMORY), Ok(()));
        commit.charge(1);
        assert_eq!(commit.committed(), u64::MAX);
    }

    #[test]
    fn never_promises_more_than_the_limit() {
        // Limit: 131,072 + 65,536 pages; the administrator's reserve is 2048 pages; strictly below.
        let limit = 196_608;
        let mut commit = Commit::default();
        assert_eq!(most(&commit, &never(), 0, true), limit - 1);
        assert_eq!(most(&commit, &never(), 0, false), limit - 2048 - 1);
        // A 32nd part of what the process has, and no more than 128 MiB, 32,768 pages.
        assert_eq!(most(&commit, &never(), 3200, true), limit - 100 - 1);
        assert_eq!(most(&commit, &never(), 1 << 40, true), limit - 32_768 - 1);
        commit.charge(1000);
        assert_eq!(most(&commit, &never(), 0, true), limit - 1001);
        commit.uncharge(999);
        assert_eq!((commit.committed(), most(&commit, &never(), 0, true)), (1, limit - 2));
    }

    #[test]
    fn never_refuses_all_when_the_reserves_exceed_the_limit() {
        let config = OvercommitConfig { admin_reserve_kb: u64::MAX, ..never() };
        assert_eq!(Commit::default().check(&config, 0, 0, false, &MEMORY), Err(Shortage::Commit));
        assert_eq!(Commit::default().check(&config, 0, 0, true, &MEMORY), Ok(()));
    }

    #[test]
    fn charged_are_private_writable_and_shared_anonymous() {
        use OvercommitMode::{Always, Heuristic, Never};
        let (read, write) = (Protection::READ, Protection::READ | Protection::WRITE);
        let file = |shared| AreaKind::File { file: 1, shared, writable_file: true };
        let shared = AreaKind::SharedAnonymous { object: 0 };
        for mode in [Heuristic, Always, Never] {
            for (kind, protection, charged) in [
                (AreaKind::AnonymousPrivate, write, true),
                (AreaKind::AnonymousPrivate, read, false),
                (AreaKind::AnonymousPrivate, Protection::NONE, false),
                (file(false), write, true),
                (file(false), read, false),
                (file(true), write, false),
                (shared, write, true),
                (shared, Protection::NONE, true),
            ] {
                assert_eq!(is_accounted(kind, protection, false, mode), charged, "{kind:?} {protection}");
                assert_eq!(is_accounted(kind, protection, true, mode), charged && mode == Never, "{kind:?}");
            }
        }
    }

    #[test]
    fn modes_have_linux_numbers() {
        for number in 0..3 {
            assert_eq!(OvercommitMode::from_number(number).map(OvercommitMode::number), Some(number));
        }
        assert_eq!(OvercommitMode::from_number(3), None);
    }

    #[test]
    #[cfg(feature = "std")]
    fn a_file_names_what_differs() {
        let config: OvercommitConfig = toml::from_str("mode = \"never\"\nratio = 80").unwrap();
        assert_eq!(config, OvercommitConfig { ratio: 80, ..never() });
        assert!(toml::from_str::<OvercommitConfig>("ration = 80").is_err());
        assert!(toml::from_str::<OvercommitConfig>("mode = 2").is_err());
        let layout: super::super::LayoutConfig = toml::from_str("aslr = 7\nstack-size = 65536").unwrap();
        assert_eq!((layout.aslr, layout.stack_size, layout.mmap_min), (Some(7), 65_536, 65_536));
    }
}
