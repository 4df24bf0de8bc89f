//! Every seed that ever failed, and what was wrong.
//!
//! A seed means the same history as long as `Plan::of_seed`, and what people do in a step, are not changed. If that
//! becomes necessary, the seeds below become histories like any other, and what they once found belongs in a test of
//! its own.

/// The seeds, each with what it found.
pub(crate) const SEEDS: &[(u64, &str)] = &[
    (
        6,
        "a batch that was quarantined whole took a revision, so the same rows were tried for ever",
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
    (14525, "a quarantined row was not tried again after it had been edited"),
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
        "a restore brought back a tombstone, and the row that was quarantined for it waited for ever",
    ),
    (
        2_251_799_813_695_106,
        "a row that was quarantined for a deletion waited for ever when that was forgotten",
    ),
    (
        3971,
        "a batch came after its sender had been told that it never would, and what was said earlier stood",
    ),
    (6524, "the same: a record that was deleted came back"),
    (
        59_896,
        "the last content of a deletion was taken for the server's, which had deleted the record with another",
    ),
    (
        1_068_585,
        "a deletion was taken for undone that another one had repeated",
    ),
    (1_107_334, "the same"),
    (
        1_125_899_906_842_793,
        "a deletion that this file had made before it was brought back from a copy was taken for its own, and what others had said there for old",
    ),
    (1_125_899_906_857_172, "the same"),
    (1_125_899_906_857_695, "the same"),
    (
        1_125_899_906_843_009,
        "lines that had reached the server merged with those of others were taken for unheard by the checker",
    ),
    (1_125_899_906_845_349, "the same"),
    (1_125_899_906_846_166, "the same"),
    (1_125_899_906_846_187, "the same"),
    (1_125_899_906_846_430, "the same"),
    (1_125_899_906_847_699, "the same"),
    (1_125_899_906_849_630, "the same"),
    (1_125_899_906_849_953, "the same"),
    (1_125_899_906_850_735, "the same"),
    (1_125_899_906_852_141, "the same"),
    (1_125_899_906_852_777, "the same"),
    (1_125_899_906_854_046, "the same"),
    (1_125_899_906_855_347, "the same"),
    (1_125_899_906_857_020, "the same"),
    (1_125_899_906_859_352, "the same"),
    (1_125_899_906_860_263, "the same"),
    (
        1_125_899_906_857_942,
        "so was a reference that a tombstone must not keep",
    ),
    (
        1_125_899_906_896_481,
        "two rows that swapped a value, each in a batch of its own, waited for each other for ever",
    ),
    (
        1_125_899_906_894_699,
        "what a deletion of ours had taken along was taken for what the tombstone keeps, and an edit brought back with it was lost",
    ),
    (
        1_125_899_906_940_661,
        "the same, of a record that somebody else had deleted before",
    ),
    (
        1_125_899_907_057_268,
        "the same, and somebody else had brought it back since",
    ),
    (
        1_125_899_907_062_495,
        "a deletion of what was deleted already was taken, so nobody knew what its edit had been made over",
    ),
    (
        1_125_899_907_075_350,
        "a deletion that was undone counted, in the checker, for an earlier one as well",
    ),
    (1_125_899_907_091_088, "the same"),
    (
        4_503_599_627_370_709,
        "what a copy of this file had sent under a number that was given up here was taken for sent by this file",
    ),
    (4_503_599_627_370_777, "the same"),
    (4_503_599_627_370_907, "the same"),
    (4_503_599_627_371_122, "the same"),
    (4_503_599_627_371_130, "the same"),
    (4_503_599_627_372_430, "the same"),
    (4_503_599_627_372_763, "the same"),
    (4_503_599_627_372_895, "the same"),
    (4_503_599_627_374_883, "the same"),
    (4_503_599_627_374_917, "the same"),
    (4_503_599_627_375_040, "the same"),
    (4_503_599_627_375_479, "the same"),
    (4_503_599_627_375_495, "the same"),
    (4_503_599_627_375_908, "the same"),
    (4_503_599_627_375_913, "the same"),
    (4_503_599_627_376_393, "the same"),
    (4_503_599_627_376_983, "the same"),
    (4_503_599_627_377_181, "the same"),
    (4_503_599_627_377_939, "the same"),
    (4_503_599_627_378_134, "the same"),
    (
        4_503_599_627_411_864,
        "a row whose parent had got through waited for ever when the program died before it was released",
    ),
    (
        1_125_899_907_861_754,
        "a book that was brought back kept an ISBN that the server had never known of it, though another had it there",
    ),
    (
        4_503_599_628_412_196,
        "a deletion whose tombstone was purged was forgotten, and a server from before it had the record for ever",
    ),
    (
        1_125_899_907_154_773,
        "a deletion was taken for undone by the checker, though the file that had undone it was replaced before anybody had heard that the record was back",
    ),
    (
        4_503_599_627_625_007,
        "a deletion whose tombstone was purged was forgotten by a copy of the file that had not heard of it, and a server from before it had the record for ever",
    ),
    (
        10_057_978,
        "a book that was refused was made good and tried alone, and the one with which it was to swap a value waited for it for ever",
    ),
    (
        1,
        "what was set before both deleted a record was in no row and no conflict when a third brought it back",
    ),
    (301, "the same"),
    (392, "the same"),
    (
        3808,
        "a reference to a record that the server did not have yet was lost with the deletion that took it along",
    ),
    (
        1534,
        "what a deletion took along and the server refuses came back with the record after people had made good what it refused",
    ),
    (
        1028,
        "two devices that noticed the same parked it twice, and so did one that noticed it again",
    ),
    (1844, "the same"),
    (2_251_799_813_685_304, "the same, after the server was brought back"),
    (
        1619,
        "a value that a rule of the server's had rewritten was unaccounted when somebody else had changed the row before it was seen",
    ),
    (5153, "the same"),
    (42_767, "the same, when the record came back as a tombstone"),
    (
        9_007_199_254_740_993,
        "a record was deleted for its tombstone, though it was there",
    ),
    (
        9_007_199_254_740_994,
        "a record beside its own tombstone was quarantined for ever",
    ),
    (
        9_007_199_254_741_012,
        "a revision whose mark was gone was taken for a restored server's, round after round",
    ),
    (
        18_014_398_509_483_955,
        "a row for which there was no room stayed quarantined for ever when the first pull told all that both know",
    ),
    (18_014_398_509_485_792, "the same"),
    (18_014_398_509_486_390, "the same"),
    (
        18_014_398_509_482_009,
        "what was deleted in a table that the server did not have was not accounted for when it had",
    ),
    (
        18_014_398_509_485_171,
        "what a deletion took along that the server had no room for was in no row and no conflict when somebody brought the record back",
    ),
    (18_014_398_509_483_992, "the same"),
    (18_014_398_509_486_196, "the same"),
    (18_014_398_509_487_756, "the same"),
    (
        18_014_398_509_493_109,
        "a record was deleted while its new table was taken up, and when that was begun anew it came back without a word",
    ),
    (18_014_398_509_495_452, "the same"),
    (
        2_251_799_813_685_483,
        "a deletion that a server brought back had forgotten was undone without a word when a device sent the record again",
    ),
    (
        4_503_599_627_372_195,
        "what was said in a file before both deleted what its copy had sent was in no row and no conflict when it came back",
    ),
    (
        2_251_799_813_686_056,
        "what a server had forgotten was unaccounted on a device whose clock was set back before it noticed",
    ),
    (2_251_799_813_687_438, "the same"),
    (4_503_599_627_370_812, "the same"),
    (
        2_251_799_813_687_703,
        "a deletion that others had answered with a conflict was unaccounted when the server had forgotten it",
    ),
    (4_503_599_627_373_009, "the same"),
    (
        4_503_599_627_389_328,
        "a deletion of which the server had nothing and kept no tombstone counted as one that others knew: what it took along was in no row \
         and no conflict when somebody sent the record again",
    ),
    (
        36_028_797_018_973_218,
        "nobody asked whether two authors are the same of whom somebody else had changed one before its maker's next pull",
    ),
    (36_028_797_018_976_113, "the same"),
    (
        18_014_398_509_486_356,
        "the earlier edit of a field stood where an upgraded program fetched it: no time of any edit came with it",
    ),
    (18_014_398_509_487_380, "the same"),
    (
        18_014_398_509_489_052,
        "the same, where a pull brought the record before the field was fetched",
    ),
    (
        18_014_398_509_483_509,
        "a field that was fetched in part was taken, when that was begun anew, for what this file said, and stood against a later edit",
    ),
    (18_014_398_509_488_994, "the same"),
    (
        18_014_398_509_507_497,
        "what somebody else had said in a field was taken for this file's own word by a program that was upgraded before it saw its push come back",
    ),
    (
        2_251_799_813_721_270,
        "a server that was brought back while a file asked where they had parted, as deletions were forgotten, was not noted as that",
    ),
];
