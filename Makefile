# Everything a developer does, in a virtual environment of its own. `make help` lists it.
# Standard output belongs to what is run; whatever prepares it reports on standard error.

VENV := .venv
ARGS :=
PIP_INSTALL := "$(VENV)/bin/python" -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help run demo test check clean

help: ## List what can be made
	@sed -n 's/^\([a-z]*\):.*## /  make \1  /p' Makefile | sort

run: $(VENV)/installed ## Start the bot; ARGS="--json" passes arguments on
	@exec "$(VENV)/bin/forgetmenot" run $(ARGS)

demo: $(VENV)/installed ## Watch the bot remember, without accounts and keys
	@exec "$(VENV)/bin/forgetmenot" demo $(ARGS)

test: $(VENV)/installed-dev ## Run all tests, offline; ARGS="tests/unit -k config" chooses
	@"$(VENV)/bin/python" -m pytest -n 2 --dist worksteal $(ARGS)

check: $(VENV)/installed-dev ## Lint, formatting and types
	@"$(VENV)/bin/ruff" check .
	@"$(VENV)/bin/ruff" format --check .
	@"$(VENV)/bin/mypy" bot adapters tests bench

clean: ## Remove what was made here; the bot's data stay
	@rm -rf "$(VENV)" build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are files in the environment: installed again only when what is to be installed has changed.
# Standard input is closed, because it belongs to the bot that is started afterwards.
$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing into $(VENV) (once, about half a minute)" >&2
	@$(PIP_INSTALL) --editable . >&2 </dev/null
	@touch "$@"

$(VENV)/installed-dev: $(VENV)/installed
	@echo "Installing the tools for development" >&2
	@$(PIP_INSTALL) --editable '.[dev]' >&2 </dev/null
	@touch "$@"

$(VENV)/bin/python:
	@found=; \
	for name in $(or $(PYTHON),python3.11 python3 python3.12 python3.13); do \
		if "$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null </dev/null; then \
			found=$$name; break; \
		fi; \
	done; \
	if [ -z "$$found" ]; then \
		echo "Python 3.11 or newer was not found; install it, or say where: make PYTHON=/path/to/python" >&2; \
		exit 1; \
	fi; \
	"$$found" -m venv "$(VENV)" >&2 </dev/null || { rm -rf "$(VENV)"; exit 1; }
