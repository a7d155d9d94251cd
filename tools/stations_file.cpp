// SPDX-License-Identifier: MIT
#include "stations_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <string_view>

#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/session.h"
#include "base/text.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/yaml_reader.h"
#include "options.h"
#include "serve/private_session.h"
#include "token.h"

namespace auralis {
namespace {

namespace fs = std::filesystem;
using cli::OptionInfo;
using cli::ValueKind;

constexpr size_t most_bytes = size_t{1} << 20;
constexpr size_t longest_title = 200;
constexpr size_t longest_description = 1000;
constexpr size_t longest_value = 1000;
constexpr std::string_view by_server = "server";
constexpr std::string_view by_nobody = "nobody";

// Of auralis-compose, what a station may have: all that is said of a piece which has no end.
const std::vector<OptionInfo>& piece_options() {
  static const std::vector<OptionInfo> all = [] {
    std::vector<OptionInfo> options = cli::compose_command().options;
    const auto preset =
        std::ranges::find(options, "--preset", [](const OptionInfo& option) { return option.name(); });
    const std::string group = preset->group;
    std::erase_if(options, [&group](const OptionInfo& option) {
      return option.group != group || option.kind == ValueKind::flag || option.kind == ValueKind::duration;
    });
    return options;
  }();
  return all;
}

// Of a preset or a tuning, which may also be one of the built-in ones.
bool names_file(const OptionInfo& option, const std::string& value) {
  if (option.kind != ValueKind::file && option.kind != ValueKind::preset) return false;
  const bool may_be_name = option.value.find('|') != std::string::npos;
  return !may_be_name || value.find('/') != std::string::npos || fs::path(value).has_extension();
}

class Reader {
 public:
  Reader(const fs::path& file, const std::optional<std::string>& taken)
      : reader_{file.string()}, folder_(file.parent_path()) {
    if (taken) names_[*taken] = "the station on standard input (--session)";
    for (const Field& field : fields) known_.push_back(field.name);
    for (const OptionInfo& option : piece_options()) known_.push_back(option.name().substr(2));
  }

  std::vector<StationPlan> read() {
    const std::string text = read_file(reader_.file, most_bytes, "a list of stations");
    const YAML::Node root = reader_.parse(std::string(without_byte_order_mark(text)));
    constexpr std::string_view only[] = {"stations"};
    reader_.each(root, "", [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      if (key != only[0]) reader_.unknown(at, "", key, only);
      reader_.each_item(value, key, [&](const YAML::Node& item, const std::string& path) {
        plans_.push_back(read_station(item, path));
      });
    });
    if (plans_.empty())
      reader_.fail(root, "no station, expected \"stations:\" and a list such as \"- name: sleep\"");
    return std::move(plans_);
  }

 private:
  using Take = void (Reader::*)(const YAML::Node& node, const std::string& path, StationPlan& plan);
  struct Field {
    std::string_view name;
    Take take;
  };
  static const std::array<Field, 8> fields;

  StationPlan read_station(const YAML::Node& node, const std::string& path) {
    StationPlan plan;
    plan.tags.name.clear();
    reader_.each(node, path, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      const std::string where = path + "." + key;
      const auto* field = std::ranges::find(fields, key, &Field::name);
      if (field != std::end(fields)) return (this->*field->take)(value, where, plan);
      const auto option = std::ranges::find(piece_options(), "--" + key,
                                            [](const OptionInfo& known) { return known.name(); });
      if (option == piece_options().end()) reader_.unknown(at, path, key, known_);
      take_option(value, where, *option, plan);
    });
    if (plan.tags.name.empty()) plan.tags.name = plan.name;
    if (plan.name.empty())
      reader_.fail(node, path + ".name is missing, expected one, such as \"name: sleep\"");
    return plan;
  }

  void take_name(const YAML::Node& node, const std::string& path, StationPlan& plan) {
    plan.name = reader_.text(node, path, longest_value);
    try {
      session_path(plan.name);
    } catch (const Error&) {
      reader_.fail(node, path + " is \"" + plan.name +
                             "\", expected at most 64 letters, digits, '.', '_' or '-', and no '.' first");
    }
    if (plan.name.starts_with(private_prefix))
      reader_.fail(node, path + " is \"" + plan.name + "\", expected a name without " +
                             std::string(private_prefix) + ", which private stations have");
    const auto [known, is_new] = names_.emplace(plan.name, path);
    if (!is_new)
      reader_.fail(node,
                   path + " is \"" + plan.name + "\", which " + known->second + " is, expected another");
  }
  void take_title(const YAML::Node& node, const std::string& path, StationPlan& plan) {
    plan.tags.name = line(node, path, longest_title);
  }
  void take_description(const YAML::Node& node, const std::string& path, StationPlan& plan) {
    plan.tags.description = line(node, path, longest_description);
  }
  void take_genre(const YAML::Node& node, const std::string& path, StationPlan& plan) {
    plan.tags.genre = line(node, path, longest_title);
  }
  void take_controls(const YAML::Node& node, const std::string& path, StationPlan& plan) {
    const std::string who = reader_.text(node, path, longest_value);
    if (who != by_server && who != by_nobody)
      reader_.fail(node, path + " is \"" + who +
                             "\", expected server or nobody; token-file gives the station its own");
    if (who != by_nobody) return;
    if (plan.controls.who == ControlRule::Who::token)
      reader_.fail(node, path + " is nobody, and token-file is set, expected one of them");
    plan.controls.who = ControlRule::Who::nobody;
  }
  void take_turns(const YAML::Node& node, const std::string& path, StationPlan& plan) {
    plan.controls.turns = reader_.boolean(node, path);
  }
  void take_token_file(const YAML::Node& node, const std::string& path, StationPlan& plan) {
    if (plan.controls.who == ControlRule::Who::nobody)
      reader_.fail(node, path + " is set, and controls is nobody, expected one of them");
    const std::string file = own_path(node, path);
    try {
      plan.controls.token = find_token({}, file);
      plan.controls.who = ControlRule::Who::token;
    } catch (const Error& error) {
      reader_.fail(node, path + ": " + error.what());
    }
  }
  void take_record(const YAML::Node& node, const std::string& path, StationPlan& plan) {
    plan.record = own_path(node, path);
    std::error_code unknown;
    try {
      file_kind(plan.record);
    } catch (const Error& error) {
      reader_.fail(node, path + ": " + error.what());
    }
    if (plan.record.has_parent_path() && !fs::is_directory(plan.record.parent_path(), unknown))
      reader_.fail(node, path + ": there is no folder " + plan.record.parent_path().string());
    const auto [known, is_new] = records_.emplace(plan.record, path);
    if (!is_new) reader_.fail(node, path + " is the file of " + known->second + ", expected another");
  }

  void take_option(const YAML::Node& node, const std::string& path, const OptionInfo& option,
                   StationPlan& plan) {
    std::string value = reader_.text(node, path, longest_value);
    if (const std::string why = cli::refusal(option, value); !why.empty())
      reader_.fail(node, path + " " + why);
    const bool is_file = names_file(option, value);
    if (is_file) value = (folder_ / value).string();
    if (is_file && ::access(value.c_str(), R_OK) != 0)
      reader_.fail(node, path + ": cannot read " + value + ": " + std::strerror(errno));
    if (option.kind == ValueKind::preset) check_preset(node, path, value);
    plan.piece.push_back(std::string(option.name()) + "=" + value);
  }

  // Known now, not when its composer refuses it.
  void check_preset(const YAML::Node& node, const std::string& path, const std::string& preset) const {
    try {
      load_preset(preset);
    } catch (const Error& error) {
      reader_.fail(node, path + ": " + error.what());
    }
  }

  // It stands in headers of HTTP.
  std::string line(const YAML::Node& node, const std::string& path, size_t longest) const {
    std::string text = reader_.text(node, path, longest);
    if (printable(text) != text)
      reader_.fail(node, path + " is " + printable(text) + ", expected one line of text");
    return text;
  }

  std::string own_path(const YAML::Node& node, const std::string& path) const {
    return (folder_ / reader_.text(node, path, longest_value)).string();
  }

  YamlReader reader_;
  fs::path folder_;
  std::vector<std::string_view> known_;
  std::map<std::string, std::string> names_;    // and where they are
  std::map<std::string, std::string> records_;  // files, and where they are
  std::vector<StationPlan> plans_;
};

const std::array<Reader::Field, 8> Reader::fields{{
    {"name", &Reader::take_name},
    {"title", &Reader::take_title},
    {"description", &Reader::take_description},
    {"genre", &Reader::take_genre},
    {"controls", &Reader::take_controls},
    {"turns", &Reader::take_turns},
    {"token-file", &Reader::take_token_file},
    {"record", &Reader::take_record},
}};

}  // namespace

std::vector<StationPlan> read_stations(const fs::path& file, const std::optional<std::string>& taken) {
  return Reader(file, taken).read();
}

}  // namespace auralis
