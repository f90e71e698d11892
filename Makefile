# Two commands: `make book` and `make test`. Each does its own set-up in .venv and nowhere else.

PYTHON ?= python3
BIN := .venv/bin

.PHONY: book test check serve clean browser

book: .venv/.book
	@$(BIN)/recount build

check: .venv/.book
	@$(BIN)/recount check

serve: .venv/.book
	@$(BIN)/recount serve

test: .venv/.test
	@$(BIN)/python -m recount.browser --install
	@$(BIN)/python tests/checkers.py --install
	@mkdir -p _build/reports
	@$(BIN)/python -m pytest -n 2 --dist loadscope --junitxml=_build/reports/junit.xml $(PYTEST_ARGS)

# The check names the Debian package that brings what is missing.
.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "[setup.no-python] $(PYTHON) not found; Python 3.11 or newer is needed (Debian: apt-get install python3)"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "[setup.old-python] $$($(PYTHON) -V) found, 3.11 or newer is needed; name another one: make PYTHON=python3.12 book"; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "[setup.no-venv] $(PYTHON) has no venv module (Debian: apt-get install python3-venv)"; exit 2; }
	@$(PYTHON) -m venv .venv

# --no-deps with hashes: exactly the lock. The project itself is linked in, built by the locked setuptools.
.venv/.book: .venv/bin/python requirements.lock pyproject.toml
	@echo "installing the locked packages (once, a minute or two)"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/.test: .venv/.book requirements-test.lock requirements-scale.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-test.lock -r requirements-scale.lock
	@touch $@

clean:
	rm -rf _build
