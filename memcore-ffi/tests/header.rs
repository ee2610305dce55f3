//! `include/memcore.h` is checked in, because whoever builds against the library shall not need cbindgen. So it
//! can fall behind the sources; this test renders it anew, in memory, and compares.

use std::{env, fs, path::Path};

#[test]
fn the_checked_in_header_is_what_the_sources_say() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let header = package.join("../include/memcore.h");
    let config =
        cbindgen::Config::from_file(package.join("cbindgen.toml")).expect("cbindgen.toml is readable");

    let mut rendered = Vec::new();
    cbindgen::Builder::new()
        .with_crate(package)
        .with_config(config)
        .generate()
        .expect("cbindgen understands the sources")
        .write(&mut rendered);
    let rendered = String::from_utf8(rendered).expect("cbindgen writes UTF-8");

    if env::var_os("UPDATE_HEADER").is_some() {
        fs::write(&header, rendered).expect("the header is writable");
    } else {
        let checked_in = fs::read_to_string(&header).expect("the header is readable");
        assert!(checked_in == rendered, "include/memcore.h is out of date: run `make header`");
    }
}
