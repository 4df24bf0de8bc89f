//! How an installation introduces itself to the server.

use colophon_store::LocalDevice;
use jiff::SignedDuration;

use crate::central::Device;

/// What this installation is called on the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// What people call this device.
    pub name: String,
    /// The version of this program.
    pub app_version: String,
}

impl Identity {
    /// How this installation introduces itself, given what the file knows about it.
    pub(super) fn of(&self, device: &LocalDevice, clock_offset: SignedDuration) -> Device {
        Device {
            id: device.id,
            name: self.name.clone(),
            app_version: self.app_version.clone(),
            clock_offset,
            acknowledged_revision: device.cursor,
            newest: device.newest,
        }
    }
}
