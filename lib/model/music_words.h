// SPDX-License-Identifier: MIT
// Keys and modes as people write them, where that has one meaning.
//   keys    "d", "Eb", "F♯", "f sharp", "Dm", "D minor", "d dorian": a tonic, and the mode where one is said
//   modes   in any case, with spaces or low lines for hyphens; "major" and "minor" are ionian and aeolian
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace auralis {

struct KeyWords {
  std::string key;        // "Eb", as key_pitch_class() takes it
  std::string_view mode;  // empty where none is said
  bool is_minor = false;  // "Dm": any mode with a minor third would do, aeolian is meant
};

std::optional<KeyWords> key_of_words(std::string_view text);

// The name of a mode that the composer knows.
std::optional<std::string_view> mode_of_words(std::string_view text);

bool has_minor_third(std::string_view mode);

}  // namespace auralis
