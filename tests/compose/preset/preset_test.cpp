// SPDX-License-Identifier: MIT
#include "compose/preset/preset.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/preset_yaml.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "base/error.h"
#include "base/io.h"
#include "compose/composed.h"
#include "model/layer.h"
#include "refusal.h"
#include "temporary_folder.h"

using namespace auralis;

namespace {

std::string complaint(const std::string& yaml) {
  return test::refusal([&] { parse_preset(yaml, "my.yaml"); });
}

}  // namespace

TEST_CASE(
    "Twenty presets are installed in groups; no two share key and mode, or tempo and sound, and every mode "
    "is used") {
  const auto presets = list_presets();
  CHECK(presets.size() == 20);
  std::set<std::string> names, modes_used, keys, sounds, groups;
  const auto by_group = [](const PresetInfo& a, const PresetInfo& b) { return a.group < b.group; };
  for (const PresetInfo& info : presets) {
    const Preset preset = load_preset(info.name);
    CHECK(preset.name == info.name);
    CHECK(info.description.size() > 20);
    names.insert(info.name);
    modes_used.insert(preset.mode);
    keys.insert(preset.key + " " + preset.mode);
    groups.insert(info.group);
    CHECK(std::is_sorted(presets.begin(), presets.end(), by_group));
    sounds.insert(std::to_string(preset.bpm) +
                  std::to_string(preset.layer(Layer::pad).sound[VoiceParam::cutoff_hz]));
  }
  for (const char* name : {"focus", "meditation", "sleep", "bright"}) CHECK(names.contains(name));
  CHECK(modes_used.size() == modes().size());
  CHECK(keys.size() == presets.size());
  CHECK(groups.size() >= 3);
  CHECK(groups.size() <= 6);
  CHECK(sounds.size() == presets.size());
  CHECK(load_preset("sleep").target_lufs == -20.0);
}

TEST_CASE("A preset shown as YAML reads back to the same preset") {
  for (const std::string& name : preset_names()) {
    const Preset preset = load_preset(name);
    Preset again = parse_preset(preset_yaml(preset), "shown.yaml");
    again.name = preset.name;
    CAPTURE(name);
    CHECK(again == preset);
    CHECK(preset_yaml(again) == preset_yaml(preset));
  }
  Preset preset = load_preset("focus");
  preset.title = "Say \"hello\": # not a comment";
  preset.harmony.table = installed_harmony_tables().at("dorian");
  preset.layer(Layer::pad).movement = {{VoiceParam::cutoff_hz, Source::walk, 0.7, 40.5, true},
                                       {VoiceParam::pan, Source::random, -0.3, 0.0, false},
                                       {VoiceParam::fm_index, Source::arc, 1.0, 600.0, false},
                                       {VoiceParam::reverb_send, Source::space_arc, 0.2, 0.0, false}};
  Preset again = parse_preset(preset_yaml(preset), "shown.yaml");
  again.name = preset.name;
  CHECK(again == preset);
}

TEST_CASE("Every field, set to the ends of its range, is taken and shown; past them it is refused") {
  const auto set = [](std::string_view path, const std::string& value) {
    std::string yaml;
    int depth = 0;
    size_t from = 0;
    for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', from), ++depth) {
      yaml += std::string(2 * static_cast<size_t>(depth), ' ') + std::string(path.substr(from, dot - from)) +
              ":\n";
      from = dot + 1;
    }
    return yaml + std::string(2 * static_cast<size_t>(depth), ' ') + std::string(path.substr(from)) + ": " +
           value + "\n";
  };
  const auto try_field = [&](const auto& field, const std::string& path) {
    CAPTURE(path);
    const size_t kind = field.access.index();
    if (kind > 1) return;
    const auto written = [&](double x) {
      return kind == 0 ? std::to_string(x) : "[" + std::to_string(field.min) + ", " + std::to_string(x) + "]";
    };
    if (path != "layers.pad.pitches" && path != "pad.gap_st" && path != "pad.voices")
      CHECK(complaint(set(path, written(field.max))).empty());
    const std::string wrong = complaint(set(path, written(field.max + 1)));
    CHECK(wrong.find(path) != std::string::npos);
    CHECK(wrong.find("expected") != std::string::npos);
    CHECK(complaint(set(path, "many")).find("expected") != std::string::npos);
  };
  for (const auto& field : preset_fields()) try_field(field, std::string(field.path));
  for (const auto& field : layer_fields()) {
    for (std::string_view layer : layer_names())
      try_field(field, "layers." + std::string(layer) + "." + std::string(field.path));
  }
}

TEST_CASE("A mistake is named with its line, its field and what was expected") {
  const std::pair<const char*, const char*> mistakes[] = {
      {"key: H\n", "my.yaml:1: key is \"H\", expected C to B with # or b"},
      {"title: x\nmode: doriann\n", "my.yaml:2: mode is \"doriann\", expected dorian (did you mean that?)"},
      {"form:\n  signature: bels\n", "my.yaml:2: form.signature is \"bels\", expected bells"},
      {"bpm: 300\n", "my.yaml:1: bpm is \"300\", expected 30 to 120 beats a minute"},
      {"bpm: fast\n", "my.yaml:1: bpm is \"fast\", expected a number, 30 to 120 beats a minute"},
      {"bpm: [1, 2]\n", "my.yaml:1: bpm is a list, expected a number, 30 to 120 beats a minute"},
      {"intensity: .nan\n", "my.yaml:1: intensity is \".nan\", expected a number, 0 to 1"},
      {"\n\nintenisty: 1\n", "my.yaml:3: intenisty is not known, did you mean intensity?"},
      {"harmony:\n  chord_s: 40\n",
       "my.yaml:2: harmony.chord_s is \"40\", expected [low, high], each 5 to 600 seconds"},
      {"harmony:\n  chord_s: [60, 30]\n",
       "my.yaml:2: harmony.chord_s is [60, 30], expected the lower one first"},
      {"harmony:\n  chrod_s: [1, 2]\n", "my.yaml:2: harmony.chrod_s is not known, did you mean chord_s?"},
      {"harmony: 3\n", "my.yaml:1: harmony is \"3\", expected settings below it, indented"},
      {"harmony:\n  colours: {triad: 0, seventh: 0, ninth: 0, add9: 0, sus2: 0, sus4: 0, quartal: 0, "
       "quintal: 0}\n",
       "my.yaml:2: harmony.colours are all 0, expected one above 0"},
      {"layers:\n  pads: {on: true}\n", "my.yaml:2: layers.pads is not known, did you mean pad?"},
      {"layers:\n  pad:\n    shard: 1\n", "my.yaml:3: layers.pad.shard is not known, did you mean share?"},
      {"layers:\n  pad: {on: perhaps}\n", "my.yaml:2: layers.pad.on is \"perhaps\", expected true or false"},
      {"layers:\n  pad:\n    sound:\n      cutof_hz: 5\n",
       "my.yaml:4: layers.pad.sound.cutof_hz is not known, did you mean cutoff_hz?"},
      {"layers:\n  pad:\n    sound: {cutoff_hz: 5}\n",
       "my.yaml:3: layers.pad.sound.cutoff_hz is \"5\", expected 20 to 20000 hertz"},
      {"layers:\n  pad:\n    movment: []\n",
       "my.yaml:3: layers.pad.movment is not known, did you mean movement?"},
      {"layers:\n  pad:\n    movement: {param: pan}\n",
       "my.yaml:3: layers.pad.movement is a map, expected a list"},
      {"layers:\n  pad:\n    movement:\n      - {param: pan, source: walk, depth: 0.1}\n      - {param: "
       "pan}\n",
       "my.yaml:5: layers.pad.movement[1] has no source, which a route needs"},
      {"layers:\n  pad:\n    movement:\n      - {param: cutof_hz, source: walk, depth: 1}\n",
       "my.yaml:4: layers.pad.movement[0].param is \"cutof_hz\", expected cutoff_hz"},
      {"layers:\n  pad:\n    movement:\n      - {param: pan, source: guts, depth: 1}\n",
       "my.yaml:4: layers.pad.movement[0].source is \"guts\", expected gusts"},
      {"layers:\n  pad:\n    movement:\n      - {param: pan, source: walk, depth: 3}\n",
       "my.yaml:4: layers.pad.movement[0].depth is \"3\", expected -2 to 2"},
      {"layers:\n  pad:\n    movement:\n      - {param: cutoff_hz, source: walk, depth: 30}\n",
       "my.yaml:4: layers.pad.movement[0].depth is \"30\", expected -10 to 10 octaves"},
      {"layers:\n  pad:\n    movement:\n      - param: pan\n        source: walk\n        depth: 1\n        "
       "perid_s: 3\n",
       "my.yaml:7: layers.pad.movement[0].perid_s is not known, did you mean period_s?"},
      {"layers:\n  pad:\n    movement:\n      - {param: cloud_send, source: key, depth: 0.1}\n",
       "my.yaml:4: layers.pad.movement[0].source is wrong: cloud_send is the whole layer's, expected a "
       "source other "
       "than key"},
      {"master:\n  reverb_time: 5\n",
       "my.yaml:2: master.reverb_time is not known, did you mean reverb_time_s?"},
      {"bpm: 60\nbpm: 70\n", "my.yaml:2: bpm is set twice, expected once"},
      {"- 1\n- 2\n", "my.yaml:1: not a map of settings, expected lines such as \"key: D\""},
      {"", "my.yaml:1: not a map of settings, expected lines such as \"key: D\""},
      {"key: [D\n", "my.yaml:2: not YAML"},
      {"key: D\n  bpm: 3\n", "my.yaml:2: not YAML"},
      {"pad: {voices: [3, 6], gap_st: [9, 12]}\n", "my.yaml:1: pad.voices and pad.gap_st need 57 semitones"},
      {"title: ''\n", "my.yaml:1: title is \"\", expected a text of 1 to 60 bytes"},
      {"harmony:\n  table:\n    rows: {}\n",
       "my.yaml:3: harmony.table.rows has no row \"1\", expected one for each of the 7 degrees"},
      {"harmony:\n  table:\n    characteristic: 9\n",
       "my.yaml:3: harmony.table.characteristic is \"9\", expected 1 to 7"},
      {"harmony:\n  table:\n    characteristic: 4\n    rows: {\"1\": {4: 1}}\n",
       "my.yaml:3: harmony.table.rows has no row \"2\", expected one for each of the 7 degrees"},
      {"harmony:\n  table:\n    characteristic: 4\n    rows: {\"1 8\": {4: 1}}\n",
       "my.yaml:4: harmony.table.rows.1 8: \"8\" is not a degree from 1 to 7"},
      {"harmony:\n  table:\n    characteristic: 4\n    rows: {\"1\": {1: 1}}\n",
       "my.yaml:4: harmony.table.rows.1 leads nowhere, expected a weight above 0 to another degree"},
      {"harmony:\n  table:\n    characteristic: 4\n    colours: {\"1\": {nineth: 1}}\n",
       "my.yaml:4: harmony.table.colours.1.nineth is not known, did you mean ninth?"},
  };
  for (const auto& [yaml, message] : mistakes) {
    CAPTURE(std::string(yaml));
    const std::string said = complaint(yaml);
    CHECK_MESSAGE(said.starts_with(message), said);
  }
}

TEST_CASE(
    "A title that is not UTF-8 is read with replacement characters, and the preset is written as it was "
    "read") {
  const Preset preset = parse_preset("title: fl\xF6te\n", "my.yaml");
  CHECK(preset.title == "fl\xEF\xBF\xBDte");
  CHECK(parse_preset(preset_yaml(preset), "my.yaml") == preset);
}

TEST_CASE("A name is looked for among the listener's own presets first, a path is taken as it is") {
  const test::TemporaryFolder home;
  std::filesystem::create_directories(home / "auralis/presets");
  write_file(home / "auralis/presets/focus.yaml", "title: Mine\n");
  write_file(home / "auralis/presets/broken.yaml", "titel: Mine\n");
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const std::string before = config ? config : "";
  setenv("XDG_CONFIG_HOME", home.path.c_str(), 1);
  CHECK(load_preset("focus").title == "Mine");
  CHECK(load_preset((home / "auralis/presets/focus.yaml").string()).name == "focus");
  CHECK(load_preset("sleep").title == "Sleep");
  const auto all = list_presets();
  const auto broken =
      std::find_if(all.begin(), all.end(), [](const PresetInfo& p) { return p.name == "broken"; });
  REQUIRE(broken != all.end());
  CHECK(broken->description.find("broken.yaml:1: titel is not known") != std::string::npos);
  // Listed again, each is as it is now.
  write_file(home / "auralis/presets/focus.yaml", "title: Still mine\n");
  write_file(home / "auralis/presets/broken.yaml", "title: Mended\n");
  const auto title_of = [](const std::vector<PresetInfo>& presets, const std::string& name) {
    const auto found = std::find_if(presets.begin(), presets.end(),
                                    [&name](const PresetInfo& preset) { return preset.name == name; });
    return found == presets.end() ? "" : found->title;
  };
  CHECK(title_of(all, "focus") == "Mine");
  CHECK(title_of(list_presets(), "focus") == "Still mine");
  CHECK(title_of(list_presets(), "broken") == "Mended");
  if (config)
    setenv("XDG_CONFIG_HOME", before.c_str(), 1);
  else
    unsetenv("XDG_CONFIG_HOME");
}

TEST_CASE("A name nobody knows is a matter of usage, and the nearest is offered") {
  CHECK(test::refusal([] { load_preset("fokus"); }, Exit::usage) ==
        "no preset \"fokus\", did you mean focus?");
}
