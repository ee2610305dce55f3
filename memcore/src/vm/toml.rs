//! The configuration of a machine as TOML, and changes to it by dotted keys.
//!
//! ```text
//!   preset = "linux-thp"             where it begins; "linux" unless given
//!   paging = "x86-64:levels=5"       values with a text form keep it
//!   [memory]
//!   nodes = [{ frames = 262144 }]
//!   [replacement]
//!   policy = "arc"
//!
//!   --set memory.frames=1024 --set replacement.policy=lru --set caches=none
//! ```
//!
//! A table of a file is laid over the preset's, key by key; arrays replace, and so does a choice with values of its
//! own ([`WatermarkConfig`](super::WatermarkConfig), [`Sight`](super::Sight), [`Scope`](super::Scope)). Keys
//! that do not exist are errors, with their line.

use super::config::MachineConfig;
use std::borrow::ToOwned;
use std::string::{String, ToString};
use std::vec::Vec;
use thiserror::Error;
use toml::de::DeTable;
use toml::{Table, Value};

/// Why a text is no configuration.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MachineConfigError {
    /// It is not TOML.
    #[error("line {line}: {what}")]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// A key does not exist, or its value is none that it takes.
    #[error("{}{key}: {what}", at(*line))]
    Key {
        /// The key, dotted.
        key: String,
        /// Its line, from 1; 0 where it comes from no file.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
    /// No such preset.
    #[error("there is no preset {name}; there are {}", known())]
    UnknownPreset {
        /// The name given.
        name: String,
    },
    /// A number that TOML cannot hold: it ends at 2^63 - 1.
    #[error("cannot be written as TOML: {what}")]
    Unwritable {
        /// What TOML says.
        what: String,
    },
}

fn at(line: usize) -> String {
    if line == 0 { String::new() } else { format!("line {line}: ") }
}

fn known() -> String {
    let names: Vec<&str> = MachineConfig::PRESETS.iter().map(|(name, _)| *name).collect();
    names.join(", ")
}

/// Choices whose variants have values: one replaces the other.
const CHOICES: [&str; 3] = ["memory.watermarks", "replacement.sight", "replacement.scope"];

/// What may be missing: the word `none` takes it away.
const OPTIONAL: [&str; 8] = [
    "caches",
    "compression",
    "swap.file",
    "overcommit.kbytes",
    "layout",
    "layout.aslr",
    "address-limit",
    "lock-limit",
];

impl MachineConfig {
    /// Reads TOML; the key `preset` names where it begins.
    ///
    /// ```
    /// use memcore::vm::MachineConfig;
    /// let config = MachineConfig::from_toml("preset = 'small'\n[replacement]\npolicy = 'arc'\n")?;
    /// assert_eq!((config.replacement.policy.to_string(), config.swap.pages), ("arc".to_string(), 256));
    /// let error = MachineConfig::from_toml("asids = 4\n[memory]\nframez = 3\n").unwrap_err();
    /// assert!(error.to_string().starts_with("line 3: memory.framez: unknown field"));
    /// # Ok::<(), memcore::vm::MachineConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`MachineConfigError`], with the line. Values that make no sense together are found by
    /// [`Machine::new`](super::Machine::new).
    pub fn from_toml(text: &str) -> Result<MachineConfig, MachineConfigError> {
        let (spans, syntax) = DeTable::parse_recoverable(text);
        if let Some(error) = syntax.first() {
            let line = line_of(text, error.span().map_or(0, |span| span.start));
            return Err(MachineConfigError::Syntax { line, what: error.message().to_owned() });
        }
        let mut own = text.to_owned();
        let mut base = MachineConfig::default();
        if let Some((key, value)) = spans.get_ref().get_key_value("preset") {
            let line = line_of(text, key.span().start);
            let bad = || MachineConfigError::Key {
                key: "preset".to_owned(),
                line,
                what: "must be a string".to_owned(),
            };
            let name = value.get_ref().as_str().ok_or_else(bad)?;
            base = preset(name)?;
            // All else keeps its line.
            let range = key.span().start..value.span().end;
            let blank: String =
                own[range.clone()].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
            own.replace_range(range, &blank);
        }
        // By itself first: only the text knows its lines.
        if let Err(error) = toml::from_str::<MachineConfig>(&own) {
            let place = error.span().map_or(0, |span| span.start);
            let (key, line) = (key_at(&own, place), line_of(&own, place));
            return Err(MachineConfigError::Key { key, line, what: error.message().to_owned() });
        }
        let over: Table = toml::from_str(&own).map_err(|error| key_error("", &error))?;
        let mut table = base.to_table()?;
        lay(&mut table, over, "");
        Value::Table(table).try_into().map_err(|error| key_error("", &error))
    }

    /// Writes TOML that [`from_toml`](Self::from_toml) reads as the same.
    ///
    /// # Errors
    /// [`MachineConfigError::Unwritable`] for a number above 2^63 - 1.
    pub fn to_toml(&self) -> Result<String, MachineConfigError> {
        toml::to_string_pretty(self).map_err(unwritable)
    }

    /// Changes one value by its dotted key, as on a command line: `paging` `sv39`, `swap.pages` `4096`,
    /// `memory.nodes.0.frames` `512`. A value is TOML, or else a text. `none` takes an optional value away.
    /// `memory.frames` is a single node of so many frames.
    ///
    /// ```
    /// use memcore::vm::MachineConfig;
    /// let mut config = MachineConfig::default();
    /// config.set("memory.frames", "1024")?;
    /// config.set("replacement.policy", "lru-k:k=3")?;
    /// config.set("memory.watermarks.frames", "{ min = 1, low = 2, high = 3 }")?;
    /// assert_eq!(config.memory.frames(), Ok(1024));
    /// let error = config.set("swap.pagez", "1").unwrap_err();
    /// assert!(error.to_string().starts_with("swap.pagez: unknown field"));
    /// # Ok::<(), memcore::vm::MachineConfigError>(())
    /// ```
    ///
    /// # Errors
    /// [`MachineConfigError::Key`]; the configuration is as it was.
    pub fn set(&mut self, key: &str, value: &str) -> Result<(), MachineConfigError> {
        let parsed =
            toml::from_str::<Table>(&format!("v = {value}")).ok().and_then(|mut one| one.remove("v"));
        let (path, parsed) = match key {
            "memory.frames" => {
                let mut node = Table::new();
                node.insert("frames".to_owned(), parsed.unwrap_or_else(|| value.into()));
                ("memory.nodes", Some(Value::Array(vec![Value::Table(node)])))
            }
            _ => (key, parsed),
        };
        let failed =
            |what: &str| MachineConfigError::Key { key: key.to_owned(), line: 0, what: what.to_owned() };
        let mut config = Value::Table(self.to_table()?);
        if path == "memory.nodes" {
            // Distances are between other nodes than these.
            put(&mut config, "memory.distances", Value::Array(Vec::new())).map_err(failed)?;
        }
        if value == "none" && OPTIONAL.contains(&path) {
            take(&mut config, path);
            *self = config.try_into().map_err(|error| key_error(key, &error))?;
            return Ok(());
        }
        let text = Value::String(value.to_owned());
        // A text such as `none` or `2q` may look like nothing else, and a number may stand for a text.
        let mut first_error = None;
        for candidate in [parsed, Some(text)].into_iter().flatten() {
            let mut changed = config.clone();
            put(&mut changed, path, candidate).map_err(failed)?;
            match changed.try_into() {
                Ok(read) => {
                    *self = read;
                    return Ok(());
                }
                Err(error) => first_error = first_error.or(Some(key_error(key, &error))),
            }
        }
        Err(first_error.unwrap_or_else(|| failed("has no such value")))
    }

    fn to_table(&self) -> Result<Table, MachineConfigError> {
        Table::try_from(self).map_err(unwritable)
    }
}

fn preset(name: &str) -> Result<MachineConfig, MachineConfigError> {
    MachineConfig::preset(name).ok_or_else(|| MachineConfigError::UnknownPreset { name: name.to_owned() })
}

fn unwritable(error: toml::ser::Error) -> MachineConfigError {
    MachineConfigError::Unwritable { what: error.to_string() }
}

fn key_error(key: &str, error: &toml::de::Error) -> MachineConfigError {
    MachineConfigError::Key { key: key.to_owned(), line: 0, what: error.message().to_owned() }
}

/// The line of a place in a text, from 1.
fn line_of(text: &str, place: usize) -> usize {
    1 + text.as_bytes()[..place.min(text.len())].iter().filter(|&&byte| byte == b'\n').count()
}

/// The dotted key of the line of a place: the header of its table and what stands before its `=`.
fn key_at(text: &str, place: usize) -> String {
    let place = place.min(text.len());
    let begin = text.as_bytes()[..place].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    let line = text[begin..].lines().next().unwrap_or("");
    let header = |line: &str| {
        let inner = line.trim().strip_prefix('[')?.split(']').next()?;
        Some(inner.trim_matches(['[', ' ']).to_owned())
    };
    if let Some(table) = header(line) {
        return table;
    }
    let key = line.split('=').next().unwrap_or("").trim();
    match text[..begin].lines().rev().find_map(header) {
        Some(table) => format!("{table}.{key}"),
        None => key.to_owned(),
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// Lays one table over another. The depth is that of a configuration which has been read: a few tables.
fn lay(base: &mut Table, over: Table, path: &str) {
    for (key, value) in over {
        let path = join(path, &key);
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) if !CHOICES.contains(&path.as_str()) => {
                lay(below, above, &path);
            }
            (_, value) => drop(base.insert(key, value)),
        }
    }
}

/// Puts a value at a path, through tables and arrays.
fn put(root: &mut Value, path: &str, value: Value) -> Result<(), &'static str> {
    let mut at = root;
    let mut begun = String::new();
    for key in path.split('.') {
        if key.is_empty() {
            return Err("a key is empty");
        }
        let is_choice = CHOICES.contains(&begun.as_str());
        begun = join(&begun, key);
        at = match at {
            Value::Array(array) => {
                let index = key.parse::<usize>().map_err(|_| "an array has numbers for keys")?;
                array.get_mut(index).ok_or("the array is not so long")?
            }
            other => {
                if !other.is_table() || (is_choice && other.get(key).is_none()) {
                    // Another variant, or an optional table that is not there yet.
                    *other = Value::Table(Table::new());
                }
                let Value::Table(table) = other else { return Err("has no keys") };
                table.entry(key).or_insert_with(|| Value::Table(Table::new()))
            }
        };
    }
    *at = value;
    Ok(())
}

/// Takes the value at a path away, if there is one.
fn take(root: &mut Value, path: &str) {
    let (above, last) = path.rsplit_once('.').unwrap_or(("", path));
    let table = above.split('.').filter(|key| !key.is_empty()).try_fold(root, |at, key| at.get_mut(key));
    if let Some(Value::Table(table)) = table {
        table.remove(last);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vm::{HugeMode, NodeConfig, PagingConfig, Scope, Sight, WatermarkConfig};

    fn presets() -> impl Iterator<Item = MachineConfig> {
        MachineConfig::PRESETS.iter().map(|(name, _)| MachineConfig::preset(name).unwrap())
    }

    #[test]
    fn what_is_written_reads_back() {
        for config in presets() {
            let text = config.to_toml().unwrap();
            assert_eq!(MachineConfig::from_toml(&text).unwrap(), config, "{text}");
        }
    }

    #[test]
    fn a_file_lies_over_its_preset() {
        let text = "# a machine\npreset = \"linux-zswap\"\npaging = \"x86-64:levels=5\"\n\n[replacement]\nscope = { process = 9 }\nsight = \"every\"\n[memory]\nnodes = [{ frames = 7 }]\nwatermarks = \"none\"\n[compression]\nmax-pool-percent = 33\n";
        let config = MachineConfig::from_toml(text).unwrap();
        let mut expected = MachineConfig::preset("linux-zswap").unwrap();
        expected.paging = PagingConfig::X86_64 { levels: 5 };
        (expected.replacement.scope, expected.replacement.sight) = (Scope::Process(9), Sight::Every);
        (expected.memory.nodes, expected.memory.watermarks) =
            (vec![NodeConfig::new(7)], WatermarkConfig::None);
        expected.compression.as_mut().unwrap().max_pool_percent = 33;
        assert_eq!(config, expected);
        assert_eq!(MachineConfig::from_toml("").unwrap(), MachineConfig::default());
    }

    #[test]
    fn errors_name_key_and_line() {
        for (text, begin) in [
            ("asids = 1\nasids", "line 2: "),
            ("\n\nasids = 'many'\n", "line 3: asids: invalid type"),
            ("preset = 'small'\n\n[swap]\npages = -1\n", "line 4: swap.pages: invalid value"),
            ("paging = 'x86-65'\n", "line 1: paging: unknown paging"),
            (
                "[memory.watermarks]\nlinux = { scale = 3, more = 1 }\n",
                "line 2: memory.watermarks.linux: unexpected keys",
            ),
            ("[memory]\nframes = 3\n", "line 2: memory.frames: unknown field"),
            (
                "[[memory.nodes]]\nframes = 3\n[[memory.nodes]]\ncpus = []\n",
                "line 3: memory.nodes: missing field",
            ),
            ("preset = 3", "line 1: preset: must be a string"),
            ("preset = 'unix'", "there is no preset unix; there are linux, "),
        ] {
            let error = MachineConfig::from_toml(text).unwrap_err().to_string();
            assert!(error.starts_with(begin), "{text:?}: {error}");
        }
    }

    #[test]
    fn one_value_changes_by_its_key() {
        type Check = fn(&MachineConfig) -> bool;
        let cases: [(&str, &str, Check); 16] = [
            ("paging", "sv48", |c| c.paging == PagingConfig::Sv48),
            ("paging", "one-level:page=4K,pages=3", |c| c.paging.address_limit() == 3 * 4096),
            ("swap.pages", "4096", |c| c.swap.pages == 4096),
            ("swap.checksums", "false", |c| !c.swap.checksums),
            ("tlbs", "none", |c| c.tlbs.tlbs.is_empty()),
            ("caches", "intel-nehalem", |c| c.caches.as_ref().is_some_and(|caches| caches.levels.len() == 4)),
            ("caches", "none", |c| c.caches.is_none()),
            ("compression.codec", "lz4", |c| c.compression.is_some()),
            ("compression", "none", |c| c.compression.is_none()),
            ("memory.frames", "99", |c| c.memory.frames() == Ok(99)),
            ("memory.nodes.0.frames", "98", |c| c.memory.nodes[0].frames == 98),
            ("memory.watermarks", "none", |c| c.memory.watermarks == WatermarkConfig::None),
            ("memory.watermarks.linux.scale", "7", |c| {
                c.memory.watermarks == WatermarkConfig::Linux { scale: 7 }
            }),
            ("replacement.policy", "2q", |c| c.replacement.policy.to_string() == "2q"),
            ("replacement.sight.sampled", "12", |c| c.replacement.sight == Sight::Sampled(12)),
            ("huge.mode", "always", |c| c.huge.mode == HugeMode::Always),
        ];
        for (key, value, check) in cases {
            for preset in presets() {
                let mut config = preset.clone();
                config.set(key, value).unwrap_or_else(|error| panic!("{error}"));
                assert!(check(&config), "{key}={value}");
            }
        }
        for (key, value) in [
            ("", "1"),
            ("swap", "1"),
            ("swap..pages", "1"),
            ("swap.pages", "many"),
            ("memory.nodes.9.frames", "1"),
            ("paging.levels.more", "3"),
            ("asids", "none"),
            ("layout.mmap_min", "0"), // it is mmap-min
        ] {
            let mut config = MachineConfig::default();
            assert!(config.set(key, value).is_err(), "{key}={value}");
            assert_eq!(config, MachineConfig::default());
        }
    }
}
