//! A wire between devices and their server that breaks as wires do: it is cut or reset after any byte, it delivers
//! late, it falls silent, and it breaks at the worst moment of all: after the server has committed and before the
//! device hears of it.
//!
//! A [`Fault`] is what the wire does from now on, to existing connections and to new ones. Bytes are counted for each
//! connection and each direction. When a connection ends on one side, it ends on both.

mod read;

use std::io;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::Context as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, watch};
use tokio::task::{JoinHandle, JoinSet};

use self::read::Read;

/// How long a test waits for a question that it wants to hold back.
const HELD_TIMEOUT: Duration = Duration::from_mins(1);

/// What happens to the answer to the next COMMIT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommitAnswer {
    /// It is passed on, as everything else is.
    PassOn,
    /// The connection breaks instead.
    Cut,
    /// It is held back, and so is everything after it.
    Hold,
}

/// Where bytes go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From the device to the server.
    ToServer,
    /// From the server to the device.
    ToDevice,
}

/// What the wire does to every connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It passes everything on.
    None,
    /// Once: the connection that has carried this many bytes in this direction ends, as if a program had closed it.
    /// After that there is no fault any more.
    Cut(Direction, u64),
    /// The same, but it ends as if a machine on the way had forgotten it (RST).
    Reset(Direction, u64),
    /// After this many bytes, nothing more arrives in this direction, and nobody is told. What was sent arrives when
    /// the fault is over, as TCP would resend it.
    Silence(Direction, u64),
    /// Nothing more arrives in either direction. New connections are accepted all the same.
    Partition,
    /// Everything arrives this much later.
    Delay(Duration),
    /// The same in one direction only.
    Late(Direction, Duration),
    /// New connections are reset, and existing ones, too.
    Refuse,
}

/// A TCP proxy in front of a server. Dropping it ends it, and every connection through it.
#[derive(Debug)]
pub struct Proxy {
    port: u16,
    wire: Arc<Wire>,
    listening: JoinHandle<()>,
}

#[derive(Debug)]
struct Wire {
    /// Connections with a lower number are forgotten.
    remembered: watch::Sender<u64>,
    accepted: AtomicU64,
    order: AtomicU8,
    committed: Notify,
    fault: watch::Sender<Fault>,
    /// The words by which the next question to be held back is recognised.
    awaited: Mutex<Option<&'static str>>,
    held: Notify,
    let_go: Notify,
    /// How many connections a fault has ended.
    struck: AtomicU64,
    /// How many bytes the longest connection has carried, in either direction.
    longest: Mutex<[u64; 2]>,
}

impl Proxy {
    /// Listens on a free port of the loopback for a server on another one.
    pub async fn start(server: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let wire = Arc::new(Wire {
            remembered: watch::Sender::new(0),
            accepted: AtomicU64::new(0),
            order: AtomicU8::new(CommitAnswer::PassOn as u8),
            committed: Notify::new(),
            fault: watch::Sender::new(Fault::None),
            awaited: Mutex::default(),
            held: Notify::new(),
            let_go: Notify::new(),
            struck: AtomicU64::new(0),
            longest: Mutex::default(),
        });
        let listening = tokio::spawn(listen(listener, server, Arc::clone(&wire)));
        Ok(Self { port, wire, listening })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Says what should happen to the answer to the next COMMIT.
    pub fn next_commit(&self, answer: CommitAnswer) {
        self.wire.order.store(answer as u8, Ordering::SeqCst);
    }

    /// Waits until a COMMIT was answered whose answer was not passed on.
    pub async fn committed(&self) {
        self.wire.committed.notified().await;
    }

    /// Holds back the next question that contains these words, and what follows it on its connection.
    pub fn hold(&self, words: &'static str) {
        *self.wire.awaited.lock().unwrap_or_else(PoisonError::into_inner) = Some(words);
    }

    /// Waits until a question is held back.
    pub async fn held(&self) -> anyhow::Result<()> {
        let held = tokio::time::timeout(HELD_TIMEOUT, self.wire.held.notified()).await;
        held.context("the device has not asked the question that is to be held back")
    }

    /// Releases the question that is held back.
    pub fn let_go(&self) {
        self.wire.let_go.notify_one();
    }

    /// Says what the wire does from now on.
    pub fn set_fault(&self, fault: Fault) {
        self.wire.fault.send_replace(fault);
    }

    /// Forgets where the existing connections lead, as a restarted machine on the way does: it keeps acknowledging
    /// whatever is sent over them, and passes nothing on. Connections made afterwards are not affected.
    pub fn forget(&self) {
        self.wire
            .remembered
            .send_replace(self.wire.accepted.load(Ordering::SeqCst));
    }

    /// How many connections were made so far.
    pub fn accepted(&self) -> u64 {
        self.wire.accepted.load(Ordering::SeqCst)
    }

    /// How many connections were ended by a fault so far.
    pub fn struck(&self) -> u64 {
        self.wire.struck.load(Ordering::SeqCst)
    }

    /// How many bytes the longest connection has carried to the server, and to the device.
    pub fn longest(&self) -> [u64; 2] {
        *self.wire.longest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, server: u16, wire: Arc<Wire>) {
    // Dropped with this task, and every connection with them.
    let mut connections = JoinSet::new();
    while let Ok((device, _)) = listener.accept().await {
        if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
            connections.spawn(carry(device, server, Arc::clone(&wire)));
        }
        while connections.try_join_next().is_some() {}
    }
}

/// How a connection ends.
enum End {
    /// One side has closed it.
    Closed,
    /// It was cut.
    Cut,
    /// It was forgotten on the way, and whoever sends is told so.
    Reset,
    /// The same, but nobody is told.
    Forgotten,
}

async fn carry(mut device: TcpStream, mut server: TcpStream, wire: Arc<Wire>) {
    let number = wire.accepted.fetch_add(1, Ordering::SeqCst);
    // A proxy that waits for more bytes to send together would cause delays that no fault causes.
    let _ = (device.set_nodelay(true), server.set_nodelay(true));
    let end = {
        let (from_device, to_device) = device.split();
        let (from_server, to_server) = server.split();
        let seen = AtomicU8::new(CommitAnswer::PassOn as u8);
        let up = pass(from_device, to_server, Direction::ToServer, &wire, &seen);
        let down = pass(from_server, to_device, Direction::ToDevice, &wire, &seen);
        tokio::select! {
            end = up => end,
            end = down => end,
            () = refused(&wire) => End::Reset,
            () = forgotten(&wire, number) => End::Forgotten,
        }
    };
    if matches!(end, End::Forgotten) {
        wire.struck.fetch_add(1, Ordering::SeqCst);
        swallow(device, server).await;
        return;
    }
    if !matches!(end, End::Closed) {
        wire.struck.fetch_add(1, Ordering::SeqCst);
    }
    if matches!(end, End::Reset) {
        let _ = (device.set_zero_linger(), server.set_zero_linger());
    }
}

async fn forgotten(wire: &Wire, number: u64) {
    let mut remembered = wire.remembered.subscribe();
    let _ = remembered.wait_for(|remembered| number < *remembered).await;
}

/// Takes whatever either side sends, and passes it to nobody.
async fn swallow(mut device: TcpStream, mut server: TcpStream) {
    let (mut one, mut other) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let read = tokio::select! {
            read = device.read(&mut one) => read,
            read = server.read(&mut other) => read,
        };
        let Ok(1..) = read else { return };
    }
}

async fn refused(wire: &Wire) {
    let mut fault = wire.fault.subscribe();
    let _ = fault.wait_for(|fault| *fault == Fault::Refuse).await;
}

/// Passes bytes on in one direction until the connection ends.
async fn pass(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    direction: Direction,
    wire: &Wire,
    commit: &AtomicU8,
) -> End {
    let mut buffer = vec![0; 64 * 1024];
    let mut passed = 0;
    let mut read = Read::default();
    loop {
        let Ok(count @ 1..) = from.read(&mut buffer).await else {
            return End::Closed;
        };
        let bytes = &buffer[..count];
        read.add(bytes);
        if direction == Direction::ToServer && is_awaited(&read, wire) {
            wire.held.notify_one();
            wire.let_go.notified().await;
        }
        if let Some(end) = commit_answer(&read, direction, wire, commit) {
            match end {
                End::Closed => continue,
                end => return end,
            }
        }
        match deliver(&mut to, bytes, &mut passed, direction, wire).await {
            Ok(None) => {}
            Ok(Some(end)) => return end,
            Err(_) => return End::Closed,
        }
    }
}

/// Whether this is the question that should be held back.
fn is_awaited(read: &Read, wire: &Wire) -> bool {
    let mut awaited = wire.awaited.lock().unwrap_or_else(PoisonError::into_inner);
    let is_it = awaited.is_some_and(|words| read.has(words.as_bytes()));
    if is_it {
        *awaited = None;
    }
    is_it
}

/// What was ordered for the answer to a COMMIT: `Closed` if the bytes must be kept back.
fn commit_answer(read: &Read, direction: Direction, wire: &Wire, commit: &AtomicU8) -> Option<End> {
    // The word in the question, where a hint may follow it, and in the answer. What is sent before the COMMIT may be
    // answered after it was sent.
    let has_commit = read.has(b"COMMIT\0") || read.has(b"COMMIT;");
    if direction == Direction::ToServer {
        if has_commit {
            let order = wire.order.swap(CommitAnswer::PassOn as u8, Ordering::SeqCst);
            commit.store(order, Ordering::SeqCst);
        }
        return None;
    }
    let order = commit.load(Ordering::SeqCst);
    if order == CommitAnswer::PassOn as u8 || !has_commit {
        return None;
    }
    wire.committed.notify_one();
    Some(if order == CommitAnswer::Cut as u8 {
        End::Cut
    } else {
        End::Closed
    })
}

/// Passes on what the fault lets through, now or when it is over; says how the connection ends, if it does.
async fn deliver(
    to: &mut WriteHalf<'_>,
    mut bytes: &[u8],
    passed: &mut u64,
    direction: Direction,
    wire: &Wire,
) -> io::Result<Option<End>> {
    let mut watched = wire.fault.subscribe();
    while !bytes.is_empty() {
        let fault = *watched.borrow_and_update();
        let until = match fault {
            Fault::Cut(of, until) | Fault::Reset(of, until) | Fault::Silence(of, until) if of == direction => until,
            Fault::Partition => 0,
            Fault::Delay(time) => {
                tokio::time::sleep(time).await;
                u64::MAX
            }
            Fault::Late(of, time) if of == direction => {
                tokio::time::sleep(time).await;
                u64::MAX
            }
            _ => u64::MAX,
        };
        let allowed = usize::try_from(until.saturating_sub(*passed)).unwrap_or(usize::MAX);
        let (now, later) = bytes.split_at(allowed.min(bytes.len()));
        to.write_all(now).await?;
        *passed += now.len() as u64;
        note(wire, direction, *passed);
        bytes = later;
        if *passed >= until {
            match fault {
                Fault::Cut(..) if ends(wire, fault) => return Ok(Some(End::Cut)),
                Fault::Reset(..) if ends(wire, fault) => return Ok(Some(End::Reset)),
                // Whatever follows in this direction waits, too, because nothing is read until then.
                _ if !bytes.is_empty() => drop(watched.changed().await),
                _ => {}
            }
        }
    }
    Ok(None)
}

/// Whether this is the connection that the fault ends: if there are several, only the first.
fn ends(wire: &Wire, fault: Fault) -> bool {
    wire.fault.send_if_modified(|current| {
        let is_first = *current == fault;
        if is_first {
            *current = Fault::None;
        }
        is_first
    })
}

fn note(wire: &Wire, direction: Direction, passed: u64) {
    let mut longest = wire.longest.lock().unwrap_or_else(PoisonError::into_inner);
    let of_direction = &mut longest[usize::from(direction == Direction::ToDevice)];
    *of_direction = passed.max(*of_direction);
}
