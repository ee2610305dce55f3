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
        "arc:p=integer",
        "car:p=integer",
        "lirs:hir=5,ghosts=0",
        "clock-pro:cold=50",
        "s3-fifo:small=20,threshold=1,warm=main",
        "w-tinylfu:window=20,protected=50,sample=5",
        "mglru:generations=8",
        "working-set:tau=18446744073709551615",
        "wsclock:tau=1",
        "pff:interval=7",
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
        ("arc:p=real", "arc"),
        ("s3-fifo:threshold=2,warm=small", "s3-fifo"),
        ("lirs:ghosts=100,hir=1", "lirs"),
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
        ("arc:p=whole", "p=whole"),
        ("lirs:hir=0", "hir=0"),
        ("lirs:ghosts=10001", "ghosts=10001"),
        ("clock-pro:cold=0", "cold=0"),
        ("s3-fifo:threshold=4", "threshold=4"),
        ("s3-fifo:small=0", "small=0"),
        ("s3-fifo:warm=hot", "warm=hot"),
        ("w-tinylfu:window=0", "window=0"),
        ("w-tinylfu:protected=101", "protected=101"),
        ("w-tinylfu:sample=0", "sample=0"),
        ("mglru:generations=2", "generations=2"),
        ("mglru:generations=9", "generations=9"),
        ("working-set:tau=0", "tau=0"),
        ("wsclock:tau=x", "tau=x"),
        ("pff:interval=0", "interval=0"),
    ] {
        let error = text.parse::<PolicySpec>().unwrap_err().to_string();
        assert!(error.contains(words), "{text}: {error}");
    }
    let aging = Aging::new(&AgingParameters { bits: 64, tick: None }, 3).unwrap_err();
    assert!(matches!(aging, PolicyError::Spec(_)), "{aging}");
    let lru_k = LruK::new(&LruKParameters { k: 0, ..LruKParameters::default() }, 3).unwrap_err();
    assert!(matches!(lru_k, PolicyError::Spec(_)), "{lru_k}");
    let mglru = MgLru::new(&MgLruParameters { generations: 20 }, 3).unwrap_err();
    assert!(matches!(mglru, PolicyError::Spec(_)), "{mglru}");
    let s3_fifo =
        S3Fifo::new(&S3FifoParameters { threshold: 0, ..S3FifoParameters::default() }, 3).unwrap_err();
    assert!(matches!(s3_fifo, PolicyError::Spec(_)), "{s3_fifo}");
}
