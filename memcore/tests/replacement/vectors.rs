//! The files of `tests/vectors/replacement`: a cache of any keys answers every line as the file says.
//!
//! The models answer every line over a string as well, and the lines over generators where they are fast enough for it.
//! With `MEMCORE_VECTOR=FILE` the calls of that file (what stands before ` = `) are answered by the models instead, and
//! the whole is printed: so a new file is written, and then read by a human before it is believed.

use crate::model::model;
use crate::tables::generator;
use crate::world::World;
use memcore::replacement::{Cache, Page, PolicySpec};
use std::path::{Path, PathBuf};

#[derive(Clone, Copy)]
enum Step {
    Reference { key: u64, write: bool },
    Remove(u64),
}

/// What stands before ` = `.
struct Call {
    spec: PolicySpec,
    frames: u32,
    generated: bool,
    steps: Vec<Step>,
}

fn step(text: &str) -> Step {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text:?} is no key"));
    if let Some(key) = text.strip_prefix('-') {
        return Step::Remove(number(key));
    }
    match text.strip_suffix('w') {
        Some(key) => Step::Reference { key: number(key), write: true },
        None => Step::Reference { key: number(text), write: false },
    }
}

fn parse(line: &str) -> Call {
    let mut words = line.split(' ');
    assert_eq!(words.next(), Some("policy"), "{line}");
    let spec = words.next().unwrap().parse().unwrap();
    let mut value = |key: &str| {
        let word = words.next().unwrap_or_else(|| panic!("{line}: {key} is missing"));
        word.split_once('=').map(|(key, value)| (key.to_string(), value.to_string())).unwrap()
    };
    let (key, frames) = value("frames");
    assert_eq!(key, "frames", "{line}");
    let (kind, what) = value("pages or generator");
    let steps = match &*kind {
        "pages" => what.split(',').map(step).collect(),
        "generator" => {
            let pages = generator(&what).into_iter();
            pages.map(|page| Step::Reference { key: page.into(), write: false }).collect()
        }
        other => panic!("{line}: {other} is neither pages nor generator"),
    };
    Call { spec, frames: frames.parse().unwrap(), generated: kind == "generator", steps }
}

/// The outcome in words.
fn words(call: &Call, misses: u64, evicted: &[u64]) -> String {
    if call.generated {
        return format!("misses={misses}");
    }
    let evicted: Vec<String> = evicted.iter().map(u64::to_string).collect();
    let evicted = if evicted.is_empty() { "none".into() } else { evicted.join(",") };
    format!("misses={misses} evicted={evicted}")
}

fn by_cache(call: &Call) -> String {
    let mut cache = Cache::new(&call.spec, call.frames).unwrap();
    let mut evicted = Vec::new();
    for &step in &call.steps {
        match step {
            Step::Reference { key, write } => {
                cache.access(key, write).unwrap();
                evicted.extend_from_slice(cache.evicted());
            }
            Step::Remove(key) => drop(cache.remove(key)),
        }
    }
    words(call, cache.stats().misses, &evicted)
}

fn by_model(call: &Call) -> String {
    let mut keys: Vec<u64> = Vec::new();
    let mut numbers = std::collections::HashMap::new();
    let mut number = |key: u64| {
        *numbers.entry(key).or_insert_with(|| {
            keys.push(key);
            keys.len() as Page - 1
        })
    };
    let mut model = model(&call.spec, call.frames as usize);
    let mut world = World::default();
    let mut misses = 0;
    for &step in &call.steps {
        match step {
            Step::Reference { key, write } => {
                let page = number(key);
                misses += u64::from(!model.access(page, &mut world));
                if write && model.is_resident(page) {
                    world.dirty.insert(page);
                }
            }
            Step::Remove(key) => {
                let page = number(key);
                world.drop_bits(page);
                model.remove(page);
            }
        }
    }
    let evicted: Vec<u64> = world.evicted.iter().map(|&page| keys[page as usize]).collect();
    words(call, misses, &evicted)
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(index, line)| (index + 1, line));
    numbered.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'))
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors/replacement");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "vec")).collect();
    files.sort();
    files
}

#[test]
fn the_vectors_hold() {
    let mut count = 0;
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        for (number, line) in lines(&text) {
            let place = format!("{}:{number}", file.display());
            let (call, outcome) = line.split_once(" = ").unwrap_or_else(|| panic!("{place}: no outcome"));
            let call = parse(call);
            assert_eq!(by_cache(&call), outcome, "{place}");
            if !call.generated || call.frames <= 64 {
                assert_eq!(by_model(&call), outcome, "the model, {place}");
            }
            count += 1;
        }
    }
    assert!(count > 100, "only {count} lines");
}

#[test]
fn a_new_vector() {
    let Some(file) = std::env::var_os("MEMCORE_VECTOR") else { return };
    for line in std::fs::read_to_string(file).unwrap().lines() {
        if line.is_empty() || line.starts_with('#') {
            println!("{line}");
        } else {
            let call = line.split(" = ").next().unwrap();
            println!("{call} = {}", by_model(&parse(call)));
        }
    }
}
