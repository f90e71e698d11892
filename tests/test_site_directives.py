"""The pages beside the chapters, rendered by Jupyter Book from a synthetic book: what their directives print."""

import csv
import html
import json
import re
from datetime import date

import pytest
import synthetic_site as synthetic
from synthetic_data import REPO, make_data

import recount.site.assemble as assemble_module
from recount.corrections import COLUMNS
from recount.editions import Edition
from recount.fonts import Fonts
from recount.site.build import build_site
from recount.site.page_labels import PAGE_LABELS
from recount.site.queue import one_origin, resting

PRINT = Edition(name="print", as_of=date(2022, 2, 24), title_zh="见报当日", title_en="On the day of print")
SINCE = Edition(name="since", as_of=date(2030, 1, 1), title_zh="此后所知", title_en="What is known since")
ADDRESS = "mailto:desk@example.org"
PAGES = ("index", "method", "data", "sources", "receipts", "rows", "queue", "corrections", "reproduce", "about")
BASE = "https://example.org/book/"
ENTRIES = [
    ["synthetic-old", "reply", "2030-01-02", "2030-01-05", "hands.buses 06_projects", "合成厂", "Synthetic plant", "合成的答复",
     "a synthetic reply", "照录", "entered"],
    ["synthetic-new", "correction", "", "2030-02-05", "projects.total ceremonies/synthetic-1 sources/synthetic-source", "", "",
     "合成的数错了", "a synthetic number was wrong", "改了", "mended"],
]


def ledger(edition):
    """The synthetic ledger, with a claim that is open and one that hangs on the word of one origin."""
    made = synthetic.ledger()
    made["edition"] |= {"name": edition.name, "as_of": edition.as_of.isoformat()}
    made["values"]["projects.total"]["rests_on"] = {"rows": ["ceremonies/synthetic-1"], "claims": [], "assumed": False}
    origin = {"name": "合成统计局", "name_en": "Synthetic bureau", "kind": "official", "independent": "yes"}
    made["claims"]["projects.total"] |= {"decided_by": ["projects.total"], "voices": [origin]}
    made["claims"]["projects.record"] = synthetic.claim(
        "projects.record", verdict="open", line=9, decided_by=[], voices=[], by=[], label={"zh": "合成新高", "en": "synthetic record"})
    made["sources"]["synthetic-source"] |= {"kind": "repost", "origin": "unknown", "origin_kind": "unknown"}
    return made


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    root = tmp_path_factory.mktemp("directives")
    with pytest.MonkeyPatch.context() as patch:
        face = root / "synthetic-font" / "regular.ttf"
        every = Fonts(face, face, frozenset(range(0x20, 0x10000)))
        patch.setattr(assemble_module, "prepare", lambda project: every)
        synthetic.undrawn(patch)
        made = synthetic.project(root / "synthetic")
        make_data(made.data)
        for lang, title in (("zh", "合成的书"), ("en", "A synthetic book")):
            for name, parts in (("index", ("score", "chapters", "editions")), ("method", ("kinds", "rules", "rounding"))):
                body = "\n\n".join(f"```{{{part}}}\n```" for part in parts)
                (made.book / lang / f"{name}.md").write_text(f"# {title}: {name}\n\n{body}\n", "utf-8")
        yield made


def build(project, *editions):
    executed = {(each.name, lang): synthetic.executed(lang) for each in editions for lang in ("zh", "en")}
    return build_site(project, editions, {each.name: ledger(each) for each in editions}, executed).index.parent


@pytest.fixture(scope="module")
def bare(project):
    """One edition; an empty log and no address, as the book is delivered. The pages, since a later build takes their place."""
    with (project.book / "corrections.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(COLUMNS)
    site = build(project, PRINT)
    return {path.relative_to(site).as_posix(): path.read_text("utf-8") for path in site.rglob("*.html")}


@pytest.fixture(scope="module")
def site(project, bare):
    """Both editions, a log with two entries, and an address."""
    with (project.book / "corrections.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([COLUMNS, *ENTRIES])
    config = project.root / "_config.yml"
    given = config.read_text("utf-8").replace("  contact:", f"  contact: {ADDRESS}", 1)
    given = given.replace("  address:", f"  address: {BASE} #", 1).replace("claim_review: false", "claim_review: true", 1)
    config.write_text(given, "utf-8")
    return build(project, PRINT, SINCE)


def page(site, name):
    return (site / name).read_text("utf-8")


def plain(text):
    """The article of a page in words."""
    article = text[text.index("<article"):text.index("</article>")]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", article)))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_empty_log_says_so_and_a_copy_without_an_address_says_so_on_every_page(bare, lang):
    own = PAGE_LABELS[lang]
    assert own["no_corrections"] in plain(bare[f"{lang}/print/corrections.html"])
    for name in PAGES:
        text = bare[f"{lang}/print/{name}.html"]
        footer = text[text.index('<p class="recount-footer"><a'):]
        assert 'href="corrections.html"' in footer[:200] and own["no_contact"] in footer, name
    assert not [name for name, text in bare.items() if "mailto:" in text]


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_address_that_is_set_stands_on_every_page_and_nothing_says_there_is_none(site, lang):
    for name in (*PAGES, "06_projects", "09_ledger", "search"):
        text = page(site, f"{lang}/print/{name}.html")
        assert f'<a href="{ADDRESS}">desk@example.org</a>' in text[text.index('<p class="recount-footer"><a'):], name
        assert PAGE_LABELS[lang]["no_contact"] not in text, name
    # Without spaces: docutils puts tags between the parts of an address, against those who collect them.
    shown = plain(page(site, f"{lang}/print/corrections.html")).replace(" ", "")
    assert f"{PAGE_LABELS[lang]['write_to']}desk@example.org".replace(" ", "") in shown


@pytest.mark.slow
def test_the_log_stands_newest_first_with_an_anchor_and_leads_to_what_it_concerns(site):
    text = page(site, "en/since/corrections.html")
    assert text.index('id="e-synthetic-new"') < text.index('id="e-synthetic-old"')
    assert "5 February 2030, correction" in plain(text) and "found by ourselves" in plain(text)
    for target in ("09_ledger.html#c-hands.buses", "06_projects.html", "09_ledger.html#c-projects.total",
                   "rows.html#r-ceremonies-synthetic-1", "sources.html#s-synthetic-source"):
        assert f'href="{target}"' in text, target
    assert "合成的数错了" in plain(page(site, "zh/since/corrections.html"))


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_data_page_has_every_table_and_column_and_its_files_are_the_same_bytes(project, site, lang):
    text = page(site, f"{lang}/print/data.html")
    tables = json.loads((project.data / "datapackage.json").read_text("utf-8"))["resources"]
    for table in tables:
        assert f'id="t-{table["name"]}"' in text and f'href="../../data/{table["path"]}"' in text
        for field in table["schema"]["fields"]:
            assert f'id="f-{table["name"]}.{field["name"]}"' in text, (table["name"], field["name"])
    shown = plain(text)
    for word in {"zh": ["县（市、区）", "元/吨", "说法编号"], "en": ["topped out", "yuan per tonne", "required"]}[lang]:
        assert word in shown, word
    for path in project.data.iterdir():
        assert (site / "data" / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.slow
def test_the_front_page_gives_the_score_the_chapters_findings_and_every_edition(site):
    text = page(site, "en/print/index.html")
    assert 'aria-label="confirmed 1, plausible 0, doubtful 0, contradicted 0, open 1, unexamined 1"' in text
    shown = plain(text)
    assert "Synthetic projects: 43.21 billion yuan" in shown and "On the day of print (you are here)" in shown
    for lang in ("zh", "en"):
        for name in ("print", "since"):
            assert f'href="../../{lang}/{name}/index.html"' in text
    assert shown.count("confirmed") >= 2, "a colour never stands alone"


@pytest.mark.slow
@pytest.mark.parametrize(("lang", "needed", "kinds"), [("zh", "合成的记录", "官方、媒体"), ("en", "a synthetic record", "official, press")])
def test_the_queue_says_what_would_settle_an_open_claim_and_what_hangs_on_one_page(site, lang, needed, kinds):
    text = page(site, f"{lang}/print/queue.html")
    shown = plain(text)
    assert 'id="q-projects.record"' in text and needed in shown and kinds in shown
    assert shown.count({"zh": "合成统计局", "en": "Synthetic bureau"}[lang]) == 1
    reposts = text[text.index("original" if lang == "en" else "原出处"):]
    assert 'href="sources.html#s-synthetic-source"' in reposts


@pytest.mark.slow
def test_method_and_sources_print_what_the_code_says(site):
    method, sources = plain(page(site, "zh/print/method.html")), plain(page(site, "zh/print/sources.html"))
    for word in ("报道自身", "媒体", "否，要两个", "比值", "约"):
        assert word in method, word
    assert "数据包里有8个来源" in sources and "出处类型" in sources


def test_what_rests_on_a_source_follows_from_the_values_that_decided():
    made = ledger(PRINT)
    assert resting(made) == {"synthetic-source": ["projects.total"]}
    assert [name for name, _ in one_origin(made)] == ["projects.total"]
    made["claims"]["projects.total"]["voices"].append({"name": "合成晨报", "kind": "press", "independent": "yes"})
    assert one_origin(made) == []


def test_every_directive_of_the_extension_stands_on_some_page_of_both_languages():
    from recount.passages import directives, passages
    from recount.project import Project
    from recount.site.extension import DIRECTIVES

    for lang in ("zh", "en"):
        used = {name.split()[0] for each in passages(Project(REPO)) if each.lang == lang for name in directives(each.markdown)}
        assert set(DIRECTIVES) <= used


def things(text):
    """The structured data of a page, each thing by itself."""
    (data,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', text)
    said = json.loads(data)
    assert said["@context"] == "https://schema.org"
    return said.get("@graph", [said])


@pytest.mark.slow
def test_a_copy_without_an_address_names_none_to_machines_and_one_with_an_address_names_it_on_every_page(bare, site):
    for name, text in bare.items():
        head = text[: text.index("<body")]
        assert "canonical" not in head and "og:url" not in head, name
        assert set(re.findall("https?://([^/\"]+)", head)) <= {"schema.org", "creativecommons.org"}, name
        if "/embed/" in name:
            continue
        assert head.count('type="application/atom+xml"') == (2 if name == "index.html" else 1), name
        assert things(text), name
    for path in site.rglob("*.html"):
        name = path.relative_to(site).as_posix()
        if "_static" in name or "/embed/" in name:
            continue
        head = path.read_text("utf-8")
        assert f'<link rel="canonical" href="{BASE}{"" if name == "index.html" else name}">' in head, name
        for twin in re.findall(r'hreflang="(?:zh-CN|en|x-default)" href="https://example.org/book/([^"]*)"', head):
            assert (site / (twin or "index.html")).is_file(), (name, twin)
        (card,) = re.findall(r'<meta property="og:image" content="https://example.org/book/([^"]+)">', head)
        assert (site / card).is_file(), (name, card)
    assert f"Sitemap: {BASE}sitemap.xml" in page(site, "robots.txt")
    listed = re.findall(r"<loc>https://example.org/book/([^<]*)</loc>", page(site, "sitemap.xml"))
    assert {"", "zh/print/06_projects.html", "en/since/data.html"} <= set(listed) and "zh/since/search.html" not in listed
    assert all((site / (each or "index.html")).is_file() for each in listed)


@pytest.mark.slow
def test_a_chart_for_other_peoples_pages_is_not_offered_to_search_engines(bare, site):
    for text in (bare["en/print/embed/projects.bars.html"], page(site, "zh/since/embed/projects.bars.html")):
        assert '<meta name="robots" content="noindex">' in text and "ld+json" not in text
    assert "/embed/" not in page(site, "sitemap.xml")


@pytest.mark.slow
def test_a_chapter_says_what_it_is_based_on_and_cites_the_feature_without_its_text(site):
    (article,) = things(page(site, "en/print/06_projects.html"))
    assert article["@type"] == "NewsArticle" and article["headline"] == "Synthetic projects: 43.21 billion yuan"
    assert article["datePublished"] == article["dateModified"] == "2022-02-24" and article["inLanguage"] == "en"
    assert "publisher" not in article, "nobody has said who publishes this copy"
    assert [each["url"] for each in article["isBasedOn"]] == [f"{BASE}en/print/data.html#t-ceremonies"]
    assert set(article["citation"]) <= {"@type", "headline", "inLanguage", "datePublished", "publisher"}
    assert article["citation"]["publisher"]["name"] == "合成本报 in English"


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_data_page_describes_every_table_with_licence_file_and_columns(bare, lang):
    _, catalog = things(bare[f"{lang}/print/data.html"])
    assert len(catalog["dataset"]) == bare[f"{lang}/print/data.html"].count('<section id="t-')
    for each in catalog["dataset"]:
        assert 50 <= len(each["description"]) <= 5000 or lang == "zh", each["description"]
        assert each["distribution"]["contentUrl"].startswith("../../data/") and each["variableMeasured"], each["name"]
        assert f'id="{each["url"].partition("#")[2]}"' in bare[f"{lang}/print/data.html"]


@pytest.mark.slow
def test_claims_are_reviewed_only_where_that_is_turned_on_and_only_those_with_a_verdict_for_or_against(bare, site):
    assert not [each for name, text in bare.items() if "/embed/" not in name for each in things(text) if each["@type"] == "ClaimReview"], "off by default"
    _, *reviews = things(page(site, "zh/print/09_ledger.html"))
    (review,) = reviews
    assert review["url"] == f"{BASE}zh/print/09_ledger.html#c-projects.total", "open and unexamined claims are not rated"
    assert review["itemReviewed"]["author"]["name"] == "合成本报"
    assert review["reviewRating"] == {"@type": "Rating", "ratingValue": 5, "bestRating": 5, "worstRating": 1, "alternateName": "属实"}
    assert "ClaimReview" not in page(site, "zh/print/06_projects.html")


@pytest.mark.slow
def test_links_to_reposts_carry_no_recommendation(site):
    assert re.search(r'<a rel="nofollow noopener" [^>]*href="https://example.org/synthetic"', page(site, "zh/print/sources.html"))
    assert 'rel="nofollow' not in page(site, "zh/print/about.html")


@pytest.mark.slow
def test_the_feeds_hold_the_log_in_each_language_and_lead_to_its_entries(site):
    for lang in ("zh", "en"):
        feed = page(site, f"corrections-{lang}.xml")
        for target in re.findall(r'<link rel="alternate" href="https://example.org/book/([^"]+)"', feed):
            path, _, anchor = target.partition("#")
            assert not anchor or f'id="{anchor}"' in page(site, path), target
        assert feed.count("<entry>") == len(ENTRIES)
