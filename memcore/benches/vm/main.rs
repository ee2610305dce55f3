//! What the parts of virtual memory cost, and how that grows: `cargo bench --bench vm [-- SECTION]`.

mod areas;
mod compress;

type Section = (&'static str, fn());

const SECTIONS: [Section; 2] = [("areas", areas::run), ("compress", compress::run)];

fn main() {
    let wanted: Vec<String> =
        std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    for (name, run) in SECTIONS {
        if wanted.is_empty() || wanted.iter().any(|other| other == name) {
            run();
        }
    }
}
