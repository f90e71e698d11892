"""Errors that say five things: where, what was expected, what was found, what was done, what to run next."""

from __future__ import annotations

from dataclasses import asdict, dataclass

EXIT_DONE = 0
EXIT_CHECK_FAILED = 1
EXIT_WRONG_USE = 2
EXIT_INTERNAL = 3


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing a check found wrong, as data: the command prints it, the draft shows it in place.

    ``code`` is searchable and stable (``prose.typed-number``); ``where`` names file and row, or notebook
    and cell; ``notebook``, ``cell`` and ``lang`` are set where the finding concerns a sentence on a page.
    """

    code: str
    where: str
    expected: str = ""
    found: str = ""
    done: str = ""
    next: str = ""
    notebook: str = ""
    cell: str = ""
    lang: str = ""

    def __post_init__(self) -> None:
        if "." not in self.code or not self.where:
            raise ValueError(f"a finding needs a dotted code and a place: {self.code!r}, {self.where!r}")

    def as_dict(self) -> dict[str, str]:
        return {key: text for key, text in asdict(self).items() if text}

    def __str__(self) -> str:
        lines = [f"[{self.code}] {self.where}"]
        for word in ("expected", "found", "done", "next"):
            text = getattr(self, word)
            if text:
                lines.append(f"  {word:<9} " + text.replace("\n", "\n" + " " * 12))
        return "\n".join(lines)


class RecountError(Exception):
    """Base of every error this package raises on purpose. Carries findings, so nothing is lost on the way.

    Survives pickling between processes: its only argument is the tuple of findings.
    """

    exit_code = EXIT_WRONG_USE

    def __init__(self, findings: Finding | tuple[Finding, ...] | list[Finding]) -> None:
        self.findings = (findings,) if isinstance(findings, Finding) else tuple(findings)
        super().__init__(self.findings)

    def __str__(self) -> str:
        return "\n".join(str(finding) for finding in self.findings)


class BadInput(RecountError):
    """A data file, notebook or parameter that cannot be used as it stands."""


class WrongUse(RecountError):
    """A call or a command line that asks for what does not exist."""


class CheckFailed(RecountError):
    """The gate is shut: something printed is no longer what the data says."""

    exit_code = EXIT_CHECK_FAILED


class CellFailed(CheckFailed):
    """A notebook cell raised; the traceback is kept under ``_build/failures``."""


def did_you_mean(name: str, known: list[str] | tuple[str, ...]) -> str:
    """The nearest known names, for the ``next`` of an error; empty when nothing is near."""
    import difflib

    near = difflib.get_close_matches(name, known, n=3, cutoff=0.6)
    return f"did you mean {', '.join(near)}?" if near else ""
