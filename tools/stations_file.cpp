// SPDX-License-Identifier: MIT
#include "stations_file.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/session.h"
#include "base/text.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/yaml_reader.h"
#include "options.h"
#include "serve/private_session.h"
#include "serve_radio.h"
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
  Reader(const fs::path& file, const std::optional<StationPlan>& input)
      : reader_{file.string()}, folder_(file.parent_path()) {
    if (input) {
      names_[input->name] = "the station on standard input (--session)";
      if (!input->record.empty())
        claimed_[only_name(input->record)] = "the station on standard input (--record)";
      for (const OutletSettings& outlet : input->outlets) {
        claimed_[outlet.place] = "the station on standard input (--" + outlet.asked.kind + ")";
        if (!outlet.asked.file.empty())
          claimed_[only_name(outlet.asked.file)] = "the station on standard input (--sdp)";
      }
    }
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
  static const std::array<Field, 13> fields;

  StationPlan read_station(const YAML::Node& node, const std::string& path) {
    StationPlan plan;
    plan.tags.name.clear();
    sinks_ = {};
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
    carry(plan);
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
    claim(node, path, only_name(plan.record));
  }
  void take_icecast(const YAML::Node& node, const std::string& path, StationPlan&) {
    const auto take = [this](const YAML::Node& mount, const std::string& at) {
      sinks_.places.push_back({mount, at, {.kind = icecast_kind, .address = secret_text(mount, at)}});
    };
    if (!node.IsSequence()) return take(node, path);
    reader_.each_item(node, path, take);
  }
  void take_icecast_password(const YAML::Node& node, const std::string& path, StationPlan&) {
    const std::string file = own_path(node, path);
    try {
      sinks_.password = read_secret(file, "the password");
    } catch (const Error& error) {
      reader_.fail(node, path + ": " + error.what());
    }
  }
  void take_hls(const YAML::Node& node, const std::string& path, StationPlan&) {
    sinks_.places.push_back({node, path, {.kind = hls_kind, .address = own_path(node, path)}});
  }
  void take_rtp(const YAML::Node& node, const std::string& path, StationPlan&) {
    sinks_.places.push_back({node, path, {.kind = rtp_kind, .address = secret_text(node, path)}});
  }
  void take_sdp(const YAML::Node& node, const std::string& path, StationPlan&) {
    sinks_.sdp.emplace(Wanted{node, path, {.address = own_path(node, path)}});
    claim(node, path, only_name(sinks_.sdp->place.address));
  }

  // Where the fields say, once all of them are known.
  void carry(StationPlan& plan) {
    for (auto& [node, path, place] : sinks_.places) {
      sink_plugin(place.kind);  // one that is not installed is no mistake of the list's
      if (place.kind == icecast_kind) place.password = sinks_.password;
      if (place.kind == rtp_kind && sinks_.sdp)
        place.file = std::exchange(sinks_.sdp, std::nullopt)->place.address;
      try {
        add_outlet(plan.outlets, place);
      } catch (const Error& error) {
        reader_.fail(node, path + ": " + error.what());
      }
      claim(node, path, plan.outlets.back().place);
    }
    if (sinks_.sdp)
      reader_.fail(sinks_.sdp->node, sinks_.sdp->path + " is set, and rtp is not, expected both or none");
  }

  // What one station writes or is carried to, no other is.
  void claim(const YAML::Node& node, const std::string& path, const std::string& place) {
    const auto [known, is_new] = claimed_.emplace(place, path);
    if (!is_new) reader_.fail(node, path + " is that of " + known->second + ", expected another");
  }

  // Never shown, since it may have a password in it.
  std::string secret_text(const YAML::Node& node, const std::string& path) const {
    if (!node.IsScalar() || node.Scalar().empty() || node.Scalar().size() > longest_value)
      reader_.fail(node, path + " is no text of 1 to " + std::to_string(longest_value) + " bytes");
    return node.Scalar();
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
    return (folder_ / reader_.text(node, path, longest_value)).lexically_normal().string();
  }

  YamlReader reader_;
  fs::path folder_;
  std::vector<std::string_view> known_;
  std::map<std::string, std::string> names_;    // and where they are
  std::map<std::string, std::string> claimed_;  // files and places, and where they are
  // Where a station is carried, as its fields say.
  struct Wanted {
    YAML::Node node;
    std::string path;
    SinkPlace place;
  };
  struct Sinks {
    std::vector<Wanted> places;
    std::optional<Wanted> sdp;
    std::string password;
  };
  Sinks sinks_;
  std::vector<StationPlan> plans_;
};

const std::array<Reader::Field, 13> Reader::fields{{
    {"name", &Reader::take_name},
    {"title", &Reader::take_title},
    {"description", &Reader::take_description},
    {"genre", &Reader::take_genre},
    {"controls", &Reader::take_controls},
    {"turns", &Reader::take_turns},
    {"token-file", &Reader::take_token_file},
    {"record", &Reader::take_record},
    {"icecast", &Reader::take_icecast},
    {"icecast-password-file", &Reader::take_icecast_password},
    {"hls", &Reader::take_hls},
    {"rtp", &Reader::take_rtp},
    {"sdp", &Reader::take_sdp},
}};

}  // namespace

std::vector<StationPlan> read_stations(const fs::path& file, const std::optional<StationPlan>& input) {
  return Reader(file, input).read();
}

}  // namespace auralis
