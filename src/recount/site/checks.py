"""Checks of the finished site: nothing loads from another host, every link leads somewhere, nothing is left over.

They read the files as a browser would, whoever wrote them: the theme, a notebook's output, or this package.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from recount.errors import Finding
from recount.site.policy import RULES, runs, script_hash

# Attributes that make a browser fetch; of `link` only what is fetched on sight.
LOADING = {"src", "srcset", "data", "poster", "background", "action"}
LOADING_LINKS = {
    "stylesheet",
    "preload",
    "modulepreload",
    "prefetch",
    "preconnect",
    "dns-prefetch",
    "icon",
    "shortcut",
    "apple-touch-icon",
    "manifest",
    "prerender",
    "search",
}
ELSEWHERE = re.compile(r"^\s*(?:https?:)?//", re.IGNORECASE)
CSS_ELSEWHERE = re.compile(r"(?:url\(\s*['\"]?|@import\s+['\"])\s*((?:https?:)?//[^'\")\s]+)", re.IGNORECASE)
# A string of a script that names a file or a delivery network on another host. Names of vocabularies
# (w3.org, Vega schemas) and addresses in messages load nothing.
SCRIPT_ELSEWHERE = re.compile(
    r"""["'`](?:https?:)?//(?!www\.w3\.org/|vega\.github\.io/schema/)([\w.-]+(?:"""
    r"""/[^"'`\s]*\.(?:js|mjs|css|json|wasm|woff2?|ttf|png|svg)(?:[?#][^"'`\s]*)?(?=["'`])"""
    r"""|[^"'`\s]*(?:cdn|unpkg|jsdelivr|googleapis|gstatic)[^"'`\s]*))"""
)
SCRIPT_ADDRESS = re.compile(r"\s*javascript:", re.IGNORECASE)
# Scripts that are data: nothing in them runs or loads.
DATA_BLOCKS = ("application/json", "application/ld+json")
LEFT_OVER = {
    "recount-missing": "a word that the ledger does not know",
    'class="problematic"': "a role that could not be read",
    'class="system-message': "a message of the page's maker",
    "{v}`": "a role that stayed text",
    "{claim}`": "a role that stayed text",
    "{holds}`": "a role that stayed text",
}


@dataclass(frozen=True)
class Checked:
    """How much was checked and what was wrong."""

    pages: int
    links: int
    findings: tuple[Finding, ...]


@dataclass
class Page(HTMLParser):
    """The anchors, links and fetches of one page."""

    ids: set[str] = field(default_factory=set)
    twice: set[str] = field(default_factory=set)
    links: list[str] = field(default_factory=list)
    fetches: list[str] = field(default_factory=list)
    # What the page's policy must have named: inline scripts, and handlers, which no hash allows.
    policy: str = ""
    before_policy: list[str] = field(default_factory=list)
    inline: list[str] = field(default_factory=list)
    handlers: list[str] = field(default_factory=list)
    _in: str = ""
    _script: str | None = None

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if name := named.get("id"):
            (self.twice if name in self.ids else self.ids).add(name)
        if tag == "a" and "href" in named:
            self.links.append(named["href"])
        elif tag == "link" and set(named.get("rel", "").lower().split()) & LOADING_LINKS:
            self.fetches.append(named.get("href", ""))
        elif tag == "link" and "href" in named:
            self.links.append(named["href"])
        elif tag in ("use", "image", "feimage"):
            self.fetches += [named[key] for key in ("href", "xlink:href") if key in named]
        self.fetches += [named[key] for key in LOADING & set(named)]
        if tag == "meta" and named.get("http-equiv", "").lower() == "refresh":
            self.fetches.append(named.get("content", "").partition("=")[2])
        if tag == "meta" and named.get("http-equiv", "").lower() == "content-security-policy":
            self.policy = self.policy or named.get("content", "")
        elif tag in ("script", "style", "link") and not self.policy:
            self.before_policy.append(tag)
        if tag == "script" and "src" not in named and runs(named.get("type", "")):
            self._script = ""
        self.handlers += [f"{tag} {name}" for name in named if name.startswith("on")]
        self.handlers += [f"{tag} {value[:40]}" for value in named.values() if SCRIPT_ADDRESS.match(value)]
        if "style" in named:
            self.fetches += CSS_ELSEWHERE.findall(named["style"])
        self._in = tag if tag in ("style", "script") and named.get("type") not in DATA_BLOCKS else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "script" and self._script is not None:
            self.inline.append(self._script)
            self._script = None
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._script is not None:
            self._script += data
        if self._in == "style":
            self.fetches += CSS_ELSEWHERE.findall(data)
        elif self._in == "script":
            self.fetches += [f"//{found}" for found in SCRIPT_ELSEWHERE.findall(data)]


def check_site(site: Path) -> Checked:
    """Check all pages, stylesheets and scripts of a site folder."""
    files = {path.relative_to(site).as_posix() for path in site.rglob("*") if path.is_file()}
    pages: dict[str, Page] = {}
    findings: list[Finding] = []
    for name in sorted(files):
        if name.endswith(".html") and "/_static/" not in name:
            text = (site / name).read_text("utf-8")
            pages[name] = page = Page()
            page.feed(text)
            page.close()
            findings += [
                _finding("site.left-over", name, "every word resolved", f"{what} ({mark})")
                for mark, what in LEFT_OVER.items()
                if mark in text
            ]
            findings += [_finding("site.same-id", name, "ids used once", each) for each in sorted(page.twice)]
            findings += [
                _finding("site.third-party", name, "nothing from another host", each)
                for each in page.fetches
                if ELSEWHERE.match(each)
            ]
            findings += [_finding("site.policy", name, expected, found) for expected, found in _loose(page)]
        elif name.endswith((".css", ".js")):
            pattern = CSS_ELSEWHERE if name.endswith(".css") else SCRIPT_ELSEWHERE
            text = (site / name).read_text("utf-8", errors="replace")
            findings += [
                _finding("site.third-party", name, "nothing from another host", each)
                for each in dict.fromkeys(pattern.findall(text))
            ]
    links = 0
    for name, page in pages.items():
        for address in dict.fromkeys([*page.links, *page.fetches]):
            if ELSEWHERE.match(address) or re.match(r"^(?:mailto|tel|data|javascript|https?):", address):
                continue
            links += 1
            if problem := _dead(name, address, files=files, pages=pages):
                findings.append(_finding("site.dead-link", name, "a page and an anchor that exist", problem))
    return Checked(len(pages), links, tuple(findings))


def _loose(page: Page) -> list[tuple[str, str]]:
    """Where a page's policy is missing, allows more than the site's own files, or forbids what the page runs."""
    if not page.policy:
        return [("a Content-Security-Policy", "none")]
    rules = dict(rule.strip().partition(" ")[::2] for rule in page.policy.split(";"))
    problems = [("the policy before what it governs", f"a {tag} before it") for tag in page.before_policy[:1]]
    for name, strict in RULES.items():
        allowed = {*strict.split(), *(f for f in rules.get(name, "").split() if f.startswith("'sha256-"))}
        if name not in rules or set(rules[name].split()) - allowed:
            problems.append((f"{name} {strict}", rules.get(name, "not set")))
    known = rules.get("script-src", "").split()
    problems += [("inline scripts named by their hash", text.strip()[:60]) for text in dict.fromkeys(page.inline)
                 if script_hash(text) not in known]
    return problems + [("no script in an attribute, which no hash allows", each) for each in page.handlers]


def _dead(name: str, address: str, *, files: set[str], pages: dict[str, Page]) -> str:
    """Why a link of a page leads nowhere; empty where it leads somewhere."""
    parts = urlsplit(address)
    target = name
    if parts.path:
        steps = name.split("/")[:-1]
        for step in unquote(parts.path).split("/"):
            if step == ".." and not steps:
                return f"{address} (out of the site)"
            if step == "..":
                steps.pop()
            elif step not in ("", "."):
                steps.append(step)
        target = "/".join(steps)
        if target not in files:
            return f"{address} (no such file)"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].ids:
        return f"{address} (no such anchor)"
    return ""


def _finding(code: str, page: str, expected: str, found: str) -> Finding:
    return Finding(code=code, where=page, expected=expected, found=found, done="nothing was published")
