//! How a connection is made: found, protected, signed in to.
//!
//! The driver could do all of it, and would give the server whatever it asks for. So the layer that protects the
//! connection is always ours, even if it protects nothing: behind it, everything that the server says is [looked
//! at](super::wire). If encryption is only preferred, the driver would quietly go on without it; instead, a server that
//! has none is connected to a second time.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio_postgres::config::{ChannelBinding, SslMode, SslNegotiation};
use tokio_postgres::{Client, Config};

use super::connection::{Central, Connection};
use super::encoding;
use super::error::{Error, Peer, Result};
use super::hints::drive;
use super::reasons::WhyInsecure;
use super::require_auth::Allowed;
use super::session::Heard;
use super::settings::TlsMode;
use super::tls;
use super::wire::{Heed, Plain, Secured};

/// How long sent data may stay unacknowledged before the connection counts as broken. If a connection were kept for
/// longer, the rest would come late: TCP retries less and less often, in the end only after a pause as long as the
/// interruption itself.
const UNACKNOWLEDGED_TIMEOUT: Duration = Duration::from_secs(8);
/// After how long a silence the other side is asked whether it is still there, and at what interval again. No answer
/// counts as above.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(4);
const KEEPALIVE_INTERVAL: Duration = Duration::from_secs(2);
const KEEPALIVE_RETRIES: u32 = 3;
/// The name of the connection in the server's `pg_stat_activity`.
pub(super) const APPLICATION_NAME: &str = "colophon";

impl Central {
    /// Connects with the settings as they are.
    pub(super) async fn connect_as_told(&self) -> Result<Connection> {
        let peer = self.peer();
        match tokio::time::timeout(self.limits.connect, self.sign_in_at_last(&peer)).await {
            Ok(signed_in) => signed_in,
            Err(_) => Err(Error::Timeout {
                server: peer.server,
                doing: "connecting",
                seconds: self.limits.connect.as_secs(),
            }),
        }
    }

    /// Something on the way may accept a connection that leads nowhere, and keep acknowledging what is sent over it. So
    /// if nothing has come of one for a while, another is begun beside it; a wire that is merely slow still gets its
    /// time.
    async fn sign_in_at_last(&self, peer: &Peer) -> Result<Connection> {
        let mut attempts = FuturesUnordered::new();
        loop {
            attempts.push(self.sign_in(peer));
            tokio::select! {
                Some(first) = attempts.next() => return first,
                () = tokio::time::sleep(self.limits.silence) => (),
            }
        }
    }

    async fn sign_in(&self, peer: &Peer) -> Result<Connection> {
        let settings = &self.settings;
        #[cfg(unix)]
        if settings.is_socket() {
            return self.sign_in_over_socket(peer).await;
        }
        if settings.tls == TlsMode::Disable || settings.is_socket() {
            return self.sign_in_plain(peer).await;
        }
        if settings.tls == TlsMode::Allow {
            match self.sign_in_plain(peer).await {
                // The server insists on encryption, or on another login; it says both with the same code.
                Err(Error::LoginRefused { .. }) => (),
                other => return other,
            }
        }
        match self.sign_in_secured(peer).await {
            Err(Error::Tls {
                why: WhyInsecure::NotOffered,
                ..
            }) if settings.tls == TlsMode::Prefer => self.sign_in_plain(peer).await,
            other => other,
        }
    }

    async fn sign_in_secured(&self, peer: &Peer) -> Result<Connection> {
        // Certificates are read from disk.
        let for_reading = self.settings.clone();
        let connector = tokio::task::spawn_blocking(move || tls::connector(&for_reading)).await;
        let connector = connector
            .unwrap_or_else(|stopped| Err(stopped.to_string()))
            .map_err(|reason| Error::Tls {
                server: peer.server.clone(),
                reason,
                why: match &self.settings.root_certificates {
                    Some(_) => WhyInsecure::CertificateFile,
                    None => WhyInsecure::Other,
                },
            })?;
        let heed = self.heed(tls::proves_who(&self.settings));
        let heard = Arc::clone(&heed.heard);
        let secured = Secured { by: connector, heed };
        let connected = self.config().ssl_mode(SslMode::Require).connect(secured).await;
        let (client, driver) = connected.map_err(|error| peer.while_connecting(&error))?;
        self.connection(peer, client, driver, heard)
    }

    async fn sign_in_plain(&self, peer: &Peer) -> Result<Connection> {
        let mut config = self.config();
        // The driver asks for no encryption and hands over its socket at once; nothing is done to it.
        config
            .ssl_mode(SslMode::Require)
            .ssl_negotiation(SslNegotiation::Direct);
        let heed = self.heed(false);
        let heard = Arc::clone(&heed.heard);
        let connected = config.connect(Plain(heed)).await;
        let (client, driver) = connected.map_err(|error| peer.while_connecting(&error))?;
        self.connection(peer, client, driver, heard)
    }

    /// Only the system is between us and a socket, and it controls who may make one in its folder.
    #[cfg(unix)]
    async fn sign_in_over_socket(&self, peer: &Peer) -> Result<Connection> {
        use super::reasons::WhyUnreachable;
        use super::wire::Watched;

        let folder = self.settings.server.trim_end_matches('/');
        let file = format!("{folder}/.s.PGSQL.{}", self.settings.port);
        let socket = tokio::net::UnixStream::connect(file).await;
        let socket = socket.map_err(|error| Error::Unreachable {
            server: peer.server.clone(),
            reason: error.to_string(),
            why: WhyUnreachable::of(&error),
        })?;
        let heed = self.heed(true);
        let heard = Arc::clone(&heed.heard);
        let watched = Watched::plain(socket, heed);
        let mut config = self.config();
        let connected = config
            .ssl_mode(SslMode::Disable)
            .connect_raw(watched, tokio_postgres::NoTls)
            .await;
        let (client, driver) = connected.map_err(|error| peer.while_connecting(&error))?;
        self.connection(peer, client, driver, heard)
    }

    /// What is accepted from a server, depending on whether its identity is certain.
    fn heed(&self, is_certain: bool) -> Heed {
        Heed {
            allowed: Allowed {
                required: self.settings.require_auth,
                is_certain,
            },
            heard: Arc::default(),
            is_in_clear: Arc::clone(&self.is_in_clear),
        }
    }

    fn connection<S, T>(
        &self,
        peer: &Peer,
        client: Client,
        driver: tokio_postgres::Connection<S, T>,
        heard: Arc<Heard>,
    ) -> Result<Connection>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        encoding::check(peer, driver.parameter("server_encoding"))?;
        let driver = tokio::spawn(drive(driver, self.hints.clone()));
        Ok(Connection::new(self, peer.clone(), client, driver, heard))
    }

    fn config(&self) -> Config {
        let settings = &self.settings;
        let mut config = Config::new();
        config
            .host(&settings.server)
            .port(settings.port)
            .user(&settings.user)
            .dbname(&settings.database)
            .application_name(APPLICATION_NAME)
            .channel_binding(ChannelBinding::Prefer)
            .connect_timeout(self.limits.connect)
            .tcp_user_timeout(UNACKNOWLEDGED_TIMEOUT)
            .keepalives_idle(KEEPALIVE_IDLE)
            .keepalives_interval(KEEPALIVE_INTERVAL)
            .keepalives_retries(KEEPALIVE_RETRIES);
        if let Some(password) = &settings.password {
            config.password(password.secret());
        }
        config
    }

    fn peer(&self) -> Peer {
        Peer {
            server: self.settings.address(),
            user: self.settings.user.clone(),
            database: self.settings.database.clone(),
            schema: self.settings.schema.to_string(),
            statement_seconds: self.limits.statement.as_secs(),
        }
    }
}
