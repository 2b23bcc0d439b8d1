#pragma once

#include "bench/rounds.hpp"
#include "bench/search_lag.hpp"
#include "bench/stage.hpp"

namespace fechatter::bench {

struct SendRound {
  double per_second = 0;
  double p50_ms = 0;
  double p99_ms = 0;
};

// Whether the indexing of messages slows down those who send them: sixteen connections each of
// which sends the next message when the last is answered, in rounds with the indexer at work and
// with another server in place of the first, whose indexer finds no Meilisearch and waits. (To hold
// up the indexer by a lock slows sending: whoever waits for a lock keeps dead rows alive.) After
// each round all must be indexed. One thread.
class IndexingRounds {
 public:
  IndexingRounds(Stage& stage, Talker& talker);

  InTurns<SendRound> measure(std::size_t rounds, double seconds);
  std::size_t refused() const { return refused_; }

 private:
  SendRound send_for(double seconds, std::uint16_t port);
  SendRound send_while_indexed(double seconds);
  SendRound send_while_held(double seconds);
  void wait_for_index();

  test::Server& indexing_;
  test::Server waiting_;
  Talker& talker_;
  EventLoop loop_;
  postgres::Connection connection_;
  const std::int64_t before_;  // the last message that was there
  std::size_t refused_ = 0;
};

}  // namespace fechatter::bench
