"""The site under its policy in a real browser: over http, and from a zip unpacked under an awkward name."""

from __future__ import annotations

import threading
import zipfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

import pytest
from test_pages import NOISE

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *words: object) -> None:
        pass


@pytest.fixture(scope="module")
def served(built):
    """The site over http, on this machine alone."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built.site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def unpacked(built, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("某处 with a space") / "解压 here"
    with zipfile.ZipFile(built.build / "recount-site.zip") as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {"recount-site"}
        archive.extractall(folder)
    return folder / "recount-site"


class Reader:
    """A page with the network cut but for one place, with everything it asked for elsewhere and said."""

    def __init__(self, browser, base: str) -> None:
        self.context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="zh-CN")
        self.said: list[str] = []
        self.elsewhere: list[str] = []

        def route(route) -> None:
            if route.request.url.startswith((base, "data:", "blob:")):
                route.continue_()
            else:
                self.elsewhere.append(route.request.url)
                route.abort()

        self.context.route("**/*", route)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("requestfailed", self.failed)

    def failed(self, request) -> None:
        if request.failure != "net::ERR_ABORTED":  # a page was left before its icon came
            self.said.append(f"failed: {request.url} {request.failure}")

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *exc: object) -> None:
        self.context.close()

    def settle(self) -> None:
        """No complaint and no request elsewhere up to here."""
        assert [text for text in self.said if not text.startswith(NOISE)] == [], self.page.url
        assert self.elsewhere == []


def walk(reader: Reader, base: str, lang: str, query: str, hit: str) -> None:
    """Root page, a chapter whose chart comes alive, search, a hit followed: with no word on the console."""
    page = reader.page
    page.goto(f"{base}/index.html", wait_until="load")
    page.wait_for_url("**/zh/since/index.html")  # the browser's language, by a script of a few lines
    page.wait_for_load_state("load")
    page.goto(f"{base}/index.html", wait_until="load")
    assert page.locator("a[href$='recount-zh-since.epub']").count() == 1, "who comes back to the root page stays"
    reader.settle()
    page.goto(f"{base}/{lang}/since/06_projects.html", wait_until="load")
    assert page.evaluate("document.documentElement.dataset.theme") in ("auto", "light", "dark"), "an inline script ran"
    chart = page.locator("figure.recount-chart:has(script[type='application/json'])").first
    chart.scroll_into_view_if_needed()
    chart.hover()
    page.wait_for_selector("figure.recount-chart .vega-embed svg, figure.recount-chart .vega-embed canvas", timeout=20000)
    reader.settle()
    page.goto(f"{base}/{lang}/since/search.html?q={quote(query)}", wait_until="load")
    page.wait_for_selector("#search-results ul.search li a", timeout=20000)
    link = page.locator(f"#search-results ul.search li a[href*='{hit}']").first
    link.click()
    page.wait_for_load_state("load")
    assert hit in page.url and page.locator("h1").first.inner_text().strip()
    reader.settle()


@pytest.mark.parametrize(("lang", "query", "hit"), [("zh", "尼龙", "04_factories"), ("en", "nylon", "04_factories")])
def test_over_http_charts_and_search_work_under_the_policy(chromium, served, lang, query, hit):
    with Reader(chromium, served) as reader:
        walk(reader, served, lang, query, hit)


def test_the_policy_stops_what_is_not_the_sites_own(chromium, served):
    with Reader(chromium, served) as reader:
        reader.page.goto(f"{served}/zh/since/method.html", wait_until="load")
        reader.settle()
        stopped = reader.page.evaluate("""async () => {
            const seen = [];
            document.addEventListener("securitypolicyviolation", (event) => seen.push(event.effectiveDirective));
            const inline = document.createElement("script");
            inline.textContent = "window.planted = 1";
            document.head.append(inline);
            document.head.append(Object.assign(document.createElement("script"), {src: "https://other.example/x.js"}));
            document.body.append(Object.assign(document.createElement("img"), {src: "https://other.example/x.png"}));
            document.body.append(Object.assign(document.createElement("iframe"), {src: "about.html"}));
            await fetch("https://other.example/x").catch(() => 0);
            setTimeout("window.planted = 2", 0);
            await new Promise((done) => setTimeout(done, 300));
            return [window.planted ?? null, seen];
        }""")
        assert stopped[0] is None
        assert {"script-src-elem", "img-src", "frame-src", "connect-src", "script-src"} <= set(stopped[1])
        assert reader.elsewhere == [], "the policy stops a request before it leaves"


@pytest.mark.parametrize(("lang", "query", "hit"), [("zh", "瑞明", "03_holiday"), ("en", "63.87", "06_projects")])
def test_the_zip_opens_from_a_folder_with_a_space_and_chinese_in_its_name(chromium, unpacked, lang, query, hit):
    base = f"file://{quote(str(unpacked))}"
    with Reader(chromium, base) as reader:
        walk(reader, base, lang, query, hit)


def test_the_zip_holds_the_site_but_for_itself_and_offers_what_it_holds(built, unpacked):
    def names(folder: Path) -> set[str]:
        return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}

    assert names(built.site) - names(unpacked) == {"downloads/recount-site.zip"}
    assert names(unpacked) <= names(built.site)
    about = (unpacked / "zh" / "since" / "about.html").read_text("utf-8")
    assert "recount-zh-since.pdf" in about and "recount-site.zip" not in about
    assert "recount-site.zip" in (built.site / "zh" / "since" / "about.html").read_text("utf-8")
    assert (built.site / "downloads" / "recount-site.zip").read_bytes() == (built.build / "recount-site.zip").read_bytes()
