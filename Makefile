# make            the program, with nothing but the libraries    make demo     a store from generated nights, shown
# make test       everything, one closing line                   make install  PREFIX and DESTDIR
# make check      layers, style, static analysis                 make bench    speed beside the sqlite3 shell
# Variables: CC, CFLAGS, SAN=1 (own tree, address and undefined behaviour sanitizers), B (build directory)

VERSION := 0.1.0
PREFIX ?= /usr/local
CC ?= gcc
CFLAGS ?= -O2 -g
B ?= build$(if $(SAN),/san)
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
SANFLAGS := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
comma := ,
override CPPFLAGS += -I. -I$(B)/gen -D_GNU_SOURCE 
override CFLAGS += -std=c11 -fPIC -pthread $(WARN) $(SANFLAGS) -MMD -MP
LIBS := -lsqlite3 -lcsv -lm -pthread

LIB_SRC := $(wildcard schema/*.c store/*.c analyze/*.c)
APP_SRC := $(wildcard ingest/*.c cli/*.c)
LIB_OBJ := $(LIB_SRC:%.c=$(B)/%.o) $(B)/gen/schema/sql.o
APP_OBJ := $(APP_SRC:%.c=$(B)/%.o)
MOD_SRC := store/sqlext.c store/sqlsketch.c $(wildcard analyze/*.c schema/sketch*.c)
MOD_OBJ := $(MOD_SRC:%.c=$(B)/module/%.o)
NIGHTS_OBJ := $(patsubst %.c,$(B)/%.o,$(wildcard scripts/nights*.c))
UNITS   := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))
SQL     := $(wildcard schema/[0-9]*.sql) schema/views.sql schema/queries.sql schema/invariants.sql

all: $(B)/tidemark $(B)/libtidemark.a $(B)/tidemark_sql.so $(B)/nights

$(B)/tidemark: $(APP_OBJ) $(B)/libtidemark.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(B)/libtidemark.a: $(LIB_OBJ)
	rm -f $@ && $(AR) rcs $@ $^

$(B)/%.o: %.c $(B)/gen/schema/sql.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(if $(filter store/%,$<),-DSQLITE_CORE) -c -o $@ $<

$(B)/module/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fvisibility=hidden -c -o $@ $<

$(B)/tidemark_sql.so: $(MOD_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -o $@ $^ -lm

$(B)/nights: $(NIGHTS_OBJ)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^

$(B)/gen/%.o: $(B)/gen/%.c
	$(CC) $(CPPFLAGS) $(CFLAGS) -Wno-overlength-strings -c -o $@ $<

$(B)/gen/schema/sql.h $(B)/gen/schema/sql.c: $(SQL) scripts/embed.awk
	@mkdir -p $(@D)
	awk -v mode=$(patsubst .%,%,$(suffix $@)) -f scripts/embed.awk $(SQL) >$@.tmp && mv $@.tmp $@

-include $(shell find $(B) -name '*.d' 2>/dev/null)
