//! Gives the shared library its SONAME.
//!
//! A program records this name when it is linked and asks the loader for it when it starts. Without one, the
//! linker records the path that it was handed, and a program built through CMake would look for the library in
//! the folder where it was built. Before version 1.0 a minor version may break the interface, so the name holds
//! both numbers (`libmemcore.so.0.1`); from 1.0 on, the major version alone.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");

    let is_elf = cargo_variable("CARGO_CFG_TARGET_FAMILY").split(',').any(|family| family == "unix")
        && cargo_variable("CARGO_CFG_TARGET_VENDOR") != "apple";
    if is_elf {
        let major = cargo_variable("CARGO_PKG_VERSION_MAJOR");
        let interface = match major.as_str() {
            "0" => format!("0.{}", cargo_variable("CARGO_PKG_VERSION_MINOR")),
            _ => major,
        };
        println!("cargo::rustc-cdylib-link-arg=-Wl,-soname,libmemcore.so.{interface}");
    }
}

fn cargo_variable(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("cargo sets {name} for every build script"))
}
