// SPDX-License-Identifier: MIT
#include "render/render.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <new>
#include <nlohmann/json.hpp>
#include <numbers>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/io.h"
#include "base/log.h"
#include "base/processors.h"
#include "base/stop.h"
#include "base/text.h"
#include "model/units.h"
#include "render/event_input.h"
#include "render/held_notes.h"
#include "render/input.h"
#include "render/live_figures.h"
#include "render/output.h"
#include "render/profile_file.h"
#include "render/progress.h"
#include "render/report.h"
#include "render/shedding.h"
#include "render/tags.h"
#include "synth/renderer.h"

namespace auralis {
namespace {

constexpr int64_t block_frames = 8192;
// A piece that is broken off fades over this time.
constexpr double fade_s = 2.0;
// Input without `end`: what still sounds is followed until it has been this quiet for a second, at most this long.
constexpr double silence_level_db = -70.0;
constexpr double longest_tail_s = 60.0;
constexpr double tail_step_s = 0.25;
constexpr int quiet_steps = 4;
constexpr double progress_every_s = 0.1;

// A thread without a processor of its own is only in the way of the others.
int threads_of(const RenderJob& job) { return std::min(job.threads, processors()); }

RenderSettings settings_of(const RenderJob& job) {
  RenderSettings settings;
  settings.rate = job.format.rate;
  settings.device = job.device;
  settings.threads = threads_of(job);
  settings.stems = !job.stems.empty();
  if (!job.profile.empty() || job.live) settings.profile_clock = monotonic_s;
  return settings;
}

// Names of files need not be UTF-8, JSON has to.
std::string text_of(const nlohmann::ordered_json& report, int indent) {
  return report.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

class Rendering {
 public:
  explicit Rendering(const RenderJob& job)
      : job_(job),
        input_(job.input, job.wants_report()),
        events_(input_, job.preset, job.only_midi, job.tuning),
        renderer_(settings_of(job)) {
    if (job.live) shedding_.emplace(RenderSettings{}.max_voices);
    if (!job.session.empty())
      figures_.emplace(job.session, renderer_.device_name(), [this] { return renderer_.stage_times(); });
    // Opened before anything is made, so that a report that cannot be written is an error at once.
    if (!job.report.empty() && job.report != "-") report_file_.emplace(job.report);
    if (!job.profile.empty()) profile_.emplace(job.profile);
  }

  bool run() {
    play();
    const std::string kept = name_files();
    finish_stream();
    if (error_ && !kept.empty()) {
      const std::string what = sound_is_whole_ ? "; the sound is in " : "; the sound until there is in ";
      throw Error(error_->exit, error_->what() + (what + kept));
    }
    if (error_) throw Error(*error_);
    if (reader_gone_) throw ClosedPipe();
    if (!kept.empty() && !job_.one_of_many()) log_summary(kept);
    return whole_;
  }

 private:
  bool is_bad_input() const { return error_ && error_->exit == Exit::bad_input; }

  // Plays the input to its end. What goes wrong after some sound was made is kept for later, when that is safe.
  void play() {
    guard([this] { play_input(); });
    if (is_bad_input()) {
      guard([this] {
        render_ready();
        break_off();
      });
    }
    if (!output_) throw Error(Exit::interrupted, "interrupted before there was any sound");
  }

  template <typename Action>
  void guard(const Action& action) {
    try {
      action();
    } catch (const ClosedPipe&) {
      if (!output_) throw;
      reader_gone_ = true;
    } catch (const Error& error) {
      remember(error);
    } catch (const std::bad_alloc&) {
      remember(Error::out_of_memory());
    } catch (const std::exception& error) {
      remember(Error(Exit::environment, first_line(error.what())));
    }
  }

  // The first error is what the render ends with.
  void remember(const Error& error) {
    const bool has_sound = output_ && output_->frames() + renderer_.ready_frames() > 0;
    if (!has_sound) throw Error(error);
    if (!error_) error_ = error;
  }

  // A signal's end is an end; what bad input or a full disk has cut short has another name.
  std::string name_files() {
    std::string kept;
    if (!error_ || error_->exit != Exit::environment) {
      guard([&] { kept = output_->commit(!is_bad_input() && (whole_ || !job_.one_of_many())); });
    }
    sound_is_whole_ = whole_ && !error_;
    return error_ && error_->exit == Exit::environment ? output_->keep() : kept;
  }

  void finish_stream() {
    guard([this] {
      if (!reader_gone_ && !error_) output_->finish_stream();
    });
    guard([this] { write_report(whole_ && !error_ && !reader_gone_); });
    guard([this] {
      if (profile_) profile_->write(renderer_.stage_times(), profiled_run());
    });
  }

  void play_input() {
    const auto sink = [this](const Event& event) { push(event); };
    bool more = true;
    while (more && !stop_requested()) {
      const double began_s = monotonic_s();
      const double waited_s = input_.waited_s();
      more = events_.read(sink);
      if (profile_) profile_->add_reading(monotonic_s() - began_s, input_.waited_s() - waited_s);
      render_ready();
    }
    if (stop_requested()) {
      whole_ = false;
      if (output_) {
        if (!job_.one_of_many()) log_info(std::string("ending with a fade; ") + once_more_ends_at_once);
        break_off();
      }
    } else if (!ended_) {
      log_warning(input_.name() + ": no \"end\"; what sounds at " + minutes_and_seconds(last_t_) +
                  " is left to ring out");
      ring_out();
    }
  }

  void push(const Event& event) {
    last_t_ = event_time(event);
    if (const auto* start = std::get_if<StartEvent>(&event)) {
      start_ = *start;
      output_.emplace(job_, tags_of(start_));
    } else if (const auto* note = std::get_if<NoteEvent>(&event)) {
      held_.add(*note);
    } else if (const auto* chord = std::get_if<ChordEvent>(&event)) {
      if (output_) output_->mark(chord->t, chord->name);
    } else if (std::holds_alternative<EndEvent>(event)) {
      ended_ = true;
    }
    renderer_.push(event);
  }

  // Everything that may be made by now, unless a stop is requested.
  void render_ready() {
    if (stop_requested()) return;
    render(renderer_.ready_frames(), [this](std::span<const float> block) {
      put_out(block, [](int64_t) { return 1.0f; });
      return !stop_requested();
    });
  }

  void render(int64_t frames, const Renderer::Take& take) {
    block_began_s_ = monotonic_s();
    if (frames > 0) renderer_.render(frames, block_frames, take);
    if (limit_) renderer_.limit_voices(*std::exchange(limit_, {}));
  }

  // Writes a block; gain(i) is that of its frame i.
  template <typename Gain>
  void put_out(std::span<const float> block, const Gain& gain) {
    const auto frames = static_cast<int64_t>(block.size() / 2);
    const double block_s = static_cast<double>(frames) / job_.format.rate;
    const double made_s = monotonic_s();
    const double spent_s = made_s - block_began_s_;
    if (shedding_) keep_time(block_s, spent_s);
    if (figures_) figures_->update(renderer_.figures(), block_s, spent_s);
    mix_.assign(block.begin(), block.end());
    const std::span<float> mix = mix_;
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
    if (rings_out_) {
      for (const float x : mix) loudest_ = std::max(loudest_, std::abs(x));
    }
    output_->write(mix);
    if (profile_) profile_->add_writing(monotonic_s() - made_s);
    if (job_.one_of_many()) {
      job_.on_sound(block_s);
    } else if (job_.output != "-") {
      show_how_far();
    }
    block_began_s_ = monotonic_s();
  }

  void keep_time(double block_s, double spent_s) {
    const Shedding::Decision decision = shedding_->update(block_s, spent_s, renderer_.figures().voices);
    if (decision.limit) limit_ = decision.limit;
    if (!decision.said.empty()) log_warning(decision.said);
  }

  // Fades what comes next to nothing: what the events allow already, or else what sounds now.
  void break_off() {
    const auto total = static_cast<int64_t>(fade_s * job_.format.rate);
    if (!ended_ && renderer_.ready_frames() < total) {
      renderer_.push(EndEvent{std::max(last_t_, output_->position_s() + fade_s)});
      ended_ = true;
    }
    const int64_t frames = std::min(total, renderer_.ready_frames());
    int64_t done = 0;
    render(frames, [&](std::span<const float> block) {
      put_out(block, [&](int64_t i) {
        const double share = static_cast<double>(done + i) / static_cast<double>(frames);
        return static_cast<float>(0.5 + 0.5 * std::cos(std::numbers::pi * share));
      });
      done += static_cast<int64_t>(block.size() / 2);
      return true;
    });
  }

  // Releases what is held and follows it into silence.
  void ring_out() {
    const double t = last_t_;
    for (const uint64_t id : held_.at(t)) renderer_.push(ReleaseEvent{t, id});
    const auto silence = static_cast<float>(db_to_gain(silence_level_db));
    int quiet = 0;
    rings_out_ = true;
    while (quiet < quiet_steps && last_t_ < t + longest_tail_s) {
      last_t_ += tail_step_s;
      renderer_.push(AdvanceEvent{last_t_});
      loudest_ = 0.0f;
      render_ready();
      if (stop_requested()) {
        whole_ = false;
        break;
      }
      quiet = loudest_ < silence ? quiet + 1 : 0;
    }
    if (quiet < quiet_steps) break_off();
  }

  void show_how_far() {
    const double now_s = monotonic_s();
    if (now_s < next_progress_s_) return;
    next_progress_s_ = now_s + progress_every_s;
    Progress progress{output_->position_s(), std::nullopt, now_s - began_s_};
    const std::optional<double> share = input_.share_read();
    if (ended_) {
      progress.total_s = last_t_;
    } else if (share && *share > 0.0) {
      progress.total_s = last_t_ / *share;
    }
    show_progress(progress_line(progress));
  }

  void log_summary(const std::string& kept) const {
    Summary summary{kept, start_.seed, output_->position_s(), monotonic_s() - began_s_, whole_};
    if (output_->loudness()) summary.lufs = output_->loudness()->integrated_lufs();
    log_info(summary_line(summary));
  }

  ProfiledRun profiled_run() const {
    return {output_->position_s(), monotonic_s() - began_s_, cpu_s() - cpu_began_s_, threads_of(job_),
            renderer_.device_name()};
  }

  Report report_of(bool complete) const {
    const LoudnessMeter& loudness = *output_->loudness();
    Report report;
    report.input = input_.name();
    report.output = job_.output == "-" ? "<stdout>" : job_.output;
    report.start = start_;
    report.frames = output_->frames();
    report.complete = complete;
    report.format = job_.format;
    report.lossy = output_->lossy();
    report.wall_s = monotonic_s() - began_s_;
    report.cpu_s = cpu_s() - cpu_began_s_;
    report.device = renderer_.device_name();
    report.threads = threads_of(job_);
    report.integrated_lufs = loudness.integrated_lufs();
    report.loudness_range_lu = loudness.range_lu();
    report.true_peak_dbtp = loudness.true_peak_dbtp();
    report.figures = renderer_.figures();
    if (output_->has_stems()) report.stems = renderer_.layers();
    report.events_sha256 = input_.sha256();
    report.pcm_sha256 = output_->pcm_sum()->hex();
    return report;
  }

  void write_report(bool complete) {
    if (!job_.wants_report()) return;
    const nlohmann::ordered_json report = report_json(report_of(complete));
    if (job_.on_report) {
      job_.on_report(text_of(report, -1));
    } else if (report_file_) {
      report_file_->write(text_of(report, 2) + "\n");
      report_file_->commit();
    } else {
      write_all(STDOUT_FILENO, text_of(report, 2) + "\n", "<stdout>");
    }
  }

  // Alone, the process's since its start; beside others, that of the piece's own thread.
  double cpu_s() const { return job_.one_of_many() ? thread_cpu_s() : process_cpu_s(); }

  const RenderJob& job_;
  double began_s_ = monotonic_s();
  double cpu_began_s_ = job_.one_of_many() ? thread_cpu_s() : 0.0;
  Input input_;
  EventInput events_;
  std::optional<AtomicFile> report_file_;
  std::optional<ProfileFile> profile_;
  Renderer renderer_;
  std::optional<LiveFigures> figures_;
  std::optional<Shedding> shedding_;  // where it plays live
  std::optional<int> limit_;          // of voices, from the next call on
  std::optional<Output> output_;      // from `start` on
  StartEvent start_;
  HeldNotes held_;
  double last_t_ = 0.0;
  bool ended_ = false;
  bool whole_ = true;
  std::optional<Error> error_;
  bool reader_gone_ = false;
  bool sound_is_whole_ = false;
  bool rings_out_ = false;
  float loudest_ = 0.0f;  // since the last step of ringing out
  double next_progress_s_ = 0.0;
  double block_began_s_ = 0.0;
  std::vector<float> mix_;
  std::vector<float> stem_;
};

}  // namespace

bool render(const RenderJob& job) { return Rendering(job).run(); }

}  // namespace auralis
