//! Bringing back old states: a file from a copy, the server from a backup.

use std::collections::HashSet;

use fastrand::Rng;

use super::History;
use crate::file::State;
use crate::link::locked;

impl History<'_> {
    /// An old copy takes the place of a file.
    pub(super) fn restore(&mut self, number: usize) {
        self.end_transaction(true);
        let Some(copy) = self.devices[number].copy.clone() else {
            return;
        };
        self.tell(|| format!("the file of d{number} is brought back from its copy"));
        self.replace_file(number, copy);
    }

    /// A copy of one device's file takes the place of another's, and both go on.
    pub(super) fn clone_file(&mut self, number: usize, of: usize) {
        if number == of {
            return;
        }
        self.end_transaction(true);
        self.tell(|| format!("the file of d{number} is replaced by a copy of that of d{of}"));
        self.devices[of].has_met_itself = true;
        let copy = self.devices[of].file.state();
        // An older copy would be one of a different file.
        self.devices[number].copy = None;
        self.replace_file(number, copy);
    }

    fn replace_file(&mut self, number: usize, state: State) {
        let device = &mut self.devices[number];
        device.crash();
        device.file.restore(state);
        device.has_met_itself = true;
    }

    pub(super) fn back_up(&mut self) {
        self.backup = Some(locked(&self.server).backup());
        self.tell(|| "the server is backed up".to_owned());
    }

    /// The server is restored from its backup.
    pub(super) fn restore_server(&mut self) {
        let Some(backup) = self.backup.clone() else {
            return;
        };
        self.held.entries.clear();
        locked(&self.server).bring_back(backup);
        // What was on its way to the old server never reaches this one.
        for device in &mut self.devices {
            *locked(&device.last_sent) = None;
            // What the device was told and has not written down yet did not come from this one.
            if ["pull", "reconcile"].contains(&device.line.state().doing) {
                device.crash();
            }
        }
        self.tell(|| "the server is brought back from its backup".to_owned());
    }

    /// Marks what was said and is gone with what was brought back: neither the server nor any file has heard of it.
    /// Done at the end, because a batch may arrive after its sender's file was restored.
    pub(super) fn void_what_nobody_knows(&mut self) {
        let Some(hearing) = &self.hearing else { return };
        let mut known: HashSet<usize> = locked(hearing).all();
        for device in &self.devices {
            known.extend(device.file.state().heard.all());
        }
        for (number, entry) in self.log.entries.iter_mut().enumerate() {
            entry.is_void = !known.contains(&number);
        }
        self.known = Some(known);
    }

    /// The server forgets deletions, whether everybody has heard of them or not.
    pub(super) fn purge(&mut self, chance: &mut Rng) {
        let mut server = locked(&self.server);
        let up_to = chance.i64(0..=server.revision());
        server.purge(up_to);
        drop(server);
        self.tell(|| format!("the server forgets deletions up to {up_to}"));
    }
}
