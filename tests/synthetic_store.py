"""A synthetic object store: an HTTP server of whole objects, and the driver by which fsspec reaches it.

As S3 does it: no folders, no renaming, an object is put whole or not at all. Any process whose PYTHONPATH has the
folder of ``driver`` knows the scheme ``synthetic://HOST:PORT/...``, as an installed driver would be known.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

DRIVER = '''
"""Synthetic: fsspec's driver of the tests' object store."""
import http.client, json
from urllib.parse import quote
from fsspec.spec import AbstractFileSystem

class SyntheticStore(AbstractFileSystem):
    protocol = "synthetic"
    cachable = False

    def _ask(self, method, path, body=None, query=""):
        host, _, name = self._strip_protocol(path).partition("/")
        connection = http.client.HTTPConnection(host, timeout=30)
        try:
            connection.request(method, "/" + quote(name) + query, body=body)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        if answer.status == 404:
            raise FileNotFoundError(path)
        if answer.status >= 300:
            raise OSError(f"{answer.status} {path}")
        return content

    def cat_file(self, path, start=None, end=None, **kwargs):
        return self._ask("GET", path)[start:end]

    def pipe_file(self, path, value, mode="overwrite", **kwargs):
        self._ask("PUT", path, bytes(value))

    def put_file(self, lpath, rpath, **kwargs):
        with open(lpath, "rb") as file:
            self.pipe_file(rpath, file.read())

    def rm_file(self, path):
        self._ask("DELETE", path)

    def makedirs(self, path, exist_ok=False):
        raise NotImplementedError("an object store has no folders")

    def ls(self, path, detail=True, **kwargs):
        path = self._strip_protocol(path).rstrip("/")
        host, _, name = path.partition("/")
        keys = json.loads(self._ask("GET", host + "/", query="?list"))
        below = {}
        for key, size in keys.items():
            if key.startswith(name + "/") or not name:
                first, more, _ = key[len(name):].lstrip("/").partition("/")
                below[first] = {"name": f"{path}/{first}", "size": size, "type": "directory" if more else "file"}
        if not below:
            raise FileNotFoundError(path)
        found = [below[first] for first in sorted(below)]
        return found if detail else [each["name"] for each in found]
'''


class Store:
    """The objects, by name, and how often each was put."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.puts: list[str] = []
        self.url = ""
        self.lock = threading.Lock()


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Store]:
    """A store that answers on a host of this machine for as long as the block."""
    store = Store()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/?list":
                with store.lock:
                    self.say(json.dumps({name: len(body) for name, body in store.objects.items()}).encode())
            else:
                self.say(store.objects.get(self.path[1:]))

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with store.lock:
                store.objects[self.path[1:]] = body
                store.puts.append(self.path[1:])
            self.say(b"")

        def do_DELETE(self) -> None:
            with store.lock:
                self.say(b"" if store.objects.pop(self.path[1:], None) is not None else None)

        def say(self, body: bytes | None) -> None:
            self.send_response(404 if body is None else 200)
            self.send_header("Content-Length", str(len(body or b"")))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer((host, 0), Handler)
    store.url = f"synthetic://{host}:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()


def driver(folder: Path) -> Path:
    """Write the driver as a package that is installed in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "synthetic_driver.py").write_text(DRIVER)
    info = folder / "synthetic_driver-0.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: synthetic-driver\nVersion: 0\n")
    (info / "entry_points.txt").write_text("[fsspec.specs]\nsynthetic = synthetic_driver:SyntheticStore\n")
    return folder
