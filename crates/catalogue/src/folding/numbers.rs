//! Numbers in sort keys.

/// Puts the number of its digits before every number, so that byte order is order of size: 2 < 10 < 100.
pub(super) fn by_size(folded: String) -> String {
    if !folded.bytes().any(|byte| byte.is_ascii_digit()) {
        return folded;
    }
    let mut key = String::with_capacity(folded.len() + 4);
    let mut rest = folded.as_str();
    while let Some(start) = rest.find(|character: char| character.is_ascii_digit()) {
        key.push_str(&rest[..start]);
        rest = &rest[start..];
        let end = rest
            .find(|character: char| !character.is_ascii_digit())
            .unwrap_or(rest.len());
        let number = rest[..end].trim_start_matches('0');
        // A count above eight continues in a further digit ("9" and the remainder), so that any length stays in order.
        let mut count = number.len();
        while count >= 9 {
            key.push('9');
            count -= 9;
        }
        key.push(b"012345678".get(count).map_or('0', |&digit| char::from(digit)));
        key.push_str(number);
        rest = &rest[end..];
    }
    key.push_str(rest);
    key
}
