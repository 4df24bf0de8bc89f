//! How this program lets a server make it prove who it is.
//!
//! With `scram-sha-256`, both sides prove that they know the password, and neither reveals it. In clear text the
//! password is revealed, and md5 reveals something just as good: whoever hears it can sign in with it, or find the
//! password by trying. So a server gets either only if it has shown who it is, or nobody else can listen; that includes
//! this very computer, where anybody may listen on a port that the server has just left. Everything else has to be
//! allowed, in libpq's words (`require_auth`).

use std::fmt;
use std::str::FromStr;

/// A way to sign in, by libpq's name for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AuthMethod {
    /// The password, in clear text.
    Password,
    /// A digest of the password that can be used in its place.
    Md5,
    /// Kerberos, over GSSAPI.
    Gss,
    /// Windows' own method.
    Sspi,
    /// A proof by both sides.
    ScramSha256,
    /// Nothing is asked: the server trusts the address, the account or the certificate.
    None,
}

impl AuthMethod {
    /// All there are.
    pub const ALL: [Self; 6] = [
        Self::Password,
        Self::Md5,
        Self::Gss,
        Self::Sspi,
        Self::ScramSha256,
        Self::None,
    ];

    /// libpq's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::Md5 => "md5",
            Self::Gss => "gss",
            Self::Sspi => "sspi",
            Self::ScramSha256 => "scram-sha-256",
            Self::None => "none",
        }
    }
}

impl fmt::Display for AuthMethod {
    /// What the server does, for a sentence whose subject is the server.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Password => "asks for the password in clear",
            Self::Md5 => "asks for the password as an md5 digest",
            Self::Gss => "asks for Kerberos (GSSAPI)",
            Self::Sspi => "asks for a Windows login (SSPI)",
            Self::ScramSha256 => "asks for the password by scram-sha-256",
            Self::None => "lets anybody in without a proof",
        })
    }
}

/// The ways to sign in that somebody allows: libpq's `require_auth`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequireAuth {
    allowed: [bool; AuthMethod::ALL.len()],
    /// Whether it lists what is not allowed.
    is_negated: bool,
}

impl RequireAuth {
    /// Whether it is one of them.
    pub fn allows(self, method: AuthMethod) -> bool {
        let methods = AuthMethod::ALL.iter().zip(self.allowed);
        methods.into_iter().any(|(of, allowed)| *of == method && allowed)
    }
}

impl FromStr for RequireAuth {
    type Err = String;

    fn from_str(list: &str) -> Result<Self, String> {
        let mut named = [false; AuthMethod::ALL.len()];
        let mut negations = list.split(',').map(|word| word.trim().starts_with('!'));
        let is_negated = negations.next().unwrap_or_default();
        if negations.any(|negated| negated != is_negated) {
            return Err("must name either what is allowed or, each with a !, what is not".to_owned());
        }
        for word in list.split(',') {
            let word = word.trim().trim_start_matches('!');
            let Some(position) = AuthMethod::ALL.iter().position(|method| method.word() == word) else {
                let words = AuthMethod::ALL.map(AuthMethod::word).join(", ");
                return Err(format!(
                    "must be a list of {words}, or of the same with a ! before each"
                ));
            };
            named[position] = true;
        }
        Ok(Self {
            allowed: named.map(|named| named != is_negated),
            is_negated,
        })
    }
}

impl fmt::Display for RequireAuth {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let methods = AuthMethod::ALL.iter().zip(self.allowed);
        let named = methods.filter(|(_, allowed)| *allowed != self.is_negated);
        let sign = if self.is_negated { "!" } else { "" };
        let words: Vec<String> = named.map(|(method, _)| format!("{sign}{}", method.word())).collect();
        formatter.write_str(&words.join(","))
    }
}

/// What applies to one connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Allowed {
    /// What the person said, if anything.
    pub(super) required: Option<RequireAuth>,
    /// Whether the server has shown who it is, or only the system is between us and it.
    pub(super) is_certain: bool,
}

/// Why a way to sign in is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhyNot {
    /// It would give the password away, and it is not certain to whom.
    GivesAway,
    /// The person has allowed only others.
    NotAllowed(RequireAuth),
    /// This program does not know it.
    Unknown,
}

impl Allowed {
    /// Whether this way to sign in may be used, and if not, why.
    pub(super) fn check(self, method: AuthMethod) -> Result<(), WhyNot> {
        match self.required {
            Some(required) if !required.allows(method) => return Err(WhyNot::NotAllowed(required)),
            None if !self.is_certain && matches!(method, AuthMethod::Password | AuthMethod::Md5) => {
                return Err(WhyNot::GivesAway);
            }
            _ => (),
        }
        match method {
            AuthMethod::Gss | AuthMethod::Sspi => Err(WhyNot::Unknown),
            _ => Ok(()),
        }
    }
}

impl WhyNot {
    /// Why, and what to do about it, in the words that follow what the server does.
    pub(super) fn words(self, method: AuthMethod) -> String {
        let on_the_server = "on the server, set password_encryption = 'scram-sha-256', give the login its password anew, and write \
                             scram-sha-256 into pg_hba.conf";
        match self {
            Self::GivesAway => format!(
                "and who it is was not checked, so nothing was sent: whoever listens there would have the password. Edits are safe \
                 here. Best {on_the_server}. Or check who the server is, with POSTGRES_SSLMODE=verify-full. Or, if this server may \
                 have it all the same, set POSTGRES_REQUIRE_AUTH={}",
                method.word()
            ),
            Self::NotAllowed(required) => format!(
                "and POSTGRES_REQUIRE_AUTH={required} does not allow that, so nothing was sent. Edits are safe here. Change that \
                 setting, or {on_the_server}"
            ),
            Self::Unknown => format!(
                "which this program does not know, so nothing was sent. Edits are safe here. To sign in with a password, \
                 {on_the_server}"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_as_libpq_reads_it() {
        let allows = |list: &str| {
            let required: RequireAuth = list.parse().unwrap();
            assert_eq!(required.to_string().parse(), Ok(required), "{list}");
            AuthMethod::ALL.map(|method| required.allows(method))
        };
        assert_eq!(allows("scram-sha-256"), [false, false, false, false, true, false]);
        assert_eq!(allows("md5, none"), [false, true, false, false, false, true]);
        assert_eq!(allows("!password,!md5"), [false, false, true, true, true, true]);
        for list in ["", "scram", "md5,!none", "!md5,none", "md5,,none", "PASSWORD"] {
            assert!(list.parse::<RequireAuth>().is_err(), "{list:?} was taken");
        }
    }

    #[test]
    fn what_gives_the_password_away_needs_certainty_or_a_word() {
        let check = |required: Option<&str>, is_certain, method| {
            let required = required.map(|list| list.parse().unwrap());
            Allowed { required, is_certain }.check(method).is_ok()
        };
        for method in [AuthMethod::Password, AuthMethod::Md5] {
            assert!(!check(None, false, method));
            assert!(check(None, true, method));
            assert!(check(Some(method.word()), false, method));
            assert!(!check(Some("scram-sha-256"), true, method));
        }
        assert!(check(None, false, AuthMethod::ScramSha256));
        assert!(check(None, false, AuthMethod::None));
        assert!(!check(Some("scram-sha-256"), true, AuthMethod::None));
        assert!(!check(None, true, AuthMethod::Gss));
    }
}
