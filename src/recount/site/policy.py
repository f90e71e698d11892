"""The Content-Security-Policy of every page: the site's own files and nothing else, over http and from a folder.

A page that is opened from disk has no header, so the policy is a meta tag. `'self'` means the host over http and
the reader's own files from disk (seen in Chromium and in Firefox). Inline scripts run by
their hash; the theme writes a few. Nothing is evaluated from text, so the one script of Sphinx that does is mended.
"""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path

# Styles: charts and the theme write `style` attributes, which no hash covers.
RULES = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "object-src": "'none'",
    "frame-src": "'none'",
    "worker-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
}
SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
# A script of another type is data: it never runs, and no policy asks about it.
RUNS = frozenset({"", "module", "text/javascript", "application/javascript"})
HEAD = re.compile(r"(<head>\s*<meta charset=[\"']?utf-8[\"']?\s*/?>)", re.IGNORECASE)
# Sphinx's rule for plurals, made of text: the text as it comes, the text as it goes.
EVALUATED = """    Documentation.PLURAL_EXPR = new Function(
      "n",
      `return (${catalog.plural_expr})`
    );
"""
NAMED = """    // Of a language without plurals the rule is one number; no text is evaluated.
    const form = Number(catalog.plural_expr);
    if (Number.isInteger(form)) Documentation.PLURAL_EXPR = () => form;
"""


def script_hash(text: str) -> str:
    """The name by which a policy allows one inline script.

    >>> script_hash("x=1")
    "'sha256-HyBrEcI+KMwlDe1/wAmNOCOoRnpUNA8axOU1y4VEST8='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def runs(kind: str) -> bool:
    """Whether a script of this ``type`` is executed."""
    return kind.strip().lower() in RUNS


def policy_for(page: str) -> str:
    """The policy of a page, with the hashes of the inline scripts that it holds."""
    inline = {script_hash(body) for attributes, body in SCRIPT.findall(page)
              if not re.search(r"\bsrc\s*=", attributes) and runs(_type(attributes))}
    rules = RULES | {"script-src": " ".join([RULES["script-src"], *sorted(inline)])}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


def with_policy(page: str) -> str:
    """The page with its policy as the first thing after the character set, before anything that it governs.

    Raises ValueError for a page whose head does not open with its character set.
    """
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy_for(page)}">'
    made, count = HEAD.subn(lambda match: f"{match[1]}\n{tag}", page, count=1)
    if not count:
        raise ValueError("a page must open its head with <meta charset>, before which a policy may not stand")
    return made


def set_policies(site: Path) -> None:
    """Write the policy into every page of a site, whoever made it. The last step before the checks."""
    for path in sorted(site.rglob("*.html")):
        if "_static" not in path.relative_to(site).parts:
            path.write_text(with_policy(path.read_text("utf-8")), "utf-8")


def mend_doctools(doctools: Path) -> None:
    """Take the evaluated text out of Sphinx's doctools.js: under the policy it would stop on every Chinese page.

    Raises RuntimeError where the script is not as expected.
    """
    script = doctools.read_text("utf-8")
    if script.count(EVALUATED) != 1:
        raise RuntimeError(f"{doctools.name} is not the one that recount.site.policy knows how to mend")
    doctools.write_text(script.replace(EVALUATED, NAMED), "utf-8")


def _type(attributes: str) -> str:
    match = re.search(r"""\btype\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))""", attributes, re.IGNORECASE)
    return next((group for group in match.groups() if group is not None), "") if match else ""
