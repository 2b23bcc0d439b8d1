#pragma once

#include <deque>
#include <thread>

#include "tests/chaos/archiver.hpp"
#include "tests/chaos/drafter.hpp"
#include "tests/chaos/noise.hpp"
#include "tests/chaos/scheduler.hpp"
#include "tests/chaos/sender.hpp"
#include "tests/chaos/subscriber.hpp"

namespace fechatter::chaos {

// All clients of a run, on their own thread. The public functions are for one other thread.
class Clients {
 public:
  Clients(const Population& population, Ports ports, std::uint64_t seed);
  ~Clients();
  Clients(const Clients&) = delete;
  Clients& operator=(const Clients&) = delete;

  // Active: clients send new requests, and streams close and reopen. Otherwise clients finish
  // pending requests and keep their streams open.
  void set_active(bool active);
  // `count` subscribers reconnect at the same moment.
  void stampede(std::size_t count);
  // The number of pending messages and changes.
  int pending();
  std::size_t sends();
  std::vector<Progress> progress();
  // Stops all clients; returns their histories and the counts of REST statuses.
  std::pair<Histories, std::map<int, int>> end();

 private:
  void begin(awaitable<> client);
  void run();
  // Calls `question` on the clients' thread and waits for its result.
  template <class F>
  auto ask(F question);

  asio::io_context io_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  Executor executor_;
  Traffic traffic_;
  std::deque<Sender> senders_;
  std::deque<TemporaryMember> temporary_members_;
  std::deque<Scheduler> schedulers_;
  std::deque<Drafter> drafters_;
  std::deque<Archiver> archivers_;
  std::deque<Noise> noises_;
  std::deque<Outsider> outsiders_;
  std::deque<Subscriber> subscribers_;
  std::thread thread_;
};

}  // namespace fechatter::chaos
