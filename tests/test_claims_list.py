"""The list of all claims: whole without a script; with one, filtered and sorted by keyboard, kept in the address."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from recount.claims import KINDS
from recount.site.claims_list import facets, strength
from recount.site.labels import LIST
from recount.verdicts import COLOURS, VERDICTS

BOOKS = [(lang, edition) for lang in ("zh", "en") for edition in ("print", "since")]
TAGS = (pytest.mark.browser, pytest.mark.slow)
VISIBLE = "[...document.querySelectorAll('tr[data-verdict]')].filter((row) => row.offsetParent).map((row) => row.id.slice(2))"


def claim(**more):
    return {"section": "hands", "line": 12, "kind": "plan", "verdict": "open", "origins": 0, "others": 0} | more


# --- Pieces ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("origins", "others", "expected"), [
    (0, 0, "nothing"), (0, 2, "other"), (1, 0, "one"), (1, 3, "one"), (2, 0, "several"), (5, 1, "several")])
def test_strength_counts_independent_origins_first(origins, others, expected):
    assert strength(claim(origins=origins, others=others)) == expected


@pytest.mark.parametrize("verdict", VERDICTS)
def test_a_claim_answers_to_its_verdict_its_colour_and_whether_it_is_struck_off(verdict):
    struck = "settled" if verdict in ("confirmed", "contradicted") else "unsettled"
    assert facets(claim(verdict=verdict))["verdict"].split() == [verdict, COLOURS[verdict], struck]


def test_no_word_of_a_verdict_is_also_a_colour_or_a_mark():
    words = [*VERDICTS, *COLOURS.values(), "settled", "unsettled"]
    assert len(set(words)) == len(VERDICTS) + len(set(COLOURS.values())) + 2


def test_whatever_a_claim_can_be_has_a_word_in_both_languages():
    for words in LIST.values():
        assert set(words["kinds"]) == set(KINDS) and set(words["colours"]) == set(COLOURS.values())
        assert set(words["strengths"]) == {"nothing", "other", "one", "several"}
    shapes = [{key: sorted(each) if isinstance(each, dict) else each.count("{") for key, each in words.items()}
              for words in LIST.values()]
    assert shapes[0] == shapes[1]


# --- The built page -------------------------------------------------------------------------------------


@contextmanager
def listed(chromium, built, *, lang="en", edition="since", width=1280, behind="", script=True, scheme="light") -> Iterator:
    context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=script)
    try:
        page = context.new_page()
        page.goto(f"file://{built.site / lang / edition / '09_ledger.html'}{behind}", wait_until="load")
        yield page
    finally:
        context.close()


def plain(text):
    """Text without the curled quotes that a page makes of typed ones."""
    return text.translate(str.maketrans("‘’“”", "''\"\""))


def mark(test):
    for each in TAGS:
        test = each(test)
    return test


def fits(ledgers, edition, test):
    return {name for name, each in ledgers[edition]["claims"].items() if test(each)}


def tab_to(page, name):
    """Go on with the tab key until the control of that id has the focus."""
    for _ in range(300):
        if page.evaluate("document.activeElement.id") == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"no tab leads to {name}")


@mark
@pytest.mark.parametrize(("lang", "edition"), BOOKS)
def test_without_a_script_every_claim_stands_with_its_reason_and_no_dead_control(built, chromium, ledgers, lang, edition):
    with listed(chromium, built, lang=lang, edition=edition, script=False) as page:
        assert not page.locator(".recount-filters").is_visible()
        for name, each in ledgers[edition]["claims"].items():
            text = plain(page.locator(f"[id='c-{name}']").inner_text())
            for part in (each["reason"][lang], each["label"][lang], each["strength"][lang], each["printed"]):
                assert plain(part) in text, (name, part)
            assert (LIST[lang]["settled"] in text) == (each["verdict"] in ("confirmed", "contradicted")), name


@mark
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_list_is_filtered_by_keyboard_alone_and_says_how_many_it_shows(built, chromium, ledgers, lang):
    total = len(ledgers["since"]["claims"])
    with listed(chromium, built, lang=lang) as page:
        assert len(page.evaluate(VISIBLE)) == total
        page.locator(".recount-download a").first.focus()
        tab_to(page, "list-section")
        page.keyboard.press("ArrowDown")
        section = page.locator("#list-section").input_value()
        expected = fits(ledgers, "since", lambda each: each["section"] == section)
        assert set(page.evaluate(VISIBLE)) == expected
        status = page.get_by_role("status")
        assert status.inner_text() == LIST[lang]["shown"].format(shown=len(expected), total=total)
        heads = page.locator("tr.recount-group:visible")
        assert heads.count() == 1
        tab_to(page, "list-strength")
        page.keyboard.press("End")
        weakest = page.locator("#list-strength").input_value()
        assert set(page.evaluate(VISIBLE)) == fits(
            ledgers, "since", lambda each: each["section"] == section and strength(each) == weakest)
        while page.evaluate("document.activeElement.type") != "reset":
            page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.wait_for_function(f"{VISIBLE}.length === {total}")
        assert page.evaluate("location.hash") == ""


@mark
def test_every_choice_shows_what_it_says_and_the_number_it_says(built, chromium, ledgers):
    with listed(chromium, built) as page:
        for facet in ("section", "verdict", "kind", "strength"):
            choice = page.locator(f"#list-{facet}")
            for option in choice.locator("option").all()[1:]:
                value = option.get_attribute("value")
                choice.select_option(value)
                shown = set(page.evaluate(VISIBLE))
                assert shown == fits(ledgers, "since", lambda each, f=facet, v=value: v in facets(each)[f].split()), value
                assert shown and option.inner_text().endswith(f"({len(shown)})"), value
            choice.select_option("")


@mark
def test_choices_that_exclude_each_other_leave_a_sentence_and_not_an_empty_page(built, chromium):
    with listed(chromium, built, behind="#verdict=settled&strength=nothing") as page:
        assert page.evaluate(VISIBLE) == []
        assert page.get_by_role("status").inner_text() == LIST["en"]["empty"]


@mark
def test_the_address_keeps_the_choice_and_the_switches_take_it_along(built, chromium, ledgers):
    with listed(chromium, built, lang="zh") as page:
        page.locator("#list-verdict").select_option("yellow")
        page.locator("#list-sort").select_option("line")
        assert page.evaluate("location.hash") == "#verdict=yellow&sort=line"
        shown = page.evaluate(VISIBLE)
        assert set(shown) == fits(ledgers, "since", lambda each: each["colour"] == "yellow")
        page.reload()
        assert page.evaluate(VISIBLE) == shown
        page.locator("#list-sort").select_option("strength")
        shown = page.evaluate(VISIBLE)
        page.get_by_role("link", name="English").first.click()
        page.wait_for_load_state()
        assert page.url.endswith("/en/since/09_ledger.html#verdict=yellow&sort=strength")
        assert page.evaluate(VISIBLE) == shown


@mark
def test_an_address_with_choices_that_do_not_exist_shows_the_whole_list(built, chromium, ledgers):
    with listed(chromium, built, behind="#verdict=purple&nothing=1") as page:
        assert len(page.evaluate(VISIBLE)) == len(ledgers["since"]["claims"])
        assert page.locator("#list-verdict").evaluate("choice => choice.selectedIndex") == 0, "and says that it does"


@mark
def test_a_link_to_one_claim_is_never_hidden_by_a_filter(built, chromium, ledgers):
    name = next(iter(fits(ledgers, "since", lambda each: each["verdict"] == "open")))
    with listed(chromium, built, behind="#verdict=settled") as page:
        assert name not in page.evaluate(VISIBLE)
        page.evaluate(f"location.hash = '#c-{name}'")
        page.wait_for_function(f"document.getElementById('c-{name}').offsetParent !== null")
        assert page.locator(f"[id='c-{name}']").evaluate("row => row.getBoundingClientRect().top") < 900


@mark
def test_other_orders_run_through_all_sections_and_the_first_comes_back(built, chromium, ledgers):
    claims = ledgers["since"]["claims"]
    keys = {"line": lambda each: each["line"], "verdict": lambda each: VERDICTS.index(each["verdict"]),
            "strength": lambda each: (-each["origins"], -each["others"])}
    with listed(chromium, built) as page:
        first = page.evaluate(VISIBLE)
        for order, key in keys.items():
            page.locator("#list-sort").select_option(order)
            assert page.evaluate(VISIBLE) == sorted(first, key=lambda name, key=key: key(claims[name])), order
            assert page.locator("tr.recount-group:visible").count() == 0
        page.locator("#list-sort").select_option("")
        assert page.evaluate(VISIBLE) == first
        assert [claims[name]["section"] for name in first] != [claims[name]["section"] for name in sorted(
            first, key=lambda name: claims[name]["line"])], "the two orders are not the same"


@mark
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_reasons_have_room_on_a_desk_and_on_a_phone_and_nothing_scrolls_sideways(built, chromium, lang):
    with listed(chromium, built, lang=lang) as page:
        row = page.locator("tr[data-verdict]").first
        assert row.locator("td").nth(2).bounding_box()["width"] >= row.bounding_box()["width"] * 0.48
    with listed(chromium, built, lang=lang, width=375) as page:
        row = page.locator("tr[data-verdict]").first
        assert row.locator("td").nth(2).bounding_box()["width"] >= 330
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        wide = page.evaluate("""[...document.querySelectorAll('.recount-list, .recount-list td, .recount-filters select')]
            .filter((each) => each.scrollWidth > each.clientWidth + 1 || each.getBoundingClientRect().right > 375).length""")
        assert wide == 0
        ranking = page.locator("table.recount-ranked")
        assert ranking.bounding_box()["x"] + ranking.bounding_box()["width"] <= 375


CONTRAST = """(element) => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => rgb.slice(0, 3).map((c) => c / 255).map((c) => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
    .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
  let ground = element;
  while (ground && (parse(getComputedStyle(ground).backgroundColor)[3] ?? 1) === 0) ground = ground.parentElement;
  const [a, b] = [getComputedStyle(element).color, getComputedStyle(ground).backgroundColor].map(parse).map(light);
  return (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
}"""


@mark
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_the_list_says_in_colour_can_be_read(built, chromium, scheme):
    with listed(chromium, built, scheme=scheme) as page:
        for selector in (".recount-filters label", ".recount-filters select", ".recount-filters button", ".recount-struck",
                         ".recount-filters [role=status]", ".recount-list .recount-strength", ".recount-list .recount-verdict",
                         ".recount-group th", ".recount-settled .recount-printed"):
            each = page.locator(selector).first
            assert each.evaluate(CONTRAST) >= 4.5, selector


@pytest.mark.slow
def test_the_script_is_loaded_by_the_page_of_the_list_and_by_no_other(built):
    loads = {path.relative_to(built.site).as_posix() for path in built.site.rglob("*.html") if "claims.js" in path.read_text("utf-8")}
    assert loads == {f"{lang}/{edition}/09_ledger.html" for lang, edition in BOOKS}


@mark
@pytest.mark.parametrize(("lang", "edition"), BOOKS)
def test_the_downloads_say_what_the_page_says(built, chromium, lang, edition):
    with listed(chromium, built, lang=lang, edition=edition, script=False) as page:
        paths = {link.inner_text(): link.get_attribute("href") for link in page.locator(".recount-download").first.locator("a").all()}
        folder = built.site / lang / edition
        read = list(csv.DictReader(io.StringIO((folder / paths["CSV"]).read_bytes().decode("utf-8-sig"), newline="")))
        document = json.loads((folder / paths["JSON"]).read_text("utf-8"))
        assert [{field: str(cell) for field, cell in row.items()} for row in document["claims"]] == read
        assert {row["id"] for row in read} == set(
            page.locator("tr[data-verdict]").evaluate_all("rows => rows.map((row) => row.id.slice(2))"))
        for row in read:
            shown = page.locator(f"[id='c-{row['id']}']")
            text = plain(shown.inner_text())
            for field in ("printed", "says", "claim", "kind_name", "section_name", "verdict_name", "reason", "strength"):
                assert plain(row[field]) in text, (row["id"], field)
            assert shown.get_attribute("data-strength") == strength({"origins": int(row["origins"]), "others": int(row["others"])})
            path, _, anchor = row["address"].partition("#")
            assert (built.site / path).is_file() and page.locator(f"[id='{anchor}']").count() == 1
            assert (row["edition"], row["as_of"]) == (document["edition"]["name"], document["edition"]["as_of"])
        assert page.locator("table", has=page.get_by_text("as_of", exact=True)).locator("tbody tr").count() == len(document["fields"])
