# The commands of Status Page. Everything they need is put into .tools (uv), .venv (packages) and var (data).

PYTHON ?= python3
UV := .tools/bin/uv

export UV_PYTHON_DOWNLOADS := never
export UV_HTTP_TIMEOUT := 180
export UV_LINK_MODE := copy
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore

.DEFAULT_GOAL := help
.PHONY: help lock

help: ## Show these commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

lock: $(UV) ## Maintainers: pin the newest packages that the .in files allow.
	@echo uv | $(UV) pip compile $(LOCK) --no-header - -o requirements-uv.lock
	@for name in requirements requirements-dev requirements-browser; do \
		echo "$$name.lock"; $(UV) pip compile $(LOCK) $$name.in -o $$name.lock || exit 1; \
	done

LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate

# Debian's python3 has no venv module and its pip refuses to install into the system, but --target always works.
$(UV): requirements-uv.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo 'Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 ...' >&2; exit 2; }
	@rm -rf .tools
	@$(PYTHON) -m pip install -qq --target .tools --require-hashes -r requirements-uv.lock
	@touch $@

.venv/pyvenv.cfg: $(UV)
	@$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .venv
	@touch $@

# A stamp a lock: a second start asks no registry.
.venv/.installed: requirements.lock .venv/pyvenv.cfg
	@$(UV) pip install --quiet --python .venv --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock requirements-browser.lock .venv/.installed
	@$(UV) pip install --quiet --python .venv --require-hashes -r requirements-dev.lock -r requirements-browser.lock
	@touch $@
