// SPDX-License-Identifier: MIT
#include "net/proxies.h"

#include <algorithm>
#include <optional>

#include "net/web_address.h"

namespace auralis {
namespace {

// What a proxy says of the request that it passes on.
struct Hop {
  std::string from;  // an address; "" where it keeps that to itself
  std::string host;
  std::string proto;
};

// "192.0.2.7", "192.0.2.7:4711", "[2001:db8::7]", "[2001:db8::7]:4711", "2001:db8::7"
std::string address_of(std::string_view node) {
  if (const std::optional<IpAddress> whole = parse_address(node)) return whole->text();
  if (node.starts_with('[')) {
    node = node.substr(1, node.find(']') - 1);
  } else {
    node = node.substr(0, node.find(':'));
  }
  const std::optional<IpAddress> address = parse_address(node);
  return address ? address->text() : std::string();
}

std::string last_of(std::string_view list) {
  const std::vector<std::string_view> all = list_members(list);
  return all.empty() ? std::string() : std::string(all.back());
}

void set_parameter(Hop& hop, std::string_view name, const std::string& value) {
  if (same_letters(name, "for")) hop.from = address_of(value);
  if (same_letters(name, "host")) hop.host = value;
  if (same_letters(name, "proto")) hop.proto = value;
}

// RFC 7239, section 4: for=192.0.2.7;proto=https, for="[2001:db8::7]:4711"
std::vector<Hop> read_forwarded(std::string_view text) {
  std::vector<Hop> hops(1);
  std::string name, value;
  bool in_value = false, quoted = false;
  const auto end_of_parameter = [&] {
    set_parameter(hops.back(), trimmed(name), std::string(trimmed(value)));
    name.clear(), value.clear(), in_value = false;
  };
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (quoted && c == '\\' && at + 1 < text.size()) {
      value += text[++at];
    } else if (in_value && c == '"') {
      quoted = !quoted;
    } else if (!quoted && (c == ';' || c == ',')) {
      end_of_parameter();
      if (c == ',') hops.emplace_back();
    } else if (!in_value && c == '=') {
      in_value = true;
    } else {
      (in_value ? value : name) += c;
    }
  }
  end_of_parameter();
  return hops;
}

bool says_tls(std::string_view proto) { return lists(proto, "https") || lists(proto, "wss"); }

}  // namespace

bool Proxies::trusts(std::string_view address) const {
  const std::optional<IpAddress> parsed = parse_address(address);
  return parsed && std::any_of(trusted_.begin(), trusted_.end(),
                               [&](const AddressRange& range) { return range.contains(*parsed); });
}

// Of the addresses from client to us: the client's, or the number of them where the last is hidden.
size_t Proxies::client_at(const std::vector<std::string>& hops) const {
  size_t at = hops.size();
  while (at > 0 && !hops[at - 1].empty()) {
    --at;
    if (!trusts(hops[at])) break;
  }
  return at;
}

Sender Proxies::sender_of(const HttpRequest& request, const std::string& peer, bool encrypted) const {
  Sender sender{.address = peer, .peer = peer, .host = request.host, .encrypted = encrypted};
  const bool has_list = !request.forwarded_for.empty();
  const bool has_standard = !request.forwarded.empty();
  sender.proxied = has_list || has_standard || !request.forwarded_host.empty() ||
                   !request.forwarded_proto.empty() || !request.via.empty();
  if (!sender.proxied || !trusts(peer)) return sender;

  std::vector<std::string> listed;
  for (const std::string_view hop : list_members(request.forwarded_for)) listed.push_back(address_of(hop));
  const std::vector<Hop> hops = has_standard ? read_forwarded(request.forwarded) : std::vector<Hop>();
  std::vector<std::string> standard;
  for (const Hop& hop : hops) standard.push_back(hop.from);
  const auto client = [&](const std::vector<std::string>& addresses) {
    const size_t at = client_at(addresses);
    return at < addresses.size() ? addresses[at] : peer;
  };
  sender.contradicted = has_list && has_standard && client(listed) != client(standard);
  if (sender.contradicted) return sender;

  sender.believed = true;
  if (has_list || has_standard) sender.address = client(has_list ? listed : standard);
  std::string host = last_of(request.forwarded_host);
  std::string proto = last_of(request.forwarded_proto);
  if (has_standard) {
    const Hop& hop = hops[std::min(client_at(standard), hops.size() - 1)];
    if (host.empty()) host = hop.host;
    if (proto.empty()) proto = hop.proto;
  }
  if (!host_name(host).empty()) sender.host = host;
  if (!proto.empty()) sender.encrypted = says_tls(proto);
  return sender;
}

}  // namespace auralis
