// SPDX-License-Identifier: MIT
#include "compose/score/score_plot.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <vector>

#include "base/text.h"
#include "compose/score/score.h"
#include "model/layer.h"

namespace auralis {
namespace {

constexpr double page_width = 1440.0;
constexpr double left = 46.0;
constexpr double right = 16.0;
constexpr double top = 78.0;
constexpr double chord_height = 22.0;
constexpr double roll_height = 170.0;
constexpr double row_gap = 34.0;
constexpr double shortest_row_s = 120.0;
constexpr double most_rows = 12.0;
constexpr double least_note_width = 1.2;

std::string fixed(double x) {
  std::array<char, 40> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), x, std::chars_format::fixed, 1).ptr;
  return {text.data(), end};
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    if (c == '<') {
      out += "&lt;";
    } else if (c == '&') {
      out += "&amp;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (static_cast<unsigned char>(c) >= 0x20) {
      out += c;
    }
  }
  return out;
}

std::string_view colour(std::string_view layer) {
  const auto known = find_layer(layer_kind(layer));
  return known ? info_of(*known).colour : "#6b6b6b";
}

std::string clock(double s) {
  const auto total = static_cast<long>(std::llround(s));
  const auto two = [](long n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::string minutes_seconds = two(total / 60 % 60) + ":" + two(total % 60);
  return total >= 3600 ? std::to_string(total / 3600) + ":" + minutes_seconds : minutes_seconds;
}

std::string text(double x, double y, std::string_view css_class, std::string_view content) {
  return "<text x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" class=\"" + std::string(css_class) + "\">" +
         escaped(content) + "</text>\n";
}

std::string box(double x, double y, double width, double height, const std::string& attributes) {
  return "<rect x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" width=\"" + fixed(width) + "\" height=\"" +
         fixed(height) + "\" " + attributes + "/>\n";
}

class Page {
 public:
  explicit Page(std::span<const Event> events)
      : notes_(sounded_notes(events)), length_s_(std::max(1.0, piece_length_s(events))) {
    for (const Event& event : events) {
      if (const auto* start = std::get_if<StartEvent>(&event)) {
        title_ = join_known({start->preset, join_known({start->key, start->mode}, " "),
                             start->seed.empty() ? "" : "seed " + start->seed, clock(length_s_)},
                            ", ");
      } else if (const auto* chord = std::get_if<ChordEvent>(&event)) {
        chords_.push_back(chord);
      }
    }
    for (const SoundedNote& note : notes_) {
      lowest_ = std::min(lowest_, note.pitch);
      highest_ = std::max(highest_, note.pitch);
      if (std::find(layers_.begin(), layers_.end(), note.layer) == layers_.end())
        layers_.push_back(note.layer);
    }
    lowest_ = std::floor(lowest_ / 12.0) * 12.0;
    highest_ = std::max(lowest_ + 12.0, std::ceil((highest_ + 1.0) / 12.0) * 12.0);
    // Whole half minutes, so that rows begin at times that read well.
    row_s_ = std::max(shortest_row_s, std::ceil(length_s_ / most_rows / 30.0) * 30.0);
    rows_ = static_cast<int>(std::ceil(length_s_ / row_s_));
  }

  std::string svg() {
    const double height = top + rows_ * (chord_height + roll_height + row_gap);
    out_ = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + fixed(page_width) + "\" height=\"" +
           fixed(height) + "\" viewBox=\"0 0 " + fixed(page_width) + " " + fixed(height) +
           "\">\n<style>text{font-family:sans-serif;fill:#333}.title{font-size:20px}.chord{font-size:12px;"
           "fill:#222}"
           ".axis{font-size:10px;fill:#777}.key{font-size:12px}</style>\n";
    out_ += box(0, 0, page_width, height, "fill=\"#fcfbf8\"");
    out_ += text(left, 32, "title", title_);
    double x = left;
    for (const std::string& layer : layers_) {
      out_ += box(x, 48, 12, 12, "rx=\"2\" fill=\"" + std::string(colour(layer)) + "\"");
      out_ += text(x + 17, 58, "key", layer);
      x += 40.0 + 7.0 * static_cast<double>(layer.size());
    }
    for (int row = 0; row < rows_; ++row) draw_frame(row);
    for (const SoundedNote& note : notes_) draw_note(note);
    for (size_t i = 0; i < chords_.size(); ++i) {
      const double end = i + 1 < chords_.size() ? chords_[i + 1]->t : length_s_;
      draw_chord(*chords_[i], end);
    }
    return out_ + "</svg>\n";
  }

 private:
  int row_of(double t) const { return std::clamp(static_cast<int>(t / row_s_), 0, rows_ - 1); }
  double roll_top(int row) const { return top + row * (chord_height + roll_height + row_gap) + chord_height; }
  double x_of(double t, int row) const {
    return left + std::clamp((t - row * row_s_) / row_s_, 0.0, 1.0) * (page_width - left - right);
  }
  double y_of(double pitch, int row) const {
    return roll_top(row) + (highest_ - pitch) / (highest_ - lowest_) * roll_height;
  }

  void draw_frame(int row) {
    const double y = roll_top(row);
    const double end = std::min(length_s_, (row + 1) * row_s_);
    out_ += box(left, y, x_of(end, row) - left, roll_height, "fill=\"#f3f0e8\"");
    for (double pitch = lowest_; pitch < highest_; pitch += 12.0) {
      out_ += box(left, y_of(pitch, row), x_of(end, row) - left, 0.5, "fill=\"#cfc9ba\"");
      out_ += text(8, y_of(pitch, row) + 3, "axis", "C" + std::to_string(static_cast<int>(pitch) / 12 - 1));
    }
    const double tick_s = row_s_ / 8.0 >= 60.0 ? std::ceil(row_s_ / 8.0 / 60.0) * 60.0 : 15.0;
    for (double t = row * row_s_; t < end; t += tick_s) {
      out_ += text(x_of(t, row), y + roll_height + 14, "axis", clock(t));
    }
  }

  void draw_note(const SoundedNote& note) {
    const double height = std::max(1.5, roll_height / (highest_ - lowest_) * 0.9);
    const std::string attributes = "rx=\"1\" fill=\"" + std::string(colour(note.layer)) + "\" opacity=\"" +
                                   fixed(0.4 + 0.5 * std::clamp(note.vel, 0.0, 1.0)) + "\"";
    for (int row = row_of(note.t); row <= row_of(note.end); ++row) {
      const double x = x_of(note.t, row);
      const double width = x_of(note.end, row) - x;
      if (row > row_of(note.t) && width <= 0.0) continue;
      out_ += box(x, y_of(note.pitch + 1.0, row), std::max(least_note_width, width), height, attributes);
    }
  }

  void draw_chord(const ChordEvent& chord, double end) {
    const int row = row_of(chord.t);
    const double x = x_of(chord.t, row);
    out_ += box(x, roll_top(row) - 4, 0.8, roll_height + 4, "fill=\"#b9b19c\"");
    // A name that would run into the next is left out of a crowded page.
    const double room = x_of(std::max(end, chord.t), row) - x;
    if (room >= 6.5 * static_cast<double>(chord.name.size()) || row != row_of(end)) {
      out_ += text(x + 2, roll_top(row) - 8, "chord", chord.name);
    }
  }

  std::vector<SoundedNote> notes_;
  std::vector<const ChordEvent*> chords_;
  std::vector<std::string> layers_;
  std::string title_;
  std::string out_;
  double length_s_;
  double lowest_ = 127.0;
  double highest_ = 0.0;
  double row_s_ = 0.0;
  int rows_ = 1;
};

}  // namespace

std::string score_svg(std::span<const Event> events) { return Page(events).svg(); }

}  // namespace auralis
