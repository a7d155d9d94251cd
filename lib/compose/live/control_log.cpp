// SPDX-License-Identifier: MIT
#include "compose/live/control_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "compose/composer.h"
#include "model/event_stream.h"
#include "model/json_text.h"
#include "model/limits.h"

namespace auralis {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

// Every option but the initial controls, which the control table names, and the seed, which is text in the file: a JSON
// number holds no more than 53 bits everywhere.
template <class Visit>
void each_option(const Visit& visit) {
  visit("preset", &PieceOptions::preset);
  visit("duration_s", &PieceOptions::duration_s);
  visit("cut_s", &PieceOptions::cut_s);
  visit("melody", &PieceOptions::melody);
  visit("harmony", &PieceOptions::harmony);
  visit("tuning", &PieceOptions::tuning);
  visit("keyboard", &PieceOptions::keyboard);
}

std::string options_line(const PieceOptions& options) {
  ordered_json line{{"type", "options"}, {"version", AURALIS_VERSION}};
  if (options.seed) line["seed"] = std::to_string(*options.seed);
  each_option([&](const char* name, auto field) {
    if (options.*field) line[name] = *(options.*field);
  });
  const json initial = control_fields(options.initial);
  for (const auto& [name, value] : initial.items()) line[name] = value;
  return line.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
}

PieceOptions read_options(const json& line) {
  PieceOptions options;
  each_option([&](const char* name, auto field) {
    using Value = typename std::decay_t<decltype(options.*field)>::value_type;
    if (const auto found = line.find(name); found != line.end())
      options.*field = found->template get<Value>();
  });
  if (const auto seed = line.find("seed"); seed != line.end()) {
    const std::string text = seed->get<std::string>();
    uint64_t value = 0;
    const auto [rest, status] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (status != std::errc() || rest != text.data() + text.size()) {
      throw ControlError("seed", "seed is \"" + text + "\", expected a whole number");
    }
    options.seed = value;
  }
  for (size_t i = 0; i < control_count; ++i) {
    const ControlInfo& info = control_table[i];
    const std::string name(info.name);
    const bool is_option = info.kind == ControlKind::preset || info.kind == ControlKind::tuning;
    if (!is_option && line.contains(name)) options.initial.values[i] = parse_value(info, line.at(name), name);
  }
  for (const auto& [name, seconds] :
       {std::pair("duration_s", options.duration_s), std::pair("cut_s", options.cut_s)}) {
    if (seconds && !(*seconds > 0.0))
      throw ControlError(name, std::string(name) + " is not above 0, expected seconds");
  }
  if (options.melody && std::ranges::find(melody_names, *options.melody) == melody_names.end()) {
    throw ControlError("melody", "melody is unknown, expected constraint, transformer or none");
  }
  return options;
}

double read_time(const json& line, double not_before) {
  const auto t = line.find("t");
  if (t == line.end() || !t->is_number()) throw ControlError("t", "no \"t\", expected the time in seconds");
  if (!(t->get<double>() >= not_before))
    throw ControlError("t", "t goes back, expected controls in order of time");
  return t->get<double>();
}

// A line that says something of a take, each added to what is known of it.
class LogReader {
 public:
  explicit LogReader(const std::string& path) { log_.path = path; }

  void read_line(std::string_view line) {
    ++number_;
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) return;
    try {
      read_object(line);
    } catch (const ControlError& error) {
      throw Error::at(log_.path, number_, error.what());
    } catch (const json::exception& error) {
      throw Error::at(log_.path, number_, std::string("not a line of a control log: ") + error.what());
    }
  }

  ControlLog take() {
    if (!version_.empty() && version_ != AURALIS_VERSION) {
      log_warning(log_.path + " was recorded by version " + version_ +
                  ", this is " AURALIS_VERSION ": the same controls may give another piece");
    }
    return std::move(log_);
  }

 private:
  void read_object(std::string_view line) {
    const json object = parse_json(line);
    if (!object.is_object()) {
      throw ControlError("", (object.is_discarded() ? std::string(why_not_json(line)) : "not a JSON object") +
                                 ", expected a line of a control log");
    }
    const std::string type = object.value("type", std::string());
    if (type == "options") {
      ControlLog next;
      next.path = log_.path;
      next.options = read_options(object);
      next.takes = log_.takes + 1;
      version_ = object.value("version", std::string());
      log_ = std::move(next);
      last_t_ = 0.0;
    } else if (type == "control") {
      last_t_ = read_time(object, last_t_);
      log_.controls.push_back({number_, last_t_, parse_control(object)});
    } else if (type == "stop") {
      last_t_ = read_time(object, last_t_);
      log_.stop_s = last_t_;
      log_.ending = object.value("quick", false) ? Ending::quick : Ending::musical;
    } else {
      throw ControlError("type", "type is " + short_text(json(type)) + ", expected options, control or stop");
    }
  }

  ControlLog log_;
  std::string version_;  // of the composer that was recorded; empty where the log does not say
  long number_ = 0;
  double last_t_ = 0.0;
};

int open_log(const std::string& path) {
  return ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
}

}  // namespace

void PieceOptions::complete(const PieceOptions& other) {
  if (!seed) seed = other.seed;
  each_option([&](const char*, auto field) {
    if (!(this->*field)) this->*field = other.*field;
  });
  Control both = other.initial;
  both.merge(initial);
  initial = both;
}

ControlLog read_control_log(const std::string& path) {
  const std::string text = read_file(path, limits::log_bytes, "a control log");
  LogReader reader(path);
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    reader.read_line(line);
  }
  return reader.take();
}

ControlLogWriter::ControlLogWriter(const std::string& path, const PieceOptions& options)
    : path_(path), fd_(open_log(path)) {
  if (fd_ < 0) throw Error(Exit::environment, "cannot open " + path + ": " + std::strerror(errno));
  // A line that a full disk cut off is nobody's beginning.
  char last = '\n';
  const off_t size = ::lseek(fd_, 0, SEEK_END);
  const bool in_line = size > 0 && ::pread(fd_, &last, 1, size - 1) == 1 && last != '\n';
  append((in_line ? "\n" : "") + options_line(options));
}

ControlLogWriter::~ControlLogWriter() { ::close(fd_); }

void ControlLogWriter::control(const ControlEvent& event) { append(to_line(event)); }

void ControlLogWriter::stop(double t, Ending ending) {
  ordered_json line{{"type", "stop"}, {"t", t}};
  if (ending == Ending::quick) line["quick"] = true;
  append(line.dump() + "\n");
}

// What was removed still has all its bytes as long as it is open here.
void ControlLogWriter::make_again_if_removed() {
  struct stat now {};
  if (::fstat(fd_, &now) != 0 || !S_ISREG(now.st_mode) || now.st_nlink > 0) return;
  std::error_code none;  // what cannot be made cannot be opened either
  const std::filesystem::path folder = std::filesystem::path(path_).parent_path();
  if (!folder.empty()) std::filesystem::create_directories(folder, none);
  const int fd = open_log(path_);
  if (fd < 0) return;
  std::array<char, 65536> bytes;
  off_t at = 0;
  for (ssize_t count = 0; (count = ::pread(fd_, bytes.data(), bytes.size(), at)) > 0; at += count) {
    if (try_write(fd, {bytes.data(), static_cast<size_t>(count)}).error == 0) continue;
    ::close(fd);
    return;
  }
  ::close(fd_);
  fd_ = fd;
  log_warning("the control log " + path_ + " was removed; it is made again, with all that was in it");
}

void ControlLogWriter::append(std::string_view line) {
  if (ended_) return;
  make_again_if_removed();
  const Written written = try_write(fd_, line);
  if (written.error == 0) return;
  ended_ = true;  // what came behind a gap would replay as another piece
  const off_t size = ::lseek(fd_, 0, SEEK_END);
  [[maybe_unused]] const bool is_whole =
      written.bytes == 0 || ::ftruncate(fd_, size - static_cast<off_t>(written.bytes)) == 0;
  log_warning("the control log " + path_ + " ends here: " + std::strerror(written.error) +
              "; the music goes on");
}

}  // namespace auralis
