"""The press: one Sphinx for one book, started once and kept, that prints single pages.

Jupyter Book starts Sphinx anew for each build, reads every page and writes every page. An editor looks at one. So
the press keeps Sphinx and its environment, reads again only what changed, and writes a page when it is asked
for. What is for the whole book and not for a page (search index, thinned stylesheets, inventory) is left to
``recount build``.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import re
import shutil
import sys
import warnings
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from importlib import metadata
from pathlib import Path
from typing import Any

import sphinx
import yaml
from jupyter_book.config import get_final_config
from sphinx.application import ENV_PICKLE_FILENAME, Sphinx
from sphinx.environment import CONFIG_OK
from sphinx.errors import SphinxError
from sphinx.util import logging
from sphinx.util.build_phase import BuildPhase
from sphinx.util.docutils import docutils_namespace, patch_docutils

import recount
from recount.site import pages, search
from recount.site.machines import mirrors_of
from recount.site.markup import make_valid
from recount.site.mirrors import mark_mirrors
from recount.site.policy import mend_doctools
from recount.whole import write_whole

COLOURS = re.compile(r"\x1b\[[0-9;]*m")
SETTINGS = ("_config.yml", "_toc.yml")
OF_THE_WHOLE = ("searchtools", "language_data", "searchindex")  # scripts of the search, which a draft has not
_SCRIPTS = re.compile(rf'\s*<script[^>]*src="(?:_static/)?(?:{"|".join(OF_THE_WHOLE)})\.js[^"]*"></script>')


class Press:
    """Sphinx on the source folder of one book; pages go to ``output``.

    Use in a ``with`` block: Sphinx changes what docutils keeps for the whole process. One press a process.
    """

    def __init__(self, source: Path, output: Path, *, lang: str) -> None:
        self.source, self.output, self.lang = source, output, lang
        self.warned: dict[str, list[str]] = {}  # page: the lines of the log that it wrote when it was last printed
        self._log = io.StringIO()
        self._stack = ExitStack()
        self._printed: dict[str, int] = {}  # page: when the doctree was read that it was last printed from
        self._app: Sphinx | None = None
        self._settings = self._given()
        self._titles: dict[str, str] = {}

    def __enter__(self) -> Press:
        self._stack.enter_context(patch_docutils(None))
        self._stack.enter_context(docutils_namespace())
        try:
            self._app = self._open()
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    @property
    def outdated(self) -> bool:
        """Whether the settings are no longer those it was opened with: then there must be a new press."""
        return self._given() != self._settings

    @property
    def names(self) -> frozenset[str]:
        """The pages that it can print."""
        return frozenset(self.app.env.found_docs)

    @property
    def app(self) -> Sphinx:
        assert self._app is not None, "a press is used in a with block"
        return self._app

    def print_page(self, name: str) -> Path:
        """Write one page from its source as it stands, and return where; nothing is done where it stands already.

        Raises KeyError for a page that the book has not, and SphinxError where it cannot be made.
        """
        if name not in self.names:
            raise KeyError(name)
        self._read([name] if name in self._stale() else [])
        path = self.output / f"{name}.html"
        if self._printed.get(name) != self.app.env.all_docs[name] or not path.is_file():
            self._write(name)
            self._mend(path)
            self._printed[name] = self.app.env.all_docs[name]
        return path

    def read_one(self) -> str:
        """Read one page that changed and was not asked for, so that others name it rightly; its name, or "" when none is left."""
        stale = sorted(self._stale())
        self._read(stale[:1])
        return stale[0] if stale else ""

    def retitle(self) -> None:
        """Take over the titles of pages; every page that may name one is to be read again where they changed."""
        titles = self._titles_given()
        if titles != self._titles:
            self._titles = titles
            self.app.config.recount_titles = titles
            for name in self.app.env.all_docs:
                self.app.env.all_docs[name] = 0

    def save(self, app: Sphinx | None = None) -> None:
        """Keep what was read, so that the next session reads only what changes until then."""
        env = (app or self.app).env
        write_whole(self._doctrees / ENV_PICKLE_FILENAME, pickle.dumps(env, pickle.HIGHEST_PROTOCOL))
        write_whole(self._stamp, _engine())

    @property
    def _doctrees(self) -> Path:
        return self.output.with_name("doctrees")

    @property
    def _stamp(self) -> Path:
        return self._doctrees / "engine"

    def _given(self) -> tuple[Any, ...]:
        """The settings that Sphinx reads once, when it starts."""
        config = yaml.load(self._text("_config.yml"), _Loader)
        config["sphinx"]["config"].pop("recount_titles", None)
        return config, self._text("_toc.yml")

    def _text(self, name: str) -> str:
        return (self.source / name).read_text("utf-8")

    def _titles_given(self) -> dict[str, str]:
        return dict(yaml.load(self._text("_config.yml"), _Loader)["sphinx"]["config"].get("recount_titles") or {})

    def _open(self) -> Sphinx:
        settings, _ = get_final_config(
            user_yaml=self.source / "_config.yml", sourcedir=self.source, use_external_toc=True,
            cli_config={"external_toc_path": str(self.source / "_toc.yml"), "latex_individualpages": False})  # fmt: skip
        shutil.rmtree(self.output, ignore_errors=True)
        if not self._stamp.is_file() or self._stamp.read_text("ascii") != _engine():
            shutil.rmtree(self._doctrees, ignore_errors=True)
        app = Sphinx(srcdir=self.source, confdir=None, outdir=self.output, doctreedir=self._doctrees,
                     buildername="html", confoverrides=settings, status=None, warning=self._log)  # fmt: skip
        app.builder.search = False
        for listener in (search.keep_text, search.write_texts, pages.mend):
            _disconnect(app, listener)
        self._titles = self._titles_given()
        self._log.truncate(0)
        with logging.pending_warnings():
            app.builder.read()
        self._take_log("")
        self.save(app)
        app.phase = BuildPhase.RESOLVING
        _remember(app.builder)
        app.builder.events.emit("write-started", app.builder)
        app.builder.prepare_writing(set())
        self._copy_static(app)
        return app

    def _copy_static(self, app: Sphinx) -> None:
        from sphinx.util.parallel import SerialTasks

        app.builder.finish_tasks = SerialTasks()
        app.builder.copy_assets()
        app.events.emit("build-finished", None)  # extensions copy their own files then
        mend_doctools(self.output / "_static" / "doctools.js")

    def _stale(self) -> set[str]:
        """The pages whose source, or what they rest on, is younger than the reading of them."""
        env = self.app.env
        added, changed, _ = env.get_outdated_files(config_changed=False)
        return added | changed

    def _read(self, names: Iterable[str]) -> None:
        builder, env = self.app.builder, self.app.env
        env.config_status = CONFIG_OK
        for name in names:
            self.app.phase = BuildPhase.READING
            with logging.pending_warnings():
                builder.events.emit("env-purge-doc", env, name)
                env.clear_doc(name)
                builder.read_doc(name)
                builder.events.emit("env-updated", env)
            self._take_log(name)
        if names:
            builder.relations = env.collect_relations()  # type: ignore[attr-defined]

    def _write(self, name: str) -> None:
        builder = self.app.builder
        with logging.pending_warnings(), warnings.catch_warnings():
            self.app.phase = BuildPhase.RESOLVING
            doctree = self.app.env.get_and_resolve_doctree(name, builder)
            self.app.phase = BuildPhase.WRITING
            builder.write_doc_serialized(name, doctree)
            builder.write_doc(name, doctree)
        if getattr(builder, "images", None):
            builder.copy_image_files()  # type: ignore[attr-defined]
        self._take_log(name, more=True)

    def _mend(self, path: Path) -> None:
        """What ``recount.site.pages.mend`` does to every page of a finished book, to this one."""
        page = _SCRIPTS.sub("", pages.mend_page(path.read_text("utf-8"), lang=self.lang))
        path.write_text(make_valid(mark_mirrors(page, mirrors_of(self.source))), "utf-8")

    def _take_log(self, name: str, *, more: bool = False) -> None:
        lines = COLOURS.sub("", self._log.getvalue()).splitlines()
        self._log.seek(0)
        self._log.truncate(0)
        self.warned[name] = [*(self.warned.get(name, ()) if more else ()), *lines]


def _engine() -> str:
    """Of what reads pages, this package and the locked ones: what they read under another is read again."""
    digest = hashlib.sha256(f"{sys.version_info} {sphinx.__version__} {metadata.version('myst-nb')}".encode())
    package = Path(recount.__file__).parent
    for path in sorted(package.rglob("*.py")):
        digest.update(path.relative_to(package).as_posix().encode() + path.read_bytes())
    return digest.hexdigest()


def _remember(builder: Any) -> None:
    """Colour each piece of code once: it is a third of the time of writing a page, and an edit changes one piece."""
    highlighter = builder.highlighter
    highlighter.highlight_block = _remembering(highlighter.highlight_block)


def _remembering(highlight: Callable[..., str]) -> Callable[..., str]:
    kept: dict[Any, str] = {}

    def remembered(source: str, lang: str, opts: Any = None, force: bool = False, location: Any = None, **more: Any) -> str:
        key = (source, lang, repr(opts), force, repr(more))
        if key not in kept:
            if len(kept) > 2000:
                kept.clear()
            kept[key] = highlight(source, lang, opts=opts, force=force, location=location, **more)
        return kept[key]

    return remembered


_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _disconnect(app: Sphinx, handler: object) -> None:
    for listeners in app.events.listeners.values():
        for listener in [each for each in listeners if each.handler is handler]:
            app.disconnect(listener.id)


__all__ = ["Press", "SphinxError"]
