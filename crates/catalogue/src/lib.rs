//! Authors, books and contributions: their rules, queries, search, journal, import and export.
