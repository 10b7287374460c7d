# shellcheck shell=bash disable=SC2154  # what is not set here is set by bench/run
# What is printed, and kept in $work/report.md.
say() { printf '%s\n' "$@" | tee -a "$work/report.md"; }

# Shows the table that a function prints; its failure ends the run.
show() { # FUNCTION [ARGUMENT...]
  "$@" >"$work/table"
  say "$(<"$work/table")" ''
}

version_of() { dpkg-query -W -f '${source:Upstream-Version}' "$1"; }

machine() {
  local processor memory
  processor=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo | head -n 1)
  memory=$(awk '/^MemTotal/ { printf "%.0f", $2 / 1048576 }' /proc/meminfo)
  echo "$(date +%F), $("$opsh" --version)," \
    "on $(nproc) cores ($processor), $memory GB," \
    "Linux $(uname -r | cut -d- -f1), $(. /etc/os-release && echo "$PRETTY_NAME")." \
    "OpenSSH $(version_of openssh-server), libssh2 $(version_of libssh2-1), clush $(version_of clustershell)," \
    "pssh $(version_of pssh), Lua $(version_of lua5.4), PostgreSQL $("$database_programs/psql" --version | grep -o '[0-9.]*' | head -n 1)." \
    "Load average at the start: $(cut -d' ' -f1 /proc/loadavg)."
}

notes() {
  cat <<'NOTES'
## Reading the tables

- Everything runs on one machine, servers and clients: at 178 hosts the wall time is mostly the servers' (about 10 to 20 ms of
  CPU per connection), so the wall says how well a tool keeps them busy and the client CPU says what the tool itself costs.
- `C, libssh2 and epoll` is `bench/floor/fanout.c`: one thread, every host in flight, nothing but the command. It is the reference of
  the ratios, which are medians of the ratios within each round.
- clush and parallel-ssh start one `ssh` a host, with its default key exchange (sntrup761), which takes most of their CPU.
- psql is PostgreSQL's own program without Debian's Perl wrapper; it connects over a Unix socket and asks one question. lua5.4
  is the interpreter that opsh embeds, with nothing around it.
- Journal: an operation is two durable commits, so two commits of one row with the same driver and durability are its reference;
  a disk's fsync is most of both. An operation is written to the journal once to be resumed and once into the audit chain.
- Plugins: the sites lie on one local host; a check is loaded, measured, judged and printed, and the command it runs takes most
  of both rows. A primitive of a plugin is checked against its declaration, capabilities and budget at every call.
- Checks: each of the 200 asks one host, so 22 hosts are asked twice. Target: at most 1.3 times the query.
- The load average tells whether the machine had other work: the ratios within a round then say more than the seconds.
- Targets: cold wall at 178 hosts at most 1.5 times the reference, start-up at most 30 ms, runs() over 10,000 runs below 100 ms;
  start-up with 5 plugins at most 1.5 times that without, a call of a plugin's primitive at most 25 µs more than in Lua, one
  check at most 2 times its measurement.
- Again on this machine: `make bench`, or `bench/run --write` to replace this page.
NOTES
}
