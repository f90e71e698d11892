"""The policy of a page, and the script of Sphinx that would break it."""

import pytest

from recount.site.policy import EVALUATED, mend_doctools, with_policy

PAGE = '<!DOCTYPE html>\n<html><head>\n<meta charset="utf-8" />{}</head><body></body></html>'


def test_the_policy_stands_first_after_the_character_set_and_names_each_inline_script():
    made = with_policy(PAGE.format("<script>let a = 1;</script><script src='a.js'></script>"))
    assert made.index("charset") < made.index("Content-Security-Policy") < made.index("<script>")
    assert made.count("'sha256-") == 1 and "unsafe-eval" not in made and "http:" not in made and "https:" not in made
    for strict in ("default-src 'none'", "object-src 'none'", "frame-src 'none'", "base-uri 'none'", "form-action 'self'"):
        assert strict in made


def test_a_page_that_opens_its_head_with_something_else_is_an_error():
    with pytest.raises(ValueError, match="charset"):
        with_policy("<html><head><title>x</title></head></html>")


def test_sphinxs_script_evaluates_no_text_and_another_version_of_it_is_an_error(tmp_path):
    script = tmp_path / "doctools.js"
    script.write_text(f"{{\n{EVALUATED}}}\n", "utf-8")
    mend_doctools(script)
    assert "new Function" not in script.read_text("utf-8") and "PLURAL_EXPR" in script.read_text("utf-8")
    with pytest.raises(RuntimeError, match=r"doctools\.js"):
        mend_doctools(script)
