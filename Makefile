# The commands of this project; each does all its own set-up on a fresh Debian machine.

.PHONY: up test bench soak setup check audit format generate screenshots clean

up: setup        ## run everything: stack, platform, console, a simulated community
	@.venv/bin/shequ up $(ARGS)

test: export SHEQU_SETUP = dev
test: setup      ## lint, types, import contracts, unit, contract, integration, browser, short drill
	@scripts/test.sh

bench: setup     ## speed beside a bare subscriber, Node-RED and a script; growth with devices; rules engine, reads, cameras
	@.venv/bin/shequ bench pipeline --report - --history docs/results/history.jsonl
	@.venv/bin/shequ bench rivals --report - --history docs/results/history.jsonl
	@.venv/bin/shequ bench growth --messages 50000 --report - --history docs/results/history.jsonl
	@.venv/bin/shequ bench engine --report -
	@.venv/bin/shequ bench reads --report -
	@.venv/bin/shequ bench size --report -
	@mkdir -p build && .venv/bin/shequ bench cameras --report build/cameras.json

LONG = ingest,console,duty,deliver,broker,broker-restart,database,database-stop=120,net-cut=30,net-delay=30,slow-consumer=200,poison=200000,ingest,backlog=1000000,clock-jump=3600
soak: export SHEQU_SETUP = dev
soak: setup      ## the long drills (the one with the full disk must mount a tmpfs: as root)
	@mkdir -p build
	@scripts/set_clock.sh .venv/bin/shequ drill --seed 11 --estates 10 --duration 600 --rate 500 --faults all --chaos $(LONG) --report build/chaos.json
	@.venv/bin/shequ drill --seed 12 --estates 3 --duration 60 --faults all --chaos disk-full=20 --report build/chaos-disk.json
	@.venv/bin/shequ bench backpressure --times 3 --seconds 300 --report build/backpressure-3.json
	@.venv/bin/shequ bench backpressure --times 10 --seconds 900 --report build/backpressure-10.json
	@.venv/bin/shequ bench soak --seconds 4320 --rate 1000 --report build/soak.json --picture build/soak.svg
	@.venv/bin/python -m benchmarks.wall_soak --seconds 3600 --report build/wall.json --picture build/wall.svg
	@.venv/bin/shequ drill --seed 11 --shift 48 --speed 20 --report -
	@HTTP_FUZZ_CASES=25 .venv/bin/pytest -q tests/integration/test_http_fuzz.py

setup:           ## Python and web dependencies; ends with .venv/bin/shequ ready
	@scripts/setup.sh

check: export SHEQU_SETUP = dev
check: setup     ## the quick part of `make test`: lint, types, import contracts
	@scripts/check.sh

audit:           ## known weaknesses of the versions we name (needs a network that answers such questions; no part of `make test`)
	@scripts/audit.sh

format:          ## put the code into its one form
	@.venv/bin/ruff format . && .venv/bin/ruff check --fix --quiet .

generate:        ## write the reference pages that are made from the code
	@.venv/bin/python -m console.reference
	@cd console/web && npm run --silent generate

screenshots: export SHEQU_SETUP = dev
screenshots: setup ## pictures of every page in both languages at two sizes: docs/screenshots, by the walk of the browser tests
	@SCREENSHOTS=docs/screenshots .venv/bin/pytest -q tests/e2e/test_every_page.py

clean:           ## forget what was set up (the data and the unpacked stack stay)
	rm -rf .venv console/web/node_modules console/web/dist
