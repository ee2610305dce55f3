//! What the parts of the virtual memory machine cost. Run all with `cargo bench --bench vm`, one with
//! `cargo bench --bench vm -- compress`.

mod compress;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_wanted = |part: &str| wanted.is_empty() || wanted.iter().any(|word| word == part);
    if is_wanted("compress") {
        compress::table();
    }
}
