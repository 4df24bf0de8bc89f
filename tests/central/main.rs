//! The central side on a real PostgreSQL: the schema as foreign programs encounter it, the migrations, the roles, the
//! connection and what goes wrong with it, and the push of a batch.
#![expect(
    clippy::disallowed_methods,
    reason = "a pause between two looks at the server, while something there gets as far as the test needs it"
)]

mod ahead;
mod at_once;
mod attacks;
mod batches;
mod certificates;
mod clashes;
mod connecting;
mod examining;
mod growth;
mod limits;
mod little;
mod log;
mod machinery;
mod migrating;
mod ownership;
mod passwords;
mod pulls;
mod refusals;
mod revisions;
mod rights;
mod stories;
mod work;
