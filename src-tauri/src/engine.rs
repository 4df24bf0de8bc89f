//! The web engine's own settings.
//!
//! On Linux, WebKitGTK hands frames over by DMA-BUF, which shows nothing or flickers with some graphics drivers and in virtual
//! machines. The way around it is an environment variable that must be there before the first thread is. Setting a variable
//! inside a running process is unsafe, so the program starts itself again with it, once, before anything else happens; the
//! process keeps its number. Whoever has set the variable, to any value, is not overruled.

#[cfg(target_os = "linux")]
const DMABUF: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";

/// Settles the engine's environment; on Linux it returns only in the process that has it.
#[cfg(target_os = "linux")]
pub(crate) fn settle_on_linux() -> std::io::Result<()> {
    use std::os::unix::process::CommandExt as _;

    if std::env::var_os(DMABUF).is_some() {
        return Ok(());
    }
    let program = std::env::current_exe()?;
    let error = std::process::Command::new(program)
        .args(std::env::args_os().skip(1))
        .env(DMABUF, "1")
        .exec();
    Err(error)
}

/// Settles the engine's environment; on Linux it returns only in the process that has it.
#[cfg(not(target_os = "linux"))]
pub(crate) fn settle_on_linux() -> std::io::Result<()> {
    Ok(())
}
