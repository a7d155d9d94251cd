#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every kind of file and every rate holds the piece, to the frame, as programs not ours read it.
set -euo pipefail
source "$SOURCE_DIR/tests/tools/rig.bash"
piece 3 >piece.jsonl

for bits in s16 s24 f32; do
  auralis-render -q piece.jsonl --bits $bits -o $bits.wav
  [[ $(frames_of $bits.wav) == 132300 ]] || fail "$bits.wav has $(frames_of $bits.wav) frames"
done
[[ $(soxi -b s16.wav) == 16 && $(soxi -b s24.wav) == 24 && $(soxi -e f32.wav) == 'Floating Point PCM' ]] || fail "sample formats"
/usr/bin/python3 -c 'import wave; w = wave.open("s24.wav"); assert (w.getnframes(), w.getsampwidth()) == (132300, 3)'
[[ $(ffprobe -v error -show_entries format_tags=title -of csv=p=0 s16.wav) == 'test 7' ]] || fail "no title in s16.wav"

# What players show, and the chords as chapters.
{ head -n 1 piece.jsonl && echo '{"type":"chord","t":0.5,"name":"Dm9","degree":"i","pitches":[50]}' && tail -n +3 piece.jsonl; } |
  auralis-render -q - -o chords.flac
tags=$(ffprobe -v error -show_entries format_tags -of json chords.flac | jq -c '.format.tags | with_entries(.key |= ascii_downcase)')
jq -e '.title == "test 7" and .artist == "Auralis" and .album == "test" and .genre == "Ambient" and .bpm == "60"
  and .key == "D dorian" and .seed == "7" and (.date | test("^20[0-9-]{8}$"))' <<<"$tags" >/dev/null || fail "tags: $tags"
[[ $(ffprobe -v error -show_chapters -of json chords.flac | jq -c '[.chapters[].start_time]') == '["0.500000"]' ]] ||
  fail "the chord is no chapter"
grep -qa 'CHAPTER001NAME=Dm9' chords.flac || fail "the chapter has no name"
auralis-render -q piece.jsonl -o a.opus
[[ $(ffprobe -v error -show_entries stream_tags=ARTIST -of csv=p=0 a.opus) == Auralis ]] || fail "a.opus names no artist"

auralis-render -q -o a.flac <piece.jsonl
[[ $(frames_of a.flac) == 132300 ]] || fail "a.flac"
sox a.flac -t raw - | cmp - <(sox s16.wav -t raw -) || fail "FLAC and WAV hold different samples"
for kind in ogg opus; do
  auralis-render -q piece.jsonl -o a.$kind
  same_number "$(ffprobe -v error -show_entries format=duration -of csv=p=0 a.$kind)" 3 0.02 || fail "a.$kind is not 3 s long"
  ffmpeg -v error -i a.$kind -f null - || fail "ffmpeg stumbles over a.$kind"
done
[[ $(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 a.ogg) == vorbis ]] || fail "a.ogg is not Vorbis"
[[ $(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 a.opus) == opus ]] || fail "a.opus is not Opus"

for rate in 22050 48000 96000 192000; do
  auralis-render -q piece.jsonl --rate $rate -o rate.wav
  [[ $(frames_of rate.wav) == $((3 * rate)) && $(soxi -r rate.wav) == "$rate" ]] || fail "--rate $rate"
done

# Through a pipe: no flags needed, the same samples, sizes that say "until the end".
auralis-render piece.jsonl >pipe.wav
[[ $(head -c 4 pipe.wav) == RIFF ]] || fail "no WAV on stdout"
auralis-render piece.jsonl | tee endless.wav | sox -t wav - -t raw - 2>/dev/null | cmp - <(sox s16.wav -t raw -) || fail "piped samples differ"
[[ $(od -An -tx1 -j 4 -N 4 endless.wav | tr -d " ") == ffffffff && $(od -An -tx1 -j 40 -N 4 endless.wav | tr -d " ") == ffffffff ]] || fail "header of a pipe"
auralis-render piece.jsonl --raw | cmp - <(sox s16.wav -t raw -) || fail "--raw"
auralis-render piece.jsonl --raw | sox -t raw -r 44100 -e signed -b 16 -c 2 - -n stat 2>&1 | grep 'Length (seconds): *3.000000' >/dev/null || fail "--raw through sox"
auralis-render piece.jsonl --bits f32 | ffmpeg -v error -i - -f f32le - | cmp - <(ffmpeg -nostdin -v error -i f32.wav -f f32le -) || fail "f32 through ffmpeg"
# A plain file behind stdout gets its true sizes.
[[ $(frames_of pipe.wav) == 132300 ]] || fail "stdout to a file is not finalised"

# Neither the size of what comes in at once, nor threads, nor whether it is a pipe change a bit.
for chunk in 1 100 5000; do
  /usr/bin/python3 - "$chunk" piece.jsonl <<'PYTHON' | auralis-render --raw | cmp - <(sox s16.wav -t raw -) || fail "chunks of $chunk bytes change the sound"
import os, sys
data = open(sys.argv[2], "rb").read()
size = int(sys.argv[1])
for at in range(0, len(data), size): os.write(1, data[at:at + size])
PYTHON
done
auralis-render -q piece.jsonl --threads 3 -o threads.wav
cmp threads.wav s16.wav || fail "--threads changes the sound"
no_leftovers
