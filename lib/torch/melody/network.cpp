// SPDX-License-Identifier: MIT
#include "torch/melody/network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>

#include <algorithm>
#include <cmath>

namespace auralis::melody {
namespace {

using at::Tensor;

using transformer::append_blocks;
using transformer::fan_in;
using transformer::Operations;
using transformer::output_deviation;
using transformer::pick;
using transformer::squared_relu;
using transformer::table_deviation;
using transformer::table_of;

const Tensor& interval_table() {  // [symbol_count + 1 (no note), symbol_count]
  static const Tensor table = table_of(symbol_count + 1, symbol_count, interval_index);
  return table;
}

const Tensor& relative_table() {  // [degree_count, symbol_count]
  static const Tensor table = table_of(degree_count, symbol_count,
                                       [](int degree, int symbol) { return relative_index(symbol, degree); });
  return table;
}

}  // namespace

int interval_index(int from_symbol, int to_symbol) {
  if (from_symbol >= silence || to_symbol >= silence) return interval_count - 1;
  return std::clamp(to_symbol - from_symbol, -interval_reach, interval_reach) + interval_reach;
}

std::vector<NamedWeight> named_weights(Network& net) {
  const int64_t width = net.shape.width;
  const double table = table_deviation;
  const double out = output_deviation;
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
      {"symbol_out", &net.symbol_out, {symbol_count, width}, out},
      {"interval_out", &net.interval_out, {interval_count, width}, out},
      {"relative_out", &net.relative_out, {relative_count, width}, out},
      {"length_in", &net.length_in, {width, width}, fan_in(width)},
      {"length_symbol", &net.length_symbol, {symbol_count, width}, table},
      {"length_interval", &net.length_interval, {interval_count, width}, table},
      {"length_relative", &net.length_relative, {relative_count, width}, table},
      {"length_out", &net.length_out, {length_count, width}, out},
  };
  append_blocks(net.shape, net.blocks, all);
  return all;
}

Network empty_network(const Shape& shape) {
  Network net;
  net.shape = shape;
  net.blocks.resize(static_cast<size_t>(shape.layers));
  return net;
}

int64_t weight_count(Network net) { return transformer::count_of(named_weights(net)); }

Network to_exact(Network net) {
  transformer::make_exact(named_weights(net));
  return net;
}

Network random_network(const Shape& shape, uint64_t seed) {
  Network net = empty_network(shape);
  transformer::fill_random(named_weights(net), seed);
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
  Tensor x = at::embedding(net.symbol, batch.previous_symbol) +
             at::embedding(net.length, batch.previous_length) +
             at::embedding(net.interval, batch.previous_interval) +
             at::embedding(net.relative, batch.previous_relative) + at::embedding(net.chord, batch.chord) +
             at::embedding(net.place, batch.place) + at::embedding(net.part, batch.part) +
             at::linear(batch.alteration, net.alteration) + at::linear(batch.intensity, net.intensity);
  x = through_blocks(net.blocks, net.shape, op.snap(op.drop(x)), batch.line, op, memory);
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
