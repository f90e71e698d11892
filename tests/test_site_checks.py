"""The site's own checks: nothing from another host, no dead link, nothing left over."""

import pytest

from recount.site.checks import check_site
from recount.site.policy import with_policy


def page(body: str, head: str = "") -> str:
    return with_policy(bare(body, head))


def bare(body: str, head: str = "") -> str:
    return f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">{head}</head><body>{body}</body></html>'


def codes(folder) -> list[str]:
    return [finding.code for finding in check_site(folder).findings]


@pytest.mark.parametrize(
    "markup",
    [
        '<script src="https://cdn.example/x.js"></script>',
        '<script src="//cdn.example/x.js"></script>',
        '<link rel="stylesheet" href="https://fonts.example/css">',
        '<link rel="preconnect" href="https://fonts.example">',
        '<img src="http://example.org/a.png">',
        '<img srcset="https://example.org/a.png 2x">',
        '<iframe src="https://example.org"></iframe>',
        '<p style="background:url(https://example.org/a.png)">x</p>',
        "<style>@import 'https://example.org/a.css';</style>",
        '<script>const THEBE = "https://unpkg.com/thebe@0.8.2/lib/index.js"</script>',
        '<svg><image href="https://example.org/a.png"/></svg>',
    ],
)
def test_a_request_to_another_host_is_found(tmp_path, markup):
    (tmp_path / "index.html").write_text(page(markup), "utf-8")
    assert "site.third-party" in codes(tmp_path)


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="https://example.org/source">a source</a>',
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        '<script type="application/json">{"$schema": "https://vega.github.io/schema/vega-lite/v6.json"}</script>',
        '<script>const kind = "http://www.w3.org/2000/svg"</script>',
        '<img src="data:image/png;base64,AA">',
        '<link rel="canonical" href="https://example.org/"><link rel="alternate" hreflang="en" href="https://example.org/">',
        '<script type="application/ld+json">{"contentUrl": "https://example.org/data/facts.json"}</script>',
    ],
)
def test_a_link_and_a_name_are_no_request(tmp_path, markup):
    (tmp_path / "index.html").write_text(page(markup), "utf-8")
    assert codes(tmp_path) == []


def test_scripts_and_stylesheets_are_read_too(tmp_path):
    (tmp_path / "a.js").write_text('load("https://cdn.jsdelivr.net/npm/vega@6?noext")', "utf-8")
    (tmp_path / "a.css").write_text("@font-face{src:url(https://example.org/f.woff2)}", "utf-8")
    assert codes(tmp_path) == ["site.third-party", "site.third-party"]


def test_links_and_anchors_must_exist(tmp_path):
    (tmp_path / "zh").mkdir()
    (tmp_path / "index.html").write_text(page('<a href="zh/a.html#v-x.y_z">a</a>'), "utf-8")
    (tmp_path / "zh" / "a.html").write_text(page('<p id="v-x.y_z">1</p><a href="../index.html">b</a>'), "utf-8")
    checked = check_site(tmp_path)
    assert (checked.pages, checked.links, checked.findings) == (2, 2, ())
    (tmp_path / "zh" / "a.html").write_text(page('<a href="b.html">1</a><a href="../../c.html">2</a>'), "utf-8")
    found = [finding.found for finding in check_site(tmp_path).findings]
    assert found == ["zh/a.html#v-x.y_z (no such anchor)", "b.html (no such file)", "../../c.html (out of the site)"]


@pytest.mark.parametrize(
    "left", ['<span class="recount-missing">x</span>', "<p>{v}`a.b`</p>", '<span class="problematic">x</span>']
)
def test_what_was_not_resolved_is_found(tmp_path, left):
    (tmp_path / "index.html").write_text(page(left), "utf-8")
    assert codes(tmp_path) == ["site.left-over"]


def test_an_id_used_twice_is_found(tmp_path):
    (tmp_path / "index.html").write_text(page('<i id="a"></i><i id="a"></i>'), "utf-8")
    assert codes(tmp_path) == ["site.same-id"]


def test_a_page_without_a_policy_is_found(tmp_path):
    (tmp_path / "index.html").write_text(bare("<p>x</p>"), "utf-8")
    assert codes(tmp_path) == ["site.policy"]


def test_an_inline_script_runs_by_its_hash_alone(tmp_path):
    good = page("<p>x</p>", "<script>let a = 1;</script>")
    (tmp_path / "index.html").write_text(good, "utf-8")
    assert codes(tmp_path) == []
    (tmp_path / "index.html").write_text(good.replace("a = 1;<", "a = 2;<"), "utf-8")
    assert [finding.found for finding in check_site(tmp_path).findings] == ["let a = 2;"]


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("script-src 'self'", "script-src 'self' 'unsafe-eval'"),
        ("script-src 'self'", "script-src 'self' 'unsafe-inline'"),
        ("connect-src 'self'", "connect-src *"),
        ("frame-src 'none'; ", ""),
        ("img-src 'self'", "img-src 'self' https://example.org"),
    ],
)
def test_a_policy_that_allows_more_than_the_sites_own_files_is_found(tmp_path, was, now):
    (tmp_path / "index.html").write_text(page("<p>x</p>").replace(was, now), "utf-8")
    assert codes(tmp_path) == ["site.policy"]


@pytest.mark.parametrize("markup", ['<button onclick="x()">x</button>', '<a href="javascript:x()">x</a>'])
def test_a_script_in_an_attribute_is_found(tmp_path, markup):
    (tmp_path / "index.html").write_text(page(markup), "utf-8")
    assert "site.policy" in codes(tmp_path)


def test_a_policy_after_a_script_comes_too_late(tmp_path):
    text = page("<p>x</p>").replace('<meta charset="utf-8">', '<script src="a.js"></script><meta charset="utf-8">')
    (tmp_path / "index.html").write_text(text, "utf-8")
    (tmp_path / "a.js").write_text("", "utf-8")
    assert codes(tmp_path) == ["site.policy"]


def test_data_in_a_script_tag_needs_no_hash(tmp_path):
    (tmp_path / "index.html").write_text(page('<script type="application/json">{"a": 1}</script>'), "utf-8")
    assert "sha256-" not in (tmp_path / "index.html").read_text("utf-8")
    assert codes(tmp_path) == []


def test_a_link_of_the_head_that_leads_nowhere_is_found(tmp_path):
    (tmp_path / "index.html").write_text(page("", '<link rel="alternate" type="application/atom+xml" href="corrections.xml">'), "utf-8")
    assert codes(tmp_path) == ["site.dead-link"]
    (tmp_path / "corrections.xml").write_text("<feed/>", "utf-8")
    assert codes(tmp_path) == []
