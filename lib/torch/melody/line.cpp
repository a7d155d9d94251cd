// SPDX-License-Identifier: MIT
#include "torch/melody/line.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/io.h"

namespace auralis::melody {
namespace {

using nlohmann::json;
using Profile = std::array<double, 12>;
using Alteration = std::array<int, degree_count>;

constexpr std::array<int, degree_count> major_scale{0, 2, 4, 5, 7, 9, 11};
// The mean pitch of each part in Bach's chorales.
constexpr std::array<int, part_count> part_centres{70, 65, 59, 51};

// Krumhansl & Kessler, Psychological Review 89 (1982), table 1.
constexpr Profile major_profile{6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88};
constexpr Profile minor_profile{6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17};

int degree_of(int symbol) { return (symbol / 2 - steps_each_way + 2 * degree_count) % degree_count; }

double correlation(const Profile& a, const Profile& b, int shift) {
  double mean_a = 0.0;
  double mean_b = 0.0;
  for (size_t i = 0; i < 12; ++i) {
    mean_a += a[i] / 12.0;
    mean_b += b[i] / 12.0;
  }
  double ab = 0.0;
  double aa = 0.0;
  double bb = 0.0;
  for (size_t i = 0; i < 12; ++i) {
    const double x = a[(i + static_cast<size_t>(shift)) % 12] - mean_a;
    const double y = b[i] - mean_b;
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  return aa > 0.0 ? ab / std::sqrt(aa * bb) : 0.0;
}

// Notes per quarter from unhurried to busy, as the middle nine tenths of the chorales' lines have it.
float intensity_of(size_t notes, size_t sixteenths) {
  const double per_quarter = 4.0 * static_cast<double>(notes) / static_cast<double>(sixteenths);
  return static_cast<float>(std::clamp((per_quarter - 0.6) / (1.5 - 0.6), 0.0, 1.0));
}

Line line_of(const Piece& piece, const Key& key, size_t part) {
  const int home = home_pitch(key.tonic, part_centres[part]);
  const Alteration alteration = alterations(*key.mode);
  Line line;
  int chord_degree = 0;
  for (size_t begin = 0, end = 0; begin < piece.size(); begin = end) {
    const int pitch = piece[begin][part];
    while (end < piece.size() && piece[end][part] == pitch) ++end;
    if (const int found = find_chord_degree(piece[begin], key); found >= 0) chord_degree = found;
    Note note;
    note.symbol = pitch < 0 ? silence : symbol_of(pitch, home, alteration);
    note.length = length_class(static_cast<int>(end - begin));
    // Chorales may begin with an upbeat but end with a whole bar: bar lines are counted from the end.
    const int place = wrap(static_cast<int>(begin) - static_cast<int>(piece.size()), bar_sixteenths);
    note.condition = {alteration, chord_degree, place, static_cast<int>(part), 0.0F};
    line.push_back(note);
  }
  for (Note& note : line) note.condition.intensity = intensity_of(line.size(), piece.size());
  return line;
}

[[noreturn]] void bad_shape(const std::filesystem::path& file, const std::string& where) {
  throw Error::at(
      file.string(), 1,
      where + R"( is not of the expected form, expected {"train": [[[S, A, T, B], …], …], "valid": […]})" +
          " with MIDI numbers 0 … 127, or −1 for silence");
}

std::vector<Piece> pieces_in(const json& all, const char* part, const std::filesystem::path& file) {
  std::vector<Piece> pieces;
  if (!all.contains(part)) return pieces;
  if (!all[part].is_array()) bad_shape(file, part);
  for (const json& steps : all[part]) {
    const std::string where = std::string(part) + "[" + std::to_string(pieces.size()) + "]";
    if (!steps.is_array() || steps.empty()) bad_shape(file, where);
    Piece piece;
    for (const json& step : steps) {
      const auto is_pitch = [](const json& p) { return p.is_number_integer() && p >= -1 && p <= 127; };
      if (!step.is_array() || step.size() != part_count || !std::all_of(step.begin(), step.end(), is_pitch)) {
        bad_shape(file, where + "[" + std::to_string(piece.size()) + "]");
      }
      piece.push_back(step.get<Step>());
    }
    pieces.push_back(std::move(piece));
  }
  return pieces;
}

}  // namespace

int length_class(int sixteenths) {
  const auto nearer = [&](int a, int b) { return std::abs(a - sixteenths) < std::abs(b - sixteenths); };
  const auto* found = std::min_element(length_sixteenths.begin(), length_sixteenths.end(), nearer);
  return static_cast<int>(found - length_sixteenths.begin());
}

Alteration alterations(const Mode& mode) {
  std::span<const int> steps = mode.steps;
  if (steps.size() < degree_count) {  // a pentatonic: major where the major third is in it, minor otherwise
    const bool major = std::find(steps.begin(), steps.end(), 4) != steps.end();
    steps = find_mode(major ? "ionian" : "aeolian")->steps;
  }
  Alteration result{};
  for (size_t i = 0; i < degree_count; ++i) result[i] = steps[i] - major_scale[i];
  return result;
}

int degree_of_seven(const Mode& mode, int step) {
  const Alteration alteration = alterations(mode);
  const int size = static_cast<int>(mode.steps.size());
  const int semitones = mode.steps[static_cast<size_t>(wrap(step, size))];
  for (size_t i = 0; i < degree_count; ++i) {
    if (major_scale[i] + alteration[i] == semitones) return static_cast<int>(i);
  }
  return 0;
}

int home_pitch(int tonic, int centre) { return centre - 6 + wrap(tonic - (centre - 6), 12); }

int part_of(int centre) {
  const auto nearer = [&](int a, int b) { return std::abs(a - centre) < std::abs(b - centre); };
  return static_cast<int>(std::min_element(part_centres.begin(), part_centres.end(), nearer) -
                          part_centres.begin());
}

int symbol_of(int pitch, int home, const Alteration& alteration) {
  const int above = wrap(pitch - home, 12);
  int degree = degree_count - 1;
  while (degree > 0 &&
         major_scale[static_cast<size_t>(degree)] + alteration[static_cast<size_t>(degree)] > above) {
    --degree;
  }
  const auto index = static_cast<size_t>(degree);
  const bool chromatic = major_scale[index] + alteration[index] != above;
  int step = degree + degree_count * ((pitch - home - above) / 12);
  while (step < -steps_each_way) step += degree_count;
  while (step > steps_each_way) step -= degree_count;
  return 2 * (step + steps_each_way) + (chromatic ? 1 : 0);
}

int relative_index(int symbol, int chord_degree) {
  if (symbol >= silence) return relative_count - 1;
  return 2 * ((degree_of(symbol) - chord_degree + degree_count) % degree_count) + symbol % 2;
}

Key find_key(const Piece& piece) {
  Profile weight{};
  int last_bass = -1;
  for (const Step& step : piece) {
    for (int pitch : step) {
      if (pitch >= 0) weight[static_cast<size_t>(pitch % 12)] += 1.0;
    }
    if (step.back() >= 0) last_bass = step.back() % 12;
  }
  int tonic = 0;
  bool major = true;
  double best = -std::numeric_limits<double>::infinity();
  for (int candidate = 0; candidate < 12; ++candidate) {
    for (bool is_major : {true, false}) {
      const double fit = correlation(weight, is_major ? major_profile : minor_profile, candidate) +
                         (candidate == last_bass ? 0.25 : 0.0);
      if (fit > best) {
        best = fit;
        tonic = candidate;
        major = is_major;
      }
    }
  }
  const auto outside = [&](const Mode& mode) {
    double sum = 0.0;
    for (int pc = 0; pc < 12; ++pc) {
      const bool in = std::find(mode.steps.begin(), mode.steps.end(), pc) != mode.steps.end();
      if (!in) sum += weight[static_cast<size_t>((tonic + pc) % 12)];
    }
    return sum;
  };
  const Mode* found = nullptr;
  const std::array<const char*, 3> names =
      major ? std::array{"ionian", "mixolydian", "lydian"} : std::array{"aeolian", "dorian", "phrygian"};
  for (const char* name : names) {
    const Mode* mode = find_mode(name);
    if (found == nullptr || outside(*mode) < outside(*found)) found = mode;
  }
  return {tonic, found};
}

int find_chord_degree(const Step& step, const Key& key) {
  // Triads and sevenths as semitones above the root; the plainer first, so that a tie falls to it.
  static constexpr std::array<std::array<int, 4>, 7> chords{{{0, 4, 7, -1},
                                                             {0, 3, 7, -1},
                                                             {0, 3, 6, -1},
                                                             {0, 4, 7, 10},
                                                             {0, 3, 7, 10},
                                                             {0, 4, 7, 11},
                                                             {0, 3, 6, 10}}};
  const int bass = *std::min_element(step.begin(), step.end(), [](int a, int b) {
    return static_cast<unsigned>(a) < static_cast<unsigned>(b);  // silence, −1, is never lowest
  });
  if (bass < 0) return -1;
  int best_root = 0;
  double best = -100.0;
  for (int root = 0; root < 12; ++root) {
    for (const auto& chord : chords) {
      double fit = wrap(bass - key.tonic - root, 12) == 0 ? 0.5 : 0.0;
      for (int pitch : step) {
        if (pitch < 0) continue;
        const int above = wrap(pitch - key.tonic - root, 12);
        fit += std::find(chord.begin(), chord.end(), above) != chord.end() ? 1.0 : -1.0;
        if (above == 0) fit += 0.25;
      }
      if (chord[3] >= 0) fit -= 0.25;
      if (fit > best) {
        best = fit;
        best_root = root;
      }
    }
  }
  return ((symbol_of(best_root, 0, alterations(*key.mode)) / 2) - steps_each_way + 2 * degree_count) %
         degree_count;
}

std::vector<Line> lines_of(const Piece& piece) {
  const Key key = find_key(piece);
  std::vector<Line> lines;
  for (size_t part = 0; part < part_count; ++part) lines.push_back(line_of(piece, key, part));
  return lines;
}

std::vector<Line> lines_of(std::span<const Piece> pieces) {
  std::vector<Line> all;
  for (const Piece& piece : pieces) {
    for (Line& line : lines_of(piece)) all.push_back(std::move(line));
  }
  return all;
}

Corpus read_corpus(const std::filesystem::path& file) {
  const std::string text = read_file(file);
  json all;
  try {
    all = json::parse(text);
  } catch (const json::parse_error& error) {
    const auto end = text.begin() + static_cast<long>(std::min<size_t>(error.byte, text.size()));
    throw Error::at(file.string(), 1 + std::count(text.begin(), end, '\n'),
                    "not JSON, expected a corpus of pieces");
  }
  if (!all.is_object()) bad_shape(file, "the whole");
  return {pieces_in(all, "train", file), pieces_in(all, "valid", file)};
}

Parts hold_out(std::span<const Piece> train, const std::filesystem::path& file) {
  constexpr size_t every = 10;
  if (train.size() < every) {
    throw Error::at(file.string(), 1,
                    "\"train\" has fewer than " + std::to_string(every) +
                        " pieces, expected enough to hold every tenth out");
  }
  Parts parts;
  for (size_t i = 0; i < train.size(); ++i)
    (i % every == every - 1 ? parts.held : parts.used).push_back(train[i]);
  return parts;
}

}  // namespace auralis::melody
