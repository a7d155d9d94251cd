// SPDX-License-Identifier: MIT
// Grains read from the recent past; those transposed up from a band-limited copy of it.
inline void cloud(CloudState& s, const CloudFrame& f, int64_t frame, const StereoQuantum& in,
                  StereoQuantum& mix_bus, StereoQuantum& reverb_bus) {
  const bool in_quiet = quiet(in);
  if (in_quiet && asleep(s.sleep)) return;
  note(s.sleep, in_quiet);
  alignas(64) StereoQuantum filtered;
  filter(s.low_pass[0], f.low_pass[0], in, filtered);
  filter(s.low_pass[1], f.low_pass[1], filtered, filtered);
  for (int side = 0; side < 2; ++side) {
    write(s.plain[side], frame, in[side]);
    write(s.filtered[side], frame, filtered[side]);
  }
  if (f.count == 0 || (f.level.from == 0 && f.level.step == 0)) return;

  alignas(64) StereoQuantum sum;
  clear(sum);
  for (int g = 0; g < f.count; ++g) {
    const Grain& grain = f.grains[g];
    for (int side = 0; side < 2; ++side) {
      alignas(64) float sound[frames];
      read(grain.filtered ? s.filtered[side] : s.plain[side], frame, grain.tap, sound);
      for (int n = 0; n < frames; n += lanes) {
        const V u = at(grain.u, n);
        const V inside = most(1.0f - u * u, V{});
        store(&sum[side][n], load(&sum[side][n]) + grain.gain[side] * (inside * inside) * load(sound + n));
      }
    }
  }
  scale(f.level, sum);
  mix({1, 0}, sum, mix_bus);
  mix(f.to_reverb, sum, reverb_bus);
}
