//! The texts of the configuration, and what they refuse.

use crate::vm::paging::{PagingConfig, Tlbs, TlbsConfig, WalkCacheConfig};
use std_alloc::string::ToString;
use std_alloc::vec::Vec;

#[test]
fn paging_reads_and_shows() {
    for text in [
        "x86-64",
        "x86-64:levels=5",
        "sv39",
        "sv48",
        "inverted:page=4K,address-bits=48",
        "inverted:page=64K,address-bits=40,buckets=1024",
        "one-level:page=256,pages=8",
    ] {
        let config: PagingConfig = text.parse().unwrap();
        assert_eq!(config.to_string(), text);
        let saved = postcard::to_allocvec(&config).unwrap();
        assert_eq!(postcard::from_bytes::<PagingConfig>(&saved).unwrap(), config);
        assert!(config.check().is_ok());
    }
    assert_eq!("x86-64:levels=4".parse(), Ok(PagingConfig::default()));
    for (text, message) in [
        ("x86-64:levels=3", "levels=3: must be 4 or 5"),
        ("x86-64:levels=99999999999", "levels=4294967295: must be 4 or 5"),
        ("sv39:levels=3", "sv39 has no parameter \"levels\"; known: none"),
        ("arm", "unknown paging \"arm\"; known: x86-64, sv39, sv48, inverted, one-level"),
        ("one-level:page=100", "page=100: must be a power of two up to 1G"),
        ("one-level:pages=0", "pages=0: must be one or more, 2^63 bytes in all at most"),
        (
            "one-level:page=8,pages=1152921504606846977",
            "pages=1152921504606846977: must be one or more, 2^63 bytes in all at most",
        ),
        ("one-level:page=x", "page=x: must be a size such as 4K"),
        ("inverted:page=32", "page=32: must be a power of two from 64 to 1G"),
        ("inverted:address-bits=12", "address-bits=12: must be more than those of a page, at most 63"),
        ("inverted:buckets=3", "buckets=3: must be a power of two up to 2^31, or 0 for as many as frames"),
    ] {
        assert_eq!(text.parse::<PagingConfig>().unwrap_err().to_string(), message);
    }
    assert!(PagingConfig::X86_64 { levels: 9 }.check().is_err());
    let sized = "inverted".parse::<PagingConfig>().unwrap().with_frames(1000);
    assert_eq!(sized.to_string(), "inverted:page=4K,address-bits=48,buckets=1024");
}

/// Sizes by the manuals: Intel volume 3A figures 4-8 to 4-10, RISC-V privileged figures of Sv39 and Sv48.
#[test]
fn shapes_are_those_of_the_manuals() {
    let shape = |text: &str| {
        let config: PagingConfig = text.parse().unwrap();
        let leaves: Vec<u64> =
            (0..6).filter(|&level| config.can_map_at(level)).map(|level| config.leaf_size(level)).collect();
        (config.levels(), config.address_bits(), config.address_limit(), leaves)
    };
    let (k4, m2, g1, g512) = (4096, 2 << 20, 1 << 30, 512 << 30);
    assert_eq!(shape("x86-64"), (4, 48, 0x7fff_ffff_f000, [k4, m2, g1].to_vec()));
    assert_eq!(shape("x86-64:levels=5"), (5, 57, 0xff_ffff_ffff_f000, [k4, m2, g1].to_vec()));
    assert_eq!(shape("sv39"), (3, 39, 0x40_0000_0000, [k4, m2, g1].to_vec()));
    assert_eq!(shape("sv48"), (4, 48, 0x8000_0000_0000, [k4, m2, g1, g512].to_vec()));
    assert_eq!(shape("inverted"), (1, 48, 1 << 48, [k4].to_vec()));
    assert_eq!(shape("one-level:page=1K,pages=20"), (1, 15, 20480, [1024].to_vec()));
    let one: PagingConfig = "one-level:pages=1".parse().unwrap();
    assert_eq!((one.level_bits(0), one.level_bits(1)), (0, 0));
}

#[test]
fn canonical_addresses() {
    for (text, inside, outside) in [
        ("x86-64", [0x7fff_ffff_ffff, 0xffff_8000_0000_0000], [0x8000_0000_0000, 0xffff_7fff_ffff_ffff]),
        ("x86-64:levels=5", [0xff_ffff_ffff_ffff, 0xff00_0000_0000_0000], [1 << 56, 0xfeff_ffff_ffff_ffff]),
        ("sv39", [0x3f_ffff_ffff, 0xffff_ffc0_0000_0000], [0x40_0000_0000, 0xffff_ffbf_ffff_ffff]),
        ("one-level:page=8,pages=3", [0, 23], [24, u64::MAX]),
    ] {
        let config: PagingConfig = text.parse().unwrap();
        assert!(inside.iter().all(|&address| config.is_canonical(address)), "{text}");
        assert!(!outside.iter().any(|&address| config.is_canonical(address)), "{text}");
    }
}

#[test]
fn tlbs_and_walk_caches_read_and_show() {
    for preset in TlbsConfig::PRESETS {
        let config: TlbsConfig = preset.parse().unwrap();
        assert_eq!(config.to_string().parse::<TlbsConfig>().unwrap(), config);
        assert!(Tlbs::for_paging(&config, 4096, &PagingConfig::default()).is_ok());
    }
    let text = "tlb:entries=64,ways=4,pages=4K;2M,policy=tree-plru,latency=1,serves=data,level=1";
    assert_eq!(text.parse::<TlbsConfig>().unwrap().to_string(), text);
    for (text, message) in [
        ("skylark", "unknown set of TLBs \"skylark\"; known: none, small, intel-skylake"),
        (
            "tlb:entries=4,size=4",
            "tlb has no parameter \"size\"; known: entries, ways, pages, policy, latency, serves, level",
        ),
        ("d:entries=4 d:entries=4", "a level cannot be called \"d\": the name is taken"),
        ("d:entries=4,level=5", "level=5: must be from 1 to 4"),
        ("d:entries=4,serves=all", "serves=all: must be data, instruction or unified"),
    ] {
        assert_eq!(text.parse::<TlbsConfig>().unwrap_err().to_string(), message);
    }
    let refused = Tlbs::for_paging(&"d:entries=4,policy=clock".parse().unwrap(), 0, &PagingConfig::default())
        .unwrap_err();
    assert!(refused.to_string().starts_with("a TLB cannot use clock"), "{refused}");
    let refused = Tlbs::for_paging(&"none".parse().unwrap(), 65537, &PagingConfig::default()).unwrap_err();
    assert_eq!(refused.to_string(), "address-space tags 0x10001: must be at most 65536");
    for text in ["none", "pwc:entries=32;4;1", "pwc:entries=0;4"] {
        assert_eq!(text.parse::<WalkCacheConfig>().unwrap().to_string(), text);
    }
    for text in
        ["pwc", "pwc:entries=", "pwc:entries=1;x", "pwc:entries=65537", "pwc:entries=1;1;1;1;1;1;1;1;1", "pw"]
    {
        assert!(text.parse::<WalkCacheConfig>().is_err(), "{text}");
    }
}
