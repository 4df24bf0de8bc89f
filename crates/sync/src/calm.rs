//! For how long no hint is followed after a round.

use std::time::Duration;

/// A round that takes longer than this says that the server has much to do.
const ROUND_OF_A_BUSY_SERVER: Duration = Duration::from_millis(20);
/// How many times as long as such a round no hint is followed. Each edit makes every device pull, so where there are many they would
/// keep each other from getting anywhere; what was hinted meanwhile comes with one pull.
const CALM: u32 = 8;
/// How long after a hint that was not true. Anybody who may sign in may give hints, as many as they like: those that name what a device
/// knows are dropped as they come, and those that name what is not there make it look at the head twice a second, and no more often.
const MISLED: Duration = Duration::from_millis(500);

/// The time, after a round that took so long.
pub(crate) fn after(round: Duration, is_misled: bool) -> Duration {
    let busy = if round > ROUND_OF_A_BUSY_SERVER {
        round * CALM
    } else {
        Duration::ZERO
    };
    if is_misled { busy.max(MISLED) } else { busy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hints_are_followed_at_once_unless_the_server_is_busy_or_they_were_not_true() {
        assert_eq!(after(Duration::from_millis(14), false), Duration::ZERO);
        assert_eq!(after(Duration::from_millis(100), false), Duration::from_millis(800));
        assert_eq!(after(Duration::from_millis(14), true), MISLED);
        assert_eq!(after(Duration::from_millis(100), true), Duration::from_millis(800));
    }
}
