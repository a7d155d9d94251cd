// SPDX-License-Identifier: MIT
#include "render/output.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "base/io.h"
#include "base/log.h"

namespace auralis {
namespace {

constexpr int64_t silence_frames = 8192;

}  // namespace

Output::Output(const RenderJob& job, const SoundTags& tags) : job_(job) {
  if (job.output == "-") {
    stream_.emplace(STDOUT_FILENO, "<stdout>", job.format, job.raw);
  } else {
    file_.emplace(job.output, job.format, tags);
    const FileKind kind = file_kind(job.output);
    lossy_ = kind == FileKind::ogg || kind == FileKind::opus;
  }
  if (job.wants_report()) {
    loudness_.emplace(job.format.rate, job.format.channels);
    pcm_sum_.emplace(lossy_ ? SampleFormat::f32 : job.format.sample);
  } else if (file_ && !job.one_of_many()) {
    loudness_.emplace(job.format.rate, job.format.channels, LoudnessMeter::Of::integrated);
  }
  if (has_stems()) make_folder(job.stems);
}

void Output::write(std::span<const float> mix) {
  if (loudness_) loudness_->add(mix);
  if (pcm_sum_) pcm_sum_->add(mix);
  frames_ += static_cast<int64_t>(mix.size()) / job_.format.channels;
  if (stream_) {
    stream_->write(mix);
  } else {
    file_->write(mix);
  }
}

void Output::write_stem(const std::string& layer, std::span<const float> frames) {
  auto found = stems_.find(layer);
  if (found == stems_.end()) {
    make_folder(job_.stems);  // which may have been removed since
    const PcmFormat format{job_.stem_sample, job_.format.rate, job_.format.channels};
    found = stems_.emplace(layer, SoundFileWriter(stem_path(layer), format, {.title = layer})).first;
    const auto channels = static_cast<size_t>(format.channels);
    const std::vector<float> silence(silence_frames * channels);
    for (int64_t left = frames_; left > 0; left -= silence_frames) {
      const auto count = static_cast<size_t>(std::min(left, silence_frames));
      found->second.write(std::span(silence).first(count * channels));
    }
  }
  found->second.write(frames);
}

void Output::mark(double t_s, const std::string& name) {
  if (file_) file_->mark(std::llround(t_s * job_.format.rate), name);
}

void Output::finish_stream() {
  if (stream_) stream_->finish();
}

std::string Output::commit(bool whole) {
  while (!stems_.empty()) {
    SoundFileWriter& stem = stems_.begin()->second;
    if (whole) {
      stem.commit();
    } else {
      stem.commit_partial();
    }
    stems_.erase(stems_.begin());
  }
  return name_of_mix(whole);
}

std::string Output::keep() {
  const auto kept = [](const auto& commit) {
    try {
      return commit();
    } catch (const std::exception& error) {
      log_warning(error.what());
      return std::string();
    }
  };
  for (auto& [layer, stem] : stems_) kept([&stem = stem] { return stem.commit_partial().string(); });
  stems_.clear();
  return kept([this] { return name_of_mix(false); });
}

std::string Output::name_of_mix(bool whole) {
  if (!file_) return {};
  std::string name = job_.output;
  if (whole) {
    file_->commit();
  } else {
    name = file_->commit_partial().string();
  }
  file_.reset();
  return name;
}

// Where the mix has that name already, another.
std::filesystem::path Output::stem_path(const std::string& layer) const {
  const std::filesystem::path folder = job_.stems;
  std::filesystem::path path = folder / (layer + ".wav");
  if (job_.output == "-" || !is_same_file(path, job_.output)) return path;
  path = folder / (layer + ".stem.wav");
  log_warning(job_.output + " is the mix: the stem of its name is " + path.string());
  return path;
}

}  // namespace auralis
