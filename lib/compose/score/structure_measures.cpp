// SPDX-License-Identifier: MIT
// Structure: how much of a stretch of some minutes sounded before, in the same order, beside the same piece with the chords
// of every scene in another order. Time may run up to twice as fast or slow.
//   frames   of four seconds: how long each pitch class sounds, as a vector of length 1
//   source   Wu & Yang, The Jazz Transformer on the Front Line, ISMIR 2020 (structureness: the part of a stretch that its
//            best repetition covers); Müller, Jiang & Grohganz, SM Toolbox, AES 2014 (thresholded self-similarity,
//            paths by steps of (1, 1), (1, 2) and (2, 1))
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "compose/score/score_reading.h"
#include "model/rng.h"

namespace auralis {
namespace {

constexpr double frame_s = 4.0;
constexpr std::array<size_t, 5> stretches{10, 20, 30, 40, 50};  // frames: 40 to 200 s
constexpr size_t begin_every = 15;                              // frames: a stretch is looked for each minute
constexpr size_t memory = 900;                                  // frames before it: an hour
constexpr double alike_share = 0.03;  // of all pairs of frames, those that count as alike
constexpr float almost_the_same = 0.999F;
constexpr float unlike = -2.0F;  // what any other pair takes from a path's sum
constexpr size_t pairs_sampled = 20000;
constexpr int least_changes = 2;  // of chord in a stretch: fewer have no order
constexpr size_t null_pieces = 2;
constexpr uint64_t chance_seed = 1;

using Frame = std::array<float, 12>;

struct Frames {
  std::vector<Frame> classes;
  std::vector<int> changes;  // of chord, so far
};

std::vector<Frame> frames_of(const Score& score) {
  std::vector<Frame> frames(static_cast<size_t>(score.length_s / frame_s), Frame{});
  for (const SoundedNote& note : score.notes) {
    if (note.layer != "pad" && note.layer != "drone" && note.layer != "lead") continue;
    for (auto i = static_cast<size_t>(note.t / frame_s); i < frames.size(); ++i) {
      const double from_s = static_cast<double>(i) * frame_s;
      if (from_s >= note.end) break;
      const double sounds_s = std::min(note.end, from_s + frame_s) - std::max(note.t, from_s);
      frames[i][static_cast<size_t>(pitch_class(note.pitch))] += static_cast<float>(sounds_s);
    }
  }
  for (Frame& frame : frames) {
    float power = 0.0F;
    for (float x : frame) power += x * x;
    const float scale = power > 0.0F ? 1.0F / std::sqrt(power) : 0.0F;
    for (float& x : frame) x *= scale;
  }
  return frames;
}

float likeness(const Frame& a, const Frame& b) {
  float sum = 0.0F;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// From where on two frames are alike: so that a fifth of the pairs are.
float threshold_of(const std::vector<Frame>& frames) {
  Rng rng(chance_seed, "pairs of frames");
  std::vector<float> sampled;
  for (size_t i = 0; i < pairs_sampled; ++i) {
    const Frame& one = frames[rng.index(frames.size())];
    sampled.push_back(likeness(one, frames[rng.index(frames.size())]));
  }
  const auto at = sampled.begin() + static_cast<std::ptrdiff_t>((1.0 - alike_share) * pairs_sampled);
  std::nth_element(sampled.begin(), at, sampled.end());
  return *at;
}

// The mean, over stretches, of the part that the best path through what came before covers.
double structureness(const Frames& piece, float threshold) {
  constexpr float none = -1e9F;
  const std::vector<Frame>& frames = piece.classes;
  const size_t longest = stretches.back();
  double sum = 0.0;
  double count = 0.0;
  for (size_t from = begin_every; from + longest <= frames.size(); from += begin_every) {
    if (piece.changes[from + longest - 1] - piece.changes[from] < least_changes) continue;
    const size_t first = from > memory ? from - memory : 0;
    const size_t width = from - first;
    // Rows now, one and two back; two columns before the first.
    std::array<std::vector<float>, 3> rows;
    for (std::vector<float>& row : rows) row.assign(width + 2, none);
    for (size_t r = 0; r < longest; ++r) {
      std::vector<float>& now = rows[r % 3];
      const std::vector<float>& before = rows[(r + 2) % 3];
      const std::vector<float>& earlier = rows[(r + 1) % 3];
      for (size_t c = 0; c < width; ++c) {
        const float like = likeness(frames[from + r], frames[first + c]);
        const float score = like >= threshold ? 1.0F : unlike;
        const float way = r == 0 ? 0.0F : std::max({before[c + 1], before[c], earlier[c + 1]});
        now[c + 2] = score + way;
      }
      const bool asked = std::find(stretches.begin(), stretches.end(), r + 1) != stretches.end();
      if (!asked || piece.changes[from + r] - piece.changes[from] < least_changes) continue;
      const float best = *std::max_element(now.begin(), now.end());
      sum += std::max(0.0, static_cast<double>(best) / static_cast<double>(r + 1));
      count += 1.0;
    }
  }
  return count > 0.0 ? sum / count : 0.0;
}

// The frames of the chords, those of each scene in an order of chance where there is one.
Frames in_order(const Score& score, const std::vector<Frame>& frames, Rng* rng) {
  Frames out;
  const auto frame_at = [&](double t_s) {
    return std::min(static_cast<size_t>(std::llround(t_s / frame_s)), frames.size());
  };
  int change = 0;
  for (size_t begin = 0; begin < score.chords.size();) {
    size_t end = begin + 1;
    while (end < score.chords.size() && !score.chords[end].opens_scene &&
           score.chords[end].scene == score.chords[begin].scene)
      ++end;
    std::vector<const ScoreChord*> chords;
    for (; begin < end; ++begin) chords.push_back(&score.chords[begin]);
    for (size_t i = chords.size(); rng != nullptr && i > 1; --i)
      std::swap(chords[i - 1], chords[rng->index(i)]);
    for (const ScoreChord* chord : chords) {
      ++change;
      for (size_t i = frame_at(chord->t); i < frame_at(chord->end); ++i) {
        out.classes.push_back(frames[i]);
        out.changes.push_back(change);
      }
    }
  }
  return out;
}

}  // namespace

nlohmann::ordered_json structure_measures(const Score& score) {
  const std::vector<Frame> frames = frames_of(score);
  const bool has_scenes = !score.chords.empty() && score.chords.front().scene != 0;
  if (!has_scenes || frames.size() <= stretches.back() + begin_every)
    return {
        {"structureness", nullptr}, {"structureness_shuffled", nullptr}, {"structureness_ratio", nullptr}};
  const float threshold = std::min(threshold_of(frames), almost_the_same);
  const double found = structureness(in_order(score, frames, nullptr), threshold);
  Rng rng(chance_seed, "shuffled chords");
  double shuffled = 0.0;
  for (size_t n = 0; n < null_pieces; ++n)
    shuffled += structureness(in_order(score, frames, &rng), threshold) / null_pieces;
  return {{"structureness", rounded(found, 4)},
          {"structureness_shuffled", rounded(shuffled, 4)},
          {"structureness_ratio", ratio(found, shuffled)}};
}

}  // namespace auralis
