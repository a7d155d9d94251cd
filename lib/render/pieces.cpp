// SPDX-License-Identifier: MIT
#include "render/pieces.h"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/processors.h"
#include "base/text.h"
#include "render/render.h"
#include "render/tally.h"

namespace auralis {
namespace {

namespace fs = std::filesystem;

void check_input(const std::string& input) {
  if (input == "-") {
    throw Error(Exit::usage, "standard input is one piece, expected files where the output is a folder");
  }
  if (::access(input.c_str(), R_OK) != 0) {
    throw Error(Exit::environment, "cannot open " + input + ": " + std::strerror(errno));
  }
  std::error_code none;
  if (fs::is_directory(input, none)) {
    throw Error(Exit::usage, input + " is a folder, expected files such as " + input + "/*");
  }
}

// Checked before anything is made: a night's work does not end at the last name.
std::vector<RenderJob> jobs_of(const PiecesJob& pieces) {
  std::vector<RenderJob> jobs;
  std::map<std::string, std::string> input_of;  // each output
  for (const std::string& input : pieces.inputs) {
    check_input(input);
    RenderJob job = pieces.common;
    const fs::path name = fs::path(input).stem();
    job.input = input;
    job.output = (fs::path(pieces.folder) / (name.string() + "." + pieces.extension)).string();
    if (!job.stems.empty()) job.stems = (fs::path(job.stems) / name).string();
    const auto [same, is_new] = input_of.emplace(job.output, input);
    if (!is_new) {
      throw Error(Exit::usage, same->second + " and " + input + " would both be " + job.output +
                                   ", expected names that differ");
    }
    jobs.push_back(std::move(job));
  }
  check_sound_file(jobs.front().output, pieces.common.format);
  return jobs;
}

// One piece; whatever becomes of it is the tally's.
void render_piece(const RenderJob& job, Tally& tally) {
  try {
    if (job.device) job.device->own_stream();
    if (render(job)) tally.add_whole_piece();
  } catch (const ClosedPipe&) {
    tally.reader_has_gone();
  } catch (const Error& error) {
    tally.add_failure(job.input, error);
  } catch (const std::exception& error) {
    tally.add_failure(job.input, Error(Exit::environment, first_line(error.what())));
  }
}

}  // namespace

void render_pieces(const PiecesJob& pieces) {
  std::vector<RenderJob> jobs = jobs_of(pieces);
  make_folder(pieces.folder);
  Tally tally(jobs.size(), pieces.common.report);
  for (RenderJob& job : jobs) {
    job.report.clear();
    job.on_sound = [&tally](double seconds) { tally.add_sound(seconds); };
    if (tally.wants_reports()) job.on_report = [&tally](const std::string& line) { tally.add_report(line); };
  }
  const auto threads = static_cast<size_t>(pieces.side_by_side > 0 ? pieces.side_by_side : processors());
  std::atomic<size_t> next{0};
  const auto work = [&] {
    for (size_t i = next++; i < jobs.size() && tally.goes_on(); i = next++) render_piece(jobs[i], tally);
  };
  {
    std::vector<std::jthread> running;
    for (size_t i = 0; i < std::min(threads, jobs.size()); ++i) running.emplace_back(work);
  }
  tally.finish();
}

}  // namespace auralis
