// SPDX-License-Identifier: MIT
#include "torch/transformer/layers.h"

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

namespace auralis::transformer {
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

}  // namespace

Tensor Operations::snap(const Tensor& x, int bits) const {
  if (!exact) return x;
  const double unit = std::ldexp(1.0, bits);
  return (x.clamp(-128.0, 128.0) * unit).round() * (1.0 / unit);
}

Tensor Operations::drop(const Tensor& x) const { return dropout > 0.0 ? at::dropout(x, dropout, true) : x; }

Tensor Operations::linear(const Tensor& x, const Tensor& weight) const { return snap(at::linear(x, weight)); }

Tensor Operations::norm(const Tensor& x, const Tensor& gain) const {
  // Squares reach 2^14: on the grid of 2^-18, 128 of them are summed in 39 bits.
  Tensor square = x * x;
  if (exact) square = (square * 0x1p18).round() * 0x1p-18;
  return snap(x / (square.mean(-1, true) + 1e-5).sqrt() * gain);
}

Tensor Operations::softmax(const Tensor& scores) const {
  if (!exact) return at::softmax(scores, -1);
  const Tensor power = snap(power_exp<Tensor>((scores - std::get<0>(scores.max(-1, true))).clamp_min(-40.0)));
  return snap(power / power.sum(-1, true));
}

Tensor squared_relu(const Tensor& x) {
  const Tensor positive = x.relu();
  return positive * positive;
}

Tensor table_of(int states, int outcomes, const std::function<int(int state, int outcome)>& index) {
  std::vector<int64_t> all;
  for (int state = 0; state < states; ++state) {
    for (int outcome = 0; outcome < outcomes; ++outcome) all.push_back(index(state, outcome));
  }
  return at::tensor(all).view({states, outcomes});
}

Tensor pick(const Tensor& scores, const Tensor& chosen) { return scores.gather(-1, chosen); }

double plain_exp(double x) { return power_exp(std::max(x, -40.0)); }

double fan_in(int64_t inputs) { return 1.0 / std::sqrt(static_cast<double>(inputs)); }

void append_blocks(const Shape& shape, std::vector<Block>& blocks, std::vector<NamedWeight>& weights) {
  const int64_t width = shape.width;
  const double residual = fan_in(width) / std::sqrt(2.0 * shape.layers);
  blocks.resize(static_cast<size_t>(shape.layers));
  for (size_t i = 0; i < blocks.size(); ++i) {
    Block& block = blocks[i];
    const std::string name = "block" + std::to_string(i) + ".";
    weights.push_back({name + "attend_gain", &block.attend_gain, {width}, 0.0});
    weights.push_back({name + "query_key_value", &block.query_key_value, {3 * width, width}, fan_in(width)});
    weights.push_back({name + "distance", &block.distance, {shape.window, shape.heads}, output_deviation});
    weights.push_back({name + "attended", &block.attended, {width, width}, residual});
    weights.push_back({name + "think_gain", &block.think_gain, {width}, 0.0});
    weights.push_back({name + "think_up", &block.think_up, {mlp_factor * width, width}, fan_in(width)});
    weights.push_back({name + "think_down", &block.think_down, {width, mlp_factor * width}, residual / 2.0});
  }
}

void fill_random(std::span<const NamedWeight> weights, uint64_t seed) {
  Rng rng(seed, "weights");
  for (const NamedWeight& weight : weights) {
    Tensor values = at::empty(weight.sizes, at::kFloat);
    float* data = values.data_ptr<float>();
    for (int64_t i = 0; i < values.numel(); ++i) {
      data[i] = weight.deviation > 0.0 ? static_cast<float>(weight.deviation * rng.normal()) : 1.0F;
    }
    *weight.tensor = values;
  }
}

int64_t count_of(std::span<const NamedWeight> weights) {
  int64_t count = 0;
  for (const NamedWeight& weight : weights) count += weight.tensor->numel();
  return count;
}

void make_exact(std::span<const NamedWeight> weights) {
  for (const NamedWeight& weight : weights) *weight.tensor = weight.tensor->to(at::kDouble);
}

Tensor through_blocks(std::span<const Block> blocks, const Shape& shape, Tensor x, const Tensor& line,
                      const Operations& op, Memory* memory) {
  if (memory != nullptr) {
    memory->keys.resize(blocks.size());
    memory->values.resize(blocks.size());
  }
  for (size_t i = 0; i < blocks.size(); ++i) {
    const Block& block = blocks[i];
    x = op.snap(x + op.drop(attend(block, op.norm(x, block.attend_gain), line, shape, op, memory, i)));
    const Tensor thought = op.snap(squared_relu(op.linear(op.norm(x, block.think_gain), block.think_up)));
    x = op.snap(x + op.drop(op.linear(thought, block.think_down)));
  }
  return x;
}

}  // namespace auralis::transformer
