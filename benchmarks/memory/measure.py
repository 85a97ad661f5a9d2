"""Appends 40 large events and prints what each reading command took: memory, time, status."""

import json
import os
import subprocess
import tempfile

COUNT, BYTES = 40, 15_000_000
COMMANDS = [
    "append acme",
    "event list acme --limit 1000 -o jsonl",
    "projection rebuild documents",
    "projection check documents",
    "projection check trail",
    "document list acme -o jsonl",
    "document list acme --at 39 -o jsonl",
    "time diff acme --at 0 -o jsonl",
    "verify acme --open",
]


def events(file):
    for number in range(COUNT):
        event = {"stream": f"doc/{number}", "type": "made", "data": {"text": "x" * BYTES}}
        file.write(json.dumps(event) + "\n")
    file.flush()


def measure(command, source):
    with open(source) as lines, open(os.devnull, "w") as nowhere:
        words = ["tally", *command.split()]
        child = subprocess.Popen(words, stdin=lines, stdout=nowhere, stderr=nowhere)
        _, status, usage = os.wait4(child.pid, 0)
    seconds = usage.ru_utime + usage.ru_stime
    code = os.waitstatus_to_exitcode(status)
    print(f"{command:40} {usage.ru_maxrss // 1024:5} MiB {seconds:6.1f} s, exit {code}")


subprocess.run(["tally", "tenant", "create", "acme"], check=True, stdout=subprocess.DEVNULL)
with tempfile.NamedTemporaryFile("w") as file:
    events(file)
    for command in COMMANDS:
        measure(command, file.name)
