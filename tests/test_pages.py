"""The built site in a real browser, from disk: what happens when a reader acts. What holds of every page as it opens
is in test_quality.py."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOISE = ("[togglebutton]", "[PST]")  # the theme's own notes, neither warnings nor errors


class Visit:
    """One page opened from disk, with everything it asked for and said."""

    def __init__(self, browser, path: Path, *, width: int, scheme: str = "light", query: str = "") -> None:
        self.context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
        self.context.set_offline(True)  # the network is cut: what a page needs lies beside it
        self.requests: list[str] = []
        self.messages: list[str] = []
        self.context.on("request", lambda request: self.requests.append(request.url))
        self.page = self.context.new_page()
        self.page.on("console", lambda message: self.messages.append(message.text))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        # A page that leads on leaves its icon unloaded: that is no failure.
        self.page.on("requestfailed", lambda request: request.failure == "net::ERR_ABORTED"
                     or self.messages.append(f"failed: {request.url}"))
        self.page.goto(f"file://{path}{query}", wait_until="load")

    def turn_to(self, path: Path, *, width: int) -> None:
        """Open another page in the same window, as if it were the first there: nothing is kept of the one before it.

        The window is what takes the time: it knows fonts and scripts by now.
        """
        self.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        self.page.goto("about:blank")
        self.page.set_viewport_size({"width": width, "height": 900})
        self.requests.clear()
        self.messages.clear()
        self.page.goto(f"file://{path}", wait_until="load")

    def __enter__(self) -> Visit:
        return self

    def __exit__(self, *exc: object) -> None:
        self.context.close()

    @property
    def complaints(self) -> list[str]:
        return [text for text in self.messages if not text.startswith(NOISE)]

    @property
    def outside(self) -> list[str]:
        return [url for url in self.requests if not url.startswith(("file:", "data:", "blob:"))]


def test_a_chart_becomes_interactive_on_the_first_touch_and_stays_in_its_place(built, chromium) -> None:
    path = built.site / "zh" / "since" / "06_projects.html"
    with Visit(chromium, path, width=1280) as visit:
        chart = visit.page.locator("figure.recount-chart:has(script[type='application/json'])").first
        chart.scroll_into_view_if_needed()
        before = chart.bounding_box()
        chart.hover()
        visit.page.wait_for_selector("figure.recount-chart .vega-embed svg, figure.recount-chart .vega-embed canvas")
        after = chart.bounding_box()
        assert abs(after["height"] - before["height"]) <= 2
        assert visit.outside == [] and visit.complaints == []


def test_folded_code_is_not_laid_out_and_once_open_what_scrolls_can_be_reached_by_keyboard(built, chromium) -> None:
    with Visit(chromium, built.site / "en" / "since" / "07_flagships.html", width=1280) as visit:
        fold = visit.page.locator("details.hide").first
        code = fold.locator("pre").first
        assert code.bounding_box() is None
        fold.locator("summary").click()
        visit.page.wait_for_function("pre => pre.tabIndex === 0 && pre.scrollWidth > pre.clientWidth", arg=code.element_handle())
        assert visit.complaints == [] and visit.outside == []


@pytest.mark.parametrize(("lang", "query", "page"), [
    ("zh", "集中开竣工", "06_projects"), ("zh", "瑞明", "03_holiday"), ("zh", "尼龙", "04_factories"),
    ("zh", "638.7", "06_projects"), ("zh", "仪式不是动工", "06_projects"), ("en", "nylon", "04_factories"), ("en", "63.87", "06_projects"),
])
def test_search_finds_chinese_phrases_words_and_numbers_from_disk(built, chromium, lang, query, page) -> None:
    path = built.site / lang / "since" / "search.html"
    with Visit(chromium, path, width=1280, query=f"?q={query}") as visit:
        visit.page.wait_for_selector("#search-results ul.search li", timeout=15000)
        links = [link.get_attribute("href") for link in visit.page.locator("#search-results ul.search li a").all()]
        assert any(page in link for link in links), links
        passages = visit.page.locator("#search-results li:has(mark) .context").all_inner_texts()
        assert any(query in passage for passage in passages), "the passage, from disk too"
        assert visit.complaints == [] and visit.outside == []


def test_the_switches_keep_the_page(built, chromium) -> None:
    path = built.site / "zh" / "since" / "06_projects.html"
    with Visit(chromium, path, width=1280) as visit:
        visit.page.get_by_role("link", name="English").first.click()
        visit.page.wait_for_load_state()
        assert visit.page.url.endswith("/en/since/06_projects.html")
        visit.page.get_by_role("link", name="On the day of print").first.click()
        visit.page.wait_for_load_state()
        assert visit.page.url.endswith("/en/print/06_projects.html")


def test_the_root_page_leads_to_both_languages_without_a_script(built, chromium) -> None:
    context = chromium.new_context(java_script_enabled=False)
    try:
        page = context.new_page()
        page.goto(f"file://{built.site / 'index.html'}")
        links = {link.get_attribute("href") for link in page.locator("a").all()}
        assert {"zh/since/index.html", "en/since/index.html"} <= links
    finally:
        context.close()
