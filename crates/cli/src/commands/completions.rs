//! `colophon completions`: what a shell needs to complete our arguments.

use clap::{Args, Command};
use clap_complete::Shell;

use crate::exit::Exit;
use crate::output::Output;

/// Print completions for a shell.
///
/// For example: `colophon completions bash > ~/.local/share/bash-completion/completions/colophon`.
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell.
    shell: Shell,
}

impl Completions {
    /// `arguments` are all that there are.
    pub(crate) fn run(&self, mut arguments: Command, output: &Output) -> anyhow::Result<Exit> {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut arguments, "colophon", &mut script);
        output.stream(|stdout| Ok(stdout.write_all(&script)?))?;
        Ok(Exit::Done)
    }
}
