"""The seal of a kernel: of the book it may open only what the record of its run names.

The trace sees what goes through Python. Landlock sees every opening of a file, in C libraries and in child
processes too, and refuses what it was not told to allow. So a sealed run that ends as the recorded one did has
read nothing behind the trace's back. It needs Linux 5.13, no special rights, and cannot be taken off again.

It allows by file, and by whole folder with all that lies below: a folder that may be listed has all the folders
below it listed too. That a file is there, and how large it is, can be asked without opening it; that is let pass.

Imported by a sealed kernel before its first cell: standard library only.
"""

from __future__ import annotations

import ctypes
import errno
import json
import os
import stat
import struct
import sys

from recount.trace import MACHINE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

EXECUTE, READ_FILE, READ_DIR, REFER = 1 << 0, 1 << 2, 1 << 3, 1 << 13
FILE = EXECUTE | READ_FILE
TREE = FILE | READ_DIR
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same numbers on every processor
VERSION, PATH_BENEATH, NO_NEW_PRIVS = 1, 1, 38
# What programs and C libraries of the machine use beside `MACHINE`, and Python never opens by name.
BESIDE = ("/lib64", "/lib32", "/bin", "/sbin", "/nix/store", "/var/cache/fontconfig")
# Of the book, what no record names: an environment inside it, which the lock answers for, and where fonts lie.
UNNAMED = (".venv", "_build/cache")
SEALED = "sealed"  # the file that says, beside the plan, that the seal holds


def why_not() -> str:
    """Why no kernel can be sealed on this machine; empty where it can be."""
    if not sys.platform.startswith("linux"):
        return f"{sys.platform}, where there is none"
    try:
        _call(CREATE_RULESET, None, 0, VERSION)
    except OSError as refused:
        reasons = {errno.ENOSYS: "a kernel without it", errno.EOPNOTSUPP: "a kernel in which it is switched off"}
        return reasons.get(refused.errno or 0, f"a kernel that refuses it: {refused.strerror}")
    return ""


def start(plan: str) -> None:
    """Seal this thread, and all threads and processes that it starts, by a plan that the runner wrote.

    Called once, by the startup file of the IPython profile, in the thread that runs the cells. IPython goes on
    after a startup file that fails, so the runner looks for the file that is written when the seal holds.
    """
    with open(plan, encoding="utf-8") as file:
        told = json.load(file)
    scratch = os.path.dirname(os.path.realpath(plan))
    # The cache of a module's code is not opened but made again, and is left as it was.
    sys.dont_write_bytecode = True
    restrict(allowed(told["root"], (os.getcwd(), scratch), told["files"], told["folders"]))
    try:
        os.close(os.open(told["refused"], os.O_RDONLY))
    except PermissionError:
        open(os.path.join(scratch, SEALED), "w").close()


def allowed(root: str, own: Iterable[str], files: Iterable[str], folders: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Each path that a sealed run of the book at ``root`` may open, and how; some may not be there.

    ``files`` and ``folders`` are the record's, relative to the book; ``own`` are the run's own folders.
    """
    root = os.path.realpath(root)
    engine = os.path.dirname(os.path.realpath(__file__))
    prefixes = [path for path in (sys.prefix, sys.base_prefix) if _within(os.path.realpath(path), root)]
    for tree in (*own, engine, *prefixes, *(os.path.join(root, name) for name in UNNAMED)):
        yield tree, TREE
    libraries = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    for tree in dict.fromkeys((*MACHINE, *BESIDE, *filter(None, (*sys.path, *libraries)))):
        for part in _without(os.path.realpath(tree), root):
            yield part, TREE
    for name in files:
        yield os.path.join(root, name), FILE
    # An import looks through the folder that this package lies in, which no record names (`trace`).
    for folder in (os.path.dirname(engine), *(os.path.join(root, name) for name in folders)):
        yield folder, READ_DIR


def restrict(rules: Iterable[tuple[str, int]]) -> None:
    """Let this thread, and what it starts, open nothing but these paths. Raises OSError where that cannot be done."""
    handled, moves = TREE, _call(CREATE_RULESET, None, 0, VERSION) >= 2
    if moves:  # else no file could be moved from one folder to another; none can be moved out of its seal in any case
        handled |= REFER
    ruleset = _call(CREATE_RULESET, struct.pack("=Q", handled), 8, 0)
    try:
        for path, access in (*rules, *([("/", REFER)] if moves else [])):
            _allow(ruleset, path, access)
        if ctypes.CDLL(None).prctl(NO_NEW_PRIVS, 1, 0, 0, 0):
            raise OSError("the right to gain rights cannot be given up")
        _call(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    try:
        held = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return
    try:
        folder = stat.S_ISDIR(os.fstat(held).st_mode)
        access &= TREE | REFER if folder else FILE
        if access and not (folder and access == FILE):  # asked for as a file, and a folder by now
            _call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", access, held), 0)
    finally:
        os.close(held)


def _within(path: str, folder: str) -> bool:
    return os.path.join(path, "").startswith(os.path.join(folder, ""))


def _without(tree: str, root: str) -> Iterator[str]:
    """A tree of the machine, or its parts that the book does not lie in; nothing for what lies in the book."""
    if _within(tree, root):
        return
    if not _within(root, tree):
        yield tree
        return
    for name in os.listdir(tree):
        path = os.path.join(tree, name)
        if not os.path.islink(path):
            yield from _without(path, root)


def _call(number: int, *arguments: object) -> int:
    """One system call that the C library has no function for. Raises OSError."""
    call = ctypes.CDLL(None, use_errno=True).syscall
    call.restype = ctypes.c_long
    # As wide as the processor's registers: a bare number would be passed as 32 bits.
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in (number, *arguments)]
    result = int(call(*wide))
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
