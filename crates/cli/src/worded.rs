//! Values of options that are one of a set of words of the catalogue, with their meanings shown in the help.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use colophon_catalogue::format::Format;
use colophon_catalogue::word::Word;

/// Takes one of the words, written with `-`, as elsewhere on the command line, or with `_`, as it is stored.
pub(crate) fn one_of<T: Word + Send + Sync>() -> impl TypedValueParser<Value = T> {
    PossibleValuesParser::new(T::ALL.iter().map(value)).try_map(|written: String| {
        let word = written.replace('-', "_");
        T::of_word(&word).ok_or_else(|| format!("“{written}” is no {}", T::NAME.to_lowercase()))
    })
}

fn value<T: Word>(one: &T) -> PossibleValue {
    let (word, option) = (one.word().to_owned(), one.word().replace('_', "-"));
    let value = PossibleValue::new(option.clone()).help(one.meaning().trim_end_matches('.'));
    if word == option { value } else { value.alias(word) }
}

/// Takes the name of one of some formats.
pub(crate) fn one_format(
    formats: impl Iterator<Item = &'static Format>,
) -> impl TypedValueParser<Value = &'static Format> {
    let values = formats.map(|format| PossibleValue::new(format.name).help(format.title));
    PossibleValuesParser::new(values)
        .try_map(|written: String| Format::named(&written).ok_or_else(|| format!("“{written}” is no format")))
}
