#pragma once

#include <deque>
#include <thread>

#include "tests/chaos/listener.hpp"
#include "tests/chaos/sender.hpp"

namespace fechatter::chaos {

// All clients, on one thread.
class Crowd {
 public:
  Crowd(const World& world, Doors doors, std::uint64_t seed);
  ~Crowd();
  Crowd(const Crowd&) = delete;
  Crowd& operator=(const Crowd&) = delete;

  // Lively: things begin, streams come and go. Else what is under way is finished, and everybody
  // listens.
  void set_lively(bool lively);
  // So many listeners come back at the same moment.
  void stampede(std::size_t count);
  // Messages and changes under way.
  int pending();
  std::size_t sends();
  std::vector<Progress> progress();
  // Ends all clients; what they did and saw, and what REST answered how often.
  std::pair<Histories, std::map<int, int>> end();

 private:
  void begin(awaitable<> client);
  void run();
  // Runs on the clients' thread, and waits for it.
  template <class F>
  auto ask(F question);

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Executor executor_;
  Traffic traffic_;
  std::deque<Sender> senders_;
  std::deque<Guest> guests_;
  std::deque<Stranger> strangers_;
  std::deque<Listener> listeners_;
  std::thread thread_;
};

}  // namespace fechatter::chaos
