#!/usr/bin/python3
"""Runs commands in turns, round by round, and prints a Markdown table of medians.

usage: measure.py [--rounds N] [--pause SECONDS] [--unit s|ms] NAME COMMAND [NAME COMMAND ...]

A command is split like a shell line, not run by a shell, and must exit with 0. The first one is the reference: a ratio is
the median of the ratios to it within each round. CPU is user and system time of the command and the children it waited
for. Memory is the peak resident set of its largest process or, where its processes together hold more, the sampled sum of
their proportional sets (Pss, so that shared pages count once), taken in a further round whose times are not used.
"""

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import tempfile
import time


def start(command):
    return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


def check(command, status, errors):
    if status:
        sys.exit(f"measure.py: {shlex.join(command)[:300]} ended with {status}\n{errors.decode(errors='replace')[-2000:]}")


def timed(command):
    """Wall and CPU seconds."""
    begin = time.monotonic()
    process = start(command)
    errors = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    check(command, process.returncode, errors)
    return wall, usage.ru_utime + usage.ru_stime


def family(root):
    """The process and everything below it."""
    children = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                # man 5 proc: the name ends with the last parenthesis; the parent is the second field after it.
                children.setdefault(int(stat.read().rpartition(")")[2].split()[1]), []).append(int(pid))
        except OSError:
            continue
    found = [root]
    for pid in found:
        found += children.get(pid, [])
    return found


def family_memory(root):
    """Pss in KiB of a process and everything below it."""
    total = 0
    for pid in family(root):
        try:
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except OSError:
            continue
    return total


def peak_memory(command):
    """Peak in MiB."""
    # A child inherits the peak of the process it was forked from, here Python's: time(1) is small enough.
    with tempfile.NamedTemporaryFile("r") as resident:
        process = start(["/usr/bin/time", "-q", "-o", resident.name, "-f", "%M", *command])
        peak = 0
        while process.poll() is None:
            peak = max(peak, family_memory(process.pid))
            time.sleep(0.01)
        check(command, process.returncode, process.stderr.read())
        return max(peak, int(resident.read())) / 1024


def table(names, samples, memory, unit):
    scale = 1000 if unit == "ms" else 1
    digits = 1 if unit == "ms" else 2
    yield f"| tool | wall {unit} | least to most | ratio | client CPU {unit} | ratio | peak MB |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for index, name in enumerate(names):
        cells = [name]
        for what in (0, 1):
            own = [sample[what] for sample in samples[index]]
            ratios = [mine / max(theirs[what], 1e-9) for mine, theirs in zip(own, samples[0])]
            cells.append(f"{statistics.median(own) * scale:.{digits}f}")
            if what == 0:
                cells.append(f"{min(own) * scale:.{digits}f} to {max(own) * scale:.{digits}f}")
            cells.append(f"{statistics.median(ratios):.2f}")
        cells.append(f"{memory[index]:.0f}")
        yield "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(usage=__doc__.partition("usage: ")[2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--pause", type=float, default=0.0)
    parser.add_argument("--unit", choices=("s", "ms"), default="s")
    parser.add_argument("words", nargs="+")
    options = parser.parse_args()
    names = options.words[::2]
    commands = [shlex.split(line) for line in options.words[1::2]]
    samples = [[] for _ in commands]
    for turn in range(options.rounds):
        # Another order each round, so that nobody always runs in the wake of the same other.
        for place in range(len(commands)):
            index = (place + turn) % len(commands)
            time.sleep(options.pause)
            samples[index].append(timed(commands[index]))
    memory = []
    for command in commands:
        time.sleep(options.pause)
        memory.append(peak_memory(command))
    print("\n".join(table(names, samples, memory, options.unit)))


main()
