//! How a row and an id are serialised: written out by hand, because serde's derive takes the name of a crate as text,
//! and it is up to an application under which name it imports this crate.

/// A row as a map of its fields.
#[doc(hidden)]
#[macro_export]
macro_rules! serialize_row {
    ($name:ident { $($field:ident),* $(,)? }) => {
        impl $crate::exports::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
            where
                S: $crate::exports::serde::Serializer,
            {
                use $crate::exports::serde::ser::SerializeStruct as _;
                let fields = [$(stringify!($field)),*].len();
                let mut row = serializer.serialize_struct(stringify!($name), fields)?;
                $( row.serialize_field(stringify!($field), &self.$field)?; )*
                row.end()
            }
        }
    };
}

/// An id as the bare id.
#[doc(hidden)]
#[macro_export]
macro_rules! serialize_id {
    ($name:ident) => {
        impl $crate::exports::serde::Serialize for $name {
            fn serialize<S>(&self, serializer: S) -> ::std::result::Result<S::Ok, S::Error>
            where
                S: $crate::exports::serde::Serializer,
            {
                $crate::exports::serde::Serialize::serialize(&self.0, serializer)
            }
        }

        impl<'de> $crate::exports::serde::Deserialize<'de> for $name {
            fn deserialize<D>(deserializer: D) -> ::std::result::Result<Self, D::Error>
            where
                D: $crate::exports::serde::Deserializer<'de>,
            {
                $crate::exports::serde::Deserialize::deserialize(deserializer).map(Self)
            }
        }
    };
}
