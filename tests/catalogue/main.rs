//! The catalogue through its public interface: lists and search over real files.
#![expect(clippy::unwrap_used, reason = "a test ends where its assumption does")]

mod search;
