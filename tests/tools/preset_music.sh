#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every preset over eight hours is inside what it is expected to do, four seeds each; AURALIS_LONG=1: twenty. What a preset
# expects stays within the ranges of all, or a comment over it says why.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

python3 - "$SOURCE_DIR"/presets/*.yaml <<'PYTHON' || fail "a preset leaves the ranges of all"
import pathlib, re, subprocess, sys
own = {"notes_per_min", "silence", "entropy_bits", "voices"}  # every preset has its own
pathlib.Path("bare.yaml").write_text("title: Bare\n")
shown = subprocess.run(["auralis-compose", "--show-preset", "./bare.yaml"], capture_output=True, text=True, check=True).stdout
def ranges_of(text):
    return {n: (float(a), float(b)) for n, a, b in re.findall(r"^  (\w+): \[([^,]+), ([^\]]+)\]", text[text.index("\nexpect:"):], re.M)}
everybody = ranges_of(shown)
wrong = 0
for file in map(pathlib.Path, sys.argv[1:]):
    before = ""
    for line in file.read_text().split("\nexpect:")[1].split("\nmaster:")[0].splitlines():
        for name, low, high in re.findall(r"^  (\w+): \[([^,]+), ([^\]]+)\]", line):
            least, most = everybody[name]
            if name not in own and not (least <= float(low) and float(high) <= most) and not before.lstrip().startswith("#"):
                print(f"{file.name}: expect.{name} is [{low}, {high}], of all [{least:g}, {most:g}], and no comment says why")
                wrong = 1
        before = line
sys.exit(wrong)
PYTHON

seeds=4
[[ -z ${AURALIS_LONG:-} ]] || seeds=20
AURALIS_BIN=$(dirname "$(command -v auralis-compose)") python3 "$SOURCE_DIR/scripts/music-report" --check --seeds "$seeds" 2>log || {
  [[ $? == 1 ]] && fail "presets outside what they are expected to do"
}
