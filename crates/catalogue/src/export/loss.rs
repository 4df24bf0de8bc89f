//! What an export leaves out, for whoever is about to make one.

crate::words! {
    /// Something that a catalogue knows and a format has no place for.
    pub enum Loss {
        /// Subtitles apart from titles.
        Subtitles = "subtitles",
        /// Original titles and years.
        Originals = "originals",
        /// Whether a book is a hardback, an ebook or something else.
        Formats = "formats",
        /// Shelf marks.
        ShelfMarks = "shelf_marks",
        /// Some identifiers.
        Identifiers = "identifiers",
        /// The sort names of everybody but the author.
        SortNames = "sort_names",
        /// Some roles.
        Roles = "roles",
        /// The order of people with different roles.
        Order = "order",
        /// What is known of people besides their names.
        People = "people",
        /// People without a book, and names that are in no list.
        Unused = "unused",
    }
}
