//! The list of policies, and every one of them behind one type, for a choice at run time.
//!
//! A new policy is one file in `policies/` and one line in the list at the end of this file.

use super::error::PolicyError;
use super::kernels::Kernel;
use super::policies::*;
use super::policy::{Facts, Named, Page, Pager, Parameters, Policy};
use crate::spec::{Names, Spec, SpecError};
use core::fmt;
use core::str::FromStr;
use serde::{Deserialize, Serialize};
use std_alloc::string::{String, ToString};

macro_rules! policies {
    ($($policy:ident),+ $(,)?) => {
        /// A policy's name and its parameters.
        ///
        /// As text it is `name` or `name:key=value,key=value`; what is shown reads back as the same.
        ///
        /// ```
        /// use memcore::replacement::PolicySpec;
        /// let spec: PolicySpec = "lru".parse()?;
        /// assert!(spec.facts().is_stack);
        /// assert_eq!(spec.to_string(), "lru");
        /// assert!("lur".parse::<PolicySpec>().unwrap_err().to_string().contains("lru"));
        /// # Ok::<(), memcore::spec::SpecError>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        #[non_exhaustive]
        pub enum PolicySpec {
            $(#[doc = concat!("See [`", stringify!($policy), "`].")] $policy(<$policy as Named>::Parameters),)+
        }

        /// A policy chosen at run time by a [`PolicySpec`].
        ///
        /// It can be written to a file and read again (serde), and goes on as if nothing had been; see
        /// [`Policy::validate`] for what is to be done after reading.
        #[derive(Clone, Debug, Serialize, Deserialize)]
        #[allow(clippy::large_enum_variant)] // one level of indirection would cost every call
        #[non_exhaustive]
        pub enum AnyPolicy {
            $(#[doc = concat!("See [`", stringify!($policy), "`].")] $policy($policy),)+
        }

        const NAMES: &[&str] = &[$($policy::NAME),+];

        impl PolicySpec {
            /// The name, without parameters.
            pub fn name(&self) -> &'static str {
                match self { $(PolicySpec::$policy(_) => $policy::NAME,)+ }
            }

            /// What kind of policy it is.
            pub fn facts(&self) -> Facts {
                match self { $(PolicySpec::$policy(_) => $policy::FACTS,)+ }
            }

            /// The keys of its parameters.
            pub fn keys(&self) -> &'static [&'static str] {
                match self {
                    $(PolicySpec::$policy(_) => <$policy as Named>::Parameters::KEYS,)+
                }
            }

            /// The faster form that only counts misses, where the policy has one, empty, with no pages
            /// reserved.
            ///
            /// # Errors
            /// As [`Named::new`].
            pub fn kernel(&self, frames: u32) -> Result<Option<std_alloc::boxed::Box<dyn Kernel>>, PolicyError> {
                match self { $(PolicySpec::$policy(parameters) => $policy::kernel(parameters, frames),)+ }
            }

            /// Calls `visitor` with the policy's own type, empty and made for this many frames: for loops that
            /// shall be compiled for each policy.
            ///
            /// # Errors
            /// As [`Named::new`].
            pub fn visit<V: Visitor>(&self, frames: u32, visitor: V) -> Result<V::Output, PolicyError> {
                Ok(match self {
                    $(PolicySpec::$policy(parameters) => visitor.visit($policy::new(parameters, frames)?),)+
                })
            }

            fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn fmt::Display)) {
                match self { $(PolicySpec::$policy(parameters) => parameters.tell(to),)+ }
            }
        }

        impl FromStr for PolicySpec {
            type Err = SpecError;

            fn from_str(text: &str) -> Result<Self, SpecError> {
                let spec: Spec = text.parse()?;
                $(if spec.name() == $policy::NAME {
                    spec.allow(<$policy as Named>::Parameters::KEYS)?;
                    return Ok(PolicySpec::$policy(<$policy as Named>::Parameters::read(&spec)?));
                })+
                Err(SpecError::UnknownName { kind: "policy", name: spec.name().into(), known: Names(NAMES) })
            }
        }

        impl AnyPolicy {
            /// The policy of this name for so many frames, empty, with no pages reserved.
            ///
            /// # Errors
            /// As [`Named::new`].
            pub fn of(spec: &PolicySpec, frames: u32) -> Result<AnyPolicy, PolicyError> {
                Ok(match spec {
                    $(PolicySpec::$policy(parameters) => AnyPolicy::$policy($policy::new(parameters, frames)?),)+
                })
            }
        }

        impl AnyPolicy {
            /// The pages reserved. O(1).
            pub fn reserved(&self) -> u32 {
                match self { $(AnyPolicy::$policy(policy) => policy.reserved(),)+ }
            }
        }

        policies!(@calls { $($policy),+ }
            fn facts(&self) -> Facts;
            fn reserve(&mut self, pages: u32) -> Result<(), PolicyError>;
            fn foresee(&mut self, references: &[Page]) -> Result<(), PolicyError>;
            fn frames(&self) -> u32;
            fn resident(&self) -> u32;
            fn is_resident(&self, page: Page) -> bool;
            fn touch(&mut self, page: Page, pager: &mut impl Pager) -> ();
            fn miss(&mut self, page: Page, pager: &mut impl Pager) -> ();
            fn evict(&mut self, pager: &mut impl Pager) -> Option<Page>;
            fn insert(&mut self, page: Page, pager: &mut impl Pager) -> ();
            fn remove(&mut self, page: Page, pager: &mut impl Pager) -> bool;
            fn tick(&mut self, pager: &mut impl Pager) -> ();
            fn access(&mut self, page: Page, pager: &mut impl Pager) -> bool;
            fn metadata_bytes(&self) -> usize;
            fn validate(&self) -> Result<(), &'static str>;
        );
    };
    (@calls $policies:tt $(fn $call:ident $arguments:tt -> $result:ty;)+) => {
        impl Policy for AnyPolicy {
            $(policies!(@call $policies $call $arguments $result);)+
        }
    };
    (@call $policies:tt $call:ident (&self $(, $argument:ident: $type:ty)*) $result:ty) => {
        #[inline]
        fn $call(&self $(, $argument: $type)*) -> $result {
            policies!(@match self $policies $call ($($argument),*))
        }
    };
    (@call $policies:tt $call:ident (&mut self $(, $argument:ident: $type:ty)*) $result:ty) => {
        #[inline]
        fn $call(&mut self $(, $argument: $type)*) -> $result {
            policies!(@match self $policies $call ($($argument),*))
        }
    };
    (@match $self:ident { $($policy:ident),+ } $call:ident $arguments:tt) => {
        match $self { $(AnyPolicy::$policy(policy) => policy.$call $arguments,)+ }
    };
}

/// A generic function over policies, as a value: see [`PolicySpec::visit`].
pub trait Visitor {
    /// What it gives.
    type Output;

    /// Calls it.
    fn visit<P: Policy + Send + 'static>(self, policy: P) -> Self::Output;
}

impl PolicySpec {
    /// The names of all policies, as [`FromStr`] reads them.
    pub fn names() -> &'static [&'static str] {
        NAMES
    }
}

impl TryFrom<String> for PolicySpec {
    type Error = SpecError;

    fn try_from(text: String) -> Result<Self, SpecError> {
        text.parse()
    }
}

impl From<PolicySpec> for String {
    fn from(spec: PolicySpec) -> String {
        spec.to_string()
    }
}

impl fmt::Display for PolicySpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let mut separator = ':';
        let mut result = Ok(());
        self.tell(&mut |key, value| {
            result = result.and_then(|()| write!(f, "{separator}{key}={value}"));
            separator = ',';
        });
        result
    }
}

policies! {
    Fifo,
    Lru,
    Opt,
    Mru,
    Random,
    Clock,
    Nru,
    Aging,
    Lfu,
    Lfuda,
    LruK,
    Slru,
    TwoQ,
    Sieve,
    Arc,
    Car,
    Lirs,
    ClockPro,
    S3Fifo,
    WTinyLfu,
    MgLru,
    WorkingSet,
    WsClock,
    Pff,
}
