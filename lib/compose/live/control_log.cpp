// SPDX-License-Identifier: MIT
#include "compose/live/control_log.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/io.h"
#include "compose/composer.h"
#include "model/event_stream.h"

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
  visit("melody", &PieceOptions::melody);
  visit("harmony", &PieceOptions::harmony);
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
    const ControlInfo& info = control_table()[i];
    const std::string name(info.name);
    if (info.kind != ControlKind::preset && line.contains(name))
      options.initial.values[i] = parse_value(info, line.at(name), name);
  }
  if (options.duration_s && !(*options.duration_s > 0.0)) {
    throw ControlError("duration_s", "duration_s is not above 0, expected seconds");
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
  const std::string text = read_file(path);
  ControlLog log;
  log.path = path;
  std::string_view rest = text;
  double last_t = 0.0;
  for (long number = 1; !rest.empty(); ++number) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    try {
      const json object = json::parse(line, nullptr, false);
      if (!object.is_object()) throw ControlError("", "not a JSON object, expected a line of a control log");
      const std::string type = object.value("type", std::string());
      if (type == "options") {
        log.options = read_options(object);
      } else if (type == "control") {
        last_t = read_time(object, last_t);
        log.controls.push_back({number, last_t, parse_control(object)});
      } else if (type == "stop") {
        last_t = read_time(object, last_t);
        log.stop_s = last_t;
      } else {
        throw ControlError("type",
                           "type is \"" + type.substr(0, 40) + "\", expected options, control or stop");
      }
    } catch (const ControlError& error) {
      throw Error::at(path, number, error.what());
    } catch (const json::exception& error) {
      throw Error::at(path, number, std::string("not a line of a control log: ") + error.what());
    }
  }
  return log;
}

ControlLogWriter::ControlLogWriter(const std::string& path, const PieceOptions& options) : path_(path) {
  write_file(path, options_line(options));
  fd_ = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (fd_ < 0) throw Error(Exit::environment, "cannot open " + path + ": " + std::strerror(errno));
}

ControlLogWriter::~ControlLogWriter() { ::close(fd_); }

void ControlLogWriter::control(const ControlEvent& event) { write_all(fd_, to_line(event), path_); }

void ControlLogWriter::stop(double t) {
  ordered_json line{{"type", "stop"}, {"t", t}};
  write_all(fd_, line.dump() + "\n", path_);
}

}  // namespace auralis
