#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>

#include "bench/http_streams.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"
#include "bench/stage.hpp"

// How long a sign-in takes on a device that the account knows, in rounds with and without strangers
// that try passwords beside it. The promise: its p99 at most doubles.
namespace fechatter::bench {
namespace {

using Seconds = std::chrono::duration<double>;
using nlohmann::json;

struct Options {
  std::size_t rounds = 5;  // of each kind
  double seconds = 10;     // of each round
  double known = 10;       // sign-ins per second on known devices
  double strangers = 200;  // tries per second
  std::size_t people = 100;
};

// Real password hashes. The address of a client is the one that the benchmark forwards.
StageOptions stage_options() {
  return {{{"FECHATTER_AUTH__PASSWORD_MEMORY_KIB", "19456"},
           {"FECHATTER_AUTH__PASSWORD_ITERATIONS", "2"},
           {"FECHATTER_HTTP__TRUSTED_PROXIES", "127.0.0.1"}},
          {},
          false};
}

// Requests over keep-alive connections, each on one that is free.
class Requests {
 public:
  Requests(EventLoop& loop, std::uint16_t port, std::size_t connections) : loop_{loop} {
    const auto note = [this](const Answer& answer) {
      --under_way_;
      ++statuses_[answer.status];
      latencies_.push_back(milliseconds(answer.arrived - answer.began));
    };
    for (std::size_t i = 0; i < connections; ++i) connections_.emplace_back(loop, port, "", note);
  }

  // Skips the request when every connection has a pending one; returns whether it was sent.
  bool send(const HttpRequest& request) {
    for (auto& connection : connections_) {
      if (connection.busy()) continue;
      ++under_way_;
      connection.send(request);
      return true;
    }
    return false;
  }
  void finish() {
    const auto is_done = [this] { return under_way_ == 0; };
    if (!loop_.run_until(is_done, std::chrono::seconds{30})) {
      throw std::runtime_error{"sign-ins were not answered within 30 s"};
    }
  }
  std::vector<double> take_latencies() { return std::exchange(latencies_, {}); }
  std::size_t count_of(int status) const {
    const auto found = statuses_.find(status);
    return found == statuses_.end() ? 0 : found->second;
  }

 private:
  EventLoop& loop_;
  std::deque<HttpConnection> connections_;
  std::size_t under_way_ = 0;
  std::map<int, std::size_t> statuses_;
  std::vector<double> latencies_;
};

struct Round {
  double p50 = 0;
  double p99 = 0;
};

class SignIns {
 public:
  SignIns(const Options& options, const Stage& stage)
      : options_{options},
        stage_{stage},
        known_{loop_, stage.server_port(), 64},
        strangers_{loop_, stage.server_port(), 512} {
    for (const auto& person : stage.people()) known_requests_.push_back(known_request(person));
  }

  int run() {
    std::vector<Round> quiet;
    std::vector<Round> busy;
    for (std::size_t i = 0; i < options_.rounds; ++i) {
      quiet.push_back(run_one(0));
      busy.push_back(run_one(options_.strangers));
    }
    return report(quiet, busy);
  }

 private:
  static std::string credentials(const std::string& email, const std::string& password) {
    return json{{"email", email}, {"password", password}}.dump();
  }

  // Signs in once, as a stranger, for the cookie of the device.
  HttpRequest known_request(const test::Person& person) const {
    const std::string name = person.auth().at("user").at("fullname");
    const auto password = test::password_of(name);
    const auto reply = test::request(stage_.server_port(), "POST", "/api/signin",
                                     json{{"email", person.email()}, {"password", password}});
    const auto [begin, end] = reply.headers.equal_range("set-cookie");
    const auto device = std::find_if(
        begin, end, [](const auto& header) { return header.second.starts_with("__Host-device="); });
    if (reply.status != 200 || device == end) throw std::runtime_error{"sign-in: " + reply.body};
    const auto cookie = device->second.substr(0, device->second.find(';'));
    return {"POST",
            "/api/signin",
            credentials(person.email(), password),
            {},
            fmt::format("Cookie: {}\r\nX-Forwarded-For: 192.0.2.1\r\n", cookie)};
  }

  // A network and an account of its own, so that no rate stops it: only the queue does.
  HttpRequest stranger_request() {
    const auto i = ++stranger_;
    return {"POST",
            "/api/signin",
            credentials(fmt::format("person-{}@elsewhere.example", i), "not the password"),
            {},
            fmt::format("X-Forwarded-For: 2001:{:x}:{:x}::1\r\n", 0x4000 + i / 65536, i % 65536)};
  }

  // Both kinds at a constant rate; the strangers begin a second earlier.
  Round run_one(double strangers) {
    const auto begin = Clock::now();
    const auto moment = [&](double offset) {
      return begin + std::chrono::duration_cast<Clock::duration>(Seconds{offset});
    };
    double next_stranger = strangers > 0 ? 0 : options_.seconds + 2;
    double next_known = 1;
    while (std::min(next_stranger, next_known) < options_.seconds + 1) {
      check_not_stopped();
      loop_.run_until(moment(std::min(next_stranger, next_known)));
      if (next_stranger <= next_known) {
        next_stranger += 1 / strangers;
        if (!strangers_.send(stranger_request())) ++skipped_;
      } else {
        next_known += 1 / options_.known;
        if (!known_.send(known_requests_[++signed_in_ % known_requests_.size()])) ++skipped_;
      }
    }
    known_.finish();
    strangers_.finish();
    const auto spread = spread_of(known_.take_latencies());
    strangers_.take_latencies();
    return {spread.p50, spread.p99};
  }

  int report(const std::vector<Round>& quiet, const std::vector<Round>& busy) const {
    const auto row = [](const std::string& name, const std::vector<Round>& rounds) -> Row {
      return {name, fmt::format("{:.2f}", median_of(rounds, &Round::p50)),
              fmt::format("{:.2f}", median_of(rounds, &Round::p99))};
    };
    const auto quiet_p99 = median_of(quiet, &Round::p99);
    const auto busy_p99 = median_of(busy, &Round::p99);
    const auto refused = signed_in_ - known_.count_of(200);
    print_table({{"sign-in on a known device", "p50 ms", "p99 ms"},
                 row("alone", quiet),
                 row("with strangers", busy)});
    fmt::print(
        "\nMedians of {} rounds of each, in turns, {:.0f} sign-ins/s; {:.0f} strangers/s: {} "
        "compared, {} turned away (503), {} limited (429). The p99 with strangers is {:.2f} of the "
        "other.\n\n",
        options_.rounds, options_.known, options_.strangers, strangers_.count_of(401),
        strangers_.count_of(503), strangers_.count_of(429), busy_p99 / quiet_p99);
    print_json("sign_in", {{"rounds", options_.rounds},
                           {"seconds", options_.seconds},
                           {"known_per_second", options_.known},
                           {"strangers_per_second", options_.strangers},
                           {"quiet_p50_ms", rounded(median_of(quiet, &Round::p50))},
                           {"quiet_p99_ms", rounded(quiet_p99)},
                           {"busy_p50_ms", rounded(median_of(busy, &Round::p50))},
                           {"busy_p99_ms", rounded(busy_p99)},
                           {"p99_ratio", rounded(busy_p99 / quiet_p99)},
                           {"strangers_compared", strangers_.count_of(401)},
                           {"strangers_turned_away", strangers_.count_of(503)},
                           {"strangers_limited", strangers_.count_of(429)},
                           {"skipped", skipped_},
                           {"refused", refused}});
    if (refused > 0) fmt::print(stderr, "\n{} known devices were refused\n", refused);
    return refused > 0 ? 1 : 0;
  }

  const Options options_;
  const Stage& stage_;
  EventLoop loop_;
  Requests known_;
  Requests strangers_;
  std::vector<HttpRequest> known_requests_;
  std::size_t stranger_ = 0;
  std::size_t signed_in_ = 0;
  std::size_t skipped_ = 0;
};

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: signing in on a known device beside strangers"};
  arguments.add_option("--rounds", options.rounds, "rounds without and with strangers")
      ->check(CLI::Range(1, 100));
  arguments.add_option("--seconds", options.seconds, "seconds of each round")
      ->check(CLI::Range(0.5, 600.0));
  arguments.add_option("--known", options.known, "sign-ins a second on known devices")
      ->check(CLI::Range(0.1, 60.0));
  arguments.add_option("--strangers", options.strangers, "tries a second of strangers")
      ->check(CLI::Range(1.0, 5000.0));
  CLI11_PARSE(arguments, argc, argv);
  warn_of_circumstances();
  const Stage stage{options.people, stage_options()};
  return SignIns{options, stage}.run();
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
