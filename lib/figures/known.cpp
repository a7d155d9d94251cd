// SPDX-License-Identifier: MIT
#include "figures/known.h"

#include <algorithm>
#include <array>

namespace auralis {
namespace {

constexpr FigureInfo figures_known[] = {
    {"synthesis_latency_ms", "to render a block of sound, over the last minute"},
    {"realtime_factor", "seconds of sound made in a second of rendering"},
    {"render_stage_s_total", "spent in each stage of rendering, all threads together, since the start"},
    {"voices", "sounding now"},
    {"voices_stolen", "ended early since all were in use, since the start"},
    {"voices_shed_total", "ended early since the renderer could not keep real time, since the start"},
    {"events_total", "events composed"},
    {"late_events_total", "events that came after their time had been rendered"},
    {"pacer_slips_total", "times the composer was held up and shifted its clock"},
    {"buffer_depth_ms", "sound that is read and not sent yet"},
    {"underruns_total", "times the input stalled and silence was sent"},
    {"clients", "listeners now"},
    {"clients_total", "listeners since the start"},
    {"webrtc_clients", "listeners over WebRTC now, among clients"},
    {"webrtc_clients_total", "listeners over WebRTC since the start, among clients_total"},
    {"chunks_sent_total", "chunks sent, counted for each listener"},
    {"chunks_dropped_total", "chunks that slow listeners lost"},
    {"send_lateness_ms", "from when a chunk was due until it was handed to the kernel, over the last minute"},
    {"control_latency_ms",
     "from a control's arrival until the first frame it changed leaves for the listeners, over the last "
     "minute"},
    {"end_to_end_latency_ms",
     "from the composing of a moment until its frame leaves for the listeners, over the last minute"},
    {"client_buffer_ms", "sound held by the listeners that report it"},
    {"client_underruns_total", "interruptions at the listeners that report them"},
    {"sinks", "where the sound is carried beside the listeners: up, lost_s_total, failures_total"},
    {"bytes_sent_total", "bytes of sound sent"},
    {"encode_ms", "to encode a chunk, over the last minute"},
    {"memory_mb", "resident, all commands together"},
    {"cpu_percent", "of one core, all commands together"},
    {"uptime_s", "since the server began, or else the longest-lived command"},
    {"device", "on which the sound is made"},
    {"version", "of the server, or else the longest-lived command"},
};

}  // namespace

std::span<const FigureInfo> known_figures() { return figures_known; }

const FigureInfo* find_figure(std::string_view name) {
  const auto* found = std::ranges::find(figures_known, name, &FigureInfo::name);
  return found != std::end(figures_known) ? found : nullptr;
}

}  // namespace auralis
