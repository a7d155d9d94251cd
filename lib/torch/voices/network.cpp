// SPDX-License-Identifier: MIT
#include "torch/voices/network.h"

#include <ATen/TensorOperators.h>
#include <ATen/ops/dropout.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones_like.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "torch/transformer/weights_file.h"

namespace auralis::voices {
namespace {

using at::Tensor;
using transformer::Operations;
using transformer::output_deviation;
using transformer::pick;
using transformer::squared_relu;
using transformer::table_of;

constexpr std::string_view first_line = "auralis-voices 1";
constexpr double table_deviation = 0.15;  // all input tables together deviate by less than 1
constexpr double inputs_dropped = 0.3;    // a share of the dropout of activations
constexpr double heard_units = 256.0;     // the exact arithmetic holds steps of 1 / 256

int64_t rows_of(std::span<const int> tables) {
  return std::accumulate(tables.begin(), tables.end(), int64_t{0});
}

// The tables that a voice has for what is known.
std::span<const int> known_tables_of(int voice) {
  return std::span(known_tables).first(static_cast<size_t>(known_count(voice)));
}

// One index a table becomes an index into all tables, which stand one after the other.
void into_tables(std::span<const int> tables, std::span<const int> indices, int64_t* data) {
  int64_t row = 0;
  for (size_t i = 0; i < tables.size(); row += tables[i++]) data[i] = row + indices[i];
}

// [states, pitch_count], each.
const Tensor& motion_table() {
  static const Tensor table = table_of(pitch_states, pitch_count, motion_index);
  return table;
}

const Tensor& class_table() {
  static const Tensor table =
      table_of(octave, pitch_count, [](int root, int pitch) { return class_index(pitch, root); });
  return table;
}

const Tensor& gap_table() {
  static const Tensor table = table_of(pitch_states, pitch_count, gap_index);
  return table;
}

Network empty_network(const Shape& shape) {
  Network net;
  net.shape = shape;
  return net;
}

}  // namespace

std::vector<NamedWeight> named_weights(Network& net) {
  const int64_t width = net.shape.width;
  const double fan = transformer::fan_in(width);
  std::vector<NamedWeight> all{
      {"inputs", &net.inputs, {rows_of(input_tables), width}, table_deviation},
      {"heard", &net.heard, {width, octave}, table_deviation},
      {"final_gain", &net.final_gain, {width}, 0.0},
      {"chord_in", &net.chord_in, {width, width}, fan},
      {"chord_out", &net.chord_out, {chord_count, width}, output_deviation},
  };
  for (int voice = 0; voice < voice_count; ++voice) {
    Head& head = net.heads[static_cast<size_t>(voice)];
    const std::string name = "voice" + std::to_string(voice) + ".";
    const int64_t known = rows_of(known_tables_of(voice));
    all.push_back({name + "read_in", &head.read_in, {width, width}, fan});
    all.push_back({name + "known", &head.known, {known, width}, table_deviation});
    all.push_back({name + "absolute", &head.absolute, {pitch_count, width}, output_deviation});
    all.push_back({name + "motion", &head.motion, {motion_count, width}, output_deviation});
    all.push_back({name + "relative", &head.relative, {class_count, width}, output_deviation});
    if (neighbour_of(voice) >= 0)
      all.push_back({name + "gap", &head.gap, {gap_count, width}, output_deviation});
  }
  transformer::append_blocks(net.shape, net.blocks, all);
  return all;
}

Network random_network(const Shape& shape, uint64_t seed) {
  Network net = empty_network(shape);
  transformer::fill_random(named_weights(net), seed);
  return net;
}

int64_t weight_count(Network net) { return transformer::count_of(named_weights(net)); }

Network to_exact(Network net) {
  transformer::make_exact(named_weights(net));
  return net;
}

void save_network(Network net, const nlohmann::json& measured, const std::filesystem::path& file) {
  transformer::write_weights(first_line, net.shape, named_weights(net), measured, file);
}

Network load_network(const std::filesystem::path& file) {
  const transformer::WeightsFile from = transformer::read_weights(first_line, file);
  Network net = empty_network(from.shape);
  transformer::take_weights(from, named_weights(net));
  return net;
}

void append_slots(const Song& song, int number, std::vector<Slot>& slots) {
  if (song.empty()) return;
  Past past = beginning(song.front());
  for (size_t i = 0; i < song.size(); ++i) {
    slots.push_back({past, song[i], false, i == 0, number});
    past.add(song[i]);
  }
  slots.push_back({past, {}, true, false, number});
}

Batch make_batch(std::span<const Slot> slots, int steps, bool exact) {
  const int64_t rows = (static_cast<int64_t>(slots.size()) + steps - 1) / steps;
  const auto filled = [&](int64_t columns, auto fill) {
    Tensor values = at::empty({rows, steps, columns}, at::kLong);
    int64_t* data = values.data_ptr<int64_t>();
    const Slot none{beginning({}), {}, false, false, -1};
    for (int64_t i = 0; i < rows * steps; ++i, data += columns)
      fill(i < static_cast<int64_t>(slots.size()) ? slots[static_cast<size_t>(i)] : none, data);
    return values;
  };
  const auto column = [&](auto value_of) {
    return filled(1, [&](const Slot& slot, int64_t* data) { *data = value_of(slot); }).squeeze(-1);
  };
  Batch batch;
  batch.inputs = filled(static_cast<int64_t>(input_tables.size()), [](const Slot& slot, int64_t* data) {
    into_tables(input_tables, inputs_of(slot.past), data);
  });
  batch.heard = filled(octave,
                       [](const Slot& slot, int64_t* data) {
                         for (double share : heard_above_root(slot.past))
                           *data++ = std::lround(share * heard_units);
                       })
                    .to(exact ? at::kDouble : at::kFloat) /
                heard_units;
  batch.line = column([](const Slot& slot) { return slot.line; });
  batch.root = column([](const Slot& slot) { return root_of(slot.past, slot.step); });
  batch.chord = column([](const Slot& slot) {
    if (slot.line < 0 || slot.given_chord) return -1;
    return slot.ends ? end_chord : chord_index(slot.step.harmony, slot.past.root);
  });
  for (int voice = 0; voice < voice_count; ++voice) {
    const auto at = static_cast<size_t>(voice);
    batch.known[at] = filled(known_count(voice), [&](const Slot& slot, int64_t* data) {
      into_tables(known_tables_of(voice), known_of(slot.past, slot.step, voice), data);
    });
    batch.last[at] = column([&](const Slot& slot) { return slot.past.last.pitch[at]; });
    batch.neighbour[at] = column([&](const Slot& slot) {
      const int above = neighbour_of(voice);
      return above < 0 ? no_pitch : slot.step.pitch[static_cast<size_t>(above)];
    });
    batch.pitch[at] =
        column([&](const Slot& slot) { return slot.line < 0 || slot.ends ? -1 : slot.step.pitch[at]; });
  }
  return batch;
}

Tensor read_steps(const Network& net, const Batch& batch, const Arithmetic& arithmetic, Memory* memory) {
  const Operations op{arithmetic.exact, arithmetic.dropout};
  Tensor tables = at::embedding(net.inputs, batch.inputs);
  if (op.dropout > 0.0) {  // in training, a table's whole answer is left out now and then
    const Tensor kept = at::ones_like(tables.detach().narrow(-1, 0, 1));
    tables = tables * at::dropout(kept, op.dropout * inputs_dropped, true);
  }
  const Tensor told = tables.sum(-2) + at::linear(batch.heard, net.heard);
  const Tensor x = through_blocks(net.blocks, net.shape, op.snap(op.drop(told)), batch.line, op, memory);
  return op.drop(op.norm(x, net.final_gain));
}

Tensor chord_logits(const Network& net, const Tensor& read, const Arithmetic& arithmetic) {
  const Operations op{arithmetic.exact, arithmetic.dropout};
  const Tensor thought = op.snap(squared_relu(op.linear(read, net.chord_in)));
  return op.linear(op.drop(thought), net.chord_out);
}

Tensor pitch_logits(const Network& net, const Tensor& read, const Batch& batch, int voice,
                    const Arithmetic& arithmetic) {
  const Operations op{arithmetic.exact, arithmetic.dropout};
  const auto at = static_cast<size_t>(voice);
  const Head& head = net.heads[at];
  const Tensor sum = op.linear(read, head.read_in) + at::embedding(head.known, batch.known[at]).sum(-2);
  const Tensor thought = op.drop(op.snap(squared_relu(op.snap(sum))));
  Tensor score = op.linear(thought, head.absolute) +
                 pick(op.linear(thought, head.motion), at::embedding(motion_table(), batch.last[at])) +
                 pick(op.linear(thought, head.relative), at::embedding(class_table(), batch.root));
  if (neighbour_of(voice) >= 0)
    score = score + pick(op.linear(thought, head.gap), at::embedding(gap_table(), batch.neighbour[at]));
  return op.snap(score);
}

}  // namespace auralis::voices
