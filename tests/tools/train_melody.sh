#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# train-melody trains and evaluates as scripts/train-melody runs it, on a small made-up corpus.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
needs_torch

# Scales up and down in thirds over a held bass, in every key.
python3 - >corpus.json <<'PYTHON'
import json
major = [0, 2, 4, 5, 7, 9, 11]
def pitch(step, key):
    return 60 + 12 * (step // 7) + major[step % 7] + key
def piece(n):
    key = n % 12 - 5
    tune = [abs((i + n) % 14 - 7) for i in range(32)] + [0]
    return [[pitch(s + 4, key), pitch(s + 2, key), pitch(s, key), pitch(-14 + (0 if i % 4 < 2 else 4), key)]
            for i, s in enumerate(tune) for _ in range(4)]
print(json.dumps({"train": [piece(n) for n in range(24)], "valid": [piece(n + 100) for n in range(6)]}))
PYTHON

train() { # weights plot
  train-melody corpus.json -o "$1" --plot "$2" --epochs 4 --width 32 --layers 1 --seed 3
}
train a.weights a.svg >trained.txt 2>progress.txt
[[ $(grep -c '^train-melody: epoch . of 4: ' progress.txt) == 4 ]] || fail "not a line an epoch: $(cat progress.txt)"
grep -q '^transformer, [0-9]* weights ' trained.txt || fail "no verdict on the transformer: $(cat trained.txt)"
grep -q '<polyline' a.svg || fail "no curve in the plot"
[[ $(head -c 16 a.weights) == "auralis-melody 1" ]] || fail "the weights do not name their format"

# The same command gives the same files again.
train b.weights b.svg >again.txt 2>/dev/null
cmp a.svg b.svg
cmp <(tail -n +3 a.weights) <(tail -n +3 b.weights)
cmp trained.txt again.txt

# Evaluation: every order of every baseline and the network, on the file's valid part, trained weights as they were saved.
train-melody --evaluate corpus.json --weights a.weights >table.txt
for order in 1 2 3 4; do
  (($(grep -c "^$order-gram, " table.txt) >= 2)) || fail "no baselines of order $order"
done
nats() { awk '/^transformer, / { print $NF }' "$1"; }
awk -v a="$(nats trained.txt)" -v b="$(nats table.txt)" 'BEGIN { exit a > 0 && (a - b) ^ 2 < 1e-4 ? 0 : 1 }' ||
  fail "the saved weights measure $(nats table.txt), the trained ones $(nats trained.txt)"

# Without a train part there is nothing to count baselines from; the network still has its line.
jq -c '{valid}' corpus.json >valid.json
train-melody --evaluate valid.json --weights a.weights >alone.txt 2>warning.txt
[[ -n $(nats alone.txt) ]] || fail "no line of the transformer's own: $(cat alone.txt)"
! grep -q gram alone.txt || fail "baselines out of nothing: $(cat alone.txt)"
grep -q 'valid.json: "train" has no pieces' warning.txt || fail "no word on why there are no baselines: $(cat warning.txt)"

# The shipped weights, which never heard these tunes, halve the cost of equal chances (ln 55 + ln 11 = 6.41 nats).
train-melody --evaluate corpus.json >shipped.txt
awk -v a="$(nats shipped.txt)" 'BEGIN { exit a > 0 && a < 3.2 ? 0 : 1 }' ||
  fail "the shipped weights do not know a scale: $(nats shipped.txt) nats a note"

# The model of four voices is trained and judged likewise; what was saved measures what was trained.
train_four() { # weights
  train-melody --voices corpus.json -o "$1" --epochs 3 --width 32 --layers 1 --seed 3
}
train_four a4.weights >four.txt 2>progress.txt
[[ $(grep -c '^train-melody: epoch . of 3: ' progress.txt) == 3 ]] || fail "not a line an epoch: $(cat progress.txt)"
train_four b4.weights >four-again.txt 2>/dev/null
cmp four.txt four-again.txt
cmp <(tail -n +3 a4.weights) <(tail -n +3 b4.weights)
train-melody --evaluate-voices valid.json --weights a4.weights >judged.txt
all_nats() { awk '$1 == "all" { print $3 }' "$1"; }
awk -v a="$(all_nats four.txt)" -v b="$(all_nats judged.txt)" 'BEGIN { exit a > 0 && (a - b) ^ 2 < 1e-4 ? 0 : 1 }' ||
  fail "the saved weights measure $(all_nats judged.txt), the trained ones $(all_nats four.txt)"
# Six pieces of 132 steps: five tokens a step, without the first chord and with an end.
[[ $(awk '$1 == "all" { print $2 }' judged.txt) == $((6 * 132 * 5)) ]] || fail "tokens: $(cat judged.txt)"
train-melody --voices corpus.json --hold-out -o held.weights --epochs 1 --width 32 --layers 1 >held.txt 2>/dev/null
[[ $(awk '$1 == "all" { print $2 }' held.txt) == $((2 * 132 * 5)) ]] || fail "not every tenth of 24 pieces: $(cat held.txt)"

printf '{"train": [\n[[1, 2, 3]]]}' >shape.json
printf '{"train": [\n[[1, 2, 3' >cut.json
head -c 2000 a.weights >cut.weights
refused 2 'nothing to do' train-melody
refused 2 'several things to do' train-melody corpus.json --voices corpus.json
refused 2 '--hold-out requires --voices' train-melody corpus.json --hold-out
refused 2 '--window requires --voices' train-melody corpus.json --window 32
refused 2 '--decay requires --voices' train-melody corpus.json --decay 0.1
refused 3 'valid.json:1: "train" has fewer than 10 pieces' train-melody --voices valid.json --hold-out -o no.weights
refused 2 'not a multiple of 4' train-melody corpus.json --width 30
refused 3 'shape.json:1: train[0][0] is not of the expected form' train-melody shape.json -o no.weights
refused 3 'cut.json:2: not JSON' train-melody --evaluate cut.json
refused 3 'cut.weights:2: the weights are damaged' train-melody --evaluate corpus.json --weights cut.weights
refused 1 'missing.json' train-melody --evaluate missing.json
refused 1 'missing.json' train-melody --evaluate-voices missing.json
refused 3 'a.weights:1: not a file of weights that begins with auralis-voices 1' train-melody --evaluate-voices corpus.json --weights a.weights
refused 3 'shape.json:1: train[0][0] is not of the expected form' train-melody --voices shape.json -o no.weights
[[ ! -e no.weights ]] || fail "weights were written in spite of a mistake"
