// SPDX-License-Identifier: MIT
#include "serve/shutdown.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "base/notify.h"
#include "serve/limits.h"
#include "serve/refusals.h"

namespace auralis {
namespace {

constexpr int64_t fade_us = PlayoutSettings{}.ending_ms * limits::us_per_ms;
constexpr int64_t step_us = 10 * limits::us_per_ms;

}  // namespace

Shutdown::Shutdown(Loop& loop, Stations& stations, Connections& connections,
                   std::function<void()> stop_accepting)
    : loop_(loop),
      stations_(stations),
      connections_(connections),
      stop_accepting_(std::move(stop_accepting)),
      step_(loop, [this] { step(); }) {}

void Shutdown::begin(const std::string& reason) {
  if (has_begun()) return;
  log_info(reason == "ended" ? "the input has ended" : "stopping");
  notify_supervisor("STOPPING=1");
  phase_ = Phase::fading;
  connections_.end();
  stop_accepting_();
  if (reason == "stopped") drain_us_ = limits::stop_drain_us;
  const bool fades = fade_all();
  const int64_t end_us = (fades ? fade_us : 0) + drain_us_;
  const nlohmann::json message{
      {"type", "shutdown"}, {"reason", reason}, {"drain_s", static_cast<double>(end_us) / limits::us_per_s}};
  for (const auto& station : stations_.all())
    station->listeners().send_texts([&message](const CodecInfo&) { return message; });
  if (!fades) return drain();
  step_.start(fade_us + limits::fade_late_us);
}

bool Shutdown::fade_all() {
  bool fades = false;
  for (const auto& station : stations_.all()) {
    Broadcast& broadcast = station->broadcast();
    if (!broadcast.is_playing() || (station->listeners().size() == 0 && !broadcast.is_carried())) {
      station->stop();
      continue;
    }
    broadcast.fade_out();
    fades = true;
  }
  return fades;
}

void Shutdown::on_silence() {
  const bool all_silent = std::none_of(
      stations_.all().begin(), stations_.all().end(),
      [](const auto& station) { return !station->is_stopped() && station->broadcast().is_playing(); });
  if (phase_ == Phase::fading && all_silent) drain();
}

void Shutdown::drain() {
  phase_ = Phase::draining;
  phase_ends_us_ = monotonic_us() + drain_us_;
  for (const auto& station : stations_.all()) {
    station->stop();
    try {
      station->flush();
    } catch (const std::exception& error) {  // the end must come all the same
      log_warning(error.what());
    }
  }
  step();
}

void Shutdown::step() {
  if (phase_ == Phase::fading) return drain();  // something plays on that should not
  const auto late = [this] { return monotonic_us() > phase_ends_us_; };
  const bool all_sent = std::all_of(stations_.all().begin(), stations_.all().end(),
                                    [](const auto& station) { return station->listeners().have_all(); });
  if (phase_ == Phase::draining && (all_sent || late())) {
    phase_ = Phase::leaving;
    phase_ends_us_ = std::max(phase_ends_us_, monotonic_us() + limits::goodbye_us);
    for (const auto& station : stations_.all()) station->listeners().close_all(refusals::server_ends());
  }
  if (phase_ == Phase::leaving && (connections_.are_quiet() || late())) return loop_.stop();
  step_.start(step_us);
}

}  // namespace auralis
