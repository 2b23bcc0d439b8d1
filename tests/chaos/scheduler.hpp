#pragma once

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

// A member that schedules messages for the next seconds, and changes or cancels some of them, also
// while they are being sent. The clients' thread only.
class Scheduler {
 public:
  Scheduler(Traffic& traffic, const Chat& chat, std::int64_t person);

  awaitable<> run();

 private:
  // Sent once: repeated it would be another message.
  awaitable<> schedule();
  awaitable<> revise(std::size_t number);
  Revision next_revision(std::size_t number);
  std::string request_of(const Revision& revision, std::int64_t id) const;

  Traffic& traffic_;
  const Chat& chat_;
  const Person& person_;
};

}  // namespace fechatter::chaos
