//! The web engine's own settings.
//!
//! On Linux, WebKitGTK passes frames on by DMA-BUF, which shows nothing or flickers with some graphics drivers and in
//! virtual machines. The way around it is an environment variable that must be set before the first thread starts, and
//! by then passwords must be gone (`secrets.rs`). Setting a variable inside a running process is unsafe, so the program
//! starts itself again, once, before anything else happens; the process keeps its number. Whoever has set the engine's
//! variable, to any value, is not overruled.

#[cfg(target_os = "linux")]
const DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Settles the engine's environment; on Linux it returns only in the process that has it.
#[cfg(target_os = "linux")]
pub(crate) fn settle_on_linux() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;

    use crate::secrets;

    if secrets::receive()? {
        return Ok(());
    }
    let mut again = std::process::Command::new(std::env::current_exe()?);
    again.args(std::env::args_os().skip(1));
    let has_engine = std::env::var_os(DMABUF).is_some();
    if !secrets::take_out_for(&mut again)? && has_engine {
        return Ok(());
    }
    if !has_engine {
        again.env(DMABUF, "1");
    }
    Err(again.exec())
}

/// Settles the engine's environment; on Linux it returns only in the process that has it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn settle_on_linux() -> std::io::Result<()> {
    Ok(())
}
