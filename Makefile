# make            build/runbook and build/runbook-shim
# make demo       the whole story on a real platform; sets itself up
# make test       every test; sets itself up
# make unit cases crash bench lint format asan install uninstall clean
.DEFAULT_GOAL := all
SHELL := /bin/bash

BUILD    ?= build
CC       ?= cc
VERSION  := 0.1.0
RELEASED := 2026-11-29
PREFIX   ?= /usr/local
LIBS     := yaml-0.1 libuv jansson libcrypto libpcre2-8 libarchive zlib libssl libcmark
# Loaded when they are first needed (sys/library.h): their headers alone.
LATE     := libcurl libpq
UNISTRING := -lunistring -lm

# Nothing can be compiled before the packages are there: the first goal brings them.
ifeq ($(filter clean uninstall format,$(MAKECMDGOALS)),)
ifneq ($(shell pkg-config --exists $(LIBS) $(LATE) 2>/dev/null && test -e /usr/include/unistr.h && echo yes),yes)
$(info the build needs packages: tools/setup build)
$(shell tools/setup build >&2)
endif
endif

WARN   := -Wall -Wextra -Werror -Wshadow -Wconversion -Wformat=2 -Wvla -Wstrict-prototypes \
          -Wmissing-prototypes -Wpointer-arith -Wwrite-strings
HARDEN := -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fstack-clash-protection -fPIE
OPT    ?= -O2 -g $(HARDEN)
LIB_CFLAGS := $(shell pkg-config --cflags $(LIBS) $(LATE) 2>/dev/null)
LIB_LIBS   := $(shell pkg-config --libs $(LIBS) 2>/dev/null)
CFLAGS_ALL = -std=gnu17 $(WARN) $(OPT) -iquote interpreter -D_GNU_SOURCE \
          -DRUNBOOK_VERSION='"$(VERSION)"' \
          $(LIB_CFLAGS) $(CFLAGS)
LDFLAGS_ALL = -pie -Wl,-z,relro,-z,now $(LDFLAGS)
LDLIBS_ALL  = $(LIB_LIBS) $(UNISTRING)

SOURCES := $(wildcard interpreter/*/*.c)
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o)
# The shim links libc alone: what it shares with the interpreter may need nothing more.
SHIM_SOURCES := interpreter/shim.c interpreter/base/mask.c interpreter/base/mask_forms.c $(patsubst %,interpreter/sys/%.c,aside attempt cgroup failure \
          limit order output spawn streams supervise task tree)
SHIM_OBJECTS := $(SHIM_SOURCES:%.c=$(BUILD)/%.o)
# Static, it starts in two thirds of the time; the sanitizers can't do that.
SHIM_STATIC  := $(if $(findstring -fsanitize,$(CFLAGS)),-pie,-static-pie)
CRASH   := $(patsubst tests/crash/%.c,$(BUILD)/tests/crash/%,$(wildcard tests/crash/*.c))
UNITS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/test_*.c))

.PHONY: all test setup-test setup-lint unit cases platform-test crash bench setup-bench demo lint format asan \
        install uninstall clean
all: $(if $(wildcard interpreter/main.c),$(BUILD)/runbook) $(if $(wildcard interpreter/shim.c),$(BUILD)/runbook-shim) $(BUILD)/librunbook.a

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -c -o $@ $<

$(BUILD)/interpreter/commands/manual.o: CFLAGS_ALL += -DRUNBOOK_RELEASED='"$(RELEASED)"'

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

$(BUILD)/tests/crash/%: tests/crash/%.c $(BUILD)/librunbook.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS_ALL) -MMD -MP -o $@ $< $(BUILD)/librunbook.a $(LDFLAGS_ALL) $(LDLIBS_ALL)

# ---- tests: each prints TAP, and prove's last line counts them all ----
TAP := CMOCKA_MESSAGE_OUTPUT=TAP prove --exec ''
# What needs an engine says so and skips where none can run, unless RUNBOOK_TEST_REQUIRE=docker.
SCRIPTS := tests/cases.t $(wildcard tests/crash/*.t tests/small/*.t tests/lint/*.t)
PLATFORM := $(wildcard tests/platform/*.t)

test: setup-test
	@$(MAKE) --no-print-directory -j$$(nproc) all $(UNITS) $(CRASH)
	@$(TAP) -j$$(nproc) $(PLATFORM) $(SCRIPTS) $(UNITS)

setup-test:
	@tools/setup build test
	@if [ "$$(id -u)" = 0 ] || sudo -n true 2>/dev/null; then tools/setup platform; fi

unit: all $(UNITS)
	@$(TAP) -j$$(nproc) $(UNITS)

cases: all
	@prove tests/cases.t

platform-test: all
	@prove $(wildcard tests/platform/*.t)

# What survives kills, cuts, damage and full disks, in figures; `make test` tries a sample of them.
crash: setup-test
	@$(MAKE) --no-print-directory -j$$(nproc) all $(CRASH)
	@tests/crash/figures

# What it costs, side by side with ninja, make and libyaml; the README's figures come from here.
bench: setup-bench
	@$(MAKE) --no-print-directory -j$$(nproc) all
	@tests/bench/run

setup-bench:
	@tools/setup build bench

demo: all
	@tests/demo

# ---- the code itself ----
lint: setup-lint
	@tools/lint

setup-lint:
	@tools/setup build lint

format: setup-lint
	clang-format -i $$(git ls-files '*.c' '*.h')

# Every case and every unit test under ASan and UBSan, in a build of its own.
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
asan: setup-test
	@$(MAKE) --no-print-directory -j$$(nproc) BUILD=build/asan OPT='-O1 -g' CFLAGS='$(SANITIZE)' \
	  LDFLAGS='$(SANITIZE)' all $(UNITS:$(BUILD)/%=build/asan/%)
	@ln -sfn ../stdlib build/stdlib && ln -sfn ../runbooks build/runbooks
	@RUNBOOK=$(CURDIR)/build/asan/runbook $(TAP) -j$$(nproc) $(UNITS:$(BUILD)/%=build/asan/%) tests/cases.t

# ---- installing ----
SHARE := $(DESTDIR)$(PREFIX)/share/runbook
UNIT  := $(DESTDIR)$(PREFIX)/lib/systemd/system
# Where man, bash, zsh and fish look for what a program brings along.
MAN   := $(DESTDIR)$(PREFIX)/share/man/man1/runbook.1
BASH_COMPLETION := $(DESTDIR)$(PREFIX)/share/bash-completion/completions/runbook
ZSH_COMPLETION  := $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_runbook
FISH_COMPLETION := $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/runbook.fish
install: all
	install -D -m 755 $(BUILD)/runbook $(DESTDIR)$(PREFIX)/bin/runbook
	install -D -m 755 $(BUILD)/runbook-shim $(DESTDIR)$(PREFIX)/libexec/runbook/runbook-shim
	install -d $(SHARE)/stdlib/ci $(SHARE)/runbooks
	install -m 644 stdlib/*.yaml $(SHARE)/stdlib
	install -m 644 runbooks/*.yaml $(SHARE)/runbooks
	install -m 644 stdlib/ci/* $(SHARE)/stdlib/ci
	install -d $(UNIT)
	sed 's,@PREFIX@,$(PREFIX),' tools/runbook-watch@.service.in >$(UNIT)/runbook-watch@.service
	chmod 644 $(UNIT)/runbook-watch@.service
	$(BUILD)/runbook man | install -D -m 644 /dev/stdin $(MAN)
	$(BUILD)/runbook completion bash | install -D -m 644 /dev/stdin $(BASH_COMPLETION)
	$(BUILD)/runbook completion zsh | install -D -m 644 /dev/stdin $(ZSH_COMPLETION)
	$(BUILD)/runbook completion fish | install -D -m 644 /dev/stdin $(FISH_COMPLETION)

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/runbook $(UNIT)/runbook-watch@.service \
	  $(MAN) $(BASH_COMPLETION) $(ZSH_COMPLETION) $(FISH_COMPLETION)
	rm -rf $(DESTDIR)$(PREFIX)/libexec/runbook $(SHARE)

clean:
	rm -rf $(BUILD)

-include $(OBJECTS:.o=.d) $(SHIM_OBJECTS:.o=.d) $(BUILD)/interpreter/main.d $(UNITS:=.d)
