//! How traces are placed, interleaved and watched.

use super::error::MachineReplayError;

/// Where the pages of a trace lie.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Placement {
    /// As recorded where all addresses fit, else packed.
    #[default]
    Auto,
    /// As recorded; an address that does not fit is an error.
    Recorded,
    /// Numbered from 0 in the order of their addresses, without holes and without events.
    Packed,
}

/// Whose turn it is: each program in turn, for so many accesses.
///
/// ```
/// use memcore::replay::machine::Schedule;
/// let fair = Schedule::default();
/// let one_after_the_other = Schedule { quantum: u64::MAX, ..fair.clone() };
/// let favoured = Schedule { weights: vec![3, 1], ..fair };
/// assert_eq!((favoured.turn(0), favoured.turn(1), favoured.turn(2)), (30_000, 10_000, 10_000));
/// assert_eq!(one_after_the_other.turn(0), u64::MAX);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// Accesses of a turn, at least 1.
    pub quantum: u64,
    /// How many times as long each program's turn is, at least 1; programs beyond the list: once.
    pub weights: Vec<u64>,
}

impl Default for Schedule {
    /// Turns of 10,000 accesses: some microseconds at the speed of a real processor, and so shorter than a real
    /// scheduler's; traces are short, too.
    fn default() -> Self {
        Schedule { quantum: 10_000, weights: Vec::new() }
    }
}

impl Schedule {
    /// The accesses of a turn of this program.
    pub fn turn(&self, program: usize) -> u64 {
        self.quantum.saturating_mul(self.weights.get(program).copied().unwrap_or(1))
    }
}

/// How traces are run through a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineReplayOptions {
    /// Where pages lie.
    pub placement: Placement,
    /// Whose turn it is.
    pub schedule: Schedule,
    /// Pages that a trace uses become one area across a hole of at most so many pages that it does not; only
    /// where no event speaks of addresses.
    pub join_pages: u64,
    /// Pages that are read before they are written are the shared page of zeros, if the machine has that
    /// ([`FaultConfig::zero_page`](crate::vm::FaultConfig::zero_page)). Without, as is the default, they take frames: the
    /// recorded program found something there. [`replay_machine`](super::replay_machine) alone looks at it.
    pub zero_page: bool,
    /// Accesses between two points of [`MachineRun::series`](super::MachineRun::series); 0: none is kept.
    pub series_interval: u64,
    /// Run at most so many accesses, of all programs together.
    pub limit: Option<u64>,
    /// [`compare_machines`](super::compare_machines): configurations run at once, at least 1.
    pub threads: usize,
}

impl Default for MachineReplayOptions {
    fn default() -> Self {
        MachineReplayOptions {
            placement: Placement::Auto,
            schedule: Schedule::default(),
            join_pages: 16,
            zero_page: false,
            series_interval: 0,
            limit: None,
            threads: 1,
        }
    }
}

impl MachineReplayOptions {
    pub(super) fn check(&self) -> Result<(), MachineReplayError> {
        let least = self.schedule.weights.iter().copied().min().unwrap_or(1);
        for (name, value) in [
            ("schedule.quantum", self.schedule.quantum),
            ("schedule.weights", least),
            ("threads", self.threads as u64),
        ] {
            if value == 0 {
                return Err(MachineReplayError::BadOption { name, value, rule: "must be at least 1" });
            }
        }
        Ok(())
    }
}
