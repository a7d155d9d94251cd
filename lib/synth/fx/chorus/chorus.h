// SPDX-License-Identifier: MIT
// Adds the direct sound and its moving voices, together as strong as what went in.
inline void chorus(ChorusState& s, const ChorusFrame& f, int64_t frame, const StereoQuantum& in,
                   StereoQuantum& mix_bus) {
  const bool in_quiet = quiet(in);
  if (in_quiet && asleep(s.sleep)) return;
  note(s.sleep, in_quiet);
  constexpr float level = 0.57735027f;  // √(1/3)
  static_assert(chorus_voices == 2);
  alignas(64) float voices[chorus_voices][frames];
  for (int side = 0; side < 2; ++side) {
    write(s.rings[side], frame, in[side]);
    for (int voice = 0; voice < chorus_voices; ++voice)
      read(s.rings[side], frame, f.taps[side][voice], voices[voice]);
    for (int n = 0; n < frames; n += lanes) {
      float* to = &mix_bus[side][n];
      store(to, load(to) + level * (load(&in[side][n]) + load(&voices[0][n]) + load(&voices[1][n])));
    }
  }
}
