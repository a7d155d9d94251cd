// SPDX-License-Identifier: MIT
#include "torch/melody/source.h"

#include <c10/core/GradMode.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <numeric>

#include "torch/melody/network_file.h"

namespace auralis::melody {
namespace {

Condition condition_of(const MelodyPlace& place) {
  Condition condition;
  condition.alteration = alterations(*place.mode);
  condition.chord_degree = degree_of_seven(*place.mode, place.chord_degree);
  const double bar = place.beat / 4.0;
  condition.place = static_cast<int>(std::lround((bar - std::floor(bar)) * bar_sixteenths)) % bar_sixteenths;
  condition.part = part_of(place.centre);
  condition.intensity = static_cast<float>(std::clamp(place.intensity, 0.0, 1.0));
  return condition;
}

int symbol_at(const MelodyPlace& place, int pitch) {
  return symbol_of(pitch, home_pitch(place.tonic, place.centre), alterations(*place.mode));
}

int class_of(double beats) {
  return length_class(static_cast<int>(std::lround(std::clamp(beats * 4.0, 1.0, 64.0))));
}

std::span<const double> values_of(const at::Tensor& logits) {
  return {logits.data_ptr<double>(), static_cast<size_t>(logits.numel())};
}

}  // namespace

std::vector<double> tempered(std::span<const double> logits, const MelodyTaste& taste) {
  const double highest = *std::max_element(logits.begin(), logits.end());
  std::vector<double> weights;
  double total = 0.0;
  for (double logit : logits) {
    weights.push_back(plain_exp((logit - highest) / taste.temperature));
    total += weights.back();
  }
  std::vector<size_t> order(weights.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return weights[a] > weights[b]; });
  double kept = 0.0;
  for (size_t index : order) {
    if (kept >= taste.top_p * total && kept > 0.0) {
      weights[index] = 0.0;
    } else {
      kept += weights[index];
    }
  }
  for (double& weight : weights) weight /= kept;
  return weights;
}

TransformerMelody::TransformerMelody(const Network& net, uint64_t seed)
    : net_(to_exact(net)), rng_(seed, "transformer") {}

TransformerMelody::Reading TransformerMelody::read(const Condition& condition) const {
  const c10::NoGradGuard no_grad;
  const Note asked{-1, -1, condition};
  const size_t known = line_.size();
  const Slot slot{&asked, known > 0 ? &line_[known - 1] : nullptr, known > 1 ? &line_[known - 2] : nullptr,
                  0};
  Reading reading;
  reading.batch = make_batch({&slot, 1}, 1, true);
  reading.memory = memory_;
  reading.read = read_notes(net_, reading.batch, {.exact = true}, &reading.memory);
  return reading;
}

MelodyNote TransformerMelody::next(const MelodyPlace& place, std::span<const int> open,
                                   const MelodyIntent& intent, const MelodyTaste& taste) {
  assert(!open.empty());
  const c10::NoGradGuard no_grad;
  const Arithmetic exact{.exact = true};
  const Reading reading = read(condition_of(place));
  const at::Tensor symbols = symbol_logits(net_, reading.read, reading.batch, exact);
  std::vector<double> logits;
  for (int pitch : open) {
    const double logit = values_of(symbols)[static_cast<size_t>(symbol_at(place, pitch))];
    logits.push_back(logit + (pitch == intent.pitch ? intent.nats : 0.0));
  }
  const int pitch = open[rng_.weighted(tempered(logits, taste))];

  const at::Tensor symbol = reading.batch.symbol.clone().fill_(symbol_at(place, pitch));
  const at::Tensor lengths = melody::length_logits(net_, reading.read, reading.batch, symbol, exact);
  std::vector<double> length_logits(values_of(lengths).begin(), values_of(lengths).end());
  const auto intended = static_cast<size_t>(class_of(intent.beats));
  length_logits[intended] += intent.nats;
  const size_t length = rng_.weighted(tempered(length_logits, taste));
  return {pitch, length == intended && intent.beats > 0.0 ? intent.beats : length_sixteenths[length] / 4.0};
}

void TransformerMelody::played(const MelodyPlace& place, const MelodyNote& note) {
  const Condition condition = condition_of(place);
  memory_ = read(condition).memory;
  line_.push_back({symbol_at(place, note.pitch), class_of(note.beats), condition});
  if (line_.size() > 2) line_.erase(line_.begin());  // the memory holds the rest
}

}  // namespace auralis::melody
