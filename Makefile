# hikaku in two words: `make demo` shows it, `make test` checks it. Both build their own `.venv`.
# Written for any make (GNU 3.81 of macOS included); pip only.

PYTHON ?= python3
VENV = .venv
BIN = $(VENV)/bin
BENCH = .venv-bench

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-14s%s\n", $$1, $$2}' Makefile

demo: $(VENV)/.installed ## install hikaku in .venv and run the study `digits` on real data
	@$(BIN)/hikaku run digits

test: $(VENV)/.installed-for-tests ## lint, types, architecture, doctests and every test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python scripts/audit.py
	@# Compiled sources are kept, whatever the environment says: hundreds of processes load them.
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest -n 2 --durations 25

calibration: $(VENV)/.installed-for-tests ## redo docs/calibration.md: about 10 minutes
	@$(BIN)/python scripts/calibrate.py

pool: $(VENV)/.installed-for-tests ## train the networks that it draws from again: about 3 minutes
	@$(BIN)/python scripts/calibrate.py --pool

soak: $(VENV)/.installed-for-tests ## kill 11,000 trainings, docs/soak.json and the page of faults: about an hour
	@$(BIN)/python -m soak all whole --write
	@$(BIN)/python scripts/reliability.py

bench: $(BENCH)/.installed ## measure hikaku against its rivals, docs/performance.md: about 40 minutes
	@$(BENCH)/bin/python benchmarks/run.py $(if $(ONLY),--only $(ONLY)) $(if $(ROUNDS),--rounds $(ROUNDS))

reliability: $(VENV)/.installed-for-tests ## write docs/reliability.md again: the faults and their tests
	@$(BIN)/python scripts/reliability.py

catalogue: $(VENV)/.installed-for-tests ## write docs/catalogue again, from the techniques' own cards
	@$(BIN)/python scripts/catalogue.py

lock: $(VENV)/.installed-for-tests ## write requirements.lock again: constraints.txt with hashes (network)
	@$(BIN)/python scripts/lock.py

audit: $(VENV)/.installed-for-tests ## look the locked versions up among known weaknesses (network)
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt pip-audit
	@$(BIN)/python scripts/audit.py

book: $(VENV)/.installed-for-tests ## hold the book's engine against torch, docs/book.md: about 3 minutes (MNIST in HIKAKU_DATA)
	@$(BIN)/python scripts/book_page.py

campaign: $(VENV)/.installed-for-tests ## train the published experiments, docs/reproduction.md: some hours (HIKAKU_DATA)
	@$(BIN)/python scripts/reproduction.py --run $(ONLY) $(if $(STORE),--store $(STORE))

reproduction: $(VENV)/.installed-for-tests ## write docs/reproduction.md from the studies in .hikaku/store.db
	@$(BIN)/python scripts/reproduction.py $(if $(STORE),--store $(STORE))

load: $(VENV)/.installed-for-tests ## measure a store of 10,000 trials and 1,000,000 records: about 4 minutes
	@$(BIN)/python scripts/store_figures.py --write

format: $(VENV)/.installed-for-tests ## rewrite the sources as ruff wants them
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

api: $(VENV)/.installed-for-tests ## write down the public signatures again (docs/reference/api.txt)
	@$(BIN)/python scripts/signatures.py

pictures: $(VENV)/.installed-for-tests ## train `digits` and draw the README's pictures again (Chromium)
	@$(BIN)/python scripts/pictures.py

translations: $(VENV)/.installed-for-tests ## gather new messages and compile the translations
	@$(BIN)/python scripts/translations.py

fonts: $(VENV)/.installed-for-tests ## write the font of still pictures again (Debian's fonts-noto-cjk)
	@$(BIN)/python scripts/fonts.py

clean: ## remove the environment and every cache; measured results (.hikaku) stay
	rm -rf $(VENV) $(BENCH) build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
	find src tests scripts benchmarks soak -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than the two files that say what is installed and than the Python it stands on;
# the sources are installed in place, so editing them installs nothing again. The tests'
# environment holds all that the demo needs.
$(VENV)/.installed: pyproject.toml constraints.txt $(VENV)/bin/python
	@sh scripts/environment.sh "$(PYTHON)" "$(VENV)" .
	@touch $@

$(VENV)/.installed-for-tests: pyproject.toml constraints.txt $(VENV)/bin/python
	@sh scripts/environment.sh "$(PYTHON)" "$(VENV)" '.[dev,all]'
	@touch $(VENV)/.installed $@

# The rivals have an environment of their own: what they bring along is nobody else's business.
$(BENCH)/.installed: pyproject.toml constraints.txt benchmarks/requirements.txt
	@sh scripts/environment.sh "$(PYTHON)" "$(BENCH)" .
	@echo "Installing the rivals into $(BENCH)"
	@$(BENCH)/bin/python -m pip install --quiet --disable-pip-version-check \
	    --constraint constraints.txt --requirement benchmarks/requirements.txt
	@touch $@

$(VENV)/bin/python: ;

.PHONY: help demo test calibration pool soak bench load book campaign reproduction format api pictures translations catalogue reliability lock audit clean
