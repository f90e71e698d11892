"""The weekly question whether cited pages still answer: it finds every address, and reports without failing."""

import importlib.util
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest
from conftest import ROOT


@pytest.fixture(scope="module")
def links():
    spec = importlib.util.spec_from_file_location("outside_links", ROOT / ".ci" / "outside_links.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def host(tmp_path):
    """A host of one page, one that moved and one that refuses; all else is gone."""
    (tmp_path / "here.html").write_text("here", "utf-8")

    class Handler(SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

        def do_GET(self):
            if self.path == "/moved":
                self.send_response(301)
                self.send_header("Location", "/here.html")
                self.end_headers()
            elif self.path == "/refused":
                self.send_error(403)
            else:
                super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


def test_each_answer_is_told_apart_and_the_worst_stands_first(links, host):
    dead = "http://127.0.0.1:9/"
    found = {f"{host}/here.html": ["a"], f"{host}/moved": ["b"], f"{host}/refused": ["c"], f"{host}/nothing": ["d", "d"], dead: ["e"]}
    states = links.check(found)
    assert states == {f"{host}/here.html": "ok", f"{host}/moved": f"moved to {host}/here.html", f"{host}/refused": "refused 403",
                      f"{host}/nothing": "gone 404", dead: "no answer: ConnectError"}
    rows = [line.split(" | ")[1] for line in links.report(found, states).splitlines()[4:]]
    assert rows == ["gone 404", "no answer: ConnectError", "refused 403", f"moved to {host}/here.html"]


def test_every_source_with_an_address_is_asked_for(links):
    found = links.addresses(ROOT)
    sources = {name for places in found.values() for name in places}
    assert "qiangdayun-40210-4plus1" in sources and "data/datapackage.json" in sources
    assert all(url.startswith("http") for url in found)
