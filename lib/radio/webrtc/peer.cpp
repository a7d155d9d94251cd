// SPDX-License-Identifier: MIT
#include "radio/webrtc/peer.h"

#include <gst/app/gstappsrc.h>
#define GST_USE_UNSTABLE_API  // as Debian 12 has it
#include <gst/webrtc/webrtc.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <utility>

#include "base/clock.h"

namespace auralis {
namespace {

constexpr int64_t connects_us = 20'000'000;
constexpr int64_t answers_us = 5'000'000;
constexpr guint64 most_waiting = 50;  // packets; a second

// What a signal or a promise brings back: the peer, if it is still there.
struct Call {
  std::weak_ptr<Peer> peer;
  Peer::Post post;
  std::function<void(Peer&)> job;
};

void run_call(const Call& call) {
  call.post([peer = call.peer, job = call.job] {
    if (const auto there = peer.lock()) job(*there);
  });
}

void delete_call(gpointer call) { delete static_cast<Call*>(call); }

void on_notify(GObject*, GParamSpec*, gpointer call) { run_call(*static_cast<Call*>(call)); }

template <typename State>
State state_of(GstElement* webrtc, const char* name) {
  State state{};
  g_object_get(webrtc, name, &state, nullptr);
  return state;
}

GstElement* make(GstElement* pipeline, const char* kind) {
  GstElement* element = gst_element_factory_make(kind, nullptr);
  if (element == nullptr) throw std::runtime_error(std::string("GStreamer has no ") + kind);
  gst_bin_add(GST_BIN(pipeline), element);
  return element;
}

void set_caps(GstElement* element, const std::string& text) {
  GstCaps* caps = gst_caps_from_string(text.c_str());
  g_object_set(element, "caps", caps, nullptr);
  gst_caps_unref(caps);
}

// Whoever answers no checks of the connection any more has gone; no router is asked to open ports, and TCP is left to the
// WebSocket.
void set_ice(GstElement* webrtc) {
  GObject* ice = nullptr;
  GObject* agent = nullptr;
  g_object_get(webrtc, "ice-agent", &ice, nullptr);
  if (ice != nullptr) g_object_get(ice, "agent", &agent, nullptr);
  if (agent != nullptr)
    g_object_set(agent, "keepalive-conncheck", TRUE, "upnp", FALSE, "ice-tcp", FALSE, nullptr);
  g_clear_object(&agent);
  g_clear_object(&ice);
}

void send_only(GstElement* webrtc) {
  GArray* transceivers = nullptr;
  g_signal_emit_by_name(webrtc, "get-transceivers", &transceivers);
  for (guint i = 0; i < transceivers->len; ++i)
    g_object_set(g_array_index(transceivers, GstWebRTCRTPTransceiver*, i), "direction",
                 GST_WEBRTC_RTP_TRANSCEIVER_DIRECTION_SENDONLY, nullptr);
  g_array_unref(transceivers);
}

// The share of packets that the other end's last report tells of; none: it has not reported.
std::optional<double> lost_of(GstElement* webrtc) {
  GstElement* rtp = gst_bin_get_by_name(GST_BIN(webrtc), "rtpbin");
  GObject* session = nullptr;
  if (rtp != nullptr) g_signal_emit_by_name(rtp, "get-internal-session", 0U, &session);
  GstStructure* stats = nullptr;
  if (session != nullptr) g_object_get(session, "stats", &stats, nullptr);
  std::optional<double> lost;
  const GValue* sources = stats != nullptr ? gst_structure_get_value(stats, "source-stats") : nullptr;
  const auto* list =
      sources != nullptr ? static_cast<const GValueArray*>(g_value_get_boxed(sources)) : nullptr;
  for (guint i = 0; list != nullptr && i < list->n_values; ++i) {
    const auto* source = static_cast<const GstStructure*>(g_value_get_boxed(list->values + i));
    gboolean reports = FALSE;
    guint fraction = 0;
    if (gst_structure_get(source, "have-rb", G_TYPE_BOOLEAN, &reports, "rb-fractionlost", G_TYPE_UINT,
                          &fraction, nullptr) != FALSE &&
        reports != FALSE)
      lost = std::max(lost.value_or(0.0), fraction / 256.0);
  }
  if (stats != nullptr) gst_structure_free(stats);
  g_clear_object(&session);
  g_clear_object(&rtp);
  return lost;
}

}  // namespace

// Its threads are waited for elsewhere: they may take a while, and the other peers' packets are due.
Peer::~Peer() {
  if (pipeline_ == nullptr) return;
  gst_element_call_async(
      pipeline_, [](GstElement* pipeline, gpointer) { gst_element_set_state(pipeline, GST_STATE_NULL); },
      new std::shared_ptr<void>(alive_),
      [](gpointer alive) { delete static_cast<std::shared_ptr<void>*>(alive); });
  gst_object_unref(pipeline_);
}

void Peer::build(int64_t base_us) {
  pipeline_ = GST_ELEMENT(gst_object_ref_sink(gst_pipeline_new(nullptr)));
  source_ = make(pipeline_, "appsrc");
  webrtc_ = make(pipeline_, "webrtcbin");
  g_object_set(source_, "format", GST_FORMAT_TIME, "is-live", TRUE, "max-buffers", most_waiting, "max-bytes",
               guint64{0}, "leaky-type", GST_APP_LEAKY_TYPE_DOWNSTREAM, nullptr);
  set_caps(source_, "application/x-rtp,media=audio,encoding-name=OPUS,clock-rate=48000,payload=" +
                        std::to_string(offer_.opus) + ",ssrc=(uint)" + std::to_string(ssrc_));
  g_object_set(webrtc_, "bundle-policy", GST_WEBRTC_BUNDLE_POLICY_MAX_BUNDLE, nullptr);
  if (gst_element_link(source_, webrtc_) == FALSE)
    throw std::runtime_error("GStreamer cannot join Opus to webrtcbin");
  send_only(webrtc_);
  set_ice(webrtc_);
  GstClock* clock = gst_system_clock_obtain();
  gst_pipeline_use_clock(GST_PIPELINE(pipeline_), clock);
  gst_object_unref(clock);
  gst_element_set_start_time(pipeline_, GST_CLOCK_TIME_NONE);
  gst_element_set_base_time(pipeline_, static_cast<GstClockTime>(base_us) * GST_USECOND);
}

void Peer::connect_signals() {
  const auto connect = [this](const char* signal, void (Peer::*on)()) {
    auto* call = new Call{weak_from_this(), post_, [on](Peer& peer) { (peer.*on)(); }};
    g_signal_connect_data(
        webrtc_, signal, G_CALLBACK(on_notify), call, [](gpointer data, GClosure*) { delete_call(data); },
        GConnectFlags(0));
  };
  connect("notify::ice-gathering-state", &Peer::on_gathered);
  connect("notify::connection-state", &Peer::on_state);
}

void Peer::begin(int64_t base_us, Peers::OnAnswer on_answer) {
  begun_us_ = monotonic_us();
  on_answer_ = std::move(on_answer);
  build(base_us);
  connect_signals();
  if (gst_element_set_state(pipeline_, GST_STATE_PLAYING) == GST_STATE_CHANGE_FAILURE)
    throw std::runtime_error("GStreamer cannot start");
  GstSDPMessage* offer = nullptr;
  if (gst_sdp_message_new_from_text(offer_text(offer_).c_str(), &offer) != GST_SDP_OK)
    throw std::runtime_error("GStreamer does not read the offer");
  GstWebRTCSessionDescription* description =
      gst_webrtc_session_description_new(GST_WEBRTC_SDP_TYPE_OFFER, offer);
  auto* call = new Call{weak_from_this(), post_, [](Peer& peer) { peer.on_remote_set(); }};
  GstPromise* promise = gst_promise_new_with_change_func(
      [](GstPromise*, gpointer data) { run_call(*static_cast<Call*>(data)); }, call, delete_call);
  g_signal_emit_by_name(webrtc_, "set-remote-description", description, promise);
  gst_promise_unref(promise);
  gst_webrtc_session_description_free(description);
}

void Peer::on_remote_set() {
  if (state_of<GstWebRTCSignalingState>(webrtc_, "signaling-state") !=
      GST_WEBRTC_SIGNALING_STATE_HAVE_REMOTE_OFFER)
    return answer(PeerRefusal{true, "the offer is not understood"});
  auto* call = new Call{weak_from_this(), post_, {}};
  GstPromise* promise = gst_promise_new_with_change_func(
      [](GstPromise* done, gpointer data) {
        Call made = *static_cast<Call*>(data);
        const std::shared_ptr<GstPromise> kept(gst_promise_ref(done), gst_promise_unref);
        made.job = [kept](Peer& peer) { peer.on_answer_made(kept.get()); };
        run_call(made);
      },
      call, delete_call);
  g_signal_emit_by_name(webrtc_, "create-answer", nullptr, promise);
  // The change function's own reference lasts until it was called.
  gst_promise_unref(promise);
}

void Peer::on_answer_made(GstPromise* promise) {
  GstWebRTCSessionDescription* description = nullptr;
  if (gst_promise_wait(promise) == GST_PROMISE_RESULT_REPLIED) {
    const GstStructure* reply = gst_promise_get_reply(promise);
    if (reply != nullptr)
      gst_structure_get(reply, "answer", GST_TYPE_WEBRTC_SESSION_DESCRIPTION, &description, nullptr);
  }
  if (description == nullptr) return answer(PeerRefusal{true, "there is no answer to the offer"});
  GstPromise* done = gst_promise_new();
  g_signal_emit_by_name(webrtc_, "set-local-description", description, done);
  gst_promise_unref(done);
  gst_webrtc_session_description_free(description);
}

void Peer::on_gathered() {
  if (!on_answer_ || state_of<GstWebRTCICEGatheringState>(webrtc_, "ice-gathering-state") !=
                         GST_WEBRTC_ICE_GATHERING_STATE_COMPLETE)
    return;
  GstWebRTCSessionDescription* description = nullptr;
  g_object_get(webrtc_, "local-description", &description, nullptr);
  if (description == nullptr) return;
  const std::unique_ptr<gchar, decltype(&g_free)> text(gst_sdp_message_as_text(description->sdp), g_free);
  gst_webrtc_session_description_free(description);
  const std::string sdp = answer_text(offer_, text.get());
  if (!has_candidate(sdp))
    return answer(PeerRefusal{false, "this machine has no address that others can reach"});
  answer(PeerAnswer{sdp});
}

void Peer::on_state() {
  const auto state = state_of<GstWebRTCPeerConnectionState>(webrtc_, "connection-state");
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_CONNECTED) connected_ = true;
  if (state == GST_WEBRTC_PEER_CONNECTION_STATE_FAILED || state == GST_WEBRTC_PEER_CONNECTION_STATE_CLOSED)
    gone();
}

void Peer::answer(std::variant<PeerAnswer, PeerRefusal> answer) {
  const Peers::OnAnswer on_answer = std::exchange(on_answer_, nullptr);
  const bool is_refused = std::holds_alternative<PeerRefusal>(answer);
  if (on_answer) on_answer(std::move(answer));
  if (is_refused) gone();
}

void Peer::check(int64_t now_us) {
  if (on_answer_ && now_us - begun_us_ > answers_us)
    return answer(PeerRefusal{false, "no answer was ready in time"});
  if (!connected_ && now_us - begun_us_ > connects_us) return gone();
  if (const auto lost = connected_ ? lost_of(webrtc_) : std::nullopt) redundancy_.report(*lost, now_us);
}

void Peer::gone() {
  if (const auto on_gone = std::exchange(on_gone_, nullptr)) on_gone();
}

void Peer::send(GstBuffer* payload, uint32_t timestamp) {
  const auto header = rtp_header({offer_.red < 0 ? offer_.opus : offer_.red, sequence_++, timestamp, ssrc_});
  GstBuffer* packet = gst_buffer_new_memdup(header.data(), header.size());
  gst_buffer_copy_into(packet, payload,
                       static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_MEMORY | GST_BUFFER_COPY_TIMESTAMPS),
                       0, static_cast<gsize>(-1));
  gst_app_src_push_buffer(GST_APP_SRC(source_), packet);
}

}  // namespace auralis
