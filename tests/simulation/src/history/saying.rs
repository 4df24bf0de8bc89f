//! What somebody has said: it goes into the ledger, and whoever hears of it is recorded.

use super::History;
use crate::link::locked;
use crate::log::Log;
use crate::people::Person;

impl History<'_> {
    /// What a foreign program has said is committed.
    pub(super) fn say(&mut self, mut said: Log) {
        if let Some(hearing) = &self.hearing {
            let revision = locked(&self.server).revision();
            for (number, entry) in (self.log.entries.len()..).zip(&said.entries) {
                locked(hearing).hear(entry.topic(), revision, &[number].into());
            }
        }
        // It is said when it is committed.
        let at = self.log.now;
        said.entries.iter_mut().for_each(|entry| entry.at = at);
        self.log.entries.append(&mut said.entries);
    }

    /// A person does something on a device, whose file has then heard of it.
    pub(super) fn let_say<T>(&mut self, number: usize, act: impl FnOnce(Person<'_>) -> T) -> T {
        let before = self.log.entries.len();
        let says = self.says(|history| history.devices[number].file.version());
        let file = &self.devices[number].file;
        let done = act(Person {
            number,
            says,
            file,
            log: &mut self.log,
            has_refusals: self.plan.has_refusals,
            has_twins: self.plan.has_twins,
        });
        if self.hearing.is_some() {
            for (number, entry) in self.log.entries.iter().enumerate().skip(before) {
                file.hear(entry.topic(), number);
            }
        }
        done
    }
}
