//! How long after a round no hint is followed.

use std::time::Duration;

use crate::crowd::Crowd;

/// A round that takes longer than this shows that the server is busy.
const ROUND_OF_A_BUSY_SERVER: Duration = Duration::from_millis(20);
/// After such a round, hints are ignored for this many times its length. Each edit makes every device pull, so if there
/// are many they would keep each other from getting anywhere; what was hinted meanwhile comes with one pull. How many
/// there are is [counted](crate::crowd) as well, but not how fast they and the server are.
const CALM: u32 = 8;
/// How long hints are ignored after one that was not true. Anybody who may sign in may send hints, as many as they
/// like: those that name what a device knows are dropped as they arrive, and those that name what is not there make it
/// look at the head twice a second, and no more often.
const MISLED: Duration = Duration::from_millis(500);

/// How long to wait after a round that took this long, among this many.
pub(crate) fn after(round: Duration, is_misled: bool, crowd: Crowd) -> Duration {
    let calm = of_busy(round).max(crowd.pause());
    if is_misled { calm.max(MISLED) } else { calm }
}

/// The wait that follows from the length of the round alone.
pub(crate) fn of_busy(round: Duration) -> Duration {
    if round > ROUND_OF_A_BUSY_SERVER {
        round * CALM
    } else {
        Duration::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::central::TURN;

    #[test]
    fn hints_are_followed_at_once_unless_the_server_is_busy_or_they_were_not_true() {
        let alone = Crowd::default();
        assert_eq!(after(Duration::from_millis(14), false, alone), Duration::ZERO);
        assert_eq!(
            after(Duration::from_millis(100), false, alone),
            Duration::from_millis(800)
        );
        assert_eq!(after(Duration::from_millis(14), true, alone), MISLED);
        assert_eq!(
            after(Duration::from_millis(100), true, alone),
            Duration::from_millis(800)
        );
    }

    #[test]
    fn the_more_there_are_the_longer_no_hint_is_followed() {
        let crowd = Crowd {
            sessions: 308,
            in_use: 0,
            turn: TURN,
        };
        assert_eq!(
            after(Duration::from_millis(14), false, crowd),
            Duration::from_millis(300)
        );
        assert_eq!(
            after(Duration::from_millis(100), false, crowd),
            Duration::from_millis(800)
        );
    }
}
