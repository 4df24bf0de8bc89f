//! The reader of events under every reader of records: of a broken document it reads as much as there is.

use std::io::{BufReader, Read};

use quick_xml::Reader;

use crate::characters::Characters;

/// Reads events from characters in whatever encoding they are.
pub type TolerantReader<R> = Reader<BufReader<Characters<R>>>;

/// Reads from the beginning of a file. Tags that do not fit each other and lone ampersands are no fault here: whoever
/// takes the events knows what they cost.
pub fn tolerant<R: Read>(inner: R) -> TolerantReader<R> {
    let mut xml = Reader::from_reader(BufReader::new(Characters::new(inner)));
    let config = xml.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    xml
}
