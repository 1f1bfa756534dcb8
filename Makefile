# Bihuan (闭环). `make demo` shows it, `make test` proves it; both install what
# they miss (tests/support/deps says what it does before it does it).
#
#   make            the four programs, in build/
#   make demo       three months of a town's hotline in about a minute
#                   FEED=FILE [MAPPING=NAME]: a file of yours; DEMO_EXIT=1: ends by itself
#   make test       all tests            SANITIZE=1, CC=clang as well; SEEDS=N for more generated lives
#   make bench      figures              QUICK=1 for a short slice
#   make fuzz       the decoders, SECONDS=60 each
#   make coverage   lines and branches of the core that its unit tests take
#   make soak       the integration tests, long

CC ?= gcc
ifeq ($(origin CC),default)
CC = gcc
endif
# Objects of other compilers and flags have a folder of their own.
BUILD ?= build$(if $(SANITIZE),-sanitize)$(if $(filter clang%,$(CC)),-clang)
export BUILD
# Apache Kafka is fetched once, for all of them.
export BIHUAN_CACHE ?= $(CURDIR)/build/cache
PACKAGES = rdkafka hiredis jansson libcurl libcrypto libmicrohttpd libxxhash
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
CPPFLAGS += -D_GNU_SOURCE -I. $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LDLIBS += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv -lpthread -lm
ifdef SANITIZE
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
# Fuzzers are linked with clang's sanitized library as it is.
ifneq ($(filter clang%,$(CC)),)
CFLAGS += -fsanitize=fuzzer-no-link
endif
endif
COMPILE = $(CC) -std=c11 $(CFLAGS) $(WARN) $(CPPFLAGS) -MMD -MP
PYTHON = /usr/bin/python3

LIBRARY = $(sort $(filter-out %/main.c,$(wildcard common/*.c sla/*.c ingest/*.c notify/*.c report/*.c)))
PROGRAMS = $(addprefix $(BUILD)/bihuan-,$(patsubst %/main.c,%,$(wildcard ingest/main.c sla/main.c notify/main.c report/main.c)))
SUPPORT = $(addprefix $(BUILD)/support/,broker sink town pace courier)
# Preloaded into programs, as real ones: without sanitizers.
PRELOADED = $(addprefix $(BUILD)/support/,mortal.so shift.so)
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))
FUZZ = $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))

.PHONY: all deps deps-test support demo test unit unit-programs differential schema names history integration bench soak fuzz coverage clean FORCE
all: $(PROGRAMS)

deps:
	@sh tests/support/deps
deps-test:
	@sh tests/support/deps test

# --- objects and programs ---

$(BUILD)/obj/%.o: %.c | deps
	@mkdir -p $(@D)
	@echo '  CC   $<'
	@$(COMPILE) -c $< -o $@

# The Function library, as bytes in the program.
$(BUILD)/gen/store_library.c: sla/store.lua | deps
	@mkdir -p $(@D)
	@{ echo '#include "sla/store_call.h"'; echo 'const char store_library[] = {'; \
	  od -An -v -tx1 $< | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g'; echo '0};'; \
	  echo 'const size_t store_library_bytes = sizeof store_library - 1;'; } >$@
$(BUILD)/obj/gen/store_library.o: $(BUILD)/gen/store_library.c
	@mkdir -p $(@D)
	@echo '  CC   $<'
	@$(COMPILE) -c $< -o $@

$(BUILD)/libbihuan.a: $(LIBRARY:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/store_library.o
	@rm -f $@
	@ar qcs $@ $^

# A program is its main and of the library what that needs.
$(PROGRAMS): $(BUILD)/bihuan-%: $(BUILD)/obj/%/main.o $(BUILD)/libbihuan.a
	@echo '  LINK $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What tests and the demonstration need beside the programs.
$(BUILD)/support/broker: $(BUILD)/obj/tests/support/broker.o
$(BUILD)/support/sink: $(BUILD)/obj/tests/support/sink.o
$(BUILD)/support/pace: $(BUILD)/obj/tests/support/pace.o
$(BUILD)/support/courier: $(BUILD)/obj/tests/support/courier.o
$(BUILD)/support/town: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/support/town*.c))
$(SUPPORT): $(BUILD)/obj/tests/support/ready.o $(BUILD)/libbihuan.a
	@mkdir -p $(@D)
	@echo '  LINK $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)
$(PRELOADED): $(BUILD)/support/%.so: tests/support/%.c | deps
	@mkdir -p $(@D)
	@echo '  LINK $@'
	@$(CC) -std=c11 -O2 -fPIC -shared $(WARN) -D_GNU_SOURCE -o $@ $< -ldl
support: $(SUPPORT) $(PRELOADED)

demo: all support
	@$(PYTHON) demo/demo.py

# --- tests ---

$(UNIT): $(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/libbihuan.a
	@mkdir -p $(@D)
	@echo '  LINK $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka
$(BUILD)/tests/bench_core: $(BUILD)/obj/tests/bench/bench_core.o $(BUILD)/libbihuan.a
	@mkdir -p $(@D)
	@echo '  LINK $@'
	@$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)
$(UNIT:$(BUILD)/tests/%=$(BUILD)/obj/tests/unit/%.o): | deps-test

unit-programs: deps-test $(UNIT)
unit: unit-programs
	@tests/run-unit $(UNIT)
differential: deps-test all
	@tests/differential $(BUILD)/bihuan-sla $(SEEDS)
schema: deps-test all
	@tests/schema
names: all
	@tests/names
history: all
	@tests/city-history $(BUILD)/bihuan-sla
integration: deps-test all support
	@tests/run-integration

test: unit differential schema names history integration

bench: deps-test all support $(BUILD)/tests/bench_core
	@$(PYTHON) tests/bench/bench.py $(if $(QUICK),--quick)

soak: deps-test all support
	@SOAK=1 tests/run-integration

# Fuzzers are clang's, with its sanitized library.
SECONDS ?= 60
SANITIZED = build-sanitize-clang
FUZZ_FLAGS = -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
$(SANITIZED)/libbihuan.fuzz.a: FORCE | deps-test
	@$(MAKE) --no-print-directory -j2 BUILD=$(SANITIZED) CC=clang SANITIZE=1 $(SANITIZED)/libbihuan.a
	@cmp -s $(SANITIZED)/libbihuan.a $@ || cp $(SANITIZED)/libbihuan.a $@
$(BUILD)/fuzz/%: tests/fuzz/%.c $(wildcard tests/fuzz/*.h) $(SANITIZED)/libbihuan.fuzz.a
	@mkdir -p $(@D)
	@echo '  FUZZ $@'
	@clang -std=c11 $(FUZZ_FLAGS) $(WARN) $(CPPFLAGS) -o $@ $< $(SANITIZED)/libbihuan.fuzz.a $(LDLIBS)
fuzz: $(FUZZ)
	@tests/fuzz/run $(SECONDS) $(FUZZ)
FORCE:

coverage: deps-test
	@env -u BUILD tests/coverage

clean:
	rm -rf $(BUILD)

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
