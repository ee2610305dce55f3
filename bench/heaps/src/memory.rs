//! What the system gives for a program: the growth of the most pages resident, in a process of its own for each heap.

use super::measure::geometric_mean;
use super::trace::{self, Trace};
use super::traces;
use std::path::Path;
use std::process::Command;

/// The first argument of a process that runs one program over one heap.
pub const CHILD: &str = "--resident";

/// A figure of this process in bytes; Linux tells them.
fn status(name: &str) -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.trim_start_matches(':').split_whitespace().next());
    kibibytes.and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Tells by how much the process grew.
pub fn child(heap: &str, file: &Path) {
    let trace = trace::read(file.to_path_buf());
    let Some((_, mut contender)) = traces::malloc_like().into_iter().find(|(name, _)| *name == heap) else {
        return;
    };
    let mut live = vec![None; trace.slots];
    // The program's own list is resident, too, and was before: what reading took at most must not hide the rest.
    let _ = std::fs::write("/proc/self/clear_refs", "5");
    let before = status("VmRSS");
    contender.run(&trace, &mut live);
    println!("{}", status("VmHWM").saturating_sub(before));
}

pub fn run(traces: &[Trace]) {
    let Ok(program) = std::env::current_exe() else { return };
    let names: Vec<_> = traces::malloc_like().into_iter().map(|(name, _)| name).collect();
    println!("\n{:34}{:>14}", "resident / most bytes live", "mean");
    for name in names {
        let mut ratios = vec![];
        for trace in traces {
            let output = Command::new(&program).args([CHILD, name]).arg(&trace.path).output();
            let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
            let grown = text.ok().and_then(|text| text.trim().parse::<f64>().ok()).unwrap_or(f64::NAN);
            ratios.push(grown / trace.peak as f64);
        }
        print!("  {name:32}{:14.3}  ", geometric_mean(&ratios));
        traces.iter().zip(&ratios).for_each(|(trace, ratio)| print!("  {} {ratio:.3}", trace.name));
        println!();
    }
}
