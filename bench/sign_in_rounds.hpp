#pragma once

#include <deque>
#include <random>
#include <vector>

#include "bench/archive.hpp"
#include "bench/closed_loop.hpp"
#include "bench/report.hpp"

namespace fechatter::bench {

struct SignInOptions {
  std::size_t rounds = 5;     // of each kind: without and with sign-ins
  double seconds = 10;        // of each round
  double rate = 100;          // messages per second
  std::size_t sign_ins = 64;  // concurrent: the length of the server's queue
  unsigned seed = 1;
};

// The effect of sign-ins on sending: messages at a constant rate, each at a random moment of its
// slot, in rounds with and without sign-ins. One thread.
class SignInRounds {
 public:
  SignInRounds(const SignInOptions& options, const Stage& stage, Archive& archive);

  // Runs all rounds and prints the figures. Returns the number of refused requests.
  std::size_t run();

 private:
  struct Round {
    Spread latency;
    double sign_ins_per_second = 0;
  };
  struct Figures {
    double p50 = 0;
    double p99 = 0;
    double sign_ins_per_second = 0;
  };

  static Figures medians_of(const std::vector<Round>& rounds);
  Round run_one(std::size_t sign_ins);
  void send_for(double seconds);
  HttpRequest sign_in();
  void report(const Figures& quiet, const Figures& busy) const;

  const SignInOptions options_;
  const Stage& stage_;
  Archive& archive_;
  EventLoop loop_;
  std::deque<HttpConnection> senders_;
  std::mt19937 random_;
  std::size_t next_sender_ = 0;
  std::size_t signed_in_ = 0;
  std::size_t under_way_ = 0;
  std::size_t refused_ = 0;
  std::vector<double> latencies_;
};

}  // namespace fechatter::bench
