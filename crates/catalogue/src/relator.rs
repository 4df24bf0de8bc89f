//! The codes by which libraries say what somebody did for a book: three letters in MARC 21, three digits in UNIMARC.

use crate::contribution::Role;

/// The codes of each role; the first is the one that is written. MARC 21 before the bar, UNIMARC behind it.
const CODES: [(Role, &str); 10] = [
    (Role::Author, "aut cre dub aud lyr lbt cmp dis | 070 330 230 480 090"),
    (Role::Translator, "trl | 730"),
    (Role::Editor, "edt edc edm pbd red isb | 340 650 651"),
    (Role::Illustrator, "ill art drm egr ilu bkd cov | 440 040 410"),
    (Role::Narrator, "nrt spk vac | 550"),
    (Role::Foreword, "aui wpr win wfw | 080"),
    (Role::Afterword, "aft wac waw | 075"),
    (Role::Photographer, "pht | 600"),
    (Role::Compiler, "com | 220"),
    (Role::AnotherPart, "oth ctb | 570 205"),
];

/// What a code says, given as three characters or as the address of its page; a code of a role that the catalogue does
/// not tell apart is another part. `None` if it is no code.
pub(crate) fn role_of(code: &str) -> Option<Role> {
    let code = code.trim().trim_end_matches(['.', ',']);
    let code = code.rsplit('/').next().unwrap_or(code).to_ascii_lowercase();
    let is_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let known = CODES
        .iter()
        .find(|(_, codes)| codes.split(' ').any(|known| known == code));
    is_code.then(|| known.map_or(Role::AnotherPart, |(role, _)| role.clone()))
}

/// The code of MARC 21 for a role.
pub(crate) fn code_of(role: &Role) -> &'static str {
    let codes = CODES.iter().find(|(known, _)| known == role).map(|(_, codes)| *codes);
    codes.and_then(|codes| codes.split(' ').next()).unwrap_or("oth")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::word::Word as _;

    #[test]
    fn every_role_has_a_code_that_means_it() {
        for role in Role::ALL {
            assert_eq!(role_of(code_of(role)).as_ref(), Some(role));
        }
        assert_eq!(
            role_of("http://id.loc.gov/vocabulary/relators/trl"),
            Some(Role::Translator)
        );
        assert_eq!(role_of("730"), Some(Role::Translator));
        assert_eq!(role_of("fmo"), Some(Role::AnotherPart));
        assert_eq!(role_of("translator"), None);
    }
}
