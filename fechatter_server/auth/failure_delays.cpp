#include "fechatter_server/auth/failure_delays.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "fechatter_core/error.hpp"

namespace fechatter::server {
namespace {

using std::chrono::seconds;

constexpr std::chrono::hours memory{1};
constexpr std::int64_t doublings_max = 30;
// More than one a call: old ones are forgotten faster than new ones are stored.
constexpr int forgotten_per_call = 2;

Error too_many_failures(seconds wait) {
  Error refusal{
      ErrorCode::rate_limited,
      fmt::format("Too many wrong passwords for this account; come again in {} s.", wait.count())};
  return refusal.come_again_after(wait);
}

}  // namespace

FailureDelays::Try FailureDelays::begin(const std::string& account) {
  if (settings_.enabled) {
    const auto now = now_();
    const std::lock_guard lock{mutex_};
    forget_old(now);
    const auto found = failures_.find(account);
    auto failures = found == failures_.end() ? Failures{0, now} : found->second;
    if (failures.over > now) {
      throw too_many_failures(std::chrono::ceil<seconds>(failures.over - now));
    }
    ++failures.count;
    failures.over = now + delay_after(failures.count);
    store(account, failures);
  }
  return {*this, account};
}

void FailureDelays::forget(const std::string& account) {
  const std::lock_guard lock{mutex_};
  erase(account);
}

std::size_t FailureDelays::accounts() const {
  const std::lock_guard lock{mutex_};
  return failures_.size();
}

void FailureDelays::take_back(const std::string& account) {
  const auto now = now_();
  const std::lock_guard lock{mutex_};
  const auto found = failures_.find(account);
  if (found == failures_.end()) return;
  const auto count = found->second.count - 1;
  if (count <= 0) return erase(account);
  store(account, {count, now});
}

void FailureDelays::store(const std::string& account, const Failures& failures) {
  erase(account);
  if (failures_.size() >= settings_.accounts_max) erase(std::string{by_moment_.begin()->second});
  failures_.emplace(account, failures);
  by_moment_.emplace(failures.over, account);
}

void FailureDelays::erase(const std::string& account) {
  const auto found = failures_.find(account);
  if (found == failures_.end()) return;
  by_moment_.erase({found->second.over, account});
  failures_.erase(found);
}

void FailureDelays::forget_old(Moment now) {
  for (int i = 0; i < forgotten_per_call && !by_moment_.empty(); ++i) {
    const auto& [over, account] = *by_moment_.begin();
    if (over + memory > now) return;
    erase(std::string{account});
  }
}

seconds FailureDelays::delay_after(std::int64_t failures) const {
  const auto doublings = failures - settings_.free;
  if (doublings < 0) return seconds{0};
  return std::min(settings_.delay_max,
                  settings_.delay * (std::int64_t{1} << std::min(doublings, doublings_max)));
}

}  // namespace fechatter::server
