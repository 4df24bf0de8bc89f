//! Records of libraries: MARC 21 and UNIMARC, in ISO 2709 and in MARCXML.
//!
//! [`BinaryReader`] and [`XmlReader`] hand out one record after the other and keep only the current one in memory. What
//! files do wrong in practice is read where it can be told what is meant (a length that is not true, letters in an
//! encoding other than the declared one, a directory that counts letters instead of bytes); the record then carries a
//! [`Doubt`]. A record that cannot be read comes as [`Found::Broken`], with its own bytes and where it begins, and the
//! reading goes on with the next.
//!
//! One file each: what a record is (`record`), where one ends (`binary`), which field is where (`directory`), what a
//! field consists of (`field`), which encoding its letters have (`letters`), the encoding of libraries (`marc8`,
//! `iso5426`; how well they fit: `fit`), how a record is laid out (`layout`), records in XML (`xml`), and both forms written (`write`).

mod binary;
mod directory;
mod field;
mod fit;
mod iso5426;
mod layout;
mod letters;
mod marc8;
mod record;
mod write;
mod xml;

pub use self::binary::BinaryReader;
pub use self::layout::RECORD_MAX_BYTES;
pub use self::record::{Broken, Content, Doubt, Fault, Field, Found, Record, Subfield};
pub use self::write::{NotWritten, XmlWriter, to_binary};
pub use self::xml::XmlReader;

/// Whether a text begins as a record in ISO 2709 does: five digits of its length, and the layout of its directory.
pub fn begins_binary(beginning: &[u8]) -> bool {
    let text = beginning.strip_prefix(b"\xef\xbb\xbf").unwrap_or(beginning);
    layout::begins_as_leader(text.trim_ascii_start())
}
