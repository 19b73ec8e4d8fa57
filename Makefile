# make            the program, with nothing but the libraries    make demo     a store from generated nights, shown
# make test       everything, one closing line                   make install  PREFIX and DESTDIR
# make check      layers, format, static analysis                make bench    speed beside the sqlite3 shell
# make python     the extension module for PYTHON (python3), in $B/python
# Variables: CC, CFLAGS, PYTHON, B (build directory), V=1 (show commands), T (tests to pick),
# SAN=1 (a tree of its own, with address and undefined behaviour sanitizers), SAN=thread (the same with the thread sanitizer)

VERSION := $(shell sed -n 's/^.define TM_VERSION "\(.*\)"/\1/p' schema/tidemark.h)
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
PYTHON ?= python3
Q := $(if $(V),,@)
JOBS := -j$(shell nproc 2>/dev/null || echo 2)
comma := ,
TSAN := $(filter thread,$(SAN))
B ?= build$(if $(SAN),/$(if $(TSAN),tsan,san))
SANFLAGS := $(if $(SAN),-fsanitize=$(or $(TSAN),address$(comma)undefined) -fno-sanitize-recover=all -fno-omit-frame-pointer)
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
override CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
override CFLAGS += -std=c11 -fPIC -pthread $(WARN) $(SANFLAGS) -MMD -MP
# What a rule does, under one line that says so.
COMPILE = $(if $(V),,@echo "  CC  $@"; )mkdir -p $(@D) && $(CC) -c -o $@ $< $(CPPFLAGS) $(CFLAGS)
LINK = $(if $(V),,@echo "  LD  $@"; )$(CC) -o $@ $(CFLAGS) $(LDFLAGS)
ARCHIVE = $(if $(V),,@echo "  AR  $@"; )rm -f $@ && $(AR) qcs $@ $^
LIBS := -lsqlite3 -lcsv -linih -lm -pthread -ldl

SQL := $(wildcard schema/[0-9]*.sql) schema/views.sql schema/queries.sql schema/invariants.sql
LIB_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard base/*.c schema/*.c store/*.c store/*/*.c analyze/*.c report/*.c report/*/*.c record/*.c)) \
	$(B)/gen/schema/sql.o $(B)/gen/report/page/assets.o
APP_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard ingest/*.c ingest/*/*.c gate/*.c cli/*.c))
MOD_OBJ := $(patsubst %.c,$(B)/module/%.o,$(wildcard store/sqlite/sqlarg.c store/sqlite/sqlext.c store/sqlite/sqlsketch.c analyze/*.c schema/sketch*.c))
NIGHTS_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard scripts/nights*.c))
HOOKS := $(if $(findstring 2,$(shell echo | $(CC) -dM -E -include limits.h - 2>/dev/null | grep -cw -e '__GLIBC__ 2' -e '__LP64__ 1')),$(wildcard record/malloc/*.c))
HOOK_LIBS := $(if $(HOOKS),$(B)/libtidemark_malloc.so $(B)/libtidemark_wrap.a)
WRAP := $(shell sed -n 's/^wrap=//p' packaging/tidemark-wrap.pc.in)
UNITS := $(foreach t,$(or $(T),test),$(foreach u,$(wildcard tests/unit/test_*.c),$(if $(findstring $(t),$(u)),$(u:%.c=$(B)/%))))
UNITS := $(if $(HOOKS),$(UNITS),$(filter-out $(B)/tests/unit/test_malloc_%,$(UNITS)))
PLUGINS := $(patsubst %.c,$(B)/%.so,$(wildcard tests/plugins/*.c))

all: $(B)/tidemark $(B)/libtidemark.a $(B)/tidemark_sql.so $(HOOK_LIBS)

$(B)/tidemark: $(APP_OBJ) $(B)/libtidemark.a
	$(LINK) $^ $(LIBS)

$(B)/libtidemark.a: $(LIB_OBJ)
	$(ARCHIVE)

$(B)/tidemark_sql.so: $(MOD_OBJ)
	$(LINK) -shared $^ -lm

$(B)/libtidemark_malloc.so: $(HOOKS:%.c=$(B)/module/%.o)
	$(LINK) -shared -Wl,-z,now $^

$(B)/libtidemark_wrap.a: $(HOOKS:%.c=$(B)/wrap/%.o)
	$(ARCHIVE)

# Calls of the allocator behind without a detour.
$(HOOK_LIBS): override CFLAGS += -fno-plt

$(B)/nights: $(NIGHTS_OBJ)
	$(LINK) $^

$(B)/bench_%: $(B)/scripts/bench_%.o $(B)/libtidemark.a
	$(LINK) $^ -lm

$(B)/tests/unit/test_%: $(B)/tests/unit/test_%.o $(filter $(B)/ingest/%,$(APP_OBJ)) $(B)/libtidemark.a
	$(LINK) $^ -lcmocka -ljansson $(LIBS)

# The allocator's hooks, linked in; and the same programs without, for tests that preload them.
$(B)/tests/unit/test_malloc_%: override LDFLAGS += $(WRAP)
$(B)/tests/unit/test_malloc_%: $(B)/tests/unit/test_malloc_%.o $(B)/libtidemark.a $(B)/libtidemark_wrap.a
	$(LINK) $^ -lcmocka $(LIBS)

$(B)/tests/unit/preload_malloc_%: $(B)/tests/unit/test_malloc_%.o $(B)/libtidemark.a
	$(LINK) $^ -lcmocka $(LIBS)

$(B)/tests/examples/example_host $(B)/scripts/demo_host: %: %.o $(B)/libtidemark.a
	$(LINK) $^ $(LIBS)

# A plugin's C++ exception ends its call.
$(B)/record/loader.o: override CFLAGS += -fexceptions

$(B)/tests/examples/example_host.o: override CPPFLAGS += -Irecord

$(B)/tests/plugins/%.so: $(B)/tests/plugins/%.o
	$(LINK) -shared $^

$(B)/module/%.o: %.c
	$(COMPILE) -fvisibility=hidden

$(B)/wrap/%.o: %.c
	$(COMPILE) -DTM_HOOKS_WRAP -fvisibility=hidden

$(B)/gen/%.o: $(B)/gen/%.c
	$(COMPILE) -Wno-overlength-strings

$(B)/%.o: %.c $(B)/gen/schema/sql.h
	$(COMPILE) -DSQLITE_CORE

$(B)/gen/schema/sql.h $(B)/gen/schema/sql.c: $(SQL) scripts/embed.awk
	@mkdir -p $(@D)
	$(Q)awk -v mode=$(patsubst .%,%,$(suffix $@)) -f scripts/embed.awk $(SQL) >$@.tmp && mv $@.tmp $@

$(B)/gen/report/page/assets.c: report/page/page.css report/page/page.js scripts/embed_text.awk
	@mkdir -p $(@D)
	$(Q)awk -f scripts/embed_text.awk $(wordlist 1,2,$^) >$@.tmp && mv $@.tmp $@

# The set-up script looks first and installs only what is missing; then a make of its own builds with what is there now.
setup-%:
	@scripts/setup.sh $*

demo: setup-demo
	@$(MAKE) $(JOBS) --no-print-directory all $(B)/nights
	@TIDEMARK=$(B)/tidemark NIGHTS=$(B)/nights scripts/demo.sh

demo-recorder: setup-build
	@$(MAKE) $(JOBS) --no-print-directory all $(B)/scripts/demo_host
	@TIDEMARK=$(B)/tidemark HOST=$(B)/scripts/demo_host HOOKS=$(B)/libtidemark_malloc.so scripts/demo_recorder.sh

test: setup-test
	@$(MAKE) $(JOBS) --no-print-directory all units
	@tests/run.sh $(B) $(T)

units: $(B)/nights $(UNITS) $(B)/tests/examples/example_host $(B)/scripts/demo_host $(PLUGINS) \
    $(patsubst $(B)/tests/unit/test_malloc_%,$(B)/tests/unit/preload_malloc_%,$(filter $(B)/tests/unit/test_malloc_%,$(UNITS)))

bench: setup-test
	-@$(MAKE) --no-print-directory python
	@$(MAKE) $(JOBS) --no-print-directory all $(B)/nights $(B)/bench_record $(B)/bench_monitor $(if $(HOOKS),$(B)/bench_malloc)
	@TIDEMARK=$(B)/tidemark NIGHTS=$(B)/nights scripts/bench.sh $(T)

# make fuzz T=-max_total_time=60     clang's fuzzer on the CSV reader
fuzz:
	@$(MAKE) $(JOBS) --no-print-directory CC=clang B=build/fuzz CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined" build/fuzz/fuzz_csv
	@mkdir -p build/fuzz/corpus && build/fuzz/fuzz_csv $(T) build/fuzz/corpus tests/data/csv

$(B)/fuzz_csv: $(B)/tests/fuzz/fuzz_csv.o $(filter $(B)/ingest/%,$(APP_OBJ)) $(B)/libtidemark.a
	$(LINK) -fsanitize=fuzzer,address,undefined $^ $(LIBS)

# The extension for one Python; its suffix and headers are what that Python says.
python: setup-python
	@$(MAKE) $(JOBS) --no-print-directory $$($(PYTHON) -c 'import sysconfig as s; print("PY_SUFFIX=" + s.get_config_var("EXT_SUFFIX"), "PY_INCLUDE=" + s.get_path("include"), "python-module")')

python-module: $(B)/python/tidemark$(PY_SUFFIX)

$(B)/python/tidemark$(PY_SUFFIX): $(patsubst %.c,$(B)/python/of$(basename $(PY_SUFFIX))/%.o,$(wildcard record/python/*.c)) $(B)/libtidemark.a
	$(LINK) -shared -Wl,--exclude-libs,ALL $^ $(LIBS)

$(B)/python/of$(basename $(PY_SUFFIX))/%.o: %.c
	$(COMPILE) -isystem $(PY_INCLUDE) $(CFLAGS) -fvisibility=hidden -ftls-model=initial-exec

layers: all
	@scripts/layers.sh $(B)

check: setup-lint layers
	@scripts/lint.sh

install: all
	@packaging/install.sh "$(B)" "$(DESTDIR)" "$(PREFIX)" "$(VERSION)"

clean:
	rm -rf build

.PHONY: all demo demo-recorder test units bench fuzz python python-module layers check install clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' -not -path '$(B)/*san/*' 2>/dev/null)
