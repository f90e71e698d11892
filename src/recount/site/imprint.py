"""What a book says of itself: the title page of a PDF, the metadata of an EPUB, and the names of their files."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from recount.config import contact_of
from recount.editions import Edition
from recount.periods import spell
from recount.site.settings import LANGUAGE_NAMES

# One name space for all books of this kind; a book's own words make its identifier in it.
BOOKS = uuid.uuid5(uuid.NAMESPACE_OID, "recount")


@dataclass(frozen=True, kw_only=True)
class Imprint:
    """Title, edition, language, author and day of one book. Nothing here follows the clock."""

    title: str
    edition: str
    edition_title: str
    lang: str
    author: str
    as_of: date
    footer: str
    copyright: str
    contact: str = ""
    address: str = ""

    @property
    def code(self) -> str:
        """The language as HTML and EPUB write it."""
        return LANGUAGE_NAMES[self.lang][1]

    @property
    def name(self) -> str:
        """What the book's files are called, without their ending."""
        return f"recount-{self.lang}-{self.edition}"

    @property
    def full_title(self) -> str:
        """The title with its edition: two editions lie side by side on a shelf."""
        return f"{self.title}（{self.edition_title}）" if self.lang == "zh" else f"{self.title} ({self.edition_title})"

    @property
    def day(self) -> str:
        """The day of the edition, as people write it."""
        return spell(self.as_of.isoformat(), self.lang)

    @property
    def moment(self) -> datetime:
        """The edition's day at midnight: what stands in metadata where a time is asked for."""
        return datetime.combine(self.as_of, time(), UTC)

    @property
    def identifier(self) -> str:
        """A name that no other book has: the address of its edition where one is set, else its own words."""
        own = f"{self.address or self.author}\0{self.title}\0{self.lang}\0{self.edition}\0{self.as_of}"
        return f"urn:uuid:{uuid.uuid5(BOOKS, own)}"

    @property
    def home(self) -> str:
        """The book's folder on the site; empty where no address is set."""
        return f"{self.address}{self.lang}/{self.edition}/" if self.address else ""


def imprint_of(settings: Mapping[str, Any], edition: Edition, lang: str) -> Imprint:
    """The imprint of one edition in one language, from the settings of the book (``_config.yml``)."""
    own = settings["recount"][lang]
    address = settings["recount"].get("address")
    return Imprint(
        title=own["title"], edition=edition.name, edition_title=edition.title(lang), lang=lang, author=own["author"],
        as_of=edition.as_of, footer=own["footer"], copyright=str(settings.get("copyright", "")),
        contact=contact_of(settings), address=f"{address.rstrip('/')}/" if isinstance(address, str) and address else "",
    )  # fmt: skip
