//! Books.

use colophon_store::{
    BelongsTo, Condition, Derived, Entity, EntityId, HasMany, NameColumns, Query, Result, SortOrder, Stamp, Where,
    WriteSession, entity, entity_id,
};
use rusqlite::types::Value as Bound;

use crate::author::{Author, AuthorId};
use crate::contribution::{Contribution, ContributionFilter};
use crate::folding;
use crate::kinds::{FORMAT, ISBN, LANGUAGE, NAME, NOTES, PAGE_COUNT, SERIES_POSITION, SHELF_MARK, YEAR};

entity_id! {
    /// The id of a book.
    BookId refers to "book"
}

entity! {
    /// A book, as its title page and its imprint describe it.
    pub struct Book in "book" with BookId, fields BookFields, draft #[derive(Default, Eq)] BookDraft {
        /// Who wrote it, where somebody is known or named as the author; further people are contributions.
        author_id: Option<AuthorId>,
        /// The title.
        title: String = NAME.required().searched().at_head()
            .headers("title booktitle maintitle titel titre titulo titolo tittel tytul cim nimeke название заглавие τιτλοσ \
                      书名 書名 タイトル 제목 العنوان originaltitle titleoriginal titreoriginal originaltitel"),
        /// The subtitle.
        subtitle: Option<String> = NAME.searched().at_head()
            .headers("subtitle untertitel soustitre subtitulo sottotitolo ondertitel undertitel"),
        /// The title of the work in its own language, or the one that it came out with first.
        original_title: Option<String> = NAME.searched()
            .headers("originaltitle titleoriginal titreoriginal originaltitel titulooriginal titolooriginale"),
        /// An ISBN-10 or ISBN-13, hyphenated or not.
        isbn: Option<String> = ISBN.unique().searched()
            .headers("isbn isbn10 isbns isbnissn"),
        /// The publisher.
        publisher: Option<String> = NAME
            .headers("publisher publishers publishinghouse verlag editeur maisonedition editorial editora editore \
                      casaeditrice uitgever uitgeverij forlag wydawca издательство 出版社"),
        /// The place of publication.
        place: Option<String> = NAME
            .headers("place placeofpublication publicationplace publishingplace ort erscheinungsort verlagsort lieudepublication \
                      lieudedition lugardepublicacion luogodipubblicazione plaatsvanuitgave"),
        /// The edition: "2nd, revised".
        edition: Option<String> = NAME
            .headers("edition editionstatement auflage ausgabe numerodedition edicion edizione druk upplaga"),
        /// The year of publication; negative before our era.
        published_year: Option<i32> = YEAR
            .headers("publishedyear yearpublished publicationyear yearofpublication year published pubyear publishdate \
                      publicationdate dateofpublication publisheddate date jahr erscheinungsjahr annee datedepublication \
                      anneedepublication ano anodepublicacion anno jaar ar год originalpublicationyear originalyear \
                      firstpublished 出版年"),
        /// The year in which the work came out first.
        original_year: Option<i32> = YEAR
            .headers("originalyear originalpublicationyear yearfirstpublished firstpublished originalpublicationdate \
                      ersterscheinungsjahr anneeoriginale"),
        /// The language: a code such as eng or en, or an English name.
        language: Option<String> = LANGUAGE
            .headers("language languagecode languages lang sprache langue idioma lengua lingua taal sprak sprog jezyk язык \
                      语言 言語"),
        /// The number of pages.
        page_count: Option<i32> = PAGE_COUNT
            .headers("pagecount pages numpages numberofpages noofpages nopages seiten seitenzahl nombredepages nbpages \
                      paginas numerodepaginas pagine aantalpaginas страниц 页数"),
        /// The series.
        series: Option<String> = NAME.searched()
            .headers("series seriesname seriestitle serie reihe saga collana reeks cyklus серия"),
        /// The place in the series: a number as a rule, but also "1-3" or "0.5".
        series_position: Option<String> = SERIES_POSITION
            .headers("seriesposition seriesindex seriesnumber numberinseries positioninseries bookinseries volume \
                      volumenumber bandnummer tome"),
        /// The format: hardback, paperback, ebook, audio or other.
        format: Option<String> = FORMAT
            .headers("format binding bookformat mediatype einband reliure encuadernacion rilegatura bindwijze"),
        /// The shelf mark: where it stands.
        shelf_mark: Option<String> = SHELF_MARK
            .headers("shelfmark callnumber callno shelflocation signatur standort cote signatura collocazione plaatscode"),
        /// Notes.
        notes: Option<String> = NOTES
            .headers("notes privatenotes comments comment notizen anmerkungen remarques notas opmerkingen"),
    }
}

impl BookDraft {
    /// A book of which no more is known than its title and its author.
    pub fn new(title: impl Into<String>, author_id: impl Into<Option<AuthorId>>) -> Self {
        Self {
            author_id: author_id.into(),
            ..Self::titled(title)
        }
    }

    /// A book of which no more is known than its title.
    pub fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }
}

/// One condition on books.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BookFilter {
    /// Written by this author.
    ByAuthor(AuthorId),
    /// Without an author.
    WithoutAuthor,
    /// The title contains this, without case and accents.
    TitleContains(String),
    /// With this ISBN, as thirteen digits.
    Isbn(String),
    /// Without an ISBN.
    WithoutIsbn,
    /// In this language, as three letters.
    Language(String),
    /// From this publisher.
    Publisher(String),
    /// Part of this series.
    Series(String),
    /// Published in this year or later.
    PublishedFrom(i32),
    /// Published in this year or earlier.
    PublishedTo(i32),
}

impl Condition for BookFilter {
    fn add_to(&self, conditions: &mut Where) {
        let text = |text: &String| [Bound::Text(text.clone())];
        let number = |number: i32| [Bound::Integer(i64::from(number))];
        match self {
            Self::ByAuthor(id) => conditions.and("author_id=?", [Bound::Blob(id.uuid().as_bytes().to_vec())]),
            Self::WithoutAuthor => conditions.and("author_id IS NULL", []),
            Self::TitleContains(part) => conditions.and("instr(title_key,?)>0", [Bound::Text(folding::fold(part))]),
            Self::Isbn(isbn) => conditions.and("isbn=?", text(isbn)),
            Self::WithoutIsbn => conditions.and("isbn IS NULL", []),
            Self::Language(language) => conditions.and("language=?", text(language)),
            Self::Publisher(publisher) => conditions.and("publisher=?", text(publisher)),
            Self::Series(series) => conditions.and("series=?", text(series)),
            Self::PublishedFrom(year) => conditions.and("published_year>=?", number(*year)),
            Self::PublishedTo(year) => conditions.and("published_year<=?", number(*year)),
        };
    }
}

/// The orders of a list of books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum BookSort {
    /// By title, without its leading article.
    #[default]
    Title,
    /// By the author's sort name, then by title; books without an author last.
    Author,
    /// By the year of publication; books without one last.
    Year,
    /// In the order in which they were made.
    Added,
}

impl SortOrder for BookSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Title => "sort_key",
            Self::Author => "ifnull((SELECT author.sort_key FROM author WHERE author.id=book.author_id),char(1114111))",
            Self::Year => "ifnull(published_year, 32767)",
            Self::Added => "id",
        }
    }

    /// An author's name is in another table; lists in this order are served by the search index.
    fn is_indexed(self) -> bool {
        self != Self::Author
    }
}

impl Entity for Book {
    type Draft = BookDraft;
    type Filter = BookFilter;
    type Sort = BookSort;

    const DERIVED: &'static [Derived] = &[
        Derived {
            name: "sort_key",
            from: &["title", "language"],
        },
        Derived {
            name: "title_key",
            from: &["title"],
        },
    ];
    const NAME: NameColumns = NameColumns {
        plain: "title",
        folded: "title_key",
    };

    fn from_draft(draft: &BookDraft, stamp: Stamp) -> Self {
        Self::drafted(draft.clone(), stamp)
    }

    fn derive(&self, position: usize) -> Bound {
        Bound::Text(match position {
            0 => folding::sort_key(&self.title, self.language.as_deref()),
            _ => folding::fold(&self.title),
        })
    }

    fn fold(text: &str) -> String {
        folding::fold(text)
    }

    /// A book takes its contributions with it.
    fn before_delete(session: &WriteSession<'_>, id: BookId) -> Result<()> {
        let of_book = Query::filtered(ContributionFilter::OfBook(id));
        for contribution in session.repo::<Contribution>().filter(&of_book)? {
            session.repo_mut::<Contribution>().delete(contribution.id)?;
        }
        Ok(())
    }
}

impl HasMany<Contribution> for Book {
    const FOREIGN_KEY: &'static str = "book_id";
    const CHILD_ORDER: &'static str = "position,rowid";
}

impl BelongsTo<Author> for Book {
    fn parent_id(&self) -> Option<AuthorId> {
        self.author_id
    }
}
