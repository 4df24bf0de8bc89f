//! The kinds of RIS records.

use crate::import::kind_of_record::KindOfRecord;

/// What a record of a kind is.
pub(super) fn kind(word: &str) -> KindOfRecord {
    match word.trim().to_ascii_uppercase().as_str() {
        "BOOK" | "EBOOK" | "EDBOOK" | "DICT" | "ENCYC" | "CLSWK" | "CTLG" => KindOfRecord::Book(""),
        "CONF" => KindOfRecord::Book("proceedings"),
        "THES" => KindOfRecord::Book("thesis"),
        "RPRT" => KindOfRecord::Book("report"),
        "GOVDOC" => KindOfRecord::Book("government document"),
        "PAMP" => KindOfRecord::Book("pamphlet"),
        "MUSIC" => KindOfRecord::Book("score"),
        "STAND" => KindOfRecord::Book("standard"),
        "MANSCPT" => KindOfRecord::Book("manuscript"),
        "SER" => KindOfRecord::Book("series"),
        "CHAP" | "ECHAP" => KindOfRecord::Part("part of a book"),
        "CPAPER" => KindOfRecord::Part("paper in proceedings"),
        "JOUR" | "EJOUR" | "MGZN" | "NEWS" | "ABST" | "INPR" => KindOfRecord::NoBook("an article"),
        "JFULL" => KindOfRecord::NoBook("an issue of a periodical"),
        "ELEC" | "WEB" | "BLOG" | "POST" | "SOCIAL" => KindOfRecord::NoBook("a web page"),
        "COMP" => KindOfRecord::NoBook("a program"),
        "DATA" | "AGGR" | "DBASE" => KindOfRecord::NoBook("a set of data"),
        "PAT" => KindOfRecord::NoBook("a patent"),
        "PCOMM" | "ICOMM" => KindOfRecord::NoBook("a letter"),
        "CASE" | "BILL" | "STAT" | "HEAR" | "LEGAL" | "UNBILL" => KindOfRecord::NoBook("a legal text"),
        "ART" | "FIGURE" | "CHART" | "SLIDE" => KindOfRecord::NoBook("a picture"),
        "MAP" => KindOfRecord::NoBook("a map"),
        "MPCT" | "VIDEO" | "ADVS" => KindOfRecord::NoBook("a film"),
        "SOUND" => KindOfRecord::NoBook("a recording"),
        "GRANT" => KindOfRecord::NoBook("a grant"),
        "EQUA" => KindOfRecord::NoBook("a formula"),
        _ => KindOfRecord::Unknown,
    }
}
