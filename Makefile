# Tidemark. 'make help' says what there is to make.
# Variables: CC, CFLAGS, PYTHON, PREFIX, DESTDIR, B (build directory), V=1 (show commands), T (tests or benchmarks to pick),
# SAN=1 (a tree of its own with address and undefined behaviour sanitizers), SAN=thread (with the thread sanitizer)
VERSION := $(shell sed -n 's/^.define TM_VERSION "\(.*\)"/\1/p' schema/tidemark.h)
SO := 0
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
PYTHON ?= python3
Q := $(if $(V),,@)
JOBS := -j$(shell nproc 2>/dev/null || echo 2)
SUB := $(MAKE) $(JOBS) --no-print-directory
comma := ,
B ?= build$(if $(SAN),/$(if $(filter thread,$(SAN)),tsan,san))
SANFLAGS := $(if $(SAN),-fsanitize=$(or $(filter thread,$(SAN)),address$(comma)undefined) -fno-sanitize-recover=all -fno-omit-frame-pointer)
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
override CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
HARDEN := $(shell scripts/harden.sh $(CC) $(CFLAGS) $(SANFLAGS))
override CFLAGS += -std=c11 -fPIC -pthread -fvisibility=hidden $(WARN) $(SANFLAGS) $(filter-out -Wl%,$(HARDEN)) -MMD -MP
override LDFLAGS += $(filter -Wl%,$(HARDEN))
# A compilation counts; on a terminal it also says where it is. Everything else is a line.
COUNT = $(eval DONE += x)$(if $(V),,$(if $(MAKE_TERMOUT),@printf '\r\033[K  CC  %d  %s\r' $(words $(DONE)) $<; ,@))
COMPILE = $(COUNT)mkdir -p $(@D) && $(CC) -c -o $@ $< $(CPPFLAGS) $(CFLAGS)
LINE = $(if $(V),,@printf '$(if $(MAKE_TERMOUT),\r\033[K)  $1  %s\n' $@; )
LINK = $(call LINE,LD)mkdir -p $(@D) && $(CC) $(if $(filter %.so,$@),-shared,-pie) -o $@ $(CFLAGS) $(LDFLAGS)
# Objects to one that shows the public functions alone.
PUBLIC = $(call LINE,LD)$(LD) -r -o $@ $^ && objcopy --localize-hidden $@
ARCHIVE = $(call LINE,AR)rm -f $@ && $(AR) qcs $@ $^
LIBS := -lsqlite3 -lcsv -lexpat -lz -linih -lm -pthread -ldl
# A shared library of a soname, with the symbols of its map.
SHARED = $(call LINE,LD)$(CC) -shared -o $@.$(VERSION) $(CFLAGS) $(LDFLAGS) -Wl,-soname,$(@F).$(SO) -Wl,--version-script=$(filter %.map,$^) \
	$(if $(SAN),,-Wl$(comma)-z$(comma)defs) $(filter %.o,$^) $1 -lm -pthread -ldl && ln -sf $(@F).$(VERSION) $@.$(SO) && ln -sf $(@F).$(SO) $@

# PostgreSQL where its headers are; its library is loaded when a store is opened there.
POSTGRES := $(shell pkg-config --cflags-only-I libpq 2>/dev/null | grep . || { test -e /usr/include/libpq-fe.h && echo -I/usr/include; })
override CPPFLAGS += $(if $(POSTGRES),$(POSTGRES:-I%=-isystem %) -DTM_POSTGRES)
objects = $(patsubst %.c,$(B)/%.o,$(wildcard $1))
GROUND_OBJ := $(call objects,base/*.c schema/*.c)
RECORD_OBJ := $(call objects,record/*.c)
STORE_OBJ := $(call objects,store/*.c store/sqlite/*.c $(if $(POSTGRES),store/postgres/*.c) analyze/*.c gate/*.c report/*.c report/*/*.c record/outlet/*.c) $(B)/gen/schema/sql.o $(B)/gen/report/page/assets.o
APP_OBJ := $(call objects,ingest/*.c ingest/*/*.c record/command/*.c cli/*.c)
MOD_OBJ := $(patsubst %.c,$(B)/module/%.o,$(wildcard store/sqlite/sqlext.c store/sqlite/sqlsketch.c store/sqlite/sqlpairs.c store/sqlite/sqlarg.c analyze/*.c base/arena.c base/array.c base/hash.c base/workers.c schema/sketch*.c schema/fields.c))
HOOKS := $(if $(findstring 2,$(shell echo | $(CC) -dM -E -include limits.h - 2>/dev/null | grep -cw -e '__GLIBC__ 2' -e '__LP64__ 1')),$(wildcard record/malloc/*.c))
HOOK_LIBS := $(if $(HOOKS),$(B)/libtidemark_malloc.so $(B)/libtidemark_wrap.a)
UNITS := $(filter-out $(if $(HOOKS),,$(B)/tests/unit/test_malloc_%),$(foreach t,$(or $(T),test),$(foreach u,$(wildcard tests/unit/test_*.c),$(if $(findstring $(t),$(u)),$(u:%.c=$(B)/%)))))
FUZZ := $(call objects,tests/fuzz/*.c) $(filter-out $(B)/cli/main.o,$(APP_OBJ)) $(B)/tests/fuzz/program.o
EXAMPLES := $(B)/tests/examples/example_host $(B)/scripts/demo_host
PLUGINS := $(patsubst %.c,$(B)/%.so,$(wildcard tests/plugins/*.c))
ALL := $(B)/tidemark $(B)/libtidemark.a $(B)/libtidemark.so $(B)/libtidemark_record.a $(B)/libtidemark_record.so $(B)/tidemark_sql.so $(HOOK_LIBS)

all: $(ALL) ; $(if $(DONE),@printf '$(if $(MAKE_TERMOUT),\r\033[K)  CC  %d files\n' $(words $(DONE)))
help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | awk -F'|' '{ printf "%-22s %s\n", $$1, $$2 }'
	@sed -n '/^# Variables/,/^VERSION/s/^# //p' Makefile

$(B)/tidemark: $(APP_OBJ) $(B)/inside.a ; $(LINK) $^ $(LIBS)
$(B)/static/tidemark: $(APP_OBJ) $(B)/inside.a ; $(call LINE,LD)scripts/static.sh "$(CC)" $@ "$(CFLAGS) $(LDFLAGS)" "$(LIBS)" $^
# All that the library is made of, for the program and the tests, which look inside.
$(B)/inside.a: $(GROUND_OBJ) $(RECORD_OBJ) $(STORE_OBJ) ; $(Q)rm -f $@ && $(AR) qcs $@ $^
# A host that only records takes the first object of the archive, and needs no SQLite.
$(B)/gen/recorder.o: $(GROUND_OBJ) $(RECORD_OBJ) ; $(PUBLIC)
$(B)/gen/library.o: $(GROUND_OBJ) $(STORE_OBJ) ; $(PUBLIC)
$(B)/libtidemark.a: $(B)/gen/recorder.o $(B)/gen/library.o ; $(ARCHIVE)
$(B)/libtidemark_record.a: $(B)/gen/recorder.o ; $(ARCHIVE)
$(B)/libtidemark_record.so: $(GROUND_OBJ) $(RECORD_OBJ) packaging/libtidemark_record.map ; $(call SHARED)
# The recorder is the other library's: a process has one, however many libraries it loads.
$(B)/libtidemark.so: $(GROUND_OBJ) $(STORE_OBJ) $(B)/libtidemark_record.so packaging/libtidemark.map
	$(call SHARED,-L$(B) -ltidemark_record -lsqlite3)
$(B)/tidemark_sql.so: $(MOD_OBJ) ; $(LINK) $(if $(SAN),,-Wl$(comma)-z$(comma)defs) $^ -lm -pthread
$(B)/libtidemark_malloc.so: $(HOOKS:%.c=$(B)/module/%.o) ; $(LINK) $^
$(B)/libtidemark_wrap.a: $(HOOKS:%.c=$(B)/wrap/%.o) ; $(ARCHIVE)
$(HOOK_LIBS): override CFLAGS += -fno-plt # calls of the allocator behind without a detour

$(B)/nights: $(call objects,scripts/nights*.c) ; $(LINK) $^
$(B)/bench_%: $(B)/scripts/bench_%.o $(B)/inside.a ; $(LINK) $^ $(LIBS)
$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(filter $(B)/ingest/% $(B)/record/command/%,$(APP_OBJ)) $(B)/inside.a ; $(LINK) $^ -lcmocka -ljansson $(LIBS)
# The allocator's hooks, linked in; and the same programs without, for tests that preload them.
$(B)/tests/unit/test_malloc_%: override LDFLAGS += $(shell sed -n 's/^wrap=//p' packaging/tidemark-wrap.pc.in)
$(B)/tests/unit/test_malloc_%: $(B)/tests/unit/test_malloc_%.o $(B)/inside.a $(B)/libtidemark_wrap.a ; $(LINK) $^ -lcmocka $(LIBS)
$(B)/tests/unit/preload_malloc_%: $(B)/tests/unit/test_malloc_%.o $(B)/inside.a ; $(LINK) $^ -lcmocka $(LIBS)
$(EXAMPLES): %: %.o $(B)/libtidemark.a ; $(LINK) $^ $(LIBS)
$(B)/record/loader.o: override CFLAGS += -fexceptions # a plugin's C++ exception ends its call
$(EXAMPLES:%=%.o): override CPPFLAGS += -Irecord
$(B)/tests/plugins/%.so: $(B)/tests/plugins/%.o ; $(LINK) $^
$(B)/tests/%.o: override CFLAGS += -fvisibility=default # plugins, and tests that put their allocator in place of the C library's

$(B)/module/%.o: %.c | $(B)/gen/ready ; $(COMPILE)
$(B)/wrap/%.o: %.c | $(B)/gen/ready ; $(COMPILE) -DTM_HOOKS_WRAP
$(B)/gen/%.o: $(B)/gen/%.c | $(B)/gen/ready ; $(COMPILE) -Wno-overlength-strings
$(B)/%.o: %.c $(B)/gen/schema/sql.h | $(B)/gen/ready ; $(COMPILE) -DSQLITE_CORE
SQL := $(wildcard schema/[0-9]*.sql) schema/views.sql schema/aside.sql schema/queries.sql schema/invariants.sql $(if $(POSTGRES),$(wildcard schema/postgres/*.sql))
$(B)/gen/schema/sql.h $(B)/gen/schema/sql.c: $(SQL) scripts/embed.awk
	$(Q)mkdir -p $(@D) && awk -v mode=$(patsubst .%,%,$(suffix $@)) -f scripts/embed.awk $(SQL) >$@.tmp && mv $@.tmp $@
$(B)/gen/report/page/assets.c: $(wildcard report/page/*.css report/page/*.js) scripts/embed_text.awk
	$(Q)mkdir -p $(@D) && awk -f scripts/embed_text.awk $(filter-out scripts/%,$^) >$@.tmp && mv $@.tmp $@

# What is missing is said before anything is compiled: once in a tree, and always where the compiler takes no flag.
$(B)/gen/ready: $(if $(HARDEN),,always) ; @CC='$(CC)' CPPFLAGS='$(CPPFLAGS)' LDFLAGS='$(LDFLAGS)' scripts/setup.sh -n compile && mkdir -p $(@D) && touch $@
# The set-up script looks first and installs only what is missing; then a make of its own builds with what is there now.
setup-%: ; @scripts/setup.sh $*
demo: setup-demo ; @$(SUB) all $(B)/nights && TIDEMARK=$(B)/tidemark NIGHTS=$(B)/nights scripts/demo.sh ## a store from generated nights, shown
demo-recorder: setup-build ; @$(SUB) all $(B)/scripts/demo_host && TIDEMARK=$(B)/tidemark HOST=$(B)/scripts/demo_host HOOKS=$(B)/libtidemark_malloc.so scripts/demo_recorder.sh ## from a plugin's call to its verdict
test: setup-test ; @$(SUB) all units && tests/run.sh $(B) $(T) ## all tests, or those whose name contains T; ends with 'N passed, N failed'
test-whole: ; @TM_WHOLE=1 $(SUB) test ## the same with nothing left out of tests of many like cases
torture-memory: setup-test ; @$(SUB) all units && TM_LONG=$(or $(TM_LONG),1) tests/run.sh $(B) short_of_memory ## every allocation of every command and library call fails, once and for good: hours
torture: setup-test ; @$(SUB) all units && TM_TORTURE=$(or $(TM_TORTURE),short) tests/run.sh $(B) torture ## power failures, kills, errors of the system and schedules, in minutes; torture-long: the same for hours
torture-long: ; @$(SUB) TM_TORTURE=long torture
units: $(B)/nights $(B)/tests/fuzz/main/replay $(UNITS) $(EXAMPLES) $(PLUGINS) $(patsubst $(B)/tests/unit/test_malloc_%,$(B)/tests/unit/preload_malloc_%,$(filter $(B)/tests/unit/test_malloc_%,$(UNITS)))
bench: setup-test ## speed beside the sqlite3 shell, as ratios
	-@$(SUB) python
	@$(SUB) all $(B)/nights $(B)/bench_record $(B)/bench_monitor $(B)/bench_judge $(if $(HOOKS),$(B)/bench_malloc)
	@TIDEMARK=$(B)/tidemark NIGHTS=$(B)/nights scripts/bench.sh $(T)
mutate: setup-test ; @$(SUB) all units && scripts/mutate $(T) ## small faults, each of which a test must see: half an hour
coverage: setup-test ; @$(SUB) B=build/coverage CFLAGS="-O0 -g --coverage" all units && scripts/coverage.sh build/coverage $(T) ## how much of store, ingest, gate, analyze the tests reach
checkers: setup-checkers ; @scripts/lint.sh analyzer scan valgrind ## gcc's and clang's analysers, and valgrind on the sessions: a quarter of an hour
test-machines: setup-machines ; @scripts/machines.sh $(T) ## unit tests and stores on arm64 and s390x, by qemu
fuzz: setup-fuzz ## clang's fuzzer on all targets    T=csv  FUZZ_SECONDS=120 (shared by them)
	@$(SUB) CC=clang B=build/fuzz CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined" build/fuzz/fuzz && scripts/fuzz.sh build/fuzz/fuzz $(T)
$(B)/fuzz: $(FUZZ) $(B)/tests/fuzz/main/libfuzzer.o $(B)/inside.a ; $(LINK) -fsanitize=fuzzer,address,undefined $^ $(LIBS)
$(B)/tests/fuzz/main/replay: $(FUZZ) $(B)/tests/fuzz/main/replay.o $(B)/inside.a ; $(LINK) $^ $(LIBS)
$(B)/tests/fuzz/program.o: $(B)/cli/main.o ; $(Q)objcopy --redefine-sym main=tm_program $< $@
python: setup-python ; @$(SUB) $$($(PYTHON) -c 'import sysconfig as s; print("PY_SUFFIX=" + s.get_config_var("EXT_SUFFIX"), "PY_INCLUDE=" + s.get_path("include"), "python-module")') ## the extension for PYTHON, in build/python
python-module: $(B)/python/tidemark$(PY_SUFFIX) $(B)/python/tidemark_pstats.py $(B)/python/tidemark/__init__$(PY_SUFFIX) $(patsubst record/%,$(B)/%,$(wildcard record/python/tidemark/*))
$(B)/python/tidemark/%: record/python/tidemark/% ; $(Q)mkdir -p $(@D) && cp $< $@
$(B)/python/tidemark/__init__$(PY_SUFFIX): $(B)/python/tidemark$(PY_SUFFIX) ; $(Q)mkdir -p $(@D) && cp $< $@
$(B)/python/%.py: record/python/%.py ; $(Q)mkdir -p $(@D) && cp $< $@
$(B)/python/tidemark$(PY_SUFFIX): $(patsubst %.c,$(B)/python/of$(basename $(PY_SUFFIX))/%.o,$(wildcard record/python/*.c)) $(B)/inside.a
	$(LINK) -Wl,--exclude-libs,ALL $^ $(LIBS)
$(B)/python/of$(basename $(PY_SUFFIX))/%.o: %.c ; $(COMPILE) -isystem $(PY_INCLUDE) -ftls-model=initial-exec
layers: all ; @scripts/layers.sh $(B) ## forbidden includes, and circles between files
check: setup-lint layers ; @scripts/lint.sh ## that, format and static analysis
install: all ; @LIBDIR="$(LIBDIR)" packaging/install.sh "$(B)" "$(DESTDIR)" "$(PREFIX)" "$(VERSION)" ## below DESTDIR and PREFIX (/usr/local), libraries in LIBDIR (lib)
uninstall: ; @LIBDIR="$(LIBDIR)" packaging/install.sh "$(B)" "$(DESTDIR)" "$(PREFIX)" "$(VERSION)" remove ## removes what 'make install' put there
static: setup-build ; @$(SUB) $(B)/static/tidemark ## the program with its libraries inside, but libc: build/static/tidemark
deb: setup-deb ; @scripts/deb.sh $(VERSION) ## packages for Debian, in build/deb
dist: ; @scripts/dist.sh $(VERSION) ## build/tidemark-VERSION.tar.gz, from what is committed
clean: ; rm -rf build ## removes build/

.PHONY: all always help demo demo-recorder test test-whole torture-memory torture torture-long units bench mutate coverage checkers test-machines fuzz python python-module layers check install uninstall static deb dist clean
# An object that no rule names stays; one that a rule names, and is not there, is made.
.PRECIOUS: $(B)/%.o
-include $(shell find $(B) -name '*.d' -not -path '$(B)/*san/*' 2>/dev/null)
