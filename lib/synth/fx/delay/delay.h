// SPDX-License-Identifier: MIT
// Ping-pong: each side's line takes its input and the other side's tap, through high-pass and low-pass.
inline void delay(DelayState& s, const DelayFrame& f, int64_t frame, const StereoQuantum& in,
                  StereoQuantum& mix_bus, StereoQuantum& reverb_bus) {
  if (quiet(in) && asleep(s.sleep)) return;
  alignas(64) StereoQuantum taps;
  for (int side = 0; side < 2; ++side) {
    read(s.rings[side], frame, f.taps[side].now, taps[side]);
    if (!f.fading[side]) continue;
    alignas(64) float next[frames];
    read(s.rings[side], frame, f.taps[side].next, next);
    crossfade(f.mix[side], next, taps[side]);
  }
  alignas(64) StereoQuantum lines;
  float low[2] = {s.low[0], s.low[1]};
  float high[2] = {s.high[0], s.high[1]};
  for (int n = 0; n < frames; ++n) {
    const float low_k = at_frame(f.low, n);
    const float high_k = at_frame(f.high, n);
    const float feedback = at_frame(f.feedback, n);
    for (int side = 0; side < 2; ++side) {
      const float x = taps[1 - side][n];
      low[side] = (1 - low_k) * low[side] + low_k * x;
      high[side] = (1 - high_k) * high[side] + high_k * (x - low[side]);
      lines[side][n] = in[side][n] + feedback * high[side];
    }
  }
  for (int side = 0; side < 2; ++side) {
    s.low[side] = low[side];
    s.high[side] = high[side];
    write(s.rings[side], frame, lines[side]);
  }
  note(s.sleep, quiet(lines));
  scale(f.level, taps);
  mix({1, 0}, taps, mix_bus);
  mix(f.to_reverb, taps, reverb_bus);
}
