//! What a column of a file can fill, and the headers by which it is known.

use colophon_store::{Columns as _, FieldOf};
use serde::{Serialize, Serializer};

use super::key::key;
use crate::belongings::{ListColumn, belongings_of};
use crate::book::Book;
use crate::contribution::Role;

/// What a column can fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// A field of the book.
    Field(FieldOf<Book>),
    /// The author, or all authors in one cell, the book's author first.
    Author,
    /// The sort name of the author.
    AuthorSortName,
    /// Further authors.
    AdditionalAuthors,
    /// Translators.
    Translators,
    /// Editors.
    Editors,
    /// Illustrators.
    Illustrators,
    /// Those who read it aloud.
    Narrators,
    /// Those who wrote a foreword.
    Forewords,
    /// Those who wrote an afterword.
    Afterwords,
    /// Photographers.
    Photographers,
    /// Those who put it together.
    Compilers,
    /// Anyone else, each with a role in brackets: `Robert Fagles (translator)`.
    Contributors,
    /// A column of ISBN-13s beside that of ISBN-10s.
    Isbn13,
    /// One of the columns that fill a list of the book.
    List(&'static ListColumn),
}

/// The columns of people, in the order in which they are read, and the role of those who are named there without one.
const PEOPLE: [(Column, Role); 11] = [
    (Column::Author, Role::Author),
    (Column::AdditionalAuthors, Role::Author),
    (Column::Translators, Role::Translator),
    (Column::Editors, Role::Editor),
    (Column::Illustrators, Role::Illustrator),
    (Column::Narrators, Role::Narrator),
    (Column::Forewords, Role::Foreword),
    (Column::Afterwords, Role::Afterword),
    (Column::Photographers, Role::Photographer),
    (Column::Compilers, Role::Compiler),
    (Column::Contributors, Role::Author),
];

impl Column {
    /// Those that are not fields of the book.
    const OTHERS: [Self; 13] = [
        Self::Author,
        Self::AuthorSortName,
        Self::AdditionalAuthors,
        Self::Translators,
        Self::Editors,
        Self::Illustrators,
        Self::Narrators,
        Self::Forewords,
        Self::Afterwords,
        Self::Photographers,
        Self::Compilers,
        Self::Contributors,
        Self::Isbn13,
    ];

    /// All of them, the fields of the book first.
    pub fn all() -> impl Iterator<Item = Self> {
        let lists = belongings_of(Book::TABLE).flat_map(|list| list.columns).map(Self::List);
        FieldOf::<Book>::typed()
            .map(Self::Field)
            .chain(Self::OTHERS)
            .chain(lists)
    }

    /// The name: the header an export writes, and what `--map` takes.
    pub fn name(self) -> &'static str {
        match self {
            Self::Field(field) => field.name(),
            Self::Author => "author",
            Self::AuthorSortName => "author_sort_name",
            Self::AdditionalAuthors => "additional_authors",
            Self::Translators => "translators",
            Self::Editors => "editors",
            Self::Illustrators => "illustrators",
            Self::Narrators => "narrators",
            Self::Forewords => "forewords",
            Self::Afterwords => "afterwords",
            Self::Photographers => "photographers",
            Self::Compilers => "compilers",
            Self::Contributors => "contributors",
            Self::Isbn13 => "isbn13",
            Self::List(column) => column.name,
        }
    }

    /// The columns of people, with the role of those who are named there without one. A file must have one of them: if
    /// a table names nobody, usually its header was not understood.
    pub(in crate::import) fn of_people() -> impl Iterator<Item = (Self, Role)> {
        PEOPLE.into_iter()
    }

    /// Whether it is a field without which there is no book.
    pub(super) fn is_required(self) -> bool {
        matches!(self, Self::Field(field) if field.declared().options.is_required)
    }

    /// The one with that name.
    pub fn named(name: &str) -> Option<Self> {
        let wanted = key(name);
        Self::all().find(|column| key(column.name()) == wanted || (*column == Self::Author && wanted == "authors"))
    }

    /// The headers it is known by, folded and without spaces, the most certain first.
    pub(super) fn spellings(self) -> impl Iterator<Item = &'static str> {
        let spellings = match self {
            Self::Field(field) => field.declared().options.headers,
            Self::Author => {
                "author authors authorname authornames mainauthor primaryauthor bookauthor authortext writer writers by autor autoren autorin \
                 verfasser verfasserin verfasserinnen urheber auteur auteurs auteurprincipal autores autora autore autori autorprincipal schrijver \
                 schrijvers forfatter forfattare forfattere kirjailija tekija creator creators szerzo szerzok yazar автор авторы συγγραφεασ 作者 著者 \
                 저자 지은이 המחבר מחבר المولف مولف نويسنده"
            }
            Self::AuthorSortName => {
                "authorsortname authorsort authorlf authorlastfirst authorsorting primaryauthorlastfirst"
            }
            Self::AdditionalAuthors => {
                "additionalauthors additionalauthor otherauthors coauthors coauthor secondaryauthors secondaryauthor secondaryauthorroles \
                 weitereautoren weitereverfasser autresauteurs auteurssecondaires otrosautores outrosautores altriautori addedauthors"
            }
            Self::Translators => {
                "translators translator translatedby ubersetzer ubersetzerin ubersetzung ubersetztvon traducteur traducteurs traductor traductores \
                 traduttore traduttori tradutor tradutores vertaler vertalers oversetter oversaetter oversattare tlumacz prekladatel preklad \
                 fordito cevirmen ceviren переводчик переводчики μεταφραστησ 译者 訳者 역자 옮긴이 מתרגם المترجم مترجم"
            }
            Self::Editors => {
                "editors editedby herausgeber herausgeberin hrsg curatore organizador redacteur redaktor szerkeszto editor редактор 编者 編者"
            }
            Self::Illustrators => {
                "illustrators illustrator illustratorin illustratedby illustrateur illustratrice illustrateurs dessinateur ilustrador ilustradores \
                 ilustradora illustratore illustraties ilustrator художник иллюстратор"
            }
            Self::Narrators => {
                "narrators narrator narratedby readby reader sprecher sprecherin narrateur narrador narratore lektor"
            }
            Self::Forewords => {
                "forewords foreword forewordby introductionby vorwort preface prefacier prologo prefazione"
            }
            Self::Afterwords => "afterwords afterword afterwordby nachwort postface epilogo postfazione",
            Self::Photographers => "photographers photographer photosby fotograf fotografin photographe fotografo",
            Self::Compilers => "compilers compiler compiledby compilador compilatore составитель",
            Self::Contributors => {
                "contributors contributor contributions mitwirkende beteiligte contributeurs contributeur colaboradores collaboratori \
                 otherpeople medvirkende medverkande bijdragers"
            }
            Self::Isbn13 => "isbn13 ean ean13 eanisbn13 isbnuid gtin",
            Self::List(column) => column.headers,
        };
        spellings.split_ascii_whitespace()
    }
}

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}
