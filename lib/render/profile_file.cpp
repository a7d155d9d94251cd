// SPDX-License-Identifier: MIT
#include "render/profile_file.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "figures/rounded.h"

namespace auralis {
namespace {

using nlohmann::ordered_json;

constexpr double width = 1000.0;
constexpr double bar_height = 24.0;
constexpr double margin = 10.0;
constexpr double letter_width = 7.0;
constexpr std::array<const char*, 6> colours{"#f2a65a", "#eec170", "#d8c99b",
                                             "#a7c4a0", "#8fb8ca", "#b8a9c9"};

std::string text(const char* format, auto... values) {
  std::array<char, 512> out{};
  const int length = std::snprintf(out.data(), out.size(), format, values...);
  return {out.data(), std::min(out.size() - 1, static_cast<size_t>(std::max(length, 0)))};
}

std::filesystem::path picture_of(const std::string& path) {
  return std::filesystem::path(path).replace_extension(".svg");
}

const std::string& checked(const std::string& path) {
  if (path == "-") throw Error(Exit::usage, "--profile is two files, expected a name such as profile.json");
  if (picture_of(path) != path) return path;
  throw Error(Exit::usage, "--profile " + path +
                               " is the picture's name, expected that of the JSON, such as " +
                               std::filesystem::path(path).replace_extension(".json").string());
}

double sum_of(const std::vector<ProfilePart>& parts) {
  double sum = 0.0;
  for (const ProfilePart& part : parts) sum += part.seconds;
  return sum;
}

ProfilePart group(const char* name, std::vector<ProfilePart> parts) {
  const double seconds = sum_of(parts);
  return {name, seconds, std::move(parts)};
}

size_t depth_of(const ProfilePart& part) {
  size_t depth = 0;
  for (const ProfilePart& inner : part.parts) depth = std::max(depth, depth_of(inner));
  return depth + 1;
}

// From the bottom upwards, as flames go.
void draw(const ProfilePart& part, double x, double scale, double bottom, size_t colour, double whole_s,
          std::string& out) {
  const double w = part.seconds * scale;
  if (w < 0.5) return;
  const double share = whole_s > 0.0 ? 100.0 * part.seconds / whole_s : 0.0;
  out += text(
      "<g><title>%s: %.3f s, %.1f %%</title><rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" "
      "fill=\"%s\"/>",
      part.name.c_str(), part.seconds, share, x, bottom - bar_height, w, bar_height - 1.0,
      colours[colour % colours.size()]);
  const std::string label = part.name + text(" %.1f %%", share);
  const size_t letters = static_cast<size_t>(w / letter_width);
  if (letters > 3) {
    out += text("<text x=\"%.1f\" y=\"%.1f\">%s</text>", x + 4.0, bottom - 8.0,
                label.substr(0, letters).c_str());
  }
  out += "</g>\n";
  for (const ProfilePart& inner : part.parts) {
    draw(inner, x, scale, bottom - bar_height, ++colour, whole_s, out);
    x += inner.seconds * scale;
  }
}

ordered_json json_of(const ProfilePart& part) {
  ordered_json out{{"name", part.name}, {"seconds", rounded(part.seconds, 6)}};
  for (const ProfilePart& inner : part.parts) out["parts"].push_back(json_of(inner));
  return out;
}

// The effects, which come one after the other, as parts of one.
ProfilePart synthesis(const std::vector<StageTime>& stages) {
  std::vector<ProfilePart> parts;
  for (auto stage = stages.begin(); stage != stages.end();) {
    if (!stage->is_effect) {
      parts.push_back({stage->name, stage->seconds});
      ++stage;
      continue;
    }
    std::vector<ProfilePart> effects;
    for (; stage != stages.end() && stage->is_effect; ++stage)
      effects.push_back({stage->name, stage->seconds});
    parts.push_back(group("effects", std::move(effects)));
  }
  return group("synthesis", std::move(parts));
}

}  // namespace

std::string flame_picture(const ProfilePart& whole) {
  const double height = static_cast<double>(depth_of(whole)) * bar_height + 2.0 * margin;
  std::string out = text(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\" font-family=\"sans-serif\" "
      "font-size=\"12\">\n<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
      width + 2.0 * margin, height);
  draw(whole, margin, whole.seconds > 0.0 ? width / whole.seconds : 0.0, height - margin, 0, whole.seconds,
       out);
  return out + "</svg>\n";
}

ProfileFile::ProfileFile(const std::string& path) : json_(checked(path)), picture_(picture_of(path)) {}

void ProfileFile::add_reading(double spent_s, double of_it_waited_s) {
  waited_s_ += of_it_waited_s;
  read_s_ += spent_s - of_it_waited_s;
}

void ProfileFile::write(const std::vector<StageTime>& renderer, const ProfiledRun& run) {
  const ProfilePart whole = group("render", {group("input", {{"waiting", waited_s_}, {"reading", read_s_}}),
                                             synthesis(renderer),
                                             {"writing", written_s_}});
  const ordered_json out{{"version", AURALIS_VERSION},       {"sound_s", rounded(run.sound_s, 6)},
                         {"wall_s", rounded(run.wall_s, 6)}, {"cpu_s", rounded(run.cpu_s, 6)},
                         {"threads", run.threads},           {"device", run.device},
                         {"stages", json_of(whole)}};
  json_.write(out.dump(2) + "\n");
  json_.commit();
  picture_.write(flame_picture(whole));
  picture_.commit();
}

}  // namespace auralis
