// SPDX-License-Identifier: MIT
#include "model/music_words.h"

#include <algorithm>
#include <array>
#include <utility>

#include "model/music.h"

namespace auralis {
namespace {

// Longer ones are no names.
constexpr size_t longest_words = 64;

using Meaning = std::pair<std::string_view, std::string_view>;

constexpr std::array<Meaning, 4> accidentals{{{"♯", "#"}, {"♭", "b"}, {" sharp", "#"}, {" flat", "b"}}};

constexpr std::array<Meaning, 9> other_mode_names{{{"major", "ionian"},
                                                   {"maj", "ionian"},
                                                   {"dur", "ionian"},
                                                   {"minor", "aeolian"},
                                                   {"min", "aeolian"},
                                                   {"moll", "aeolian"},
                                                   {"natural-minor", "aeolian"},
                                                   {"pentatonic-major", "major-pentatonic"},
                                                   {"pentatonic-minor", "minor-pentatonic"}}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool is_minor_word(std::string_view word) { return word == "m" || word == "min" || word == "minor"; }

}  // namespace

std::optional<std::string_view> mode_of_words(std::string_view text) {
  if (text.size() > longest_words) return std::nullopt;
  std::string name = lowered(trimmed(text));
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '_'; }, '-');
  if (const Mode* mode = find_mode(name)) return mode->name;
  const auto* other = std::find_if(other_mode_names.begin(), other_mode_names.end(),
                                   [&name](const Meaning& meaning) { return meaning.first == name; });
  return other != other_mode_names.end() ? std::optional(other->second) : std::nullopt;
}

std::optional<KeyWords> key_of_words(std::string_view text) {
  if (text.size() > longest_words) return std::nullopt;
  std::string words(trimmed(text));
  if (words.empty()) return std::nullopt;
  for (const auto& [written, meant] : accidentals) {
    const size_t at = lowered(words).find(written);
    if (at == 1) words.replace(at, written.size(), meant);
  }
  words[0] = words[0] >= 'a' && words[0] <= 'z' ? static_cast<char>(words[0] - 'a' + 'A') : words[0];
  const size_t tonic = words.size() > 1 && (words[1] == '#' || words[1] == 'b') ? 2 : 1;
  KeyWords key{words.substr(0, tonic), {}};
  if (!key_pitch_class(key.key)) return std::nullopt;
  const std::string_view rest = trimmed(std::string_view(words).substr(tonic));
  if (rest.empty()) return key;
  if (rest == "M") return KeyWords{key.key, "ionian"};
  key.is_minor = is_minor_word(lowered(rest));
  const std::optional<std::string_view> mode = key.is_minor ? "aeolian" : mode_of_words(rest);
  if (!mode) return std::nullopt;
  key.mode = *mode;
  return key;
}

bool has_minor_third(std::string_view mode) {
  const Mode* known = find_mode(mode);
  return known != nullptr && std::find(known->steps.begin(), known->steps.end(), 3) != known->steps.end();
}

}  // namespace auralis
