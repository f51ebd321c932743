# Targets that check, teach and measure the two programs; the project's Makefile includes this.

AGENTS   = $(foreach a,$(ARCHS),build/$(a)/agent.exe build/$(a)/tracer.dll)
TRACER   = harness/agent/tracer.c harness/agent/imports.c
# The robust pair is the same in every character set.
ROBUST   = $(foreach a,$(ARCHS),build/$(a)-robust/robust_writer.exe \
                                build/$(a)-robust/robust_reader.exe)
CHANGING = $(foreach a,$(ARCHS),build/$(a)-changing/changing_writer.exe \
                                build/$(a)-changing/changing_reader.exe)
# Programs for the self-tests and the bench; one variant is enough.
EXERCISES = $(patsubst harness/lessons/%.c,build/%.exe,$(wildcard harness/lessons/exercises/*.c))
TEST_PROGRAMS = $(EXERCISES) build/attacks/attacker.exe \
           build/misbehaving/hangs.exe build/probe/probe.exe build/probe/smallest.exe
# Programs that the self-tests need for each architecture.
TRACED   = $(foreach a,$(ARCHS),build/$(a)-traced/traced.exe)
SOURCES  = $(wildcard first_process/*.c second_process/*.c docs/robust/*.[ch] docs/changing/*.[ch] harness/*/*.[ch] \
                     harness/*/*/*.[ch] harness/*/*/*/*.c)

# Debian's pytest belongs to Debian's Python, even if another Python comes first on PATH.
PYTHON   = $(or $(wildcard /usr/bin/python3),python3)
AXE      = 4.10.3
PYTEST   = $(PYTHON) -m pytest
# Take nearly half of the time of all claims, and decide no claim alone.
LONG     = sources interleavings
JOBS     = $(or $(shell nproc 2>/dev/null),2)

# Keep compiled Python in build/, even if the user has switched it off: the self-tests start dozens
# of interpreters, and each would compile everything again.
export PYTHONPYCACHEPREFIX = $(CURDIR)/build/pycache
unexport PYTHONDONTWRITEBYTECODE PYTHONHOME

# A recipe begins with one of these: `install` installs the missing packages of the named sets,
# `need` only lists them.
SETUP    = PYTHON='$(PYTHON)' sh harness/setup/setup.sh
SET      = all
NEEDS_ci = build wine python test desktop report
NEEDS_all = $(NEEDS_ci) browser axe site lint examples mutants bench
BUILD    = +$(MAKE) --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))
BUILT    = $(BUILD) --silent all

.PHONY: test-programs setup axe demo show test claims wine32 check grade exercise conformance mutants \
        interleavings bench report recording pages site commands dist lint robust lab

all: $(AGENTS) $(ROBUST) $(CHANGING)
test-programs: $(TEST_PROGRAMS) $(TRACED)

# Compiles the first prerequisite.
define EXE
@mkdir -p $(@D)
$(COMPILE) -o $@ $< $(LDFLAGS)
endef

build/%/agent.exe: LDFLAGS += -luser32
build/%/agent.exe: harness/agent/agent.c build/settings
	$(EXE)

# Without a C run-time library, which would be a second one in the traced programs, so the compiler
# must not call memcpy either.
build/i686/tracer.dll: entry = _DllMain@12
build/%/tracer.dll: entry = DllMain
build/%/tracer.dll: $(TRACER) $(wildcard harness/agent/*.h) build/settings
	@mkdir -p $(@D)
	$(COMPILE) -fno-builtin -fno-tree-loop-distribute-patterns -shared -nostdlib \
	    -Wl,--entry=$(entry) -o $@ $(TRACER) $(LDFLAGS) -lkernel32

$(ROBUST) $(CHANGING) build/attacks/attacker.exe: LDFLAGS += -luser32 -ladvapi32
$(ROBUST) $(CHANGING) build/attacks/attacker.exe: docs/robust/robust.h build/settings
$(CHANGING): docs/changing/changing.h
build/x86_64-%.exe: docs/%.c
	$(EXE)
build/i686-%.exe: docs/%.c
	$(EXE)

$(TEST_PROGRAMS): arch = x86_64
build/probe/probe.exe: LDFLAGS += -lws2_32
# No C library, and therefore no start-up code.
build/probe/smallest.exe: LDFLAGS += -nostdlib -Wl,--entry=start -lkernel32
build/exercises/%.exe: charset = unicode
$(TEST_PROGRAMS): LDFLAGS += -luser32
$(EXERCISES): harness/lessons/exercises/solution.h
build/exercises/%.exe: harness/lessons/exercises/%.c build/settings
	$(EXE)
build/%.exe: harness/selftests/%.c build/settings
	$(EXE)

# Unmapped pages between sections.
build/%-traced/traced.exe: LDFLAGS += -Wl,--section-alignment=0x10000
build/%-traced/traced.exe: harness/selftests/traced/traced.c build/settings
	$(EXE)

setup:  ## install everything that any target needs; SET=ci: only what make test needs
	@test -n '$(NEEDS_$(SET))' || { echo 'setup: SET must be all or ci' >&2; exit 2; }
	@$(SETUP) install $(NEEDS_$(SET))

axe:  ## fetch axe-core with npm, for the accessibility tests of the pages
	@$(SETUP) need axe
	@npm install --prefix build/axe --no-save --no-audit --no-fund axe-core@$(AXE)

demo:  ## run both programs and show each step; PACE=3 waits 3 s after each
	@$(SETUP) install build wine python
	@$(BUILT)
	@$(PYTHON) -m harness.lessons.demo

test:  ## test every documented claim, and the harness itself; SLOW=1: also the slow tests
	@$(SETUP) install $(NEEDS_ci)
	@$(BUILD) all test-programs
	@sh harness/setup/wine32.sh build/wine32 || :
	@$(PYTEST) -n $(JOBS) --junitxml build/results.xml --verdict build/verdict.json harness \
	    $(if $(SLOW),,-m 'not slow') $(PYTEST_ARGS) </dev/null

claims:  ## test only the documented claims, in seconds; WINE=path selects another Wine
	@$(SETUP) need build wine python test
	@$(BUILT)
	@$(PYTEST) -n $(JOBS) --junitxml build/results.xml --verdict build/verdict.json harness/claims \
	    $(LONG:%=--ignore harness/claims/products/test_%.py) $(PYTEST_ARGS) </dev/null

wine32:  ## fetch the DLLs that a 64-bit Wine needs for 32-bit programs, into build/wine32
	@sh harness/setup/wine32.sh build/wine32

check:  ## check your own pair: FIRST=writer.exe SECOND=reader.exe (docs/checking.md)
	@test -n "$$FIRST$$SECOND" || { echo 'check: name your programs, as in' \
	    'make check FIRST=writer.exe SECOND=reader.exe' >&2; exit 2; }
	@$(SETUP) need build wine python test
	@$(BUILT)
	@mkdir -p build/check
	@$(PYTHON) -m harness.check "$${FIRST:--}" "$${SECOND:--}" $${NAME:+--name "$$NAME"} \
	    $${MESSAGE:+--message "$$MESSAGE"} $${TITLE:+--title "$$TITLE"} $(CHARSET:%=--charset %) \
	    $(LEVEL:%=--level %) --junitxml build/check/results.xml \
	    --verdict build/check/verdict.json $(PYTEST_ARGS) </dev/null; \
	status=$$?; case $$status in 0 | 1) $(PYTHON) -m harness.report build/check/verdict.json \
	    build/check/index.html || : ;; esac; exit $$status

# Targets that only run one module.
report:  ## make a report of the last make test, or of VERDICT=file; BEFORE=file compares
report: RUNS = report $${VERDICT:+"$$VERDICT"} $${BEFORE:+--before "$$BEFORE"}
report: ALSO = report
show: RUNS = lessons.show $(SCENE)  ## reproduce a pitfall: SCENE=name; without one, list them
robust:  ## build the robust pair after one step, and show the step's effect: STEP=1 to 10
robust: RUNS = lessons.steps $(STEP)
lab: RUNS = lessons.lab  ## try Win32 functions at a prompt with two live processes (docs/laboratory.md)
interleavings:  ## run the pair in every order of its steps, or only in ORDER=…; PAIR=name
interleavings: RUNS = interleavings $(if $(ORDER),--order '$(ORDER)') $(CHARSET:%=--charset %) \
    $(SEED:%=--seed %) $(PAIR:%=--pair %)
recording: RUNS = play.record  ## record the orders of docs/play.html again; then run make pages
pages: RUNS = lessons.pages  ## update docs/play.html, and the outputs and pictures in README.md and docs/
report show robust lab interleavings recording pages:
	@$(SETUP) need build wine python $(ALSO)
	@$(BUILT)
	@$(PYTHON) -m harness.$(RUNS)

grade:  ## check a folder of submissions: DIR=folder TASK=exercise POINTS=file (docs/teaching.md)
	@test -n "$$DIR" || { echo 'grade: name the folder of submissions, as in' \
	    'make grade DIR=submissions' >&2; exit 2; }
	@$(SETUP) need build wine python test report
	@$(BUILT) $(EXERCISES)
	@$(PYTHON) -m harness.check.grade "$$DIR" $${TASK:+--task "$$TASK"} \
	    $${POINTS:+--points "$$POINTS"} $${NAME:+--name "$$NAME"} \
	    $${MESSAGE:+--message "$$MESSAGE"} $${TITLE:+--title "$$TITLE"} $(CHARSET:%=--charset %) \
	    $(GRADE_ARGS) </dev/null

exercise:  ## check your solution of an exercise: TASK=… FIRST=… SECOND=… (docs/exercises.md)
	@$(SETUP) need build wine python test
	@$(BUILT) $(EXERCISES)
	@mkdir -p build/exercise
	@$(PYTHON) -m harness.lessons.exercise "$${TASK:-$$NAME}" $${TASK:+$${NAME:+--name "$$NAME"}} \
	    $${FIRST:+--first-process "$$FIRST"} $${SECOND:+--second-process "$$SECOND"} \
	    $${MESSAGE:+--message "$$MESSAGE"} $(CHARSET:%=--charset %) \
	    --verdict build/exercise/verdict.json --junitxml build/exercise/results.xml

bench:  ## measure how long a check takes; also write build/bench.json
	@$(SETUP) need build wine python test bench
	@$(BUILT) test-programs
	@$(PYTHON) -m harness.bench </dev/null

mutants:  ## check that verdicts are exact, on pairs with and without faults; COMPOSED=N SEED=N
	@$(SETUP) need build wine python test lint mutants
	@$(BUILT)
	@seed="$(SEED)"; seed=$${seed:-$$(date +%s)}; \
	[ -z "$(COMPOSED)" ] || echo "mutants: composed programs of seed $$seed" && \
	COMPOSED=$(COMPOSED) SEED=$$seed $(PYTEST) -n $(JOBS) --ceiling 86400 \
	    harness/selftests/mutants/verdicts.py $(MUTANTS_ARGS) </dev/null

conformance:  ## test all claims, and add the run to docs/conformance and docs/conformance.md
	@$(SETUP) need build wine python test
	@$(BUILT)
	@rm -f build/conformance.json
	@$(PYTEST) -n $(JOBS) --verdict build/conformance.json harness/claims $(PYTEST_ARGS) </dev/null; \
	status=$$?; $(PYTHON) -m harness.report.conformance build/conformance.json && exit $$status

# Two solutions of exercises serve as a pair that breaks claims.
site:  ## make the web site in build/site: the course, the game and two example reports
	@$(SETUP) need build wine python test report site
	@$(BUILD) all test-programs
	@$(MAKE) check FIRST=build/x86_64-unicode/first_process.exe SECOND=build/x86_64-unicode/second_process.exe
	@cp build/check/index.html build/kept.html
	@! $(MAKE) check FIRST=harness/lessons/exercises/length_writer.c \
	    SECOND=harness/lessons/exercises/read_only_reader.c
	@cp build/check/index.html build/broken.html
	@$(PYTHON) -m harness.lessons.site build/site kept=build/kept.html broken=build/broken.html \
	    $(ADDRESS:%=--address %) $(SOURCE:%=--source %)

commands:  ## run every command of README.md and docs/ as printed, in a copy of the project
	@$(SETUP) need build wine python test lint examples
	@$(PYTEST) -v harness/selftests/commands.py $(PYTEST_ARGS) </dev/null

dist: all test-programs  ## pack the zip for Windows users, with its sums, into build/dist
	@$(PYTHON) -m harness.setup.dist build/dist/named-shared-memory.zip
	@cd build/dist && sha256sum named-shared-memory.zip | tee SHA256SUMS

lint:  ## check the style of all sources, and run the static analysers
	@$(SETUP) need build python test lint
	clang-format --dry-run --Werror $(SOURCES)
	cppcheck --quiet --error-exitcode=1 --enable=warning,performance,portability \
	    --inline-suppr $(filter %.c,$(SOURCES))
	@for file in harness/agent/*.c; do x86_64-w64-mingw32-gcc $(STANDARD) -fanalyzer -Werror -O1 \
	    -o build/analyzed.o -c "$$file" || exit 1; done
	shellcheck harness/setup/*.sh .ci/run
	yamllint --strict .github CITATION.cff
	for room in play report; do tsc --noEmit --allowJs --checkJs --strict --target es2020 \
	    --lib es2020,dom,dom.iterable harness/$$room/*.js || exit 1; done
	$(PYTHON) -m flake8 harness
	$(PYTHON) -m mypy
