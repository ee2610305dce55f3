//! What the parts of virtual memory cost, and how that grows: `cargo bench --bench vm [-- SECTION]`.

mod areas;
mod compress;
mod machine;
mod trace;

type Section = (&'static str, fn());

const SECTIONS: [Section; 8] = [
    ("access", machine::run_access),
    ("trace", trace::run),
    ("fork", machine::run_fork),
    ("calls", machine::run_calls),
    ("start", machine::run_start),
    ("merge", machine::run_merge),
    ("areas", areas::run),
    ("compress", compress::run),
];

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, run) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|other| other == name) {
            run();
        }
    }
}
