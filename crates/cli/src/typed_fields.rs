//! The fields of an entity as options of a command: one for each field that its declaration lets people type.

use clap::error::Result as ClapResult;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use colophon_acts::Form;
use colophon_store::{Columns, Declared, Entity, FieldOf};

use crate::output::Output;

/// What was typed for which field of an `E`. If the row is new (`WHOLE`), what it must have has to be given; if it is
/// being changed, an empty text clears the field.
#[derive(Debug)]
pub(crate) struct TypedFields<E: Columns, const WHOLE: bool>(Form<E>);

/// The fields of a new row.
pub(crate) type NewFields<E> = TypedFields<E, true>;
/// The fields of rows that are changed.
pub(crate) type ChangedFields<E> = TypedFields<E, false>;

impl<E: Entity, const WHOLE: bool> TypedFields<E, WHOLE> {
    /// The form that was filled in.
    pub(crate) fn form(&self) -> Form<E> {
        self.0.clone()
    }
}

/// Prints the fields of a row, except for those that are printed elsewhere.
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

impl<E: Columns, const WHOLE: bool> Args for TypedFields<E, WHOLE> {
    fn augment_args(command: Command) -> Command {
        options::<E>(command, WHOLE)
    }

    fn augment_args_for_update(command: Command) -> Command {
        options::<E>(command, false)
    }
}

impl<E: Columns, const WHOLE: bool> FromArgMatches for TypedFields<E, WHOLE> {
    fn from_arg_matches(matches: &ArgMatches) -> ClapResult<Self> {
        let said = |field: FieldOf<E>| {
            let text = matches.get_one::<String>(field.name())?;
            Some((field, text.clone()))
        };
        Ok(Self(FieldOf::typed().filter_map(said).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> ClapResult<()> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
