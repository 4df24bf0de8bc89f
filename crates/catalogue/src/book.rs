//! Books.

use colophon_store::schema::Value;
use colophon_store::{
    BelongsTo, Condition, Derived, Entity, EntityId, Facet, FieldOf, HasMany, NameColumns, SortOrder, Sql, Stamp,
    Where, entity, entity_id,
};
use rusqlite::types::Value as Bound;

use crate::author::{Author, AuthorId};
use crate::contribution::Role;
use crate::duplicates;
use crate::filters::{FieldFilter, ListFilter, TimeFilter};
use crate::folding;
use crate::kinds::{FORMAT, ISBN, LANGUAGE, NAME, NOTES, PAGE_COUNT, SERIES_POSITION, SHELF_MARK, YEAR};

/// The year by which lists are ordered; books without one come after every year, in the index as well.
const BY_YEAR: &str = "ifnull(published_year, 32767)";
/// Years are gathered in decades.
const DECADES: Facet = Facet::Spans(10);

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
        title: String = NAME.required().searched().at_head().ordered_by("sort_key")
            .headers("title booktitle maintitle titel titre titulo titolo tittel tytul cim nimeke название заглавие τιτλοσ \
                      书名 書名 タイトル 제목 العنوان bookname titulodellibro titulolivro naslov baslik kitapadi nazev nazov otsikko nimi 책제목 도서명 כותר שם عنوان originaltitle titleoriginal titreoriginal originaltitel"),
        /// The subtitle.
        subtitle: Option<String> = NAME.searched().at_head()
            .headers("subtitle untertitel soustitre subtitulo sottotitolo ondertitel undertitel"),
        /// The title of the work in its own language, or the one that it came out with first.
        original_title: Option<String> = NAME.searched()
            .headers("originaltitle titleoriginal titreoriginal originaltitel titulooriginal titolooriginale"),
        /// An ISBN-10 or ISBN-13, hyphenated or not.
        isbn: Option<String> = ISBN.unique().searched()
            .headers("isbn isbn10 isbns isbnissn upcisbn10 isbnean isbnnummer isbnno isbnnumber"),
        /// The publisher.
        publisher: Option<String> = NAME.facet(Facet::Each)
            .headers("publisher publishers publishinghouse verlag editeur maisonedition editorial editora editore \
                      casaeditrice uitgever uitgeverij forlag wydawca издательство 出版社 publishername \
                      maisondedition nakladatel vydavatelstvi kiado yayinevi kustantaja wydawnictwo εκδοτησ 출판사 הוצאה الناشر ناشر"),
        /// The place of publication.
        place: Option<String> = NAME.facet(Facet::Each)
            .headers("place placeofpublication publicationplace publishingplace ort erscheinungsort verlagsort lieudepublication \
                      lieudedition lugardepublicacion luogodipubblicazione plaatsvanuitgave"),
        /// The edition: "2nd, revised".
        edition: Option<String> = NAME
            .headers("edition editionstatement auflage ausgabe numerodedition edicion edizione druk upplaga"),
        /// The year of publication; negative before our era.
        published_year: Option<i32> = YEAR.facet(DECADES).ordered_by(BY_YEAR)
            .headers("publishedyear yearpublished publicationyear yearofpublication year published pubyear publishdate \
                      publicationdate dateofpublication publisheddate date jahr erscheinungsjahr annee datedepublication \
                      anneedepublication ano anodepublicacion anno jaar ar год originalpublicationyear originalyear \
                      firstpublished 出版年 publicationdates yearpublishedthisedition pubdate erscheinungsdatum erschienen \
                      datedeparution dateparution parution fechadepublicacion fechapublicacion datapublicacao datadepublicacao datadipubblicazione datapubblicazione \
                      annodipubblicazione annopubblicazione jaarvanuitgave verschijningsdatum utgivelsesar udgivelsesar utgivningsar rokwydania rokvydani kiadaseve \
                      yayinyili julkaisuvuosi годиздания датапубликации εκδοση 출판년도 출판일 発行日 出版日期 出版日 سنهالنشر"),
        /// The year in which the work came out first.
        original_year: Option<i32> = YEAR.facet(DECADES)
            .headers("originalyear originalpublicationyear yearfirstpublished firstpublished originalpublicationdate \
                      ersterscheinungsjahr anneeoriginale erstausgabe"),
        /// The language: a code such as eng or en, or an English name.
        language: Option<String> = LANGUAGE.facet(Facet::Each)
            .headers("language languagecode languages lang sprache langue idioma lengua lingua taal sprak sprog jezyk язык kieli jazyk nyelv dil γλωσσα \
                      语言 言語"),
        /// The number of pages.
        page_count: Option<i32> = PAGE_COUNT
            .headers("pagecount pages numpages numberofpages noofpages nopages seiten seitenzahl nombredepages nbpages \
                      paginas numerodepaginas pagine aantalpaginas страниц 页数 seitenanzahl anzahlseiten umfang nombrepages paginastotales numeropaginas \
                      numpaginas numerodipagine paginaantal bladzijden sider sidor antalsider antallsider antalsidor sivumaara liczbastron stron pocetstran oldalszam sayfasayisi \
                      количествостраниц σελιδεσ ページ数 頁数 쪽수 페이지"),
        /// The series.
        series: Option<String> = NAME.searched().facet(Facet::Each)
            .headers("series seriesname seriestitle serie reihe saga collana reeks cyklus серия seria serietitel schriftenreihe coleccion colecao"),
        /// The position in the series: a number as a rule, but also "1-3" or "0.5".
        series_position: Option<String> = SERIES_POSITION
            .headers("seriesposition seriesindex seriesnumber numberinseries positioninseries bookinseries volume \
                      volumenumber bandnummer tome bandnr reihennummer numeroserie numerodelaserie numeroenlaserie numerodeserie serienummer deel seriesvolume volumen \
                      numerotome numeronellaserie noinseries nrinreihe"),
        /// The format: hardback, paperback, ebook, audio or other.
        format: Option<String> = FORMAT.facet(Facet::Each)
            .headers("format binding bookformat mediatype einband reliure encuadernacion rilegatura bindwijze"),
        /// The shelf mark: where it stands.
        shelf_mark: Option<String> = SHELF_MARK
            .headers("shelfmark callnumber callno shelflocation signatur standort cote signatura collocazione plaatscode"),
        /// Notes.
        notes: Option<String> = NOTES
            .headers("notes privatenotes comments comment notizen anmerkungen remarques notas opmerkingen commentaire commentaires bemerkung bemerkungen kommentar kommentare anmerkung observaciones \
                      observacoes commenti merknader anteckningar noter uwagi poznamky megjegyzes notlar примечания заметки σημειωσεισ 备注 メモ 메모 personalnotes review myreview"),
    }
}

impl BookDraft {
    /// A book of which only the title and the author are known.
    pub fn new(title: impl Into<String>, author_id: impl Into<Option<AuthorId>>) -> Self {
        Self {
            author_id: author_id.into(),
            ..Self::titled(title)
        }
    }

    /// A book of which only the title is known.
    pub fn titled(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }
}

/// One condition on books.
#[derive(Debug, Clone, PartialEq)]
pub enum BookFilter {
    /// Written by this author.
    ByAuthor(AuthorId),
    /// Written by somebody else, or nobody.
    NotByAuthor(AuthorId),
    /// By an author, or together with one, whose name has these words in it, without case and accents; other forms of the
    /// name count.
    ByAuthorNamed(String),
    /// With an author, or without one.
    HasAuthor(bool),
    /// With a contribution in this role, or without one.
    HasRole {
        /// The role.
        role: Role,
        /// Whether there is one.
        holds: bool,
    },
    /// With another book beside it that looks the same, or without one.
    HasDuplicate(bool),
    /// A condition on one of its fields.
    Field(FieldFilter<Book>),
    /// A condition on one of its lists.
    List(ListFilter),
    /// A condition on when it came or changed.
    Time(TimeFilter),
}

impl BookFilter {
    /// With this ISBN, as thirteen digits.
    pub fn with_isbn(isbn: &str) -> Self {
        FieldFilter::is(Book::FIELDS.isbn.any(), Value::Text(isbn.to_owned())).into()
    }
}

impl From<FieldFilter<Book>> for BookFilter {
    fn from(filter: FieldFilter<Book>) -> Self {
        Self::Field(filter)
    }
}

impl From<ListFilter> for BookFilter {
    fn from(filter: ListFilter) -> Self {
        Self::List(filter)
    }
}

impl From<TimeFilter> for BookFilter {
    fn from(filter: TimeFilter) -> Self {
        Self::Time(filter)
    }
}

impl Condition for BookFilter {
    fn add_to(&self, conditions: &mut Where) {
        match self {
            Self::ByAuthor(id) => conditions.and("author_id=?", [Bound::Blob(id.uuid().as_bytes().to_vec())]),
            Self::NotByAuthor(id) => conditions.and("author_id IS NOT ?", [Bound::Blob(id.uuid().as_bytes().to_vec())]),
            Self::ByAuthorNamed(name) => by_author_named(conditions, name),
            Self::HasRole { role, holds } => conditions.and(
                if *holds {
                    "id IN (SELECT book_id FROM contribution WHERE role=?)"
                } else {
                    "id NOT IN (SELECT book_id FROM contribution WHERE role=?)"
                },
                [Bound::Text(role.as_str().to_owned())],
            ),
            Self::HasDuplicate(true) => conditions.and_sql(&duplicates::of_books_exist(), []),
            Self::HasDuplicate(false) => {
                conditions.and_sql(Sql::new("NOT (").append(&duplicates::of_books_exist()).push(")"), [])
            }
            Self::HasAuthor(true) => conditions.and("author_id IS NOT NULL", []),
            Self::HasAuthor(false) => conditions.and("author_id IS NULL", []),
            Self::Field(filter) => {
                filter.add_to(conditions);
                conditions
            }
            Self::List(filter) => {
                filter.add_to(conditions);
                conditions
            }
            Self::Time(filter) => {
                filter.add_to(conditions);
                conditions
            }
        };
    }
}

/// Written by somebody in whose name each of these words occurs.
fn by_author_named<'c>(conditions: &'c mut Where, name: &str) -> &'c mut Where {
    let folded = folding::fold(name);
    let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
    let mut people = Sql::new("SELECT id FROM author WHERE ");
    let has_words = |people: &mut Sql| {
        people.join(words.iter().map(|_| "instr(name_key,?)>0"), " AND ");
    };
    has_words(&mut people);
    people.push(" UNION SELECT author_id FROM author_name WHERE ");
    has_words(&mut people);
    let mut condition = Sql::new("author_id IN (");
    condition.append(&people);
    condition.push(") OR id IN (SELECT book_id FROM contribution WHERE role='author' AND author_id IN (");
    condition.append(&people).push("))");
    let bound = || words.iter().map(|word| Bound::Text((*word).to_owned()));
    let values: Vec<Bound> = (0..4).flat_map(|_| bound()).collect();
    conditions.and_sql(&condition, values)
}

/// The orders of a list of books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BookSort {
    /// By the author's sort name, then by title; books without an author last.
    Author,
    /// In the order in which they were made.
    Added,
    /// By a field; books that have no value in it come last.
    Field(FieldOf<Book>),
}

impl BookSort {
    /// By title, without its leading article.
    pub const TITLE: Self = Self::Field(Book::FIELDS.title.any());
    /// By the year of publication.
    pub const YEAR: Self = Self::Field(Book::FIELDS.published_year.any());
}

impl Default for BookSort {
    fn default() -> Self {
        Self::TITLE
    }
}

impl SortOrder for BookSort {
    fn expression(self) -> &'static str {
        match self {
            Self::Author => "ifnull((SELECT author.sort_key FROM author WHERE author.id=book.author_id),char(1114111))",
            Self::Added => "id",
            Self::Field(field) => field.declared().order(),
        }
    }

    /// An author's name is in another table, and most fields have no index of their own; lists in these orders are
    /// served by the search index.
    fn is_indexed(self) -> bool {
        match self {
            Self::Author => false,
            Self::Added => true,
            Self::Field(field) => field.declared().options.order.is_some(),
        }
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
}

impl HasMany<Book> for Author {
    const FOREIGN_KEY: &'static str = "author_id";
    const CHILD_ORDER: &'static str = "sort_key,rowid";
}

impl BelongsTo<Author> for Book {
    fn parent_id(&self) -> Option<AuthorId> {
        self.author_id
    }
}
