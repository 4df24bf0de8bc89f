//! Settings come in layers, and a server is not pieced together from what two people said about two servers. What a
//! layer below the one that names the server says about a port or a protection was said about another server, and does
//! not count. A layer above may override it, because that is what it is for; but then the password of the layer that
//! names the server was meant for another port, another protection or another login, and is not sent.

use colophon_store::settings::Sources;

use super::CentralSettings;

impl CentralSettings {
    /// The sources without what does not count for a server: what the layers below the one that names it say.
    pub fn counted(sources: &Sources) -> Sources {
        sources.clone().leaving_out_below(Self::SERVER, Self::PREFIX)
    }

    /// The setting for which the password was not meant: one that says where it goes, for whom or how it is protected,
    /// in a layer above the one that names the server.
    pub fn unmeant(sources: &Sources) -> Option<&'static str> {
        let of_server = sources.decides(Self::SERVER);
        let is_meant = |name: &str| sources.decides(name).is_none_or(|layer| Some(layer) == of_server);
        Self::WHERE_THE_PASSWORD_GOES.into_iter().find(|name| !is_meant(name))
    }

    /// What determines where the password goes, besides the server.
    const WHERE_THE_PASSWORD_GOES: [&'static str; 5] = [
        "POSTGRES_PORT",
        "POSTGRES_USER",
        "POSTGRES_SSLMODE",
        "POSTGRES_SSLROOTCERT",
        "POSTGRES_REQUIRE_AUTH",
    ];
}

#[cfg(test)]
mod tests {
    use super::super::Password;
    use super::*;

    /// What applies if the environment has some values and the settings file others.
    fn of_two<const E: usize, const F: usize>(
        environment: [(&str, &str); E],
        file: [(&str, &str); F],
    ) -> CentralSettings {
        let sources = Sources::of(environment).replacing(CentralSettings::PREFIX, file);
        CentralSettings::from_sources(&sources).unwrap().unwrap()
    }

    #[test]
    fn what_a_layer_below_says_was_said_of_another_server() {
        let settings = of_two(
            [("POSTGRES_SERVER", "db.example.org"), ("POSTGRES_PASSWORD", "secret")],
            [
                ("POSTGRES_SERVER", "elsewhere.example.org"),
                ("POSTGRES_PORT", "6666"),
                ("POSTGRES_USER", "somebody"),
                ("POSTGRES_DB", "theirs"),
                ("POSTGRES_SCHEMA", "theirs"),
                ("POSTGRES_SSLMODE", "disable"),
                ("POSTGRES_SSLROOTCERT", "/tmp/theirs.pem"),
                ("POSTGRES_REQUIRE_AUTH", "password"),
            ],
        );
        let expected = CentralSettings {
            password: Some(Password::new("secret")),
            ..CentralSettings::for_server("db.example.org")
        };
        assert_eq!(settings, expected);
    }

    #[test]
    fn a_layer_above_says_otherwise_and_the_password_below_is_not_for_that() {
        let file = [("POSTGRES_SERVER", "db.example.org"), ("POSTGRES_PASSWORD", "secret")];
        let has_password = |name, value| of_two([(name, value)], file).password.is_some();
        for (name, value) in [
            ("POSTGRES_PORT", "6666"),
            ("POSTGRES_USER", "somebody"),
            ("POSTGRES_SSLMODE", "disable"),
            ("POSTGRES_SSLROOTCERT", "/tmp/theirs.pem"),
            ("POSTGRES_REQUIRE_AUTH", "password"),
        ] {
            assert!(!has_password(name, value), "{name}");
        }
        assert_eq!(of_two([("POSTGRES_PORT", "6666")], file).port, 6666);
        // Which catalogue on the server is meant does not affect who gets the password.
        assert!(has_password("POSTGRES_SCHEMA", "east_wing") && has_password("POSTGRES_DB", "library"));
        let west = of_two([("POSTGRES_SCHEMA", "west_wing")], file);
        assert_eq!(west.schema.as_str(), "west_wing");
    }
}
