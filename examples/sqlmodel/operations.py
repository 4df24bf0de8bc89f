"""What a Python program does with a catalogue: configuration, sessions, models, queries, pages, transactions and errors, each tried as it is shown.

    python operations.py                  every operation; it leaves an author and a book
    python operations.py rename ID TITLE  gives a book another title
    python operations.py settle TITLE     settles the open conflict about a title

Which server is said by POSTGRES_SERVER, _PORT, _USER, _PASSWORD, _DB and _SCHEMA. docs/other-programs.md says what such a program has to know.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timezone
from uuid import UUID, uuid4

from sqlalchemy import URL, func
from sqlalchemy.exc import IntegrityError, NoResultFound
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import selectinload
from sqlalchemy.orm.exc import StaleDataError
from sqlmodel import select

from models import SCHEMA, Author, Book, Conflict, Contribution

# Configuration. A transaction that waits for a person holds up nobody but its own rows; one that has written holds up every other writer of the catalogue, so the
# server ends it when it has been left alone for ten seconds.
engine = create_async_engine(
    URL.create(
        "postgresql+asyncpg",
        username=os.environ.get("POSTGRES_USER", "postgres"),
        password=os.environ.get("POSTGRES_PASSWORD"),
        host=os.environ.get("POSTGRES_SERVER", "localhost"),
        port=int(os.environ.get("POSTGRES_PORT", "5432")),
        database=os.environ.get("POSTGRES_DB", "colophon"),
    ),
    pool_size=5,
    max_overflow=10,
    connect_args={"server_settings": {"application_name": "operations", "idle_in_transaction_session_timeout": "10s"}},
)
async_session = async_sessionmaker(engine, expire_on_commit=False)


# Injection: what a framework's dependency gives to a handler.
@asynccontextmanager
async def session_of_request() -> AsyncIterator[AsyncSession]:
    async with async_session() as session:
        yield session


# A repository, with a query of its own.
class AuthorRepository:
    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def create(self, author: Author) -> Author:
        self.session.add(author)
        await self.session.flush()
        return author

    async def get_by_id(self, id: UUID) -> Author | None:
        return await self.session.get(Author, id)

    async def get_by_name(self, name: str) -> Author | None:
        return (await self.session.scalars(select(Author).where(Author.name == name))).one_or_none()

    async def search_by_name(self, pattern: str) -> Sequence[Author]:
        return (await self.session.scalars(select(Author).where(Author.name.icontains(pattern, autoescape=True)))).all()

    async def delete(self, author: Author) -> None:
        await self.session.delete(author)
        await self.session.flush()


async def create_read_update_delete() -> None:
    async with async_session.begin() as session:
        author = Author(name="Ursula K. Le Guin")
        session.add(author)
        await session.flush()  # The server has given the rest.
        assert author.id and author.revision and author.sort_name == "Le Guin, Ursula K."
    async with async_session() as session:
        found = await session.get(Author, author.id)
        assert found and found.name == author.name
    async with async_session.begin() as session:
        found = await session.get(Author, author.id)
        found.name = "Ursula Le Guin"
        await session.flush()
        assert found.sort_name == "Le Guin, Ursula" and found.revision > author.revision
    async with async_session.begin() as session:
        await session.delete(await session.get(Author, author.id))
    async with async_session() as session:
        assert await session.get(Author, author.id) is None


async def relationships() -> None:
    async with async_session.begin() as session:
        author = Author(name="Tove Jansson")
        book = Book(title="Kometjakten", author=author)
        session.add(book)
        await session.flush()
        translator = Author(name="Elizabeth Portch")
        session.add(Contribution(book=book, author=translator, role="translator"))
    async with async_session() as session:
        eager = select(Author).where(Author.id == author.id).options(selectinload(Author.books).selectinload(Book.contributions))
        loaded = (await session.scalars(eager)).one()
        assert [book.title for book in loaded.books] == ["Kometjakten"] and len(loaded.books[0].contributions) == 1
        lazy = (await session.scalars(select(Book).where(Book.id == book.id))).one()
        assert (await lazy.awaitable_attrs.author).name == "Tove Jansson"
    async with async_session.begin() as session:
        # The book takes its contributions with it; the server asks in the end whether all references hold.
        await session.delete(await session.get(Book, book.id, options=[selectinload(Book.contributions)]))
        for id in (author.id, translator.id):
            await session.delete(await session.get(Author, id, options=[selectinload(Author.books), selectinload(Author.contributions)]))


async def repositories() -> None:
    async with session_of_request() as session, session.begin():
        authors = AuthorRepository(session)
        made = await authors.create(Author(name="100% Anonymous"))
        assert await authors.get_by_id(made.id) is made
        assert await authors.get_by_name("100% Anonymous") is made
        assert await authors.search_by_name("0% anon") == [made]
        await authors.delete(made)


async def get_page(page: int, per_page: int) -> tuple[Sequence[Author], dict[str, int]]:
    """A page by its number, counted in the same snapshot."""
    async with async_session() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        total = (await session.execute(select(func.count()).select_from(Author))).scalar_one()
        query = select(Author).order_by(Author.sort_name, Author.id).offset((page - 1) * per_page).limit(per_page)
        items = (await session.scalars(query)).all()
    return items, {"page": page, "per_page": per_page, "total": total, "pages": -(-total // per_page)}


async def pages() -> None:
    async with async_session.begin() as session:
        made = [Author(name=f"Author {number:02}") for number in range(25)]
        session.add_all(made)
    items, meta = await get_page(2, 10)
    assert len(items) == 10 and meta["total"] >= 25 and meta["pages"] >= 3
    async with async_session.begin() as session:
        for author in made:
            await session.delete(await session.get(Author, author.id, options=[selectinload(Author.books), selectinload(Author.contributions)]))


async def transactions() -> None:
    # Ids may be made here as well, so that rows can refer to each other before they are written, in any order: references are looked at when the transaction ends.
    author_id = uuid4()
    async with async_session.begin() as session:
        session.add(Book(title="Poems", author_id=author_id))
        await session.flush()
        session.add(Author(id=author_id, name="Sappho"))
    try:
        async with async_session.begin() as session:
            session.add(Author(name="Nobody"))
            await session.flush()
            raise RuntimeError("something went wrong")
    except RuntimeError:
        pass
    async with async_session() as session:
        assert (await session.scalars(select(Author).where(Author.name == "Nobody"))).all() == []
        # By hand.
        author = await session.get(Author, author_id)
        try:
            author.notes = "of Lesbos"
            await session.commit()
        except Exception:
            await session.rollback()
            raise


async def errors() -> None:
    async with async_session.begin() as session:
        first = Book(title="One", isbn="9780140449136")
        session.add(first)
    try:
        # A unique value is looked at when the transaction ends, too: it is `commit` that fails, not `flush`.
        async with async_session.begin() as session:
            session.add(Book(title="Other", isbn="9780140449136"))
            await session.flush()
    except IntegrityError as error:
        assert "book_isbn_unique" in str(error)
    else:
        raise AssertionError("two books have one ISBN")
    try:
        async with async_session() as session:
            (await session.scalars(select(Author).where(Author.id == uuid4()))).one()
    except NoResultFound:
        pass
    async with async_session() as here, async_session() as there:
        stale = await here.get(Book, first.id)
        async with there.begin():
            (await there.get(Book, first.id)).subtitle = "Meanwhile"
        stale.title = "Written over"
        try:
            await here.commit()
        except StaleDataError:
            await here.rollback()
            # What was read is old by now: read again, decide again.
            await here.refresh(stale)
            assert (stale.title, stale.subtitle) == ("One", "Meanwhile")
        else:
            raise AssertionError("somebody's change was written over")
    async with async_session.begin() as session:
        await session.delete(await session.get(Book, first.id, options=[selectinload(Book.contributions)]))


async def rename(id: UUID, title: str) -> None:
    async with async_session.begin() as session:
        book = await session.get_one(Book, id)
        book.title = title


async def settle(title: str) -> None:
    """The record gets the value, and the conflict says that it did, in one transaction."""
    async with async_session.begin() as session:
        open_ones = select(Conflict).where(Conflict.settled_at.is_(None), Conflict.entity == "book", Conflict.field == "title")
        conflict = (await session.scalars(open_ones)).one()
        (await session.get_one(Book, conflict.record_id)).title = title
        conflict.settled_at = datetime.now(timezone.utc)
        conflict.settled_by = "operations"
        conflict.settlement = "keep"


async def main(arguments: list[str]) -> None:
    match arguments:
        case []:
            for part in (create_read_update_delete, relationships, repositories, pages, transactions, errors):
                await part()
                print(f"{part.__name__}: done, in {SCHEMA}")
        case ["rename", id, title]:
            await rename(UUID(id), title)
        case ["settle", title]:
            await settle(title)
        case _:
            sys.exit(__doc__)
    await engine.dispose()


asyncio.run(main(sys.argv[1:]))
