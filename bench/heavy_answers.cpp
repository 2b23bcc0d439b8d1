#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <deque>
#include <iterator>
#include <nlohmann/json.hpp>
#include <thread>

#include "bench/archive.hpp"
#include "bench/message_sender.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"
#include "bench/stage.hpp"

// What clients that ask for the heaviest answers do to the sending of another user: full pages of
// the largest messages, of hits and of chats, one after the other from each client, in turns with
// rounds without them.
namespace fechatter::bench {
namespace {

using nlohmann::json;

struct Options {
  std::size_t clients = 6;
  std::size_t rounds = 5;  // of each kind: with and without them
  double seconds = 10;     // of each round
  double rate = 100;       // messages per second
  unsigned seed = 1;
  int rest = 9;  // limits.heavy_rest
  std::vector<std::string> answers{"messages", "hits", "chats"};
};

constexpr std::size_t large_messages = 100;
constexpr std::size_t chats = 500;
constexpr double warm_up = 4;  // by then the clients are heavy readers

struct Round {
  double p50 = 0;
  double p99 = 0;
  double answers_per_second = 0;
  double mebibytes_per_second = 0;
  double limited_per_second = 0;
};

// All people but the first: they share a group of large messages and are in many chats. A client
// asks again within 10 ms after it was answered. The clients have a thread of their own, so that
// what is measured is not the reading of their answers by the thread that measures; it has a low
// priority, since such clients run on other machines.
class HeavyClients {
 public:
  HeavyClients(const Stage& stage, const Options& options) : stage_{stage} {
    make_content();
    for (const auto& answer : options.answers) targets_.push_back(target_of(answer));
    const auto note = [this](const Answer& answer) {
      if (answer.status == 429) {
        ++limited_;
        return;
      }
      if (answer.status != 200) ++refused_;
      ++answers_;
      bytes_ += answer.body.size();
    };
    for (std::size_t i = 0; i < options.clients; ++i) {
      clients_.emplace_back(loop_, stage.server_port(), person(i).token(), note);
    }
  }
  ~HeavyClients() { stop(); }

  void start() {
    stopped_ = false;
    thread_ = std::thread{[this] { work(); }};
  }
  // Waits for the requests under way, for 30 s at most.
  void stop() {
    stopped_ = true;
    if (thread_.joinable()) thread_.join();
  }
  std::size_t take_answers() { return answers_.exchange(0); }
  std::size_t take_limited() { return limited_.exchange(0); }
  std::size_t take_bytes() { return bytes_.exchange(0); }
  std::size_t refused() const { return refused_; }

 private:
  static constexpr auto pause = std::chrono::milliseconds{10};
  static constexpr int low_priority = 19;

  const test::Person& person(std::size_t client) const {
    return stage_.people()[1 + client % (stage_.people().size() - 1)];
  }
  void work() {
    setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), low_priority);
    const auto is_idle = [this] {
      return std::ranges::none_of(clients_, [](const auto& client) { return client.busy(); });
    };
    try {
      while (!stopped_) {
        ask();
        loop_.run_until(Clock::now() + pause);
      }
      if (!loop_.run_until(is_idle, std::chrono::seconds{30})) {
        throw std::runtime_error{"requests were not answered within 30 s"};
      }
    } catch (const Stopped&) {
      // The main thread sees the signal as well.
    } catch (const std::exception& error) {
      ++refused_;
      fmt::print(stderr, "heavy clients: {}\n", error.what());
    }
  }
  void ask() {
    for (auto& client : clients_) {
      if (!client.busy()) client.send({"GET", targets_[next_++ % targets_.size()], {}});
    }
  }
  std::string target_of(std::string_view answer) const {
    if (answer == "messages") return fmt::format("/api/chat/{}/messages?limit=100", group_);
    if (answer == "hits") return "/api/search/messages?q=heavy&limit=100";
    return "/api/chat?limit=500";
  }
  void make_content() {
    std::vector<std::int64_t> others;
    for (std::size_t i = 2; i < stage_.people().size(); ++i) {
      others.push_back(stage_.people()[i].id());
    }
    std::string content = "heavy ";
    for (int i = 0; i < 9'990; ++i) content += "😀";
    const json draft{{"content", content}};
    group_ = person(0).makes_chat("Group", others, "large messages");
    const auto post = [&](std::int64_t chat) {
      check_not_stopped();
      const auto reply = person(0).tries_to_post(chat, draft);
      if (reply.status != 201) throw std::runtime_error{"not posted: " + reply.body};
    };
    for (std::size_t i = 0; i < large_messages; ++i) post(group_);
    for (std::size_t i = 0; i < chats; ++i) {
      post(person(0).makes_chat("Group", others, fmt::format("large {}", i)));
    }
  }

  const Stage& stage_;
  std::int64_t group_ = 0;
  EventLoop loop_;
  std::deque<HttpConnection> clients_;
  std::vector<std::string> targets_;
  std::size_t next_ = 0;
  std::atomic<std::size_t> answers_ = 0;
  std::atomic<std::size_t> bytes_ = 0;
  std::atomic<std::size_t> limited_ = 0;  // by what the user has received: 429
  std::atomic<std::size_t> refused_ = 0;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

// In milliseconds and for each second of the round.
Round measure(const Options& options, MessageSender& sender, HeavyClients* clients) {
  if (clients) clients->start();
  sender.send_for(warm_up);
  sender.take_latencies();
  if (clients) {
    clients->take_answers();
    clients->take_bytes();
    clients->take_limited();
  }
  sender.send_for(options.seconds);
  const auto latency = spread_of(sender.take_latencies());
  Round round{latency.p50, latency.p99, 0, 0, 0};
  if (!clients) return round;
  round.answers_per_second = static_cast<double>(clients->take_answers()) / options.seconds;
  round.mebibytes_per_second =
      static_cast<double>(clients->take_bytes()) / options.seconds / (1024 * 1024);
  round.limited_per_second = static_cast<double>(clients->take_limited()) / options.seconds;
  clients->stop();
  return round;
}

void report(const Options& options, const InTurns<Round>& turns) {
  const auto heavy = [&](double Round::*figure) { return turns.our(figure); };
  print_table(
      {{"POST message", "p50 ms", "p99 ms", "answers/s", "MiB/s", "429/s"},
       {"alone", fmt::format("{:.2f}", turns.its(&Round::p50)),
        fmt::format("{:.2f}", turns.its(&Round::p99)), "", "", ""},
       {fmt::format("beside {} clients", options.clients),
        fmt::format("{:.2f}", heavy(&Round::p50)), fmt::format("{:.2f}", heavy(&Round::p99)),
        fmt::format("{:.1f}", heavy(&Round::answers_per_second)),
        fmt::format("{:.1f}", heavy(&Round::mebibytes_per_second)),
        fmt::format("{:.0f}", heavy(&Round::limited_per_second))}});
  const auto ratio = turns.ratio(&Round::p99);
  fmt::print(
      "\nMedians of {} rounds of each, in turns, {:.0f} messages/s; the p99 beside the clients is "
      "{:.2f} of the other.\n\n",
      options.rounds, options.rate, ratio);
  print_json("heavy_answers",
             {{"clients", options.clients},
              {"rate", options.rate},
              {"rounds", options.rounds},
              {"seconds", options.seconds},
              {"alone_p50_ms", rounded(turns.its(&Round::p50))},
              {"alone_p99_ms", rounded(turns.its(&Round::p99))},
              {"beside_p50_ms", rounded(heavy(&Round::p50))},
              {"beside_p99_ms", rounded(heavy(&Round::p99))},
              {"p99_ratio", rounded(ratio)},
              {"answers_per_second", rounded(heavy(&Round::answers_per_second))},
              {"mebibytes_per_second", rounded(heavy(&Round::mebibytes_per_second))}});
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: sending beside clients that ask for the heaviest answers"};
  arguments.add_option("--clients", options.clients, "such clients")->check(CLI::Range(1, 64));
  arguments.add_option("--rounds", options.rounds, "rounds of each kind")
      ->check(CLI::Range(1, 100));
  arguments.add_option("--seconds", options.seconds, "seconds of each round")
      ->check(CLI::Range(0.5, 600.0));
  arguments.add_option("--rate", options.rate, "messages a second")->check(CLI::Range(1.0, 5000.0));
  arguments.add_option("--seed", options.seed, "seed for the moments of sending");
  arguments.add_option("--answers", options.answers, "which they ask for, in turn")
      ->check(CLI::IsMember({"messages", "hits", "chats"}));
  arguments.add_option("--rest", options.rest, "limits.heavy_rest")->check(CLI::Range(0, 100));
  CLI11_PARSE(arguments, argc, argv);
  warn_of_circumstances();
  // The bytes of answers are limited as by default, unlike in the other benchmarks.
  const Stage stage{1 + options.clients + 6,
                    {{{"FECHATTER_LIMITS__ANSWER_KIB_PER_SECOND", "1024"},
                      {"FECHATTER_LIMITS__ANSWER_KIB_BURST", "32768"},
                      {"FECHATTER_LIMITS__HEAVY_REST", std::to_string(options.rest)}},
                     {},
                     false}};
  EventLoop loop;
  Archive archive{stage, 20, 0};
  HeavyClients clients{stage, options};
  MessageSender sender{loop, stage, archive, options.rate, options.seed};
  const auto turns = in_turns(
      options.rounds, [&] { return measure(options, sender, &clients); },
      [&] { return measure(options, sender, nullptr); });
  report(options, turns);
  const auto refused = sender.refused() + clients.refused();
  if (refused > 0) fmt::print(stderr, "\n{} requests were refused\n", refused);
  return refused > 0 ? 1 : 0;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
