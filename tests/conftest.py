"""What tests share: the repository, one built site, copies of the book to break, and a real browser."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from xdist.scheduler import LoadScopeScheduling

from recount import browser
from recount.fonts import Fonts
from recount.project import Project
from recount.site.figures import Drawer

ROOT = Path(__file__).resolve().parents[1]
COPIED = ("_config.yml", "_toc.yml", "requirements.lock", "LICENSE-DATA", "data", "notebooks", "book")


# Files whose tests one worker runs, in this order before all others: two builds of the book, minutes long by themselves,
# and what starts and kills kernels, whose fixtures would otherwise be made by both workers.
TOGETHER = {"test_two_builds": "builds"} | dict.fromkeys(
    ("test_runner", "test_sealed", "test_template", "test_engine", "test_staleness", "test_sweep", "test_grid_runs", "test_grid_cluster",
     "test_grid_s3", "test_grid_sites"), "kernels")  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stands together first; then what needs no built book, since one worker builds it and the other would wait."""
    groups = list(dict.fromkeys(TOGETHER.values()))
    items.sort(key=lambda item: (groups.index(TOGETHER[item.path.stem]) if item.path.stem in TOGETHER else len(groups),
                                 "built" in item.fixturenames))


class Together(LoadScopeScheduling):
    """Shares out tests one by one, but for those of ``TOGETHER``.

    xdist's own groups (its mark ``xdist_group``) have no effect under pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        return TOGETHER.get(Path(nodeid.partition("::")[0]).stem, nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Together:
    config.option.loadscopereorder = False  # they are in order
    return Together(config, log)


def recount(*words: str, cwd: Path, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command as a user would, in a book's folder."""
    return subprocess.run([sys.executable, "-m", "recount.cli", *words], cwd=cwd, capture_output=True, text=True,
                          encoding="utf-8", env={**os.environ, **(env or {})}, timeout=900)


@pytest.fixture(scope="session", autouse=True)
def stand_in_for_cards() -> Iterator[None]:
    """Cards of a synthetic book are not drawn: its font is a name without a file (``synthetic-font``)."""
    from recount.site import cards

    draw, picture = cards.draw, cards.picture

    def synthetic(fonts) -> bool:
        return fonts.regular.parent.name == "synthetic-font"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cards, "draw", lambda card, *, fonts: "" if synthetic(fonts) else draw(card, fonts=fonts))
        patch.setattr(cards, "picture", lambda svg, *, fonts, cache: b"png" if synthetic(fonts)
                      else picture(svg, fonts=fonts, cache=cache))
        yield


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Project:
    """The book of this repository, built once for all tests and workers."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    with FileLock(shared / "built.lock"):
        log = shared / "built.log"
        if not log.exists():
            done = recount("build", cwd=ROOT)
            log.write_text(f"{done.returncode}\n{done.stdout}{done.stderr}", "utf-8")
        code, _, text = log.read_text("utf-8").partition("\n")
    if code != "0":
        pytest.fail(f"the book does not build:\n{text}")
    return Project(ROOT)


@pytest.fixture(scope="session")
def ledgers(built: Project) -> dict[str, dict]:
    """The ledgers of the built book, by edition."""
    return {name: json.loads((built.ledgers / f"{name}.json").read_text("utf-8")) for name in ("print", "since")}


@pytest.fixture
def copy(built: Project, tmp_path: Path) -> Callable[[], Path]:
    """Make a copy of the book to break. It brings its recorded runs and what was found of them, so that only what is stale is done again."""
    def make(name: str = "copy", *, runs: bool = True) -> Path:
        folder = tmp_path / name
        folder.mkdir()
        for each in COPIED:
            source = ROOT / each
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / each)
        for each in ("runs", "fonts", "svg", "sweep", "validated.json") if runs else ():
            source = built.build / each
            (shutil.copytree if source.is_dir() else shutil.copy2)(source, folder / "_build" / each)
        return folder

    return make


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[[Path], object]]:
    """Starts a headless Chromium that draws with the fonts of a folder. Playwright itself can run but once in a process."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        yield lambda fonts: playwright.chromium.launch(**browser.launch_options(browser.find(), fonts=fonts))


@pytest.fixture(scope="session")
def chromium(built: Project, launch: Callable[[Path], object]) -> Iterator[object]:
    """A headless Chromium that draws Chinese with the book's own font."""
    with launch(next(path for path in built.fonts.iterdir() if path.is_dir())) as opened:
        yield opened


def stand_in_drawer(tmp_path_factory: pytest.TempPathFactory, glyphs: frozenset[int]) -> Drawer:
    """DejaVu in the place of the book's font, for tests of figures and their files and not of the face."""
    import matplotlib

    folder = tmp_path_factory.mktemp("fonts") / "synthetic"
    folder.mkdir()
    sans = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf"
    face = Path(shutil.copy(sans, folder / "regular.ttf"))
    return Drawer(Fonts(face, face, glyphs), tmp_path_factory.mktemp("svg"))
