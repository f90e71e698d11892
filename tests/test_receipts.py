"""A reader's receipts in a real browser: by tap, by keyboard, without a script, on paper, on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from test_pages import Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORD = "article a.recount-word[href='receipts-06_projects.html#v-projects.two_batches']"
PANEL = "#recount-receipt"


@pytest.fixture(params=[1280, 375])
def visit(built, chromium, request) -> Iterator[Visit]:
    path = built.site / "en" / "since" / "06_projects.html"
    with Visit(chromium, path, width=request.param) as opened:
        opened.width = request.param
        yield opened
        assert opened.complaints == [] and opened.outside == []


def test_a_tap_opens_the_receipt_in_place_with_everything_behind_the_number(visit) -> None:
    word, panel = visit.page.locator(WORD).first, visit.page.locator(PANEL)
    before = visit.page.url
    assert panel.is_hidden()
    word.click()
    assert visit.page.url == before and panel.is_visible()
    assert word.get_attribute("aria-expanded") == "true"
    said = panel.inner_text()
    for expected in ("63.87 billion yuan", "formula", "rows", "sources", "plausible", "What is known since", "notebook cell",
                     "projects.two_batches"):
        assert expected in said, expected
    links = [link.get_attribute("href") for link in panel.locator("a").all()]
    assert any(link.startswith("rows.html#r-ceremonies") for link in links)
    assert any(link.startswith("sources.html#s-") for link in links) and any(link.startswith("http") for link in links)
    assert any(link.startswith("06_projects.html#cell-") for link in links)
    assert any(link.endswith("receipts-06_projects.html#v-projects.two_batches") for link in links), "the permanent address"
    box = panel.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= visit.width
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= visit.width
    panel.get_by_role("button", name="Close").click()
    assert panel.is_hidden() and word.evaluate("node => node === document.activeElement")


def test_the_keyboard_opens_reads_and_leaves_a_receipt_without_a_trap(visit) -> None:
    word, panel = visit.page.locator(WORD).first, visit.page.locator(PANEL)
    visit.page.keyboard.press("Tab")  # the browser now knows that a keyboard is at work
    word.focus()
    assert panel.is_visible() and word.evaluate("node => node === document.activeElement"), "shown, but not entered"
    described = word.get_attribute("aria-describedby")
    assert visit.page.locator(f"#{described}").inner_text().strip(), "a screen reader reads how it is made"
    visit.page.keyboard.press("Enter")
    assert panel.evaluate("node => node === document.activeElement")
    assert panel.get_attribute("role") == "dialog" and "63.87 billion yuan" in panel.get_attribute("aria-label")
    stops = panel.locator("a[href], button").count()
    for _ in range(stops):
        visit.page.keyboard.press("Tab")
        assert panel.evaluate("node => node.contains(document.activeElement)")
    visit.page.keyboard.press("Tab")
    assert panel.is_hidden() or not panel.evaluate("node => node.contains(document.activeElement)")
    word.focus()
    visit.page.keyboard.press("Enter")
    visit.page.keyboard.press("Escape")
    assert panel.is_hidden() and word.evaluate("node => node === document.activeElement")


def test_a_tap_elsewhere_closes_and_another_word_takes_over(visit) -> None:
    panel = visit.page.locator(PANEL)
    visit.page.locator(WORD).first.click()
    first = panel.inner_text()
    other = visit.page.locator("article a.recount-word[data-note]").nth(12)
    other.evaluate("node => node.click()")
    assert panel.is_visible() and panel.inner_text() != first
    visit.page.locator("article h1").first.click(position={"x": 2, "y": 2})
    assert panel.is_hidden()


def test_a_receipt_leads_to_the_cell_and_unfolds_it(visit) -> None:
    visit.page.locator(WORD).first.click()
    link = visit.page.locator(f"{PANEL} a[href*='#cell-']").first
    anchor = link.get_attribute("href").partition("#")[2]
    link.click()
    cell = visit.page.locator(f"[id='{anchor}']")
    assert cell.evaluate("node => node.closest('.cell').querySelector('details').open")
    assert "desk.value" in cell.evaluate("node => node.closest('.cell').innerText")


def test_every_bound_word_of_every_chapter_has_a_note(built, chromium) -> None:
    paths = [path for lang in ("zh", "en") for path in sorted((built.site / lang / "since").glob("0*.html"))]
    with Visit(chromium, paths[0], width=1280) as visit:
        for path in paths:
            visit.turn_to(path, width=1280)
            without = visit.page.evaluate("""page => [...document.querySelectorAll("article a.recount-word")]
                .filter((word) => !word.getAttribute("href").startsWith(page))
                .filter((word) => !document.getElementById(`note-${word.dataset.note}`)?.querySelector("dd"))
                .map((word) => word.outerHTML)""", path.name)
            assert without == [], path.name


def test_without_a_script_a_word_is_a_link_to_the_same_receipt(built, chromium) -> None:
    context = chromium.new_context(java_script_enabled=False, viewport={"width": 375, "height": 800})
    try:
        page = context.new_page()
        page.goto(f"file://{built.site / 'en' / 'since' / '06_projects.html'}")
        assert page.locator(".recount-notes").is_hidden()
        page.locator(WORD).first.click()
        page.wait_for_url("**/receipts-06_projects.html#v-projects.two_batches")
        receipt = page.locator("dt[id='v-projects.two_batches'] + dd").inner_text()
        assert "formula" in receipt and "sources" in receipt and "notebook cell" in receipt
    finally:
        context.close()


def test_on_paper_a_number_bears_the_number_of_its_note_and_the_note_is_there(built, chromium) -> None:
    path = built.site / "zh" / "since" / "06_projects.html"
    with Visit(chromium, path, width=1000) as visit:
        visit.page.emulate_media(media="print")
        word = visit.page.locator(WORD).first
        number = word.get_attribute("data-note")
        shown = word.evaluate("node => getComputedStyle(node, '::after').content")
        assert shown == f'"{number}"'
        note = visit.page.locator(f"#note-{number}")
        assert note.is_visible() and "638.7亿元" in note.inner_text() and "来源" in note.inner_text()
