//! What encoding a file is in, and a reader that turns it into UTF-8.
//!
//! The whole file is examined before anything is imported, because its first accented letter may be on its last page: a
//! guess from the beginning would have to be revised half way. One pass at memory speed decides between a byte order
//! mark, UTF-16 without one (every other byte is zero), valid UTF-8, and one of the older encodings, which the
//! frequencies of letters reveal (chardetng). UTF-8 with a few broken bytes remains UTF-8: read as Windows-1252, every
//! one of its correct letters would come out wrong. What is broken in it becomes U+FFFD, and rows that contain one are
//! refused.
//!
//! The pass also recognises what is not text at all, and says what it is instead.

use std::io::{self, ErrorKind, Read, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};

use super::ImportError;
use super::code_page::{CodePage, CodePageReader};
use super::likelihood::{self, Likely};
use super::turned_away;

/// How much of the beginning is kept for finding delimiter and columns.
const HEAD_BYTES: usize = 256 * 1024;
/// How much is read at a time.
const CHUNK_BYTES: usize = 64 * 1024;
/// How much text containing letters outside ASCII is used for the frequencies of letters.
const GUESSED_FROM_BYTES: u64 = 4 * 1024 * 1024;

/// What one pass over a file has found out.
#[derive(Debug)]
pub(super) struct Survey {
    /// The encoding.
    pub(super) encoding: &'static Encoding,
    /// The code page, if it is one of DOS.
    pub(super) code_page: Option<CodePage>,
    /// Whether the encoding is merely likely.
    pub(super) is_doubtful: bool,
    /// The length of the byte order mark.
    pub(super) bom_bytes: u64,
    /// Whether bytes were found that are invalid in the encoding.
    pub(super) damaged: bool,
    /// The whole file, in bytes.
    pub(super) bytes: u64,
    /// Its beginning.
    head: Vec<u8>,
}

impl Survey {
    /// Examines the whole file. `chosen` is the encoding that a person named, which is then believed.
    pub(super) fn of<R: Read + Seek>(
        file: &mut R,
        chosen: Option<&'static Encoding>,
        code_page: Option<CodePage>,
    ) -> Result<Self, ImportError> {
        let head = head_of(file)?;
        let by_bom = Encoding::for_bom(&head);
        let bom_bytes = by_bom.map_or(0, |(_, length)| length as u64);
        let mut utf8 = Utf8Count::default();
        let mut guess = EncodingDetector::new(Iso2022JpDetection::Allow);
        let (mut bytes, mut guessed_from) = (0, 0);
        let mut likelihood = likelihood::Sample::default();
        file.seek(SeekFrom::Start(bom_bytes))?;
        let mut chunk = vec![0; CHUNK_BYTES];
        loop {
            let read = read_some(file, &mut chunk)?;
            if read == 0 {
                break;
            }
            bytes += read as u64;
            utf8.add(&chunk[..read]);
            if utf8.invalid > 0 && guessed_from < GUESSED_FROM_BYTES {
                guess.feed(&chunk[..read], false);
                likelihood.add(&chunk[..read]);
                guessed_from += read as u64;
            }
        }
        utf8.finish();
        let told = chosen
            .or(by_bom.map(|(encoding, _)| encoding))
            .or(code_page.map(|_| UTF_8));
        let zeros = || utf_16_without_bom(&head, utf8.invalid == 0);
        let mut likely = code_page.map(Likely::told).unwrap_or_default();
        let encoding = match told.or_else(zeros) {
            Some(encoding) => encoding,
            None if is_binary(&head) => {
                let (is, help) = turned_away::BINARY;
                return Err(ImportError::TurnedAway { is, help });
            }
            None if utf8.is_utf8() => UTF_8,
            None => {
                let guessed = guess.guess(None, Utf8Detection::Deny);
                likely = likelihood.likely(guessed);
                likely.encoding.unwrap_or(guessed)
            }
        };
        let damaged = encoding == UTF_8 && utf8.invalid > 0 && likely.code_page.is_none();
        Self {
            encoding,
            code_page: likely.code_page,
            is_doubtful: likely.is_doubtful,
            bom_bytes,
            damaged,
            bytes,
            head,
        }
        .with_text()
    }

    /// Refuses a file with nothing in it.
    fn with_text(self) -> Result<Self, ImportError> {
        if self.head_text().trim().is_empty() {
            return Err(ImportError::Empty);
        }
        Ok(self)
    }

    /// The beginning of the file as text.
    pub(super) fn head_text(&self) -> String {
        let start = usize::try_from(self.bom_bytes).unwrap_or(0);
        if let Some(page) = self.code_page {
            return page.text(&self.head[start..]);
        }
        self.encoding
            .decode_without_bom_handling(&self.head[start..])
            .0
            .into_owned()
    }

    /// The name of the encoding.
    pub(super) fn name(&self) -> &'static str {
        self.code_page.map_or_else(|| self.encoding.name(), CodePage::name)
    }

    /// Whether [`head_text`](Self::head_text) is the whole file.
    pub(super) fn head_is_all(&self) -> bool {
        self.bom_bytes + self.bytes <= self.head.len() as u64
    }

    /// A reader of the whole file as UTF-8, without its byte order mark.
    pub(super) fn reader<R: Read + Seek>(&self, mut file: R) -> Result<Utf8Reader<R>, ImportError> {
        file.seek(SeekFrom::Start(self.bom_bytes))?;
        let plain = self.encoding == UTF_8 && !self.damaged;
        let decoder = (!plain).then(|| self.encoding.new_decoder_without_bom_handling());
        Ok(Utf8Reader {
            file,
            code_page: self.code_page.map(CodePageReader::new),
            decoder,
            input: Vec::new(),
            start: 0,
            ended: false,
            damaged: self.damaged,
            bytes_read: 0,
        })
    }
}

/// The beginning of a file as text, to recognise it by, with the line ends of today. Letters outside ASCII may come out wrong.
pub(super) fn roughly(head: &[u8]) -> String {
    let (encoding, mark_bytes) = Encoding::for_bom(head)
        .or_else(|| utf_16_without_bom(head, std::str::from_utf8(head).is_ok()).map(|encoding| (encoding, 0)))
        .unwrap_or((UTF_8, 0));
    let text = encoding.decode_without_bom_handling(&head[mark_bytes..]).0;
    text.replace("\r\n", "\n").replace('\r', "\n")
}

/// The beginning of a file of text.
fn head_of<R: Read + Seek>(file: &mut R) -> Result<Vec<u8>, ImportError> {
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::with_capacity(HEAD_BYTES);
    file.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
    if head.is_empty() {
        return Err(ImportError::Empty);
    }
    if let Some((is, help)) = turned_away::binary(&head) {
        return Err(ImportError::TurnedAway { is, help });
    }
    Ok(head)
}

/// Reads a file of any encoding as UTF-8, a piece at a time.
pub(super) struct Utf8Reader<R> {
    file: R,
    code_page: Option<CodePageReader>,
    /// `None` if the bytes are UTF-8 already.
    decoder: Option<Decoder>,
    input: Vec<u8>,
    start: usize,
    ended: bool,
    damaged: bool,
    bytes_read: u64,
}

impl<R> Utf8Reader<R> {
    /// The file itself.
    pub(super) fn into_file(self) -> R {
        self.file
    }

    /// Whether bytes have been read that are invalid in the encoding; they are U+FFFD in the text.
    pub(super) fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// How much of the file has been read.
    pub(super) fn bytes_read(&self) -> u64 {
        self.bytes_read
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, output: &mut [u8]) -> io::Result<usize> {
        if let Some(page) = &mut self.code_page {
            let (taken, written) = page.read(&mut self.file, output)?;
            self.bytes_read += taken as u64;
            return Ok(written);
        }
        let Some(decoder) = &mut self.decoder else {
            let read = if self.ended {
                0
            } else {
                read_some(&mut self.file, output)?
            };
            self.bytes_read += read as u64;
            return Ok(read);
        };
        loop {
            if self.start == self.input.len() && !self.ended {
                self.input.resize(CHUNK_BYTES, 0);
                let read = read_some(&mut self.file, &mut self.input)?;
                self.input.truncate(read);
                self.start = 0;
                self.ended = read == 0;
                self.bytes_read += read as u64;
            }
            let (result, read, written, damaged) =
                decoder.decode_to_utf8(&self.input[self.start..], output, self.ended);
            self.start += read;
            self.damaged |= damaged;
            match result {
                CoderResult::InputEmpty if self.ended => {
                    // The decoder must not be called again after it has been told of the end; at that point it still
                    // has something to say if the file ends inside a letter.
                    self.decoder = None;
                    self.input.clear();
                    return Ok(written);
                }
                _ if written > 0 => return Ok(written),
                CoderResult::InputEmpty => {}
                CoderResult::OutputFull => {
                    return Err(io::Error::new(ErrorKind::InvalidInput, "the buffer is too small"));
                }
            }
        }
    }
}

/// Reads once; if a signal interrupts, again.
fn read_some(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match file.read(buffer) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            outcome => return outcome,
        }
    }
}

/// Counts valid and invalid UTF-8 sequences across chunks that may cut one.
#[derive(Default)]
struct Utf8Count {
    valid: u64,
    invalid: u64,
    cut: Vec<u8>,
}

impl Utf8Count {
    fn add(&mut self, chunk: &[u8]) {
        if self.cut.is_empty() {
            self.count(chunk);
        } else {
            let mut joined = std::mem::take(&mut self.cut);
            joined.extend_from_slice(chunk);
            self.count(&joined);
        }
    }

    fn count(&mut self, mut bytes: &[u8]) {
        while let Err(error) = std::str::from_utf8(bytes) {
            let (valid, rest) = bytes.split_at(error.valid_up_to());
            self.valid += sequences(valid);
            let Some(wrong) = error.error_len() else {
                self.cut = rest.to_vec();
                return;
            };
            self.invalid += 1;
            bytes = &rest[wrong..];
        }
        self.valid += sequences(bytes);
    }

    fn finish(&mut self) {
        self.invalid += u64::from(!self.cut.is_empty());
    }

    /// In another encoding, hardly any letter outside ASCII forms a valid sequence by chance.
    fn is_utf8(&self) -> bool {
        self.invalid == 0 || self.valid > self.invalid
    }
}

/// How many characters outside ASCII begin in valid UTF-8.
fn sequences(valid: &[u8]) -> u64 {
    valid.iter().filter(|&&byte| byte >= 0xc0).count() as u64
}

/// UTF-16 gives itself away by its zero bytes: delimiters, digits and line ends have one each, always on the same side.
/// A stray zero in a single-byte file is alone: no line end takes two bytes, and if all bytes could be UTF-8, hardly
/// any others are zero.
fn utf_16_without_bom(head: &[u8], could_be_utf8: bool) -> Option<&'static Encoding> {
    let zeros = |side: usize| head.iter().skip(side).step_by(2).filter(|&&byte| byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let has_line_end = |end: [u8; 2]| head.chunks_exact(2).any(|pair| pair == end);
    let is_likely = |ours: usize, theirs: usize, line_end: [u8; 2]| {
        let many = ours * 8 > head.len();
        ours > head.len() / 100 && theirs * 20 <= ours && (many || !could_be_utf8 && has_line_end(line_end))
    };
    if is_likely(odd, even, [b'\n', 0]) {
        Some(UTF_16LE)
    } else if is_likely(even, odd, [0, b'\n']) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// Whether there are many bytes that occur in no text. A single one makes a row that cannot be imported, not a file.
fn is_binary(head: &[u8]) -> bool {
    let controls = head
        .iter()
        .filter(|byte| matches!(byte, 0x00..=0x08 | 0x0e..=0x1a | 0x1c..=0x1f))
        .count();
    controls > 1 && controls > head.len() / 50
}
