//! Parameters that are whole numbers within bounds, declared once: fields, text form, bounds.

/// Declares a struct of whole-number parameters, each with its default and its bounds.
macro_rules! whole_numbers {
    (
        $(#[$about:meta])*
        $name:ident { $($(#[$meaning:meta])* $key:ident = $default:literal in $low:literal..=$high:literal,)+ }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $($(#[$meaning])* #[doc = concat!(
                " From ", $low, " to ", $high, "; ", $default, " unless given."
            )] pub $key: u64,)+
        }

        impl Default for $name {
            fn default() -> Self {
                $name { $($key: $default,)+ }
            }
        }

        impl $crate::replacement::policy::Parameters for $name {
            const KEYS: &'static [&'static str] = &[$(stringify!($key),)+];

            fn read(spec: &$crate::spec::Spec) -> Result<Self, $crate::spec::SpecError> {
                let read = $name { $($key: spec.number(stringify!($key), $default)?,)+ };
                read.check().map(|()| read)
            }

            fn tell(&self, to: &mut dyn FnMut(&'static str, &dyn core::fmt::Display)) {
                $(if self.$key != $default {
                    to(stringify!($key), &self.$key);
                })+
            }
        }

        impl $name {
            /// That each is within its bounds.
            fn check(&self) -> Result<(), $crate::spec::SpecError> {
                $($crate::replacement::read::check(
                    stringify!($key),
                    self.$key,
                    $low..=$high,
                    concat!("must be a whole number from ", $low, " to ", $high),
                )?;)+
                Ok(())
            }
        }
    };
}

pub(crate) use whole_numbers;
