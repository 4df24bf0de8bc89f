//! Words of the catalogue on the wire.
//!
//! What has a word in the catalogue has the same word here: nothing is written out a second time. In the window's
//! TypeScript each set of words is a type of its own, with the name that it has in Rust.

use colophon_catalogue::word::Word;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use specta::datatype::{DataType, Enum, NamedDataType, Variant};
use specta::{Type, Types};

/// One of a set of words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Worded<T>(pub(crate) T);

impl<T: Word> Serialize for Worded<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0.word())
    }
}

impl<'de, T: Word> Deserialize<'de> for Worded<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        let unknown = || de::Error::custom(format_args!("“{word}” is no {}", T::NAME));
        T::of_word(&word).map(Self).ok_or_else(unknown)
    }
}

impl<T: Word> Type for Worded<T> {
    fn definition(types: &mut Types) -> DataType {
        let known = types.into_unsorted_iter().find(|known| known.name == T::NAME).cloned();
        let named = known.unwrap_or_else(|| {
            NamedDataType::new(T::NAME, types, |_, named| {
                named.docs = format!(" {}", T::MEANING).into();
                named.ty = Some(union::<T>().into());
            })
        });
        DataType::Reference(named.reference(Vec::new()))
    }
}

/// `"book" | "author"`.
fn union<T: Word>() -> Enum {
    let mut union = Enum::default();
    for one in T::ALL {
        let mut variant = Variant::unit();
        variant.docs = format!(" {}", one.meaning()).into();
        union.variants.push((one.word().to_owned().into(), variant));
    }
    union
}
