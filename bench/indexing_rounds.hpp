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

// The effect of indexing on sending: sixteen connections that each send the next message when the
// previous one is answered. Rounds with a working indexer alternate with rounds on another server,
// whose indexer waits for an absent Meilisearch. (Holding up the indexer by a lock would slow
// sending: a transaction that waits for a lock keeps dead rows alive.) After each round all
// messages must be indexed. One thread.
class IndexingRounds {
 public:
  IndexingRounds(Stage& stage, MessageSource& source);

  InTurns<SendRound> measure(std::size_t rounds, double seconds);
  std::size_t refused() const { return refused_; }

 private:
  SendRound send_for(double seconds, std::uint16_t port);
  SendRound send_while_indexed(double seconds);
  SendRound send_while_held(double seconds);
  void wait_for_index();

  test::Server& indexing_;
  test::Server waiting_;
  MessageSource& source_;
  EventLoop loop_;
  postgres::Connection connection_;
  const std::int64_t before_;  // the newest message before the first round
  std::size_t refused_ = 0;
};

}  // namespace fechatter::bench
