//! A field as code refers to it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;

use crate::schema::columns::Columns;
use crate::schema::declaration::Declared;
use crate::schema::field::Field;

/// A field of the entity `E`, which code refers to by name: `Book::FIELDS.title`. `T` is the type of its content, where
/// that is known; a `FieldOf<E>` is any field of `E`, and each field can be turned into [one](Self::any).
pub struct FieldOf<E, T = ()> {
    position: usize,
    of: PhantomData<fn() -> (E, T)>,
}

impl<E, T> Clone for FieldOf<E, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<E, T> Copy for FieldOf<E, T> {}

impl<E, T, U> PartialEq<FieldOf<E, U>> for FieldOf<E, T> {
    fn eq(&self, other: &FieldOf<E, U>) -> bool {
        self.position == other.position
    }
}

impl<E, T> Eq for FieldOf<E, T> {}

impl<E, T> Hash for FieldOf<E, T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.position.hash(state);
    }
}

impl<E, T> fmt::Debug for FieldOf<E, T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "field {}", self.position)
    }
}

impl<E, T: Field> From<FieldOf<E, T>> for FieldOf<E> {
    fn from(field: FieldOf<E, T>) -> Self {
        field.any()
    }
}

impl<E, T> FieldOf<E, T> {
    /// The field whose column stands at this position of the table; for [`entity!`](crate::entity!).
    #[doc(hidden)]
    pub const fn at(position: usize) -> Self {
        Self {
            position,
            of: PhantomData,
        }
    }

    /// The same field, as any field of the entity.
    pub const fn any(self) -> FieldOf<E> {
        FieldOf::at(self.position)
    }
}

impl<E: Columns, T> FieldOf<E, T> {
    /// The field as it is declared.
    pub fn declared(self) -> &'static Declared {
        // A table has its id in front of the declared fields.
        &E::DECLARED[self.position - 1]
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        self.declared().name()
    }
}

impl<E: Columns> FieldOf<E> {
    /// The field of that name, if people can type it.
    pub fn named(name: &str) -> Option<Self> {
        let mut typed = E::typed_fields();
        typed.find(|field| field.name() == name).map(Self::of)
    }

    /// All fields that people can type, in the order of the declaration.
    pub fn typed() -> impl Iterator<Item = Self> {
        E::typed_fields().map(Self::of)
    }

    fn of(declared: &'static Declared) -> Self {
        Self::at(declared.position)
    }
}
