// SPDX-License-Identifier: MIT
// auralis-compose: a preset and a seed become a stream of events, at once or in real time.
#include <fcntl.h>
#include <sys/random.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <filesystem>
#include <functional>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "cli.h"
#include "compose/composer.h"
#include "compose/day/day_clock.h"
#include "compose/live/control_log.h"
#include "compose/live/live.h"
#include "compose/live/offline.h"
#include "compose/midi/midi_file.h"
#include "compose/preset/harmony_tables.h"
#include "compose/preset/preset_check.h"
#include "compose/preset/preset_files.h"
#include "compose/preset/preset_json.h"
#include "compose/preset/preset_yaml.h"
#include "compose_day.h"
#include "model/event_stream.h"
#include "model/music_words.h"
#include "torch_plugin.h"

namespace auralis {
namespace {

constexpr const char* default_preset = "focus";

struct Options {
  PieceOptions piece;
  std::string key;  // as it was typed: "Dm" says the mode, too
  std::string format;
  std::string midi_tuning;
  std::string output;
  DayOptions day;
  bool live = false;
  int lookahead_ms = 0;
  std::string session;
  std::optional<std::string> control_socket;
  std::optional<std::string> log;
  bool list_presets = false;
  std::optional<std::string> show_preset;
  bool json = false;
  std::vector<std::string> checked;
};

uint64_t parse_seed(const std::string& text) {
  uint64_t seed = 0;
  std::from_chars(text.data(), text.data() + text.size(), seed);
  return seed;
}

void bind(cli::Command& command, Options& options) {
  PieceOptions& piece = options.piece;
  command.bind("--preset", piece.preset);
  command.bind("--seed", [&piece](const std::string& text) { piece.seed = parse_seed(text); });
  command.bind("--duration", piece.duration_s);
  for (size_t i = 0; i < control_count; ++i) {
    const ControlInfo& info = control_table[i];
    if (cli::takes_files(info)) continue;
    command.bind("--" + std::string(info.name), [&info, &options, i](const std::string& text) {
      options.piece.initial.values[i] = parse_text(info, text);
      if (info.kind == ControlKind::key) options.key = text;
    });
  }
  command.bind("--melody", piece.melody);
  command.bind("--harmony", piece.harmony);
  command.bind("--tuning", piece.tuning);
  command.bind("--keyboard", piece.keyboard);
  command.bind("--cut", piece.cut_s);
  command.bind("--schedule", options.day.schedule);
  command.bind("--start-at", options.day.start_at);
  command.bind("--output", options.output);
  command.bind("--format", options.format);
  command.bind("--midi-tuning", options.midi_tuning);
  command.bind("--live", options.live);
  command.bind("--lookahead", options.lookahead_ms);
  command.bind("--session", options.session);
  command.bind("--control", options.control_socket);
  command.bind("--control-log", options.log);
  command.bind("--list-presets", options.list_presets);
  command.bind("--show-preset", options.show_preset);
  command.bind("--json", options.json);
  command.bind("--check", options.checked);
}

// Small enough to be read out over a telephone; any 64-bit seed may be given.
uint64_t draw_seed() {
  uint32_t seed = 0;
  if (::getrandom(&seed, sizeof seed, 0) != sizeof seed)
    throw Error(Exit::environment, "no random numbers to be had");
  return seed;
}

// "--key Dm" is in a minor mode: in that of --mode, or in aeolian.
void take_mode_of_key(Options& options) {
  const std::optional<KeyWords> key = key_of_words(options.key);
  if (!key || key->mode.empty()) return;
  std::optional<ControlValue>& mode = options.piece.initial[ControlId::mode];
  if (!mode) {
    mode = std::string(key->mode);
    return;
  }
  const auto& chosen = std::get<std::string>(*mode);
  if (chosen == key->mode || (key->is_minor && has_minor_third(chosen))) return;
  throw Error(Exit::usage, "--key is \"" + options.key + "\" and --mode is \"" + chosen +
                               "\", expected one mode; write --key " + key->key + " --mode " + chosen);
}

// Where a piece without an end is not read by a program that takes what it needs.
void say_that_it_is_endless(const Options& options) {
  const bool is_file = options.output != "-";
  if (!is_file && ::isatty(STDOUT_FILENO) != 1) return;
  log_info(std::string("the piece is endless, and ") + (is_file ? options.output : "this") +
           " grows until Ctrl-C ends it; a whole piece has a length, such as --duration 10m");
}

// Where the stream goes: stdout, or a file that appears when it is whole; what a full disk has cut short has another name.
class Output {
 public:
  explicit Output(const std::string& path) {
    if (path != "-") file_.emplace(path);
    name_ = path == "-" ? "<stdout>" : path;
  }
  int fd() const { return file_ ? file_->fd() : STDOUT_FILENO; }
  const std::string& name() const { return name_; }
  void write(std::string_view bytes) {
    if (file_) {
      file_->write(bytes);
      is_empty_ = false;
    } else {
      write_all(STDOUT_FILENO, bytes, name_);
    }
  }
  void commit() {
    if (file_) file_->commit();
  }
  // The name of what was written of a file, empty where that is nothing.
  std::string keep() { return file_ && !is_empty_ ? file_->commit_partial().string() : std::string(); }

 private:
  std::optional<AtomicFile> file_;
  std::string name_;
  bool is_empty_ = true;
};

void show_composed(double t_s, double duration_s) {
  if (duration_s <= 0.0) return;
  const double share = std::min(1.0, t_s / duration_s);
  show_progress("composed " + std::to_string(static_cast<int>(100.0 * share)) + " %");
}

void write_live(Composer& composer, const Options& options, DayPlayer* day, Output& output) {
  LiveSettings live;
  live.lookahead_s = options.lookahead_ms * 1e-3;
  live.session = options.session;
  live.socket = options.control_socket;
  live.log = options.log;
  live.options = options.piece;
  live.day = day;
  live.day_now = [&options, day](double piece_s) {
    return options.day.start_at ? day->begins() + piece_s : wall_now();
  };
  live.output_fd = output.fd();
  live.output_name = output.name();
  play_live(composer, live);
}

void write_midi(Composer& composer, const Options& options, const ControlLog& log, DayPlayer* day,
                Output& output) {
  std::vector<Event> all;
  compose_offline(composer, log, day, [&](std::vector<Event>& events, double t_s) {
    all.insert(all.end(), std::make_move_iterator(events.begin()), std::make_move_iterator(events.end()));
    show_composed(t_s, options.piece.duration_s.value_or(0.0));
  });
  output.write(
      midi_from_events(all, options.midi_tuning == "bend" ? MidiTuning::bends : MidiTuning::standard));
}

void write_stream(Composer& composer, const Options& options, const ControlLog& log, DayPlayer* day,
                  Output& output) {
  const double shown_duration_s = options.output == "-" ? 0.0 : options.piece.duration_s.value_or(0.0);
  compose_offline(composer, log, day, [&](std::vector<Event>& events, double t_s) {
    std::string lines;
    for (const Event& event : events) lines += to_line(event);
    output.write(lines);
    show_composed(t_s, shown_duration_s);
  });
}

// Lower case, such as ".mid".
std::string extension_of(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

// The format that a file's name and --format ask for, together.
bool is_midi_output(const Options& options, bool format_given) {
  const std::string extension = extension_of(options.output);
  constexpr std::array sound{".wav", ".flac", ".ogg", ".opus", ".mp3", ".m4a", ".aac", ".aif", ".aiff"};
  if (const auto kind = std::ranges::find(sound, extension); kind != sound.end()) {
    const bool is_made = kind - sound.begin() < 4;  // by auralis-render
    const std::filesystem::path name(options.output);
    throw Error(Exit::usage,
                name.string() + " is a name for sound, and auralis-compose writes events; type: " +
                    "auralis-compose ... | auralis-render -o " +
                    (is_made ? name : std::filesystem::path(name).replace_extension(".flac")).string());
  }
  const bool midi_name = extension == ".mid" || extension == ".midi";
  const bool midi = !options.live && (format_given ? options.format == "midi" : midi_name);
  if (midi ? extension == ".jsonl" : midi_name) {
    throw Error(Exit::usage, options.output + " is a name for " + (midi ? "an event stream" : "a MIDI file") +
                                 ", expected " +
                                 (midi ? "one that ends in .mid" : "one that ends in .jsonl") +
                                 (options.live ? " with --live" : " with --format " + options.format));
  }
  return midi;
}

ControlLog logged(Options& options) {
  if (!options.log || options.live) return {};
  ControlLog log = read_control_log(*options.log);
  if (log.takes > 1) {
    log_warning(log.path + " holds " + std::to_string(log.takes) + " takes, the last is played");
  }
  options.piece.complete(log.options);
  return log;
}

void write_piece(Composer& composer, const Options& options, const ControlLog& log, DayPlayer* day, bool midi,
                 Output& output) {
  if (options.live) {
    write_live(composer, options, day, output);
  } else if (midi) {
    write_midi(composer, options, log, day, output);
  } else {
    write_stream(composer, options, log, day, output);
  }
}

void compose(Options options, bool format_given) {
  const bool midi = is_midi_output(options, format_given);
  PieceOptions& piece = options.piece;
  const ControlLog log = logged(options);
  if (midi && !piece.duration_s && !piece.cut_s && !log.stop_s) {
    throw Error(Exit::usage, "a MIDI file is a whole piece, so it needs --duration, such as --duration 10m");
  }
  if (midi && options.output == "-") {
    cli::refuse_terminal("a MIDI file", "add -o piece.mid, or pipe it on");
  }
  take_mode_of_key(options);
  if (!piece.duration_s && !piece.cut_s && !log.stop_s) say_that_it_is_endless(options);
  if (!piece.preset) piece.preset = default_preset;
  if (!piece.seed) piece.seed = draw_seed();
  Preset preset = load_preset(*piece.preset);
  options.day.live = options.live;
  options.day.replays = options.log && !options.live;
  std::optional<DayPlayer> day = begin_day(options.day, piece, preset);
  ComposeSettings settings = compose_settings(piece, preset);
  std::unique_ptr<MelodySource> source;
  std::unique_ptr<VoicesSource> voices;
  if (settings.melody == MelodyKind::transformer) {
    source = open_transformer(settings.seed);
    voices = open_voices();
    settings.source = source.get();
    settings.voices = voices.get();
  }
  Composer composer(preset, settings);
  Output output(options.output);
  try {
    write_piece(composer, options, log, day ? &*day : nullptr, midi, output);
  } catch (const Error& error) {
    const std::string kept = output.keep();
    if (kept.empty()) throw;
    throw Error(error.exit, error.what() + ("; the events until there are in " + kept));
  }
  output.commit();
}

void print_presets() {
  std::string text;
  for (const PresetInfo& info : list_presets()) {
    const auto column = [&text](const std::string& word, size_t width) {
      text += printable(word) + std::string(word.size() < width ? width - word.size() : 1, ' ');
    };
    column(info.name, 16);
    column(info.group, 12);
    text += printable(info.title);
    if (!info.description.empty()) text += ": " + printable(info.description);
    text += "\n";
  }
  write_all(STDOUT_FILENO, text, "<stdout>");
}

void print_preset(const Preset& preset, bool as_json) {
  std::string text;
  if (as_json) {
    const nlohmann::ordered_json whole{{"preset", preset_json(preset)},
                                       {"harmony", harmony_json(installed_harmony_tables())}};
    text = whole.dump() + "\n";
  } else {
    text = preset_yaml(preset);
  }
  write_all(STDOUT_FILENO, text, "<stdout>");
}

// All that is wrong with them goes to standard error.
void check_presets(const std::vector<std::string>& presets) {
  std::string fine;
  size_t faults = 0;
  for (const std::string& preset : presets) {
    const std::vector<std::string> found = check_preset(preset);
    for (const std::string& fault : found) log(LogLevel::error, fault);
    if (found.empty()) fine += preset + ": nothing is wrong\n";
    faults += found.size();
  }
  write_all(STDOUT_FILENO, fine, "<stdout>");
  if (faults > 0)
    throw Error(Exit::bad_input, std::to_string(faults) + (faults == 1 ? " mistake" : " mistakes"));
}

}  // namespace
}  // namespace auralis

int main(int argc, char** argv) {
  using namespace auralis;
  cli::Command command(cli::compose_command());
  Options options;
  bind(command, options);
  command.on_run([&options, &command] {
    if (options.list_presets) {
      print_presets();
    } else if (!options.checked.empty()) {
      check_presets(options.checked);
    } else if (options.show_preset) {
      print_preset(load_preset(*options.show_preset), options.json);
    } else {
      compose(std::move(options), command.given("--format"));
    }
  });
  return command.run(argc, argv);
}
