// SPDX-License-Identifier: MIT
#include "compose/midi/midi_tuning.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace auralis {
namespace {

constexpr int steps_a_semitone = 1 << 14;
constexpr size_t name_bytes = 16;
constexpr size_t pitch_bytes = 3;
constexpr int octave_keys = 12;

int byte_at(std::string_view data, size_t at) { return static_cast<unsigned char>(data[at]) & 0x7f; }

// Three bytes: a key, and so many steps above it; three of 7f leave a key as it is.
std::optional<double> pitch_at(std::string_view data, size_t at) {
  const int key = byte_at(data, at);
  const int steps = byte_at(data, at + 1) << 7 | byte_at(data, at + 2);
  if (key == 0x7f && steps == steps_a_semitone - 1) return std::nullopt;
  return key + static_cast<double>(steps) / steps_a_semitone;
}

}  // namespace

bool MidiTunings::take(std::string_view data) {
  if (data.size() < 5) return false;
  const int kind = static_cast<unsigned char>(data[0]);
  const bool now = kind == 0x7f;
  if ((!now && kind != 0x7e) || byte_at(data, 2) != 8) return false;
  switch (byte_at(data, 3)) {
    case 1:
      return !now && take_dump(data, 4, 0);
    case 2:
      return now && take_keys(data, 4, 0);
    case 4:
      return !now && take_dump(data, 5, byte_at(data, 4));
    case 7:
      return take_keys(data, 5, byte_at(data, 4));
    case 8:
      return take_octave(data, 1);
    case 9:
      return take_octave(data, 2);
    default:
      return false;
  }
}

// Program, name, a pitch for each key, and a checksum that some writers get wrong.
bool MidiTunings::take_dump(std::string_view data, size_t at, int bank) {
  if (data.size() < at + 1 + name_bytes + 128 * pitch_bytes) return false;
  Program& program = programs_[{bank, byte_at(data, at)}];
  for (size_t key = 0; key < program.size(); ++key) {
    if (const auto pitch = pitch_at(data, at + 1 + name_bytes + key * pitch_bytes))
      program[key] = *pitch - static_cast<double>(key);
  }
  return true;
}

// Program, how many, and for each the key and its pitch.
bool MidiTunings::take_keys(std::string_view data, size_t at, int bank) {
  if (data.size() < at + 2) return false;
  const auto count = static_cast<size_t>(byte_at(data, at + 1));
  if (data.size() < at + 2 + count * (1 + pitch_bytes)) return false;
  Program& program = programs_[{bank, byte_at(data, at)}];
  for (size_t i = 0; i < count; ++i) {
    const size_t entry = at + 2 + i * (1 + pitch_bytes);
    const int key = byte_at(data, entry);
    if (const auto pitch = pitch_at(data, entry + 1)) program[static_cast<size_t>(key)] = *pitch - key;
  }
  return true;
}

// Channels, a bit each, the highest first; then how far each key of an octave is off: from −64 cents in cents, or in 8192
// steps of a semitone either way.
bool MidiTunings::take_octave(std::string_view data, size_t step_bytes) {
  if (data.size() < 7 + octave_keys * step_bytes) return false;
  const int channels = byte_at(data, 4) << 14 | byte_at(data, 5) << 7 | byte_at(data, 6);
  for (int channel = 0; channel < midi_channels; ++channel) {
    if ((channels >> channel & 1) == 0) continue;
    for (size_t key = 0; key < octave_keys; ++key) {
      const size_t at = 7 + key * step_bytes;
      const double st = step_bytes == 1 ? (byte_at(data, at) - 64) / 100.0
                                        : ((byte_at(data, at) << 7 | byte_at(data, at + 1)) - 8192) / 8192.0;
      octaves_[static_cast<size_t>(channel)][key] = st;
    }
  }
  octaves_used_ = true;
  return true;
}

double MidiTunings::above_key_st(int channel, int key, int bank, int program) const {
  if (empty()) return 0.0;
  const double octave = octaves_[static_cast<size_t>(channel)][static_cast<size_t>(key % octave_keys)];
  const auto found = programs_.find({bank, program});
  return octave + (found == programs_.end() ? 0.0 : found->second[static_cast<size_t>(key)]);
}

std::string retune_event(std::span<const std::pair<int, double>> keys) {
  std::string body{'\x7f', '\x7f', '\x08', '\x02', '\0', static_cast<char>(keys.size())};
  for (const auto& [key, pitch] : keys) {
    const auto steps =
        std::clamp<int64_t>(std::llround(pitch * steps_a_semitone), 0, 128 * steps_a_semitone - 2);
    for (const int64_t byte : {int64_t{key}, steps >> 14, steps >> 7 & 0x7f, steps & 0x7f})
      body += static_cast<char>(byte);
  }
  body += '\xf7';
  std::string event{'\xf0'};
  if (body.size() > 0x7f) event += static_cast<char>(0x80 | (body.size() >> 7));
  event += static_cast<char>(body.size() & 0x7f);
  return event + body;
}

std::array<std::array<int, 2>, 8> choose_tuning_program() {
  constexpr int parameter_high = 101, parameter_low = 100, data = 6;
  return {{{parameter_high, 0},
           {parameter_low, 4},
           {data, 0},
           {parameter_high, 0},
           {parameter_low, 3},
           {data, 0},
           {parameter_high, 0x7f},
           {parameter_low, 0x7f}}};
}

}  // namespace auralis
