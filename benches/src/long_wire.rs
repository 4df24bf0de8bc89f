//! A wire that is long and narrow: whatever goes over it, over one connection or several, shares its width, and arrives
//! later.
//!
//! It buffers a moment's worth of bytes, as a router does, and then whoever sends has to wait.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

/// How much it carries in each direction.
const BYTES_A_SECOND: u64 = 1_000_000;
/// How long everything takes in one direction.
const ONE_WAY: Duration = Duration::from_millis(25);
/// The most it buffers, in time.
const QUEUE: Duration = Duration::from_millis(40);
/// How many bytes go at a time.
const PACKET: usize = 4 * 1024;

/// Such a wire in front of a server. Dropping it ends it, and every connection over it.
pub(crate) struct LongWire {
    port: u16,
    lanes: [Arc<Lane>; 2],
    listening: JoinHandle<()>,
}

/// One direction.
#[derive(Default)]
struct Lane {
    /// When everything that was given to it will have gone.
    free_at: Mutex<Option<Instant>>,
    carried: AtomicU64,
}

impl LongWire {
    /// Listens on a free port of the loopback for a server on another one.
    pub(crate) async fn start(server: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let lanes = [Arc::default(), Arc::default()];
        let listening = tokio::spawn(listen(listener, server, lanes.clone()));
        Ok(Self { port, lanes, listening })
    }

    /// Where it listens.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The bytes that went to the server, and to the device.
    pub(crate) fn carried(&self) -> [u64; 2] {
        [0, 1].map(|lane: usize| self.lanes[lane].carried.load(Ordering::Relaxed))
    }
}

impl Drop for LongWire {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, server: u16, [up, down]: [Arc<Lane>; 2]) {
    let mut connections = JoinSet::new();
    while let Ok((device, _)) = listener.accept().await {
        let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await else {
            continue;
        };
        let _ = (device.set_nodelay(true), server.set_nodelay(true));
        let (up, down) = (Arc::clone(&up), Arc::clone(&down));
        connections.spawn(async move {
            let (from_device, to_device) = device.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::select! {
                () = carry(from_device, to_server, &up) => (),
                () = carry(from_server, to_device, &down) => (),
            }
        });
        while connections.try_join_next().is_some() {}
    }
}

/// Carries bytes in one direction until one end is closed.
async fn carry(mut from: impl AsyncRead + Unpin, mut to: impl AsyncWrite + Unpin, lane: &Lane) {
    let (on_the_way, mut arriving) = mpsc::unbounded_channel::<(Instant, Vec<u8>)>();
    let send = async move {
        let mut packet = vec![0; PACKET];
        while let Ok(count @ 1..) = from.read(&mut packet).await {
            let gone = lane.take(count);
            if on_the_way.send((gone + ONE_WAY, packet[..count].to_vec())).is_err() {
                break;
            }
            sleep_until(gone.checked_sub(QUEUE).unwrap_or(gone)).await;
        }
    };
    let receive = async move {
        while let Some((at, packet)) = arriving.recv().await {
            sleep_until(at).await;
            if to.write_all(&packet).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(send, receive);
}

impl Lane {
    /// Queues this many bytes behind those that it has; returns when they will have gone.
    fn take(&self, count: usize) -> Instant {
        self.carried.fetch_add(count as u64, Ordering::Relaxed);
        let mut free_at = self.free_at.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let free = free_at.unwrap_or(now).max(now) + time_of(count as u64);
        *free_at = Some(free);
        free
    }
}

/// How long this many bytes take to go, if nothing holds them up.
pub(crate) fn time_of(bytes: u64) -> Duration {
    Duration::from_micros(bytes * 1_000_000 / BYTES_A_SECOND)
}
