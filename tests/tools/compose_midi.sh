#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# A MIDI file says the same as the stream: checked with two independent readers, mido and midicsv.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"

auralis-compose --preset focus --seed 7 --duration 10m >piece.jsonl
auralis-compose --preset focus --seed 7 --duration 10m --format midi -o piece.mid
auralis-compose --preset focus --seed 7 --duration 10m --format midi | cmp - piece.mid
midicsv piece.mid >piece.csv
head -n 1 piece.csv | grep -qE '^0, 0, Header, 1, [0-9]+, 480$'
grep -q 'Key_signature, 0, "major"' piece.csv # dorian on D has the white keys

/usr/bin/python3 - <<'PYTHON'
import json, mido
events = [json.loads(line) for line in open("piece.jsonl")]
start, end = events[0], events[-1]
notes = [e for e in events if e["type"] == "note"]
released = {e["id"]: e["t"] for e in events if e["type"] == "release"}
song = mido.MidiFile("piece.mid")
assert song.type == 1 and song.ticks_per_beat == 480
assert abs(song.length - end["t"]) < 0.002, (song.length, end["t"])
tempo = next(m for m in song.tracks[0] if m.type == "set_tempo").tempo
assert abs(60e6 / tempo - start["bpm"]) < 1e-3

layers = list(dict.fromkeys(n["layer"] for n in notes))
assert [t.name for t in song.tracks[1:]] == layers, [t.name for t in song.tracks]
channels = []
for track, layer in zip(song.tracks[1:], layers):
    tick, played, sounding = 0, [], {}
    programs = [m.program for m in track if m.type == "program_change"]
    assert len(programs) == 1, (layer, programs)
    channels.append(next(m.channel for m in track if m.type == "program_change"))
    for message in track:
        tick += message.time
        seconds = mido.tick2second(tick, 480, tempo)
        if message.type == "note_on":
            assert message.note not in sounding, "a key struck twice"
            sounding[message.note] = len(played)
            played.append([seconds, None, message.note, message.velocity])
        elif message.type == "note_off":
            played[sounding.pop(message.note)][1] = seconds
    assert not sounding, (layer, "never ended", sounding)
    mine = [n for n in notes if n["layer"] == layer]
    assert len(played) == len(mine), (layer, len(played), len(mine))
    for (on, off, key, velocity), note in zip(played, mine):
        assert abs(on - note["t"]) < 0.002, (on, note)
        assert abs(key - note["pitch"]) <= 1.0, (key, note)
        assert abs(velocity - max(1, note["vel"] * 127)) <= 0.5 + 1e-6, (velocity, note)
        until = min(note["t"] + note["dur"], released.get(note["id"], 1e9), end["t"])
        again = [n["t"] for n in mine if n["t"] > note["t"] and round(n["pitch"]) == round(note["pitch"])]
        until = min([until] + [t for t in again[:1] if t < until])
        assert abs(off - until) < 0.004, (off, until, note)
assert len(set(channels)) == len(channels) and 9 not in channels, channels

markers, tick = [], 0
for message in song.tracks[0]:
    tick += message.time
    if message.type == "marker":
        markers.append((mido.tick2second(tick, 480, tempo), message.text))
chords = [(e["t"], e["name"]) for e in events if e["type"] == "chord"]
assert [name for _, name in markers] == [name for _, name in chords]
assert all(abs(a - b) < 0.002 for (a, _), (b, _) in zip(markers, chords))
PYTHON

# The file's chords as harmony are the piece's own.
auralis-compose --preset focus --seed 9 --duration 10m --harmony piece.mid >again.jsonl
names() { jq -r 'select(.type == "chord") | .name' "$1" | uniq | head -n 5; }
diff <(names piece.jsonl) <(names again.jsonl)
