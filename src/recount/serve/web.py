"""The web server of the live draft: to this machine alone, and nothing but the draft."""

from __future__ import annotations

import asyncio
import contextlib
import json
import mimetypes
from collections.abc import Awaitable
from pathlib import Path
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import Application, HTTPError, RequestHandler

from recount.editions import LANGS
from recount.errors import RecountError
from recount.package import Package
from recount.project import Project
from recount.serve import pages
from recount.serve.draft import FOLDER
from recount.serve.residents import Key
from recount.serve.words import WORDS
from recount.serve.work import View, Work
from recount.site.front import chart_library

STATIC = Path(__file__).parent / "static"
HOSTS = frozenset({"localhost", "127.0.0.1", "[::1]"})
SOON = 0.8  # seconds that a reader is kept waiting for a page before there is one that says so
ALIVE = 15.0  # seconds between two signs of life, by which a closed window is noticed


class Draft:
    """What the handlers share: the work, and the readers who are told of it."""

    def __init__(self, project: Project, work: Work, *, first: Key) -> None:
        self.project, self.work, self.first = project, work, first
        self.news = asyncio.Event()

    def tell(self) -> None:
        """Something changed: everybody looks whether it concerns them."""
        self.news.set()
        self.news = asyncio.Event()

    def key(self, lang: str, edition: str) -> Key:
        if lang not in LANGS or edition not in self.work.editions:
            raise HTTPError(404)
        return Key(edition, lang)

    def folder(self, key: Key) -> Path:
        return self.project.build / FOLDER / key.lang / key.edition


class Handler(RequestHandler):
    """Answers only those who asked for this machine by name: a page of another host can make its name lead here."""

    draft: Draft

    def initialize(self, draft: Draft) -> None:
        self.draft = draft

    def prepare(self) -> None:
        name, _, port = self.request.host.rpartition(":")
        if (name if port.isdigit() and name else self.request.host).lower() not in HOSTS:
            raise HTTPError(403, reason="Not this host")

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "same-origin")
        self.set_header("Cross-Origin-Resource-Policy", "same-origin")

    def write_error(self, status_code: int, **_: Any) -> None:
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code} {self._reason}\n")

    def send(self, page: str) -> None:
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Content-Security-Policy", pages.policy(page))
        self.finish(page)

    async def send_file(self, folder: Path, name: str) -> None:
        """One file below a folder. Anything else, links out of it included, is not there."""
        if "\0" in name:
            raise HTTPError(404)
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise HTTPError(404)
        kind, _ = mimetypes.guess_type(path.name)
        text = kind and (kind.startswith("text/") or kind in ("application/javascript", "application/json", "image/svg+xml"))
        self.set_header("Content-Type", f"{kind}; charset=utf-8" if text else kind or "application/octet-stream")
        if "v" in self.request.query_arguments:  # named with a mark of its content
            self.set_header("Cache-Control", "private, max-age=3600")
        self.finish(path.read_bytes())


class Home(Handler):
    """The root leads to the front page of the book that was asked for on the command line."""

    def get(self) -> None:
        first = self.draft.first
        self.redirect(f"/{first.lang}/{first.edition}/index.html")


class Page(Handler):
    """One page of a book, printed as things stand."""

    async def get(self, lang: str, edition: str, name: str) -> None:
        key = self.draft.key(lang, edition)
        words = WORDS[lang]
        if name == "search":
            self.send(pages.shell(key, name, title=words["no_page"], text=words["no_search"], home=True))
            return
        work = self.draft.work
        printing = asyncio.ensure_future(work.page(View(key, name)))
        try:
            handle = await asyncio.wait_for(asyncio.shield(printing), SOON)
        except (TimeoutError, ConnectionError):
            printing.add_done_callback(lambda done: done.cancelled() or done.exception())  # taken note of
            self.send(pages.shell(key, name, title=words["opening"], text=words["wait"]))
            return
        digest = handle.digests.get(name)
        if digest is None or name not in handle.names:
            if handle.names and name not in handle.names:
                self.set_status(404)
            title = words["no_page"] if handle.names else words["panel"]
            self.send(pages.shell(key, name, title=title, text="", home=bool(handle.names)))
            return
        text = (self.draft.folder(key) / "html" / f"{name}.html").read_text("utf-8")
        self.send(pages.alive(text, key=key, name=name, digest=digest))


class BesidePage(Handler):
    """What stands beside the pages of a book: Sphinx's static files, charts, files to download."""

    async def get(self, lang: str, edition: str, kind: str, name: str) -> None:
        folder = self.draft.folder(self.draft.key(lang, edition))
        place = "html" if kind in ("_static", "_images", "_downloads") else "source"
        await self.send_file(folder / place / kind, name)


class Data(Handler):
    """The tables of the data package, and what describes them; nothing else that may lie beside them."""

    async def get(self, name: str) -> None:
        project = self.draft.project
        try:
            listed = {"datapackage.json", *(resource.path for resource in Package(project.data).resources.values())}
        except RecountError:
            listed = set()
        if name == "LICENSE-DATA":
            await self.send_file(project.root, name)
        elif name in listed:
            await self.send_file(project.data, name)
        else:
            raise HTTPError(404)


class Library(Handler):
    """The library by which charts come alive, made when a chart is first touched, as it lies on a published site."""

    async def get(self) -> None:
        path = await asyncio.to_thread(chart_library, self.draft.project.build / "svg")
        await self.send_file(path.parent, path.name)


class Own(Handler):
    """The script and the stylesheet of the live draft."""

    async def get(self, name: str) -> None:
        await self.send_file(STATIC, name)


class Events(Handler):
    """The state of the work as it concerns one page, each time that it changes, for as long as the page is open."""

    async def get(self) -> None:
        lang, edition, name = (*self.get_query_argument("page").split("/"), "", "")[:3]
        key, work = self.draft.key(lang, edition), self.draft.work
        view = View(key, name)
        self.set_header("Content-Type", "text/event-stream")
        self._view, last = view, ""
        work.viewed(view)
        try:
            while True:
                news = self.draft.news
                handle = work.residents.running.get(key)
                state = json.dumps(pages.told(
                    work.findings(key), key=key, name=name, names=handle.names if handle else frozenset(), busy=work.busy,
                    what=work.what, digest=handle.digests.get(name, "") if handle else ""), ensure_ascii=False)  # fmt: skip
                self.write(f"data: {state}\n\n" if state != last else ": alive\n\n")
                last = state
                await self.flush()
                await _any(news.wait(), ALIVE)
        except StreamClosedError:
            pass

    def on_connection_close(self) -> None:
        if view := getattr(self, "_view", None):
            self.draft.work.left(view)
            self.draft.tell()  # wakes the loop above, which then finds its stream closed


async def _any(waiting: Awaitable[Any], longest: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(waiting, longest)


def application(draft: Draft) -> Application:
    """The addresses of a draft. What matches none is not there."""
    given = {"draft": draft}
    book = r"/([a-z]+)/(\w+)"
    return Application([
        (r"/", Home, given),
        (r"/_recount/events", Events, given),
        (r"/_recount/([a-z.]+)", Own, given),
        (r"/data/([^/]+)", Data, given),
        (r"/assets/vega\.js", Library, given),
        (rf"{book}/([^/]+)\.html", Page, given),
        (rf"{book}/(_static|_images|_downloads|charts|embed|downloads)/(.+)", BesidePage, given),
    ], log_function=lambda handler: None)  # fmt: skip
