#include "tests/power/file_bytes.hpp"

#include <algorithm>
#include <vector>

namespace fechatter::power {

void FileBytes::write(std::size_t offset, std::string_view bytes) {
  if (bytes.empty()) return;
  const auto end = offset + bytes.size();
  touch(std::min(offset, now_.size()), end);
  if (now_.size() < end) now_.resize(end);
  bytes.copy(now_.data() + offset, bytes.size());
}

void FileBytes::resize(std::size_t size) {
  if (size < now_.size()) {
    truncated_ = std::min(truncated_, size);
    waiting_.erase(waiting_.lower_bound((size + page - 1) / page), waiting_.end());
  } else {
    touch(now_.size(), size);
  }
  now_.resize(size);
}

void FileBytes::touch(std::size_t from, std::size_t to) {
  for (auto number = from / page; number * page < to; ++number) waiting_.insert(number);
}

void FileBytes::apply_truncation() {
  if (truncated_ < on_disk_.size()) on_disk_.resize(truncated_);
  truncated_ = nowhere;
}

// Its bytes, and the file's end behind them.
void FileBytes::bring(std::size_t page_number) {
  const auto begin = page_number * page;
  const auto end = std::min(begin + page, now_.size());
  if (begin >= end) return;
  if (on_disk_.size() < end) on_disk_.resize(end);
  std::copy_n(now_.data() + begin, end - begin, on_disk_.data() + begin);
}

// Some of its sectors; the power went while they were written, so that the file's end, which is
// written after them, is where it was.
void FileBytes::tear(std::size_t page_number, chaos::Dice& dice) {
  const auto begin = page_number * page;
  const auto limit = std::min({begin + page, now_.size(), on_disk_.size()});
  for (auto at = begin; at < limit; at += sector) {
    if (dice.chance(0.5)) continue;
    std::copy_n(now_.data() + at, std::min(sector, limit - at), on_disk_.data() + at);
  }
}

void FileBytes::sync() {
  apply_truncation();
  for (const auto number : waiting_) bring(number);
  waiting_.clear();
  on_disk_.resize(now_.size());
}

void FileBytes::write_back(chaos::Dice& dice) {
  if (waiting_.empty()) return;
  apply_truncation();
  auto chosen = waiting_.begin();
  std::advance(chosen, dice.below(waiting_.size()));
  bring(*chosen);
  waiting_.erase(chosen);
}

void FileBytes::cut(chaos::Dice* dice) {
  if (dice) bring_some(*dice);
  waiting_.clear();
  truncated_ = nowhere;
  now_ = on_disk_;
}

void FileBytes::bring_some(chaos::Dice& dice) {
  const bool was_truncated = truncated_ < on_disk_.size();
  if (was_truncated && dice.chance(0.5)) {
    // The journal lacks it: nothing that is behind it may be there.
    waiting_.erase(waiting_.lower_bound(truncated_ / page), waiting_.end());
  } else {
    apply_truncation();
  }
  enum { none, all, beginning, some, ways };
  const auto way = dice.below(ways);
  const auto first_lost = dice.below(waiting_.size() + 1);
  std::size_t index = 0;
  for (const auto number : waiting_) {
    const bool comes =
        way == all || (way == beginning && index < first_lost) || (way == some && dice.chance(0.5));
    const bool under_way = way == beginning && index == first_lost;
    ++index;
    if (comes) bring(number);
    if (under_way || (way == some && dice.chance(0.1))) tear(number, dice);
  }
}

}  // namespace fechatter::power
