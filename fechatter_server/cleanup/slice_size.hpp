#pragma once

#include <algorithm>
#include <chrono>

namespace fechatter::server {

// The number of rows that one statement of a chore takes: halved after a time-out, down to one, and
// doubled after a slice that took less than a quarter of the time-out, up to `max`. So a slice that
// has grown is not likely to time out again. One thread.
class SliceSize {
 public:
  explicit SliceSize(int max) : max_{max}, value_{max} {}

  int value() const { return value_; }

  void timed_out() { value_ = std::max(1, value_ / 2); }
  void done(std::chrono::steady_clock::duration took, std::chrono::milliseconds timeout) {
    if (took < timeout / 4) value_ = std::min(max_, value_ * 2);
  }

 private:
  const int max_;
  int value_;
};

}  // namespace fechatter::server
