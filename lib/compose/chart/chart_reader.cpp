// SPDX-License-Identifier: MIT
#include "compose/chart/chart_reader.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <numeric>
#include <utility>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/text.h"
#include "compose/midi/midi_file.h"
#include "compose/midi/midi_limits.h"
#include "model/limits.h"
#include "model/music.h"

namespace auralis {
namespace {

constexpr double shortest_chord_s = 0.5;
constexpr double longest_chord_s = 3600.0;

std::vector<std::string_view> words(std::string_view line) {
  std::vector<std::string_view> out;
  constexpr std::string_view space = " \t\r";
  while (true) {
    const size_t begin = line.find_first_not_of(space);
    if (begin == std::string_view::npos) return out;
    line.remove_prefix(begin);
    const size_t end = line[0] == '|' ? 1 : std::min(line.find_first_of(" \t\r|"), line.size());
    out.push_back(line.substr(0, end));
    line.remove_prefix(end);
  }
}

// "40s", "1.5m" or "40" in seconds.
std::optional<double> parse_seconds(std::string_view text) {
  double value = 0.0;
  const auto [rest, status] =
      std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (status != std::errc()) return std::nullopt;
  const std::string_view unit(rest, static_cast<size_t>(text.data() + text.size() - rest));
  if (unit == "m") value *= 60.0;
  if (!(unit.empty() || unit == "s" || unit == "m")) return std::nullopt;
  return value >= shortest_chord_s && value <= longest_chord_s ? std::optional(value) : std::nullopt;
}

ChartChord chart_chord(const ChordSymbol& symbol, std::string name, std::optional<double> seconds,
                       const Scale& scale) {
  ChartChord out;
  out.chord = {symbol.root, scale.degree_of(symbol.root), symbol.intervals, std::move(name),
               numeral(scale, symbol.root, symbol.intervals)};
  out.seconds = seconds;
  return out;
}

class Chart {
 public:
  Chart(const std::string& name, const Scale& scale) : name_(name), scale_(scale) {}

  void read_line(std::string_view line) {
    ++line_;
    const std::vector<std::string_view> all = words(line);
    if (all.empty() || all[0][0] == '#') return;
    if (all[0] == "bar") {
      bar_s_ = all.size() == 2 ? parse_seconds(all[1]) : std::nullopt;
      if (!bar_s_) throw wrong("bar without a length, expected one of 0.5s to 60m such as \"bar 32s\"");
    } else if (std::find(all.begin(), all.end(), "|") != all.end()) {
      read_bars(all);
    } else if (all.size() == 1) {
      add(all[0], bar_s_);
    } else if (all.size() == 2) {
      const std::optional<double> seconds = parse_seconds(all[1]);
      if (!seconds)
        throw wrong("\"" + std::string(all[1]) + "\" is no length, expected 0.5s to 60m such as 40s");
      add(all[0], seconds);
    } else {
      throw wrong("more than a chord and its length, expected \"Dm9 40s\" or bars with |");
    }
  }

  std::vector<ChartChord> finish() {
    if (chords_.empty()) {
      throw Error::at(name_, line_ + 1,
                      "no chords, expected bars such as \"| Dm9 | G7sus4 |\" or lines such as \"Dm9 40s\"");
    }
    return std::move(chords_);
  }

 private:
  Error wrong(const std::string& what) const { return Error::at(name_, line_, what); }

  // The chords of a bar share its length; without one each takes the preset's time.
  void read_bars(const std::vector<std::string_view>& all) {
    std::vector<std::string_view> bar;
    const auto close = [&] {
      for (std::string_view symbol : bar) {
        add(symbol, bar_s_ ? std::optional(*bar_s_ / static_cast<double>(bar.size())) : std::nullopt);
      }
      bar.clear();
    };
    for (std::string_view word : all) {
      if (word == "|") {
        close();
      } else {
        bar.push_back(word);
      }
    }
    close();
  }

  // "%" is the chord before once more.
  void add(std::string_view symbol, std::optional<double> seconds) {
    if (symbol == "%") {
      if (chords_.empty()) throw wrong("\"%\" with no chord before it to repeat");
      if (seconds && chords_.back().seconds) {
        *chords_.back().seconds += *seconds;
      } else {
        chords_.push_back(chords_.back());
      }
      return;
    }
    const std::optional<ChordSymbol> parsed = parse_chord_symbol(symbol);
    if (!parsed) {
      throw wrong("\"" + std::string(first_bytes(symbol, 40)) +
                  "\" is no chord, expected a symbol such as Dm9, G7sus4 or C/E");
    }
    chords_.push_back(chart_chord(*parsed, std::string(symbol), seconds, scale_));
  }

  const std::string& name_;
  const Scale& scale_;
  long line_ = 0;
  std::optional<double> bar_s_;
  std::vector<ChartChord> chords_;
};

struct NamedChord {
  std::string name;
  ChordSymbol symbol;
};

// The chords that a bar may be given.
const std::vector<NamedChord>& candidates() {
  static const std::vector<NamedChord> all = [] {
    constexpr std::array<std::string_view, 12> suffixes{"",     "m",    "maj7", "m7", "7",    "sus2",
                                                        "sus4", "add9", "maj9", "m9", "m7b5", "7sus4"};
    std::vector<NamedChord> chords;
    for (int root = 0; root < 12; ++root) {
      for (const std::string_view suffix : suffixes) {
        std::string name = std::string(key_name(root)) + std::string(suffix);
        ChordSymbol symbol = *parse_chord_symbol(name);
        chords.push_back({std::move(name), std::move(symbol)});
      }
    }
    return chords;
  }();
  return all;
}

using PitchClassTimes = std::array<double, 12>;

// The chord whose notes cover most of a bar's time and that adds least of its own.
const NamedChord& fit_chord(const PitchClassTimes& times, int bass) {
  double total = 0.0;
  for (const double time : times) total += time;
  const NamedChord* best = nullptr;
  double best_score = -1e9;
  for (const NamedChord& chord : candidates()) {
    double score = chord.symbol.root == bass ? 0.1 : 0.0;
    for (const int interval : chord.symbol.intervals) {
      const double share = times[static_cast<size_t>((chord.symbol.root + interval) % 12)] / total;
      score += share - 0.01 - (share < 0.02 ? 0.15 : 0.0);
    }
    if (score > best_score + 1e-9) {
      best_score = score;
      best = &chord;
    }
  }
  return *best;
}

// Chords one after the other; equal neighbours, and what is too short to be heard as a chord, become one with the last.
class MidiChords {
 public:
  explicit MidiChords(const Scale& scale) : scale_(scale) {}

  void add(const NamedChord& chord, double seconds) {
    const bool too_short = !chords_.empty() && *chords_.back().seconds < shortest_chord_s;
    if (!chords_.empty() && (too_short || chords_.back().chord.name == chord.name)) {
      hold(seconds);
    } else {
      chords_.push_back(chart_chord(chord.symbol, chord.name, seconds, scale_));
    }
  }
  void hold(double seconds) {
    if (!chords_.empty()) *chords_.back().seconds += seconds;
  }
  std::vector<ChartChord> take() {
    if (!chords_.empty() && *chords_.back().seconds < shortest_chord_s) {
      const double rest = *chords_.back().seconds;
      if (chords_.size() > 1) chords_.pop_back();
      chords_.back().seconds = std::max(shortest_chord_s, *chords_.back().seconds + rest);
    }
    return std::move(chords_);
  }

 private:
  const Scale& scale_;
  std::vector<ChartChord> chords_;
};

// Empty where a marker is no chord.
std::vector<ChartChord> chords_of_markers(const MidiSong& song, const Scale& scale) {
  MidiChords chords(scale);
  for (size_t i = 0; i < song.markers.size(); ++i) {
    const std::optional<ChordSymbol> symbol = parse_chord_symbol(song.markers[i].text);
    if (!symbol) return {};
    const double end = i + 1 < song.markers.size() ? song.markers[i + 1].t : song.duration_s;
    if (end > song.markers[i].t) chords.add({song.markers[i].text, *symbol}, end - song.markers[i].t);
  }
  return chords.take();
}

// What sounds in each bar, from the notes in any order: however many bars a note lasts, it costs the same.
class BarNotes {
 public:
  explicit BarNotes(const MidiSong& song)
      : song_(song), partial_(bars() + 1), whole_(bars() + 1), lowest_(bars()) {
    std::vector<const MidiNote*> notes;
    for (const MidiNote& note : song.notes) {
      if (!note.percussion) notes.push_back(&note);
    }
    std::stable_sort(notes.begin(), notes.end(),
                     [](const MidiNote* a, const MidiNote* b) { return a->pitch < b->pitch; });
    unclaimed_.resize(bars() + 1);
    std::iota(unclaimed_.begin(), unclaimed_.end(), size_t{0});
    for (const MidiNote* note : notes) add(*note);
    for (size_t bar = 0; bar < bars(); ++bar) {
      for (size_t pc = 0; pc < 12; ++pc) {
        whole_[bar + 1][pc] += whole_[bar][pc];
        partial_[bar][pc] += whole_[bar][pc] * length_s(bar);
      }
    }
  }

  size_t bars() const { return song_.bar_lines.size(); }
  double length_s(size_t bar) const { return end_s(bar) - song_.bar_lines[bar]; }
  // Seconds of each pitch class.
  const PitchClassTimes& times(size_t bar) const { return partial_[bar]; }
  // Nothing in a bar of rest.
  const std::optional<double>& lowest(size_t bar) const { return lowest_[bar]; }

 private:
  double end_s(size_t bar) const { return bar + 1 < bars() ? song_.bar_lines[bar + 1] : song_.duration_s; }
  size_t bar_at(double t) const {
    const auto after = std::upper_bound(song_.bar_lines.begin(), song_.bar_lines.end(), t);
    return static_cast<size_t>(std::max<std::ptrdiff_t>(0, after - song_.bar_lines.begin() - 1));
  }

  // Lower notes come first: a bar that is claimed has its bass.
  void add(const MidiNote& note) {
    const double end = note.t + note.dur;
    const size_t first = bar_at(note.t);
    size_t last = bar_at(end);
    if (last > first && song_.bar_lines[last] >= end) --last;
    const auto pc = static_cast<size_t>(std::llround(note.pitch)) % 12;
    const auto share_s = [&](size_t bar) {
      return std::max(0.0, std::min(end_s(bar), end) - std::max(song_.bar_lines[bar], note.t));
    };
    if (share_s(first) <= 0.0 && first == last) return;
    partial_[first][pc] += share_s(first);
    if (last > first) {
      partial_[last][pc] += share_s(last);
      whole_[first + 1][pc] += 1.0;
      whole_[last][pc] -= 1.0;
    }
    for (size_t bar = next_unclaimed(first); bar <= last; bar = next_unclaimed(bar + 1)) {
      if (share_s(bar) <= 0.0) continue;
      lowest_[bar] = note.pitch;
      unclaimed_[bar] = bar + 1;
    }
  }

  // The first from here on that no note has claimed; the way there is shortened for the next who asks.
  size_t next_unclaimed(size_t bar) {
    while (unclaimed_[bar] != bar) {
      unclaimed_[bar] = unclaimed_[unclaimed_[bar]];
      bar = unclaimed_[bar];
    }
    return bar;
  }

  const MidiSong& song_;
  std::vector<PitchClassTimes> partial_;
  std::vector<PitchClassTimes>
      whole_;  // notes that sound throughout: by how many more than in the bar before
  std::vector<std::optional<double>> lowest_;
  std::vector<size_t> unclaimed_;  // itself, or a bar nearer to the next that is
};

std::vector<ChartChord> chords_of_notes(const MidiSong& song, const Scale& scale) {
  const BarNotes notes(song);
  MidiChords chords(scale);
  for (size_t bar = 0; bar < notes.bars(); ++bar) {
    const double seconds = notes.length_s(bar);
    if (seconds <= 0.0) continue;
    if (const std::optional<double>& lowest = notes.lowest(bar)) {
      chords.add(fit_chord(notes.times(bar), static_cast<int>(std::llround(*lowest)) % 12), seconds);
    } else {
      chords.hold(seconds);  // a bar of rest
    }
  }
  return chords.take();
}

}  // namespace

std::vector<ChartChord> parse_chord_chart(std::string_view text, const std::string& name,
                                          const Scale& scale) {
  Chart chart(name, scale);
  text = without_byte_order_mark(text);
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    chart.read_line(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return chart.finish();
}

std::vector<ChartChord> harmony_from_midi(std::string_view bytes, const std::string& name,
                                          const Scale& scale) {
  const MidiSong song = read_midi(bytes, name);
  for (const std::string& warning : song.warnings) log_warning(warning);
  if (song.bar_lines.size() > most_midi_bars) {
    throw Error(Exit::bad_input, name + ": more than " + std::to_string(most_midi_bars) +
                                     " bars, expected fewer to find chords in");
  }
  std::vector<ChartChord> chords = chords_of_markers(song, scale);
  if (chords.empty()) chords = chords_of_notes(song, scale);
  if (chords.empty())
    throw Error(Exit::bad_input, name + ": only percussion, expected notes to find chords in");
  return chords;
}

std::vector<ChartChord> read_harmony(const std::string& path, const Scale& scale) {
  const std::string bytes = read_file(path, limits::harmony_bytes, "a chord chart or a MIDI file");
  return is_midi(bytes) ? harmony_from_midi(bytes, path, scale) : parse_chord_chart(bytes, path, scale);
}

}  // namespace auralis
