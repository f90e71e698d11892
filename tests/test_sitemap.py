"""The sitemap: every page of every book with its twins, as old as what its edition knows."""

from xml.etree import ElementTree

from recount.site.address import Address
from recount.site.sitemap import robots, sitemap

HERE = Address("https://example.org/b/")
PATHS = ["index.html", "zh/since/index.html", "en/since/index.html", "zh/print/index.html", "en/print/index.html",
         "zh/since/search.html", "zh/since/embed/projects.bars.html", "zh/since/_static/x.html"]
S = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_pages_are_listed_with_day_and_twins_and_nothing_that_is_no_page():
    root = ElementTree.fromstring(sitemap(PATHS, address=HERE, days={"since": "2026-11-22", "print": "2022-02-24"}, front="since"))
    listed = {url.findtext(f"{S}loc"): url for url in root}
    assert set(listed) == {HERE.base, *(HERE.base + path for path in PATHS[1:5])}
    assert listed[HERE.base].findtext(f"{S}lastmod") == "2026-11-22"
    print_zh = listed[f"{HERE.base}zh/print/index.html"]
    assert print_zh.findtext(f"{S}lastmod") == "2022-02-24"
    twins = {link.get("hreflang"): link.get("href") for link in print_zh.iter("{http://www.w3.org/1999/xhtml}link")}
    assert twins == {"zh-CN": f"{HERE.base}zh/print/index.html", "en": f"{HERE.base}en/print/index.html",
                     "x-default": f"{HERE.base}en/print/index.html"}


def test_robots_are_told_where_the_sitemap_is():
    assert "Sitemap: https://example.org/b/sitemap.xml" in robots(HERE).splitlines()
