# make            build/runbook and build/runbook-shim
# make demo       the whole story on a real platform; sets itself up
# make test       every test; sets itself up
# make unit cases crash bench lint format asan install uninstall clean
.DEFAULT_GOAL := all
SHELL := /bin/bash

BUILD    ?= build
CC       ?= cc
VERSION  := 0.1.0
PREFIX   ?= /usr/local
LIBS     := yaml-0.1 libuv jansson libcrypto libcurl libpcre2-8 libarchive zlib
UNISTRING := -lunistring -lm

# Nothing can be compiled before the packages are there: the first goal brings them.
ifeq ($(filter clean uninstall format,$(MAKECMDGOALS)),)
ifneq ($(shell pkg-config --exists $(LIBS) 2>/dev/null && test -e /usr/include/unistr.h && echo yes),yes)
$(info the build needs packages: tools/setup build)
$(shell tools/setup build >&2)
endif
endif

WARN   := -Wall -Wextra -Werror -Wshadow -Wconversion -Wformat=2 -Wvla -Wstrict-prototypes \
          -Wmissing-prototypes -Wpointer-arith -Wwrite-strings
HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
OPT    ?= -O2 -g $(HARDEN)
CFLAGS_ALL = -std=gnu17 $(WARN) $(OPT) -iquote interpreter -D_GNU_SOURCE \
          -DRUNBOOK_VERSION='"$(VERSION)"' -DRUNBOOK_PREFIX='"$(PREFIX)"' \
          $(shell pkg-config --cflags $(LIBS)) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LDLIBS_ALL  = $(shell pkg-config --libs $(LIBS)) $(UNISTRING)

SOURCES := $(wildcard interpreter/*/*.c)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
# The shim links libc alone: what it shares with the interpreter may need nothing more.
SHIM_SOURCES := interpreter/shim.c $(patsubst %,interpreter/sys/%.c,aside attempt cgroup failure \
          limit order output spawn streams supervise task tree)
SHIM_OBJECTS := $(SHIM_SOURCES:%.c=$(BUILD)/%.o)
# Static, it starts in two thirds of the time; the sanitizers can't do that.
SHIM_STATIC  := $(if $(findstring -fsanitize,$(CFLAGS)),-pie,-static-pie)
UNITS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

.PHONY: all unit clean format
all: $(if $(wildcard interpreter/main.c),$(BUILD)/runbook) $(if $(wildcard interpreter/shim.c),$(BUILD)/runbook-shim) $(BUILD)/librunbook.a

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/librunbook.a: $(OBJECTS)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $(OBJECTS)

$(BUILD)/runbook: $(BUILD)/interpreter/main.o $(BUILD)/librunbook.a
	$(CC) $(OPT) $(CFLAGS) $(LDFLAGS_ALL) -o $@ $^ $(LDLIBS_ALL)

$(BUILD)/runbook-shim: $(SHIM_OBJECTS)
	$(CC) $(OPT) $(CFLAGS) $(SHIM_STATIC) -Wl,-z,relro,-z,now $(LDFLAGS) -o $@ $^

$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/librunbook.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -o $@ $< $(BUILD)/librunbook.a $(LDFLAGS_ALL) $(LDLIBS_ALL) -lcmocka

unit: all $(UNITS)
	@if [ -n "$(UNITS)" ]; then CMOCKA_MESSAGE_OUTPUT=TAP prove --exec '' $(UNITS); fi

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(SHIM_OBJECTS:.o=.d) $(BUILD)/interpreter/main.d $(UNITS:=.d)
