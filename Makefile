# The commands of Status Page. What they need is put into .tools (uv) and .venv (packages), what they keep into var.

PYTHON ?= python3
UV := .tools/bin/uv
VENV := .venv/bin/python
PYTEST := $(VENV) -m pytest -n 3
CODE := manage.py statuspage notifications deploy translations tests $(wildcard benchmarks)

export UV_PYTHON_DOWNLOADS := never
export UV_HTTP_TIMEOUT := 180
export UV_LINK_MODE := copy
# A company's own authority is in the system's store, where there is one; uv alone would look into its own.
export UV_SYSTEM_CERTS ?= $(if $(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt),true,false)
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# A site is many programs, and the tests start hundreds: each would take a second more to compile what it imports.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test test-all check messages bench chaos lock \
	check-format check-lint check-types check-migrations check-deploy check-templates check-security

help: ## Show these commands.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

run: .venv/.installed ## Run the site in this terminal, on PORT (8000), with an example page (SEED=no for none).
	@exec $(VENV) -m deploy.run --end-with-parent

test: .venv/.installed-dev ## Run the tests, but for the longest, on PostgreSQL; then what touches the database again on SQLite, without browsers.
	@$(PYTEST)
	@TEST_DATABASE=sqlite $(PYTEST)

test-all: .venv/.installed-dev ## Run every test, the longest too, on both databases, with ten times the examples (STATUSPAGE_HISTORY=folder for a page's own history too).
	@HYPOTHESIS_PROFILE=all $(PYTEST)
	@HYPOTHESIS_PROFILE=all TEST_DATABASE=sqlite $(PYTEST)

check: .venv/.installed-dev ## Check format, lint, types, migrations, deployment, templates and security.
	@$(MAKE) --no-print-directory --keep-going \
		check-format check-lint check-types check-migrations check-deploy check-templates check-security

messages: .venv/.installed-dev ## Bring the catalogues of all languages up to date with the code, and compile them.
	@$(VENV) -m translations renew

bench: .venv/.installed-dev ## Run the benchmarks (ONLY=mail, DATABASE=sqlite, QUICK=1, FULL=1).
	@$(VENV) -m benchmarks $(if $(ONLY),--only $(ONLY)) $(if $(DATABASE),--database $(DATABASE)) \
		$(if $(QUICK),--quick) $(if $(FULL),--full)

chaos: .venv/.installed-dev ## Run the chaos test with ten seeds (SEEDS="17 23" for others), and with each mutant.
	@$(VENV) -m tests.chaos

lock: $(UV) ## Maintainers: pin the newest packages that the .in files allow.
	@echo uv | $(UV) pip compile $(LOCK) --no-header - -o requirements-uv.lock
	@for name in requirements requirements-dev requirements-browser requirements-strangers; do \
		echo "$$name.lock"; $(UV) pip compile $(LOCK) $$name.in -o $$name.lock || exit 1; \
	done

LOCK := --quiet --upgrade --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate

# --- Checks: a line each, and what was found only where something was --------------------------------------------

# A site as it would run in production, so that the checks see what they would see there.
PRODUCTION := SECRET_KEY=$$($(VENV) -c 'import secrets; print(secrets.token_urlsafe(64))') \
	SITE_URL=https://status.example.com DATABASE_URL=sqlite:///:memory: PUBLISH_ROOT=var/check

define report
	@printf '%-11s ' '$(1)'; found=$$($(2) 2>&1) && echo ok || { echo 'FAILED'; echo "$$found"; exit 1; }
endef

check-format:
	$(call report,format,$(VENV) -m ruff format --check $(CODE))
check-lint:
	$(call report,lint,$(VENV) -m ruff check $(CODE))
check-types:
	$(call report,types,$(PRODUCTION) $(VENV) -m mypy)
check-migrations:
	$(call report,migrations,$(PRODUCTION) $(VENV) manage.py makemigrations --check --dry-run)
check-deploy:
	$(call report,deployment,$(PRODUCTION) $(VENV) manage.py check --deploy --fail-level WARNING)
check-templates:
	$(call report,templates,$(VENV) -m djlint --quiet --lint templates)
check-security:
	$(call report,security,$(VENV) -m bandit --quiet --recursive --configfile pyproject.toml statuspage notifications deploy)

# --- Packages: a stamp a lock, so that a second start asks no registry --------------------------------------------

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

.venv/.installed: requirements.lock .venv/pyvenv.cfg
	@$(UV) pip install --quiet --python .venv --require-hashes -r requirements.lock
	@touch $@

.venv/.installed-dev: requirements-dev.lock requirements-browser.lock .venv/.installed
	@$(UV) pip install --quiet --python .venv --require-hashes -r requirements-dev.lock -r requirements-browser.lock
	@touch $@

# Programs that others wrote, for the tests that try them (tests/strangers/packages.py asks for these): apart from ours,
# whose versions they would change. npm compares each package with the lock's SHA-512, and runs no script of theirs.
.strangers/python/.installed: requirements-strangers.lock $(UV)
	@$(UV) venv --quiet --clear --python "$$(command -v $(PYTHON))" .strangers/python
	@$(UV) pip install --quiet --python .strangers/python --require-hashes -r requirements-strangers.lock
	@touch $@

.strangers/node/.installed: tests/strangers/package.json tests/strangers/package-lock.json
	@mkdir -p .strangers/node && cp $^ .strangers/node
	@npm ci --prefix .strangers/node --ignore-scripts --no-audit --no-fund --loglevel error
	@touch $@
