// SPDX-License-Identifier: MIT
// The melody model: a decoder-only transformer over notes, in LibTorch operations.
// Position i reads note i−1 and the condition of note i, attends to the positions before it in its line, and answers
// first with the symbol of note i, then, given the symbol, with its length.
//   inputs      [rows, notes] int64 index tensors, see Batch
//   symbols     [rows, notes, symbol_count] logits in nats
//   lengths     [rows, notes, length_count] logits in nats
//   arithmetic  fast or exact, see transformer/layers.h
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "torch/melody/line.h"
#include "torch/transformer/layers.h"

namespace auralis::melody {

using transformer::Arithmetic;
using transformer::Block;
using transformer::Memory;
using transformer::NamedWeight;
using transformer::plain_exp;
using transformer::Shape;

struct Network {
  Shape shape;
  // Input tables, one row an index; the columns add up.
  at::Tensor symbol, interval, relative, length, chord, place, part, alteration, intensity;
  std::vector<Block> blocks;
  at::Tensor final_gain;
  // Output: a symbol is scored as itself, as a step from the note before, and as a tone of its chord.
  at::Tensor symbol_out, interval_out, relative_out;
  at::Tensor length_in, length_symbol, length_interval, length_relative, length_out;
};

// Every weight by name, in the order of the file.
std::vector<NamedWeight> named_weights(Network& net);

// Room for the weights of a shape, none of them set.
Network empty_network(const Shape& shape);
Network random_network(const Shape& shape, uint64_t seed);

int64_t weight_count(Network net);
// The same weights in float64, for the exact arithmetic.
Network to_exact(Network net);

struct Batch {
  at::Tensor previous_symbol;    // symbol_count where a line begins
  at::Tensor previous_length;    // length_count where a line begins
  at::Tensor previous_interval;  // of note i−1 from note i−2, an index as interval_index gives
  at::Tensor previous_relative;  // of note i−1 in the chord of note i, an index as relative_index gives
  at::Tensor chord, place, part;
  at::Tensor alteration;      // [rows, notes, degree_count] float
  at::Tensor intensity;       // [rows, notes, 1] float
  at::Tensor line;            // which line of its row a note belongs to: attention stays within it
  at::Tensor symbol, length;  // what is to be predicted; −1 for no note
};

inline constexpr int interval_reach = 28;  // symbols; farther leaps count as this far
inline constexpr int interval_count = 2 * interval_reach + 2;
int interval_index(int from_symbol, int to_symbol);

// A note to be predicted and the two before it in its line; null where there is none.
struct Slot {
  const Note* note = nullptr;
  const Note* before = nullptr;
  const Note* before_that = nullptr;
  int line = 0;
};
void append_slots(const Line& line, int number, std::vector<Slot>& slots);
// Rows of `notes` slots each, one after the other; what is missing in the last is padded with no notes.
Batch make_batch(std::span<const Slot> slots, int notes, bool exact);

at::Tensor read_notes(const Network& net, const Batch& batch, const Arithmetic& arithmetic,
                      Memory* memory = nullptr);
at::Tensor symbol_logits(const Network& net, const at::Tensor& read, const Batch& batch,
                         const Arithmetic& arithmetic);
at::Tensor length_logits(const Network& net, const at::Tensor& read, const Batch& batch,
                         const at::Tensor& symbol, const Arithmetic& arithmetic);

}  // namespace auralis::melody
