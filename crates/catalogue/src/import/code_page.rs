//! The code pages of DOS, in which old catalogues are still written. They are not part of the encoding standard of the
//! web, by which other encodings are read.

use std::io::{self, Read};

/// A code page: what its bytes from 128 up mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodePage {
    name: &'static str,
    upper: &'static str,
}

/// The ones that are known. Each lists the letters of its bytes 128 to 255 in order.
const CODE_PAGES: [CodePage; 8] = [
    CodePage {
        name: "cp437",
        upper: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
    CodePage {
        name: "cp850",
        upper: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈıÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    },
    CodePage {
        name: "cp852",
        upper: "ÇüéâäůćçłëŐőîŹÄĆÉĹĺôöĽľŚśÖÜŤťŁ×čáíóúĄąŽžĘę¬źČş«»░▒▓│┤ÁÂĚŞ╣║╗╝Żż┐└┴┬├─┼Ăă╚╔╩╦╠═╬¤đĐĎËďŇÍÎě┘┌█▄ŢŮ▀ÓßÔŃńňŠšŔÚŕŰýÝţ´\u{ad}˝˛ˇ˘§÷¸°¨˙űŘř■\u{a0}",
    },
    CodePage {
        name: "cp858",
        upper: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø×ƒáíóúñÑªº¿®¬½¼¡«»░▒▓│┤ÁÂÀ©╣║╗╝¢¥┐└┴┬├─┼ãÃ╚╔╩╦╠═╬¤ðÐÊËÈ€ÍÎÏ┘┌█▄¦Ì▀ÓßÔÒõÕµþÞÚÛÙýÝ¯´\u{ad}±‗¾¶§÷¸°¨·¹³²■\u{a0}",
    },
    CodePage {
        name: "cp860",
        upper: "ÇüéâãàÁçêÊèÍÔìÃÂÉÀÈôõòÚùÌÕÜ¢£Ù₧ÓáíóúñÑªº¿Ò¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
    CodePage {
        name: "cp861",
        upper: "ÇüéâäàåçêëèÐðÞÄÅÉæÆôöþûÝýÖÜø£Ø₧ƒáíóúÁÍÓÚ¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
    CodePage {
        name: "cp863",
        upper: "ÇüéâÂà¶çêëèïî‗À§ÉÈÊôËÏûù¤ÔÜ¢£ÙÛƒ¦´óú¨¸³¯Î⌐¬½¼¾«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
    CodePage {
        name: "cp865",
        upper: "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜø£Ø₧ƒáíóúñÑªº¿⌐¬½¼¡«¤░▒▓│┤╡╢╖╕╣║╗╝╜╛┐└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u{a0}",
    },
];

impl CodePage {
    /// The one with this name: `cp850`, `IBM850`, `850`.
    pub fn named(name: &str) -> Option<Self> {
        let digits = name.trim_start_matches(|letter: char| !letter.is_ascii_digit());
        let prefix = name[..name.len() - digits.len()].to_ascii_lowercase();
        let is_page = matches!(
            prefix.trim_end_matches(['-', '_', ' ']),
            "" | "cp" | "ibm" | "oem" | "dos" | "csibm" | "pc"
        );
        let pages = CODE_PAGES.into_iter().filter(|_| is_page && !digits.is_empty());
        let mut pages = pages.filter(|page| page.name.trim_start_matches("cp") == digits);
        pages.next()
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Maps a byte to its letter.
    pub(super) fn letter(self) -> impl Fn(u8) -> char {
        let letters = self.letters();
        move |byte| match byte.checked_sub(0x80) {
            None => char::from(byte),
            Some(upper) => letters.get(usize::from(upper)).copied().unwrap_or('\u{fffd}'),
        }
    }

    /// The letters of its upper bytes.
    fn letters(self) -> Vec<char> {
        self.upper.chars().collect()
    }

    /// Decodes bytes.
    pub(super) fn text(self, bytes: &[u8]) -> String {
        bytes.iter().copied().map(self.letter()).collect()
    }
}

/// Turns bytes into UTF-8, a piece at a time.
pub(super) struct CodePageReader {
    page: CodePage,
    ready: Vec<u8>,
}

impl CodePageReader {
    pub(super) fn new(page: CodePage) -> Self {
        Self {
            page,
            ready: Vec::new(),
        }
    }

    /// Reads from a file of the code page. Returns how many bytes of the file were read and how many were written.
    pub(super) fn read(&mut self, file: &mut impl Read, output: &mut [u8]) -> io::Result<(usize, usize)> {
        let mut taken = 0;
        if self.ready.is_empty() {
            let mut bytes = vec![0; output.len()];
            taken = file.read(&mut bytes)?;
            self.ready = self.page.text(&bytes[..taken]).into_bytes();
        }
        let length = self.ready.len().min(output.len());
        output[..length].copy_from_slice(&self.ready[..length]);
        self.ready.drain(..length);
        Ok((taken, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_has_a_letter_for_each_byte() {
        for page in CODE_PAGES {
            assert_eq!(page.letters().len(), 128, "{}", page.name);
            assert_eq!(CodePage::named(page.name), Some(page));
        }
        let page = CodePage::named("IBM850").unwrap();
        assert_eq!(page.text(b"K\x81\xe1 \x99l"), "Küß Öl");
        assert_eq!(CodePage::named("utf-850"), None);
    }
}
