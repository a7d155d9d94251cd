// SPDX-License-Identifier: MIT
// All listeners over WebRTC, by GStreamer's webrtcbin: a thread of its own answers, and hands each packet to every peer of
// its group at the moment that it is due, so that receivers need not hold a chunk.
#include <gst/gst.h>

#include <chrono>
#include <deque>
#include <future>
#include <map>
#include <optional>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include "base/clock.h"
#include "base/error.h"
#include "base/left_threads.h"
#include "radio/peers.h"
#include "radio/webrtc/offer.h"
#include "radio/webrtc/peer.h"

namespace auralis {
namespace {

constexpr guint check_ms = 1000;
constexpr std::chrono::milliseconds ends_within{500};
constexpr int64_t forgotten_us = 1'000'000;  // so late a packet is of no use

// A queue of jobs with a thread; whoever posts may outlive it.
struct Jobs {
  Jobs() : context(g_main_context_new()), loop(g_main_loop_new(context, FALSE)) {}
  ~Jobs() {
    g_main_loop_unref(loop);
    g_main_context_unref(context);
  }
  Jobs(const Jobs&) = delete;
  Jobs& operator=(const Jobs&) = delete;
  void post(std::function<void()> job) const {
    GSource* source = g_idle_source_new();
    g_source_set_priority(source, G_PRIORITY_DEFAULT);
    g_source_set_callback(
        source,
        [](gpointer data) -> gboolean {
          (*static_cast<std::function<void()>*>(data))();
          return G_SOURCE_REMOVE;
        },
        new std::function<void()>(std::move(job)),
        [](gpointer data) { delete static_cast<std::function<void()>*>(data); });
    g_source_attach(source, context);
    g_source_unref(source);
  }

  GMainContext* context;
  GMainLoop* loop;
};

class WebRtcPeers final : public Peers {
 public:
  explicit WebRtcPeers(std::function<void(const std::string& id)> on_gone);
  ~WebRtcPeers() override;
  WebRtcPeers(const WebRtcPeers&) = delete;
  WebRtcPeers& operator=(const WebRtcPeers&) = delete;

  void begin(const std::string& id, uint64_t group, const std::string& offer, OnAnswer on_answer) override {
    jobs_->post([=, this] { begin_now(id, group, offer, on_answer); });
  }
  void end(const std::string& id) override {
    jobs_->post([=, this] { peers_.erase(id); });
  }
  void play(uint64_t group, std::vector<PeerPacket> packets) override {
    jobs_->post([=, this] { queue(group, packets); });
  }

 private:
  struct Member {
    uint64_t group;
    std::shared_ptr<Peer> peer;
  };
  struct DueSource {
    GSource source;
    WebRtcPeers* peers;
  };

  void begin_now(const std::string& id, uint64_t group, const std::string& offer, const OnAnswer& on_answer);
  void queue(uint64_t group, const std::vector<PeerPacket>& packets);
  void send_due();
  void send(uint64_t group, const PeerPacket& packet);
  GstBuffer* payload(const Peer& peer, const std::deque<PeerPacket>& packets) const;
  void check();
  void run();

  std::shared_ptr<Jobs> jobs_ = std::make_shared<Jobs>();
  std::function<void(const std::string&)> on_gone_;
  const int64_t base_us_ = monotonic_us();
  GSource* due_ = nullptr;
  std::map<std::string, Member> peers_;
  std::map<uint64_t, std::deque<PeerPacket>> waiting_;
  std::map<uint64_t, std::deque<PeerPacket>> sent_;  // the last few
  std::shared_ptr<std::promise<void>> all_ended_ = std::make_shared<std::promise<void>>();
  // Kept by every peer.
  std::shared_ptr<void> alive_{nullptr, [ended = all_ended_](void*) { ended->set_value(); }};
  std::thread thread_;
};

WebRtcPeers::WebRtcPeers(std::function<void(const std::string& id)> on_gone) : on_gone_(std::move(on_gone)) {
  static GSourceFuncs functions{nullptr,
                                nullptr,
                                [](GSource* source, GSourceFunc, gpointer) -> gboolean {
                                  reinterpret_cast<DueSource*>(source)->peers->send_due();
                                  return G_SOURCE_CONTINUE;
                                },
                                nullptr,
                                nullptr,
                                nullptr};
  due_ = g_source_new(&functions, sizeof(DueSource));
  reinterpret_cast<DueSource*>(due_)->peers = this;
  g_source_set_ready_time(due_, -1);
  g_source_attach(due_, jobs_->context);
  thread_ = std::thread([this] { run(); });
}

WebRtcPeers::~WebRtcPeers() {
  jobs_->post([this] {
    peers_.clear();
    g_main_loop_quit(jobs_->loop);
  });
  thread_.join();
  alive_.reset();
  if (all_ended_->get_future().wait_for(ends_within) != std::future_status::ready) leave_threads_behind();
  g_source_destroy(due_);
  g_source_unref(due_);
}

void WebRtcPeers::run() {
  g_main_context_push_thread_default(jobs_->context);
  GSource* checks = g_timeout_source_new(check_ms);
  g_source_set_callback(
      checks,
      [](gpointer self) -> gboolean {
        static_cast<WebRtcPeers*>(self)->check();
        return G_SOURCE_CONTINUE;
      },
      this, nullptr);
  g_source_attach(checks, jobs_->context);
  g_main_loop_run(jobs_->loop);
  g_source_destroy(checks);
  g_source_unref(checks);
  g_main_context_pop_thread_default(jobs_->context);
}

void WebRtcPeers::begin_now(const std::string& id, uint64_t group, const std::string& offer,
                            const OnAnswer& on_answer) {
  const auto refuse = [&](bool of_offer, const std::string& why) {
    on_answer(PeerRefusal{of_offer, why});
    on_gone_(id);
  };
  const auto post = [jobs = std::weak_ptr(jobs_)](std::function<void()> job) {
    if (const auto there = jobs.lock()) there->post(std::move(job));
  };
  try {
    const auto peer = std::make_shared<Peer>(
        read_offer(offer), post,
        [this, id] {
          on_gone_(id);
          end(id);
        },
        alive_);
    peer->begin(base_us_, on_answer);
    peers_[id] = {group, peer};
  } catch (const Error& error) {
    refuse(true, error.what());
  } catch (const std::exception& error) {
    refuse(false, error.what());
  }
}

void WebRtcPeers::queue(uint64_t group, const std::vector<PeerPacket>& packets) {
  std::deque<PeerPacket>& waiting = waiting_[group];
  waiting.insert(waiting.end(), packets.begin(), packets.end());
  send_due();
}

void WebRtcPeers::send_due() {
  const int64_t now_us = monotonic_us();
  std::optional<int64_t> next_us;
  for (auto group = waiting_.begin(); group != waiting_.end();) {
    std::deque<PeerPacket>& packets = group->second;
    for (; !packets.empty() && packets.front().due_us <= now_us; packets.pop_front())
      if (now_us - packets.front().due_us < forgotten_us) send(group->first, packets.front());
    if (packets.empty()) {
      group = waiting_.erase(group);
      continue;
    }
    next_us = std::min(next_us.value_or(packets.front().due_us), packets.front().due_us);
    ++group;
  }
  g_source_set_ready_time(due_, next_us.value_or(-1));
}

// One buffer for all that understand the same, with as many copies: what a peer adds of its own is the header of RTP.
void WebRtcPeers::send(uint64_t group, const PeerPacket& packet) {
  std::deque<PeerPacket>& sent = sent_[group];
  sent.push_back(packet);
  if (sent.size() > Redundancy::most + 1) sent.pop_front();
  std::map<std::tuple<bool, int, size_t>, GstBuffer*> payloads;
  for (const auto& [id, member] : peers_) {
    const Peer& peer = *member.peer;
    if (member.group != group || !peer.is_connected()) continue;
    GstBuffer*& buffer = payloads[{peer.offer().red >= 0, peer.offer().opus, peer.copies()}];
    if (buffer == nullptr) buffer = payload(peer, sent);
    member.peer->send(buffer, static_cast<uint32_t>(packet.position));
  }
  for (const auto& [kind, buffer] : payloads) gst_buffer_unref(buffer);
}

GstBuffer* WebRtcPeers::payload(const Peer& peer, const std::deque<PeerPacket>& packets) const {
  const PeerPacket& newest = packets.back();
  const std::string bytes =
      peer.offer().red < 0 ? newest.opus : red_payload(peer.offer().opus, packets, peer.copies());
  GstBuffer* buffer = gst_buffer_new_memdup(bytes.data(), bytes.size());
  GST_BUFFER_PTS(buffer) =
      static_cast<GstClockTime>(std::max<int64_t>(newest.due_us - base_us_, 0)) * GST_USECOND;
  GST_BUFFER_DURATION(buffer) = 20 * GST_MSECOND;
  return buffer;
}

void WebRtcPeers::check() {
  const int64_t now_us = monotonic_us();
  std::set<uint64_t> groups;
  for (const auto& [id, member] : peers_) {
    member.peer->check(now_us);
    groups.insert(member.group);
  }
  std::erase_if(sent_, [&](const auto& sent) { return !groups.contains(sent.first); });
}

std::unique_ptr<Peers> open(std::function<void(const std::string& id)> on_gone) {
  GError* error = nullptr;
  if (gst_init_check(nullptr, nullptr, &error) == FALSE) {
    const std::string why = error != nullptr ? error->message : "no reason given";
    g_clear_error(&error);
    throw Error(Exit::environment, "--webrtc: GStreamer cannot start: " + why);
  }
  for (const auto& [element, package] : {std::pair("appsrc", "gstreamer1.0-plugins-base"),
                                         {"rtpopuspay", "gstreamer1.0-plugins-good"},
                                         {"rtpbin", "gstreamer1.0-plugins-good"},
                                         {"webrtcbin", "gstreamer1.0-plugins-bad"},
                                         {"dtlsenc", "gstreamer1.0-plugins-bad"},
                                         {"srtpenc", "gstreamer1.0-plugins-bad"},
                                         {"nicesink", "gstreamer1.0-nice"}}) {
    GstElementFactory* factory = gst_element_factory_find(element);
    if (factory == nullptr)
      throw Error(Exit::environment, std::string("--webrtc needs GStreamer's ") + element +
                                         ", which is not installed; install " + package);
    gst_object_unref(factory);
  }
  return std::make_unique<WebRtcPeers>(std::move(on_gone));
}

}  // namespace
}  // namespace auralis

extern "C" const auralis::PeersPlugin* auralis_webrtc_peers() {
  static const auralis::PeersPlugin plugin{AURALIS_VERSION, auralis::open};
  return &plugin;
}
