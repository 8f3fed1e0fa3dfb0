# `make run` and `make test` are all that a newcomer needs: git, make, Python 3.11 or newer, a package index.
PROCESSES ?= 2
BIN := .venv/bin
PYTHONS := python3.13 python3.12 python3.11 python3

.PHONY: setup run test check bench soak lock

# Makes .venv from the lock file, and again only when the lock has changed.
setup:
	@if $(BIN)/python -c '' 2>/dev/null && cmp -s requirements-dev.txt .venv/requirements-dev.txt; then exit 0; fi; \
	for candidate in $(PYTHON) $(PYTHONS); do \
	  if $$candidate -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then echo 'Python 3.11 or newer with its venv module is needed; none of these is: $(PYTHONS).' >&2; exit 1; fi; \
	$(BIN)/python -c '' 2>/dev/null || $$python -m venv --clear .venv || exit 1; \
	echo 'Installing what requirements-dev.txt locks …'; \
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements-dev.txt || exit 1; \
	cp requirements-dev.txt .venv/requirements-dev.txt

# Everything on this machine: PORT=8123 chooses another port, ARGS=--no-demo leaves an empty database empty.
run: setup
	@$(BIN)/python manage.py up $(ARGS)

# Real servers, a real worker, a real browser. What measures how fast something is runs alone.
test: setup
	$(BIN)/pytest -q -n $(PROCESSES) --dist worksteal -m 'not alone'
	$(BIN)/pytest -q -m alone

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py messages --check

# Prints a table and writes var/bench.json; ARGS='roster --rounds 1' measures one part, once.
bench: setup
	$(BIN)/python -m tests.benchmarks $(ARGS)

# Reads 5,000 damaged rosters; prints a table and writes var/soak-rosters.json.
soak: setup
	$(BIN)/python -m tests.soak.mutated_files $(ARGS)

lock: setup
	$(BIN)/python -m venv var/lock && var/lock/bin/pip install --quiet uv
	var/lock/bin/uv pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --quiet -o requirements.txt
	var/lock/bin/uv pip compile pyproject.toml --all-extras --universal --generate-hashes --no-emit-index-url --no-emit-find-links --python-version 3.11 --quiet -o requirements-dev.txt
