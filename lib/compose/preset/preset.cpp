// SPDX-License-Identifier: MIT
#include "compose/preset/preset.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/io.h"
#include "base/text.h"
#include "compose/preset/yaml_reader.h"
#include "model/layer.h"

namespace auralis {
namespace {

namespace fs = std::filesystem;

#define AT(member) \
  [](Preset & p) -> auto& { return p.member; }
#define OF(member) \
  [](LayerPlan & plan) -> auto& { return plan.member; }

// A lambda for a member, as the plain pointer that fits its type.
template <typename T, typename Member>
Field<T> field(std::string_view path, std::string_view unit, double min, double max, Member member,
               std::string_view meaning) {
  return {path, unit, min, max, +member, meaning};
}

template <typename... Args>
Field<Preset> f(Args... args) {
  return field<Preset>(args...);
}

const std::vector<Field<Preset>>& preset_table() {
  static const std::vector<Field<Preset>> table{
      f("title", "", 1, 60, AT(title), "its name to people"),
      f("description", "", 1, 400, AT(description), "a sentence on how it sounds"),
      f("key", "", 1, 2, AT(key), "tonic, C to B with # or b"),
      f("mode", "", 1, 32, AT(mode), "one of the modes"),
      f("bpm", "beats a minute", 30, 120, AT(bpm),
        "pace of melody and percussion; harmony has its own clock"),
      f("intensity", "", 0, 1, AT(intensity), "density, brightness and colour; no percussion below 0.3"),
      f("target_lufs", "LUFS", -40, -10, AT(target_lufs), "loudness that master.gain_db is calibrated to"),
      f("harmony.chord_s", "seconds", 5, 600, AT(harmony.chord_s), "how long a chord lasts"),
      f("harmony.scene_chords", "chords", 2, 7, AT(harmony.scene_chords), "different chords in a scene"),
      f("harmony.scene_length", "chords", 2, 32, AT(harmony.scene_length), "chords until the next scene"),
      f("harmony.returns", "", 0, 1, AT(harmony.returns), "chance that an earlier scene comes back, changed"),
      f("harmony.pedal", "", 0, 1, AT(harmony.pedal), "share of scenes whose drone stays on the tonic"),
      f("harmony.modulate_min", "minutes", 0, 240, AT(harmony.modulate_min),
        "time between modulations to a related key, give or take a third; 0 never"),
      f("harmony.colours.triad", "", 0, 10, AT(harmony.colours[0]), "weight of plain triads"),
      f("harmony.colours.seventh", "", 0, 10, AT(harmony.colours[1]), "weight of seventh chords"),
      f("harmony.colours.ninth", "", 0, 10, AT(harmony.colours[2]), "weight of ninth chords"),
      f("harmony.colours.add9", "", 0, 10, AT(harmony.colours[3]), "weight of triads with an added ninth"),
      f("harmony.colours.sus2", "", 0, 10, AT(harmony.colours[4]), "weight of seconds in place of thirds"),
      f("harmony.colours.sus4", "", 0, 10, AT(harmony.colours[5]), "weight of fourths in place of thirds"),
      f("harmony.colours.quartal", "", 0, 10, AT(harmony.colours[6]), "weight of stacked fourths"),
      f("harmony.colours.quintal", "", 0, 10, AT(harmony.colours[7]), "weight of stacked fifths"),
      f("form.arc_s", "seconds", 30, 1800, AT(form.arc_s), "periods of the slow arcs, all coprime"),
      f("form.density", "", 0, 1, AT(form.density), "how far the arcs move how much is played"),
      f("form.brightness_oct", "octaves", 0, 3, AT(form.brightness_oct),
        "how far the arcs move the cutoffs, either way"),
      f("form.register_st", "semitones", 0, 12, AT(form.register_st),
        "how far the arcs move the pitches, either way"),
      f("form.space_db", "decibels", 0, 12, AT(form.space_db),
        "how far the arcs move the effects' returns, either way"),
      f("form.layers", "layers", 2, 8, AT(form.layers), "most layers in a scene"),
      f("form.silence", "", 0, 1, AT(form.silence), "chance that a scene ends in silence"),
      f("form.silence_s", "seconds", 0, 60, AT(form.silence_s), "how long such a silence is"),
      f("form.course_s", "seconds", 0, 600, AT(form.course_s),
        "time in which the layers enter at the beginning"),
      f("pad.voices", "voices", 1, 6, AT(pad.voices), "voices of a chord, more with density"),
      f("pad.gap_st", "semitones", 1, 19, AT(pad.gap_st), "distance between neighbouring voices"),
      f("pad.overlap_s", "seconds", 0, 15, AT(pad.overlap_s), "how long the old chord sounds into the new"),
      f("pad.stagger_s", "seconds", 0, 10, AT(pad.stagger_s), "time over which the voices of a chord enter"),
      f("pad.rest", "", 0, 1, AT(pad.rest), "chance that a voice rests between two notes"),
      f("drone.fifth", "", 0, 1, AT(drone.fifth), "chance that a fifth sounds with the drone"),
      f("drone.overlap_s", "seconds", 0, 30, AT(drone.overlap_s), "how long two drone notes sound together"),
      f("melody.phrase_notes", "notes", 2, 40, AT(melody.phrase_notes), "notes of a phrase"),
      f("melody.rest_s", "seconds", 1, 600, AT(melody.rest_s), "silence of the lead between phrases"),
      f("melody.note_beats", "beats", 0.25, 16, AT(melody.note_beats), "length of a note"),
      f("melody.chord_tones", "", 0, 1, AT(melody.chord_tones), "share of notes that belong to the chord"),
      f("melody.colour_tones", "", 0, 0.3, AT(melody.colour_tones),
        "share of passing notes outside the mode"),
      f("melody.leap", "", 0, 0.3, AT(melody.leap),
        "chance of a leap over a fifth, which a step back answers"),
      f("melody.recall", "", 0, 1, AT(melody.recall),
        "chance that a motif is a variation of one heard before"),
      f("melody.answer", "", 0, 1, AT(melody.answer), "chance that the bells answer a phrase"),
      f("melody.humanise_ms", "milliseconds", 0, 200, AT(melody.humanise_ms),
        "how far onsets stray, either way"),
      f("percussion.low_bars", "bars", 1, 32, AT(percussion.low_bars),
        "between low hits; fewer as intensity rises"),
      f("percussion.swells", "", 0, 1, AT(percussion.swells), "chance that a swell leads into a chord"),
      f("percussion.swell_s", "seconds", 1, 20, AT(percussion.swell_s), "length of a swell"),
      f("percussion.brush_pulses", "onsets", 1, 12, AT(percussion.brush_pulses),
        "brushes in a cycle; more with intensity"),
      f("percussion.brush_slots", "half beats", 3, 32, AT(percussion.brush_slots),
        "length of a cycle of brushes"),
      f("expect.notes_per_min", "notes a minute", 0, 600, AT(expect.notes_per_min),
        "tests: notes of all layers together"),
      f("expect.silence", "", 0, 1, AT(expect.silence), "tests: share of the time without a sounding note"),
      f("expect.entropy_bits", "bits", 0, 3.6, AT(expect.entropy_bits),
        "tests: entropy of the pitch classes"),
      f("expect.voices", "voices", 0, 64, AT(expect.voices), "tests: notes sounding at once"),
  };
  return table;
}

const std::vector<Field<LayerPlan>>& layer_field_table() {
  const auto l = [](auto... args) { return field<LayerPlan>(args...); };
  static const std::vector<Field<LayerPlan>> table{
      l("on", "", 0, 1, OF(on), "whether the preset uses the layer"),
      l("share", "", 0, 1, OF(share), "share of the scenes it plays in"),
      l("pitches", "MIDI", 12, 108, OF(pitches), "lowest and highest note, before the arcs move them"),
      l("velocity", "", 0, 1, OF(velocity), "softest and loudest note"),
      l("note_s", "seconds", 0.05, 120, OF(note_s), "length of a note, where nothing else decides it"),
      l("pace", "", 0.1, 10, OF(pace), "factor on how often it plays"),
      l("width", "", 0, 1, OF(width), "how far from the middle its notes are placed"),
  };
  return table;
}

#undef AT
#undef OF

template <typename T>
void read_field(const YamlReader& reader, const Field<T>& field, const YAML::Node& node,
                const std::string& path, T& into) {
  if (const auto* number = std::get_if<double& (*)(T&)>(&field.access)) {
    (*number)(into) = reader.number(node, path, field.min, field.max, field.unit);
  } else if (const auto* range = std::get_if<Range& (*)(T&)>(&field.access)) {
    (*range)(into) = reader.range(node, path, field.min, field.max, field.unit);
  } else if (const auto* flag = std::get_if<bool& (*)(T&)>(&field.access)) {
    (*flag)(into) = reader.boolean(node, path);
  } else {
    std::get<std::string& (*)(T&)>(field.access)(into) =
        reader.text(node, path, static_cast<size_t>(field.max));
  }
}

template <typename Set, size_t Count>
void read_params(const YamlReader& reader, const YAML::Node& node, const std::string& path,
                 const std::array<ParamInfo, Count>& table, std::span<const std::string_view> known,
                 Set& into) {
  reader.each(node, path, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
    const auto found =
        std::find_if(table.begin(), table.end(), [&](const ParamInfo& p) { return p.name == key; });
    if (found == table.end()) reader.unknown(at, path, key, known);
    const double x = reader.number(value, path + "." + key, found->min, found->max, found->unit);
    into.values[static_cast<size_t>(found - table.begin())] = static_cast<float>(x);
  });
}

// What may stand directly below a section ("" is the whole file).
std::vector<std::string_view> names_below(std::string_view section) {
  std::vector<std::string_view> names;
  const auto add = [&](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  };
  const std::string prefix = section.empty() ? std::string() : std::string(section) + ".";
  for (const Field<Preset>& field : preset_table()) {
    if (!field.path.starts_with(prefix)) continue;
    const std::string_view rest = field.path.substr(prefix.size());
    add(rest.substr(0, rest.find('.')));
  }
  if (section.empty()) add("layers"), add("master"), add("midi");
  if (section == "harmony") add("table");
  return names;
}

class PresetReader {
 public:
  PresetReader(const std::string& file, Preset& preset) : reader_{file}, preset_(preset) {}

  void read(const std::string& yaml) {
    section(reader_.parse(yaml), "");
    check();
  }

 private:
  void section(const YAML::Node& node, const std::string& path) {
    reader_.each(node, path, [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      const std::string here = path.empty() ? key : path + "." + key;
      const auto& table = preset_table();
      const auto field =
          std::find_if(table.begin(), table.end(), [&](const auto& f) { return f.path == here; });
      if (field != table.end()) {
        read_field(reader_, *field, value, here, preset_);
        seen_[here].reset(value);
      } else if (here == "layers") {
        layers(value);
      } else if (here == "master") {
        read_params(reader_, value, here, master_params, master_param_names(), preset_.master);
      } else if (here == "midi") {
        midi(value);
      } else if (here == "harmony.table") {
        table_node_.reset(value);
        has_table_ = true;
      } else if (!names_below(here).empty()) {
        section(value, here);
      } else {
        reader_.unknown(at, path, key, names_below(path));
      }
    });
  }

  void layers(const YAML::Node& node) {
    static const auto keys = [] {
      std::vector<std::string_view> names;
      for (const auto& field : layer_field_table()) names.push_back(field.path);
      names.push_back("sound");
      return names;
    }();
    reader_.each(node, "layers", [&](const YAML::Node& at, const std::string& name, const YAML::Node& plan) {
      const std::optional<Layer> layer = find_layer(name);
      if (!layer) reader_.unknown(at, "layers", name, layer_names());
      reader_.each(plan, "layers." + name,
                   [&](const YAML::Node& key_at, const std::string& key, const YAML::Node& value) {
                     const std::string here = "layers." + name + "." + key;
                     const auto& table = layer_field_table();
                     const auto field = std::find_if(table.begin(), table.end(),
                                                     [&](const auto& f) { return f.path == key; });
                     if (field != table.end()) {
                       read_field(reader_, *field, value, here, preset_.layer(*layer));
                     } else if (key == "sound") {
                       read_params(reader_, value, here, voice_params, voice_param_names(),
                                   preset_.layer(*layer).sound);
                     } else {
                       reader_.unknown(key_at, "layers." + name, key, keys);
                     }
                   });
    });
  }

  void midi(const YAML::Node& node) {
    static constexpr std::array<std::string_view, 2> maps{"channels", "programs"};
    reader_.each(node, "midi", [&](const YAML::Node& at, const std::string& key, const YAML::Node& value) {
      if (key != maps[0] && key != maps[1]) reader_.unknown(at, "midi", key, maps);
      const int count = key == maps[0] ? 16 : 128;
      auto& layers = key == maps[0] ? preset_.midi.channels : preset_.midi.programs;
      const std::string path = "midi." + key;
      reader_.each(
          value, path, [&](const YAML::Node& number_at, const std::string& number, const YAML::Node& to) {
            int n = 0;
            const auto [rest, status] = std::from_chars(number.data(), number.data() + number.size(), n);
            if (status != std::errc() || rest != number.data() + number.size() || n < 1 || n > count) {
              reader_.fail(number_at,
                           path + "." + number + ", expected a number from 1 to " + std::to_string(count));
            }
            const std::string layer = reader_.text(to, path + "." + number, 32);
            if (!find_layer(layer)) reader_.unknown(to, path, layer, layer_names());
            layers[n] = layer;
          });
    });
  }

  // What a single field cannot show.
  void check() {
    if (!key_pitch_class(preset_.key)) {
      reader_.fail(seen_["key"], "key is \"" + preset_.key + "\", expected C to B with # or b");
    }
    const Mode* mode = find_mode(preset_.mode);
    if (!mode) {
      const std::string_view nearest = nearest_name(preset_.mode, mode_names());
      reader_.fail(seen_["mode"], "mode is \"" + preset_.mode + "\", expected " +
                                      (nearest.empty() ? "one of " + join_names(mode_names())
                                                       : std::string(nearest) + " (did you mean that?)"));
    }
    if (has_table_) {
      preset_.harmony.table =
          reader_.harmony(table_node_, "harmony.table", static_cast<int>(mode->steps.size()));
    }
    const Range& pitches = preset_.layer(Layer::pad).pitches;
    const double needed = (preset_.pad.voices.high - 1) * preset_.pad.gap_st.low;
    if (pitches.high - pitches.low < needed + 12) {
      reader_.fail(seen_["pad.voices"],
                   "pad.voices and pad.gap_st need " + number_text(needed + 12) +
                       " semitones, expected layers.pad.pitches to span as much (it spans " +
                       number_text(pitches.high - pitches.low) + ")");
    }
    double colours = 0.0;
    for (double weight : preset_.harmony.colours) colours += weight;
    if (colours <= 0.0)
      reader_.fail(seen_["harmony.colours.triad"], "harmony.colours are all 0, expected one above 0");
  }

  YamlReader reader_;
  Preset& preset_;
  std::map<std::string, YAML::Node> seen_;
  YAML::Node table_node_;
  bool has_table_ = false;
};

std::string quoted_text(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

template <typename T>
std::string value_text(const Field<T>& field, T& of) {
  if (const auto* number = std::get_if<double& (*)(T&)>(&field.access)) return number_text((*number)(of));
  if (const auto* range = std::get_if<Range& (*)(T&)>(&field.access)) {
    const Range& r = (*range)(of);
    return "[" + number_text(r.low) + ", " + number_text(r.high) + "]";
  }
  if (const auto* flag = std::get_if<bool& (*)(T&)>(&field.access)) return (*flag)(of) ? "true" : "false";
  return quoted_text(std::get<std::string& (*)(T&)>(field.access)(of));
}

// One line of YAML; opens the sections that path has and the line before had not.
void write_line(std::string& out, std::string& open, std::string_view path, const std::string& value) {
  size_t depth = 0;
  size_t from = 0;
  for (size_t dot = path.find('.'); dot != std::string_view::npos; dot = path.find('.', from)) {
    const std::string section(path.substr(0, dot));
    if (!(open + ".").starts_with(section + ".")) {
      out += std::string(2 * depth, ' ') + std::string(path.substr(from, dot - from)) + ":\n";
      open = section;
    }
    from = dot + 1;
    ++depth;
  }
  open = from == 0 ? "" : std::string(path.substr(0, from - 1));
  out += std::string(2 * depth, ' ') + std::string(path.substr(from)) + ": " + value + "\n";
}

std::string table_text(const HarmonyTable& table) {
  std::string rows;
  for (const auto& [pair, weights] : table.rows) {
    rows += "      \"" + (pair.first < 0 ? "" : std::to_string(pair.first + 1) + " ") +
            std::to_string(pair.second + 1) + "\": {";
    std::string entries;
    for (size_t to = 0; to < weights.size(); ++to) {
      if (weights[to] <= 0.0) continue;
      entries += (entries.empty() ? "" : ", ") + std::to_string(to + 1) + ": " + number_text(weights[to]);
    }
    rows += entries + "}\n";
  }
  std::string text =
      "  table:\n    characteristic: " + std::to_string(table.characteristic + 1) + "\n    rows:\n" + rows;
  if (table.colours.empty()) return text;
  text += "    colours:\n";
  for (const auto& [degree, factors] : table.colours) {
    text += "      \"" + std::to_string(degree + 1) + "\": {";
    for (size_t c = 0; c < colour_count; ++c) {
      text += (c == 0 ? "" : ", ") + std::string(colour_names[c]) + ": " + number_text(factors[c]);
    }
    text += "}\n";
  }
  return text;
}

fs::path program_directory() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/exe", ignored).parent_path();
}

Preset read_preset(const std::string& name, const fs::path& file) {
  Preset preset = parse_preset(read_file(file), file.string());
  preset.name = name;
  return preset;
}

}  // namespace

Preset::Preset() {
  for (size_t i = 0; i < layer_count; ++i) layers[i] = default_layer_plan(static_cast<Layer>(i));
}

std::span<const Field<Preset>> preset_fields() { return preset_table(); }
std::span<const Field<LayerPlan>> layer_fields() { return layer_field_table(); }

Preset parse_preset(const std::string& yaml, const std::string& file) {
  Preset preset;
  preset.name = fs::path(file).stem().string();
  PresetReader(file, preset).read(yaml);
  return preset;
}

std::string preset_yaml(const Preset& original) {
  Preset preset = original;
  std::string out = "# " + preset.name + ": every setting, defaults included; see auralis-preset(5)\n";
  std::string open;
  for (const Field<Preset>& field : preset_table()) {
    const std::string value = value_text(field, preset);
    if (value == "\"\"") continue;  // a text that was never set
    // The table closes the section of harmony.
    if (open.starts_with("harmony") && !field.path.starts_with("harmony") && preset.harmony.table) {
      out += table_text(*preset.harmony.table);
    }
    write_line(out, open, field.path, value);
  }
  out += "layers:\n";
  for (size_t i = 0; i < layer_count; ++i) {
    out += "  " + std::string(layer_names()[i]) + ":\n";
    for (const Field<LayerPlan>& field : layer_field_table()) {
      out += "    " + std::string(field.path) + ": " + value_text(field, preset.layers[i]) + "\n";
    }
    out += "    sound:\n";
    for (size_t p = 0; p < voice_param_count; ++p) {
      out += "      " + std::string(voice_params[p].name) + ": " +
             number_text(preset.layers[i].sound.values[p]) + "\n";
    }
  }
  out += "master:\n";
  for (size_t p = 0; p < master_param_count; ++p) {
    out += "  " + std::string(master_params[p].name) + ": " + number_text(preset.master.values[p]) + "\n";
  }
  const auto midi_map = [&](const char* name, const std::map<int, std::string>& layers) {
    if (layers.empty()) return;
    out += std::string("  ") + name + ":\n";
    for (const auto& [number, layer] : layers) out += "    " + std::to_string(number) + ": " + layer + "\n";
  };
  if (!(preset.midi == MidiLayers{})) out += "midi:\n";
  midi_map("channels", preset.midi.channels);
  midi_map("programs", preset.midi.programs);
  return out;
}

std::vector<std::string> preset_directories() {
  std::vector<std::string> directories;
  const char* config = std::getenv("XDG_CONFIG_HOME");
  const char* home = std::getenv("HOME");
  if (config && *config == '/') {
    directories.push_back(std::string(config) + "/auralis/presets");
  } else if (home && *home == '/') {
    directories.push_back(std::string(home) + "/.config/auralis/presets");
  }
  directories.push_back((program_directory().parent_path() / "share/auralis/presets").string());
  return directories;
}

std::vector<PresetInfo> list_presets() {
  std::map<std::string, PresetInfo> found;
  for (const std::string& directory : preset_directories()) {
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none)) {
      const std::string name = entry.path().stem().string();
      if (entry.path().extension() != ".yaml" || !is_layer_name(name) || found.contains(name)) continue;
      try {
        const Preset preset = read_preset(name, entry.path());
        found[name] = {name, preset.title, preset.description};
      } catch (const Error& e) {  // one broken file must not hide the others
        found[name] = {name, name, std::string("cannot be used: ") + e.what()};
      }
    }
  }
  std::vector<PresetInfo> all;
  all.reserve(found.size());
  for (auto& [name, info] : found) all.push_back(std::move(info));
  return all;
}

Preset load_preset(const std::string& name_or_file) {
  if (name_or_file.find('/') != std::string::npos || name_or_file.ends_with(".yaml")) {
    const fs::path file(name_or_file);
    return read_preset(file.stem().string(), file);
  }
  std::vector<std::string> names;
  for (const std::string& directory : preset_directories()) {
    const fs::path file = fs::path(directory) / (name_or_file + ".yaml");
    if (fs::exists(file)) return read_preset(name_or_file, file);
    std::error_code none;
    for (const auto& entry : fs::directory_iterator(directory, none)) {
      if (entry.path().extension() == ".yaml") names.push_back(entry.path().stem().string());
    }
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string_view nearest = nearest_name(name_or_file, views);
  throw Error(Exit::usage, "no preset \"" + name_or_file + "\", " +
                               (nearest.empty() ? "expected a file or one of " + join_names(views)
                                                : "did you mean " + std::string(nearest) + "?"));
}

}  // namespace auralis
