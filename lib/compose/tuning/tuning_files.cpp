// SPDX-License-Identifier: MIT
#include "compose/tuning/tuning_files.h"

#include <algorithm>
#include <cctype>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "compose/preset/preset_files.h"
#include "compose/tuning/scala.h"
#include "model/layer.h"

namespace auralis {
namespace {

namespace fs = std::filesystem;

constexpr size_t longest_name = 32;

// "31-edo", of "/home/me/31 EDO.scl".
std::string name_of_file(const fs::path& file) {
  std::string name;
  for (const unsigned char c : file.stem().string()) {
    const bool fits = std::isalnum(c) != 0 && c < 0x80;
    if (fits || c == '_') name += static_cast<char>(std::tolower(c));
    if (!fits && c != '_' && !name.empty() && name.back() != '-') name += '-';
  }
  name = name.substr(0, longest_name);
  while (name.ends_with('-')) name.pop_back();
  return is_layer_name(name) && find_tuning(name) == nullptr ? name : "own";
}

Tuning read_scale(const fs::path& file) {
  Tuning tuning = parse_scl(read_file(file, most_scale_bytes, "a scale of Scala's"), file.string());
  tuning.name = name_of_file(file);
  return tuning;
}

bool is_path(const std::string& text, std::string_view extension) {
  return text.find('/') != std::string::npos || text.ends_with(extension);
}

// Beside the folders of presets.
std::vector<fs::path> folders() {
  std::vector<fs::path> all;
  for (const std::string& presets : preset_directories())
    all.push_back(fs::path(presets).parent_path() / "tunings");
  return all;
}

std::optional<fs::path> file_of(const std::string& name) {
  for (const fs::path& folder : folders()) {
    std::error_code error;
    if (fs::exists(folder / (name + ".scl"), error)) return folder / (name + ".scl");
  }
  return std::nullopt;
}

[[noreturn]] void refuse(const std::string& name) {
  std::vector<std::string> own;
  for (const fs::path& folder : folders()) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(folder, none)) {
      if (entry.path().extension() == ".scl") own.push_back(entry.path().stem().string());
    }
  }
  std::ranges::sort(own);
  std::vector<std::string_view> known(tuning_names().begin(), tuning_names().end());
  known.insert(known.end(), own.begin(), own.end());
  const std::string_view nearest = nearest_name(name, known);
  throw Error(Exit::usage, "no tuning \"" + printable(first_bytes(name, 2 * longest_name)) + "\", " +
                               (nearest.empty() ? "expected a file FILE.scl or one of " + join_names(known)
                                                : "did you mean " + std::string(nearest) + "? There are " +
                                                      join_names(known)));
}

}  // namespace

Tuning find_tuning_by_name(const std::string& name) {
  if (const Tuning* known = find_tuning(name)) return *known;
  if (is_layer_name(name)) {
    if (const auto file = file_of(name)) return read_scale(*file);
  }
  refuse(name);
}

Tuning load_tuning(const std::string& name_or_file, const std::string& keyboard, const fs::path& folder) {
  Tuning tuning = name_or_file.empty()            ? equal_temperament()
                  : is_path(name_or_file, ".scl") ? read_scale(folder / name_or_file)
                                                  : find_tuning_by_name(name_or_file);
  if (!keyboard.empty()) {
    const fs::path file = folder / keyboard;
    tuning.keys =
        parse_kbm(read_file(file, most_scale_bytes, "a keyboard mapping of Scala's"), file.string());
    tuning.follows_chord = false;
    if (find_tuning(tuning.name) != nullptr) tuning.name = name_of_file(file);
  }
  return tuning;
}

}  // namespace auralis
