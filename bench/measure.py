"""What the benchmarks share: CPU time of a whole tree of processes, rounds that take turns, one table, one JSON file.

The machine is never quiet. So variants take turns (A B C, A B C, ...), the figure is the median, and the ratio is
the median of the ratios within each round. CPU time, user and system, is of this process and all that it
started, also of what they started and have ended since.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KEPT = ROOT / "_build" / "bench"
PACKAGES = ("papermill", "nbclient", "ipykernel", "jupyter_client", "ipython", "pandas", "numpy", "matplotlib", "altair", "jupyter-book")
TICKS = os.sysconf("SC_CLK_TCK")


def cpu_of_tree() -> float:
    """Seconds of CPU that this process and all below it have used so far. Linux."""
    parents: dict[int, list[int]] = {}
    used: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                fields = Path("/proc", name, "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(name))
            used[int(name)] = sum(map(int, fields[11:15]))  # its own, and that of children it has waited for
    total, due = 0, [os.getpid()]
    while due:
        pid = due.pop()
        total += used.get(pid, 0)
        due += parents.get(pid, [])
    return total / TICKS


def rounds(variants: Mapping[str, Callable[[], object]], *, count: int, warm: bool = True) -> dict[str, list[tuple[float, float]]]:
    """Let the variants take turns; wall and CPU seconds of each turn. ``warm``: one turn first that does not count."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in variants}
    for number in range(-1 if warm else 0, count):
        for name, act in variants.items():
            cpu, wall = cpu_of_tree(), time.perf_counter()
            act()
            wall, cpu = time.perf_counter() - wall, cpu_of_tree() - cpu
            if number >= 0:
                found[name].append((wall, cpu))
            print(f"  {'warm-up' if number < 0 else f'round {number + 1}'}  {name}: {wall:.2f} s, CPU {cpu:.2f} s", file=sys.stderr, flush=True)
    return found


def told(found: Mapping[str, list[tuple[float, float]]], *, name: str, against: str, floor: str = "", note: str = "") -> None:
    """Print one table, and write it down under ``_build/bench`` with the machine and the versions."""
    def ratio(variant: str, base: str, part: int) -> float:
        # The clock of CPU time has ticks of a hundredth of a second.
        return statistics.median(max(b[part], 0.01) / max(v[part], 0.01) for v, b in zip(found[variant], found[base], strict=True))

    rows = {variant: {
        "wall": round(statistics.median(wall for wall, _ in turns), 3), "cpu": round(statistics.median(cpu for _, cpu in turns), 3),
        "wall_times_faster": round(ratio(variant, against, 0), 2), "cpu_times_less": round(ratio(variant, against, 1), 2),
        **({"cpu_times_floor": round(1 / ratio(variant, floor, 1), 2)} if floor else {}), "turns": turns,
    } for variant, turns in found.items()}  # fmt: skip
    width = max(map(len, rows))
    print(f"\n{note}\n" if note else "")
    print(f"{'':{width}}  wall s   CPU s   x wall   x CPU{'   of floor' if floor else ''}   (x: against {against})")
    for variant, row in rows.items():
        print(f"{variant:{width}}  {row['wall']:6.2f}  {row['cpu']:6.2f}  {row['wall_times_faster']:7.2f} {row['cpu_times_less']:7.2f}"
              + (f"  {row['cpu_times_floor']:9.2f}" if floor else ""))
    write(name, {"note": note, "against": against, "rows": rows})


def write(name: str, results: Mapping[str, object]) -> None:
    """Keep results as JSON, with what they were measured on."""
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"{name}.json"
    path.write_text(json.dumps({"machine": machine(), **results}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"\n{machine()['words']}\n{path.relative_to(ROOT)}")


def machine() -> dict[str, object]:
    """What it was measured on, and when."""
    model = next((line.partition(":")[2].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "")
    versions = {name: metadata.version(name) for name in PACKAGES}
    load = os.getloadavg()[0]
    words = (f"{time.strftime('%Y-%m-%d')}, {len(os.sched_getaffinity(0))} cores, {model}, {platform.system()} {platform.release()}, "
             f"Python {platform.python_version()}, load {load:.1f}; " + ", ".join(f"{name} {version}" for name, version in versions.items()))
    return {"words": words, "versions": versions, "load": load}


def environment_with(folder: str, *packages: str) -> Path:
    """The bin folder of an environment of its own under ``_build/bench``: ours, and these packages beside it."""
    made = KEPT / folder
    if not (made / "done").is_file():
        subprocess.run([sys.executable, "-m", "venv", str(made)], check=True)
        (site,) = made.glob("lib/python*/site-packages")
        ours = next(path for path in sys.path if path.endswith("site-packages"))
        # By addsitedir and not by its name alone: this package is linked in by a file of that folder.
        (site / "recount-bench.pth").write_text(f"import site; site.addsitedir({ours!r})\n")
        subprocess.run([str(made / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
        (made / "done").touch()
    return made / "bin"
