// SPDX-License-Identifier: MIT
// How many connections each address has, and no more than so many: a seat is taken by each, and given back with it.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "net/address.h"

namespace auralis {

class AddressCounts {
 public:
  class Seat {
   public:
    Seat(AddressCounts& counts, std::string name) : counts_(&counts), name_(std::move(name)) {
      ++counts_->counts_[name_];
    }
    ~Seat() { leave(); }
    Seat(Seat&& other) noexcept
        : counts_(std::exchange(other.counts_, nullptr)), name_(std::move(other.name_)) {}
    Seat& operator=(Seat&& other) noexcept {
      if (this != &other) {
        leave();
        counts_ = std::exchange(other.counts_, nullptr);
        name_ = std::move(other.name_);
      }
      return *this;
    }
    bool is_of(const std::string& address) const { return name_ == limited_as(address); }

   private:
    void leave() {
      if (counts_ == nullptr) return;
      const auto found = counts_->counts_.find(name_);
      if (--found->second == 0) counts_->counts_.erase(found);
    }

    AddressCounts* counts_;
    std::string name_;
  };

  // `most`: for an address.
  explicit AddressCounts(std::function<size_t(const std::string& address)> most) : most_(std::move(most)) {}

  bool has_room(const std::string& address) const {
    const auto found = counts_.find(limited_as(address));
    return found == counts_.end() || found->second < most_(address);
  }
  // nullopt where it has all that it may have.
  std::optional<Seat> take(const std::string& address) {
    return has_room(address) ? std::optional<Seat>(std::in_place, *this, limited_as(address)) : std::nullopt;
  }
  size_t addresses() const { return counts_.size(); }

 private:
  std::function<size_t(const std::string&)> most_;
  std::unordered_map<std::string, size_t> counts_;
};

}  // namespace auralis
