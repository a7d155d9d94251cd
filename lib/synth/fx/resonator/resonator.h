// SPDX-License-Identifier: MIT
// Decaying rotations, lanes = modes; a sum over modes is folded in halves so that its order is the same for any width.
inline void ring_bank(const ResonatorBank& bank, float* real, float* imaginary, const float* in,
                      float (&left)[frames][16], float (&right)[frames][16]) {
  static_assert(resonator_modes == 32);
  for (int m = 0; m < 16; m += lanes) {
    V re[2], im[2], c[2], s[2], b[2], l[2], r[2];
    for (int half = 0; half < 2; ++half) {
      const int k = m + 16 * half;
      re[half] = load(real + k);
      im[half] = load(imaginary + k);
      c[half] = load(bank.cosine + k);
      s[half] = load(bank.sine + k);
      b[half] = load(bank.input + k);
      l[half] = load(bank.gain[0] + k);
      r[half] = load(bank.gain[1] + k);
    }
    for (int n = 0; n < frames; ++n) {
      for (int half = 0; half < 2; ++half) {
        const V turned = (c[half] * re[half] + b[half] * in[n]) - s[half] * im[half];
        im[half] = s[half] * re[half] + c[half] * im[half];
        re[half] = turned;
      }
      store(&left[n][m], l[0] * re[0] + l[1] * re[1]);
      store(&right[n][m], r[0] * re[0] + r[1] * re[1]);
    }
    for (int half = 0; half < 2; ++half) {
      store(real + m + 16 * half, re[half]);
      store(imaginary + m + 16 * half, im[half]);
    }
  }
}

inline void fold(const float (&modes)[frames][16], float* out) {
  for (int n = 0; n < frames; n += 4) {
    V4 rows[4];
    for (int i = 0; i < 4; ++i) {
      const float* row = modes[n + i];
      rows[i] = (load<V4>(row) + load<V4>(row + 8)) + (load<V4>(row + 4) + load<V4>(row + 12));
    }
    transpose(rows[0], rows[1], rows[2], rows[3]);
    store(out + n, (rows[0] + rows[1]) + (rows[2] + rows[3]));
  }
}

inline void resonators(ResonatorState& s, const ResonatorFrame& f, const StereoQuantum& in,
                       StereoQuantum& mix_bus, StereoQuantum& reverb_bus) {
  for (int b = 0; b < 2; ++b) {
    if (s.generation[b] == f.banks[b].generation) continue;
    s.generation[b] = f.banks[b].generation;
    __builtin_memset(s.real[b], 0, sizeof s.real[b]);
    __builtin_memset(s.imaginary[b], 0, sizeof s.imaginary[b]);
  }
  if (quiet(in) && asleep(s.sleep)) return;
  alignas(64) StereoQuantum sum;
  clear(sum);
  for (int b = 0; b < 2; ++b) {
    const ResonatorBank& bank = f.banks[b];
    if (!bank.active) continue;
    alignas(64) float mono[frames];
    for (int n = 0; n < frames; n += lanes) {
      store(mono + n, 0.5f * at(bank.listen, n) * (load(&in[0][n]) + load(&in[1][n])));
    }
    alignas(64) float modes[2][frames][16];
    ring_bank(bank, s.real[b], s.imaginary[b], mono, modes[0], modes[1]);
    for (int side = 0; side < 2; ++side) {
      alignas(64) float heard[frames];
      fold(modes[side], heard);
      for (int n = 0; n < frames; n += lanes) {
        store(&sum[side][n], load(&sum[side][n]) + at(bank.fade, n) * load(heard + n));
      }
    }
  }
  note(s.sleep,
       quiet(in) && quiet(s.real[0], 2 * resonator_modes) && quiet(s.imaginary[0], 2 * resonator_modes));
  scale(f.level, sum);
  mix({1, 0}, sum, mix_bus);
  mix(f.to_reverb, sum, reverb_bus);
}
