"""Synthetic notebooks for the benchmarks. Nothing here is real data, and the notebooks say so."""

from __future__ import annotations

from pathlib import Path

import nbformat
import nbformat.v4 as v4

PARAMETERS = "rows: int = 4000\nseed: int = 1"
# As a chapter does: a table read, numbers taken, two charts drawn, sentences between.
CELLS = [
    "import io\nimport altair as alt\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd",
    "random = np.random.default_rng(seed)\ntext = pd.DataFrame({'county': random.integers(0, 90, rows), 'month': random.integers(1, 13, rows),\n"
    "    'amount': random.normal(100, 20, rows).round(1)}).to_csv(index=False)\ntable = pd.read_csv(io.StringIO(text))\ntable.head()",
    "table.describe()",
    "by_month = table.groupby('month')['amount'].agg(['sum', 'mean', 'count'])\nby_month",
    "wide = table.pivot_table(index='county', columns='month', values='amount', aggfunc='sum')\nwide.corr().round(2).head(3)",
    "fig, ax = plt.subplots(figsize=(6, 3))\nax.plot(by_month.index, by_month['sum'])\nax.set_xlabel('month')\nplt.show()",
    "fig, ax = plt.subplots(figsize=(6, 3))\nax.hist(table['amount'], bins=30)\nplt.show()",
    "alt.Chart(by_month.reset_index()).mark_bar().encode(x='month:O', y='sum:Q')",
    "for county, group in list(table.groupby('county'))[:5]:\n    print(county, round(group['amount'].sum(), 1))",
    "print(f\"{table['amount'].sum():.1f}\")",
]  # fmt: skip


def write_notebook(path: Path, *, number: int = 0, cells: list[str] | None = None, parameters: str = "") -> Path:
    """A synthetic notebook; ``number`` makes its data its own, ``parameters`` are more than the two that all have."""
    made = v4.new_notebook(metadata={"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                                     "language_info": {"name": "python"}})  # fmt: skip
    made.cells.append(v4.new_markdown_cell("# Synthetic\n\nMade by a benchmark; no real data.", id="title"))
    made.cells.append(v4.new_code_cell(PARAMETERS.replace("seed: int = 1", f"seed: int = {number + 1}") + parameters, id="parameters",
                                       metadata={"tags": ["parameters"]}))  # fmt: skip
    made.cells += [v4.new_code_cell(source, id=f"c{place}") for place, source in enumerate(CELLS if cells is None else cells)]
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)
    return path


def as_script(cells: list[str] | None = None) -> str:
    """The same work as a script: what a cell shows is made, too."""
    lines = [PARAMETERS, "import io as _io", "def _shown(value):\n    bundle = getattr(value, '_repr_mimebundle_', None)\n"
             "    bundle() if bundle else getattr(value, '_repr_html_', value.__repr__)()"]  # fmt: skip
    for source in CELLS if cells is None else cells:
        *before, last = source.split("\n")
        if last == "plt.show()":
            lines += [*before, "fig.savefig(_io.BytesIO(), format='png')", "plt.close(fig)"]
        elif last[:1] in " \t" or last.startswith(("import", "print", "table =", "ax.")) or "=" in last.split("(")[0]:
            lines.append(source)
        else:
            lines += [*before, f"_shown({last})"]
    return "\n".join(lines)
