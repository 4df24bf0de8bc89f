//! Workbooks of LibreOffice and others (.ods), which are packed XML too.
//!
//! Beside each value stands what the cell shows, so no format has to be understood. A row or a cell that is repeated is
//! written once with a number, so a few bytes can stand for millions of cells: they are counted while they are read.

use std::io::{BufRead, BufReader, Read, Seek};

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, XmlVersion};
use zip::ZipArchive;

use super::merged::Area;
use super::rows::{COLUMNS_MAX, ROWS_MAX, Rows};
use super::sheets::{Sheet, Sheets};
use super::shown;
use super::unreadable::{damaged, unreadable};
use crate::import::ImportError;
use crate::import::rows::ROW_MAX_BYTES;

/// The part that has the sheets.
const CONTENT: &str = "content.xml";

/// A workbook of LibreOffice.
pub(super) struct OpenDocument<R> {
    archive: ZipArchive<R>,
    sheets: Vec<Sheet>,
}

impl<R: Read + Seek> OpenDocument<R> {
    pub(super) fn open(file: R) -> Result<Self, ImportError> {
        let archive = ZipArchive::new(file).map_err(|error| damaged(&error))?;
        let mut workbook = Self {
            archive,
            sheets: Vec::new(),
        };
        let mut sheets = Vec::new();
        workbook.content(
            &mut |event| {
                if let Found::Sheet(sheet) = event {
                    sheets.push(sheet);
                }
                Ok(())
            },
            None,
        )?;
        workbook.sheets = sheets;
        Ok(workbook)
    }

    /// Reads the content, and tells what is found: all sheets by their names, and the rows of one.
    fn content(
        &mut self,
        found: &mut dyn FnMut(Found<'_>) -> Result<(), ImportError>,
        wanted: Option<usize>,
    ) -> Result<(), ImportError> {
        let content = self.archive.by_name(CONTENT).map_err(|error| damaged(&error))?;
        let mut xml = Reader::from_reader(BufReader::new(content));
        xml.config_mut().check_end_names = false;
        xml.config_mut().allow_unmatched_ends = true;
        let (mut sheets, mut open) = (0, 0_usize);
        let mut styles = Styles::default();
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(|error| damaged(&error))? {
                Event::Start(element) if is_table(element.name().into_inner()) => {
                    // A table within a cell is no sheet.
                    if open == 0 {
                        found(Found::Sheet(Sheet {
                            name: attribute(&element, "table:name"),
                            is_hidden: styles.hidden.contains(&attribute(&element, "table:style-name")),
                        }))?;
                        if wanted == Some(sheets) {
                            return rows_of(&mut xml, found);
                        }
                        sheets += 1;
                    }
                    open += 1;
                }
                Event::End(element) if is_table(element.name().into_inner()) => open = open.saturating_sub(1),
                Event::Start(element) | Event::Empty(element) if sheets == 0 && open == 0 => styles.take(&element),
                Event::Eof if open > 0 => return Err(damaged(&"it ends within a sheet")),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }
}

fn is_table(name: &str) -> bool {
    name == "table:table"
}

impl<R: Read + Seek> Sheets for OpenDocument<R> {
    fn all(&self) -> Vec<Sheet> {
        self.sheets.clone()
    }

    fn read(&mut self, position: usize, rows: &mut Rows) -> Result<(), ImportError> {
        self.content(
            &mut |event| match event {
                Found::Row(number, cells) => rows.add(number, cells),
                Found::Merged(area) => {
                    rows.merged.add(area);
                    Ok(())
                }
                Found::Sheet(_) => Ok(()),
            },
            Some(position),
        )
    }
}

/// What is found in the content.
enum Found<'a> {
    Sheet(Sheet),
    Merged(Area),
    Row(u32, &'a [String]),
}

/// The styles of sheets, which say whether one is hidden.
#[derive(Default)]
struct Styles {
    /// The one that was named last.
    last: String,
    hidden: Vec<String>,
}

impl Styles {
    fn take(&mut self, element: &BytesStart<'_>) {
        match element.name().into_inner() {
            "style:style" => self.last = attribute(element, "style:name"),
            "style:table-properties" if attribute(element, "table:display") == "false" => {
                self.hidden.push(std::mem::take(&mut self.last));
            }
            _ => {}
        }
    }
}

/// The rows that are being read.
#[derive(Default)]
struct UnderWay {
    is_over: bool,
    /// How many rows came before.
    rows: u32,
    cells: Vec<String>,
    bytes: usize,
    /// Empty cells that count only if a filled one follows.
    empty: usize,
    cell: Option<Cell>,
    /// How often the row that is open is there.
    repeated: u32,
    /// How many tables within cells are open.
    within: usize,
}

/// The cell that is being read.
#[derive(Default)]
struct Cell {
    /// The type of its value, and the value.
    kind: String,
    value: String,
    shown: String,
    repeated: usize,
    /// How many rows it is merged over.
    rows: u32,
    /// Whether a paragraph is open, so that text counts.
    is_text: bool,
    paragraphs: usize,
    /// How many annotations are open, whose text is not the cell's.
    annotations: usize,
}

fn rows_of<B: BufRead>(
    xml: &mut Reader<B>,
    found: &mut dyn FnMut(Found<'_>) -> Result<(), ImportError>,
) -> Result<(), ImportError> {
    let mut buffer = Vec::new();
    let mut sheet = UnderWay::default();
    while !sheet.is_over {
        buffer.clear();
        match xml.read_event_into(&mut buffer).map_err(|error| damaged(&error))? {
            Event::Start(element) => sheet.start(&element),
            Event::Empty(element) => {
                sheet.start(&element);
                sheet.end(element.name().into_inner(), found)?;
            }
            Event::End(element) => sheet.end(element.name().into_inner(), found)?,
            Event::Text(text) => sheet.add(&text.xml10_content()),
            Event::CData(text) => sheet.add(&text.xml10_content()),
            Event::GeneralRef(reference) => sheet.add(&resolved(&reference)),
            Event::Eof => return Err(damaged(&"it ends within a sheet")),
            _ => {}
        }
        let shown = sheet.cell.as_ref().map_or(0, |cell| cell.shown.len());
        if shown + sheet.bytes > ROW_MAX_BYTES {
            return Err(ImportError::RowTooLong {
                line: u64::from(sheet.rows) + 1,
            });
        }
    }
    Ok(())
}

impl UnderWay {
    fn start(&mut self, element: &BytesStart<'_>) {
        let count = |name: &str| attribute(element, name).parse::<u32>().unwrap_or(1).max(1);
        match (element.name().into_inner(), &mut self.cell) {
            ("table:table", _) => self.within += 1,
            _ if self.within > 0 => {}
            ("table:table-row", None) => {
                self.cells.clear();
                (self.bytes, self.empty) = (0, 0);
                self.repeated = count("table:number-rows-repeated");
            }
            ("table:table-cell" | "table:covered-table-cell", None) => {
                let kind = attribute(element, "office:value-type");
                let value = match kind.as_str() {
                    "date" => "office:date-value",
                    "boolean" => "office:boolean-value",
                    _ => "office:value",
                };
                self.cell = Some(Cell {
                    value: attribute(element, value),
                    kind,
                    repeated: count("table:number-columns-repeated") as usize,
                    rows: count("table:number-rows-spanned"),
                    ..Cell::default()
                });
            }
            ("office:annotation", Some(cell)) => cell.annotations += 1,
            (_, Some(cell)) if cell.annotations > 0 => {}
            ("text:p" | "text:h", Some(cell)) => {
                if cell.paragraphs > 0 {
                    cell.shown.push('\n');
                }
                cell.paragraphs += 1;
                cell.is_text = true;
            }
            ("text:s", Some(cell)) => {
                let spaces = count("text:c").min(1_000) as usize;
                cell.shown.extend(std::iter::repeat_n(' ', spaces));
            }
            ("text:tab", Some(cell)) => cell.shown.push('\t'),
            ("text:line-break", Some(cell)) => cell.shown.push('\n'),
            _ => {}
        }
    }

    fn end(
        &mut self,
        name: &str,
        found: &mut dyn FnMut(Found<'_>) -> Result<(), ImportError>,
    ) -> Result<(), ImportError> {
        match (name, &mut self.cell) {
            ("table:table", _) if self.within > 0 => self.within -= 1,
            ("table:table", _) => self.is_over = true,
            _ if self.within > 0 => {}
            ("office:annotation", Some(cell)) => cell.annotations = cell.annotations.saturating_sub(1),
            ("text:p" | "text:h", Some(cell)) => cell.is_text = false,
            ("table:table-cell" | "table:covered-table-cell", Some(_)) => return self.end_of_cell(found),
            ("table:table-row", None) => {
                for _ in 0..self.repeated {
                    if self.cells.is_empty() || self.rows >= ROWS_MAX {
                        break;
                    }
                    self.rows += 1;
                    found(Found::Row(self.rows, &self.cells))?;
                }
                if self.cells.is_empty() {
                    self.rows = self.rows.saturating_add(self.repeated);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn end_of_cell(&mut self, found: &mut dyn FnMut(Found<'_>) -> Result<(), ImportError>) -> Result<(), ImportError> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let (repeated, rows) = (cell.repeated, cell.rows);
        let text = cell.text();
        if text.is_empty() {
            self.empty = self.empty.saturating_add(repeated);
            return Ok(());
        }
        let count = self.cells.len().saturating_add(self.empty).saturating_add(repeated);
        self.bytes = self.bytes.saturating_add(text.len().saturating_mul(repeated));
        if count > COLUMNS_MAX {
            return Err(unreadable("a cell of it lies outside of every sheet"));
        }
        if self.bytes > ROW_MAX_BYTES {
            return Err(ImportError::RowTooLong {
                line: u64::from(self.rows) + 1,
            });
        }
        self.cells.resize(self.cells.len() + self.empty, String::new());
        self.empty = 0;
        if rows > 1 {
            found(Found::Merged(Area {
                first: self.rows.saturating_add(1),
                last: self.rows.saturating_add(rows),
                column: self.cells.len(),
            }))?;
        }
        self.cells.resize(count, text);
        Ok(())
    }

    fn add(&mut self, text: &str) {
        if let Some(cell) = self.cell.as_mut().filter(|cell| cell.is_text && cell.annotations == 0)
            && self.within == 0
        {
            cell.shown.push_str(text);
        }
    }
}

impl Cell {
    /// What the cell says: what it shows, except where the value is clearer.
    fn text(self) -> String {
        let is_year = self.shown.len() == 4 && self.shown.bytes().all(|byte| byte.is_ascii_digit());
        match self.kind.as_str() {
            "date" if !is_year && !self.value.is_empty() => shown::iso(&self.value),
            "boolean" => self.value,
            "float" | "currency" => {
                // Zeros before it and hyphens within it are shown, and are not in the value.
                let has_format =
                    self.shown.starts_with('0') && self.shown.len() > 1 && !self.shown.contains([',', '.'])
                        || self.shown.chars().skip(1).any(|character| character == '-');
                match self.value.parse::<f64>() {
                    Ok(number) if !has_format && number.is_finite() => shown::general(number),
                    _ => self.shown,
                }
            }
            _ => self.shown,
        }
    }
}

fn resolved(reference: &BytesRef<'_>) -> String {
    let character = reference.resolve_char_ref().ok().flatten().map(String::from);
    let name = reference.xml10_content();
    character
        .or_else(|| quick_xml::escape::resolve_xml_entity(&name).map(str::to_owned))
        .unwrap_or_default()
}

/// The value of an attribute, by its whole name; empty if there is none.
fn attribute(element: &BytesStart<'_>, name: &str) -> String {
    let mut attributes = element.attributes().flatten();
    let found = attributes.find(|attribute| attribute.key.into_inner() == name);
    let value = found.and_then(|attribute| attribute.normalized_value(XmlVersion::Implicit1_0).ok());
    value.map(Into::into).unwrap_or_default()
}
