"""Every chart of the book in a real browser: on a phone and in a column, alive under a policy without eval, by keyboard,
in the dark, and taken away."""

from __future__ import annotations

import csv
import functools
import json
import re
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from synthetic_site import REPO

pytestmark = [pytest.mark.browser, pytest.mark.slow]

BOOKS = [(lang, edition) for lang in ("zh", "en") for edition in ("print", "since")]
# What a page may do: no eval, nothing from elsewhere. Inline scripts of the theme are another matter.
POLICY = ("default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
          "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'")  # fmt: skip
NOISE = ("[togglebutton]", "[PST]")
# Sphinx itself evaluates the plural rule of a translation; that is no matter of charts.
VIOLATIONS = """window.violations = []; document.addEventListener('securitypolicyviolation',
  (event) => window.violations.push(`${event.sourceFile} ${event.violatedDirective}`));"""
EVAL_OF_SPHINX = "Evaluating a string as JavaScript violates"
SHIFTS = """() => { window.shifts = []; new PerformanceObserver((list) => list.getEntries().forEach((entry) =>
  entry.sources.forEach((source) => window.shifts.push([entry.value, source.node?.closest?.('figure')?.id ?? '?']))
)).observe({ type: 'layout-shift', buffered: true }); }"""
SETTLED = """() => new Promise((done) => setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(
  () => { window.shifts.length = 0; done(); })), 300))"""
# Of each drawing that is shown: letters too small to read, letters cut off at an edge, and how wide it is.
MEASURE = """() => [...document.querySelectorAll('figure.recount-chart')].map((figure) => {
  const svg = [...figure.querySelectorAll('.chart-stage svg')].find((each) => each.getClientRects().length && !each.closest('svg svg'));
  const box = svg.getBoundingClientRect();
  const texts = [...svg.querySelectorAll('text')].filter((text) => text.textContent.trim() && getComputedStyle(text).opacity !== '0');
  const small = texts.map((text) => [parseFloat(getComputedStyle(text).fontSize) * Math.hypot(text.getScreenCTM().a, text.getScreenCTM().b), text.textContent])
    .filter(([size]) => size < 9.9);
  const cut = texts.map((text) => [text.getBoundingClientRect(), text.textContent])
    .filter(([r]) => r.left < box.left - 1.5 || r.right > box.right + 1.5 || r.top < box.top - 2 || r.bottom > box.bottom + 2)
    .map(([, words]) => words);
  return { id: figure.id, top: figure.getBoundingClientRect().top + scrollY, texts: texts.length, small, cut, width: box.width, height: box.height };
})"""


@pytest.fixture(scope="module")
def address(built):
    """The site over http, each page under the policy."""
    class Guarded(SimpleHTTPRequestHandler):
        def end_headers(self):
            self.send_header("Content-Security-Policy", POLICY)
            super().end_headers()

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Guarded, directory=built.site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def chapters(built, lang, edition):
    return sorted(path.name for path in (built.site / lang / edition).glob("0*.html"))


def opened(browser, width, **more):
    context = browser.new_context(viewport={"width": width, "height": 800}, **more)
    context.add_init_script(VIOLATIONS)
    page = context.new_page()
    page.said = []
    page.on("console", lambda message: page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    return context, page


def complaints(page):
    return [text for text in page.said if not text.startswith(NOISE)]


def enliven(page):
    """Scroll over every chart, as a reader does, until all that can come alive have."""
    page.mouse.move(3, 300)
    page.mouse.move(9, 300)
    for figure in page.locator("figure.recount-chart:has(script.chart-spec)").all():
        figure.scroll_into_view_if_needed()
        page.wait_for_function("figure => 'live' in figure.dataset", arg=figure.element_handle(), timeout=30000)


@pytest.mark.parametrize(("lang", "edition"), BOOKS)
def test_each_chart_is_readable_on_a_phone_and_comes_alive_in_its_place_without_eval(built, chromium, address, lang, edition):
    context, page = opened(chromium, 375)
    try:
        for name in chapters(built, lang, edition):
            page.goto(f"{address}/{lang}/{edition}/{name}", wait_until="load")
            page.evaluate(SHIFTS)
            for width in (375, 1280):
                page.set_viewport_size({"width": width, "height": 800})
                page.evaluate(SETTLED)  # turning the screen moves the page; a chart that comes alive must not
                drawn = page.evaluate(MEASURE)
                for chart in drawn:
                    assert (chart["small"], chart["cut"]) == ([], []), (name, width, chart["id"])
                    assert chart["texts"] > 2 and chart["width"] <= width, (name, width, chart["id"])
                assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} scrolls sideways"
                enliven(page)
                alive = page.evaluate(MEASURE)
                places = [[[round(chart[key], 2) for key in ("top", "width", "height")] for chart in charts] for charts in (drawn, alive)]
                assert places[0] == places[1], (name, width)
                assert [chart["id"] for chart in alive if chart["small"]] == [], (name, width)
                if width == 375:  # turning the screen goes on moving the theme's own parts for a while
                    assert page.evaluate("window.shifts") == [], (name, width)
                assert [text for text in complaints(page) if not text.startswith(EVAL_OF_SPHINX)] == [], (name, width)
                stopped = [each for each in page.evaluate("window.violations") if "doctools.js" not in each]
                assert stopped == [], (name, width)
    finally:
        context.close()


def test_a_chart_is_one_tab_stop_its_points_are_read_out_by_arrows_and_escape_leaves(built, chromium):
    context, page = opened(chromium, 1280)
    try:
        page.goto(f"file://{built.site}/en/since/07_flagships.html")
        charts = page.locator(".chart-stage[tabindex='0']")
        assert charts.count() == page.locator("figure.recount-chart:has(script.chart-spec)").count() > 2
        stage = charts.first
        figure = page.locator("figure.recount-chart").first
        said, tip = figure.locator(".chart-said"), figure.locator(".chart-tip")
        assert "Bar chart" in stage.get_attribute("aria-label") and stage.get_attribute("role") == "application"
        stage.focus()
        page.keyboard.press("ArrowDown")  # before it is alive: it wakes, then tells
        page.wait_for_function("figure => figure.querySelector('.chart-said').textContent", arg=figure.element_handle())
        first = said.inner_text()
        assert re.fullmatch(r"1 of 11\. .*billion yuan.*", first) and tip.is_visible()
        page.keyboard.press("ArrowRight")
        assert said.inner_text().startswith("2 of 11. ")
        page.keyboard.press("End")
        assert said.inner_text().startswith("11 of 11. ")
        page.keyboard.press("ArrowDown")
        assert said.inner_text().startswith("11 of 11. "), "the last point stays the last"
        page.keyboard.press("Home")
        assert said.inner_text() == first
        page.keyboard.press("Escape")
        assert not tip.is_visible() and not said.inner_text().startswith("1 of")
        assert page.evaluate("document.activeElement.className").startswith("chart-stage")
        page.keyboard.press("ArrowDown")
        page.keyboard.press("Tab")
        assert not tip.is_visible()
        assert page.evaluate("document.activeElement.closest('.chart-foot') !== null"), "one stop, then on to the data"
        assert figure.locator(".chart-stage [tabindex], .chart-stage a, .chart-stage button, .chart-stage summary:visible").count() == 0
        assert said.get_attribute("aria-live") == "polite"
    finally:
        context.close()


def test_a_pointer_on_a_mark_and_on_a_line_reads_its_value_with_its_unit(built, chromium):
    context, page = opened(chromium, 1280, reduced_motion="reduce")
    try:
        for name, chart, expected in (("06_projects", "projects.timeline", "500.1亿元"), ("05_hands", "hands.steps", "元/人")):
            page.goto(f"file://{built.site}/zh/since/{name}.html")
            enliven(page)
            figure = page.locator(f"figure[id='chart-{chart}']")
            figure.scroll_into_view_if_needed()
            marks = figure.locator(".chart-live .mark-rect path, .chart-live .mark-symbol path")
            told = set()
            for mark in marks.all()[::9] if marks.count() > 40 else marks.all():
                box = mark.bounding_box()
                if box and box["height"] > 3:
                    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
                    told.add(figure.locator(".chart-tip").inner_text() if figure.locator(".chart-tip:visible").count() else "")
            assert [words for words in told if expected in words], told
            assert not [words for words in told if re.search(r"\d\.\d{4}", words)]
            assert len(told) > 3
            assert page.evaluate("getComputedStyle(document.querySelector('.chart-tip')).transitionDuration") == "0s"
    finally:
        context.close()


def test_no_tooltip_of_the_book_holds_a_number_that_vega_would_write(built):
    seen = 0
    for lang, edition in BOOKS:
        for name in chapters(built, lang, edition):
            page = (built.site / lang / edition / name).read_text("utf-8")
            for figure in re.findall(r'<figure class="recount-chart.*?</figure>', page, flags=re.DOTALL):
                specs = re.findall(r'class="chart-spec"[^>]*>(.*?)</script>', figure, flags=re.DOTALL)
                for spec in map(json.loads, specs):
                    fields = set(tooltips(spec))
                    assert fields, (name, figure[:80])
                    rows = [row for rows in spec["datasets"].values() for row in rows]
                    raw = {(field, row[field]) for field in fields for row in rows if isinstance(row.get(field), float)}
                    assert raw == set(), (lang, edition, name)
                    seen += len(fields)
    assert seen > 200


def tooltips(node):
    if isinstance(node, list):
        for child in node:
            yield from tooltips(child)
    elif isinstance(node, dict):
        for key, child in node.items():
            if key == "tooltip" and isinstance(child, list | dict):
                yield from (entry["field"] for entry in ([child] if isinstance(child, dict) else child))
            elif key != "datasets":
                yield from tooltips(child)


def test_each_figure_has_its_alternative_source_table_rows_pictures_and_a_page_of_its_own(built):
    """One table row for each plotted row, and each file that is offered."""
    for lang, edition in BOOKS:
        folder = built.site / lang / edition
        charts = 0
        for name in chapters(built, lang, edition):
            page = (folder / name).read_text("utf-8")
            for figure in re.findall(r'<figure class="recount-chart.*?</figure>', page, flags=re.DOTALL):
                charts += 1
                chart = re.search(r'id="chart-([^"]+)"', figure)[1]
                alt = re.search(r'role="img" aria-label="([^"]+)"', figure)[1]
                assert len(alt) > 20 and bool(re.search(r"[\u4e00-\u9fff]", alt)) == (lang == "zh"), chart
                assert re.search(r'<p class="chart-source">(?:来源：|Source: )\S', figure), chart
                body = re.search(r"<tbody>(.*?)</tbody>", figure, flags=re.DOTALL)[1]
                with (folder / "charts" / f"{chart}.csv").open(encoding="utf-8-sig", newline="") as file:
                    rows = list(csv.reader(file))
                assert body.count("<tr>") == len(rows) - 1, chart
                assert figure.count('<th scope="col"') == len(rows[0]), chart
                for kind in ("csv", "svg", "png"):
                    assert f'href="charts/{chart}.{kind}" download=""' in figure and (folder / "charts" / f"{chart}.{kind}").is_file()
                embed = (folder / "embed" / f"{chart}.html").read_text("utf-8")
                assert f'href="../{name}#chart-{chart}"' in embed and "<script" not in embed
        assert charts >= 28, (lang, edition)


def test_every_colour_of_a_chart_is_known_on_both_grounds(built):
    """A colour that nobody has looked at in the dark stops here: give it a rule in charts.css, or use one that has."""
    sheet = (REPO / "src/recount/site/static/charts.css").read_text("utf-8")
    kept = {"#8a8f98", "#d55e00", "#0072b2", "#009e73", "#111", "#888", "none", "transparent"}
    known = kept | set(re.findall(r'\[(?:fill|stroke)="([^"]+)"\]', sheet))
    found = set()
    for lang, edition in BOOKS:
        for path in (built.site / lang / edition / "charts").glob("*.svg"):
            drawing = path.read_text("utf-8").partition('class="chart-art"')[2]
            found |= set(re.findall(r'\b(?:fill|stroke)="([^"]+)"', drawing))
    assert {colour for colour in found if not colour.startswith("url(")} - known == set()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_embed_stands_alone_on_a_phone_and_in_a_column_by_the_readers_colours(built, chromium, scheme):
    context, page = opened(chromium, 375, color_scheme=scheme, java_script_enabled=True)
    requests = []
    page.on("request", lambda request: requests.append(request.url))
    try:
        paths = sorted((built.site / "zh" / "since" / "embed").glob("*.html"))
        for path in paths:
            requests.clear()
            page.goto(f"file://{path}")
            for width in (375, 760):
                page.set_viewport_size({"width": width, "height": 800})
                assert page.evaluate("document.documentElement.scrollWidth") <= width, path.name
                small = page.evaluate("""() => [...document.querySelectorAll('svg text')].filter((t) => t.getClientRects().length)
                    .map((t) => parseFloat(getComputedStyle(t).fontSize) * Math.hypot(t.getScreenCTM().a, t.getScreenCTM().b)).filter((size) => size < 9.9)""")
                assert small == [], (path.name, width)
            ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert (ground == "rgb(255, 255, 255)") == (scheme == "light")
            assert requests == [f"file://{path}"] and complaints(page) == [], path.name
    finally:
        context.close()


def test_the_snippet_takes_the_address_of_the_copy_it_is_read_on_and_is_copied_whole(built, chromium, address):
    context, page = opened(chromium, 1280)
    try:
        page.goto(f"{address}/en/print/06_projects.html")
        figure = page.locator("figure.recount-chart").first
        figure.locator("summary", has_text="embed").click()
        field = figure.locator(".chart-embed input")
        code = field.input_value()
        frame = re.fullmatch(r'<iframe src="([^"]+)" title="[^"]+" width="100%" height="\d+" style="border:0" loading="lazy"></iframe>', code)
        assert frame[1].startswith(f"{address}/en/print/embed/")
        field.focus()
        assert field.evaluate("field => field.selectionEnd - field.selectionStart") == len(code)
        assert page.request.get(frame[1]).ok
    finally:
        context.close()
