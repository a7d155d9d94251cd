# SPDX-License-Identifier: MIT
"""How fast the page's module is (bench/wasm_speed.mjs), beside its goals: the rows of `scripts/bench --only wasm`."""

import json
import pathlib
import statistics
import subprocess
import sys

import dense

here = pathlib.Path(__file__).resolve().parent
first_s = 15  # left out: the module is still compiled for speed, and a piece begins with few voices
goal, dense_goal = 20, 12  # times real time on one core
pads = 24


def rows(options, scratch):
    engine = here.parent / "build/share/auralis/engine"
    if not (engine / "auralis.bin").exists():
        sys.exit("bench: the page has no engine in this build: scripts/setup --page")
    piece = scratch / "dense-wasm.jsonl"
    piece.write_text(dense.auralis(first_s + options.seconds + 1, pads))
    command = ["node", here / "wasm_speed.mjs", engine, str(first_s), str(options.seconds), piece]
    found = {}
    for _ in range(options.runs):
        lines = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        for row in map(json.loads, lines.splitlines()):
            found.setdefault(row["name"], []).append(row["realtime"])
    table = {}
    print(f"Median of {options.runs} runs")
    print(f"{'':16}{'x real':>10}{'goal':>8}")
    for name, speeds in found.items():
        median, wanted = statistics.median(speeds), dense_goal if name == "dense" else goal
        table[name] = {"realtime": speeds, "goal": wanted, "missed": median < wanted}
        print(f"{name:16}{median:>10.1f}{wanted:>8}{'  missed' if median < wanted else ''}", flush=True)
    return table
