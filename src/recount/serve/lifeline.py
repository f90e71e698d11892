"""A program that ends with who started it: it runs for as long as this process's standard input is open."""

from __future__ import annotations

import os
import subprocess
import sys
import threading


def main() -> None:
    """Run the command that the arguments are. When the input closes it is asked to end, and after a while made to."""
    program = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)

    def follow() -> None:
        while os.read(0, 4096):
            pass
        program.terminate()
        try:
            program.wait(5)
        except subprocess.TimeoutExpired:
            program.kill()

    threading.Thread(target=follow, daemon=True).start()
    sys.exit(program.wait())
