//! The lists of a record as options of a command: `--tag` adds one, `--no-tag` removes one, for each list that its
//! entity has.

use std::collections::BTreeMap;
use std::marker::PhantomData;

use clap::error::Result as ClapResult;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use colophon_catalogue::belongings::{Belongings, belongings_of, texts_of};
use colophon_store::{Columns, EntityId as _, ReadSession, Result, WriteSession};
use serde::Serialize;

use crate::output::Output;

/// What is to be in the lists of an `E`, and what no longer. From a new row nothing can be removed.
#[derive(Debug)]
pub(crate) struct TypedLists<E, const WHOLE: bool> {
    said: Vec<(&'static Belongings, Said)>,
    entity: PhantomData<fn() -> E>,
}

/// What was said about one list.
#[derive(Debug, Clone)]
struct Said {
    add: Vec<String>,
    remove: Vec<String>,
}

/// The lists of a new row.
pub(crate) type NewLists<E> = TypedLists<E, true>;
/// The lists of rows that are changed.
pub(crate) type ChangedLists<E> = TypedLists<E, false>;

/// What is in the lists of a row, by their names.
#[derive(Debug, Serialize)]
#[serde(transparent)]
pub(crate) struct ShownLists(BTreeMap<&'static str, Vec<String>>);

impl ShownLists {
    /// Those of a row.
    pub(crate) fn of<E: Columns>(session: &ReadSession<'_>, row: &E) -> Result<Self> {
        Ok(Self(
            texts_of(session, E::TABLE, row.id().uuid())?.into_iter().collect(),
        ))
    }

    /// Prints each on lines of its own, one text on a line.
    pub(crate) fn print<E: Columns>(&self, output: &Output) -> anyhow::Result<()> {
        for list in belongings_of(E::TABLE) {
            for text in self.0.get(list.name).into_iter().flatten() {
                output.field(list.one, text)?;
            }
        }
        Ok(())
    }
}

impl<E: Columns, const WHOLE: bool> TypedLists<E, WHOLE> {
    /// Applies what was said to the lists of a row.
    pub(crate) fn set(&self, tx: &WriteSession<'_>, row: &E) -> Result<()> {
        let id = row.id().uuid();
        for (list, said) in &self.said {
            for text in &said.remove {
                list.remove(tx, id, text)?;
            }
            for text in &said.add {
                list.add(tx, id, text)?;
            }
        }
        Ok(())
    }
}

// A derived impl would require the same of the entity.
impl<E, const WHOLE: bool> Clone for TypedLists<E, WHOLE> {
    fn clone(&self) -> Self {
        Self {
            said: self.said.clone(),
            entity: PhantomData,
        }
    }
}

/// The names of the options of a list: `--other-name` and `--no-other-name` for `other_name`.
fn names(list: &Belongings) -> [String; 2] {
    let one = list.one.replace('_', "-");
    [one.clone(), format!("no-{one}")]
}

fn options<E: Columns>(mut command: Command, is_new: bool) -> Command {
    for list in belongings_of(E::TABLE) {
        let [add, remove] = names(list);
        let option = |name: String, help: String| {
            Arg::new(name.clone())
                .long(name)
                .help(help)
                .value_name(list.one.to_uppercase())
                .action(ArgAction::Append)
        };
        command = command.arg(option(add, format!("{} (may be repeated)", list.help)));
        if !is_new {
            let help = format!("One that is taken away: {} of the record", list.one.replace('_', " "));
            command = command.arg(option(remove, help));
        }
    }
    command
}

impl<E: Columns, const WHOLE: bool> Args for TypedLists<E, WHOLE> {
    fn augment_args(command: Command) -> Command {
        options::<E>(command, WHOLE)
    }

    fn augment_args_for_update(command: Command) -> Command {
        options::<E>(command, false)
    }
}

impl<E: Columns, const WHOLE: bool> FromArgMatches for TypedLists<E, WHOLE> {
    fn from_arg_matches(matches: &ArgMatches) -> ClapResult<Self> {
        let texts = |name: &str| -> Vec<String> {
            let texts = matches.try_get_many::<String>(name).ok().flatten();
            texts.into_iter().flatten().cloned().collect()
        };
        let said = |list: &'static Belongings| {
            let [add, remove] = names(list);
            let said = Said {
                add: texts(&add),
                remove: texts(&remove),
            };
            (list, said)
        };
        Ok(Self {
            said: belongings_of(E::TABLE).map(said).collect(),
            entity: PhantomData,
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> ClapResult<()> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
