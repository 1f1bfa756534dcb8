# Bihuan (闭环). `make demo` shows it, `make test` proves it; both install what
# they miss (scripts under tests/support say what they do before they do it).
#
#   make            the four programs, in build/
#   make test       all tests            SANITIZE=1, CC=clang as well
#   make bench      first figures

CC ?= gcc
ifeq ($(origin CC),default)
CC = gcc
endif
BUILD ?= build
PACKAGES = rdkafka hiredis jansson libcurl libcrypto libxxhash libmicrohttpd
CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2
CPPFLAGS += -D_GNU_SOURCE -I. $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LDLIBS += $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lcsv -lpthread -lm
ifdef SANITIZE
CFLAGS += -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LDFLAGS += -fsanitize=address,undefined
endif

LIBRARY = $(sort $(filter-out %/main.c,$(wildcard common/*.c sla/*.c ingest/*.c notify/*.c report/*.c)))
PROGRAMS = $(patsubst %/main.c,$(BUILD)/bihuan-%,$(wildcard ingest/main.c sla/main.c notify/main.c report/main.c))
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

.PHONY: all test unit support deps clean
all: deps $(PROGRAMS)

deps:
	@sh tests/support/deps

$(BUILD)/obj/%.o: %.c | deps
	@mkdir -p $(@D)
	$(CC) -std=c11 $(CFLAGS) $(WARN) $(CPPFLAGS) -MMD -MP -c $< -o $@

# The Function library, as bytes in the program.
$(BUILD)/gen/store_library.c: sla/store.lua | deps
	@mkdir -p $(@D)
	@{ echo '#include "sla/store_call.h"'; echo 'const char store_library[] = {'; \
	  od -An -v -tx1 $< | sed 's/\([0-9a-f][0-9a-f]\)/0x\1,/g'; echo '0};'; \
	  echo 'const size_t store_library_bytes = sizeof store_library - 1;'; } >$@
$(BUILD)/obj/gen/store_library.o: $(BUILD)/gen/store_library.c
	@mkdir -p $(@D)
	$(CC) -std=c11 $(CFLAGS) $(WARN) $(CPPFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/libbihuan.a: $(LIBRARY:%.c=$(BUILD)/obj/%.o) $(BUILD)/obj/gen/store_library.o
	@rm -f $@
	@ar rcs $@ $^

# A program is its own folder, and of the library what that needs (each folder
# has verbs of the same names, so its own objects come first).
.SECONDEXPANSION:
$(BUILD)/bihuan-%: $$(addprefix $(BUILD)/obj/,$$(addsuffix .o,$$(basename $$(wildcard $$*/*.c)))) $(BUILD)/libbihuan.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/tests/%: $(BUILD)/obj/tests/unit/%.o $(BUILD)/libbihuan.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka

# Programs that tests and the demo need: broker, sink, town, pace.
SUPPORT = $(addprefix $(BUILD)/support/,broker sink town pace)
$(BUILD)/support/broker: $(BUILD)/obj/tests/support/broker.o
$(BUILD)/support/sink: $(BUILD)/obj/tests/support/sink.o
$(BUILD)/support/pace: $(BUILD)/obj/tests/support/pace.o
$(BUILD)/support/town: $(patsubst %.c,$(BUILD)/obj/%.o,$(wildcard tests/support/town*.c))
$(SUPPORT): $(BUILD)/obj/tests/support/ready.o $(BUILD)/libbihuan.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) $(LDLIBS)
support: $(SUPPORT)

unit: $(UNIT)
	@tests/run-unit $(UNIT)

test: all unit

clean:
	rm -rf $(BUILD)

.SECONDARY:
-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)
