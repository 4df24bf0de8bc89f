//! A wire between a device and its server that can be cut at the worst moment: after the server has committed, before the
//! device hears of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// What becomes of the answer to the next COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitAnswer {
    /// It is passed on, as everything else is.
    PassOn,
    /// The connection breaks instead.
    Cut,
    /// It is held back, and so is everything after it.
    Hold,
}

/// A TCP proxy in front of a server. Ends when dropped, and every connection through it.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    wire: Arc<Wire>,
    listening: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct Wire {
    order: AtomicU8,
    committed: Notify,
}

impl Proxy {
    /// Listens on a free port of the loopback for a server on another one.
    pub async fn start(server: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let wire = Arc::new(Wire::default());
        let listening = tokio::spawn(listen(listener, server, Arc::clone(&wire)));
        Ok(Self { port, wire, listening })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Says what is to become of the answer to the next COMMIT.
    pub fn next_commit(&self, answer: CommitAnswer) {
        self.wire.order.store(answer as u8, Ordering::SeqCst);
    }

    /// Waits until a COMMIT was answered whose answer was not passed on.
    pub async fn committed(&self) {
        self.wire.committed.notified().await;
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, server: u16, wire: Arc<Wire>) {
    while let Ok((client, _)) = listener.accept().await {
        if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            let seen = Arc::new(AtomicU8::new(CommitAnswer::PassOn as u8));
            tokio::spawn(up(from_client, to_server, Arc::clone(&wire), Arc::clone(&seen)));
            tokio::spawn(down(from_server, to_client, Arc::clone(&wire), seen));
        }
    }
}

async fn up(mut client: OwnedReadHalf, mut server: OwnedWriteHalf, wire: Arc<Wire>, seen: Arc<AtomicU8>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = client.read(&mut buffer).await {
        let is_commit = buffer[..count].windows(7).any(|bytes| bytes == b"COMMIT\0");
        if is_commit {
            let order = wire.order.swap(CommitAnswer::PassOn as u8, Ordering::SeqCst);
            seen.store(order, Ordering::SeqCst);
        }
        if server.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
}

async fn down(mut server: OwnedReadHalf, mut client: OwnedWriteHalf, wire: Arc<Wire>, seen: Arc<AtomicU8>) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = server.read(&mut buffer).await {
        let order = seen.load(Ordering::SeqCst);
        if order == CommitAnswer::PassOn as u8 {
            if client.write_all(&buffer[..count]).await.is_err() {
                break;
            }
        } else {
            wire.committed.notify_one();
            if order == CommitAnswer::Cut as u8 {
                break;
            }
        }
    }
}
