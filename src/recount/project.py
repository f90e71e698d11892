"""Where things lie: one place for every folder name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from recount.errors import Finding, WrongUse

MARKS = ("_config.yml", "data/datapackage.json")


@dataclass(frozen=True)
class Project:
    """The folders of one book. ``_build`` holds everything generated, and nothing else does."""

    root: Path

    @classmethod
    def find(cls, start: Path | None = None) -> Project:
        """Walk up from ``start`` to the folder that holds the book.

        Raises WrongUse where no folder above is a book, rather than building somewhere by accident.
        """
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            if all((folder / mark).is_file() for mark in MARKS):
                return cls(folder)
        raise WrongUse(
            Finding(
                code="use.no-book",
                where=str(here),
                expected=f"a folder with {' and '.join(MARKS)}, here or above",
                found="none",
                next="change to the book's folder",
            )
        )

    @property
    def data(self) -> Path:
        return self.root / "data"

    @property
    def notebooks(self) -> Path:
        return self.root / "notebooks"

    @property
    def book(self) -> Path:
        return self.root / "book"

    @property
    def accepted(self) -> Path:
        return self.book / "ledger"

    @property
    def build(self) -> Path:
        return self.root / "_build"

    @property
    def site(self) -> Path:
        return self.build / "site"

    @property
    def draft(self) -> Path:
        return self.build / "draft"

    @property
    def assembled(self) -> Path:
        return self.build / "book"

    @property
    def fonts(self) -> Path:
        return self.build / "fonts"

    @property
    def runs(self) -> Path:
        return self.build / "runs"

    @property
    def ledgers(self) -> Path:
        return self.build / "ledger"

    @property
    def failures(self) -> Path:
        return self.build / "failures"

    def notebook_paths(self) -> list[Path]:
        """The book's notebooks, in the order of their numbers."""
        return sorted(path for path in self.notebooks.glob("*.ipynb") if path.name[:2].isdigit())

    def short(self, path: Path) -> str:
        """A path as messages print it: relative to the book, the same on every machine."""
        try:
            return path.resolve().relative_to(self.root).as_posix()
        except ValueError:
            return path.name
