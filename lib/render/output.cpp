// SPDX-License-Identifier: MIT
#include "render/output.h"

#include <unistd.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "base/io.h"

namespace auralis {
namespace {

constexpr int64_t silence_frames = 8192;

std::filesystem::path partial(std::filesystem::path path) {
  return path.replace_extension(".partial" + path.extension().string());
}

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
    const PcmFormat format{job_.stem_sample, job_.format.rate, job_.format.channels};
    found = stems_.emplace(layer, SoundFileWriter(stem_path(layer), format, {layer, {}})).first;
    const auto channels = static_cast<size_t>(format.channels);
    const std::vector<float> silence(silence_frames * channels);
    for (int64_t left = frames_; left > 0; left -= silence_frames) {
      const auto count = static_cast<size_t>(std::min(left, silence_frames));
      found->second.write(std::span(silence).first(count * channels));
    }
  }
  found->second.write(frames);
}

void Output::finish_stream() {
  if (stream_) stream_->finish();
}

std::string Output::commit(bool whole) {
  const auto name = [whole](std::filesystem::path path) { return whole ? path : partial(std::move(path)); };
  for (auto& [layer, stem] : stems_) stem.commit_as(name(stem_path(layer)));
  if (!file_) return {};
  const std::filesystem::path target = name(job_.output);
  file_->commit_as(target);
  return target.string();
}

std::filesystem::path Output::stem_path(const std::string& layer) const {
  return std::filesystem::path(job_.stems) / (layer + ".wav");
}

}  // namespace auralis
