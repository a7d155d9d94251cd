# SPDX-License-Identifier: MIT
"""The dense piece of the benchmark, for Auralis and for its peers.

Pad voices held throughout (two saws, sub, resonant low-pass with envelope and LFO, vibrato, pan LFO), a lead note
every two seconds, a low hit every four, a brush every three; chorus-free delay, reverb and limiter on the mix.
Every function answers the text of one program's input; the numbers that make the patches equal stand here once.
"""

import json

ATTACK, DECAY, SUSTAIN, RELEASE = 2.5, 4.0, 0.8, 5.0
DETUNE, SUB, CUTOFF, Q, ENV_OCT, LFO_OCT, LFO_HZ = 9.0, 0.15, 1100.0, 1.0, 0.7, 0.5, 0.1
VIBRATO_HZ, VIBRATO_CENTS, PAN_HZ, PAN_DEPTH = 0.15, 3.0, 0.07, 0.2
PAD_GAIN, LEAD_GAIN, LOW_GAIN, BRUSH_GAIN = 0.03, 0.1, 0.15, 0.03
DELAY_L, DELAY_R, FEEDBACK, DELAY_SEND = 0.61, 0.83, 0.5, 0.15
REVERB_S, REVERB_SEND, REVERB_LEVEL = 6.0, 0.5, 0.6
LEAD = [74, 77, 81, 79, 76, 72, 74, 69]


def pad_pitches(count):
    """A wide D dorian voicing, stacked in fourths and fifths and repeated a few cents apart."""
    ladder = [38, 45, 50, 53, 57, 60, 64, 65, 69, 72, 74, 76]
    return [ladder[i % len(ladder)] + 0.03 * (i // len(ladder)) for i in range(count)]


def hz(pitch):
    return 440.0 * 2.0 ** ((pitch - 69.0) / 12.0)


def pan(i):
    return ((i * 7) % 11) / 11.0 * 1.2 - 0.6


def auralis(seconds, pads, unison=1, **more):
    """unison: oscillators in place of each pad's first; more: other parameters of the pads."""
    lines = [{"type": "start", "auralis": 1, "seed": "bench", "preset": "bench", "key": "D", "mode": "dorian",
              "bpm": 60, "intensity": 0.5, "version": "bench"}]
    sound = {"osc1_shape": 2, "osc2_shape": 2, "osc1_level": 0.5, "osc2_level": 0.5, "detune_cents": DETUNE,
             "sub_level": SUB, "cutoff_hz": CUTOFF, "resonance": 0.15, "filter_env_oct": ENV_OCT, "filter_lfo_oct": LFO_OCT,
             "filter_lfo_hz": LFO_HZ, "vibrato_hz": VIBRATO_HZ, "vibrato_cents": VIBRATO_CENTS, "pan_lfo_hz": PAN_HZ,
             "pan_lfo_depth": PAN_DEPTH, "attack_s": ATTACK, "decay_s": DECAY, "sustain": SUSTAIN, "release_s": RELEASE,
             "mod_attack_s": ATTACK, "mod_decay_s": DECAY, "chorus_send": 0, "delay_send": DELAY_SEND,
             "reverb_send": REVERB_SEND, "gain_db": -24, **more}
    if unison > 1:
        sound.update({"unison": unison})
    lines.append({"type": "patch", "t": 0, "layer": "pad", "params": sound})
    notes = [(0.0, "pad", p, 0.7, seconds, pan(i)) for i, p in enumerate(pad_pitches(pads))]
    notes += [(2.0 * k, "lead", LEAD[k % len(LEAD)], 0.6, 1.5, 0.1) for k in range(int(seconds / 2))]
    notes += [(4.0 * k, "low", 33, 0.7, 1.0, 0.0) for k in range(int(seconds / 4))]
    notes += [(3.0 * k, "brush", 84, 0.6, 0.3, -0.3) for k in range(int(seconds / 3))]
    for i, (t, layer, pitch, vel, dur, where) in enumerate(sorted(notes, key=lambda n: n[0])):
        lines.append({"type": "note", "t": t, "id": i, "layer": layer, "pitch": pitch, "vel": vel, "dur": dur, "pan": where})
    lines.append({"type": "end", "t": seconds})
    return "".join(json.dumps(line) + "\n" for line in lines)


def csound(seconds, pads):
    orchestra = f"""
sr = 44100
ksmps = 64
nchnls = 2
0dbfs = 1
gaL init 0
gaR init 0
gaVL init 0
gaVR init 0
gaDL init 0
gaDR init 0
instr 1
  kenv madsr {ATTACK}, {DECAY}, {SUSTAIN}, {RELEASE}
  kmod madsr {ATTACK}, {DECAY}, 0.5, 3
  klfo lfo {LFO_OCT}, {LFO_HZ}
  kvib lfo {VIBRATO_CENTS}, {VIBRATO_HZ}
  kpan lfo {PAN_DEPTH}, {PAN_HZ}
  kf = p4 * cent(kvib)
  a1 vco2 0.5, kf * cent({-DETUNE / 2})
  a2 vco2 0.5, kf * cent({DETUNE / 2})
  a3 oscili {SUB}, kf * 0.5
  ac interp {CUTOFF} * octave({ENV_OCT} * kmod + klfo)
  af zdf_2pole a1 + a2 + a3, ac, {Q}
  ao = af * interp(kenv) * {PAD_GAIN}
  al, ar pan2 ao, (p5 + kpan) * 0.5 + 0.5
  gaL += al
  gaR += ar
  gaVL += al * {REVERB_SEND}
  gaVR += ar * {REVERB_SEND}
  gaDL += al * {DELAY_SEND}
  gaDR += ar * {DELAY_SEND}
endin
instr 2
  kenv madsr 0.12, 3, 0.4, 2.5
  a1 vco2 0.5, p4, 12
  a2 vco2 0.35, p4 * cent(5), 12
  af zdf_2pole a1 + a2, 2600, {Q}
  ao = af * interp(kenv) * {LEAD_GAIN}
  gaL += ao
  gaR += ao
  gaVL += ao * {REVERB_SEND}
  gaVR += ao * {REVERB_SEND}
  gaDL += ao * 0.4
  gaDR += ao * 0.4
endin
instr 3
  kenv expseg 0.001, 0.006, 1, 2.2, 0.001
  kp expseg 14, 0.2, 0.01, 3, 0.01
  a1 oscili 0.9, p4 * semitone(kp)
  ao = a1 * interp(kenv) * {LOW_GAIN}
  gaL += ao
  gaR += ao
  gaVL += ao * 0.35
  gaVR += ao * 0.35
endin
instr 4
  kenv expseg 0.001, 0.03, 1, 0.5, 0.001
  a1 noise 0.8, 0
  af zdf_2pole a1, 4200, {Q}, 2
  ao = af * interp(kenv) * {BRUSH_GAIN}
  gaL += ao
  gaR += ao
  gaVL += ao * {REVERB_SEND}
  gaVR += ao * {REVERB_SEND}
endin
instr 99
  amL oscili 0.002, 0.13
  amR oscili 0.002, 0.13, -1, 0.25
  aoL init 0
  aoR init 0
  abL delayr 1
  atL deltap3 {DELAY_L} + amL
      delayw gaDL + aoR * {FEEDBACK}
  abR delayr 1
  atR deltap3 {DELAY_R} + amR
      delayw gaDR + aoL * {FEEDBACK}
  aoL tone atL, 3500
  aoR tone atR, 3500
  aoL buthp aoL, 150
  aoR buthp aoR, 150
  avL buthp gaVL + aoL * 0.3, 300
  avR buthp gaVR + aoR * 0.3, 300
  arL, arR reverbsc avL, avR, 0.92, 6000
  aL = gaL + aoL * 0.7 + arL * {REVERB_LEVEL}
  aR = gaR + aoR * 0.7 + arR * {REVERB_LEVEL}
  aL dcblock aL
  aR dcblock aR
  aL compress2 aL, aL, -90, -1, -1, 100, 0.005, 0.2, 0.005
  aR compress2 aR, aR, -90, -1, -1, 100, 0.005, 0.2, 0.005
  outs aL, aR
  clear gaL, gaR, gaVL, gaVR, gaDL, gaDR
endin
"""
    score = [f"i 1 0 {seconds} {hz(p):.6f} {pan(i):.4f}" for i, p in enumerate(pad_pitches(pads))]
    score += [f"i 2 {2.0 * k} 1.5 {hz(LEAD[k % len(LEAD)]):.6f}" for k in range(int(seconds / 2))]
    score += [f"i 3 {4.0 * k} 2.4 {hz(33):.6f}" for k in range(int(seconds / 4))]
    score += [f"i 4 {3.0 * k} 0.6" for k in range(int(seconds / 3))]
    score += [f"i 99 0 {seconds}", f"e {seconds}"]
    return ("<CsoundSynthesizer>\n<CsInstruments>" + orchestra + "</CsInstruments>\n<CsScore>\n" + "\n".join(score) +
            "\n</CsScore>\n</CsoundSynthesizer>\n")


def faust(_seconds, pads):
    """Pads are unrolled; lead and percussion are step sequencers on the sample clock, since Faust has no score."""
    lead = ", ".join(f"{hz(p):.6f}" for p in LEAD)
    voices = "".join(f"pad({hz(p):.6f}, {pan(i):.4f}), " for i, p in enumerate(pad_pitches(pads)))
    return f"""
import("stdfaust.lib");
t = ba.time / ma.SR;
every(period, length) = (t - floor(t / period) * period) < length;
cent(c) = 2.0 ^ (c / 1200.0);
smooth = si.smooth(0.999);
pad(f, p) = (os.sawtooth(f1 * cent({-DETUNE / 2})) + os.sawtooth(f1 * cent({DETUNE / 2}))) * 0.5 + os.osc(f1 * 0.5) * {SUB}
  : fi.svf.lp(cut, {Q}) * env * {PAD_GAIN} <: _ * cos(a), _ * sin(a)
with {{
  f1 = f * cent(os.osc({VIBRATO_HZ}) * {VIBRATO_CENTS});
  env = en.adsr({ATTACK}, {DECAY}, {SUSTAIN}, {RELEASE}, 1);
  mod = en.adsr({ATTACK}, {DECAY}, 0.5, 3, 1);
  cut = {CUTOFF} * 2.0 ^ ({ENV_OCT} * mod + {LFO_OCT} * os.osc({LFO_HZ}));
  a = (p + {PAN_DEPTH} * os.osc({PAN_HZ}) + 1) * 0.25 * ma.PI;
}};
lead = (os.triangle(f) * 0.5 + os.triangle(f * cent(5)) * 0.35) : fi.svf.lp(2600, {Q}) * en.adsr(0.12, 3, 0.4, 0.5, every(2, 1.5)) * {LEAD_GAIN}
with {{ f = waveform{{{lead}}}, (int(t / 2) % {len(LEAD)}) : rdtable; }};
low = os.osc({hz(33):.6f} * 2 ^ (14 * en.ar(0.001, 0.2, every(4, 0.01)) / 12)) * en.ar(0.006, 2.2, every(4, 0.01)) * 0.9 * {LOW_GAIN};
brush = no.noise * 0.8 : fi.svf.bp(4200, {Q}) * en.ar(0.03, 0.5, every(3, 0.04)) * {BRUSH_GAIN};
single = lead + low + brush <: _, _;
echo = (cross : (tap({DELAY_L}, 0), tap({DELAY_R}, 0.25))) ~ (_ * {FEEDBACK}, _ * {FEEDBACK})
with {{
  cross(bl, br, l, r) = l + br, r + bl;
  tap(d, ph) = de.fdelay4(65536, (d + 0.002 * os.oscp(0.13, ph * 2 * ma.PI)) * ma.SR) : fi.lowpass(1, 3500) : fi.highpass(2, 150);
}};
reverb = par(i, 2, *({REVERB_SEND}) : fi.highpass(2, 300)) : re.zita_rev1_stereo(40, 200, 6000, {REVERB_S}, {REVERB_S}, 48000);
process = {voices}single :> _, _
  <: (_, _), (par(i, 2, *({DELAY_SEND})) : echo : par(i, 2, *(0.7))), (reverb : par(i, 2, *({REVERB_LEVEL}))) :> _, _
  : par(i, 2, fi.dcblocker) : co.limiter_1176_R4_stereo;
"""


def faust_main():
    """A bare offline host: the compiled DSP, blocks of 4410 frames, raw float stereo on stdout."""
    return """
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>
struct Meta { void declare(const char*, const char*) {} };
struct UI {
  void openVerticalBox(const char*) {}
  void closeBox() {}
};
struct dsp {};
#define FAUSTFLOAT float
#include "dense_dsp.h"
int main(int, char** argv) {
  static mydsp instance;
  instance.init(44100);
  std::vector<float> left(4410), right(4410), both(8820);
  float* out[] = {left.data(), right.data()};
  for (long block = 0; block < 10 * std::atol(argv[1]); ++block) {
    instance.compute(4410, nullptr, out);
    for (size_t i = 0; i < 4410; ++i) {
      both[2 * i] = left[i];
      both[2 * i + 1] = right[i];
    }
    std::fwrite(both.data(), sizeof(float), both.size(), stdout);
  }
}
"""


def supercollider_defs(folder):
    return f"""
[
SynthDef(\\pad, {{ |freq = 440, pos = 0, gate = 1|
  var env = EnvGen.kr(Env.adsr({ATTACK}, {DECAY}, {SUSTAIN}, {RELEASE}), gate, doneAction: 2);
  var mod = EnvGen.kr(Env.adsr({ATTACK}, {DECAY}, 0.5, 3), gate);
  var f = freq * (2 ** (SinOsc.kr({VIBRATO_HZ}) * {VIBRATO_CENTS} / 1200));
  var cut = {CUTOFF} * (2 ** ({ENV_OCT} * mod + ({LFO_OCT} * SinOsc.kr({LFO_HZ}))));
  var s = (Saw.ar(f * {2 ** (-DETUNE / 2400)}) + Saw.ar(f * {2 ** (DETUNE / 2400)})) * 0.5 + SinOsc.ar(f * 0.5, 0, {SUB});
  s = RLPF.ar(s, cut, {1 / Q}) * env * {PAD_GAIN};
  s = Pan2.ar(s, pos + SinOsc.kr({PAN_HZ}, 0, {PAN_DEPTH}));
  Out.ar(0, s); Out.ar(10, s * {DELAY_SEND}); Out.ar(12, s * {REVERB_SEND});
}}),
SynthDef(\\lead, {{ |freq = 440, gate = 1|
  var env = EnvGen.kr(Env.adsr(0.12, 3, 0.4, 2.5), gate, doneAction: 2);
  var s = RLPF.ar(LFTri.ar(freq) * 0.5 + LFTri.ar(freq * {2 ** (5 / 1200)}, 0, 0.35), 2600, {1 / Q}) * env * {LEAD_GAIN};
  Out.ar(0, s ! 2); Out.ar(10, s * 0.4 ! 2); Out.ar(12, s * {REVERB_SEND} ! 2);
}}),
SynthDef(\\low, {{ |freq = 55|
  var env = EnvGen.kr(Env.perc(0.006, 2.2), doneAction: 2);
  var s = SinOsc.ar(freq * (2 ** (EnvGen.kr(Env.perc(0.001, 0.2)) * 14 / 12)), 0, 0.9) * env * {LOW_GAIN};
  Out.ar(0, s ! 2); Out.ar(12, s * 0.35 ! 2);
}}),
SynthDef(\\brush, {{
  var s = BPF.ar(WhiteNoise.ar(0.8), 4200, 0.7) * EnvGen.kr(Env.perc(0.03, 0.5), doneAction: 2) * {BRUSH_GAIN};
  Out.ar(0, s ! 2); Out.ar(12, s * {REVERB_SEND} ! 2);
}}),
SynthDef(\\effects, {{
  var dry = In.ar(0, 2), back = LocalIn.ar(2), d = In.ar(10, 2) + back.reverse;
  d = [DelayC.ar(d[0], 1, {DELAY_L} + SinOsc.kr(0.13, 0, 0.002)), DelayC.ar(d[1], 1, {DELAY_R} + SinOsc.kr(0.13, pi / 2, 0.002))];
  d = HPF.ar(LPF.ar(d, 3500), 150);
  LocalOut.ar(d * {FEEDBACK});
  d = d * 0.7;
  dry = dry + d + (FreeVerb2.ar(*(HPF.ar(In.ar(12, 2) + (d * 0.3), 300) ++ [1, 0.9, 0.4])) * {REVERB_LEVEL});
  ReplaceOut.ar(0, Limiter.ar(LeakDC.ar(dry), 0.89, 0.005));
}})
].do {{ |def| def.writeDefFile("{folder}") }};
0.exit;
"""


def supercollider_score(seconds, pads, folder):
    """The non-real-time score scsynth reads: bundles of OSC messages, each with its length in front."""
    import struct

    def padded(raw):
        return raw + b"\0" * (4 - len(raw) % 4)

    def message(address, *args):
        tags, body = ",", b""
        for a in args:
            if isinstance(a, str):
                tags, body = tags + "s", body + padded(a.encode())
            elif isinstance(a, int):
                tags, body = tags + "i", body + struct.pack(">i", a)
            else:
                tags, body = tags + "f", body + struct.pack(">f", a)
        return padded(address.encode()) + padded(tags.encode()) + body

    timed = [(0.0, message("/d_loadDir", folder)), (0.0, message("/s_new", "effects", 900, 1, 0))]
    ids = iter(range(1000, 100000))
    for i, p in enumerate(pad_pitches(pads)):
        timed.append((0.001, message("/s_new", "pad", next(ids), 0, 0, "freq", hz(p), "pos", pan(i))))
    for k in range(int(seconds / 2)):
        node = next(ids)
        timed.append((2.0 * k + 0.001, message("/s_new", "lead", node, 0, 0, "freq", hz(LEAD[k % len(LEAD)]))))
        timed.append((2.0 * k + 1.5, message("/n_set", node, "gate", 0.0)))
    for k in range(int(seconds / 4)):
        timed.append((4.0 * k + 0.001, message("/s_new", "low", next(ids), 0, 0, "freq", hz(33))))
    for k in range(int(seconds / 3)):
        timed.append((3.0 * k + 0.001, message("/s_new", "brush", next(ids), 0, 0)))
    timed.append((float(seconds), message("/c_set", 0, 0.0)))
    score = b""
    for t, osc in sorted(timed, key=lambda e: e[0]):
        bundle = b"#bundle\0" + struct.pack(">II", int(t), int((t - int(t)) * 2**32)) + struct.pack(">i", len(osc)) + osc
        score += struct.pack(">i", len(bundle)) + bundle
    return score
