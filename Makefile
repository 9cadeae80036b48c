# The two commands of the README are `make run` and `make test`; the rest is for those who build.
PY := .venv/bin/python
TESTS ?= tests

.PHONY: help run test check unit soak bench pictures setup setup-test clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

run: setup ## the whole hall on this machine: broker, server, simulated devices, kiosk, pages
	@$(PY) -m queue_server.run $(ARGS)

test: setup-test ## everything that must hold before a change lands
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check -q .
	@$(PY) -m mypy
	@$(PY) -m pytest -q -m "not soak and not hardware" $(TESTS)

check: ## lint and types alone
	@$(PY) -m ruff check . && $(PY) -m ruff format --check -q . && $(PY) -m mypy

unit: ## the fast part of the tests, under a minute
	@$(PY) -m pytest -q -m "not soak and not hardware and not journey and not crash and not postgres" $(TESTS)

soak: setup-test ## what must run long: kill loops in full, long matrices
	@$(PY) -m pytest -q -m "soak" --timeout 7200 $(TESTS)

bench: setup ## the figures, each beside its baseline of the same run
	@$(PY) -m queue_server bench $(ARGS)

pictures: setup-test ## photographs every screen and page into docs/pictures
	@$(PY) -m pytest -q tests/journeys/test_pictures.py --pictures docs/pictures

setup:
	@deploy/setup.sh run

setup-test:
	@deploy/setup.sh test

clean: ## forgets the virtual environment and the day's data
	rm -rf .venv var
