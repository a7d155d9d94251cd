// SPDX-License-Identifier: MIT
#include "torch/voice/sources.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "synth/modulation/waves.h"
#include "synth/source/body/partials.h"
#include "synth/source/wave/choir.h"
#include "synth/source/wave/table.h"

namespace auralis::voice {
namespace {

using at::Tensor;
using source::Body;
using source::Choir;
using source::Table;
using enum VoiceParam;

constexpr double octaves_60_db = 9.965784284662087;

// What the sources of a batch share; per voice is [voices, 1].
struct Batch {
  Tensor patch;
  std::span<const Note> notes;
  std::vector<source::Frame> frames;  // of each note, in its first quantum
  Tensor increments;                  // at the quanta's ends, of the note itself
  int rate;
  at::TensorOptions real;

  Tensor param(VoiceParam p) const { return patch.narrow(1, static_cast<int64_t>(p), 1); }
  bool has(VoiceParam level) const { return (param(level) != 0.0).any().item<bool>(); }
  int64_t quanta() const { return increments.size(1) - 1; }
  static int64_t first_quantum(const Note& note) { return note.onset / quantum_frames; }

  template <typename Value>
  Tensor per_voice(Value value) const {
    std::vector<double> values;
    for (size_t i = 0; i < notes.size(); ++i) values.push_back(value(notes[i], frames[i]));
    return at::tensor(values).to(real).unsqueeze(1);
  }
  // [voices, quanta + 1], of the end e of quanta since the voice's first
  template <typename Value>
  Tensor per_end(Value value) const {
    std::vector<double> values;
    for (size_t i = 0; i < notes.size(); ++i) {
      for (int64_t e = 0; e <= quanta(); ++e)
        values.push_back(value(frames[i], std::max<int64_t>(0, e - first_quantum(notes[i]))));
    }
    return at::tensor(values).to(real).reshape({static_cast<int64_t>(notes.size()), quanta() + 1});
  }
  // Where each voice's first quantum ends.
  Tensor first_increment() const {
    std::vector<int64_t> at;
    for (const Note& note : notes) at.push_back(std::min(first_quantum(note) + 1, quanta()));
    return increments.gather(1, at::tensor(at, at::kLong).to(increments.device()).unsqueeze(1));
  }
  Tensor row(std::initializer_list<double> values) const { return at::tensor(values).to(real); }
  Tensor row(const std::vector<double>& values) const { return at::tensor(values).to(real); }
};

// Between the whole numbers of a shape: rows [shapes, n], and a shape of each voice.
Tensor between(const Tensor& rows, const Tensor& shape) {
  const Tensor lower = at::clamp(at::floor(shape.detach()), 0.0, static_cast<double>(rows.size(0) - 2));
  const Tensor index = lower.to(at::kLong).squeeze(1);
  const Tensor a = rows.index_select(0, index);
  return a + (shape - lower) * (rows.index_select(0, index + 1) - a);
}

// ---- bodies

struct Modes {
  Tensor ratio, strength, loss;  // [voices, modes]
};

Modes modes_of(const Batch& b) {
  std::vector<double> ratio, level, keeps;
  for (const source::BodyPartials& body : source::bodies) {
    for (const source::BodyPartial& partial : body) {
      ratio.push_back(partial.ratio);
      level.push_back(partial.level);
      keeps.push_back(partial.keeps);
    }
  }
  const auto of_shape = [&](const std::vector<double>& values) {
    return between(b.row(values).reshape({static_cast<int64_t>(source::bodies.size()), Body::modes}),
                   b.param(body_shape));
  };
  const Tensor ratios = of_shape(ratio);
  const Tensor lasts_s =
      b.param(body_decay_s) * of_shape(keeps) * at::exp2(-1.7 * b.param(body_damping) * at::log2(ratios));
  return {ratios, of_shape(level), at::exp2(-octaves_60_db / (at::clamp_min(lasts_s, 0.002) * b.rate))};
}

Tensor audible(const Tensor& turn) {
  return at::clamp((Body::highest - turn) / (Body::highest - Body::highest_full), 0.0, 1.0);
}

// The pulse of each voice's strike, frame by frame of the block.
Tensor blows(const Batch& b) {
  const Tensor vel = b.per_voice([](const Note& note, const source::Frame&) { return note.vel; });
  const Tensor onset = b.per_voice([](const Note& note, const source::Frame&) { return double(note.onset); });
  const Tensor to = b.first_increment();
  const Tensor hardness = at::clamp(b.param(body_strike) * (0.4 + 0.6 * vel), 0.0, 1.0);
  const Tensor long_s = 0.009 * at::exp2(-5.9 * hardness);
  const Tensor length = at::clamp_min(at::minimum(long_s * b.rate, 0.7 / to), 2.0);
  const Tensor turns = to * length;
  const Tensor arch = at::sin(M_PI * turns) / (M_PI * turns * (1.0 - turns * turns));
  const Tensor gain = static_cast<double>(Body::strength) * at::clamp_min(1.0 - b.param(body_rub), 0.0) /
                      (length * at::clamp_min(arch, 0.2));
  const Tensor since =
      at::arange(b.quanta() * quantum_frames, b.real).unsqueeze(0) - onset - source::blow_after_s * b.rate;
  const Tensor turned = since * (2.0 / length);
  return at::where((turned > 0.0) & (turned < 2.0), gain * (1.0 + at::cos(M_PI * (turned - 1.0))),
                   at::zeros_like(turned));
}

// What is rubbed is given back what it loses, once a quantum.
void rub(const Tensor& wanted, const Tensor& drawn, Tensor& re, Tensor& im) {
  const Tensor squares = re * re + im * im;
  const Tensor size = at::sqrt(at::clamp_min(squares, 1e-30));
  const Tensor next = size + (wanted - size) * 0.006;
  const Tensor small = size < 1e-4 * wanted;
  const Tensor grows = size < wanted;
  re = at::where(grows, at::where(small, 1e-4 * wanted * drawn, re * (next / size)), re);
  im = at::where(grows, at::where(small, 1e-4 * wanted, im * (next / size)), im);
}

Tensor body(const Batch& b) {
  const Modes m = modes_of(b);
  const Tensor first = b.first_increment();
  std::vector<double> half_waves;
  for (int k = 0; k < Body::modes; ++k) half_waves.push_back(k / 2 + 1);
  const Tensor wave = at::cos(M_PI * b.param(body_place) * b.row(half_waves));
  const Tensor given = m.strength * (0.35 + 0.65 * wave * wave) * audible(first * m.ratio);
  const Tensor blow = blows(b);
  const Tensor hand = b.per_end([&](const source::Frame& f, int64_t e) {
    return 1.0 + 0.35 * modulation::wave_at(Source::pink, f.key, double(e * quantum_frames) / b.rate, 7.0);
  });
  const bool rubs = b.has(body_rub);
  std::vector<Tensor> drawn;
  for (int64_t k = 0; rubs && k < Body::modes; ++k) {
    drawn.push_back(
        b.per_voice([k](const Note&, const source::Frame& f) { return modulation::drawn(f.key, k); }));
  }

  const Tensor n = at::arange(quantum_frames + 1, b.real);
  const Tensor since = at::clamp_min(n.slice(0, 0, -1).unsqueeze(1) - n.slice(0, 0, -1).unsqueeze(0), 0.0);
  const Tensor later =
      at::tril(at::ones({quantum_frames, quantum_frames}, b.real));  // [n, j]: j is not after n
  Tensor re = at::zeros_like(given), im = at::zeros_like(given);
  std::vector<Tensor> out;
  for (int64_t q = 0; q < b.quanta(); ++q) {
    const Tensor turn = b.increments.narrow(1, q + 1, 1) * m.ratio;
    const Tensor there = turn < Body::highest;
    if (rubs) {
      const Tensor begun = b.per_voice([q](const Note& note, const source::Frame&) {
        return q >= Batch::first_quantum(note) ? 1.0 : 0.0;
      });
      const Tensor wanted = begun * b.param(body_rub) * static_cast<double>(Body::strength) * m.strength *
                            hand.narrow(1, q, 1) * audible(turn) / (1.0 + 0.6 * (m.ratio - 1.0));
      rub(wanted, at::cat(drawn, 1), re, im);
    }
    const Tensor loss = at::where(there, m.loss, at::zeros_like(m.loss)).unsqueeze(2);
    const Tensor angle = (2.0 * M_PI * turn).unsqueeze(2);
    const auto turned = [&](const Tensor& frames) {  // real and imaginary parts of loss·e^(i·angle), so often
      const Tensor size = at::pow(at::clamp_min(loss, 1e-30), frames);
      return std::pair(size * at::cos(angle * frames), size * at::sin(angle * frames));
    };
    const auto [c, d] = turned(n);
    Tensor next_re = re.unsqueeze(2) * c - im.unsqueeze(2) * d;
    Tensor next_im = re.unsqueeze(2) * d + im.unsqueeze(2) * c;
    const Tensor strike = blow.narrow(1, q * quantum_frames, quantum_frames);
    if ((strike != 0.0).any().item<bool>()) {
      const Tensor pushed = given.unsqueeze(2) * strike.unsqueeze(1);  // [voices, modes, j]
      const auto arrived = [&](const Tensor& part) {
        return at::matmul(
                   (part.reshape({part.size(0), part.size(1), quantum_frames, quantum_frames}) * later),
                   pushed.unsqueeze(3))
            .squeeze(3);
      };
      const auto [pc, pd] = turned(since.flatten());
      const Tensor still = at::zeros_like(next_re.narrow(2, 0, 1));
      next_re = next_re + at::cat({still, arrived(pc)}, 2);
      next_im = next_im + at::cat({still, arrived(pd)}, 2);
    }
    out.push_back(next_im.narrow(2, 1, quantum_frames).sum(1));
    re = next_re.narrow(2, quantum_frames, 1).squeeze(2);
    im = next_im.narrow(2, quantum_frames, 1).squeeze(2);
  }
  return b.param(body_level) * at::cat(out, 1);
}

// ---- what reads a cycle of partials, four times

// The partials' numbers, and where they are heard: [count], [voices, count].
struct Series {
  Tensor number, fits;
  int64_t length = 0;  // of the cycle
};

Series series_of(const Batch& b) {
  const Tensor to = b.first_increment();
  const Tensor count = at::clamp(at::floor(0.44 / at::maximum(b.increments.narrow(1, 0, 1), to)), 1.0,
                                 static_cast<double>(Table::most_partials));
  const auto most = static_cast<int64_t>(count.max().item<double>());
  Series s;
  s.number = at::arange(1, most + 1, b.real);
  s.fits = (s.number.unsqueeze(0) <= count).to(b.real);
  s.length = 512;
  while (s.length < 8 * most && s.length < Table::longest) s.length *= 2;
  return s;
}

// Four readers of the cycle that these amplitudes make.
Tensor read(const Batch& b, const Series& s, Tensor amplitudes, const Tensor& cents) {
  amplitudes = amplitudes * s.fits;
  amplitudes = amplitudes * static_cast<double>(Table::loudness) /
               at::sqrt(0.5 * (amplitudes * amplitudes).sum(1, true));
  std::vector<double> phases;
  for (int64_t k = 1; k <= s.number.size(0); ++k)
    phases.push_back(M_PI * source::partial_phase(static_cast<int>(k)));
  const Tensor place = at::arange(s.length + 3, b.real) * (2.0 * M_PI / static_cast<double>(s.length));
  const Tensor waves = at::cos(s.number.unsqueeze(1) * place.unsqueeze(0) + b.row(phases).unsqueeze(1));
  const Tensor cycle = at::matmul(amplitudes, waves);  // [voices, length + 3]

  constexpr int64_t line = Table::stray_quanta;
  const Tensor begun = b.per_end([](const source::Frame&, int64_t e) { return e > 0 ? 1.0 : 0.0; });
  Tensor sum;
  for (int reader = 0; reader < Table::readers; ++reader) {
    const Tensor off = b.per_end([&](const source::Frame& f, int64_t e) {
      const auto after = [&](int64_t quanta) { return source::off_at(f, reader, quanta * quantum_frames); };
      const double from = after(e / line * line);
      return from + (after((e / line + 1) * line) - from) * double(e % line) / double(line);
    });
    const Tensor ends = at::clamp_max(b.increments * at::exp2(cents * off / 1200.0), 0.49);
    const auto each = [&](const Tensor& t) { return t.narrow(1, 0, b.quanta()).unsqueeze(2); };
    const Tensor n = at::arange(quantum_frames, b.real) / static_cast<double>(quantum_frames);
    const Tensor increment = (begun.narrow(1, 1, b.quanta()).unsqueeze(2) *
                              (each(ends) + (ends.narrow(1, 1, b.quanta()).unsqueeze(2) - each(ends)) * n))
                                 .flatten(1);
    const Tensor first = at::clamp_max(cents, 1.0) * b.per_voice([&](const Note&, const source::Frame& f) {
      return source::first_phase(f, reader);
    });
    const Tensor phase = first + at::cumsum(increment, 1) - increment;
    const Tensor position = (phase - at::floor(phase.detach())) * static_cast<double>(s.length);
    const Tensor frame = at::clamp_max(at::floor(position.detach()), static_cast<double>(s.length - 1));
    const Tensor x = position - frame + 1.0;
    const auto point = [&](int64_t ahead) { return cycle.gather(1, frame.to(at::kLong) + ahead); };
    const Tensor p = x - 1.0, q = x - 2.0, r = x - 3.0;
    const Tensor y = point(0) * (p * q * r) / -6.0 + point(1) * (x * q * r) * 0.5 +
                     point(2) * (x * p * r) * -0.5 + point(3) * (x * p * q) / 6.0;
    sum = reader == 0 ? y : sum + y;
  }
  return 0.5 * sum;
}

Tensor choir(const Batch& b) {
  std::vector<double> hz, db, width_hz;
  for (const auto& vowel : Choir::vowels) {
    for (const Choir::Formant& formant : vowel) {
      hz.push_back(formant.hz);
      db.push_back(formant.db);
      width_hz.push_back(formant.width_hz);
    }
  }
  const Tensor vowel = at::clamp(b.param(choir_vowel), 0.0, 4.0);
  const auto of_vowel = [&](const std::vector<double>& values) {
    return between(b.row(values).reshape({5, static_cast<int64_t>(Choir::formants)}), vowel).unsqueeze(2);
  };
  const Tensor size = at::exp2(b.param(choir_size_st) / 12.0).unsqueeze(2);
  const Series s = series_of(b);
  const Tensor heard_hz = b.first_increment() * static_cast<double>(b.rate) * s.number.unsqueeze(0);
  const Tensor off =
      (heard_hz.unsqueeze(1) - size * of_vowel(hz)) / (0.5 * Choir::wider * size * of_vowel(width_hz));
  const Tensor through =
      Choir::between + (at::pow(10.0, of_vowel(db) / 20.0) / at::sqrt(1.0 + off * off)).sum(1);
  return b.param(choir_level) *
         read(b, s, through / (s.number * (1.0 + heard_hz / 4000.0)), b.param(choir_cents));
}

// The built-in tables at a position, [voices, tables, partials].
Tensor tables_at(const Batch& b, const Tensor& k, const Tensor& position) {
  Tensor organ = at::zeros_like(position * k);
  constexpr struct {
    double partial, flute, full;
  } pipes[] = {{1, 1.0, 1.0}, {2, 0.05, 0.75}, {3, 0.18, 0.4},  {4, 0.02, 0.55}, {5, 0.05, 0.2},
               {6, 0.0, 0.3}, {8, 0.0, 0.35},  {10, 0.0, 0.12}, {12, 0.0, 0.2},  {16, 0.0, 0.18}};
  for (const auto& pipe : pipes) {
    const Tensor of = k / pipe.partial;
    const Tensor own = at::where(of == 1.0, at::ones_like(of), 0.25 / (of * of));
    const Tensor is_its = (at::remainder(k, pipe.partial) == 0.0).to(b.real);
    organ = organ + is_its * own * (pipe.flute + position * (pipe.full - pipe.flute));
  }
  const Tensor comb = at::abs(at::sin(M_PI * k * (0.23 - 0.17 * position)));
  const Tensor bowed = (0.15 + 0.85 * comb) / k / (1.0 + k * (0.06 - 0.05 * position));
  const Tensor even = (at::remainder(k, 2.0) == 0.0).to(b.real);
  const Tensor reed =
      (1.0 - even + even * (0.04 + 0.8 * position)) / k / (1.0 + 0.02 * k * k * (1.0 - 0.8 * position));
  const Tensor octaves = at::log2(k) - 5.0 * position;
  const Tensor sweep = 0.5 * (k == 1.0).to(b.real) + at::exp2(at::clamp_min(-6.0 * octaves * octaves, -60.0));
  return at::stack({organ, bowed, reed, sweep, sweep},
                   1);  // without a wave of its own, the last is the one before
}

Tensor wave(const Batch& b) {
  const Series s = series_of(b);
  const Tensor tables = tables_at(b, s.number, b.param(wave_position));
  std::vector<Tensor> of_voice;
  for (int64_t v = 0; v < tables.size(0); ++v)
    of_voice.push_back(between(tables[v], at::clamp(b.param(wave_table).narrow(0, v, 1), 0.0, 4.0)));
  return b.param(wave_level) * read(b, s, at::cat(of_voice, 0), b.param(wave_cents));
}

}  // namespace

Tensor sources_of(const Tensor& patch, std::span<const Note> notes, std::span<const int32_t> keys,
                  const Tensor& increments, int rate) {
  Batch b{patch, notes, {}, {}, rate, patch.options().requires_grad(false)};
  b.increments = increments * at::exp2(b.param(detune_cents) / 2400.0);
  for (const int32_t key : keys) {
    source::Frame frame;
    frame.rate = rate;
    frame.key = source::key_of_voice(key);
    b.frames.push_back(frame);
  }
  Tensor sum;
  const auto add = [&](VoiceParam level, Tensor (*of)(const Batch&)) {
    if (!b.has(level)) return;
    sum = sum.defined() ? sum + of(b) : of(b);
  };
  add(body_level, body);
  add(choir_level, choir);
  add(wave_level, wave);
  return sum;
}

}  // namespace auralis::voice
