# make            the program, with nothing but the libraries    make demo     a store from generated nights, shown
# make test       everything, one closing line                   make install  PREFIX and DESTDIR
# make check      layers, format, static analysis                make bench    speed beside the sqlite3 shell
# Variables: CC, CFLAGS, B (build directory), V=1 (show commands), T (tests to pick),
# SAN=1 (a tree of its own, with address and undefined behaviour sanitizers)

VERSION := $(shell sed -n 's/^.define TM_VERSION "\(.*\)"/\1/p' schema/tidemark.h)
PREFIX ?= /usr/local
CFLAGS ?= -O2 -g
Q := $(if $(V),,@)
JOBS := -j$(shell nproc 2>/dev/null || echo 2)
comma := ,
B ?= build$(if $(SAN),/san)
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
override CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE
override CFLAGS += -std=c11 -fPIC -pthread $(WARN) $(SANFLAGS) -MMD -MP
LIBS := -lsqlite3 -lcsv -linih -lm -pthread

SQL := $(wildcard schema/[0-9]*.sql) schema/views.sql schema/queries.sql schema/invariants.sql
LIB_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard schema/*.c store/*.c analyze/*.c analyze/report/*.c)) $(B)/gen/schema/sql.o \
	$(B)/gen/analyze/report/page_assets.o
APP_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard ingest/*.c cli/*.c))
MOD_OBJ := $(patsubst %.c,$(B)/module/%.o,$(wildcard store/sqlext.c store/sqlsketch.c analyze/*.c schema/sketch*.c))
NIGHTS_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard scripts/nights*.c))
UNITS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))

all: $(B)/tidemark $(B)/libtidemark.a $(B)/tidemark_sql.so

$(B)/tidemark: $(APP_OBJ) $(B)/libtidemark.a
	@echo "  $(if $(filter %.o,$@),CC,LD)  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/libtidemark.a: $(LIB_OBJ)
	@echo "  AR  $@"
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/tidemark_sql.so: $(MOD_OBJ)
	@echo "  $(if $(filter %.o,$@),CC,LD)  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $^ -lm

$(B)/nights: $(NIGHTS_OBJ)
	@echo "  $(if $(filter %.o,$@),CC,LD)  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(B)/tests/test_%: $(B)/tests/test_%.o $(filter $(B)/ingest/%,$(APP_OBJ)) $(B)/libtidemark.a
	@echo "  $(if $(filter %.o,$@),CC,LD)  $@"
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ -lcmocka -ljansson $(LIBS)

$(B)/module/%.o: %.c
	@mkdir -p $(@D)
	@echo "  $(if $(filter %.o,$@),CC,LD)  $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -fvisibility=hidden -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c
	@echo "  $(if $(filter %.o,$@),CC,LD)  $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-overlength-strings -c -o $@ $<

$(B)/%.o: %.c $(B)/gen/schema/sql.h
	@mkdir -p $(@D)
	@echo "  $(if $(filter %.o,$@),CC,LD)  $@"
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -DSQLITE_CORE -c -o $@ $<

$(B)/gen/schema/sql.h $(B)/gen/schema/sql.c: $(SQL) scripts/embed.awk
	@mkdir -p $(@D)
	$(Q)awk -v mode=$(patsubst .%,%,$(suffix $@)) -f scripts/embed.awk $(SQL) >$@.tmp && mv $@.tmp $@

$(B)/gen/analyze/report/page_assets.c: analyze/report/page.css analyze/report/page.js scripts/embed_text.awk
	@mkdir -p $(@D)
	$(Q)awk -f scripts/embed_text.awk $(wordlist 1,2,$^) >$@.tmp && mv $@.tmp $@

# The set-up script looks first and installs only what is missing; then a make of its own builds with what is there now.
setup-%:
	@scripts/setup.sh $*

demo: setup-build
	@$(MAKE) $(JOBS) --no-print-directory all $(B)/nights
	@TIDEMARK=$(B)/tidemark NIGHTS=$(B)/nights scripts/demo.sh

test: setup-test
	@$(MAKE) $(JOBS) --no-print-directory all units
	@tests/run.sh $(B) $(T)

units: $(B)/nights $(UNITS)

bench: setup-test
	@$(MAKE) $(JOBS) --no-print-directory all $(B)/nights
	@TIDEMARK=$(B)/tidemark NIGHTS=$(B)/nights scripts/bench.sh $(T)

# make fuzz T=-max_total_time=60     clang's fuzzer on the CSV reader
fuzz:
	@$(MAKE) $(JOBS) --no-print-directory CC=clang B=build/fuzz CFLAGS="-O1 -g -fsanitize=fuzzer-no-link,address,undefined" build/fuzz/fuzz_csv
	@mkdir -p build/fuzz/corpus && build/fuzz/fuzz_csv $(T) build/fuzz/corpus tests/csv

$(B)/fuzz_csv: $(B)/tests/fuzz_csv.o $(filter $(B)/ingest/%,$(APP_OBJ)) $(B)/libtidemark.a
	@echo "  LD  $@"
	$(Q)$(CC) $(CFLAGS) -fsanitize=fuzzer,address,undefined -o $@ $^ $(LIBS)

layers:
	@scripts/layers.sh

check: setup-lint layers
	@scripts/lint.sh

install: all
	@scripts/install.sh "$(B)" "$(DESTDIR)" "$(PREFIX)" "$(VERSION)"

clean:
	rm -rf build

.PHONY: all demo test units bench fuzz layers check install clean
.SECONDARY:
-include $(shell find $(B) -name '*.d' -not -path 'build/san/*' 2>/dev/null)
