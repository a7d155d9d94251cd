// SPDX-License-Identifier: MIT
#include "render/tags.h"

#include <array>
#include <cstdlib>
#include <ctime>

#include "base/clock.h"
#include "base/text.h"
#include "model/number_text.h"

namespace auralis {
namespace {

// When it was made, or when its maker says (reproducible-builds.org/specs/source-date-epoch).
std::string today() {
  const char* given = std::getenv("SOURCE_DATE_EPOCH");
  const std::time_t now =
      given != nullptr ? std::strtoll(given, nullptr, 10) : static_cast<std::time_t>(wall_s());
  std::tm date{};
  ::gmtime_r(&now, &date);
  std::array<char, 16> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y-%m-%d", &date)};
}

}  // namespace

SoundTags tags_of(const StartEvent& start) {
  const auto named = [](const std::string& name, const std::string& text) {
    return text.empty() ? text : name + " " + text;
  };
  const std::string tonality = join_known({start.key, start.mode}, " ");
  const std::string bpm = start.bpm ? number_text(*start.bpm) : "";
  SoundTags tags;
  tags.title = join_known({start.preset, start.seed}, " ");
  tags.artist = "Auralis";
  tags.album = start.preset;
  tags.genre = "Ambient";
  tags.date = today();
  tags.comment = join_known({named("preset", start.preset), named("seed", start.seed), tonality,
                             named("bpm", bpm), named("composed by version", start.version)},
                            ", ");
  tags.more = {{"BPM", bpm}, {"KEY", tonality}, {"SEED", start.seed}, {"VERSION", start.version}};
  return tags;
}

}  // namespace auralis
