// SPDX-License-Identifier: MIT
#include "torch/voices/training.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>

#include "model/rng.h"
#include "torch/transformer/optimiser.h"

namespace auralis::voices {
namespace {

using at::Tensor;
using transformer::summed_loss;

constexpr int farthest_st = 6;  // a piece is moved no farther

// Summed over the tokens of a batch, chords first.
std::array<Tensor, voice_count + 1> batch_loss(const Network& net, const Batch& batch, double dropout) {
  const Arithmetic arithmetic{false, dropout};
  const Tensor read = read_steps(net, batch, arithmetic);
  std::array<Tensor, voice_count + 1> sums;
  sums[0] = summed_loss(chord_logits(net, read, arithmetic), batch.chord);
  for (int voice = 0; voice < voice_count; ++voice) {
    const auto at = static_cast<size_t>(voice);
    sums[at + 1] = summed_loss(pitch_logits(net, read, batch, voice, arithmetic), batch.pitch[at]);
  }
  return sums;
}

// All pieces, each moved, one after the other in a new order. The first slot may lie anywhere in a piece.
std::vector<Slot> slots_of(std::span<const melody::Piece> pieces, Rng& rng) {
  std::vector<size_t> order(pieces.size());
  std::iota(order.begin(), order.end(), size_t{0});
  for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.index(i)]);
  std::vector<Slot> slots;
  for (size_t i : order) {
    const auto [down, up] = room_of(pieces[i]);
    const int low = std::max(down, -farthest_st);
    const int high = std::min(up, farthest_st);
    const int shift = low + static_cast<int>(rng.index(static_cast<size_t>(high - low) + 1));
    append_slots(song_of(pieces[i], shift), static_cast<int>(i), slots);
  }
  std::rotate(slots.begin(), slots.begin() + static_cast<long>(rng.index(slots.size())), slots.end());
  return slots;
}

double tokens_in(const Batch& batch) {
  double tokens = static_cast<double>(batch.chord.ge(0).sum().item<int64_t>());
  for (const Tensor& pitch : batch.pitch) tokens += static_cast<double>(pitch.ge(0).sum().item<int64_t>());
  return tokens;
}

}  // namespace

double Loss::nats() const {
  return std::accumulate(sums.begin(), sums.end(), 0.0) / std::accumulate(tokens.begin(), tokens.end(), 0.0);
}

double Loss::nats_by_piece() const { return by_piece / pieces; }

Loss measure(const Network& net, std::span<const melody::Piece> pieces) {
  at::set_num_threads(1);
  const c10::NoGradGuard no_grad;
  Loss loss;
  for (const melody::Piece& piece : pieces) {
    std::vector<Slot> slots;
    append_slots(song_of(piece), 0, slots);
    const Batch batch = make_batch(slots, static_cast<int>(slots.size()), false);
    const auto sums = batch_loss(net, batch, 0.0);
    double nats = 0.0;
    for (size_t i = 0; i < sums.size(); ++i) {
      const Tensor& target = i == 0 ? batch.chord : batch.pitch[i - 1];
      const double sum = sums[i].item<double>();
      nats += sum;
      loss.sums[i] += sum;
      loss.tokens[i] += static_cast<double>(target.ge(0).sum().item<int64_t>());
    }
    loss.by_piece += nats / tokens_in(batch);
    loss.pieces += 1.0;
  }
  return loss;
}

Network train(Network net, std::span<const melody::Piece> pieces, std::span<const melody::Piece> held,
              const TrainSettings& settings, const std::function<void(const Epoch&)>& report) {
  at::set_num_threads(1);
  at::manual_seed(settings.seed);
  Rng rng(settings.seed, "training of voices");
  Network mean = transformer::copy_of(net);
  std::vector<Tensor> weights;
  std::vector<Tensor> means;
  for (const NamedWeight& weight : named_weights(net)) weights.push_back(weight.tensor->requires_grad_());
  for (const NamedWeight& weight : named_weights(mean)) means.push_back(*weight.tensor);
  transformer::AdamW optimiser(weights, settings.decay);

  const size_t steps =
      std::accumulate(pieces.begin(), pieces.end(), size_t{0},
                      [](size_t sum, const melody::Piece& piece) { return sum + piece.size() + 1; });
  const auto per_step = static_cast<size_t>(settings.rows * settings.steps);
  const double total = static_cast<double>((steps + per_step - 1) / per_step) * settings.epochs;
  double done = 0.0;
  for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
    const std::vector<Slot> slots = slots_of(pieces, rng);
    double nats = 0.0;
    double tokens = 0.0;
    for (size_t begin = 0; begin < slots.size(); begin += per_step) {
      const auto part = std::span(slots).subspan(begin, std::min(per_step, slots.size() - begin));
      const Batch batch = make_batch(part, settings.steps, false);
      const auto sums = batch_loss(net, batch, settings.dropout);
      const double count = tokens_in(batch);
      // The rate is meant for the mean over steps, of five tokens each, not for the mean over tokens.
      const Tensor sum = sums[0] + sums[1] + sums[2] + sums[3] + sums[4];
      (sum * ((voice_count + 1) / count)).backward();
      nats += sum.item<double>();
      tokens += count;
      optimiser.step(transformer::rate_at(done, total, settings.rate));
      done += 1.0;
      transformer::average_into(means, weights, done, settings.averaging);
    }
    report({epoch, nats / tokens, held.empty() ? 0.0 : measure(mean, held).nats()});
  }
  return mean;
}

}  // namespace auralis::voices
