//! Words that a wire carries, in whatever pieces they arrive.

/// What was read last, with the end of what was read before it: a word may arrive in two pieces.
#[derive(Debug, Default)]
pub(super) struct Read {
    bytes: Vec<u8>,
    /// Where what was read last begins.
    new: usize,
}

impl Read {
    /// How much of what was read before is kept: more than the length of any word that is looked for.
    const KEPT: usize = 256;

    pub(super) fn add(&mut self, bytes: &[u8]) {
        let old = self.bytes.len().saturating_sub(Self::KEPT);
        self.bytes.drain(..old);
        self.new = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
    }

    /// Whether a word ends in what was read last.
    pub(super) fn has(&self, word: &[u8]) -> bool {
        let from = (self.new + 1).saturating_sub(word.len());
        self.bytes[from..].windows(word.len()).any(|bytes| bytes == word)
    }
}
