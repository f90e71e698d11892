"""A sweep of the grid over the protocol of S3: s3fs on one side, moto's server on the other, on this machine."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import recount
from synthetic_grid import children_of, executions, grid_book, sweeping, table, told, wait_for

pytest.importorskip("s3fs", reason="the extra `s3` is not installed")
pytestmark = pytest.mark.slow
GRID = ("--as-of", "2022-02..2022-03", "--set", "base_low=80,85")  # four editions
SECRET = "synthetic-secret"


class Buckets:
    """What moto's server keeps, asked over the protocol; ``env`` is all that a process needs to reach it."""

    def __init__(self, address: str, nowhere: Path) -> None:
        import boto3

        self.env = {"AWS_ACCESS_KEY_ID": "synthetic", "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_DEFAULT_REGION": "us-east-1",
                    "AWS_CONFIG_FILE": str(nowhere), "AWS_SHARED_CREDENTIALS_FILE": str(nowhere), "AWS_EC2_METADATA_DISABLED": "true",
                    "FSSPEC_S3_ENDPOINT_URL": address, "NO_PROXY": "127.0.0.1"}  # fmt: skip
        self.client = boto3.client("s3", endpoint_url=address, aws_access_key_id="synthetic", aws_secret_access_key=SECRET,
                                   region_name="us-east-1")

    @property
    def names(self) -> list[str]:
        return [each["Name"] for each in self.client.list_buckets()["Buckets"]]

    def make(self, bucket: str) -> str:
        """A bucket that keeps every version of an object, so that what is put twice is seen; its URL."""
        self.client.create_bucket(Bucket=bucket)
        self.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        return f"s3://{bucket}"

    def puts(self, bucket: str, folder: str) -> Counter[str]:
        """How often each object below a folder was put."""
        listed = self.client.list_object_versions(Bucket=bucket, Prefix=f"{folder}/")
        return Counter(each["Key"] for each in listed.get("Versions", []))

    def read(self, bucket: str, name: str) -> bytes:
        return self.client.get_object(Bucket=bucket, Key=name)["Body"].read()

    def table(self, bucket: str, name: str, folder: Path, query: str) -> list[tuple[Any, ...]]:
        """What a query answers of a table of results."""
        (folder / "table.parquet").write_bytes(self.read(bucket, name))
        return table(folder, query)


@pytest.fixture(scope="module")
def buckets(tmp_path_factory) -> Iterator[Buckets]:
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    try:
        yield Buckets("http://{}:{}".format(*server.get_host_and_port()), tmp_path_factory.mktemp("home") / "none")
    finally:
        server.stop()


def test_a_killed_sweep_from_bucket_to_bucket_goes_on_where_it_was_and_then_runs_nothing_again(tmp_path, buckets):
    book, log = grid_book(tmp_path / "county", tmp_path / "log", seconds=0.5).root, tmp_path / "log"
    books, out = buckets.make("books"), buckets.make("results")
    for path in book.rglob("*"):
        if path.is_file():
            buckets.client.upload_file(str(path), "books", f"county/{path.relative_to(book).as_posix()}")
    words = (*GRID, "--book", f"{books}/county", "--out", f"{out}/all/of/it", "--workers", "2", "--json")

    def finished() -> Counter[str]:
        return buckets.puts("results", "all/of/it/editions")

    sweep = sweeping(*words, cwd=tmp_path, env=buckets.env)
    wait_for(lambda: executions(log) and finished())  # moto takes a while for each answer: not asked before it can know
    below = children_of(sweep.pid, "")
    sweep.kill()  # -9, in the midst of editions
    sweep.wait()
    wait_for(lambda: not [pid for pid in below if Path(f"/proc/{pid}").exists()], seconds=30)
    time.sleep(0.5)  # what they had sent arrives
    before, begun = finished(), sum(executions(log).values())
    assert 1 <= len(before) < 4

    made = told(sweeping(*words, cwd=tmp_path, env=buckets.env))
    assert (made["there"], made["made"], made["failed"], made["table"]) == (len(before), 4 - len(before), [], f"{out}/all/of/it/table.parquet")
    put, ran = finished(), executions(log)
    assert before.items() <= put.items() and len(put) == 4 == sum(put.values())
    # What was begun and not finished ran again, and nothing else: two workers, one edition each.
    assert len(ran) == 4 and sum(ran.values()) == begun + 4 - len(before) <= 6
    totals = buckets.table("results", "all/of/it/table.parquet", tmp_path, "SELECT as_of::VARCHAR, lang, base_low, number, unit FROM t "
                           "WHERE kind = 'value' AND id = 'projects.total' ORDER BY ALL")
    assert totals == [(day, "zh", base, 100, "CNY_100M") for day in ("2022-02-28", "2022-03-31") for base in (80, 85)]

    again = told(sweeping(*words, cwd=tmp_path, env=buckets.env))
    assert (again["there"], again["made"], again["rows"]) == (4, 0, made["rows"])
    assert executions(log) == ran and finished() == put
    # Who is let in, and where the store is, stands in the environment and in nothing that is stored.
    stored = [buckets.read("results", name) for name in buckets.puts("results", "all")]
    assert len(stored) >= 7 and not [each for each in stored if SECRET.encode() in each]


def test_a_bucket_that_is_not_there_is_a_finding_and_is_not_made(tmp_path, buckets):
    book, log = grid_book(tmp_path / "county", tmp_path / "log").root, tmp_path / "log"
    before = buckets.names
    done = recount("sweep", *GRID, "--out", "s3://mistyped/out", "--json", cwd=book, env=buckets.env)
    (finding,) = json.loads(done.stdout)["findings"]
    assert done.returncode == 2 and finding["code"] == "sweep.store" and "s3://mistyped/out" in finding["where"]
    assert "bucket" in finding["found"] and finding["done"] == "nothing was run"
    assert buckets.names == before and not executions(log)
