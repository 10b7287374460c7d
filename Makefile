# make demo     raises a small fleet on loopback and opens the prompt on it; SYSTEM=aiquant: four units on systemd
# make test     lints, builds and runs every test
# make test-release  runs the tests of the Lua boundary as operators run it: optimized
# make test-address  runs the tests of the Lua boundary under AddressSanitizer
# make soak     kills opsh at each write of its journal, and takes connections and disks away over 200 seeds;
#               100 more seeds end with a rollback
# make bench    measures opsh against its peers
# make format   formats the Swift sources
# make release  builds .build/release/opsh, with the Swift runtime inside
# make install  puts what `make release` built, lua/, plugins/ and runbooks/ below PREFIX (/usr/local); DESTDIR stages it
# make clean    removes what was built

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.PHONY: demo test test-release test-address soak bench format release install clean

# Libraries opsh stands on, and the programs its lab and its tests drive.
packages := liblua5.4-dev libedit-dev libpq-dev libsqlite3-dev libssh2-1-dev libssl-dev libcurl4-openssl-dev pkg-config \
  openssh-server openssh-client openssh-sftp-server busybox postgresql tmux tcsh acl attr clustershell lua-check sqlite3 \
  curl openssl systemd
bench_packages := pssh lua5.4 python3 time
lua_folders := $(wildcard lua runbooks plugins Sources/OpshLab/Plugin)

demo:
	@.ci/packages $(packages)
	@SYSTEM="$(SYSTEM)" .ci/demo

test:
	@.ci/packages $(packages)
	@.ci/promtool || echo "promtool cannot be had here: its test is left out" >&2
	swift format lint --strict --recursive Package.swift Sources Tests
	$(if $(lua_folders),luacheck --quiet $(lua_folders))
	swift build --build-tests -Xcc -Wall -Xcc -Wextra -Xcc -Werror
	@.ci/test

# A Lua error that jumps over a Swift frame may survive without optimization and crash with it.
optimized_tests := EventLoopTests LuaRuntimeTests
optimized := -c release -Xswiftc -enable-testing --scratch-path .build/optimized
test-release:
	@.ci/packages $(packages)
	OPSH_TESTS="$(optimized_tests)" swift build $(optimized) --product opshPackageTests
	@OPSH_TESTS="$(optimized_tests)" swift test $(optimized) --skip-build

# What Lua jumps over and the stacks of its coroutines are no leaks.
checked := --sanitize=address --scratch-path .build/address
test-address:
	@.ci/packages $(packages)
	OPSH_TESTS=LuaRuntimeTests swift build $(checked) --product opshPackageTests
	@OPSH_TESTS=LuaRuntimeTests ASAN_OPTIONS=detect_leaks=0:use_sigaltstack=0 swift test $(checked) --skip-build

soak:
	@.ci/packages $(packages)
	swift build --build-tests -Xcc -Wall -Xcc -Wextra -Xcc -Werror
	OPSH_SOAK=1 swift test --skip-build -Xcc -Wall -Xcc -Wextra -Xcc -Werror --filter '^CrashTests\.(CrashMatrix|Fencing|Storm|RollbackStorm|UnitMatrix)Tests'

bench: release
	@.ci/packages $(packages) $(bench_packages)
	swift build --product opsh-lab
	swift build --product opsh-lab-bot
	swift build -c release --product journal-bench
	bench/run

format:
	swift format --in-place --recursive Package.swift Sources Tests

release:
	@.ci/packages $(packages)
	swift build -c release --static-swift-stdlib --product opsh

PREFIX ?= /usr/local
share := $(DESTDIR)$(PREFIX)/share/opsh
install:
	@test -x .build/release/opsh || { echo "nothing to install: run make release first" >&2; exit 1; }
	install -D -m 755 .build/release/opsh $(DESTDIR)$(PREFIX)/bin/opsh
	install -d $(share)
	rm -rf $(share)/lua $(share)/plugins $(share)/runbooks
	cp -r lua plugins runbooks $(share)/

clean:
	rm -rf .build
