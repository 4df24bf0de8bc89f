//! Every seed that ever failed, and what was wrong.
//!
//! A seed means the same history as long as `Plan::of_seed`, and what people do in a step, are not changed. Where that has to be, the
//! seeds below become histories like any other, and what they once found belongs into a test of its own.

/// The seeds, each with what it found.
pub(crate) const SEEDS: [(u64, &str); 12] = [
    (
        6,
        "a batch that was declined whole took a revision, so the same rows were tried for ever",
    ),
    (
        29,
        "a deletion whose last content the server refuses could never be sent",
    ),
    (
        980,
        "a row that gave up the only value by which it differed kept a time of its own",
    ),
    (
        1104,
        "the same, after the other row had taken the value in the same pull",
    ),
    (
        1637,
        "a row brought back, deleted and brought back again was taken for one that the server never had",
    ),
    (3512, "a refused row that a pull had changed was not tried again"),
    (14525, "a declined row was not tried again after it had been edited"),
    (
        12725,
        "the last content of a deletion that goes without it was forgotten",
    ),
    (13525, "the same"),
    (
        1760,
        "a value that another row of this device gives up only in a later batch kept its new holder waiting for ever",
    ),
    (3962, "the same"),
    (11369, "the same, after a broken connection"),
];
