//! Every seed that ever failed, and what was wrong.
//!
//! A seed means the same history as long as `Plan::of_seed`, and what people do in a step, are not changed. Where that has to be, the
//! seeds below become histories like any other, and what they once found belongs into a test of its own.

/// The seeds, each with what it found.
pub(crate) const SEEDS: [(u64, &str); 20] = [
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
    (
        2_251_799_813_685_250,
        "a batch was sent on as if nothing had happened by a device that had seen nothing yet of a restored server",
    ),
    (
        2_251_799_813_685_575,
        "what had arrived before a restore, and was not seen coming back, was taken for arrived",
    ),
    (
        2_251_799_813_685_415,
        "a row that was brought back over a tombstone was taken for one whose deletion was forgotten",
    ),
    (
        2_251_799_813_685_520,
        "an edit before a deletion was lost when both met a restored server",
    ),
    (
        2_251_799_813_686_399,
        "a server that was restored between two questions of a reconciliation",
    ),
    (
        2_251_799_813_687_858,
        "a device that had only sent something, and seen nothing, did not hear that deletions were forgotten",
    ),
    (
        2_251_799_813_696_012,
        "a restore brought back a tombstone, and the row that it declined waited for ever",
    ),
    (
        2_251_799_813_695_106,
        "a row that was declined for a deletion waited for ever when that was forgotten",
    ),
];
