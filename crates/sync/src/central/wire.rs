//! What a server may say on the wire, checked before the driver sees it.
//!
//! While signing in, the driver answers whatever it is asked, even with the password in clear text, and it reads every
//! message whole, however long that claims to be. So what comes from the server passes through here first. Only the
//! heads of the messages are looked at: one byte for the kind, four for the length, and four more for the method in a
//! request to prove oneself, or for the number of the process that serves us. Anything that is not allowed ends the
//! connection before the driver has heard of it, and so before anything was answered.
//!
//! It sits where the bytes are in clear text: behind the encryption, or where there is none. The driver hands its
//! socket to whoever makes it secure; [`Plain`] takes it and leaves it as it is.

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use futures_util::future::{BoxFuture, FutureExt as _, TryFutureExt as _};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio_postgres::tls::{ChannelBinding, MakeTlsConnect, TlsConnect, TlsStream};

use super::require_auth::{Allowed, AuthMethod, WhyNot};
use super::session::Heard;

/// How much a server may say before anybody is signed in. In reality it is about a kilobyte.
const SIGN_IN_BYTES_MAX: u64 = 64 * 1024;
/// How long one message may be after that. The longest that the rules of a catalogue allow is a row, or its tombstone,
/// with some four megabytes in it.
pub(super) const MESSAGE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// What must not come over the wire, in the form in which it passes through the driver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unwanted {
    #[error("the server {0}")]
    Method(AuthMethod, WhyNot),
    #[error("a message of {0} bytes was announced")]
    TooLong(u64),
    /// Nobody who speaks like PostgreSQL says that much to a stranger.
    #[error("it announced {0} bytes before anybody was signed in, of which at most {SIGN_IN_BYTES_MAX} are read")]
    Talk(u64),
}

/// What the rest of the program wants to know about a connection.
#[derive(Debug, Clone)]
pub(super) struct Heed {
    pub(super) allowed: Allowed,
    pub(super) heard: Arc<Heard>,
    /// Whether a password was asked for in clear text.
    pub(super) is_in_clear: Arc<AtomicBool>,
}

/// What is known of the messages of one connection so far.
#[derive(Debug, Clone)]
struct Watch {
    heed: Heed,
    /// The head of the message that is arriving, as far as it has arrived.
    head: [u8; 9],
    known: usize,
    /// How much of the rest of the message is still to come.
    rest: u64,
    is_signed_in: bool,
    /// Whether a proof was asked for.
    has_asked: bool,
    /// How much was said before anybody was signed in.
    said: u64,
}

/// A kind and a length.
const HEAD: usize = 5;
/// The kind of a request to prove oneself, which continues with a number.
const AUTHENTICATION: u8 = b'R';
/// The kind of what is needed to cancel something: the number of a process, and a secret.
const BACKEND_KEY_DATA: u8 = b'K';
const READY_FOR_QUERY: u8 = b'Z';

impl Watch {
    fn new(heed: Heed) -> Self {
        Self {
            heed,
            head: [0; 9],
            known: 0,
            rest: 0,
            is_signed_in: false,
            has_asked: false,
            said: 0,
        }
    }

    /// Looks at what has arrived.
    fn look(&mut self, mut bytes: &[u8]) -> Result<(), Unwanted> {
        while !bytes.is_empty() {
            if self.rest > 0 {
                let passed = usize::try_from(self.rest).unwrap_or(usize::MAX).min(bytes.len());
                self.rest -= passed as u64;
                bytes = &bytes[passed..];
                continue;
            }
            self.head[self.known] = bytes[0];
            self.known += 1;
            bytes = &bytes[1..];
            if self.known == HEAD {
                self.check_length()?;
            }
            if self.known >= HEAD && self.known as u64 == self.length_of_head() {
                self.check_kind()?;
                self.rest = self.length().saturating_sub(self.known as u64);
                self.known = 0;
            }
        }
        Ok(())
    }

    /// How long the message is, including its kind. An impossible length is left for the driver to refuse.
    fn length(&self) -> u64 {
        let [_, a, b, c, d, ..] = self.head;
        u64::from(u32::from_be_bytes([a, b, c, d])) + 1
    }

    fn length_of_head(&self) -> u64 {
        let head = self.head.len() as u64;
        if matches!(self.head[0], AUTHENTICATION | BACKEND_KEY_DATA) && self.length() >= head {
            head
        } else {
            HEAD as u64
        }
    }

    fn check_length(&mut self) -> Result<(), Unwanted> {
        let announced = self.length();
        let (so_far, limit) = if self.is_signed_in {
            (announced, MESSAGE_BYTES_MAX)
        } else {
            self.said += announced;
            (self.said, SIGN_IN_BYTES_MAX)
        };
        match self.is_signed_in {
            _ if so_far <= limit => Ok(()),
            true => Err(Unwanted::TooLong(so_far)),
            false => Err(Unwanted::Talk(so_far)),
        }
    }

    fn check_kind(&mut self) -> Result<(), Unwanted> {
        match self.head[0] {
            READY_FOR_QUERY => self.is_signed_in = true,
            BACKEND_KEY_DATA if !self.is_signed_in && self.length_of_head() > HEAD as u64 => {
                let [.., a, b, c, d] = self.head;
                self.heed.heard.is_served_by(i32::from_be_bytes([a, b, c, d]));
            }
            AUTHENTICATION if self.length_of_head() > HEAD as u64 => {
                let [.., a, b, c, d] = self.head;
                let method = match u32::from_be_bytes([a, b, c, d]) {
                    0 if self.has_asked => return Ok(()),
                    0 => AuthMethod::None,
                    2 | 7 => AuthMethod::Gss,
                    3 => AuthMethod::Password,
                    5 => AuthMethod::Md5,
                    9 => AuthMethod::Sspi,
                    10 => AuthMethod::ScramSha256,
                    // A step in one of these methods, or something that the driver does not know.
                    _ => return Ok(()),
                };
                self.has_asked = true;
                self.heed
                    .is_in_clear
                    .store(method == AuthMethod::Password, Ordering::Relaxed);
                let verdict = self.heed.allowed.check(method);
                return verdict.map_err(|why| Unwanted::Method(method, why));
            }
            _ => (),
        }
        Ok(())
    }
}

/// A connection whose messages are checked.
pub(super) struct Watched<S> {
    stream: S,
    watch: Watch,
    binding: fn(&S) -> ChannelBinding,
}

impl<S> Watched<S> {
    /// A connection without encryption.
    pub(super) fn plain(stream: S, heed: Heed) -> Self {
        Self {
            stream,
            watch: Watch::new(heed),
            binding: |_| ChannelBinding::none(),
        }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        if let Poll::Ready(Ok(())) = &read
            && let Err(reason) = this.watch.look(&buffer.filled()[before..])
        {
            buffer.set_filled(before);
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, reason)));
        }
        if buffer.filled().len() > before {
            this.watch.heed.heard.something();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsStream for Watched<S> {
    fn channel_binding(&self) -> ChannelBinding {
        (self.binding)(&self.stream)
    }
}

/// Leaves a connection as it is, except for checking it.
#[derive(Debug, Clone)]
pub(super) struct Plain(pub(super) Heed);

impl<S: AsyncRead + AsyncWrite + Unpin> MakeTlsConnect<S> for Plain {
    type Stream = Watched<S>;
    type TlsConnect = Self;
    type Error = Infallible;

    fn make_tls_connect(&mut self, _: &str) -> Result<Self, Infallible> {
        Ok(self.clone())
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> TlsConnect<S> for Plain {
    type Stream = Watched<S>;
    type Error = Infallible;
    type Future = Ready<Result<Watched<S>, Infallible>>;

    fn connect(self, stream: S) -> Self::Future {
        ready(Ok(Watched::plain(stream, self.0)))
    }
}

/// Makes a connection secure in the given way, and checks what comes out of it.
#[derive(Debug, Clone)]
pub(super) struct Secured<M> {
    pub(super) by: M,
    pub(super) heed: Heed,
}

impl<S, M> MakeTlsConnect<S> for Secured<M>
where
    M: MakeTlsConnect<S>,
    M::Stream: 'static,
    <M::TlsConnect as TlsConnect<S>>::Future: Send + 'static,
{
    type Stream = Watched<M::Stream>;
    type TlsConnect = Secured<M::TlsConnect>;
    type Error = M::Error;

    fn make_tls_connect(&mut self, name: &str) -> Result<Self::TlsConnect, Self::Error> {
        Ok(Secured {
            by: self.by.make_tls_connect(name)?,
            heed: self.heed.clone(),
        })
    }
}

impl<S, C> TlsConnect<S> for Secured<C>
where
    C: TlsConnect<S>,
    C::Stream: 'static,
    C::Future: Send + 'static,
{
    type Stream = Watched<C::Stream>;
    type Error = C::Error;
    type Future = BoxFuture<'static, Result<Self::Stream, Self::Error>>;

    fn connect(self, stream: S) -> Self::Future {
        let heed = self.heed;
        let secured = self.by.connect(stream).map_ok(move |stream| Watched {
            stream,
            watch: Watch::new(heed),
            binding: TlsStream::channel_binding,
        });
        secured.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn anybody() -> Watch {
        Watch::new(Heed {
            allowed: Allowed {
                required: None,
                is_certain: false,
            },
            heard: Arc::default(),
            is_in_clear: Arc::default(),
        })
    }

    fn message(kind: u8, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(body.len() + 4).unwrap();
        [&[kind][..], &length.to_be_bytes(), body].concat()
    }

    /// However the bytes are cut into pieces.
    fn look(bytes: &[u8]) -> Result<(), Unwanted> {
        let whole = anybody().look(bytes);
        for size in 1..bytes.len().min(40) {
            let mut watch = anybody();
            let in_pieces = bytes.chunks(size).try_for_each(|piece| watch.look(piece));
            assert_eq!(in_pieces, whole, "in pieces of {size}");
        }
        whole
    }

    #[test]
    fn a_sign_in_by_scram_passes() {
        let messages = [
            message(b'R', &[0, 0, 0, 10, b'S', 0, 0]),
            message(b'R', &[0, 0, 0, 11, b'r']),
            message(b'R', &[0, 0, 0, 12, b'v']),
            message(b'R', &[0; 4]),
            message(b'S', b"server_version\x0018.0\x00"),
            message(b'Z', b"I"),
            message(b'D', &vec![7; 300_000]),
        ];
        assert_eq!(look(&messages.concat()), Ok(()));
    }

    #[test]
    fn the_process_that_serves_us_is_heard_of() {
        let mut watch = anybody();
        watch.look(&message(b'K', &[0, 0, 1, 2, 9, 9, 9, 9])).unwrap();
        assert_eq!(watch.heed.heard.process(), Some(258));
    }

    #[test]
    fn a_request_for_the_password_is_found_behind_other_messages() {
        for (body, method) in [
            (&[0, 0, 0, 3][..], AuthMethod::Password),
            (&[0, 0, 0, 5, 1, 2, 3, 4], AuthMethod::Md5),
        ] {
            let bytes = [message(b'N', b"Rush"), message(b'R', body)].concat();
            assert_eq!(look(&bytes), Err(Unwanted::Method(method, WhyNot::GivesAway)));
        }
    }

    #[test]
    fn what_is_announced_too_long_is_not_waited_for() {
        let too_long = |bytes: &[u8]| matches!(look(bytes), Err(Unwanted::TooLong(_) | Unwanted::Talk(_)));
        assert!(too_long(&[b'R', 0x7f, 0xff, 0xff, 0xff]));
        assert!(too_long(&[b'N', 0xff, 0xff, 0xff, 0xff]));
        assert!(
            too_long(&message(b'N', &[7; 1000]).repeat(66)),
            "many small ones are much, too"
        );
        let signed_in = [message(b'R', &[0; 4]), message(b'Z', b"I")].concat();
        let row = |bytes: u64| [&signed_in[..], b"D", &u32::try_from(bytes).unwrap().to_be_bytes()].concat();
        assert!(!too_long(&row(MESSAGE_BYTES_MAX - 1)));
        assert!(too_long(&row(MESSAGE_BYTES_MAX)));
    }
}
