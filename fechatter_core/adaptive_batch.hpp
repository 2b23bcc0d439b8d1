#pragma once

#include <algorithm>
#include <cstddef>

namespace fechatter {

// The limits of a batch: it ends with the element that reaches the bytes, and has one at least.
struct BatchSize {
  std::size_t count = 1;
  std::size_t bytes = 1;
};

// The size of the next batch: halved after a failure, down to one element, and doubled after eight
// successes, up to its maximum. So work that is too much at once gets done, and without trouble
// nothing is slower. One thread.
class AdaptiveBatch {
 public:
  // REQUIRES: at least one element.
  explicit AdaptiveBatch(BatchSize max) : max_{max} {}

  BatchSize size() const {
    return {std::max<std::size_t>(max_.count >> halvings_, 1),
            std::max<std::size_t>(max_.bytes >> halvings_, 1)};
  }

  void failed() {
    successes_ = 0;
    if (size().count > 1) ++halvings_;
  }
  void succeeded() {
    if (halvings_ == 0 || ++successes_ < successes_to_double) return;
    successes_ = 0;
    --halvings_;
  }

 private:
  static constexpr int successes_to_double = 8;

  const BatchSize max_;
  unsigned halvings_ = 0;
  int successes_ = 0;
};

}  // namespace fechatter
