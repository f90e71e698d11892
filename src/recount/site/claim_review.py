"""`ClaimReview`: the verdicts as search engines read them. Off unless `recount: claim_review: true`.

It is for another party's claims only, which the feature's are; never for a number of our own. It is off because an
engine prints the rating without the strength and the caution that stand beside it on our pages, and most of the
evidence was read as a passage of a stored copy: the originals behind a verdict should have been read first.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from recount.site.address import CODES, Address
from recount.site.claims_file import address as claim_page
from recount.site.machine_labels import MACHINE_LABELS
from recount.site.structured import BookFacts
from recount.verdicts import WORDS

# From 1, against it, to 5, for it. What is open or unexamined has no rating: nothing found is no judgement.
RATINGS = {"contradicted": 1, "doubtful": 2, "plausible": 4, "confirmed": 5}
WORST, BEST = 1, 5
LIST = "09_ledger"  # the page that holds every claim at its permanent address


def claim_reviews(ledger: Mapping[str, Any], *, facts: BookFacts, address: Address, author: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A review for each claim whose verdict is a rating, for the page of the list.

    The claim's author is the paper, as ``sources.csv`` has the feature's origin; without the feature there is none
    to name, and no review.
    """
    source, lang = facts.feature, facts.lang
    if not source:
        return []
    paper = source.get("origin" if lang == "zh" else "origin_en") or source["origin"]
    found = []
    for name, claim in sorted(ledger["claims"].items()):
        if claim["verdict"] not in RATINGS:
            continue
        place = address.seen_from(facts.path(f"{LIST}.html"), facts.path(claim_page(name)))
        found.append({
            "@type": "ClaimReview",
            "@id": place,
            "url": place,
            "inLanguage": CODES[lang],
            "datePublished": facts.day,
            "author": dict(author),
            "claimReviewed": MACHINE_LABELS[lang]["reviewed"].format(
                paper=paper, label=claim["label"][lang], printed=claim["shown"][lang]["full"]),
            "reviewBody": claim["reason"][lang],
            "itemReviewed": {"@type": "Claim", "author": {"@type": "Organization", "name": paper},
                             "datePublished": source.get("published"),
                             "appearance": {"@type": "NewsArticle", "headline": source["title"], "inLanguage": CODES["zh"]}},
            "reviewRating": {"@type": "Rating", "ratingValue": RATINGS[claim["verdict"]], "bestRating": BEST,
                             "worstRating": WORST, "alternateName": WORDS[lang][claim["verdict"]]},
        })
    return found
