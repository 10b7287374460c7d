#!/usr/bin/python3
"""Runs commands in turns, round by round, and prints a Markdown table of medians.

usage: measure.py [--rounds N] [--pause SECONDS] [--unit s|ms] NAME COMMAND [NAME COMMAND ...]

usage: measure.py [--rounds N] [--pause SECONDS] [--unit s|ms] NAME COMMAND [NAME COMMAND ...]
the median of the ratios to it within each round. CPU is user and system time of the command and the children it waited
for. Memory is the peak of the proportional set sizes (Pss, so shared pages count once) of all processes of the command,
sampled in a further round whose times are not used.
"""

import argparse
import os
import shlex
import statistics
import subprocess
import sys
import time


def start(command):
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )


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


def session_memory(session):
    """Pss in KiB of every process of a session."""
    total = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                # man 5 proc: the name ends with the last parenthesis; the session is the fourth field after it.
                if int(stat.read().rpartition(")")[2].split()[3]) != session:
                    continue
            with open(f"/proc/{pid}/smaps_rollup") as rollup:
                total += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except OSError:
            continue
    return total


def peak_memory(command):
    process = start(command)
    peak = 0
    while process.poll() is None:
        peak = max(peak, session_memory(process.pid))
        time.sleep(0.01)
    check(command, process.returncode, process.stderr.read())
    return peak / 1024


def table(names, commands, samples, memory, unit):
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
        cells.append(f"{memory[index]:.0f}" if memory[index] else "-")
        yield "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
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
    print("\n".join(table(names, commands, samples, memory, options.unit)))


main()
