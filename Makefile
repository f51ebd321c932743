# Builds the documented pair for every variant and proves it. `make help` lists the targets.
#
# One variable an axis; override any of them: make ARCHS=x86_64 CC=clang CFLAGS=-O0

ARCHS    = x86_64 i686
CHARSETS = ansi unicode

# A variant's folder, build/ARCH-CHARSET, names its place on each axis.
variant_arch    = $(firstword $(subst -, ,$(notdir $(@D))))
variant_charset = $(word 2,$(subst -, ,$(notdir $(@D))))

CROSS    = $(variant_arch)-w64-mingw32-
ifeq ($(origin CC),default)
CC       = $(CROSS)gcc
endif
CFLAGS   = -Os
LDFLAGS  =
PYTHON   = $(or $(wildcard /usr/bin/python3),python3)
JOBS     = $(or $(shell nproc 2>/dev/null),2)

STANDARD = -std=c99
WARNINGS = -Wall -Wextra -Wpedantic -Werror

# The charset is chosen where TCHAR, TEXT() and _tmain are resolved: UNICODE for windows.h,
# _UNICODE for tchar.h, -municode for the start-up code, which calls wmain then.
TCHAR_unicode = -DUNICODE -D_UNICODE -municode

# msvcrt's own printf instead of MinGW's 25 kB replacement for it.
CRT      = -D__USE_MINGW_ANSI_STDIO=0

# A product stands alone (-static-libgcc), carries no symbols (-s), nothing that is not called
# and no date, so that each build is the same, may be loaded anywhere, and its data cannot be
# executed.
HARDENING_x86_64 = -Wl,--high-entropy-va
LINKING  = -static-libgcc -s -Wl,--gc-sections,--no-insert-timestamp,--dynamicbase,--nxcompat \
           $(HARDENING_$(variant_arch))

# Clang makes code for every machine, so it must be told which, and where MinGW keeps libgcc.
TARGET   = $(if $(findstring clang,$(CC)),--target=$(variant_arch)-w64-mingw32 -L$(dir $(shell \
           $(variant_arch)-w64-mingw32-gcc -print-libgcc-file-name 2>/dev/null)))

COMPILE  = $(CC) $(TARGET) $(STANDARD) $(WARNINGS) $(CRT) $(TCHAR_$(variant_charset)) $(CPPFLAGS) \
           $(CFLAGS) $(LINKING)

VARIANTS = $(foreach arch,$(ARCHS),$(CHARSETS:%=$(arch)-%))
PRODUCTS = $(foreach variant,$(VARIANTS),build/$(variant)/first_process.exe \
                                         build/$(variant)/second_process.exe)
AGENTS   = $(ARCHS:%=build/%/agent.exe)
SOLUTIONS = $(patsubst harness/%.c,build/%.exe,$(wildcard harness/exercises/*.c))
FOREIGN  = $(patsubst harness/%.c,build/%.exe,$(wildcard harness/foreign/*.c))
AGENT    = $(wildcard harness/agent/*.c)

# What Python compiles goes under build/, as everything made does. It is kept even if the user wants
# none: the tests start some dozens of interpreters, which would each compile it all again.
export PYTHONPYCACHEPREFIX = $(CURDIR)/build/pycache
unexport PYTHONDONTWRITEBYTECODE
# With a wrong one not even the interpreter starts.
unexport PYTHONHOME
SETUP    = PYTHON='$(PYTHON)' sh harness/setup.sh
PYTEST   = $(PYTHON) -m pytest

.DELETE_ON_ERROR:
.PRECIOUS: build/%/command
.PHONY: all help demo show test wine32 check exercise conformance mutants interleavings bench \
        soak report pages commands dist lint clean FORCE

all: $(PRODUCTS) $(AGENTS) $(SOLUTIONS) $(FOREIGN)  ## build both programs in all four variants, and the agent

help:  ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1	/p' Makefile | expand -t 16

build/%/first_process.exe: first_process/first_process.c build/%/command
	$(COMPILE) -o $@ $< $(LDFLAGS)

build/%/second_process.exe: second_process/second_process.c build/%/command
	$(COMPILE) -o $@ $< $(LDFLAGS) -luser32

build/%/agent.exe: $(AGENT) $(wildcard harness/agent/*.h) build/%/command
	$(COMPILE) -o $@ $(AGENT) $(LDFLAGS) -luser32 -ladvapi32 -lntdll

# Solutions and foreign programs are for the harness's own tests; one variant is enough for that.
$(SOLUTIONS) $(FOREIGN): variant_arch = x86_64
$(SOLUTIONS): variant_charset = unicode
$(SOLUTIONS): build/exercises/%.exe: harness/exercises/%.c build/exercises/command
	$(COMPILE) -o $@ $< $(LDFLAGS) -luser32

$(FOREIGN): variant_charset = ansi
$(FOREIGN): build/foreign/%.exe: harness/foreign/%.c build/foreign/command
	$(COMPILE) -o $@ $< $(LDFLAGS) -luser32

# Rewritten only when the command has changed, so that new flags rebuild and old ones do not.
build/%/command: FORCE
	@mkdir -p $(@D)
	@echo '$(COMPILE) $(LDFLAGS)' | cmp -s - $@ || echo '$(COMPILE) $(LDFLAGS)' >$@

demo:  ## show the documented scene, step by step; PACE=3 waits 3 s after each step
	@$(SETUP) build wine python
	@$(MAKE) --no-print-directory --silent all
	@$(PYTHON) harness/demo.py

show:  ## play a scene of what goes wrong: SCENE=name; without one, list them
	@$(SETUP) build wine python
	@$(MAKE) --no-print-directory --silent all
	@$(PYTHON) harness/show.py $(SCENE)

test:  ## judge every documented claim on the products
	@$(SETUP) build wine python test desktop report
	@$(MAKE) --no-print-directory all
	@sh harness/wine32.sh build/wine32 || :
	@$(PYTEST) -n $(JOBS) --junitxml build/results.xml harness $(PYTEST_ARGS) </dev/null

wine32:  ## fetch what 32-bit programs need under a 64-bit Wine, into build/wine32
	@sh harness/wine32.sh build/wine32

check:  ## judge another pair: FIRST=writer.exe SECOND=reader.exe CHARSET=ansi|unicode
	@$(SETUP) build wine python test
	@$(MAKE) --no-print-directory --silent all
	@$(PYTEST) harness $(if $(FIRST),--first-process '$(FIRST)') \
	    $(if $(SECOND),--second-process '$(SECOND)') $(CHARSET:%=--charset %) \
	    $(LEVEL:%=--level %) $(PYTEST_ARGS) </dev/null

report:  ## make a page of the last run of the tests: build/report/index.html
	@$(SETUP) build wine python report
	@$(MAKE) --no-print-directory --silent all
	@PYTHONPATH=harness $(PYTHON) -m report

exercise:  ## check your solution of an exercise: NAME=… FIRST=… SECOND=… (docs/exercises.md)
	@$(SETUP) build wine python test
	@$(MAKE) --no-print-directory --silent all
	@$(PYTHON) harness/exercise.py $(if $(FIRST),--first-process '$(FIRST)') \
	    $(if $(SECOND),--second-process '$(SECOND)') $(CHARSET:%=--charset %) '$(NAME)'

interleavings:  ## run the pair in every order of their steps; ORDER='w.create …' tells one
	@$(SETUP) build wine python
	@$(MAKE) --no-print-directory --silent all
	@PYTHONPATH=harness $(PYTHON) -m interleavings $(if $(ORDER),--order '$(ORDER)') \
	    $(CHARSET:%=--charset %) $(SEED:%=--seed %)

bench:  ## measure what a check costs; figures also in build/bench.json
	@$(SETUP) build wine python test
	@$(MAKE) --no-print-directory --silent all build/bench/smallest.exe build/bench/ask.exe
	@cd harness && $(PYTHON) -m bench </dev/null

build/bench/%.exe: harness/bench/%.c
	@mkdir -p $(@D)
	x86_64-w64-mingw32-gcc $(STANDARD) $(WARNINGS) $(CFLAGS) -s -o $@ $< -luser32 $(BENCH_$*)

# No C library, so no start-up code either.
BENCH_smallest = -nostdlib -Wl,--entry=start -lkernel32

soak:  ## look for flakes: N round trips (1000) and SUITES suite runs (20), loaded and not
	@$(SETUP) build wine python test
	@$(MAKE) --no-print-directory --silent all
	@sh harness/wine32.sh build/wine32 || :
	@$(PYTHON) harness/soak.py $(or $(N),1000) $(or $(SUITES),20) </dev/null

dist: all  ## pack what Windows users need: build/dist/named-shared-memory.zip
	@$(PYTHON) harness/dist.py build/dist/named-shared-memory.zip
	@sha256sum build/dist/named-shared-memory.zip

conformance:  ## run the suite and write docs/conformance.md
	@$(MAKE) --no-print-directory test PYTEST_ARGS='--junitxml build/conformance.xml \
	    --deselect harness/test_conformance.py'
	@$(PYTHON) harness/conformance.py build/conformance.xml

mutants:  ## prove that the suite notices: variants with one fault each, and faithful ones
	@$(SETUP) build wine python test lint
	@$(MAKE) --no-print-directory --silent all
	@PYTHONPATH=harness $(PYTHON) -m mutants $(MUTANTS_ARGS) </dev/null

lint:  ## check the sources themselves
	@$(SETUP) build python test lint
	clang-format --dry-run --Werror $(wildcard */*.c harness/*/*.[ch])
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
	    --inline-suppr $(wildcard */*.c harness/*/*.c)
	shellcheck harness/*.sh .ci/run
	yamllint --strict .github
	$(PYTHON) -m flake8 harness
	$(PYTHON) -m mypy

pages:  ## renew the outputs and the picture that README.md and docs/ show
	@$(SETUP) build wine python
	@$(MAKE) --no-print-directory --silent all
	@$(PYTHON) harness/pages.py

commands:  ## run every command of README.md and docs/ as printed, in a copy of all this
	@$(SETUP) build wine python test lint
	@$(PYTEST) -v harness/trials/commands.py $(PYTEST_ARGS) </dev/null

clean:  ## remove everything made
	rm -rf build
