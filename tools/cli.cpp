// SPDX-License-Identifier: MIT
#include "cli.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <iostream>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/session.h"
#include "base/stop.h"
#include "base/text.h"
#include "model/music.h"

namespace auralis::cli {
namespace {

// "--presett is unknown, expected --preset": where an option that exists is near, else the message as it is.
std::string unexpected(const CLI::App& app, const std::string& message) {
  std::vector<const CLI::App*> apps{&app};
  for (const CLI::App* command : app.get_subcommands()) apps.push_back(command);
  std::vector<std::string> names;
  for (const CLI::App* at : apps) {
    for (const CLI::Option* option : at->get_options()) {
      for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    }
  }
  const std::vector<std::string_view> known(names.begin(), names.end());
  for (const std::string& word : app.remaining(true)) {
    if (!word.starts_with("--")) continue;
    const std::string_view nearest = nearest_name(word.substr(0, word.find('=')), known);
    if (!nearest.empty()) return word + " is unknown, expected " + std::string(nearest);
  }
  return message;
}

}  // namespace

int run(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
  install_stop_signals();
  bool quiet = false;
  bool verbose = false;
  app.add_flag("-q,--quiet", quiet, "Show errors only");
  app.add_flag("-v,--verbose", verbose, "Show more detail")->excludes("--quiet");
  app.set_version_flag("--version", app.get_name() + " " AURALIS_VERSION);
  app.get_formatter()->column_width(34);
  set_log(app.get_name(), LogLevel::info);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& error) {
    log(LogLevel::error,
        unexpected(app, error.what()) + " (" + app.get_name() + " --help lists the options)");
    return static_cast<int>(Exit::usage);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      errno = 0;
      app.exit(error);
      std::cout.flush();
      return static_cast<int>(std::cout || errno == EPIPE ? Exit::done : Exit::environment);
    }
    log(LogLevel::error, std::string(error.what()) + " (" + app.get_name() + " --help lists the options)");
    return static_cast<int>(Exit::usage);
  }
  set_log(app.get_name(), quiet ? LogLevel::error : verbose ? LogLevel::detail : LogLevel::info);
  try {
    body();
    show_progress("");
    return static_cast<int>(Exit::done);
  } catch (const ClosedPipe&) {
    show_progress("");
    return static_cast<int>(Exit::done);
  } catch (const Error& error) {
    show_progress("");
    log(LogLevel::error, error.what());
    return static_cast<int>(error.exit);
  } catch (const std::exception& error) {
    show_progress("");
    log(LogLevel::error, first_line(error.what()));  // LibTorch adds pages about its own source
    return static_cast<int>(Exit::environment);
  }
}

std::optional<double> parse_duration(const std::string& text) {
  double total = 0.0;
  const char* at = text.data();
  const char* end = at + text.size();
  if (at == end) return std::nullopt;
  while (at < end) {
    double value = 0.0;
    const auto [rest, status] = std::from_chars(at, end, value, std::chars_format::fixed);
    if (status != std::errc() || !(value >= 0.0)) return std::nullopt;
    at = rest;
    const char unit = at < end ? *at++ : 's';
    if (unit == 'h') {
      total += value * 3600.0;
    } else if (unit == 'm') {
      total += value * 60.0;
    } else if (unit == 's') {
      total += value;
    } else {
      return std::nullopt;
    }
  }
  return std::isfinite(total) && total > 0.0 && total <= 366.0 * 86400.0 ? std::optional(total)
                                                                         : std::nullopt;
}

CLI::Option* add_duration(CLI::App& app, const std::string& flag, std::optional<double>& seconds,
                          const std::string& help) {
  return app
      .add_option_function<std::string>(
          flag,
          [&seconds, flag](const std::string& text) {
            seconds = parse_duration(text);
            if (!seconds) {
              throw CLI::ValidationError(flag,
                                         "is \"" + text + "\", expected a time such as 90s, 10m or 1h30m");
            }
          },
          help)
      ->type_name("TIME");
}

CLI::Validator one_of(std::span<const std::string_view> names) {
  return CLI::Validator(
      [names](std::string& text) -> std::string {
        if (std::find(names.begin(), names.end(), text) != names.end()) return {};
        const std::string_view nearest = nearest_name(text, names);
        return "is \"" + text + "\", expected one of " + join_names(names) +
               (nearest.empty() ? "" : "; the nearest is " + std::string(nearest));
      },
      "");
}

CLI::Option* add_session(CLI::App& app, std::string& name, const std::string& help) {
  return app.add_option("--session", name, help)->type_name("NAME")->check([](const std::string& text) {
    try {
      session_path(text);
      return std::string();
    } catch (const Error& error) {
      return std::string(error.what());
    }
  });
}

void refuse_terminal(const char* what, const char* instead) {
  if (::isatty(STDOUT_FILENO) != 1) return;
  throw Error(Exit::usage,
              std::string("stdout is a terminal and ") + what + " is not for reading; " + instead);
}

}  // namespace auralis::cli
