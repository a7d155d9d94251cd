// SPDX-License-Identifier: MIT
#include "torch/melody/training.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "model/rng.h"
#include "torch/transformer/optimiser.h"

namespace auralis::melody {
namespace {

using at::Tensor;
using transformer::AdamW;
using transformer::copy_of;
using transformer::summed_loss;

// Summed over the notes of a batch, not averaged.
struct BatchLoss {
  Tensor symbol;
  Tensor length;
};

BatchLoss batch_loss(const Network& net, const Batch& batch, double dropout) {
  const Arithmetic arithmetic{false, dropout};
  const Tensor read = read_notes(net, batch, arithmetic);
  return {summed_loss(symbol_logits(net, read, batch, arithmetic), batch.symbol),
          summed_loss(length_logits(net, read, batch, batch.symbol, arithmetic), batch.length)};
}

}  // namespace

Loss measure(const Network& net, std::span<const Line> lines) {
  at::set_num_threads(1);
  const c10::NoGradGuard no_grad;
  Loss loss;
  double notes = 0.0;
  for (const Line& line : lines) {
    std::vector<Slot> slots;
    append_slots(line, 0, slots);
    const BatchLoss sums = batch_loss(net, make_batch(slots, static_cast<int>(slots.size()), false), 0.0);
    loss.symbol += sums.symbol.item<double>();
    loss.length += sums.length.item<double>();
    notes += static_cast<double>(line.size());
  }
  return {loss.symbol / notes, loss.length / notes};
}

Network train(Network net, std::span<const Line> lines, std::span<const Line> held,
              const TrainSettings& settings, const std::function<void(const Epoch&)>& report) {
  at::set_num_threads(1);
  at::manual_seed(settings.seed);
  Rng rng(settings.seed, "training");
  Network mean = copy_of(net);
  Network best = copy_of(net);
  double best_nats = std::numeric_limits<double>::infinity();
  std::vector<Tensor> weights;
  std::vector<Tensor> means;
  for (const NamedWeight& weight : named_weights(net)) weights.push_back(weight.tensor->requires_grad_());
  for (const NamedWeight& weight : named_weights(mean)) means.push_back(*weight.tensor);
  AdamW optimiser(weights, settings.decay);

  std::vector<size_t> order(lines.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t notes = std::accumulate(lines.begin(), lines.end(), size_t{0},
                                       [](size_t sum, const Line& line) { return sum + line.size(); });
  const auto per_step = static_cast<size_t>(settings.rows * settings.notes);
  const double total_steps = static_cast<double>((notes + per_step - 1) / per_step) * settings.epochs;
  double step = 0.0;
  for (int epoch = 1; epoch <= settings.epochs; ++epoch) {
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[rng.index(i)]);
    std::vector<Slot> slots;
    for (size_t i : order) append_slots(lines[i], static_cast<int>(i), slots);
    // Rows begin elsewhere each time.
    std::rotate(slots.begin(), slots.begin() + static_cast<long>(rng.index(slots.size())), slots.end());
    Loss loss;
    for (size_t begin = 0; begin < slots.size(); begin += per_step) {
      const auto part = std::span(slots).subspan(begin, std::min(per_step, slots.size() - begin));
      const BatchLoss sums = batch_loss(net, make_batch(part, settings.notes, false), settings.dropout);
      ((sums.symbol + sums.length) / static_cast<double>(part.size())).backward();
      loss.symbol += sums.symbol.item<double>();
      loss.length += sums.length.item<double>();
      optimiser.step(transformer::rate_at(step, total_steps, settings.rate));
      step += 1.0;
      transformer::average_into(means, weights, step, settings.averaging);
    }
    const auto count = static_cast<double>(notes);
    const Epoch result{
        epoch, {loss.symbol / count, loss.length / count}, held.empty() ? Loss{} : measure(mean, held)};
    report(result);
    if (held.empty() || result.held.nats() < best_nats) {
      best_nats = result.held.nats();
      best = copy_of(mean);
    }
  }
  return best;
}

}  // namespace auralis::melody
