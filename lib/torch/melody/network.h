// SPDX-License-Identifier: MIT
// The melody model: a decoder-only transformer over notes, in LibTorch operations.
// Position i reads note i−1 and the condition of note i, attends to the positions before it in its line, and answers
// first with the symbol of note i, then, given the symbol, with its length.
//   inputs    [rows, notes] int64 index tensors, see Batch
//   symbols   [rows, notes, symbol_count] logits in nats
//   lengths   [rows, notes, length_count] logits in nats
//   fast      float32, any summation order, with gradients: for training and evaluation
//   exact     float64 in which everything that is summed lies on a grid so coarse that every sum is exact, whatever its
//             order; IEEE 754 fixes how products, quotients and roots are rounded, and exp is a polynomial. The result is
//             the same to the bit on every machine and for every number of threads: for drawing notes
//   source    Vaswani et al. 2017; pre-norm: Xiong et al. 2020; RMSNorm: Zhang & Sennrich 2019; squared ReLU: So et al.
//             2021; relative position bias: Raffel et al. 2020
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "torch/melody/line.h"

namespace auralis::melody {

struct Shape {
  int width = 128;
  int layers = 4;
  int heads = 4;
  int window = 64;  // how many notes back a layer sees, the present one included
};

struct Block {
  at::Tensor attend_gain, query_key_value, distance, attended, think_gain, think_up, think_down;
};

// Once saved and loaded (network_file.h), every weight lies on a grid of 2^-13 within ±4.
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
struct NamedWeight {
  std::string name;
  at::Tensor* tensor;
  std::vector<int64_t> sizes;
  double deviation;  // at the start, round 0; 0 means that all are 1
};
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

struct Arithmetic {
  bool exact = false;
  double dropout = 0.0;
};

// What the layers keep of the notes already read: keys and values, [rows, heads, notes, width / heads].
struct Memory {
  std::vector<at::Tensor> keys, values;
};

// exp for x ≤ 0 out of products and sums alone, within 1e-9 of it: no library's exp, which differ, enters.
double plain_exp(double x);

at::Tensor read_notes(const Network& net, const Batch& batch, const Arithmetic& arithmetic,
                      Memory* memory = nullptr);
at::Tensor symbol_logits(const Network& net, const at::Tensor& read, const Batch& batch,
                         const Arithmetic& arithmetic);
at::Tensor length_logits(const Network& net, const at::Tensor& read, const Batch& batch,
                         const at::Tensor& symbol, const Arithmetic& arithmetic);

}  // namespace auralis::melody
