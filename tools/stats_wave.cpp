// SPDX-License-Identifier: MIT
#include <unistd.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "audio/wave_partials.h"
#include "base/io.h"
#include "stats.h"

namespace auralis {
namespace {

struct Options {
  std::string file;
  std::optional<int> cycle;
};

}  // namespace

void bind_wave_stats(cli::Command& command) {
  const auto options = std::make_shared<Options>();
  command.bind("FILE", options->file);
  command.bind("--cycle", options->cycle);
  command.on_run([options] {
    const nlohmann::json partials = wave_partials(options->file, options->cycle.value_or(0));
    write_all(STDOUT_FILENO, partials.dump() + "\n", "<stdout>");
  });
}

}  // namespace auralis
