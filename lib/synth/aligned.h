// SPDX-License-Identifier: MIT
// Plain memory for the engine's state: zeroed, aligned to a cache line and to the widest vector, copied by value.
//   pages   large arrays come from calloc, so that what is never touched is never resident
//   place   large ones begin at different places in their pages: else delay lines that are read and written side by side
//           would share the same lines of the cache
//   data    always inlined, since the inner loops of every instruction set use it (see isa.h)
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>

namespace auralis {

template <typename T>
class Aligned {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  Aligned() = default;
  explicit Aligned(size_t count) : count_(count) {
    if (count == 0) return;
    const bool large = count * sizeof(T) >= large_bytes;
    block_ = std::calloc(count * sizeof(T) + alignment + (large ? page : 0), 1);
    if (block_ == nullptr) throw std::bad_alloc();
    auto address = reinterpret_cast<std::uintptr_t>(block_);
    if (large) address += address / page % (page / stagger) * stagger;
    data_ = reinterpret_cast<T*>((address + alignment - 1) / alignment * alignment);
  }
  Aligned(const Aligned& other) : Aligned(other.count_) { std::copy(other.begin(), other.end(), begin()); }
  Aligned(Aligned&& other) noexcept { swap(other); }
  Aligned& operator=(Aligned other) noexcept {
    swap(other);
    return *this;
  }
  ~Aligned() { std::free(block_); }

  [[gnu::always_inline]] T* data() { return data_; }
  [[gnu::always_inline]] const T* data() const { return data_; }
  size_t size() const { return count_; }
  T* begin() { return data_; }
  T* end() { return data_ + count_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + count_; }
  T& operator[](size_t i) { return data_[i]; }
  const T& operator[](size_t i) const { return data_[i]; }

 private:
  static constexpr size_t alignment = 64;
  static constexpr size_t large_bytes = 65536;
  static constexpr size_t page = 4096;
  static constexpr size_t stagger = 256;

  void swap(Aligned& other) noexcept {
    std::swap(block_, other.block_);
    std::swap(data_, other.data_);
    std::swap(count_, other.count_);
  }

  void* block_ = nullptr;
  T* data_ = nullptr;
  size_t count_ = 0;
};

// Memory that holds nothing between uses: a copy has its size, and zeros.
template <typename T>
class Scratch : public Aligned<T> {
 public:
  explicit Scratch(size_t count) : Aligned<T>(count) {}
  Scratch(const Scratch& other) : Aligned<T>(other.size()) {}
  Scratch(Scratch&&) noexcept = default;
  Scratch& operator=(const Scratch&) = delete;
  Scratch& operator=(Scratch&&) noexcept = default;
  ~Scratch() = default;
};

}  // namespace auralis
