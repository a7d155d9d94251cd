// SPDX-License-Identifier: MIT
#include "torch/melody/ngram.h"

#include <algorithm>
#include <cmath>

namespace auralis::melody {
namespace {

constexpr int none = -1;  // before the beginning of a line

Ngram::Context first_of(const Ngram::Context& context, size_t features) {
  return {context.begin(), context.begin() + static_cast<long>(features)};
}

int mode_code(const Condition& condition) {
  int code = 0;
  for (int alteration : condition.alteration) code = 3 * code + alteration + 1;
  return code;
}

}  // namespace

// In the fullest case the features and their order are those that served the baselines best on the validation
// part of the corpus, of some fifty tried: a choice in their favour.
Ngram::Context symbol_context(const Line& line, size_t i, const Baseline& baseline) {
  const Condition& here = line[i].condition;
  const auto before = [&](size_t back) { return back <= i ? line[i - back].symbol : none; };
  const auto order = static_cast<size_t>(baseline.order);
  Ngram::Context context;
  if (baseline.conditioning == Conditioning::all) {
    context.push_back(here.chord_degree);
    if (order > 1) context.push_back(before(1));
    context.insert(context.end(), {here.place % 4, mode_code(here), here.part});
  } else {
    if (baseline.conditioning >= Conditioning::part) context.push_back(here.part);
    if (baseline.conditioning >= Conditioning::harmony) context.push_back(here.chord_degree);
    if (order > 1) context.push_back(before(1));
  }
  for (size_t back = 2; back < order; ++back) context.push_back(before(back));
  return context;
}

Ngram::Context length_context(const Line& line, size_t i, const Baseline& baseline) {
  const Condition& here = line[i].condition;
  Ngram::Context context;
  if (baseline.conditioning == Conditioning::all) {
    context = {here.place % 8, here.part, relative_index(line[i].symbol, here.chord_degree)};
  } else {
    if (baseline.conditioning >= Conditioning::harmony) context.push_back(here.place);
    if (baseline.conditioning >= Conditioning::part) context.push_back(here.part);
  }
  for (size_t back = 1; back < static_cast<size_t>(baseline.order); ++back) {
    context.push_back(back <= i ? line[i - back].length : none);
  }
  return context;
}

void Ngram::count(const Context& context, int outcome) {
  levels_.resize(context.size() + 1);
  levels_.back().seen[context].counts[outcome] += 1.0;
}

void Ngram::finish() {
  // A shorter context counts how often an outcome was seen after it (Witten–Bell), or after how many
  // different longer contexts it was (Kneser–Ney).
  for (size_t level = levels_.size(); level-- > 1;) {
    for (const auto& [context, seen] : levels_[level].seen) {
      auto& shorter = levels_[level - 1].seen[first_of(context, level - 1)].counts;
      for (const auto& [outcome, n] : seen.counts)
        shorter[outcome] += smoothing_ == Smoothing::witten_bell ? n : 1.0;
    }
  }
  for (Level& level : levels_) {
    double once = 0.0;
    double twice = 0.0;
    for (auto& [context, seen] : level.seen) {
      for (const auto& [outcome, n] : seen.counts) {
        seen.total += n;
        once += n == 1.0 ? 1.0 : 0.0;
        twice += n == 2.0 ? 1.0 : 0.0;
      }
    }
    if (once > 0.0 && twice > 0.0) level.discount = once / (once + 2.0 * twice);
  }
}

const Ngram::Seen* Ngram::find(size_t level, const Context& context) const {
  const auto found = levels_[level].seen.find(first_of(context, level));
  return found == levels_[level].seen.end() ? nullptr : &found->second;
}

double Ngram::probability(const Context& context, int outcome) const {
  double p = 1.0 / outcomes_;
  for (size_t level = 0; level < levels_.size(); ++level) {
    const Seen* seen = find(level, context);
    if (seen == nullptr) break;
    const auto found = seen->counts.find(outcome);
    const double n = found == seen->counts.end() ? 0.0 : found->second;
    const auto kinds = static_cast<double>(seen->counts.size());
    if (smoothing_ == Smoothing::witten_bell) {
      p = (n + kinds * p) / (seen->total + kinds);
    } else {
      const double discount = levels_[level].discount;
      p = (std::max(0.0, n - discount) + discount * kinds * p) / seen->total;
    }
  }
  return p;
}

std::string name_of(const Baseline& baseline) {
  const char* conditions = baseline.conditioning == Conditioning::none      ? "the line alone"
                           : baseline.conditioning == Conditioning::harmony ? "chord, place"
                           : baseline.conditioning == Conditioning::part    ? "chord, place, part"
                                                                            : "everything";
  return std::to_string(baseline.order) + "-gram, " +
         (baseline.smoothing == Smoothing::witten_bell ? "Witten-Bell" : "Kneser-Ney") + ", " + conditions;
}

std::vector<Baseline> all_baselines() {
  std::vector<Baseline> all;
  for (const Conditioning conditioning :
       {Conditioning::none, Conditioning::harmony, Conditioning::part, Conditioning::all}) {
    for (Smoothing smoothing : {Smoothing::witten_bell, Smoothing::kneser_ney}) {
      for (int order = 1; order <= 4; ++order) all.push_back({conditioning, smoothing, order});
    }
  }
  return all;
}

Ngrams count_ngrams(const Baseline& baseline, std::span<const Line> train) {
  Ngrams ngrams{{symbol_count, baseline.smoothing}, {length_count, baseline.smoothing}};
  for (const Line& line : train) {
    for (size_t i = 0; i < line.size(); ++i) {
      ngrams.symbols.count(symbol_context(line, i, baseline), line[i].symbol);
      ngrams.lengths.count(length_context(line, i, baseline), line[i].length);
    }
  }
  ngrams.symbols.finish();
  ngrams.lengths.finish();
  return ngrams;
}

Loss measure(const Baseline& baseline, std::span<const Line> train, std::span<const Line> lines) {
  const Ngrams ngrams = count_ngrams(baseline, train);
  Loss loss;
  double notes = 0.0;
  for (const Line& line : lines) {
    for (size_t i = 0; i < line.size(); ++i) {
      loss.symbol -= std::log(ngrams.symbols.probability(symbol_context(line, i, baseline), line[i].symbol));
      loss.length -= std::log(ngrams.lengths.probability(length_context(line, i, baseline), line[i].length));
      notes += 1.0;
    }
  }
  return {loss.symbol / notes, loss.length / notes};
}

}  // namespace auralis::melody
