#include "fechatter_server/file/upload_slots.hpp"

#include <mutex>
#include <unordered_map>

#include "fechatter_core/error.hpp"

namespace fechatter::server {

struct UploadSlots::State {
  State(std::size_t all, std::size_t each) : count{all}, of_user{each} {}

  const std::size_t count;
  const std::size_t of_user;
  std::mutex mutex;
  std::size_t taken = 0;
  std::unordered_map<UserId, std::size_t> by_user;
};

UploadSlots::UploadSlots(std::size_t count, std::size_t of_user)
    : state_{std::make_shared<State>(count, of_user)} {}

UploadSlots::Taken UploadSlots::take(UserId user) {
  const std::lock_guard lock{state_->mutex};
  const auto found = state_->by_user.find(user);
  if (found != state_->by_user.end() && found->second >= state_->of_user) {
    throw Error{ErrorCode::rate_limited, "Too many uploads of this user are under way."};
  }
  if (state_->taken >= state_->count) {
    throw Error{ErrorCode::overloaded, "Too many uploads are under way."};
  }
  ++state_->by_user[user];
  ++state_->taken;
  return {state_, user};
}

std::size_t UploadSlots::taken() const {
  const std::lock_guard lock{state_->mutex};
  return state_->taken;
}

UploadSlots::Taken::~Taken() {
  if (!state_) return;
  const std::lock_guard lock{state_->mutex};
  const auto found = state_->by_user.find(user_);
  if (--found->second == 0) state_->by_user.erase(found);
  --state_->taken;
}

}  // namespace fechatter::server
