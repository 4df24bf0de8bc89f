"""The central tables of a Colophon catalogue, as SQLModel classes, in the schema that POSTGRES_SCHEMA names.

What the server does by itself is left to it: ids, times, a sort name that follows from the name, and the revision. That counts the transactions that wrote to the
catalogue, so a row that somebody else has written since it was read is noticed by it.
"""

import os
from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, DateTime, FetchedValue, MetaData, Uuid
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.orm import declared_attr
from sqlmodel import Field, Relationship, SQLModel

SCHEMA = os.environ.get("POSTGRES_SCHEMA", "colophon")
BY_SERVER = {"server_default": FetchedValue()}
BY_SERVER_EACH_TIME = {"server_default": FetchedValue(), "server_onupdate": FetchedValue()}


class Record(AsyncAttrs, SQLModel):
    """What every table of a catalogue has."""

    metadata = MetaData(schema=SCHEMA)

    id: UUID | None = Field(default=None, sa_type=Uuid, primary_key=True, sa_column_kwargs=BY_SERVER)
    created_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True), sa_column_kwargs=BY_SERVER)
    updated_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True), sa_column_kwargs=BY_SERVER_EACH_TIME)
    revision: int | None = Field(default=None, sa_type=BigInteger, sa_column_kwargs=BY_SERVER_EACH_TIME)

    @declared_attr.directive
    def __mapper_args__(cls):
        # A row that was changed since it was read is not written over: flush raises StaleDataError.
        return {"version_id_col": cls.__table__.c.revision, "version_id_generator": False, "eager_defaults": True}


class Author(Record, table=True):
    """A person. `sort_name` may be left out."""

    name: str = Field(max_length=500)
    sort_name: str | None = Field(default=None, max_length=500, sa_column_kwargs=BY_SERVER_EACH_TIME)
    birth_year: int | None = None
    death_year: int | None = None
    email: str | None = Field(default=None, max_length=254)
    website: str | None = Field(default=None, max_length=2000)
    notes: str | None = None

    books: list["Book"] = Relationship(back_populates="author")
    contributions: list["Contribution"] = Relationship(back_populates="author")


class Book(Record, table=True):
    """A book. It may have no author; then somebody else has contributed to it."""

    author_id: UUID | None = Field(default=None, foreign_key=f"{SCHEMA}.author.id", index=True)
    title: str = Field(max_length=500)
    subtitle: str | None = Field(default=None, max_length=500)
    original_title: str | None = Field(default=None, max_length=500)
    isbn: str | None = Field(default=None, min_length=13, max_length=13, unique=True)
    publisher: str | None = Field(default=None, max_length=500)
    place: str | None = Field(default=None, max_length=500)
    edition: str | None = Field(default=None, max_length=500)
    published_year: int | None = None
    original_year: int | None = None
    language: str | None = Field(default=None, max_length=35)
    page_count: int | None = None
    format: str | None = Field(default=None, max_length=100)
    series: str | None = Field(default=None, max_length=500)
    series_position: str | None = Field(default=None, max_length=20)
    shelf_mark: str | None = Field(default=None, max_length=100)
    notes: str | None = None

    author: Author | None = Relationship(back_populates="books")
    contributions: list["Contribution"] = Relationship(back_populates="book", cascade_delete=True)


class Contribution(Record, table=True):
    """What somebody has done for a book besides writing it alone: author, translator, editor or illustrator."""

    book_id: UUID = Field(foreign_key=f"{SCHEMA}.book.id", index=True)
    author_id: UUID = Field(foreign_key=f"{SCHEMA}.author.id", index=True)
    role: str
    position: int = 0

    book: Book = Relationship(back_populates="contributions")
    author: Author = Relationship(back_populates="contributions")


class Conflict(Record, table=True):
    """What two people said differently. `base`, `mine` and `theirs` are values as JSON; `stands` is the one of the two that the record has."""

    entity: str
    record_id: UUID
    kind: str
    field: str | None = None
    base: str | None = None
    mine: str | None = None
    theirs: str | None = None
    stands: str | None = None
    holder: UUID | None = None
    theirs_by: str | None = None
    theirs_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    parked_by: str | None = Field(default=None, sa_column_kwargs=BY_SERVER)
    settled_at: datetime | None = Field(default=None, sa_type=DateTime(timezone=True))
    settled_by: str | None = None
    settlement: str | None = None
