//! Open enums: known values have names, unknown ones are kept.

/// Declares an enum over codes that Exact stores as text.
macro_rules! open_text {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A value that this version does not know, as it was delivered.
            Other(String),
        }

        impl $name {
            /// The code that Exact stores.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Other(code) => code,
                }
            }
        }

        impl From<&str> for $name {
            fn from(code: &str) -> Self {
                match code {
                    $($code => Self::$variant,)*
                    other => Self::Other(other.to_owned()),
                }
            }
        }

        impl crate::odata::sealed::Sealed for $name {}

        impl crate::odata::Scalar for $name {
            const EDM: crate::odata::Edm = crate::odata::Edm::Text;

            fn to_value(&self) -> crate::odata::Value {
                crate::odata::Value::Text(self.as_str().to_owned())
            }

            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                let code = <String as crate::odata::Scalar>::read(deserializer)?;
                Ok(code.map(|code| Self::from(code.trim())))
            }
        }
    };
}

/// Declares an enum over numbers of that Edm type.
macro_rules! open_number {
    ($(#[$doc:meta])* $name:ident: $edm:ident { $($(#[$vdoc:meta])* $variant:ident = $code:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$vdoc])* $variant,)*
            /// A value that this version does not know, as it was delivered.
            Other(i32),
        }

        impl $name {
            /// The number that Exact stores.
            #[must_use]
            pub fn number(self) -> i32 {
                match self {
                    $(Self::$variant => $code,)*
                    Self::Other(number) => number,
                }
            }
        }

        impl From<i32> for $name {
            fn from(number: i32) -> Self {
                match number {
                    $($code => Self::$variant,)*
                    other => Self::Other(other),
                }
            }
        }

        impl crate::odata::sealed::Sealed for $name {}

        impl crate::odata::Scalar for $name {
            const EDM: crate::odata::Edm = crate::odata::Edm::$edm;

            fn to_value(&self) -> crate::odata::Value {
                crate::odata::Value::Int(i64::from(self.number()))
            }

            fn read<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
                Ok(<i32 as crate::odata::Scalar>::read(deserializer)?.map(Self::from))
            }
        }
    };
}

pub(crate) use {open_number, open_text};
