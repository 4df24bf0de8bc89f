//! A machine that leaves its network and comes back: the system reports it, and nobody waits for the next try.
//!
//! The process has a network of its own with nothing in it but the loopback, which it takes down and up. Without being
//! root, that needs unprivileged user namespaces, which Debian has and Ubuntu restricts.

use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use colophon_sync::central::{Central, CentralSettings};
use colophon_sync::{Identity, SyncState, SyncStatus, SyncTask};
use colophon_tests::child::Child;
use colophon_tests::device::{Device, opened, until};
use colophon_tests::ending;
use colophon_tests::in_step::in_step;
use colophon_tests::on_each_release;
use colophon_tests::postgres::{CentralCatalogue, Cluster};
use jiff::{SignedDuration, Timestamp};
use tokio::net::{TcpListener, UnixStream};

/// The function that the process runs: [`a_process_that_goes_out_of_its_network_and_comes_back`]. It is told where the
/// server's socket is.
const CHILD: &str = "roaming::a_process_that_goes_out_of_its_network_and_comes_back";
/// How far off the next try must be when the network comes back.
const FAR_OFF: SignedDuration = SignedDuration::from_secs(1);
/// What to do if nobody but root may have a network of their own.
const IF_NOT_ALLOWED: &str =
    "If a network of its own was refused to this test: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
/// How long it is out of the network when it comes back immediately.
const BLINK: Duration = Duration::from_millis(200);

on_each_release! {
    async fn a_device_that_comes_back_into_its_network_does_not_wait_for_the_next_try(cluster: &Cluster) {
        let catalogue = CentralCatalogue::new(cluster).await?;
        let device = Device::named("Ann");
        device.author("Written in the cellar").await?;
        let socket = cluster.socket().join(format!(".s.PGSQL.{}", cluster.port()));
        let socket = socket.to_str().context("the path of a socket is text")?;
        let mut child = Child::command_in_own_network(CHILD, &device.local.file(), &catalogue.settings(), socket)?;
        let output = ending::output(&mut child).context("unshare is of util-linux")?;
        let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "{said}\n{IF_NOT_ALLOWED}");
        println!("{}", said.lines().find(|line| line.starts_with("found")).unwrap_or_default());
        in_step(&catalogue, [&device])?;
    }
}

/// Not a test: the process.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_goes_out_of_its_network_and_comes_back() -> anyhow::Result<()> {
    let Some(child) = Child::of_environment()? else {
        return Ok(());
    };
    let listener = TcpListener::bind(("0.0.0.0", 0)).await?;
    let settings = CentralSettings {
        port: listener.local_addr()?.port(),
        ..child.settings
    };
    let accepted = Arc::new(AtomicU32::new(0));
    tokio::spawn(pass_on(listener, child.told.into(), Arc::clone(&accepted)));
    let identity = Identity {
        name: "Ann".to_owned(),
        app_version: "0.1.0".to_owned(),
    };
    let task = SyncTask::start(opened(&child.file).await?, Some(Central::new(settings)), identity);
    let began = until(&task, |status| status.error.is_some()).await?.since;
    let told = until(&task, waits_long).await?;
    ensure!(
        told.since == began,
        "after some tries it is away since {} and not {began}",
        told.since
    );
    set_loopback("up")?;
    let reached = until(&task, |status| status.state == SyncState::InStep).await?;
    let (next_try, found) = (told.next_try, reached.last_contact);
    ensure!(
        found < next_try,
        "found at {found:?}, and {next_try:?} would have been the next try"
    );
    ensure!(began < reached.since && Some(reached.since) <= found, "{reached:?}");
    let early = next_try.zip(found).map(|(next, found)| next.duration_since(found));
    println!("found {early:?} before the next try");
    // Out and in again, and a connection that may belong to another network is not trusted. One blink may be too short
    // to be noticed.
    for _ in 0..20 {
        set_loopback("down")?;
        // Away for a blink.
        tokio::time::sleep(BLINK).await;
        set_loopback("up")?;
        until(&task, |status| status.last_contact > found && status.error.is_none()).await?;
        if accepted.load(Ordering::SeqCst) > 1 {
            return Ok(());
        }
    }
    bail!("the old connection was kept")
}

/// Whether it is away, and in no hurry.
fn waits_long(status: &SyncStatus) -> bool {
    #[expect(clippy::disallowed_methods, reason = "the loop under test goes by the real clock")]
    let now = Timestamp::now();
    let is_far_off = |next: Timestamp| next.duration_since(now) > FAR_OFF;
    status.state == SyncState::Offline && status.next_try.is_some_and(is_far_off)
}

fn set_loopback(state: &str) -> anyhow::Result<()> {
    let status = ending::status(Command::new("ip").args(["link", "set", "lo", state]));
    ensure!(
        status.context("ip is of iproute2")?.success(),
        "the loopback cannot be set {state}"
    );
    Ok(())
}

/// Passes connections on to the server's socket, and counts them.
async fn pass_on(listener: TcpListener, socket: PathBuf, accepted: Arc<AtomicU32>) -> anyhow::Result<()> {
    loop {
        let (mut device, _) = listener.accept().await?;
        accepted.fetch_add(1, Ordering::SeqCst);
        let mut server = UnixStream::connect(&socket).await?;
        tokio::spawn(async move { tokio::io::copy_bidirectional(&mut device, &mut server).await });
    }
}
