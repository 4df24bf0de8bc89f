//! The fields of an entity as options of a command: one for each field that its declaration lets people type.

use clap::error::Result as ClapResult;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use colophon_store::{Columns, Declared, Entity, FieldOf, Result};

use crate::output::Output;

/// What was typed for which field of a new `E`. What a row must have, has to be said.
#[derive(Debug)]
pub(crate) struct NewFields<E>(Typed<E>);

/// What was typed for which field of one that is changed. An empty text clears the field.
#[derive(Debug)]
pub(crate) struct ChangedFields<E>(Typed<E>);

type Typed<E> = Vec<(FieldOf<E>, String)>;

impl<E: Entity> NewFields<E> {
    /// Sets what was typed.
    pub(crate) fn set(&self, row: &mut E) -> Result<()> {
        set(&self.0, row)
    }
}

impl<E: Entity> ChangedFields<E> {
    /// Sets what was typed.
    pub(crate) fn set(&self, row: &mut E) -> Result<()> {
        set(&self.0, row)
    }
}

impl<E> Clone for NewFields<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<E> Clone for ChangedFields<E> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

fn set<E: Entity>(typed: &Typed<E>, row: &mut E) -> Result<()> {
    typed.iter().try_for_each(|(field, text)| row.set_text(*field, text))
}

/// Prints what a row says in its fields, but for those that are printed elsewhere.
pub(crate) fn print<E: Columns>(row: &E, elsewhere: &[FieldOf<E>], output: &Output) -> anyhow::Result<()> {
    let values = row.values();
    for field in FieldOf::<E>::typed().filter(|field| !elsewhere.contains(field)) {
        let declared = field.declared();
        if let Some(value) = declared.print(&values[declared.position]) {
            output.field(field.name(), value)?;
        }
    }
    Ok(())
}

/// The option of a field: `--published-year` for `published_year`.
fn option(declared: &'static Declared, is_required: bool) -> Arg {
    let help = declared.help();
    let is_number = declared.options.kind.is_some_and(|kind| kind.is_number());
    Arg::new(declared.name())
        .long(declared.name().replace('_', "-"))
        .help(help.trim_end_matches('.').to_owned())
        .value_name(declared.name().to_uppercase())
        .allow_negative_numbers(is_number)
        .required(is_required && declared.options.is_required)
}

fn options<E: Columns>(command: Command, is_required: bool) -> Command {
    let options = E::typed_fields().map(|declared| option(declared, is_required));
    command.args(options)
}

fn typed<E: Columns>(matches: &ArgMatches) -> Typed<E> {
    let said = |field: FieldOf<E>| {
        let text = matches.get_one::<String>(field.name())?;
        Some((field, text.clone()))
    };
    FieldOf::typed().filter_map(said).collect()
}

macro_rules! arguments {
    ($name:ident, required $required:literal) => {
        impl<E: Columns> Args for $name<E> {
            fn augment_args(command: Command) -> Command {
                options::<E>(command, $required)
            }

            fn augment_args_for_update(command: Command) -> Command {
                options::<E>(command, false)
            }
        }

        impl<E: Columns> FromArgMatches for $name<E> {
            fn from_arg_matches(matches: &ArgMatches) -> ClapResult<Self> {
                Ok(Self(typed(matches)))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> ClapResult<()> {
                self.0 = typed(matches);
                Ok(())
            }
        }
    };
}

arguments!(NewFields, required true);
arguments!(ChangedFields, required false);
