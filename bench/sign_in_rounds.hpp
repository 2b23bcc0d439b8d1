#pragma once

#include <vector>

#include "bench/archive.hpp"
#include "bench/closed_loop.hpp"
#include "bench/message_sender.hpp"
#include "bench/report.hpp"

namespace fechatter::bench {

struct SignInOptions {
  std::size_t rounds = 5;     // of each kind: without and with sign-ins
  double seconds = 10;        // of each round
  double rate = 100;          // messages per second
  std::size_t sign_ins = 64;  // concurrent: the length of the server's queue
  unsigned seed = 1;
};

// The effect of sign-ins on sending: messages at a constant rate, in rounds with and without
// sign-ins. One thread.
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
  HttpRequest sign_in();
  void report(const Figures& quiet, const Figures& busy) const;

  const SignInOptions options_;
  const Stage& stage_;
  EventLoop loop_;
  MessageSender sender_;
  std::size_t signed_in_ = 0;
  std::size_t refused_ = 0;  // of the sign-ins
};

}  // namespace fechatter::bench
