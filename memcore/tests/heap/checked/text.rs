use memcore::heap::Checks;
use memcore::spec::SpecError;

#[test]
fn texts_read_and_show() {
    let own = Checks::NONE.redzone(32).poison(128).limit(5000).guard_every(100).guard_offset(3);
    for (text, checks) in [
        ("none", Checks::NONE),
        ("light", Checks::LIGHT),
        ("full", Checks::FULL),
        ("light:quarantine=1M", Checks::LIGHT.quarantine(1 << 20)),
        ("light:poison=all,track=yes", Checks::LIGHT.poison(usize::MAX).track(true)),
        ("full:tools=no", Checks::FULL.tools(false)),
        ("none:limit=0", Checks::NONE.limit(0)),
        ("light:redzone=32,limit=5000,guard_every=100,guard_offset=3", own),
    ] {
        assert_eq!(text.parse::<Checks>(), Ok(checks), "{text}");
        assert_eq!(checks.to_string(), text);
    }
    assert_eq!("none:redzone=16,poison=128,limit=none".parse::<Checks>(), Ok(Checks::LIGHT));
    assert_eq!("none:quarantine=1m".parse::<Checks>(), Ok(Checks::NONE.quarantine(1 << 20)));
}

#[test]
fn bad_texts_are_errors() {
    assert!(matches!("heavy".parse::<Checks>(), Err(SpecError::UnknownName { .. })));
    assert!(matches!("none:red=1".parse::<Checks>(), Err(SpecError::UnknownKey { .. })));
    for text in [
        "none:redzone=x",
        "none:redzone=",
        "none:track=1",
        "none:guard_every=4294967296",
        "none:limit=-1",
        "none:poison=none",
    ] {
        assert!(matches!(text.parse::<Checks>(), Err(SpecError::BadValue { .. })), "{text}");
    }
}
