//! Why a server cannot be set up or looked after in some way.

/// Why a server cannot be set up or looked after in some way. In every case it is as it was.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AdministrationError {
    /// The login may not do that.
    #[error(
        "{user} may not do this in the catalogue {schema} ({reason}); nothing was changed: it takes a member of {schema}_owner, and to make logins or \
         give them roles also CREATEROLE, or a superuser"
    )]
    NotAllowed {
        /// The login.
        user: String,
        /// The catalogue.
        schema: String,
        /// The server's words.
        reason: String,
    },
    /// The catalogue has no such role yet.
    #[error(
        "there is no role {role} on the server; nothing was changed: make it with `colophon server init`, as somebody who may create roles"
    )]
    NoRole {
        /// The role.
        role: String,
    },
    /// There is no such login.
    #[error("the server has no login {login}; nothing was changed")]
    NoLogin {
        /// Its name.
        login: String,
    },
    /// This cannot be a person's login.
    #[error(
        "{login:?} cannot be a person's login: it is the name of a role, too long, or has characters that no name has; nothing was changed"
    )]
    NotAName {
        /// What was given.
        login: String,
    },
}
