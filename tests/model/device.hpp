#pragma once

#include <memory>

#include "tests/model/rest_client.hpp"

namespace fechatter::model {

// A client of one user: it reads by REST, follows the events, and comes back after its stream has
// ended. One thread.
class Device {
 public:
  // `user` outlives it.
  Device(RestClient& user, Ports notifies, std::uint64_t seed)
      : user_{user}, notifies_{std::move(notifies)}, dice_{seed}, model_{user.user()} {}

  // Applies what has come, without waiting for more.
  void glances();
  // Loses its stream. The next call that reads resumes.
  void goes_away() { stream_.reset(); }
  // Forgets all, as a new client does.
  void begins_anew();
  // Applies events up to the PreferencesUpdated with this status; false after the deadline.
  bool reads_until(const std::string& custom_status);

  const ClientModel& model() const { return model_; }

 private:
  // A stream that was opened just now, or the one that there is.
  test::SseStream& stream();
  void read_by_rest();
  void apply(const test::SseEvent& event);

  RestClient& user_;
  const Ports notifies_;
  Dice dice_;
  ClientModel model_;
  std::string cursor_;  // empty: nothing was read yet
  std::string status_;  // of the last PreferencesUpdated
  std::unique_ptr<test::SseStream> stream_;
};

}  // namespace fechatter::model
