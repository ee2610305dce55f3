//! Heaps over real bytes, driven with contents that are checked.
