//! Calls as text: the grammar of `tests/vectors/README.md`.
//!
//! Parsing is strict: an argument that a call does not know, or a missing one, is a panic that shows the line, so that
//! a slip in a file never weakens a test.

use memcore::alloc::{Budget, Options, Request, Strategy};
use std::rc::Rc;

/// What a file calls a block, a checkpoint or a plan.
pub type Label = Rc<str>;

/// A space to be made.
#[derive(Clone, Debug)]
pub struct Space {
    pub strategy: Strategy,
    pub options: Options,
    /// The most blocks, where the tables are to be fixed.
    pub fixed: Option<u32>,
}

/// One call on a space.
#[derive(Clone, Debug)]
pub enum Call {
    Allocate(Label, Request),
    AllocateAt(Label, u64, Request),
    CanAllocate(Request),
    Free(Label),
    FreeAt(u64),
    Resize(Label, u64),
    Block(Label),
    Alignment(Label),
    BlockAt(u64),
    Containing(u64),
    Tag(Label),
    SetTag(Label, u32),
    Capacity,
    LargestHole,
    LargestSure,
    Grow(u64),
    Reset,
    Checkpoint(Label),
    Rewind(Label),
    Plan(Label, Budget, Vec<Label>),
    Commit(Label),
    Stats,
    Fragmentation,
    Regions,
    Tags,
    BlockHistogram,
    HoleHistogram,
    Capabilities,
    Validate,
}

/// Anything that answers calls: the engine or a model.
pub trait Subject {
    /// The outcome, in the words of the vectors.
    fn call(&mut self, call: &Call) -> String;
}

impl Space {
    /// Reads what follows `space`.
    pub fn parse(text: &str) -> Self {
        let mut words = Words::new(text);
        let strategy = words.next().parse().unwrap_or_else(|error| panic!("{text}: {error}"));
        let options = Options::new(words.number("capacity"))
            .granularity(words.optional("granularity", 1))
            .address_index(words.optional("index", 0) == 1)
            .tags(words.optional("tags", 0) == 1);
        let fixed = words.take("fixed").map(|value| value.parse().unwrap());
        words.end();
        Space { strategy, options, fixed }
    }
}

impl Call {
    /// Reads a call.
    pub fn parse(text: &str) -> Self {
        let mut words = Words::new(text);
        let call = match words.next() {
            "allocate" => Call::Allocate(words.label(), words.request()),
            "allocate_at" => Call::AllocateAt(words.label(), words.number("start"), words.request()),
            "can_allocate" => Call::CanAllocate(words.request()),
            "free" => Call::Free(words.label()),
            "free_at" => Call::FreeAt(words.number("start")),
            "resize" => Call::Resize(words.label(), words.number("size")),
            "block" => Call::Block(words.label()),
            "alignment" => Call::Alignment(words.label()),
            "block_at" => Call::BlockAt(words.number("start")),
            "containing" => Call::Containing(words.number("offset")),
            "tag" => Call::Tag(words.label()),
            "set_tag" => Call::SetTag(words.label(), words.number("tag") as u32),
            "capacity" => Call::Capacity,
            "largest_hole" => Call::LargestHole,
            "largest_sure" => Call::LargestSure,
            "grow" => Call::Grow(words.number("capacity")),
            "reset" => Call::Reset,
            "checkpoint" => Call::Checkpoint(words.label()),
            "rewind" => Call::Rewind(words.label()),
            "plan" => {
                let label = words.label();
                let bytes = words.optional("bytes", u64::MAX);
                let moves = words.optional("moves", u64::MAX);
                let pinned = words.take("pinned").unwrap_or_default();
                let pinned = pinned.split(',').filter(|label| !label.is_empty()).map(Label::from);
                Call::Plan(label, Budget { bytes, moves }, pinned.collect())
            }
            "commit" => Call::Commit(words.label()),
            "stats" => Call::Stats,
            "fragmentation" => Call::Fragmentation,
            "regions" => Call::Regions,
            "tags" => Call::Tags,
            "block_histogram" => Call::BlockHistogram,
            "hole_histogram" => Call::HoleHistogram,
            "capabilities" => Call::Capabilities,
            "validate" => Call::Validate,
            other => panic!("{text}: no call is named {other}"),
        };
        words.end();
        call
    }
}

/// The words of a line that were not used yet.
struct Words<'a> {
    line: &'a str,
    left: Vec<&'a str>,
}

impl<'a> Words<'a> {
    fn new(line: &'a str) -> Self {
        Words { line, left: line.split(' ').collect() }
    }

    fn next(&mut self) -> &'a str {
        assert!(!self.left.is_empty(), "{}: a word is missing", self.line);
        self.left.remove(0)
    }

    fn label(&mut self) -> Label {
        let label = self.next();
        assert!(!label.contains('='), "{}: a label is missing", self.line);
        label.into()
    }

    fn take(&mut self, key: &str) -> Option<&'a str> {
        let value = |word: &&'a str| word.strip_prefix(key)?.strip_prefix('=');
        let at = self.left.iter().position(|word| value(word).is_some())?;
        value(&self.left.remove(at))
    }

    fn optional(&mut self, key: &str, default: u64) -> u64 {
        self.take(key).map_or(default, |value| value.parse().unwrap_or_else(|_| panic!("{}", self.line)))
    }

    fn number(&mut self, key: &str) -> u64 {
        let value = self.take(key).unwrap_or_else(|| panic!("{}: {key} is missing", self.line));
        value.parse().unwrap_or_else(|_| panic!("{}: {key} is no number", self.line))
    }

    fn request(&mut self) -> Request {
        Request {
            size: self.number("size"),
            alignment: self.optional("align", 1),
            bias: self.optional("bias", 0),
            tag: self.optional("tag", 0) as u32,
        }
    }

    fn end(&self) {
        assert!(self.left.is_empty(), "{}: {:?} is not known", self.line, self.left);
    }
}
