//! `colophon books add` and `edit`: a book from its fields.

use clap::error::Result as ClapResult;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use colophon_acts::books::{self, BookForm};
use colophon_acts::{Form, Somebody};
use colophon_catalogue::word::Word as _;
use colophon_catalogue::{Book, Role};
use colophon_store::Database;

use super::whole::{print, print_edited, whole};
use crate::exit::Exit;
use crate::lookup;
use crate::output::Output;
use crate::typed_fields::{ChangedFields, NewFields};
use crate::typed_lists::{ChangedLists, NewLists};

/// The fields of a book that is added.
#[derive(Debug, Args)]
pub(crate) struct Add {
    #[command(flatten)]
    fields: NewFields<Book>,
    /// The author, by id or name. An unknown name adds an author; without this the book has none.
    #[arg(long)]
    author: Option<String>,
    #[command(flatten)]
    people: People,
    #[command(flatten)]
    lists: NewLists<Book>,
}

/// The fields of books that are changed.
#[derive(Debug, Args)]
pub(crate) struct Edit {
    /// The books' ids or ISBNs. All are changed, or none.
    #[arg(required = true, value_name = "BOOK")]
    books: Vec<String>,
    #[command(flatten)]
    fields: ChangedFields<Book>,
    /// The author, by id or name. An unknown name adds an author; an empty one leaves the book without.
    #[arg(long)]
    author: Option<String>,
    #[command(flatten)]
    people: People,
    #[command(flatten)]
    lists: ChangedLists<Book>,
}

impl Add {
    pub(super) fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let form = form(self.fields.form(), self.author.as_ref(), &self.people);
        let lists = self.lists.clone();
        let added = database.write_blocking(move |tx| {
            let added = books::add(tx, &form)?;
            lists.set(tx, &added)?;
            whole(tx, added)
        })?;
        output.note("Added:");
        print(&added, output)
    }
}

impl Edit {
    pub(super) fn run(&self, database: &Database, output: &Output) -> anyhow::Result<Exit> {
        let wanted = self.books.clone();
        let form = form(self.fields.form(), self.author.as_ref(), &self.people);
        let lists = self.lists.clone();
        let edited = database.transaction_blocking(move |tx| -> anyhow::Result<_> {
            let found = wanted.iter().map(|wanted| Ok(lookup::book(tx, wanted)?.id));
            let ids: Vec<_> = found.collect::<anyhow::Result<_>>()?;
            let whole = books::change(tx, &ids, &form)?.into_iter().map(|book| {
                lists.set(tx, &book)?;
                whole(tx, book)
            });
            Ok(whole.collect::<colophon_store::Result<Vec<_>>>()?)
        })?;
        match edited.as_slice() {
            [one] => print(one, output),
            several => print_edited(several, output),
        }
    }
}

fn form(fields: Form<Book>, author: Option<&String>, people: &People) -> BookForm {
    BookForm {
        fields,
        author: author.cloned().map(Somebody::Typed),
        people: people.0.clone(),
    }
}

/// Further people, by role. When a book is edited, they replace those with the same role; an empty name leaves nobody.
#[derive(Debug)]
struct People(Vec<(Role, Vec<Somebody>)>);

/// The option for a role: a book already has its author, so a further one is a co-author.
fn option(role: &Role) -> &str {
    match role {
        Role::Author => "co-author",
        other => other.as_str(),
    }
}

impl Args for People {
    fn augment_args(command: Command) -> Command {
        command.args(Role::ALL.iter().map(|role| {
            let help = format!(
                "{}, by id or name (may be repeated)",
                role.meaning().trim_end_matches('.')
            );
            let arg = Arg::new(option(role).to_owned()).long(option(role).to_owned());
            arg.help(help).value_name("AUTHOR").action(ArgAction::Append)
        }))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for People {
    fn from_arg_matches(matches: &ArgMatches) -> ClapResult<Self> {
        let named = Role::ALL.iter().filter_map(|role| {
            let people = matches.get_many::<String>(option(role))?;
            Some((role.clone(), people.cloned().map(Somebody::Typed).collect()))
        });
        Ok(Self(named.collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> ClapResult<()> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
