# The two commands of the README are `make run` and `make test`; the rest is for those who build.
PY := .venv/bin/python
TESTS ?= tests
# Most of what tests of wires do is waiting, so more run side by side than there are cores; of whole halls, windows and
# crashes, which work hard, as many as there are cores.
SIDE_BY_SIDE ?= 4
WHOLE_SIDE_BY_SIDE ?= 2
WHOLE = journey or crash or postgres

.PHONY: help run test check unit soak bench measure figures hardware pictures gallery setup setup-test clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

run: setup ## the whole hall on this machine: broker, server, simulated devices, kiosk, pages
	@$(PY) -m queue_server.run $(ARGS)

test: setup-test ## everything that must hold before a change lands
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check -q .
	@$(PY) -m mypy
	@$(PY) -m pytest -q -n $(SIDE_BY_SIDE) --dist loadfile -m "not ($(WHOLE)) and not soak and not hardware" $(TESTS)
	@$(PY) -m pytest -q -n $(WHOLE_SIDE_BY_SIDE) --dist loadfile -m "($(WHOLE)) and not soak and not hardware" $(TESTS)

check: ## lint and types alone
	@$(PY) -m ruff check . && $(PY) -m ruff format --check -q . && $(PY) -m mypy

unit: ## the fast part of the tests, under a minute
	@$(PY) -m pytest -q -n 2 --dist loadfile -m "not ($(WHOLE) or wire or pages or scenes or days or soak or hardware)" $(TESTS)

soak: setup-test ## what must run long: kill loops in full, long matrices
	@$(PY) -m pytest -q -m "soak" --timeout 7200 $(TESTS)

bench: setup ## the server's figures, each beside its baseline of the same run
	@$(PY) -m queue_server bench $(ARGS)

measure: setup ## the devices' figures, each beside its baseline of the same run
	@$(PY) -m devices measure idcard printer decoders $(ARGS)

figures: setup-test ## the kiosk's figures: touches, reactions, cold start; ARGS="--sessions 1000" for its memory
	@$(PY) -m tests.figures $(ARGS)

hardware: setup-test ## tries a real device: make hardware PORT=/dev/serial/by-id/...
	@$(PY) -m pytest -ra -s -m hardware --port="$(PORT)" tests/hardware

gallery: setup-test ## photographs every screen in every theme and language into var/gallery/index.html
	@SDL_VIDEODRIVER=offscreen LIBGL_ALWAYS_SOFTWARE=1 $(PY) -m kiosk gallery --all --page --out var/gallery $(ARGS)

pictures: setup-test ## photographs every screen and page into docs/pictures
	@$(PY) -m pytest -q tests/journeys/test_pictures.py --pictures docs/pictures

setup:
	@deploy/setup.sh run

setup-test:
	@deploy/setup.sh test

clean: ## forgets the virtual environment and the day's data
	rm -rf .venv var
