//! What the lists of all records have in common: the page, the order, the filters and the columns.

use std::fmt::Debug;
use std::str::FromStr;

use clap::Args;
use colophon_catalogue::filters::Typed;
use colophon_catalogue::lists::{self, Column, FacetValue, List, Listed, Lists, Ordered};
use colophon_store::{Database, Error, Page, Result as StoreResult};
use serde_json::{Map, Value};

use super::paging::{self, Paging};
use crate::exit::Exit;
use crate::output::Output;
use crate::table;

/// How many values of a field are shown unless somebody wants more or fewer.
const VALUES_SHOWN: usize = 50;

/// Which records of a list, and what of them.
#[derive(Debug, Args)]
pub(crate) struct Listing<E>
where
    E: Listed,
    E::Filter: FromStr<Err = Error> + Debug + Sync,
{
    #[command(flatten)]
    paging: Paging,
    /// The order: a field such as `title` or `year`, or `added`; a minus in front reverses it (`--sort=-year`).
    #[arg(long, value_name = "ORDER", value_parser = Ordered::read::<E>, allow_hyphen_values = true)]
    sort: Option<Ordered<E::Sort>>,
    /// Reverse the order.
    #[arg(long)]
    descending: bool,
    #[command(flatten)]
    narrowing: Narrowing<E>,
    /// The columns to show, such as `title,authors,year,isbn`.
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', value_parser = Shown::<E>::from_str)]
    columns: Vec<Shown<E>>,
    /// Print the page as CSV.
    #[arg(long)]
    csv: bool,
}

/// Which records of a list.
#[derive(Debug, Args)]
pub(crate) struct Narrowing<E>
where
    E: Listed,
    E::Filter: FromStr<Err = Error> + Debug + Sync,
{
    /// Only records of which this holds: `publisher~penguin` (has it in it), `title^the` (begins), `year:1990..1999`, `isbn:none`, `isbn:any`,
    /// `language:bad` (says what it would not be given today), `publisher:Penguin` (is exactly), `publisher!:Penguin` (is not). Several
    /// must all hold.
    #[arg(long = "where", value_name = "FILTER", value_parser = <E::Filter as FromStr>::from_str)]
    filters: Vec<E::Filter>,
}

impl<E> Narrowing<E>
where
    E: Listed,
    E::Filter: FromStr<Err = Error> + Debug + Sync,
{
    /// The records of which all filters hold, and which what was typed finds.
    pub(crate) fn list(&self, text: &str, output: &Output) -> List<E> {
        let list: List<E> = List {
            filters: self.filters.clone(),
            ..List::default()
        };
        list.typed(read_typed::<E>(text, output))
    }

    /// Whether there is any filter.
    pub(crate) fn is_any(&self) -> bool {
        !self.filters.is_empty()
    }
}

/// What to count.
#[derive(Debug, Args)]
pub(crate) struct Facets<E>
where
    E: Listed,
    E::Filter: FromStr<Err = Error> + Debug + Sync,
{
    /// The field, or whatever else gathers records: `publisher`, `year`, `tags`, `author`, `role`.
    field: String,
    /// Only records that this finds: words and tokens, as in `books search`.
    #[arg(long, value_name = "TEXT", default_value = "")]
    search: String,
    #[command(flatten)]
    narrowing: Narrowing<E>,
    /// How many values to show at most.
    #[arg(long, value_name = "NUMBER", default_value_t = VALUES_SHOWN)]
    top: usize,
}

/// A column, and the name by which somebody asked for it.
#[derive(Debug)]
pub(crate) struct Shown<E: Listed> {
    called: String,
    column: Column<E>,
}

impl<E: Listed> Clone for Shown<E> {
    fn clone(&self) -> Self {
        Self {
            called: self.called.clone(),
            column: self.column,
        }
    }
}

impl<E: Listed> FromStr for Shown<E> {
    type Err = Error;

    fn from_str(called: &str) -> StoreResult<Self> {
        Ok(Self {
            called: called.trim().to_owned(),
            column: called.parse()?,
        })
    }
}

impl<E> Listing<E>
where
    E: Listed<Line: serde::Serialize>,
    E::Filter: FromStr<Err = Error> + Debug + Sync,
{
    /// Shows a page of those for which all `filters` also hold, and which what was typed finds.
    pub(crate) fn run(
        &self,
        database: &Database,
        text: &str,
        filters: impl IntoIterator<Item = E::Filter>,
        first_columns: &str,
        output: &Output,
    ) -> anyhow::Result<Exit> {
        let request = self.paging.request()?;
        let order = self
            .sort
            .map_or_else(|| (E::Sort::default(), false), |order| (order.sort, order.descending));
        let list: List<E> = List {
            filters: self.narrowing.filters.iter().cloned().chain(filters).collect(),
            sort: order.0,
            descending: order.1 != self.descending,
            ..List::default()
        };
        let list = list.typed(read_typed::<E>(text, output));
        let page = if list.text.trim().is_empty() {
            // A single page is read, once: building an index would not pay.
            let query = list.query();
            database.read_blocking(|session| lists::page(session, &query, request))?
        } else {
            Lists::new(database.clone()).page(&list, request)?
        };
        self.print(&page, first_columns, output)
    }

    fn print(&self, page: &Page<E::Line>, first_columns: &str, output: &Output) -> anyhow::Result<Exit> {
        if output.is_json() && self.columns.is_empty() {
            output.document(page)?;
            return Ok(Exit::Done);
        }
        let mut columns = self.columns.clone();
        if columns.is_empty() {
            columns = first_columns.split(',').map(str::parse).collect::<StoreResult<_>>()?;
        }
        if output.is_json() {
            let items: Vec<_> = page.items.iter().map(|line| object(&columns, line)).collect();
            output.document(&serde_json::json!({ "items": items, "meta": page.meta }))?;
            return Ok(Exit::Done);
        }
        let cells = |line: &E::Line| -> Vec<String> {
            let texts = columns.iter().map(|shown| shown.column.text(line));
            texts.map(Option::unwrap_or_default).collect()
        };
        let rows: Vec<Vec<String>> = page.items.iter().map(cells).collect();
        if self.csv {
            let heads: Vec<String> = columns.iter().map(|shown| shown.column.name().to_owned()).collect();
            output.stream(|out| csv(out, std::iter::once(&heads).chain(&rows)))?;
        } else {
            let heads: Vec<_> = columns.iter().map(|shown| shown.called.to_uppercase()).collect();
            table::write(output, &heads, &rows)?;
        }
        paging::note(page, output);
        Ok(Exit::Done)
    }
}

/// Takes apart what was typed, and says what of it is searched as words although it looks like more.
fn read_typed<E: Listed>(text: &str, output: &Output) -> Typed<E::Filter> {
    let typed = Typed::read::<E>(text);
    for odd in &typed.odd {
        output.note(format_args!(
            "“{odd}” was searched as words: it asks nothing that a {} could answer",
            E::TABLE.name
        ));
    }
    typed
}

/// A line with what was asked for, by name.
fn object<E: Listed>(columns: &[Shown<E>], line: &E::Line) -> Map<String, Value> {
    let named = |shown: &Shown<E>| (shown.column.name().to_owned(), shown.column.text(line).into());
    columns.iter().map(named).collect()
}

fn csv<'r>(out: &mut dyn std::io::Write, rows: impl Iterator<Item = &'r Vec<String>>) -> anyhow::Result<()> {
    let mut writer = ::csv::Writer::from_writer(out);
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(writer.flush()?)
}

impl<E> Facets<E>
where
    E: Listed,
    E::Filter: FromStr<Err = Error> + Debug + Sync,
{
    /// Shows how many times each value of the field occurs.
    pub(crate) fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let list = self.narrowing.list(&self.search, output);
        let lists::FacetCounts { name, values, .. } =
            Lists::new(database.clone()).facet(&list, &self.field, self.top)?;
        if output.is_json() {
            output.document(&serde_json::json!({ "field": name, "values": values }))?;
            return Ok(Exit::Done);
        }
        let cells = |value: FacetValue| {
            let shown = value.value.unwrap_or_else(|| "(none)".to_owned());
            vec![value.count.to_string(), shown, value.filter]
        };
        let rows: Vec<_> = values.into_iter().map(cells).collect();
        table::write(output, &["COUNT", "VALUE", "FILTER"], &rows)?;
        Ok(Exit::Done)
    }
}
