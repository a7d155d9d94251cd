// SPDX-License-Identifier: MIT
#include "torch/melody/network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>

#include <algorithm>
#include <cmath>

#include "model/rng.h"

namespace auralis::melody {
namespace {

using at::Tensor;

constexpr int mlp_factor = 4;
constexpr double far_below = -1e4;  // a score that no attention survives

// (1 + y + y²/2 + y³/6)^4096 with y = x / 4096; from −40 down nothing is left after rounding anyhow.
template <class Real>
Real power_exp(const Real& bounded) {
  const Real y = bounded * (1.0 / 4096.0);
  Real power = ((y * (1.0 / 6.0) + 0.5) * y + 1.0) * y + 1.0;
  for (int i = 0; i < 12; ++i) power = power * power;
  return power;
}

// The operations of the network in either arithmetic. The bounds of the grids, with weights at 2^-13 below 4
// (15 bits): activations below 128 at 2^-18 (25 bits), 512 of which a sum holds at most (9 bits): 49 of a
// float64's 53 bits.
struct Operations {
  bool exact;
  double dropout;

  Tensor snap(const Tensor& x, int bits = 18) const {
    if (!exact) return x;
    const double unit = std::ldexp(1.0, bits);
    return (x.clamp(-128.0, 128.0) * unit).round() * (1.0 / unit);
  }
  Tensor drop(const Tensor& x) const { return dropout > 0.0 ? at::dropout(x, dropout, true) : x; }
  Tensor linear(const Tensor& x, const Tensor& weight) const { return snap(at::linear(x, weight)); }

  Tensor norm(const Tensor& x, const Tensor& gain) const {
    // Squares reach 2^14: on the grid of 2^-18, 128 of them are summed in 39 bits.
    Tensor square = x * x;
    if (exact) square = (square * 0x1p18).round() * 0x1p-18;
    return snap(x / (square.mean(-1, true) + 1e-5).sqrt() * gain);
  }

  Tensor softmax(const Tensor& scores) const {
    if (!exact) return at::softmax(scores, -1);
    const Tensor power =
        snap(power_exp<Tensor>((scores - std::get<0>(scores.max(-1, true))).clamp_min(-40.0)));
    return snap(power / power.sum(-1, true));
  }
};

// Rows of one table chosen by another: scores [rows, notes, table], chosen [rows, notes, symbols].
Tensor pick(const Tensor& scores, const Tensor& chosen) { return scores.gather(-1, chosen); }

const Tensor& interval_table() {  // [symbol_count + 1 (no note), symbol_count]
  static const Tensor table = [] {
    std::vector<int64_t> all;
    for (int from = 0; from <= symbol_count; ++from) {
      for (int to = 0; to < symbol_count; ++to) all.push_back(interval_index(from, to));
    }
    return at::tensor(all).view({symbol_count + 1, symbol_count});
  }();
  return table;
}

const Tensor& relative_table() {  // [degree_count, symbol_count]
  static const Tensor table = [] {
    std::vector<int64_t> all;
    for (int degree = 0; degree < degree_count; ++degree) {
      for (int symbol = 0; symbol < symbol_count; ++symbol) all.push_back(relative_index(symbol, degree));
    }
    return at::tensor(all).view({degree_count, symbol_count});
  }();
  return table;
}

Tensor attend(const Block& block, const Tensor& x, const Tensor& line, const Shape& shape,
              const Operations& op, Memory* memory, size_t layer) {
  const int64_t rows = x.size(0);
  const int64_t notes = x.size(1);
  const int64_t each = shape.width / shape.heads;
  const Tensor all =
      op.linear(x, block.query_key_value).view({rows, notes, 3, shape.heads, each}).permute({2, 0, 3, 1, 4});
  // 19-bit queries and keys, 32 products of them: 43 bits.
  const Tensor query = op.snap(all[0], 12);
  Tensor key = op.snap(all[1], 12);
  Tensor value = all[2];
  if (memory != nullptr) {
    Tensor& keys = memory->keys[layer];
    Tensor& values = memory->values[layer];
    if (keys.defined()) {
      const int64_t kept = std::min<int64_t>(keys.size(2), shape.window - 1);
      key = at::cat({keys.narrow(2, keys.size(2) - kept, kept), key}, 2);
      value = at::cat({values.narrow(2, values.size(2) - kept, kept), value}, 2);
    }
    keys = key;
    values = value;
  }
  const int64_t known = key.size(2);
  const Tensor distance = at::arange(known - notes, known).unsqueeze(1) - at::arange(known).unsqueeze(0);
  const Tensor bias = at::embedding(block.distance, distance.clamp(0, shape.window - 1)).permute({2, 0, 1});
  Tensor hidden = distance.lt(0).logical_or(distance.ge(shape.window));
  if (memory == nullptr) {
    hidden = hidden.logical_or(line.unsqueeze(1).ne(line.unsqueeze(2)).unsqueeze(1));
  }
  // 1/√32 would leave the grid before the sum; after it, it may.
  const Tensor scores =
      query.matmul(key.transpose(-1, -2)) * (1.0 / std::sqrt(static_cast<double>(each))) + bias;
  const Tensor share = op.drop(op.softmax(scores.masked_fill(hidden, far_below)));
  const Tensor mixed = op.snap(share.matmul(value)).permute({0, 2, 1, 3}).reshape({rows, notes, shape.width});
  return op.linear(mixed, block.attended);
}

Tensor squared_relu(const Tensor& x) {
  const Tensor positive = x.relu();
  return positive * positive;
}

}  // namespace

double plain_exp(double x) { return power_exp(std::max(x, -40.0)); }

int interval_index(int from_symbol, int to_symbol) {
  if (from_symbol >= silence || to_symbol >= silence) return interval_count - 1;
  return std::clamp(to_symbol - from_symbol, -interval_reach, interval_reach) + interval_reach;
}

std::vector<NamedWeight> named_weights(Network& net) {
  const int64_t width = net.shape.width;
  const double table = 0.25;  // nine tables add up to deviations below 1
  const auto fan = [](int64_t inputs) { return 1.0 / std::sqrt(static_cast<double>(inputs)); };
  const double residual = fan(width) / std::sqrt(2.0 * net.shape.layers);
  std::vector<NamedWeight> all{
      {"symbol", &net.symbol, {symbol_count + 1, width}, table},
      {"interval", &net.interval, {interval_count, width}, table},
      {"relative", &net.relative, {relative_count, width}, table},
      {"length", &net.length, {length_count + 1, width}, table},
      {"chord", &net.chord, {degree_count, width}, table},
      {"place", &net.place, {bar_sixteenths, width}, table},
      {"part", &net.part, {part_count, width}, table},
      {"alteration", &net.alteration, {width, degree_count}, table},
      {"intensity", &net.intensity, {width, 1}, table},
      {"final_gain", &net.final_gain, {width}, 0.0},
      {"symbol_out", &net.symbol_out, {symbol_count, width}, 0.02},
      {"interval_out", &net.interval_out, {interval_count, width}, 0.02},
      {"relative_out", &net.relative_out, {relative_count, width}, 0.02},
      {"length_in", &net.length_in, {width, width}, fan(width)},
      {"length_symbol", &net.length_symbol, {symbol_count, width}, table},
      {"length_interval", &net.length_interval, {interval_count, width}, table},
      {"length_relative", &net.length_relative, {relative_count, width}, table},
      {"length_out", &net.length_out, {length_count, width}, 0.02},
  };
  for (size_t i = 0; i < net.blocks.size(); ++i) {
    Block& block = net.blocks[i];
    const std::string name = "block" + std::to_string(i) + ".";
    all.push_back({name + "attend_gain", &block.attend_gain, {width}, 0.0});
    all.push_back({name + "query_key_value", &block.query_key_value, {3 * width, width}, fan(width)});
    all.push_back({name + "distance", &block.distance, {net.shape.window, net.shape.heads}, 0.02});
    all.push_back({name + "attended", &block.attended, {width, width}, residual});
    all.push_back({name + "think_gain", &block.think_gain, {width}, 0.0});
    all.push_back({name + "think_up", &block.think_up, {mlp_factor * width, width}, fan(width)});
    all.push_back({name + "think_down", &block.think_down, {width, mlp_factor * width}, residual / 2.0});
  }
  return all;
}

Network empty_network(const Shape& shape) {
  Network net;
  net.shape = shape;
  net.blocks.resize(static_cast<size_t>(shape.layers));
  return net;
}

int64_t weight_count(Network net) {
  int64_t count = 0;
  for (const NamedWeight& weight : named_weights(net)) count += weight.tensor->numel();
  return count;
}

Network to_exact(Network net) {
  for (const NamedWeight& weight : named_weights(net)) *weight.tensor = weight.tensor->to(at::kDouble);
  return net;
}

Network random_network(const Shape& shape, uint64_t seed) {
  Network net = empty_network(shape);
  Rng rng(seed, "weights");
  for (const NamedWeight& weight : named_weights(net)) {
    Tensor values = at::empty(weight.sizes, at::kFloat);
    float* data = values.data_ptr<float>();
    for (int64_t i = 0; i < values.numel(); ++i) {
      data[i] = weight.deviation > 0.0 ? static_cast<float>(weight.deviation * rng.normal()) : 1.0F;
    }
    *weight.tensor = values;
  }
  return net;
}

void append_slots(const Line& line, int number, std::vector<Slot>& slots) {
  for (size_t i = 0; i < line.size(); ++i) {
    slots.push_back({&line[i], i > 0 ? &line[i - 1] : nullptr, i > 1 ? &line[i - 2] : nullptr, number});
  }
}

Batch make_batch(std::span<const Slot> slots, int notes, bool exact) {
  const int64_t rows = (static_cast<int64_t>(slots.size()) + notes - 1) / notes;
  const auto real = exact ? at::kDouble : at::kFloat;
  const auto column = [&](auto value_of) {
    Tensor values = at::empty({rows, notes}, at::kLong);
    int64_t* data = values.data_ptr<int64_t>();
    const Slot none;
    const Note no_note{-1, -1, {}};
    for (int64_t i = 0; i < values.numel(); ++i) {
      const Slot& slot = i < static_cast<int64_t>(slots.size()) ? slots[static_cast<size_t>(i)] : none;
      data[i] = value_of(slot, slot.note != nullptr ? *slot.note : no_note);
    }
    return values;
  };
  const auto symbol_of = [](const Note* note) { return note != nullptr ? note->symbol : symbol_count; };
  Batch batch;
  batch.previous_symbol = column([&](const Slot& s, const Note&) { return symbol_of(s.before); });
  batch.previous_length =
      column([&](const Slot& s, const Note&) { return s.before ? s.before->length : length_count; });
  batch.previous_interval = column([&](const Slot& s, const Note&) {
    return interval_index(symbol_of(s.before_that), symbol_of(s.before));
  });
  batch.previous_relative = column([&](const Slot& s, const Note& n) {
    return relative_index(symbol_of(s.before), n.condition.chord_degree);
  });
  batch.chord = column([](const Slot&, const Note& n) { return n.condition.chord_degree; });
  batch.place = column([](const Slot&, const Note& n) { return n.condition.place; });
  batch.part = column([](const Slot&, const Note& n) { return n.condition.part; });
  batch.line = column([](const Slot& s, const Note&) { return s.line; });
  batch.symbol = column([](const Slot&, const Note& n) { return n.symbol; });
  batch.length = column([](const Slot&, const Note& n) { return n.length; });
  std::vector<Tensor> steps;
  for (size_t i = 0; i < degree_count; ++i) {
    steps.push_back(
        column([&](const Slot&, const Note& n) { return n.condition.alteration[i]; }).unsqueeze(-1));
  }
  batch.alteration = at::cat(steps, -1).to(real);
  // In steps of 1/256: a grid that the exact arithmetic holds.
  batch.intensity =
      column([](const Slot&, const Note& n) { return std::lround(n.condition.intensity * 256.0F); })
          .unsqueeze(-1)
          .to(real) /
      256.0;
  return batch;
}

Tensor read_notes(const Network& net, const Batch& batch, const Arithmetic& arithmetic, Memory* memory) {
  const Operations op{arithmetic.exact, arithmetic.dropout};
  if (memory != nullptr) {
    memory->keys.resize(net.blocks.size());
    memory->values.resize(net.blocks.size());
  }
  Tensor x = at::embedding(net.symbol, batch.previous_symbol) +
             at::embedding(net.length, batch.previous_length) +
             at::embedding(net.interval, batch.previous_interval) +
             at::embedding(net.relative, batch.previous_relative) + at::embedding(net.chord, batch.chord) +
             at::embedding(net.place, batch.place) + at::embedding(net.part, batch.part) +
             at::linear(batch.alteration, net.alteration) + at::linear(batch.intensity, net.intensity);
  x = op.snap(op.drop(x));
  for (size_t i = 0; i < net.blocks.size(); ++i) {
    const Block& block = net.blocks[i];
    x = op.snap(x +
                op.drop(attend(block, op.norm(x, block.attend_gain), batch.line, net.shape, op, memory, i)));
    const Tensor thought = op.snap(squared_relu(op.linear(op.norm(x, block.think_gain), block.think_up)));
    x = op.snap(x + op.drop(op.linear(thought, block.think_down)));
  }
  return op.drop(op.norm(x, net.final_gain));
}

Tensor symbol_logits(const Network& net, const Tensor& read, const Batch& batch,
                     const Arithmetic& arithmetic) {
  const Operations op{arithmetic.exact, 0.0};
  const Tensor intervals = at::embedding(interval_table(), batch.previous_symbol);
  const Tensor relatives = at::embedding(relative_table(), batch.chord);
  return op.snap(op.linear(read, net.symbol_out) + pick(op.linear(read, net.interval_out), intervals) +
                 pick(op.linear(read, net.relative_out), relatives));
}

Tensor length_logits(const Network& net, const Tensor& read, const Batch& batch, const Tensor& symbol,
                     const Arithmetic& arithmetic) {
  const Operations op{arithmetic.exact, arithmetic.dropout};
  const Tensor known = symbol.clamp_min(0);
  const Tensor index = known.unsqueeze(-1);
  const Tensor interval = pick(at::embedding(interval_table(), batch.previous_symbol), index).squeeze(-1);
  const Tensor relative = pick(at::embedding(relative_table(), batch.chord), index).squeeze(-1);
  const Tensor sum = op.linear(read, net.length_in) + at::embedding(net.length_symbol, known) +
                     at::embedding(net.length_interval, interval) +
                     at::embedding(net.length_relative, relative);
  return op.linear(op.drop(op.snap(squared_relu(op.snap(sum)))), net.length_out);
}

}  // namespace auralis::melody
