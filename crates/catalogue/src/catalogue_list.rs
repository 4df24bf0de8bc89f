//! The catalogues that an account knows, and what the settings file keeps for each of them.
//!
//! A catalogue is a local file and, if it is shared, the settings of its server. Each one besides the account's own has
//! a `[[catalogue]]` in the settings file: its `name`, its `file`, and settings by the names that the environment uses.
//! The values at the top of the file apply to catalogues that have none there. The rest of the file is somebody's own
//! work: comments, order and whatever else is in it stay as they are, and the file is replaced as a whole or not at
//! all.

use std::collections::BTreeMap;
use std::fs;
use std::path::{self, Path, PathBuf};

use colophon_store::private;
use colophon_store::settings::Sources;
use colophon_store::{Error, Result};
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table, value};

/// The name of the tables in the settings file.
const TABLES: &str = "catalogue";
const NAME: &str = "name";
const FILE: &str = "file";
/// The most that are kept: nobody could read a menu of more.
pub const LISTED_MAX: usize = 100;

/// One catalogue that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedCatalogue {
    /// What the person calls it.
    pub name: String,
    /// Its file.
    pub file: PathBuf,
    /// What is set for it, by the names that the environment uses.
    pub values: BTreeMap<String, String>,
}

impl ListedCatalogue {
    /// A catalogue of which only the file is known; it is named after the file.
    pub fn of_file(file: &Path) -> Self {
        let name = file.file_stem().unwrap_or(file.as_os_str());
        Self {
            name: name.to_string_lossy().into_owned(),
            file: file.to_owned(),
            values: BTreeMap::new(),
        }
    }

    /// The sources with what is set for this catalogue, for names that begin with the prefix.
    pub fn sources(&self, sources: Sources, prefix: &str) -> Sources {
        let values = self.values.iter();
        sources.replacing(prefix, values.map(|(name, value)| (name.as_str(), value.as_str())))
    }
}

/// The catalogues in a settings file.
#[derive(Debug, Clone)]
pub struct CatalogueList {
    settings_file: PathBuf,
}

impl CatalogueList {
    /// Those of this settings file, which need not exist.
    pub fn in_file(settings_file: impl Into<PathBuf>) -> Self {
        Self {
            settings_file: settings_file.into(),
        }
    }

    /// All of them, in the order of the file.
    pub fn all(&self) -> Result<Vec<ListedCatalogue>> {
        let document = self.read()?;
        let tables = document.get(TABLES).and_then(Item::as_array_of_tables);
        let known = tables.into_iter().flat_map(ArrayOfTables::iter);
        let known = known.filter_map(|table| self.known(table));
        Ok(known.take(LISTED_MAX).collect())
    }

    /// The one with this file, if it is known.
    pub fn of_file(&self, file: &Path) -> Result<Option<ListedCatalogue>> {
        Ok(self.all()?.into_iter().find(|known| is_same(&known.file, file)))
    }

    /// The sources that apply to a catalogue: with what is set for it, if it is known.
    pub fn sources(&self, file: &Path, sources: Sources, prefix: &str) -> Result<Sources> {
        Ok(match self.of_file(file)? {
            Some(known) => known.sources(sources, prefix),
            None => sources,
        })
    }

    /// Keeps a catalogue: in place of what was kept for its file, or at the end if it is new.
    pub fn keep(&self, catalogue: &ListedCatalogue) -> Result<()> {
        let mut document = self.read()?;
        let tables = document
            .entry(TABLES)
            .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
            .as_array_of_tables_mut()
            .ok_or_else(|| self.unusable("has something else than tables under the name \"catalogue\""))?;
        let index = tables.iter().position(|table| self.is_of(table, &catalogue.file));
        if index.is_none() && tables.len() >= LISTED_MAX {
            return Err(self.unusable(&format!("already lists {LISTED_MAX} catalogues; take one out first")));
        }
        if let Some(table) = index.and_then(|index| tables.get_mut(index)) {
            write_into(table, catalogue);
        } else {
            let mut table = Table::new();
            write_into(&mut table, catalogue);
            tables.push(table);
        }
        self.write(&document)
    }

    /// Forgets what is kept for a file. The file itself stays.
    pub fn forget(&self, file: &Path) -> Result<()> {
        let mut document = self.read()?;
        let Some(tables) = document.get_mut(TABLES).and_then(Item::as_array_of_tables_mut) else {
            return Ok(());
        };
        tables.retain(|table| !self.is_of(table, file));
        self.write(&document)
    }

    /// Sets a value that applies to all catalogues, or takes it out.
    pub fn set_for_all(&self, name: &str, text: Option<&str>) -> Result<()> {
        let mut document = self.read()?;
        match text {
            Some(text) => drop(document.insert(name, value(text))),
            None => drop(document.remove(name)),
        }
        self.write(&document)
    }

    fn read(&self) -> Result<DocumentMut> {
        let text = match fs::read_to_string(&self.settings_file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(self.unusable(&format!("cannot be read: {error}"))),
        };
        // Only the message: the text around the place may be anything.
        text.parse()
            .map_err(|error: toml_edit::TomlError| self.unusable(error.message()))
    }

    /// Writes a new file beside the old one and puts it in its place.
    fn write(&self, document: &DocumentMut) -> Result<()> {
        let write = || {
            if let Some(folder) = self.settings_file.parent() {
                private::new_folder(folder)?;
            }
            private::rewrite(&self.settings_file, document.to_string().as_bytes())
        };
        write().map_err(|error: std::io::Error| self.unusable(&format!("cannot be written: {error}")))
    }

    fn known(&self, table: &Table) -> Option<ListedCatalogue> {
        let name = table.get(NAME).and_then(Item::as_str).map(str::to_owned);
        let of_file = ListedCatalogue::of_file(&self.file_in(table)?);
        let values = table.iter().filter(|(name, _)| ![NAME, FILE].contains(name));
        let values = values.filter_map(|(name, item)| Some((name.to_owned(), words(item)?)));
        Some(ListedCatalogue {
            name: name.filter(|name| !name.trim().is_empty()).unwrap_or(of_file.name),
            values: values.collect(),
            file: of_file.file,
        })
    }

    /// The file of a table; a relative path is meant from where the settings lie, as in all of them.
    fn file_in(&self, table: &Table) -> Option<PathBuf> {
        let file = table.get(FILE)?.as_str()?;
        Some(self.settings_file.with_file_name("").join(file))
    }

    fn is_of(&self, table: &Table, file: &Path) -> bool {
        self.file_in(table).is_some_and(|named| is_same(&named, file))
    }

    fn unusable(&self, reason: &str) -> Error {
        Error::Setting {
            name: self.settings_file.display().to_string(),
            reason: reason.to_owned(),
        }
    }
}

fn words(item: &Item) -> Option<String> {
    let text = item.as_str().map(str::to_owned);
    text.or_else(|| item.as_integer().map(|number| number.to_string()))
        .or_else(|| item.as_bool().map(|flag| flag.to_string()))
}

fn write_into(table: &mut Table, catalogue: &ListedCatalogue) {
    table.retain(|name, _| [NAME, FILE].contains(&name) || catalogue.values.contains_key(name));
    let mut set = |name: &str, text: &str| {
        // What has not changed stays as it is written.
        if table.get(name).and_then(words).as_deref() != Some(text) {
            table.insert(name, value(text));
        }
    };
    set(NAME, &catalogue.name);
    // A relative path would mean another file in every folder.
    let file = path::absolute(&catalogue.file).unwrap_or_else(|_| catalogue.file.clone());
    set(FILE, &file.to_string_lossy());
    for (name, text) in &catalogue.values {
        set(name, text);
    }
}

/// Whether two paths lead to one file, by whatever way.
fn is_same(one: &Path, other: &Path) -> bool {
    one == other || private::is_same_place(one, other)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BY_HAND: &str = "# ours\nPOOL_SIZE = 4 # enough\nPOSTGRES_SERVER = \"db.example.org\"\n\n[[catalogue]]\n\
                           name = \"East wing\" # new\nfile = \"/srv/east.sqlite\"\nPOSTGRES_PORT = 6432\n";

    fn settings() -> (tempfile::TempDir, CatalogueList) {
        let folder = tempfile::tempdir().unwrap();
        let known = CatalogueList::in_file(folder.path().join("deep/settings.toml"));
        (folder, known)
    }

    fn catalogue(name: &str, file: &str, server: &str) -> ListedCatalogue {
        ListedCatalogue {
            name: name.to_owned(),
            values: BTreeMap::from([("POSTGRES_SERVER".to_owned(), server.to_owned())]),
            ..ListedCatalogue::of_file(Path::new(file))
        }
    }

    #[test]
    fn what_is_kept_is_found_again_and_what_is_forgotten_is_not() {
        let (_folder, known) = settings();
        assert_eq!(known.all().unwrap(), []);
        let [east, west] = [
            catalogue("East", "/srv/e.sqlite", "a"),
            catalogue("West", "/srv/w.sqlite", "b"),
        ];
        known.keep(&east).unwrap();
        known.keep(&west).unwrap();
        let moved = ListedCatalogue {
            name: "Orient".to_owned(),
            ..catalogue("", "/srv/e.sqlite", "c")
        };
        known.keep(&moved).unwrap();
        assert_eq!(known.all().unwrap(), [moved.clone(), west.clone()]);
        known.forget(&moved.file).unwrap();
        assert_eq!(known.all().unwrap(), [west]);
        assert_eq!(known.of_file(&moved.file).unwrap(), None);
    }

    #[test]
    fn the_rest_of_the_settings_file_stays_as_it_is() {
        let (_folder, known) = settings();
        fs::create_dir_all(known.settings_file.parent().unwrap()).unwrap();
        fs::write(&known.settings_file, BY_HAND).unwrap();
        known.keep(&catalogue("West", "/srv/w.sqlite", "b")).unwrap();
        let text = fs::read_to_string(&known.settings_file).unwrap();
        assert!(text.starts_with(BY_HAND), "{text}");
        known.forget(Path::new("/srv/w.sqlite")).unwrap();
        assert_eq!(
            fs::read_to_string(&known.settings_file).unwrap().trim_end(),
            BY_HAND.trim_end()
        );
    }

    #[test]
    fn what_applies_to_all_is_set_and_taken_out_again() {
        let (_folder, known) = settings();
        fs::create_dir_all(known.settings_file.parent().unwrap()).unwrap();
        fs::write(&known.settings_file, BY_HAND).unwrap();
        known.set_for_all("COLOPHON_PERSON", Some("Ada")).unwrap();
        let person = || {
            let sources = Sources::load(None, Some(&known.settings_file)).unwrap();
            sources.get("COLOPHON_PERSON").unwrap().map(str::to_owned)
        };
        assert_eq!(person().as_deref(), Some("Ada"));
        assert_eq!(known.all().unwrap().len(), 1, "the catalogues stay");
        known.set_for_all("COLOPHON_PERSON", None).unwrap();
        assert_eq!(person(), None);
        assert_eq!(fs::read_to_string(&known.settings_file).unwrap(), BY_HAND);
    }

    #[test]
    fn what_is_set_for_a_catalogue_takes_the_place_of_what_is_set_for_all() {
        let (_folder, known) = settings();
        fs::create_dir_all(known.settings_file.parent().unwrap()).unwrap();
        fs::write(&known.settings_file, BY_HAND).unwrap();
        let sources = |file: &str| {
            let all = Sources::load(None, Some(&known.settings_file)).unwrap();
            known.sources(Path::new(file), all, "POSTGRES_").unwrap()
        };
        assert_eq!(
            sources("/srv/other.sqlite").get("POSTGRES_SERVER"),
            Ok(Some("db.example.org"))
        );
        let east = sources("/srv/east.sqlite");
        assert_eq!(
            east.get("POSTGRES_SERVER"),
            Ok(None),
            "one that is known has a server of its own or none"
        );
        assert_eq!(
            (east.get("POSTGRES_PORT"), east.get("POOL_SIZE")),
            (Ok(Some("6432")), Ok(Some("4")))
        );
    }

    #[test]
    fn a_relative_path_is_meant_from_where_the_settings_lie_and_none_is_written() {
        let (folder, known) = settings();
        fs::create_dir_all(known.settings_file.parent().unwrap()).unwrap();
        fs::write(
            &known.settings_file,
            "[[catalogue]]\nname = \"East\"\nfile = \"../e.sqlite\"\n",
        )
        .unwrap();
        let found = |file: &Path| known.of_file(file).unwrap().map(|found| found.name);
        assert_eq!(found(&folder.path().join("e.sqlite")).as_deref(), Some("East"));
        assert_eq!(
            found(Path::new("../e.sqlite")),
            None,
            "somebody else's, where this is run"
        );
        known.keep(&catalogue("Here", "here.sqlite", "a")).unwrap();
        let written = known.all().unwrap().pop().map(|last| last.file);
        assert_eq!(written, path::absolute("here.sqlite").ok());
    }

    #[test]
    fn a_settings_file_that_cannot_be_understood_is_left_as_it_is() {
        let (_folder, known) = settings();
        fs::create_dir_all(known.settings_file.parent().unwrap()).unwrap();
        fs::write(&known.settings_file, "POOL_SIZE = = 4").unwrap();
        assert!(known.keep(&catalogue("West", "/srv/w.sqlite", "b")).is_err());
        assert_eq!(fs::read_to_string(&known.settings_file).unwrap(), "POOL_SIZE = = 4");
    }
}
