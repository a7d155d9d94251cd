// SPDX-License-Identifier: MIT
#include "compose/preset/preset_files.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/plugin.h"
#include "base/text.h"
#include "compose/preset/preset_check.h"
#include "compose/preset/preset_yaml.h"
#include "compose/tuning/tuning_files.h"
#include "model/layer.h"
#include "model/limits.h"

namespace auralis {
namespace {

namespace fs = std::filesystem;

// Said once: a home that cannot be looked into costs what is in it, and nothing else.
void warn_of(const fs::path& directory, const std::error_code& why) {
  static std::once_flag warned;
  std::call_once(warned, [&] {
    log_warning("presets are not looked for in " + directory.string() + ": " + why.message());
  });
}

// As the file means it, wherever the preset is written to.
void join(const fs::path& folder, std::string& name) {
  const bool is_file =
      name.find('/') != std::string::npos || name.ends_with(".scl") || name.ends_with(".kbm");
  if (is_file) name = fs::absolute(folder / name).lexically_normal().string();
}

std::string read_text(const fs::path& file) { return read_file(file, limits::preset_bytes, "a preset"); }

FindTuning tunings_beside(const fs::path& file) {
  return [folder = file.parent_path()](const std::string& tuning, const std::string& keyboard) {
    return load_tuning(tuning, keyboard, folder);
  };
}

Preset preset_of(const std::string& text, const std::string& name, const fs::path& file) {
  Preset preset = parse_preset(text, file.string(), tunings_beside(file));
  join(file.parent_path(), preset.tuning);
  join(file.parent_path(), preset.keyboard);
  preset.name = valid_utf8(name);  // it goes into the stream
  return preset;
}

// What was read of a file that is as it was then is still known: whoever lists presets again has listeners waiting, and
// to read one takes two milliseconds.
PresetInfo info_of(const fs::path& file, const std::string& name) {
  struct Known {
    fs::file_time_type written;
    uintmax_t bytes;
    PresetInfo info;
  };
  static std::mutex mutex;
  static std::map<fs::path, Known> all;
  std::error_code none;
  const fs::file_time_type written = fs::last_write_time(file, none);
  const uintmax_t bytes = fs::file_size(file, none);
  const std::lock_guard lock(mutex);
  const auto known = all.find(file);
  if (known != all.end() && known->second.written == written && known->second.bytes == bytes)
    return known->second.info;
  const Preset preset = preset_of(read_text(file), name, file);
  const Known now{written, bytes, {name, preset.title, preset.description, preset.group}};
  all.insert_or_assign(file, now);
  return now.info;
}

// "Focus" → "focus", "Deep Sleep" → "deep-sleep".
std::string as_a_name(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) {
    return c == ' ' || c == '_' ? '-' : static_cast<char>(std::tolower(c));
  });
  return text;
}

// Where a file of that name lies here, it may be what was meant.
std::string file_meant(const std::string& name) {
  std::error_code none;
  for (const char* extension : {".yaml", ".yml"}) {
    if (fs::is_regular_file(name + extension, none)) return "./" + name + extension;
  }
  return {};
}

}  // namespace

std::vector<std::string> preset_directories() {
  std::vector<std::string> directories;
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  if (config && *config == '/') {
    directories.push_back(std::string(config) + "/auralis/presets");
  } else if (home && *home == '/') {
    directories.push_back(std::string(home) + "/.config/auralis/presets");
  }
  directories.push_back((program_folder().parent_path() / "share/auralis/presets").string());
  return directories;
}

std::optional<fs::path> find_preset_file(const std::string& name) {
  for (const std::string& directory : preset_directories()) {
    std::error_code error;
    if (fs::exists(fs::path(directory) / name, error)) return fs::path(directory) / name;
    if (error) warn_of(directory, error);
  }
  return std::nullopt;
}

std::vector<PresetInfo> list_presets() {
  std::map<std::string, PresetInfo> found;
  for (const std::string& directory : preset_directories()) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none)) {
      const std::string name = entry.path().stem().string();
      if (entry.path().extension() != ".yaml" || !is_layer_name(name) || found.contains(name)) continue;
      try {
        found[name] = info_of(entry.path(), name);
      } catch (const Error& e) {  // one broken file must not hide the others
        found[name] = {name, name, std::string("cannot be used: ") + e.what(), "Own"};
      }
    }
  }
  std::vector<PresetInfo> all;
  all.reserve(found.size());
  for (auto& [name, info] : found) all.push_back(std::move(info));
  std::stable_sort(all.begin(), all.end(),
                   [](const PresetInfo& a, const PresetInfo& b) { return a.group < b.group; });
  return all;
}

nlohmann::json preset_list_json() {
  nlohmann::json list = nlohmann::json::array();
  for (const PresetInfo& info : list_presets()) {
    list.push_back({{"name", info.name},
                    {"title", info.title},
                    {"description", info.description},
                    {"group", info.group}});
  }
  return list;
}

namespace {

struct NamedFile {
  std::string name;
  fs::path file;
};

[[noreturn]] void refuse_name(const std::string& given) {
  if (const std::string file = file_meant(given); !file.empty())
    throw Error(Exit::usage, "no preset \"" + given + "\"; the file here is --preset " + file);
  std::vector<std::string> names;
  for (const std::string& directory : preset_directories()) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none)) {
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view nearest = nearest_name(given, views);
  throw Error(Exit::usage, "no preset \"" + given + "\", " +
                               (nearest.empty() ? "expected a file or one of " + join_names(views)
                                                : "did you mean " + std::string(nearest) + "?"));
}

NamedFile find_preset(const std::string& name_or_file) {
  if (name_or_file.find('/') != std::string::npos || name_or_file.ends_with(".yaml") ||
      name_or_file.ends_with(".yml")) {
    const fs::path file(name_or_file);
    return {file.stem().string(), file};
  }
  for (const std::string& name : {name_or_file, as_a_name(name_or_file)}) {
    if (const auto file = find_preset_file(name + ".yaml")) return {name, *file};
  }
  refuse_name(name_or_file);
}

// As preset_yaml() begins.
void warn_of_version(const std::string& text, const fs::path& file) {
  constexpr std::string_view mark = "as of auralis ";
  const std::string head = first_line(text);
  const size_t at = head.find(mark);
  if (!head.starts_with('#') || at == std::string::npos) return;
  const size_t begin = at + mark.size();
  const std::string version = head.substr(begin, head.find(';', begin) - begin);
  if (version == AURALIS_VERSION) return;
  static std::mutex mutex;
  static std::set<std::string> warned;
  const std::lock_guard lock(mutex);
  if (!warned.insert(file.string()).second) return;
  log_warning(file.string() + " was written by version " + version +
              ", this is " AURALIS_VERSION ": the same settings may sound otherwise");
}

}  // namespace

Preset load_preset(const std::string& name_or_file) {
  const auto [name, file] = find_preset(name_or_file);
  const std::string text = read_text(file);
  warn_of_version(text, file);
  return preset_of(text, name, file);
}

std::vector<std::string> check_preset(const std::string& name_or_file) {
  const fs::path file = find_preset(name_or_file).file;
  return preset_faults(read_text(file), file.string(), tunings_beside(file));
}

}  // namespace auralis
