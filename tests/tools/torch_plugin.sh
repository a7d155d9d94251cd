#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# LibTorch is behind a plugin: no command links it, and without the plugin all works but what needs it, which says so in
# one line and names a way out.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

bin=$(dirname "$(command -v auralis-compose)")
for command in compose render serve stats; do
  needed=$(ldd "$bin/auralis-$command" | awk '{ print $1 }') # names alone: an address, too, may have c10 in it
  ! grep -qE 'torch|c10|blas|gomp|cudart' <<<"$needed" || fail "auralis-$command links $(grep -E 'torch|c10|blas|gomp|cudart' <<<"$needed")"
done

# The commands without the plugin.
mkdir -p alone/bin
cp "$bin"/auralis-{compose,render} alone/bin/
cp -rL "$bin/../share" alone/share
PATH=$PWD/alone/bin:$PATH
hash -r
piece=(--seed 1 --duration 20s --preset "$SOURCE_DIR/presets/focus.yaml")
auralis-compose "${piece[@]}" >piece.jsonl
for device in auto cpu; do
  auralis-render -q piece.jsonl --device $device -o $device.wav || fail "--device $device needs the plugin"
done
# says_instead WHAT: in one line, with a way out.
says_instead() {
  [[ $(wc -l <err) == 1 && $(<err) == *"; build it with scripts/setup --torch, or choose $1" ]] ||
    fail "not one line that ends with what to choose instead: $(<err)"
}
refused 1 'melody transformer needs libauralis_torch.so, which is not installed' auralis-compose "${piece[@]}" --melody transformer
says_instead '--melody constraint'
for device in cuda cuda:1 mps units; do
  refused 1 "device $device needs libauralis_torch.so, which is not installed" auralis-render piece.jsonl --device $device -o no.wav
  says_instead '--device cpu'
done
refused 2 'expected auto, cpu, cuda' auralis-render piece.jsonl --device gpu -o no.wav
[[ ! -e no.wav ]] || fail "a file in spite of a device that is not there"
auralis-render --list-devices >out 2>err || fail "--list-devices without the plugin"
[[ $(<out) == cpu ]] || fail "--list-devices without the plugin: $(<out)"
grep -q 'any other device needs libauralis_torch.so, which is not installed' err || fail "--list-devices does not say why there are no others: $(<err)"
says_instead 'the processor'

# One that cannot be loaded, as where LibTorch was removed, or that is another library.
mkdir -p alone/lib/auralis
echo "not a library" >alone/lib/auralis/libauralis_torch.so
refused 1 'which cannot be loaded' auralis-render piece.jsonl --device units -o no.wav
says_instead '--device cpu'
cp "$(ldd "$bin/auralis-render" | awk '/libc\.so/ { print $3 }')" alone/lib/auralis/libauralis_torch.so
refused 1 'which is of another kind' auralis-render piece.jsonl --device units -o no.wav
says_instead '--device cpu'

needs_torch
cp "$bin/../lib/auralis/libauralis_torch.so" alone/lib/auralis/
auralis-render -q piece.jsonl --device units -o units.wav --report units.json || fail "--device units"
jq -e '.device == "units"' units.json >/dev/null || fail "the report's device: $(<units.json)"
auralis-render --list-devices >out 2>err || fail "--list-devices"
[[ $(head -n 1 out) == cpu && ! -s err ]] || fail "--list-devices with the plugin: $(<out) $(<err)"
refused 1 'device cuda:7 is not here; this machine has cpu' auralis-render piece.jsonl -o no.wav --device cuda:7
[[ $(wc -l <err) == 1 && $(<err) == *'; give --device cpu' ]] || fail "a missing device: no way out, or not one line: $(<err)"
cp piece.jsonl piece-2.jsonl
refused 1 'device cuda:7 is not here' auralis-render piece.jsonl piece-2.jsonl -o no/ --device cuda:7
[[ ! -e no ]] || fail "something was made: $(ls no)"
