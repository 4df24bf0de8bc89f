//! Sets of a few things, each called by one word: what somebody did for a book, what a conflict is about, what was
//! decided.
//!
//! The word is the same wherever such a thing is written down: in the file, on the server, in JSON, in the window's
//! calls and as the value of an option. So it is stated once, with the variant, and whoever offers the choice reads it
//! from here, along with its meaning.

/// One of a few things, called by a word.
pub trait Word: Clone + Sized + 'static {
    /// What they are called together, as the window's calls name them.
    const NAME: &'static str;
    /// What they are: the first line of their documentation.
    const MEANING: &'static str;
    /// All of them, in the order in which they are offered.
    const ALL: &'static [Self];

    /// What it is called.
    fn word(&self) -> &str;

    /// What it means: the first line of its documentation.
    fn meaning(&self) -> &'static str;

    /// The one that has this name; `None` for a word that this version does not know.
    fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|one| one.word() == word).cloned()
    }
}

/// Declares an enum whose variants are called by words: `Keep = "keep"`.
///
/// It can be copied and compared, is a [`Word`], and is serialised as its word.
#[macro_export]
macro_rules! words {
    (
        #[doc = $about:literal]
        $(#[doc = $rest:literal])*
        $visibility:vis enum $Name:ident {
            $( #[doc = $meaning:literal] $(#[doc = $more:literal])* $Variant:ident = $word:literal, )+
        }
    ) => {
        #[doc = $about]
        $(#[doc = $rest])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        $visibility enum $Name {
            $( #[doc = $meaning] $(#[doc = $more])* $Variant, )+
        }

        impl $Name {
            /// The word for it.
            $visibility const fn word(self) -> &'static str {
                match self {
                    $( Self::$Variant => $word, )+
                }
            }

            /// The one that has this name; `None` for a word that this version does not know.
            $visibility fn of_word(word: &str) -> Option<Self> {
                $crate::word::Word::of_word(word)
            }
        }

        impl $crate::word::Word for $Name {
            const NAME: &'static str = stringify!($Name);
            const MEANING: &'static str = $about.trim_ascii();
            const ALL: &'static [Self] = &[ $( Self::$Variant, )+ ];

            fn word(&self) -> &str {
                Self::word(*self)
            }

            fn meaning(&self) -> &'static str {
                match self {
                    $( Self::$Variant => $meaning.trim_ascii(), )+
                }
            }
        }

        impl ::serde::Serialize for $Name {
            fn serialize<S: ::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.word())
            }
        }

        impl<'de> ::serde::Deserialize<'de> for $Name {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = <::std::borrow::Cow<'de, str> as ::serde::Deserialize>::deserialize(deserializer)?;
                let unknown = || <D::Error as ::serde::de::Error>::custom(format_args!("“{word}” is none of the words"));
                Self::of_word(&word).ok_or_else(unknown)
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use super::Word;

    crate::words! {
        /// Where something is.
        enum Side {
            /// Here.
            Here = "here",
            /// On the server.
            ///
            /// Wherever that is.
            There = "there",
        }
    }

    #[test]
    fn a_word_is_the_same_on_every_way_and_means_something() {
        for side in Side::ALL {
            assert_eq!(Side::of_word(side.word()), Some(*side));
            let json = serde_json::to_string(side).unwrap();
            assert_eq!(json, format!("\"{}\"", side.word()));
            assert_eq!(serde_json::from_str::<Side>(&json).unwrap(), *side);
        }
        assert_eq!(Side::There.meaning(), "On the server.");
        assert!(serde_json::from_str::<Side>("\"elsewhere\"").is_err());
    }
}
