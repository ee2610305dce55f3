//! Policies as text: what is shown reads back, what makes no sense is an error that says why.

use memcore::replacement::*;

#[test]
fn what_is_shown_reads_back_and_defaults_are_not_shown() {
    for text in [
        "random:seed=7",
        "clock:bit=clear",
        "nru:tick=0",
        "aging:bits=4,tick=100",
        "lfu:tie=fifo,history=kept",
        "lru-k:k=3,correlated=5,history=0",
        "slru:protected=50",
        "2q:in=10,out=90",
    ] {
        let spec: PolicySpec = text.parse().unwrap();
        assert_eq!(spec.to_string(), text);
        assert_ne!(spec, spec.name().parse().unwrap());
    }
    for (text, shown) in [
        ("random:seed=1", "random"),
        ("clock:bit=set", "clock"),
        ("aging:bits=8", "aging"),
        ("lfu:history=reset,tie=lru", "lfu"),
        ("lru-k:correlated=0,k=2", "lru-k"),
        ("slru:protected=80", "slru"),
        ("2q:out=50,in=25", "2q"),
    ] {
        assert_eq!(text.parse::<PolicySpec>().unwrap().to_string(), shown);
    }
}

#[test]
fn parameters_out_of_range_are_errors_with_the_value() {
    for (text, words) in [
        ("clock:bit=maybe", "bit=maybe"),
        ("clock:hand=2", "\"hand\""),
        ("nru:tick=-1", "tick=-1"),
        ("aging:bits=0", "bits=0"),
        ("aging:bits=33", "bits=33"),
        ("lfu:tie=none", "tie=none"),
        ("lru-k:k=0", "k=0"),
        ("lru-k:k=17", "k=17"),
        ("lru-k:k=4294967298", "k=4294967298"),
        ("slru:protected=101", "protected=101"),
        ("2q:in=101", "in=101"),
        ("2q:out=1000", "out=1000"),
    ] {
        let error = text.parse::<PolicySpec>().unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    let aging = Aging::new(&AgingParameters { bits: 64, tick: None }, 3).unwrap_err();
    assert!(matches!(aging, PolicyError::Spec(_)), "{aging}");
    let lru_k = LruK::new(&LruKParameters { k: 0, ..LruKParameters::default() }, 3).unwrap_err();
    assert!(matches!(lru_k, PolicyError::Spec(_)), "{lru_k}");
}
