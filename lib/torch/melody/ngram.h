// SPDX-License-Identifier: MIT
// Smoothed n-gram models of the same notes, the baselines that the network is measured against: they predict exactly
// what it predicts and may see everything that it sees.
//   context     features, the most informative first; smoothing backs off by dropping the last
//   order n     sees the n − 1 notes before
//   smoothing   Witten & Bell, IEEE Trans. Inf. Theory 37 (1991); interpolated Kneser–Ney, ICASSP 1995, with one
//               discount a level, n₁ / (n₁ + 2 n₂)
#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "torch/melody/line.h"
#include "torch/melody/loss.h"

namespace auralis::melody {

enum class Smoothing { witten_bell, kneser_ney };

class Ngram {
 public:
  using Context = std::vector<int>;
  Ngram(int outcomes, Smoothing smoothing) : outcomes_(outcomes), smoothing_(smoothing) {}

  // Every context has the same number of features. All counting comes before the first question.
  void count(const Context& context, int outcome);
  void finish();
  double probability(const Context& context, int outcome) const;

 private:
  struct Seen {
    std::map<int, double> counts;  // by outcome
    double total = 0.0;
  };
  struct Level {
    std::map<Context, Seen> seen;  // by the context's first features
    double discount = 0.75;
  };
  const Seen* find(size_t level, const Context& context) const;

  int outcomes_;
  Smoothing smoothing_;
  std::vector<Level> levels_;  // level k knows k features
};

// What a baseline sees beside the notes before: nothing; the chord for a note's symbol and the place in the bar for its
// length; the part as well; all that the network sees.
enum class Conditioning { none, harmony, part, all };

struct Baseline {
  Conditioning conditioning;
  Smoothing smoothing;
  int order;
};
std::string name_of(const Baseline& baseline);
std::vector<Baseline> all_baselines();  // orders 1 … 4

// The features that a baseline sees of a note, the most informative first.
Ngram::Context symbol_context(const Line& line, size_t i, const Baseline& baseline);
Ngram::Context length_context(const Line& line, size_t i, const Baseline& baseline);

struct Ngrams {
  Ngram symbols, lengths;
};
Ngrams count_ngrams(const Baseline& baseline, std::span<const Line> train);

Loss measure(const Baseline& baseline, std::span<const Line> train, std::span<const Line> lines);

}  // namespace auralis::melody
