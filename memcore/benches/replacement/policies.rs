//! Every policy, by its online form and by its kernel.

use super::rounds::in_turns;
use memcore::replacement::{NextUses, Policy, PolicySpec, Visitor, count_opt_misses};
use memcore::trace::PageTrace;
use std::hint::black_box;

pub fn table(traces: &[PageTrace]) {
    println!("\nM references/s on dense pages, a frame for one page in ten; k: the kernel that only counts");
    print!("{:<16}", "pages");
    for trace in traces {
        print!(" {:>9}", trace.pages());
    }
    println!(" {:>12}", "bytes/page");
    for name in PolicySpec::names() {
        let spec: PolicySpec = name.parse().expect("its own name");
        row(name, traces, &|trace, frames| online(&spec, trace, frames));
        if spec.facts().needs_future {
            row(&format!("{name} k"), traces, &|trace, frames| {
                let next = NextUses::of(trace.references(), trace.pages()).expect("there is memory");
                black_box(count_opt_misses(&next, frames, &mut |_| true).expect("there is memory"));
                0
            });
        }
        if spec.kernel(1).expect("one frame is enough").is_some() {
            row(&format!("{name} k"), traces, &|trace, frames| {
                let mut kernel = spec.kernel(frames).expect("the frames are in range").expect("it has one");
                kernel.reserve(trace.pages()).expect("there is memory");
                black_box(kernel.run(trace.references()));
                kernel.metadata_bytes()
            });
        }
    }
}

/// One row: `run` gives the bytes held, or 0 where they do not go by the page.
fn row(name: &str, traces: &[PageTrace], run: &dyn Fn(&PageTrace, u32) -> usize) {
    let mut held = 0;
    print!("{name:<16}");
    for trace in traces {
        let frames = (trace.pages() / 10).max(1);
        let mut bytes = 0;
        let seconds = in_turns(&mut [Box::new(|| bytes = run(trace, frames))])[0];
        print!(" {:>9.1}", trace.references().len() as f64 / seconds / 1e6);
        held = bytes;
    }
    let last = traces.last().map_or(1, PageTrace::pages);
    match held {
        0 => println!(),
        held => println!(" {:>12.1}", held as f64 / f64::from(last)),
    }
}

fn online(spec: &PolicySpec, trace: &PageTrace, frames: u32) -> usize {
    struct Run<'a>(&'a PageTrace);
    impl Visitor for Run<'_> {
        type Output = usize;

        fn visit<P: Policy + Send + 'static>(self, mut policy: P) -> usize {
            policy.reserve(self.0.pages()).expect("there is memory");
            if policy.facts().needs_future {
                policy.foresee(self.0.references()).expect("there is memory");
            }
            let hits = self.0.references().iter().filter(|&&page| policy.access(page, &mut ())).count();
            black_box(hits);
            // What OPT holds goes by the references.
            if policy.facts().needs_future { 0 } else { policy.metadata_bytes() }
        }
    }
    spec.visit(frames, Run(trace)).expect("the frames are in range")
}
