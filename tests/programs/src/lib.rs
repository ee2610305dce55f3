//! Real programs with memcore as their allocator: what they do is checked, and so is the heap afterwards.
//!
//! ```text
//! tests/global_heap.rs   regex, hashbrown, serde_json, threads    #[global_allocator] GlobalHeap
//! tests/static_heap.rs   the same                                 #[global_allocator] StaticHeap, one array
//! tests/sqlite.rs        SQLite, in C                             SQLITE_CONFIG_MALLOC over three heaps
//! tests/lua.rs           Lua, in C                                lua_newstate over three heaps
//! ```
//!
//! The crates' own test programs cannot be linked to another allocator from outside; these are workloads of the same
//! calls, whose results are computed a second way.

use hashbrown::{HashMap, HashSet};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};
use regex::{Regex, RegexSet};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::mpsc::channel;

/// A text of so many lines: `name <user17@mail3.example> 2019-07-23 192.168.3.77 some words`.
pub fn text(lines: u64, seed: u64) -> String {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let words = ["heap", "hole", "block", "frame", "naïve", "Größe", "page", "fault"];
    let mut text = String::new();
    for line in 0..lines {
        let mut next = |below: u64| random.next_u64() % below;
        let (user, host, year) = (next(1000), next(20), 1990 + next(40));
        let date = format!("{year}-{:02}-{:02}", 1 + next(12), 1 + next(28));
        let address = format!("10.{}.{}.{}", next(256), next(256), next(256));
        let tail: Vec<&str> = (0..1 + next(6)).map(|_| words[next(8) as usize]).collect();
        text += &format!("{line} <user{user}@mail{host}.example> {date} {address} {}\n", tail.join(" "));
    }
    text
}

/// Many patterns over a text; each count is found a second way.
pub fn regexes(lines: u64, seed: u64) {
    let text = text(lines, seed);
    let find = |pattern: &str| Regex::new(pattern).unwrap().find_iter(&text).count() as u64;
    assert_eq!(find(r"(?m)^\d+ <"), lines);
    assert_eq!(find(r"\b\d{4}-\d{2}-\d{2}\b"), lines);
    assert_eq!(find(r"[a-z]+\d+@[a-z]+\d+\.example"), lines);
    assert_eq!(find(r"naïve"), text.matches("naïve").count() as u64);
    assert_eq!(find(r"(?i)GRÖSSE|größe"), text.matches("Größe").count() as u64);
    assert_eq!(find(r"\p{Lu}\p{L}+"), text.matches("Größe").count() as u64);
    let parts = Regex::new(r"<(?<user>\w+)@(?<host>[\w.]+)> (?<year>\d+)-\d+-\d+").unwrap();
    let mut hosts = BTreeMap::<&str, u64>::new();
    for found in parts.captures_iter(&text) {
        assert!(found["user"].starts_with("user") && (1990..2030).contains(&found["year"].parse().unwrap()));
        *hosts.entry(found.name("host").unwrap().as_str()).or_default() += 1;
    }
    assert_eq!(hosts.values().sum::<u64>(), lines);
    for (host, count) in hosts {
        assert_eq!(find(&regex::escape(&format!("@{host}>"))), count);
    }
    let swapped = parts.replace_all(&text, "<$host@$user> $year");
    assert_eq!(swapped.matches(".example@user").count() as u64, lines);
    let sets = RegexSet::new((0..50).map(|user| format!("<user{user}@"))).unwrap();
    let hits: usize = text.lines().map(|line| sets.matches(line).iter().count()).sum();
    assert_eq!(hits as u64, (0..50).map(|user| find(&format!("<user{user}@"))).sum::<u64>());
    // Patterns that are made, used once and dropped.
    for size in 1..40 {
        let pattern = Regex::new(&format!("(?:a|b|[c-f]){{{size}}}x?")).unwrap();
        assert!(pattern.is_match(&"abcdef".repeat(size)));
    }
    assert!(Regex::new(&format!("({size}", size = lines)).is_err());
}

/// Tables that grow, lose entries and shrink, against an ordered map.
pub fn tables(count: u64, seed: u64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut table: HashMap<u64, String> = HashMap::new();
    let mut model = BTreeMap::new();
    for _ in 0..count {
        let number = random.next_u64();
        let key = number % (count / 4 + 1);
        match number >> 62 {
            0 | 1 => {
                let value = format!("value {key} {}", number >> 40);
                assert_eq!(table.insert(key, value.clone()), model.insert(key, value));
            }
            2 => assert_eq!(table.remove(&key), model.remove(&key)),
            _ => assert_eq!(table.get(&key), model.get(&key)),
        }
    }
    table.shrink_to_fit();
    assert_eq!(table.len(), model.len());
    assert!(model.iter().all(|(key, value)| table.get(key) == Some(value)));
    table.retain(|key, _| key % 3 == 0);
    assert_eq!(table.len(), model.keys().filter(|key| *key % 3 == 0).count());
    let lists: HashSet<Vec<u16>> = (0..2000u16).map(|number| vec![number; number as usize % 30]).collect();
    assert_eq!(lists.len(), 1 + 2000 - (0..2000).filter(|number| number % 30 == 0).count());
}

fn value(random: &mut Xoshiro256PlusPlus, depth: u32) -> Value {
    let number = random.next_u64();
    match number % if depth == 0 { 5 } else { 8 } {
        0 => Value::Null,
        1 => json!(number & 1 << 40 == 0),
        2 => json!((number >> 3) as i64 - (1 << 60)),
        3 => json!((number >> 44) as f64 / 8.0),
        4 => json!("text \"quoted\" \\ \u{1F600} ".repeat((number >> 32) as usize % 9)),
        5 => Value::Array((0..number >> 40 & 7).map(|_| value(random, depth - 1)).collect()),
        _ => {
            let mut map = Map::new();
            for key in 0..number >> 40 & 7 {
                map.insert(format!("key {key}\n"), value(random, depth - 1));
            }
            Value::Object(map)
        }
    }
}

/// Documents to text and back, in both forms, and texts that are none.
pub fn documents(count: u64, seed: u64) {
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let document = Value::Array((0..count).map(|_| value(&mut random, 5)).collect());
    let short = serde_json::to_string(&document).unwrap();
    let long = serde_json::to_string_pretty(&document).unwrap();
    assert!(short.len() < long.len());
    for text in [&short, &long] {
        assert!(serde_json::from_str::<Value>(text).unwrap() == document);
    }
    // Cut off anywhere it is no document, and what was read so far is dropped.
    for cut in (1..short.len()).step_by(short.len() / 50 + 1).filter(|&cut| short.is_char_boundary(cut)) {
        assert!(serde_json::from_str::<Value>(&short[..cut]).is_err());
    }
}

/// All of it at once, on threads that end and begin, and pass results on.
pub fn threads(scale: u64) {
    let (sender, receiver) = channel::<(u64, String)>();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let sender = sender.clone();
            scope.spawn(move || {
                for round in 0..3 {
                    let seed = thread * 10 + round;
                    regexes(20 * scale, seed);
                    tables(500 * scale, seed);
                    documents(5 * scale, seed);
                    sender.send((seed, text(10, seed))).unwrap();
                }
            });
        }
        drop(sender);
        let all: Vec<_> = receiver.iter().collect();
        assert_eq!(all.len(), 12);
        assert!(all.iter().all(|(seed, found)| *found == text(10, *seed)));
    });
}
