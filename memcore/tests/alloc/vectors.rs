//! The files of `tests/vectors`: engine and model each answer every line as the file says.
//!
//! With `MEMCORE_VECTOR=FILE` the calls of that file (what stands before ` = `) are answered by the model instead, and
//! the whole is printed: so a new file is written, and then read by a human before it is believed.

use crate::engine::{Engine, error_text};
use crate::model::model;
use crate::script::{Call, Space, Subject};
use memcore::alloc::AnyAllocator;
use memcore::alloc::storage::Fixed;
use std::path::{Path, PathBuf};

/// A space and what happens in it: line number, call, outcome.
struct Scene<'a> {
    opening: (usize, &'a str, &'a str),
    lines: Vec<(usize, &'a str, &'a str)>,
}

fn scenes(text: &str) -> Vec<Scene<'_>> {
    let mut scenes: Vec<Scene> = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (call, outcome) = line.split_once(" = ").unwrap_or((line, ""));
        match call.strip_prefix("space ") {
            Some(space) => scenes.push(Scene { opening: (number + 1, space, outcome), lines: Vec::new() }),
            None => {
                scenes.last_mut().expect("a file begins with a space").lines.push((number + 1, call, outcome))
            }
        }
    }
    scenes
}

/// Calls `use_it` with the engine's space and the text of its outcome.
fn with_engine(space: &Space, use_it: impl FnOnce(&str, Option<&mut dyn Subject>)) {
    let text = |error| format!("error {}", error_text(&error, |id| id.to_string()));
    let Some(most) = space.fixed else {
        return match AnyAllocator::new(&space.strategy, space.options) {
            Ok(allocator) => use_it("ok", Some(&mut Engine::new(allocator))),
            Err(error) => use_it(&text(error), None),
        };
    };
    let mut buffer = match space.strategy.fixed_words(&space.options, most) {
        Ok(words) => vec![0; words],
        Err(error) => return use_it(&text(error), None),
    };
    let mut storage = Fixed::new(&mut buffer, most);
    match AnyAllocator::in_storage(&space.strategy, space.options, &mut storage) {
        Ok(allocator) => use_it("ok", Some(&mut Engine::new(allocator))),
        Err(error) => use_it(&text(error), None),
    }
}

fn with_model(space: &Space, use_it: impl FnOnce(&str, Option<&mut dyn Subject>)) {
    match model(space) {
        Ok(mut model) => use_it("ok", Some(&mut *model)),
        Err(failure) => use_it(&format!("error {}", failure.0), None),
    }
}

fn check_scene(who: &str, file: &Path, scene: &Scene, made: &str, subject: Option<&mut dyn Subject>) {
    let place = |number: usize| format!("{who} at {}:{number}", file.display());
    let (number, space, outcome) = scene.opening;
    assert_eq!(made, outcome, "{}: space {space}", place(number));
    let Some(subject) = subject else {
        assert!(scene.lines.is_empty(), "{}: calls on a space that was refused", place(number));
        return;
    };
    for &(number, call, outcome) in &scene.lines {
        assert_eq!(subject.call(&Call::parse(call)), outcome, "{}: {call}", place(number));
    }
}

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/vectors");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "vec")).collect();
    files.sort();
    assert!(!files.is_empty());
    files
}

#[test]
fn the_engine_agrees_with_every_vector() {
    for file in files() {
        for scene in scenes(&std::fs::read_to_string(&file).unwrap()) {
            let space = Space::parse(scene.opening.1);
            with_engine(&space, |made, subject| check_scene("engine", &file, &scene, made, subject));
        }
    }
}

#[test]
fn the_models_agree_with_every_vector() {
    for file in files() {
        for scene in scenes(&std::fs::read_to_string(&file).unwrap()) {
            let space = Space::parse(scene.opening.1);
            with_model(&space, |made, subject| check_scene("model", &file, &scene, made, subject));
        }
    }
}

/// Writes the outcomes of a new file, as the model sees them.
#[test]
fn a_new_vector_is_answered_by_the_model() {
    let Some(file) = std::env::var_os("MEMCORE_VECTOR") else { return };
    let text = std::fs::read_to_string(file).unwrap();
    let mut subject: Option<Box<dyn Subject>> = None;
    for line in text.lines() {
        let call = line.split_once(" = ").map_or(line, |(call, _)| call);
        if line.is_empty() || line.starts_with('#') {
            println!("{line}");
        } else if let Some(space) = call.strip_prefix("space ") {
            let (made, outcome) = match model(&Space::parse(space)) {
                Ok(model) => (Some(model), "ok".to_string()),
                Err(failure) => (None, format!("error {}", failure.0)),
            };
            println!("{call} = {outcome}");
            subject = made;
        } else {
            let subject = subject.as_mut().expect("a call on a space that was refused");
            println!("{call} = {}", subject.call(&Call::parse(call)));
        }
    }
}
