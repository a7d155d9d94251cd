// SPDX-License-Identifier: MIT
#include "compose/tuning/scala.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/error.h"
#include "base/text.h"
#include "model/maths.h"
#include "model/music.h"
#include "model/number_text.h"

namespace auralis {
namespace {

constexpr size_t longest_shown = 40;
constexpr std::string_view blanks = " \t\v\f";

std::string shown(std::string_view text) {
  return "\"" + printable(valid_utf8(first_bytes(text, longest_shown))) + "\"";
}

// The lines that are no comments, whatever ends them.
class Lines {
 public:
  Lines(std::string_view text, const std::string& file) : rest_(without_byte_order_mark(text)), file_(file) {}

  std::optional<std::string_view> next() {
    while (!rest_.empty()) {
      const size_t end = std::min(rest_.find_first_of("\r\n"), rest_.size());
      const std::string_view line = rest_.substr(0, end);
      const size_t ends = rest_.substr(end).starts_with("\r\n") ? 2 : 1;
      rest_.remove_prefix(std::min(rest_.size(), end + ends));
      ++number_;
      if (!line.starts_with('!')) return line;
    }
    return std::nullopt;
  }
  // The first word of the next line that is not blank.
  std::optional<std::string_view> next_word() {
    for (std::optional<std::string_view> line = next(); line; line = next()) {
      if (!word(*line).empty()) return word(*line);
    }
    return std::nullopt;
  }
  std::string_view value(const std::string& what) {
    const std::optional<std::string_view> found = next_word();
    if (!found) fail_at_end("the file ends", what);
    return *found;
  }
  [[noreturn]] void fail(const std::string& what) const { throw Error::at(file_, number_, what); }
  [[noreturn]] void fail_at_end(const std::string& what, const std::string& expected) const {
    throw Error::at(file_, number_ + 1, what + ", expected " + expected);
  }

 private:
  static std::string_view word(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
    return line.substr(0, std::min(line.find_first_of(blanks), line.size()));
  }

  std::string_view rest_;
  const std::string& file_;
  long number_ = 0;
};

// All of a text as a number, or nothing.
template <typename Number, typename... Format>
std::optional<Number> number(std::string_view text, Format... format) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value, format...);
  if (status != std::errc() || rest != text.data() + text.size()) return std::nullopt;
  return value;
}

// Digits alone, however many: some ratios of the archive have thirty.
std::optional<double> whole(std::string_view text) {
  const bool digits = !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
  const std::optional<double> value = digits ? number<double>(text, std::chars_format::fixed) : std::nullopt;
  return value && *value > 0.0 ? value : std::nullopt;
}

// "3/2" and "2".
std::optional<double> ratio(std::string_view text) {
  const size_t slash = text.find('/');
  const std::optional<double> above = whole(text.substr(0, slash));
  if (slash == std::string_view::npos || !above) return above;
  const std::optional<double> below = whole(text.substr(slash + 1));
  return below ? std::optional(*above / *below) : std::nullopt;
}

double tone_cents(const Lines& lines, std::string_view text) {
  std::optional<double> cents;
  if (text.find('.') != std::string::npos) {
    cents = number<double>(text, std::chars_format::fixed);
  } else if (const std::optional<double> up = ratio(text)) {
    cents = 1200.0 * maths::log2(*up);
  }
  if (!cents) {
    lines.fail(shown(text) +
               " is no tone, expected a ratio such as 3/2, or cents with a point such as 701.955");
  }
  if (!(std::abs(*cents) <= greatest_cents)) {
    lines.fail(shown(text) + " is " + number_text(std::round(*cents)) + " cents, expected " +
               number_text(-greatest_cents) + " to " + number_text(greatest_cents));
  }
  return *cents;
}

int whole_number(Lines& lines, const std::string& what, int least, int most) {
  const std::string_view text = lines.value(what);
  const std::optional<int> value = number<int>(text);
  if (!value || *value < least || *value > most) {
    lines.fail(shown(text) + ", expected " + what + ", " + std::to_string(least) + " to " +
               std::to_string(most));
  }
  return *value;
}

}  // namespace

Tuning parse_scl(std::string_view text, const std::string& file) {
  Lines lines(text, file);
  if (!lines.next()) lines.fail_at_end("an empty file", "a scale of Scala's, a line of description first");
  Tuning tuning{.name = {}};
  const int count =
      whole_number(lines, "the number of tones behind the line of description", 0, most_degrees);
  while (tuning.cents.size() < static_cast<size_t>(count)) {
    const std::optional<std::string_view> tone = lines.next_word();
    if (!tone) {
      lines.fail_at_end("the file ends after " + std::to_string(tuning.cents.size()) + " tones",
                        std::to_string(count) + " as it says above");
    }
    tuning.cents.push_back(tone_cents(lines, *tone));
  }
  return tuning;
}

KeyMap parse_kbm(std::string_view text, const std::string& file) {
  constexpr int farthest_degree = 1'000'000;
  Lines lines(text, file);
  KeyMap map;
  const int size = whole_number(lines, "the size of the map", 0, most_degrees);
  map.first = whole_number(lines, "the first key to tune", 0, key_count - 1);
  map.last = whole_number(lines, "the last key to tune", 0, key_count - 1);
  map.middle = whole_number(lines, "the key of the first entry", 0, key_count - 1);
  map.reference_key = whole_number(lines, "the key whose frequency is given", 0, key_count - 1);
  const std::string_view hz = lines.value("the frequency of that key");
  const std::optional<double> reference = number<double>(hz, std::chars_format::fixed);
  if (!reference || !(*reference >= 1e-3 && *reference <= 1e6))
    lines.fail(shown(hz) + ", expected the frequency of that key in Hz, such as 440.0");
  map.reference_hz = *reference;
  map.octave_degree = whole_number(lines, "the degree that is the octave", -farthest_degree, farthest_degree);
  while (map.degrees.size() < static_cast<size_t>(size)) {
    const std::optional<std::string_view> entry = lines.next_word();
    if (!entry) break;  // what is left out at the end is silent
    const std::optional<int> degree = number<int>(*entry);
    const bool is_near = degree && *degree >= -farthest_degree && *degree <= farthest_degree;
    if (*entry != "x" && *entry != "X" && !is_near)
      lines.fail(shown(*entry) + ", expected a degree of the scale, or x for a silent key");
    map.degrees.push_back(degree);
  }
  map.degrees.resize(static_cast<size_t>(size));
  if (const std::string fault = key_map_fault(map); !fault.empty()) lines.fail(fault);
  return map;
}

std::string key_map_fault(const KeyMap& map) {
  if (map.degrees.empty()) return {};
  const int place = wrap(map.reference_key - map.middle, static_cast<int>(map.degrees.size()));
  if (map.degrees[static_cast<size_t>(place)]) return {};
  return "key " + std::to_string(map.reference_key) +
         ", whose frequency is given, is silent, expected one that plays a degree of the scale";
}

}  // namespace auralis
