"""Every page of every book in a real browser, opened once: what it says, asks for and weighs, and whether all can use it.

One visit serves all checks of a page, in both themes and on a desk and a phone, and one window all pages, because
opening them is what takes the time. Each page is a test of its own, so that two workers share them.
"""

from __future__ import annotations

import contextlib
import gzip
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import axe_playwright_python
import pytest
import yaml
from conftest import ROOT
from playwright.sync_api import TimeoutError as Late
from test_pages import Visit

from recount.editions import LANGS, read_editions
from recount.words import receipts_page

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WIDE, NARROW = 1280, 375
# Of everything that a browser asks for before the reader does anything, as a compressing server sends it.
MOST_BYTES = 200_000
COMPRESSED = (".html", ".css", ".js", ".json", ".svg", ".xml")
COLOURS = ["color-contrast", "link-in-text-block"]  # the only rules of axe that a theme can change the answer of
# Pages that quote the titles of other people's pages as they are.
QUOTING = ("rows", "sources", "queue")


def names() -> list[str]:
    """Every page, from the contents and the editions: known before the site is built."""
    contents = yaml.safe_load((ROOT / "_toc.yml").read_text("utf-8"))
    files = [contents["root"], *(chapter["file"] for part in contents["parts"] for chapter in part["chapters"]), "search"]
    files += [receipts_page(Path(file).name) for file in files if file.startswith("notebooks/")]
    books = [f"{lang}/{edition}" for lang in LANGS for edition in read_editions(ROOT / "book" / "editions.toml")]
    return ["index.html", *(f"{book}/{Path(file).name}.html" for book in books for file in files)]


@cache
def axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")


def test_no_page_of_a_book_is_left_out_of_these_tests(built) -> None:
    there = {path.relative_to(built.site).as_posix() for path in built.site.glob("*/*/*.html")} | {"index.html"}
    assert there == set(names())


@pytest.fixture(scope="module")
def window(built, chromium) -> Iterator[Visit]:
    with Visit(chromium, built.site / "zh" / "since" / "about.html", width=WIDE) as opened:  # the root page leads on by itself
        yield opened


@pytest.mark.parametrize("name", names())
def test_a_page_is_whole_light_quiet_and_open_to_every_reader(built, window, name) -> None:
    path = built.site / name
    faults: list[str] = []
    window.turn_to(path, width=WIDE)
    if re.search(r"/\d\d_", name):
        weight = transferred(window.requests)
        faults += [f"weighs {weight} bytes before the reader does anything"] if weight > MOST_BYTES else []
    faults += words(window.page, name)
    faults += charts(window.page, path)
    faults += accessibility(window.page)
    faults += [f"complains: {text}" for text in window.complaints]
    faults += [f"asks another host: {url}" for url in window.outside]
    assert faults == []


def transferred(requests: list[str]) -> int:
    """Bytes of the files that were asked for, each once, compressed as a server would."""
    return sum(map(sent, {Path(unquote(urlsplit(url).path)) for url in requests if url.startswith("file:")}))


@cache
def sent(path: Path) -> int:
    return len(gzip.compress(path.read_bytes(), 6)) if path.suffix in COMPRESSED else path.stat().st_size


def words(page, name: str) -> list[str]:
    """A title, the page's own language, every number bound, no space between Chinese characters."""
    faults = []
    if name != "index.html" and not page.evaluate("document.documentElement.lang").startswith(name[:2]):
        faults.append("is in another language than its address")
    if not page.locator("h1").first.inner_text().strip():
        faults.append("has no title")
    if "⟦" in page.inner_text("body"):
        faults.append("prints an unresolved id")
    if name.startswith("zh/") and Path(name).stem not in QUOTING and not Path(name).stem.startswith("receipts"):
        spaced = (re.search(r"[\u4e00-\u9fff][ \n]+[\u4e00-\u9fff]", text)
                  for text in page.locator("article p:not(.recount-notes p)").all_inner_texts())
        faults += [f"has a space between Chinese characters: {found[0]}" for found in spaced if found]
    return faults


def charts(page, path: Path) -> list[str]:
    """Alt text in the page's language, a source and the data of each chart, to see and to take away."""
    faults = []
    zh = page.evaluate("document.documentElement.lang").startswith("zh")
    for figure in page.locator("figure.recount-chart").all():
        name = figure.get_attribute("id")
        alt = figure.locator("[role=img], [role=application]").first.get_attribute("aria-label")
        if bool(re.search(r"[\u4e00-\u9fff]", alt)) != zh:
            faults.append(f"{name} has its alt text in another language: {alt}")
        if not re.search("来源：" if zh else "Source: ", figure.inner_text()):
            faults.append(f"{name} names no source")
        data = path.parent / figure.locator("a[href$='.csv']").first.get_attribute("href")
        if len(data.read_text("utf-8").splitlines()) < 2:
            faults.append(f"{name} has no data")
    return faults


def accessibility(page) -> list[str]:
    """No violation of axe in light and dark, on a desk and a phone; nothing to scroll sideways.

    A theme changes nothing but colours. So all that does not rest on them is asked for once at each width: on a desk
    of the page as it stands, on a phone with every fold open. Colours are asked for in all four ways, of four texts of
    each kind and with no more than the first items of long lists: axe compares each with whatever lies behind it, which
    on a page of receipts takes minutes. And of nothing that looks, to the last computed colour of all around it, as what
    axe was content with before: that is most of a page. What it was not content with is asked for on every page again.
    """
    page.evaluate(axe())
    others = {"rules": {rule: {"enabled": False} for rule in COLOURS}}
    faults = violations(page, f"{WIDE} px", others)
    page.evaluate(OPENED_AND_STILL)
    for width in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": 900})
        over = page.evaluate("document.documentElement.scrollWidth")
        faults += [f"scrolls sideways at {width} px: {over} px"] if over > width else []
    stops(page)
    faults += violations(page, f"{NARROW} px", others)
    page.evaluate(SHORTENED)
    for theme, width in (("light", NARROW), ("dark", NARROW), ("dark", WIDE), ("light", WIDE)):
        page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        page.set_viewport_size({"width": width, "height": 900})
        looks = page.evaluate(LOOKS.replace("KINDS", KINDS))
        if fresh := [number for number, look in enumerate(looks) if look not in SEEN]:
            found = violations(page, f"{theme}, {width} px", {"runOnly": COLOURS}, of=f"{fresh}.map(number => looked[number])")
            faults += found
            SEEN.update(() if found else looks)
    return faults


# Without transitions: halfway from one theme to the other a colour has no contrast, and nobody reads it there.
OPENED_AND_STILL = """() => {
    const still = new CSSStyleSheet();
    still.replaceSync('*, *::before, *::after { transition: none !important; animation: none !important }');
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, still];
    document.querySelectorAll('details').forEach(fold => fold.open = true);
}"""
# Of receipts two of each kind, of other long things their first parts.
SHORTENED = """() => {
    for (const list of document.querySelectorAll('tbody, dl, ul, .highlight pre, svg g'))
        [...list.children].slice(list.matches('pre') ? 60 : 8).forEach(item => item.remove());
    const seen = {};
    for (const list of document.querySelectorAll('dl')) {
        const kind = [...new Set([list, ...list.querySelectorAll('*')].map(part => `${part.tagName} ${part.className}`))].sort();
        if ((seen[kind] = (seen[kind] ?? 0) + 1) > 2) list.remove();
    }
}"""
# Texts that no rule of a stylesheet tells apart but by their place among their like: four, for stripes. A kind is what
# an element and all around it are called, and the colours that are set on it.
KINDS = """(() => {
    const named = new Map();
    const name = part => part === null ? '' : named.get(part) ?? named.set(part, [part.tagName, part.getAttribute('class'),
        part.getAttribute('style'), part.getAttribute('fill'), name(part.parentElement)].join()).get(part);
    const seen = {};
    return [...document.body.querySelectorAll('*')].filter(part =>
        [...part.childNodes].some(node => node.nodeType === Node.TEXT_NODE && node.data.trim())
        && part.checkVisibility() && (seen[name(part)] = (seen[name(part)] ?? 0) + 1) <= 4);
})()"""

# Of each of these texts, of the texts in it and of its links what axe's rules of colours rest on, as one number: what it
# and all around it are called, how they are painted, what is painted over or under it from elsewhere, whether it is a
# letter or a word, and of a link whether axe takes it for one in the midst of text.
LOOKS = """(() => {
    const hash = text => {
        let a = 0xdeadbeef, b = 0x41c6ce57;
        for (let n = 0; n < text.length; n++) {
            a = Math.imul(a ^ text.charCodeAt(n), 2654435761);
            b = Math.imul(b ^ text.charCodeAt(n), 1597334677);
        }
        return 4294967296 * (2097151 & (b ^ b >>> 16)) + ((a ^ a >>> 16) >>> 0);
    };
    const painted = ['display', 'visibility', 'color', 'opacity', 'backgroundColor', 'backgroundImage', 'backgroundClip', 'fontSize',
        'fontWeight', 'fontStyle', 'textShadow', 'textDecoration', 'webkitTextStroke', 'borderBottom', 'outline', 'filter',
        'mixBlendMode', 'clip', 'clipPath', 'position', 'zIndex', 'float', 'transform'];
    const known = new Map();
    const look = part => {
        if (part === null) return '';
        if (!known.has(part)) {
            const own = ['', '::before', '::after'].map(pseudo => {
                const style = getComputedStyle(part, pseudo || null);
                const face = part.parentElement && style.fontFamily === getComputedStyle(part.parentElement).fontFamily;
                return pseudo && style.content === 'none' ? '' : [face, ...painted.map(name => style[name])].join();
            });
            known.set(part, hash([part.tagName, part.getAttribute('class'), part.getAttribute('style'), part.getAttribute('fill'),
                look(part.parentElement), ...own].join('|')));
        }
        return known.get(part);
    };
    const box = part => part.getBoundingClientRect();
    const afloat = [...document.body.querySelectorAll('*')].filter(part => {
        const {position, backgroundColor, backgroundImage} = getComputedStyle(part);
        return position !== 'static' && (backgroundColor !== 'rgba(0, 0, 0, 0)' || backgroundImage !== 'none') && part.checkVisibility();
    }).map(part => [part, box(part)]);
    const over = part => {
        const own = box(part);
        return afloat.filter(([other, its]) => its.left < own.right && its.right > own.left && its.top < own.bottom && its.bottom > own.top
            && !other.contains(part)).map(([other]) => look(other));
    };
    const text = part => [...part.childNodes].filter(node => node.nodeType === Node.TEXT_NODE).map(node => node.data.trim()).join('');
    axe.setup(document.body);
    const parts = new Set(KINDS.flatMap(part => [part, ...part.querySelectorAll('*')]).filter(part => text(part) || part.matches('a[href]')));
    window.looked = [...parts];
    const looks = looked.map(part => hash([look(part), over(part), Math.min(text(part).length, 2), /[\\p{L}\\p{N}]/u.test(text(part)),
        part.checkVisibility(), part.matches('a[href]') && axe.commons.dom.isInTextBlock(part)].join('|')));
    axe.teardown();
    return looks;
})()"""
SEEN: set[int] = set()


def stops(page) -> None:
    """Wait till the theme has seen what scrolls now; it looks a third of a second after a change. Else axe will say so."""
    with contextlib.suppress(Late):
        page.wait_for_function("""() => [...document.querySelectorAll('pre, .pst-scrollable-table-container')].every(
            part => part.tabIndex === 0 || part.scrollWidth <= part.clientWidth)""", timeout=5000)


def violations(page, where: str, options: dict, *, of: str = "document") -> list[str]:
    # preload: axe would fetch stylesheets once more, which a page opened from disk may not. selectors: nobody reads them.
    asked = {"resultTypes": ["violations"], "preload": False, "selectors": False, **options}
    found = page.evaluate("options => axe.run(PARTS, options).then(result => result.violations.map("
                          "({id, help, nodes}) => [id, help, nodes.length, nodes[0].html.slice(0, 160)]))".replace("PARTS", of), asked)
    return [f"axe ({where}): {rule}: {text} ({count}) {example}" for rule, text, count, example in found]
