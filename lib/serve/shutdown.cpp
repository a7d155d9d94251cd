// SPDX-License-Identifier: MIT
#include "serve/shutdown.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/clock.h"
#include "base/log.h"
#include "net/web_socket.h"
#include "serve/limits.h"

namespace auralis {
namespace {

constexpr int64_t fade_us = PlayoutSettings{}.ending_ms * limits::us_per_ms;
constexpr int64_t step_us = 10 * limits::us_per_ms;

}  // namespace

Shutdown::Shutdown(Loop& loop, Station& station, Connections& connections,
                   std::function<void()> stop_accepting)
    : loop_(loop),
      station_(station),
      connections_(connections),
      stop_accepting_(std::move(stop_accepting)),
      step_(loop, [this] { step(); }) {}

void Shutdown::begin(const std::string& reason) {
  if (has_begun()) return;
  log_info(reason == "ended" ? "the input has ended" : "stopping");
  Broadcast& broadcast = station_.broadcast();
  const bool fades = broadcast.is_playing() && (station_.listeners().size() > 0 || broadcast.records());
  const int64_t end_us = (fades ? fade_us : 0) + limits::drain_us;
  const nlohmann::json message{
      {"type", "shutdown"}, {"reason", reason}, {"drain_s", static_cast<double>(end_us) / limits::us_per_s}};
  station_.listeners().tell([&message](const CodecInfo&) { return message; });
  connections_.end();
  stop_accepting_();
  phase_ = Phase::fading;
  if (!fades) return drain();
  broadcast.fade_out();
}

void Shutdown::on_silence() {
  if (phase_ == Phase::fading) drain();
}

void Shutdown::drain() {
  phase_ = Phase::draining;
  phase_ends_us_ = monotonic_us() + limits::drain_us;
  station_.stop();
  try {
    station_.flush();
  } catch (const std::exception& error) {  // the end must come all the same
    log_warning(error.what());
  }
  step();
}

void Shutdown::step() {
  const auto late = [this] { return monotonic_us() > phase_ends_us_; };
  if (phase_ == Phase::draining && (station_.listeners().have_all() || late())) {
    phase_ = Phase::leaving;
    phase_ends_us_ = std::max(phase_ends_us_, monotonic_us() + limits::goodbye_us);
    station_.listeners().close_all(going_away, "the server ends");
  }
  if (phase_ == Phase::leaving && (connections_.are_quiet() || late())) return loop_.stop();
  step_.start(step_us);
}

}  // namespace auralis
