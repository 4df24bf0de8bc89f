//! The checksums by which a service tells a mistyped number from a correct one.

/// The value of a digit; or of `X`, which stands for ten in the last place.
fn value(digit: char) -> Option<u32> {
    match digit {
        'X' => Some(10),
        digit => digit.to_digit(10),
    }
}

/// Whether the last of sixteen characters, fifteen digits and a check character, follows from the others by ISO 7064,
/// MOD 11-2, as in ORCID and ISNI.
pub(super) fn holds_mod_11_2(sixteen: &str) -> bool {
    let Some((at @ 15, check)) = sixteen.char_indices().next_back() else {
        return false;
    };
    let mut sum = 0;
    for digit in sixteen[..at].chars() {
        let Some(digit) = digit.to_digit(10) else { return false };
        sum = (sum + digit) * 2 % 11;
    }
    value(check) == Some((12 - sum) % 11)
}

/// The sum of the digits, each multiplied by its place from the right, where the last counts as `first`.
fn weighted(digits: &str, first: u32) -> Option<u32> {
    let mut weights = first..;
    digits.chars().rev().try_fold(0, |sum, digit| {
        let weight = weights.next()?;
        Some((sum + value(digit)? * weight) % 11)
    })
}

/// Whether a GND number is correct: with a hyphen, the weighted sum itself follows it; without one, the last character
/// makes the sum a multiple of 11.
pub(super) fn holds_gnd(number: &str) -> bool {
    let Some((digits, check)) = number.split_once('-') else {
        let has_x_inside = number
            .char_indices()
            .any(|(at, digit)| digit == 'X' && at + 1 < number.len());
        return !has_x_inside && weighted(number, 1) == Some(0);
    };
    let check = check.chars().next().filter(|_| check.len() == 1).and_then(value);
    !digits.contains('X') && check.is_some() && weighted(digits, 2) == check
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_digit_and_two_that_changed_places_are_noticed() {
        for right in ["0000000218250097", "0000000121032683", "000000012146438X"] {
            assert!(holds_mod_11_2(right), "{right}");
        }
        for wrong in [
            "0000000218250096",
            "0000000212850097",
            "000000012146438",
            "00000001X1032683",
            "",
        ] {
            assert!(!holds_mod_11_2(wrong), "{wrong}");
        }
        for right in ["118540238", "119545373", "4005728-8", "4127793-4"] {
            assert!(holds_gnd(right), "{right}");
        }
        for wrong in [
            "118540239",
            "115840238",
            "4005728-9",
            "4005728-",
            "40-05728",
            "11854X238",
        ] {
            assert!(!holds_gnd(wrong), "{wrong}");
        }
    }
}
