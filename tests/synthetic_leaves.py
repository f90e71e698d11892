"""A synthetic book as it comes from Jupyter Book: two chapters, receipts, an assembled folder. No data."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from recount.site.formats import Source
from recount.site.imprint import Imprint

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9" width="9" height="9"><rect width="9" height="9"/></svg>'
CHART = (f'<figure class="recount-chart" id="chart-a"><figcaption>合成图</figcaption><div class="chart-plot" role="img" '
         f'aria-label="合成的说明"><div class="chart-wide">{SVG}</div><div class="chart-narrow">{SVG}</div></div></figure>')
PAGES = {
    "index": "<h1>合成的书</h1><p>见<a href='01_a.html'>甲章</a>。</p>",
    "01_a": f"<h1>甲章</h1><p>合成数<a class='recount-word' href='receipts.html#v-a.b'><span class='recount-v'>432.1亿元</span>"
            f"</a>，<a href='downloads/x.csv'>文件</a>。</p>{CHART}",
    "02_b": "<h1>乙章</h1><p>不同的话。</p>",
    "receipts": "<h1>凭据</h1><dl class='recount-receipts'><dt id='v-a.b'>合成总额</dt><dd><p><a href='#r-x'>行</a></p></dd>"
                "<dt id='v-c.d'>别的</dt><dd>无</dd><dt id='r-x'>合成行</dt><dd>一行</dd></dl>",
}
LEDGER = {"claims": {"a": {"verdict": "confirmed"}, "b": {"verdict": "open"}}}


def imprint(**changes: object) -> Imprint:
    made = {"title": "合成的书", "edition": "print", "edition_title": "见报当日", "lang": "zh", "author": "合成者",
            "as_of": date(2022, 2, 24), "footer": "合成的脚注", "copyright": "2026"}  # fmt: skip
    return Imprint(**{**made, **changes})  # type: ignore[arg-type]


def write(folder: Path, **pages: str) -> Source:
    """The book in a folder; `pages` replace the bodies of pages by name."""
    source, out = folder / "source", folder / "html"
    for each in (source, out):
        each.mkdir(parents=True, exist_ok=True)
    contents = {"root": "index", "parts": [{"caption": "各章", "chapters": [{"file": "01_a"}, {"file": "02_b"}]},
                                           {"caption": "底账", "chapters": [{"file": "receipts"}]}]}
    (source / "_toc.yml").write_text(json.dumps(contents), "utf-8")
    (source / "ledger.json").write_text(json.dumps(LEDGER), "utf-8")
    for name in ("01_a", "02_b"):
        (source / f"{name}.ipynb").write_text("{}", "utf-8")
    bodies = PAGES | pages
    for name, body in bodies.items():
        text = f'<html><body><article class="bd-article"><section id="top">{body}</section></article></body></html>'
        (out / f"{name}.html").write_text(text, "utf-8")
    return Source(imprint=imprint(), source=source, pages=out, digest=str(hash(tuple(bodies.items()))))
