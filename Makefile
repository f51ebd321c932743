# Builds the two programs for every architecture and character set. The targets that check them are
# in harness/targets.mk; `make help` lists the targets of both.
#
# Override any variable: make ARCHS=x86_64 CC=clang CFLAGS=-O0

ARCHS    = x86_64 i686
CHARSETS = ansi unicode

# The folder of a program, build/ARCH-CHARSET, says what it is built for.
arch     = $(firstword $(subst -, ,$(notdir $(@D))))
charset  = $(word 2,$(subst -, ,$(notdir $(@D))))

CROSS    = $(arch)-w64-mingw32-
ifeq ($(origin CC),default)
CC       = $(CROSS)gcc
endif
CFLAGS   = -Os
LDFLAGS  =
STANDARD = -std=c99
WARNINGS = -Wall -Wextra -Wpedantic -Werror

# UNICODE chooses the functions and types of windows.h, _UNICODE those of tchar.h; -municode links
# the start-up code that calls wmain.
TCHAR_unicode = -DUNICODE -D_UNICODE -municode

# The printf of msvcrt.dll instead of MinGW's own, which adds 25 kB.
CRT      = -D__USE_MINGW_ANSI_STDIO=0

# Link libgcc into the program; leave out symbols, unused parts of the run-time library, and the
# date, so that every build gives the same bytes. Let the system load the program at any address,
# and never execute its data.
LINKING  = -static-libgcc -s -Wl,--gc-sections,--no-insert-timestamp,--dynamicbase,--nxcompat \
           $(LINKING_$(arch))
LINKING_x86_64 = -Wl,--high-entropy-va

# Clang compiles for any machine: say which, and where MinGW keeps libgcc.
TARGET   = $(if $(findstring clang,$(CC)),--target=$(arch)-w64-mingw32 \
           -L$(dir $(shell $(CROSS)gcc -print-libgcc-file-name)))

COMPILE  = $(CC) $(TARGET) $(STANDARD) $(WARNINGS) $(CRT) $(TCHAR_$(charset)) $(CPPFLAGS) \
           $(CFLAGS) $(LINKING)

VARIANTS = $(foreach a,$(ARCHS),$(CHARSETS:%=$(a)-%))
PRODUCTS = $(foreach v,$(VARIANTS),build/$(v)/first_process.exe build/$(v)/second_process.exe)

# When one of these changes, everything is rebuilt.
SETTINGS := $(value CC) $(value CROSS) $(STANDARD) $(WARNINGS) $(CRT) $(CPPFLAGS) $(CFLAGS) \
            $(value LINKING) $(LDFLAGS)
.DELETE_ON_ERROR:
.PHONY: all help clean

all: $(PRODUCTS)  ## build both programs in all variants, and the tools to check them

build/%/first_process.exe: first_process/first_process.c build/settings
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(LDFLAGS)

build/%/second_process.exe: second_process/second_process.c build/settings
	@mkdir -p $(@D)
	$(COMPILE) -o $@ $< $(LDFLAGS) -luser32

ifneq ($(strip $(SETTINGS)),$(strip $(file <build/settings)))
.PHONY: build/settings
endif
build/settings:
	@mkdir -p build
	@printf '%s\n' '$(subst ','\'',$(SETTINGS))' >$@

help:  ## list the targets
	@sed -n 's/^\([a-z0-9]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 16

clean:  ## remove all build output
	rm -rf build

-include harness/targets.mk
