// SPDX-License-Identifier: MIT
#include "render/job.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <numbers>
#include <optional>
#include <utility>
#include <vector>

#include "audio/loudness.h"
#include "audio/sound_file.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/session.h"
#include "base/stop.h"
#include "base/text.h"
#include "compose/midi/midi_file.h"
#include "compose/preset/preset_files.h"
#include "figures/latency.h"
#include "figures/process.h"
#include "figures/reporter.h"
#include "model/event_stream.h"
#include "model/units.h"
#include "synth/renderer.h"

namespace auralis {
namespace {

using nlohmann::json;

constexpr int64_t block_frames = 8192;
// A piece that is broken off fades over this time.
constexpr double fade_s = 2.0;
// Input without `end`: what still sounds is followed until it has been this quiet for a second, at most this
// long.
constexpr double silence_level_db = -70.0;
constexpr double longest_tail_s = 60.0;

double clock_s(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

json rounded(double x, double steps) {
  return std::isfinite(x) ? json(std::round(x * steps) / steps) : json(nullptr);
}

class Sha256 {
 public:
  Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }

  void add(std::string_view bytes) { EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()); }
  std::string hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
    unsigned size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    std::string text;
    for (unsigned i = 0; i < size; ++i) {
      for (const int nibble : {digest[i] >> 4, digest[i] & 15}) text += "0123456789abcdef"[nibble];
    }
    return text;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

// The input, read as it comes, counted and hashed.
class Input {
 public:
  explicit Input(const std::string& path) : name_(path == "-" ? "<stdin>" : path) {
    // A FIFO's writer is awaited in read(), where a signal is heard.
    fd_ = path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat info {};
    if (fd_ < 0 || ::fstat(fd_, &info) != 0) {
      throw Error(Exit::environment, "cannot open " + name_ + ": " + std::strerror(errno));
    }
    if (S_ISREG(info.st_mode)) size_ = static_cast<double>(info.st_size);
  }
  ~Input() {
    if (fd_ != STDIN_FILENO) ::close(fd_);
  }
  Input(const Input&) = delete;
  Input& operator=(const Input&) = delete;

  // What is there now; empty at the end and when a stop was requested.
  std::string_view read() {
    const long count = read_some(fd_, buffer_, name_);
    if (count <= 0) return {};
    const std::string_view bytes(buffer_.data(), static_cast<size_t>(count));
    hash_.add(bytes);
    read_ += static_cast<double>(count);
    return bytes;
  }
  const std::string& name() const { return name_; }
  // How much of a plain file has been read.
  std::optional<double> share() const {
    return size_ ? std::optional(std::min(1.0, read_ / *size_)) : std::nullopt;
  }
  std::string sha256() { return hash_.hex(); }

 private:
  std::string name_;
  int fd_ = -1;
  std::optional<double> size_;
  double read_ = 0.0;
  Sha256 hash_;
  std::vector<char> buffer_ = std::vector<char>(65536);
};

// Where the sound goes: standard output or a file, stems beside it, the loudness of the mix.
class Output {
 public:
  Output(const RenderJob& job, const SoundTags& tags) : job_(job) {
    if (job.output == "-") {
      stream_.emplace(STDOUT_FILENO, "<stdout>", job.format, job.raw);
    } else {
      file_.emplace(job.output, job.format, tags);
    }
    if (!job.report.empty() || job.tell_report) loudness_.emplace(job.format.rate, job.format.channels);
    if (!job.stems.empty()) make_folder(job.stems);
  }

  void write(std::span<const float> mix) {
    if (loudness_) loudness_->add(mix);
    frames_ += static_cast<int64_t>(mix.size()) / 2;
    if (stream_) {
      stream_->write(mix);
    } else {
      file_->write(mix);
    }
  }

  // To be called before write() for the same frames. A layer that was not there before gets the silence it
  // missed.
  void write_stem(const std::string& layer, std::span<const float> frames) {
    auto found = stems_.find(layer);
    if (found == stems_.end()) {
      const PcmFormat format{job_.stem_sample, job_.format.rate, 2};
      found = stems_.emplace(layer, SoundFileWriter(stem_path(layer), format, {layer, {}})).first;
      const std::vector<float> silence(block_frames * 2);
      for (int64_t left = frames_; left > 0; left -= block_frames) {
        found->second.write(std::span(silence).first(static_cast<size_t>(std::min(left, block_frames)) * 2));
      }
    }
    found->second.write(frames);
  }

  void finish_stream() {
    if (stream_) stream_->finish();
  }

  // Every file under its name; what is not whole beside it, as NAME.partial.wav. Answers the mix's name, where it
  // has one.
  std::string commit(bool whole) {
    const auto name = [whole](const std::filesystem::path& path) { return whole ? path : partial(path); };
    for (auto& [layer, stem] : stems_) stem.commit_as(name(stem_path(layer)));
    if (!file_) return {};
    const std::filesystem::path target = name(job_.output);
    file_->commit_as(target);
    return target.string();
  }

  int64_t frames() const { return frames_; }
  const std::optional<LoudnessMeter>& loudness() const { return loudness_; }
  bool has_stems() const { return !job_.stems.empty(); }

 private:
  std::filesystem::path stem_path(const std::string& layer) const {
    return std::filesystem::path(job_.stems) / (layer + ".wav");
  }
  static std::filesystem::path partial(std::filesystem::path path) {
    return path.replace_extension(".partial" + path.extension().string());
  }

  const RenderJob& job_;
  std::optional<PcmStreamWriter> stream_;
  std::optional<SoundFileWriter> file_;
  std::map<std::string, SoundFileWriter> stems_;
  std::optional<LoudnessMeter> loudness_;
  int64_t frames_ = 0;
};

// The figures that go to the session's folder, once a second, from the reporter's own thread.
class LiveFigures {
 public:
  LiveFigures(const std::string& session, std::string device)
      : device_(std::move(device)),
        reporter_(open_session(session), "render", [this] { return collect(); }) {}

  void update(const Renderer::Figures& figures, int64_t frames, int rate, double spent_s) {
    latency_.observe(spent_s * 1e3);
    const std::lock_guard lock(mutex_);
    figures_ = figures;
    rendered_s_ += static_cast<double>(frames) / rate;
    spent_s_ += spent_s;
  }

 private:
  json collect() {
    json out = process_.figures();
    const std::lock_guard lock(mutex_);
    out["synthesis_latency_ms"] = latency_.figures();
    out["realtime_factor"] = spent_s_ > 0.0 ? rounded(rendered_s_ / spent_s_, 10.0) : json(nullptr);
    out["voices"] = figures_.voices;
    out["voices_stolen"] = figures_.voices_stolen;
    out["events_total"] = figures_.events;
    out["late_events_total"] = figures_.late_events;
    out["device"] = device_;
    return out;
  }

  std::string device_;
  ProcessFigures process_;
  Latency latency_;
  std::mutex mutex_;
  Renderer::Figures figures_{};
  double rendered_s_ = 0.0;
  double spent_s_ = 0.0;
  FigureReporter reporter_;  // last: its thread uses all of the above
};

class Rendering {
 public:
  explicit Rendering(const RenderJob& job)
      : job_(job), input_(job.input), renderer_(settings_of(job)), reader_(job.input) {
    if (!job.session.empty()) figures_.emplace(job.session, renderer_.device_name());
    // Opened before anything is made, so that a report that cannot be written is told at once.
    if (!job.report.empty() && job.report != "-") report_.emplace(job.report);
  }

  bool run() {
    std::optional<Error> bad_input;
    bool reader_gone = false;
    try {
      try {
        read_input();
      } catch (const Error& error) {
        if (error.exit != Exit::bad_input || !output_ || output_->frames() + renderer_.ready_frames() == 0)
          throw;
        bad_input = error;
        render_ready();
        break_off();
      }
      if (!output_) throw Error(Exit::interrupted, "interrupted before there was any sound");
    } catch (const ClosedPipe&) {
      if (!output_) throw;
      reader_gone = true;
    }
    const std::string kept = output_->commit(!bad_input && (whole_ || !job_.one_of_many()));
    try {
      if (!reader_gone) output_->finish_stream();
    } catch (const ClosedPipe&) {
      reader_gone = true;
    }
    write_report(whole_ && !bad_input && !reader_gone);
    if (bad_input) {
      throw kept.empty()
          ? *bad_input
          : Error(bad_input->exit, bad_input->what() + ("; the sound until there is in " + kept));
    }
    if (reader_gone) throw ClosedPipe();
    const double made_s = position_s();
    const double wall_s = clock_s(CLOCK_MONOTONIC) - began_s_;
    if (!kept.empty() && !job_.one_of_many()) {
      log_info(kept + ": " + minutes_and_seconds(made_s) + " in " + rounded(wall_s, 100.0).dump() + " s, " +
               std::to_string(std::lround(made_s / wall_s)) + " times real time");
    }
    return whole_;
  }

 private:
  static RenderSettings settings_of(const RenderJob& job) {
    RenderSettings settings;
    settings.rate = job.format.rate;
    settings.device = job.device;
    settings.threads = job.threads;
    settings.stems = !job.stems.empty();
    return settings;
  }

  double position_s() const {
    return output_ ? static_cast<double>(output_->frames()) / job_.format.rate : 0.0;
  }

  // Takes the events as they come, makes what sound they allow, and ends the piece as it deserves.
  void read_input() {
    const auto sink = [this](Event&& event) { push(event); };
    std::string_view bytes = input_.read();
    std::string head(bytes);
    while (!bytes.empty() && head.size() < 4 && std::string_view("MThd").starts_with(head)) {
      bytes = input_.read();
      head += bytes;
    }
    if (is_midi(head)) {
      read_midi(std::move(head));
    } else {
      for (std::string_view next = head; !next.empty(); next = input_.read()) {
        reader_.feed(next, sink);
        render_ready();
        if (stop_requested()) break;
      }
      if (!stop_requested()) reader_.finish(sink);
    }
    render_ready();
    if (stop_requested()) {
      whole_ = false;
      if (output_) break_off();
    } else if (!ended_) {
      log_warning(input_.name() + ": no \"end\"; what sounds at " + minutes_and_seconds(last_t_) +
                  " is let ring");
      ring_out();
    }
  }

  void read_midi(std::string bytes) {
    for (std::string_view next = input_.read(); !next.empty(); next = input_.read()) bytes += next;
    if (stop_requested()) return;
    for (const Event& event : events_from_midi(bytes, load_preset(job_.preset), input_.name())) push(event);
  }

  void push(const Event& event) {
    last_t_ = event_time(event);
    if (const auto* start = std::get_if<StartEvent>(&event)) {
      start_ = *start;
      const std::string comment =
          "preset " + start->preset + ", seed " + start->seed + ", " + start->key + " " + start->mode;
      output_.emplace(job_, SoundTags{start->preset + " " + start->seed, comment});
    } else if (const auto* note = std::get_if<NoteEvent>(&event)) {
      sounding_.emplace(note->t + note->dur, note->id);
      while (!sounding_.empty() && sounding_.begin()->first < last_t_) sounding_.erase(sounding_.begin());
    } else if (std::holds_alternative<EndEvent>(event)) {
      ended_ = true;
    }
    renderer_.push(event);
  }

  // Everything that may be made by now, unless a stop is requested.
  void render_ready() {
    while (!stop_requested()) {
      const int64_t frames = std::min(renderer_.ready_frames(), block_frames);
      if (frames <= 0) return;
      render_block(frames, [](int64_t) { return 1.0f; });
    }
  }

  // Renders and writes up to block_frames; gain(i) is that of the block's frame i.
  template <typename Gain>
  void render_block(int64_t frames, const Gain& gain) {
    const std::span<float> mix = std::span(mix_).first(static_cast<size_t>(frames) * 2);
    const double began = clock_s(CLOCK_MONOTONIC);
    renderer_.render(frames, mix.data());
    const double spent = clock_s(CLOCK_MONOTONIC) - began;
    if (figures_) figures_->update(renderer_.figures(), frames, job_.format.rate, spent);
    const auto apply_gain = [&](std::span<float> stereo) {
      for (int64_t i = 0; i < frames; ++i) {
        stereo[static_cast<size_t>(2 * i)] *= gain(i);
        stereo[static_cast<size_t>(2 * i + 1)] *= gain(i);
      }
    };
    if (output_->has_stems()) {
      for (size_t layer = 0; layer < renderer_.layers().size(); ++layer) {
        const float* stem = renderer_.stem(layer);
        stem_.assign(stem, stem + mix.size());
        apply_gain(stem_);
        output_->write_stem(renderer_.layers()[layer], stem_);
      }
    }
    apply_gain(mix);
    for (const float x : mix) loudest_ = std::max(loudest_, std::abs(x));
    output_->write(mix);
    if (job_.one_of_many()) {
      job_.tell_made(static_cast<double>(frames) / job_.format.rate);
    } else if (job_.output != "-") {
      show_progress_bar();
    }
  }

  // Fades what comes next to nothing: what was promised already, or else what sounds now.
  void break_off() {
    const auto total = static_cast<int64_t>(fade_s * job_.format.rate);
    if (!ended_ && renderer_.ready_frames() < total) {
      renderer_.push(EndEvent{std::max(last_t_, position_s() + fade_s)});
      ended_ = true;
    }
    const int64_t frames = std::min(total, renderer_.ready_frames());
    for (int64_t done = 0; done < frames;) {
      const int64_t count = std::min(block_frames, frames - done);
      render_block(count, [&](int64_t i) {
        const double share = static_cast<double>(done + i) / static_cast<double>(frames);
        return static_cast<float>(0.5 + 0.5 * std::cos(std::numbers::pi * share));
      });
      done += count;
    }
  }

  void ring_out() {
    const double t = last_t_;
    for (const auto& [until, id] : sounding_) {
      if (until > t) renderer_.push(ReleaseEvent{t, id});
    }
    int quiet = 0;
    for (double promised = t; quiet < 4 && promised < t + longest_tail_s;) {
      promised += 0.25;
      last_t_ = promised;
      renderer_.push(AdvanceEvent{promised});
      loudest_ = 0.0f;
      render_ready();
      if (stop_requested()) {
        whole_ = false;
        break;
      }
      quiet = loudest_ < static_cast<float>(db_to_gain(silence_level_db)) ? quiet + 1 : 0;
    }
    if (quiet < 4) break_off();
  }

  void show_progress_bar() {
    const double now = clock_s(CLOCK_MONOTONIC);
    if (now < next_progress_s_) return;
    next_progress_s_ = now + 0.1;
    const double speed = position_s() / (now - began_s_);
    std::string text = minutes_and_seconds(position_s());
    const std::optional<double> share = input_.share();
    const double total_s = ended_ ? last_t_ : share && *share > 0.0 ? last_t_ / *share : 0.0;
    if (total_s > 0.0) {
      const double done = std::clamp(position_s() / total_s, 0.0, 1.0);
      const auto filled = static_cast<size_t>(done * 30.0);
      text = "[" + std::string(filled, '=') + std::string(30 - filled, ' ') + "] " + text + " of " +
             minutes_and_seconds(total_s);
      if (speed > 0.0) text += ", " + minutes_and_seconds((total_s - position_s()) / speed + 0.5) + " left";
    }
    show_progress(text + ", " + std::to_string(std::lround(speed)) + " times real time");
  }

  void write_report(bool complete) {
    if (!output_->loudness()) return;
    const double wall_s = clock_s(CLOCK_MONOTONIC) - began_s_;
    const Renderer::Figures figures = renderer_.figures();
    const LoudnessMeter& loudness = *output_->loudness();
    const bool lossy = job_.output != "-" && file_kind(job_.output) != FileKind::wav &&
                       file_kind(job_.output) != FileKind::flac;
    const nlohmann::ordered_json report{
        {"version", AURALIS_VERSION},
        {"input", input_.name()},
        {"output", job_.output == "-" ? "<stdout>" : job_.output},
        {"seed", start_.seed},
        {"preset", start_.preset},
        {"key", start_.key},
        {"mode", start_.mode},
        {"duration_s", rounded(position_s(), 1e6)},
        {"frames", output_->frames()},
        {"complete", complete},
        {"rate", job_.format.rate},
        {"channels", job_.format.channels},
        {"bits", lossy ? json(nullptr) : json(sample_format_name(job_.format.sample))},
        {"wall_s", rounded(wall_s, 1e3)},
        {"cpu_s", rounded(clock_s(cpu_clock_) - cpu_began_s_, 1e3)},
        {"realtime_factor", rounded(position_s() / wall_s, 10.0)},
        {"device", renderer_.device_name()},
        {"threads", job_.threads},
        {"integrated_lufs", rounded(loudness.integrated_lufs(), 100.0)},
        {"loudness_range_lu", rounded(loudness.range_lu(), 100.0)},
        {"true_peak_dbtp", rounded(loudness.true_peak_dbtp(), 100.0)},
        {"peak_voices", figures.peak_voices},
        {"voices_stolen", figures.voices_stolen},
        {"events", figures.events},
        {"late_events", figures.late_events},
        {"stems", output_->has_stems() ? json(renderer_.layers()) : json::array()},
        {"events_sha256", input_.sha256()},
    };
    const std::string text = report.dump(2) + "\n";
    if (job_.tell_report) {
      job_.tell_report(report.dump() + "\n");
    } else if (job_.report == "-") {
      write_all(STDOUT_FILENO, text, "<stdout>");
    } else {
      report_->write(text);
      report_->commit();
    }
  }

  const RenderJob& job_;
  double began_s_ = clock_s(CLOCK_MONOTONIC);
  // Alone, the process's from its start; beside others, that of its own thread.
  clockid_t cpu_clock_ = job_.one_of_many() ? CLOCK_THREAD_CPUTIME_ID : CLOCK_PROCESS_CPUTIME_ID;
  double cpu_began_s_ = job_.one_of_many() ? clock_s(cpu_clock_) : 0.0;
  Input input_;
  std::optional<AtomicFile> report_;
  Renderer renderer_;
  EventReader reader_;
  std::optional<LiveFigures> figures_;
  std::optional<Output> output_;  // from `start` on
  StartEvent start_;
  std::multimap<double, uint64_t> sounding_;  // when each note's time is up
  double last_t_ = 0.0;
  bool ended_ = false;
  bool whole_ = true;
  float loudest_ = 0.0f;
  double next_progress_s_ = 0.0;
  std::vector<float> mix_ = std::vector<float>(block_frames * 2);
  std::vector<float> stem_;
};

}  // namespace

bool render(const RenderJob& job) { return Rendering(job).run(); }

}  // namespace auralis
