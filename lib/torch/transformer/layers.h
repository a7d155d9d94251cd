// SPDX-License-Identifier: MIT
// What the networks here are made of: the layers of a causal transformer, in LibTorch operations and in two arithmetics.
//   activations  [rows, positions, width]; a position attends to those before it in its line, as far back as the window
//   fast         float32, any summation order, with gradients: for training and evaluation
//   exact        float64 in which everything that is summed lies on a grid so coarse that every sum is exact, whatever its
//                order; IEEE 754 fixes how products, quotients and roots are rounded, and exp is a polynomial. The result is
//                the same to the bit on every machine and for every number of threads: for drawing notes
//   source       Vaswani et al. 2017; pre-norm: Xiong et al. 2020; RMSNorm: Zhang & Sennrich 2019; squared ReLU: So et al.
//                2021; relative position bias: Raffel et al. 2020
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace auralis::transformer {

struct Shape {
  int width = 128;
  int layers = 4;
  int heads = 4;
  int window = 64;  // how many positions back a layer sees, the present one included
};

struct Block {
  at::Tensor attend_gain, query_key_value, distance, attended, think_gain, think_up, think_down;
};

// Once saved and loaded (weights_file.h), every weight lies on a grid of 2^-13 within ±4.
struct NamedWeight {
  std::string name;
  at::Tensor* tensor;
  std::vector<int64_t> sizes;
  double deviation;  // at the start, round 0; 0 means that all are 1
};
// Those of the blocks, in the order of the file.
void append_blocks(const Shape& shape, std::vector<Block>& blocks, std::vector<NamedWeight>& weights);
// The deviation of a matrix that sums so many inputs.
double fan_in(int64_t inputs);
inline constexpr double table_deviation = 0.25;  // of an input table: several add up to less than 1
inline constexpr double output_deviation = 0.02;

void fill_random(std::span<const NamedWeight> weights, uint64_t seed);
int64_t count_of(std::span<const NamedWeight> weights);
// In float64, for the exact arithmetic.
void make_exact(std::span<const NamedWeight> weights);
// Copied by itself, a network shares its tensors; this copy has its own.
template <class Network>
Network copy_of(Network net) {
  for (const NamedWeight& weight : named_weights(net)) *weight.tensor = weight.tensor->detach().clone();
  return net;
}

struct Arithmetic {
  bool exact = false;
  double dropout = 0.0;
};

// The operations of a network in either arithmetic. The bounds of the grids, with weights at 2^-13 below 4
// (15 bits): activations below 128 at 2^-18 (25 bits), 512 of which a sum holds at most (9 bits): 49 of a
// float64's 53 bits.
struct Operations {
  bool exact;
  double dropout;

  at::Tensor snap(const at::Tensor& x, int bits = 18) const;
  at::Tensor drop(const at::Tensor& x) const;
  at::Tensor linear(const at::Tensor& x, const at::Tensor& weight) const;
  at::Tensor norm(const at::Tensor& x, const at::Tensor& gain) const;
  at::Tensor softmax(const at::Tensor& scores) const;
};
at::Tensor squared_relu(const at::Tensor& x);
// [states, outcomes], int64: the index of every outcome from every state.
at::Tensor table_of(int states, int outcomes, const std::function<int(int state, int outcome)>& index);
// Entries of the last axis chosen by index: scores [rows, positions, table], chosen [rows, positions, outcomes].
at::Tensor pick(const at::Tensor& scores, const at::Tensor& chosen);

// What the layers keep of the positions already read: keys and values, [rows, heads, positions, width / heads].
struct Memory {
  std::vector<at::Tensor> keys, values;
};

// exp for x ≤ 0 out of products and sums alone, within 1e-9 of it: no library's exp, which differ, enters.
double plain_exp(double x);

// Through all blocks; `line` [rows, positions] says which line of its row a position belongs to. With a memory, the
// positions go on from those that it holds.
at::Tensor through_blocks(std::span<const Block> blocks, const Shape& shape, at::Tensor x,
                          const at::Tensor& line, const Operations& op, Memory* memory);

}  // namespace auralis::transformer
