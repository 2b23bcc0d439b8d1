#pragma once

#include "bench/closed_loop.hpp"
#include "bench/rounds.hpp"
#include "bench/stage.hpp"
#include "bench/statements.hpp"

namespace fechatter::bench {

struct PageOptions {
  std::size_t rounds = 5;  // of each kind
  double seconds = 10;     // of each round
  std::size_t connections = 1;
};

// A page of 50 messages, each with a file, three kinds of reactions by five people and an answer to
// an earlier one, in turns with a page of the same texts alone. One thread. REQUIRES: five people
// on the stage, which counts statements.
class PageRounds {
 public:
  PageRounds(const PageOptions& options, const Stage& stage);

  // Runs all rounds and prints the figures. Returns the number of refused requests.
  std::size_t run();

 private:
  struct Round {
    double p50 = 0;           // ms
    double processor_ms = 0;  // of fechatter_server, for each request
    double statements = 0;    // for each request
  };

  void fill_full_chat();
  Round measure(std::int64_t chat);
  void report(const InTurns<Round>& turns) const;

  const PageOptions options_;
  const Stage& stage_;
  StatementCount statements_;
  EventLoop loop_;
  std::int64_t plain_chat_ = 0;
  std::int64_t full_chat_ = 0;
  std::size_t refused_ = 0;
};

}  // namespace fechatter::bench
