//! The orders of a list by name: `year`, `-publisher`, `added`.

use colophon_store::{Error, FieldOf, Result};

use super::{Column, Listed};
use crate::filters::field_called;

/// An order, and whether it is reversed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ordered<S> {
    /// The order.
    pub sort: S,
    /// Whether it is reversed.
    pub descending: bool,
}

/// The order with that name: one of the list's own, or that of a field.
pub fn order_called<E: Listed>(name: &str) -> Result<E::Sort> {
    let own = E::OWN_ORDERS.iter().find(|(own, _)| *own == name);
    let of_field = || {
        let field = field_called::<E>(name).ok()?;
        Column::Field(field).order()
    };
    own.map(|(_, order)| *order).or_else(of_field).ok_or_else(|| {
        let fields = FieldOf::<E>::typed().filter(|field| field.declared().is_sortable());
        let names: Vec<_> = (E::OWN_ORDERS.iter().map(|(name, _)| *name))
            .chain(fields.map(FieldOf::name))
            .collect();
        let reason = format!("there is no order “{name}”; there are {}", names.join(", "));
        Error::invalid("sort", reason)
    })
}

impl<S> Ordered<S> {
    /// Reads `year`, and `-year` for the reverse.
    pub fn read<E: Listed<Sort = S>>(text: &str) -> Result<Self> {
        let (name, descending) = text.strip_prefix('-').map_or((text, false), |name| (name, true));
        Ok(Self {
            sort: order_called::<E>(name.trim())?,
            descending,
        })
    }
}
