//! Passwords in the environment: taken out before anything else can inherit them.
//!
//! The web view runs in processes of its own, and each gets a copy of the environment; so does every other child, and
//! `/proc` shows it to whatever runs as the same person. A variable cannot be safely removed from a running process. On
//! Linux the program starts itself again in any case (`engine.rs`): the new process gets an environment without
//! passwords, and the passwords through a pipe, which only it can read and which is then empty.

use std::ffi::OsString;
use std::sync::OnceLock;

static TAKEN: OnceLock<Vec<(String, OsString)>> = OnceLock::new();

/// The passwords that were in the environment when the program was started, by name.
pub(crate) fn taken() -> impl Iterator<Item = (String, OsString)> {
    TAKEN.get().into_iter().flatten().cloned()
}

#[cfg(target_os = "linux")]
pub(crate) use linux::{receive, take_out_for};

#[cfg(target_os = "linux")]
mod linux {
    use std::env;
    use std::ffi::{OsStr, OsString};
    use std::io::{self, Read as _, Write as _};
    use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
    use std::process::{self, Command, Stdio};

    use crate::secrets::TAKEN;

    /// Holds the number of the process that finds passwords on its standard input; that number stays the same. So
    /// nobody else waits there.
    const HANDED_TO: &str = "COLOPHON_HANDED_TO";

    /// What a pipe can hold on every Linux without a reader.
    const BYTES_MAX: usize = 16 * 1024;

    /// Whether a variable is taken out. Our passwords have names like this, and so do those of PostgreSQL's own
    /// programs.
    fn is_password(name: &OsStr) -> bool {
        name.as_bytes().ends_with(b"PASSWORD")
    }

    /// Takes the passwords out of the environment of a command that this process is about to become, and hands them
    /// over to it. Returns whether there were any.
    pub(crate) fn take_out_for(command: &mut Command) -> io::Result<bool> {
        let passwords: Vec<_> = env::vars_os().filter(|(name, _)| is_password(name)).collect();
        if passwords.is_empty() {
            return Ok(false);
        }
        let mut bytes = Vec::new();
        for (name, value) in &passwords {
            command.env_remove(name);
            bytes.extend([name.as_bytes(), b"=", value.as_bytes(), b"\0"].concat());
        }
        if bytes.len() > BYTES_MAX {
            return Err(io::Error::other(
                "the passwords in the environment are longer than passwords are",
            ));
        }
        let (reader, mut writer) = io::pipe()?;
        writer.write_all(&bytes)?;
        command
            .env(HANDED_TO, process::id().to_string())
            .stdin(Stdio::from(reader));
        Ok(true)
    }

    /// Takes what was handed over to this process, if anything was; does nothing the second time.
    pub(crate) fn receive() -> io::Result<bool> {
        if env::var_os(HANDED_TO) != Some(OsString::from(process::id().to_string())) {
            return Ok(false);
        }
        let mut bytes = Vec::new();
        io::stdin().read_to_end(&mut bytes)?;
        // Set once, at the start.
        let _ = TAKEN.set(bytes.split(|byte| *byte == 0).filter_map(parsed).collect());
        Ok(true)
    }

    fn parsed(entry: &[u8]) -> Option<(String, OsString)> {
        let at = entry.iter().position(|byte| *byte == b'=')?;
        let (name, value) = (entry.get(..at)?, entry.get(at + 1..)?);
        Some((
            String::from_utf8(name.to_vec()).ok()?,
            OsString::from_vec(value.to_vec()),
        ))
    }
}
