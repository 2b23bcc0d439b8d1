#include "bench/sign_in_rounds.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "bench/rounds.hpp"

namespace fechatter::bench {
namespace {

using Seconds = std::chrono::duration<double>;

constexpr double sign_in_warm_up = 1;

}  // namespace

SignInRounds::SignInRounds(const SignInOptions& options, const Stage& stage, Archive& archive)
    : options_{options},
      stage_{stage},
      sender_{loop_, stage, archive, options.rate, options.seed} {}

std::size_t SignInRounds::run() {
  std::vector<Round> quiet;
  std::vector<Round> busy;
  for (std::size_t i = 0; i < options_.rounds; ++i) {
    quiet.push_back(run_one(0));
    busy.push_back(run_one(options_.sign_ins));
  }
  report(medians_of(quiet), medians_of(busy));
  return refused_ + sender_.refused();
}

SignInRounds::Round SignInRounds::run_one(std::size_t sign_ins) {
  const ClosedLoop::Next next = [this](std::size_t) { return sign_in(); };
  ClosedLoop beside{loop_, stage_.server_port(), {}, sign_ins, next, 200};
  beside.start();
  sender_.send_for(sign_in_warm_up);
  sender_.take_latencies();
  beside.take_latencies();
  const auto began = Clock::now();
  sender_.send_for(options_.seconds);
  const auto took = Seconds{Clock::now() - began}.count();
  const auto signed_in = static_cast<double>(beside.take_latencies().size());
  beside.finish();
  refused_ += beside.refused();
  return {spread_of(sender_.take_latencies()), signed_in / took};
}

HttpRequest SignInRounds::sign_in() {
  const auto& person = stage_.people()[++signed_in_ % stage_.people().size()];
  const std::string name = person.auth().at("user").at("fullname");
  const nlohmann::json body{{"email", person.email()}, {"password", test::password_of(name)}};
  return {"POST", "/api/signin", body.dump()};
}

SignInRounds::Figures SignInRounds::medians_of(const std::vector<Round>& rounds) {
  std::vector<double> p50;
  std::vector<double> p99;
  std::vector<double> rate;
  for (const auto& round : rounds) {
    p50.push_back(round.latency.p50);
    p99.push_back(round.latency.p99);
    rate.push_back(round.sign_ins_per_second);
  }
  return {median(std::move(p50)), median(std::move(p99)), median(std::move(rate))};
}

void SignInRounds::report(const Figures& quiet, const Figures& busy) const {
  const auto row = [](const std::string& name, const Figures& figures) -> Row {
    return {name, fmt::format("{:.2f}", figures.p50), fmt::format("{:.2f}", figures.p99),
            fmt::format("{:.0f}", figures.sign_ins_per_second)};
  };
  const auto ratio = busy.p99 / quiet.p99;
  print_table({{"POST message", "p50 ms", "p99 ms", "sign-ins/s"},
               row("without sign-ins", quiet),
               row("with sign-ins", busy)});
  fmt::print(
      "\nMedians of {} rounds of each, in turns, {:.0f} messages/s; the p99 while people sign in "
      "is {:.2f} of the other.\n\n",
      options_.rounds, options_.rate, ratio);
  print_json("rest_sign_in", {{"rate", options_.rate},
                              {"rounds", options_.rounds},
                              {"seconds", options_.seconds},
                              {"sign_ins_under_way", options_.sign_ins},
                              {"quiet_p50_ms", rounded(quiet.p50)},
                              {"quiet_p99_ms", rounded(quiet.p99)},
                              {"busy_p50_ms", rounded(busy.p50)},
                              {"busy_p99_ms", rounded(busy.p99)},
                              {"p99_ratio", rounded(ratio)},
                              {"sign_ins_per_second", rounded(busy.sign_ins_per_second)},
                              {"refused", refused_ + sender_.refused()}});
}

}  // namespace fechatter::bench
