// SPDX-License-Identifier: MIT
// The model of four voices: a causal transformer over steps, and in each step a small network a token, told the tokens
// of the step before its own. Position i reads what is known before step i (tokens.h).
//   chords    [rows, steps, chord_count] logits in nats
//   voices    [rows, steps, pitch_count] logits in nats: a pitch is scored as itself, as a step from the voice's last
//             pitch, as a tone above the chord's root, and by its distance from the voice above
//   arithmetic  fast or exact, see transformer/layers.h
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <vector>

#include "torch/transformer/layers.h"
#include "torch/voices/tokens.h"

namespace auralis::voices {

using transformer::Arithmetic;
using transformer::Block;
using transformer::Memory;
using transformer::NamedWeight;
using transformer::Shape;

// What scores the pitches of one voice.
struct Head {
  at::Tensor read_in, known, absolute, motion, relative, gap;
};

struct Network {
  Shape shape;
  at::Tensor inputs, heard;  // one table after the other, as input_tables has them; the columns add up
  std::vector<Block> blocks;
  at::Tensor final_gain;
  at::Tensor chord_in, chord_out;
  std::array<Head, voice_count> heads;
};

std::vector<NamedWeight> named_weights(Network& net);
Network random_network(const Shape& shape, uint64_t seed);
int64_t weight_count(Network net);
Network to_exact(Network net);

// In a file that begins with `auralis-voices 1` (transformer/weights_file.h).
void save_network(Network net, const nlohmann::json& measured, const std::filesystem::path& file);
Network load_network(const std::filesystem::path& file);

// A step to be predicted, or read.
struct Slot {
  Past past;
  Step step;
  bool ends = false;         // nothing follows: its chord token is `end`, and it has no voices
  bool given_chord = false;  // its chord is not predicted
  int line = 0;
};
void append_slots(const Song& song, int number, std::vector<Slot>& slots);

struct Batch {
  at::Tensor inputs;                              // [rows, steps, tables] int64, into Network::inputs
  at::Tensor heard;                               // [rows, steps, 12]
  at::Tensor line;                                // [rows, steps]
  at::Tensor chord;                               // to be predicted; −1 for none
  std::array<at::Tensor, voice_count> known;      // [rows, steps, known_count], into Head::known
  std::array<at::Tensor, voice_count> last;       // its last pitch
  std::array<at::Tensor, voice_count> neighbour;  // the pitch of the voice that its distance is counted from
  at::Tensor root;
  std::array<at::Tensor, voice_count> pitch;  // to be predicted; −1 for none
};
// Rows of `steps` slots each, one after the other; what is missing in the last is padded with nothing.
Batch make_batch(std::span<const Slot> slots, int steps, bool exact);

at::Tensor read_steps(const Network& net, const Batch& batch, const Arithmetic& arithmetic,
                      Memory* memory = nullptr);
at::Tensor chord_logits(const Network& net, const at::Tensor& read, const Arithmetic& arithmetic);
at::Tensor pitch_logits(const Network& net, const at::Tensor& read, const Batch& batch, int voice,
                        const Arithmetic& arithmetic);

}  // namespace auralis::voices
