#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "bench/http_streams.hpp"
#include "bench/people.hpp"
#include "bench/report.hpp"
#include "bench/rounds.hpp"
#include "bench/stage.hpp"

// What typing and presence cost: the events that arrive, the processor time of both servers, and
// how much later messages arrive meanwhile. People in groups, each with one open stream.
namespace fechatter::bench {
namespace {

using nlohmann::json;

constexpr std::size_t group = 10;
constexpr std::size_t requests_at_once = 64;

struct Options {
  std::vector<std::size_t> online{1000, 10'000};
  double messages = 50;        // a second
  double typing_share = 0.05;  // of the people, each second
  double said_share = 0.01;    // likewise, of those that change their status
  int seconds = 10;
  std::size_t rounds = 5;
};

// What happens each second.
struct Load {
  double messages = 0;
  double typing = 0;
  double said = 0;
};

struct Phase {
  std::size_t typing_events = 0;
  std::size_t presence_events = 0;
  std::size_t messages = 0;  // that were accepted
  std::size_t expected = 0;  // deliveries to the other members
  std::vector<double> seen;  // ms from POST to another member's stream
  std::size_t refused = 0;   // requests
  std::size_t skipped = 0;   // because all connections were busy
  double seconds = 0;
  double server_cpu = 0;  // seconds of processor time for each second
  double notify_cpu = 0;

  // As one phase; the processor times are means.
  void add(const Phase& round);
  std::size_t missing() const { return expected - std::min(expected, seen.size()); }
  double rate(std::size_t events) const { return static_cast<double>(events) / seconds; }
};

void Phase::add(const Phase& round) {
  const auto mean = [&](double Phase::*cpu) {
    return (this->*cpu * seconds + round.*cpu * round.seconds) / (seconds + round.seconds);
  };
  server_cpu = mean(&Phase::server_cpu);
  notify_cpu = mean(&Phase::notify_cpu);
  seconds += round.seconds;
  typing_events += round.typing_events;
  presence_events += round.presence_events;
  messages += round.messages;
  expected += round.expected;
  refused += round.refused;
  skipped += round.skipped;
  seen.insert(seen.end(), round.seen.begin(), round.seen.end());
}

// One thread.
class Crowd {
 public:
  Crowd(const Stage& stage, People& people);

  Phase run(const Load& load, std::chrono::seconds time);

 private:
  struct Sighting {
    std::int64_t message;
    Clock::time_point arrived;
  };
  enum class Kind { message, typing, said };

  void open_stream(std::size_t person);
  void note_event(const StreamEvent& event);
  void note_answer(std::size_t connection, const Answer& answer);
  void act(Kind kind);
  HttpRequest request_of(Kind kind, std::size_t person);
  void finish(Phase& phase);

  const Stage& stage_;
  const People& people_;
  std::vector<std::int64_t> chats_;
  EventLoop loop_;
  std::deque<SseClient> streams_;
  std::deque<HttpConnection> connections_;
  std::vector<Kind> kinds_;  // of the requests under way
  std::mt19937 random_{1};
  Phase phase_;
  std::map<std::int64_t, Clock::time_point> sent_;
  std::vector<Sighting> sightings_;
  std::size_t said_ = 0;
};

Crowd::Crowd(const Stage& stage, People& people)
    : stage_{stage}, people_{people}, chats_{people.make_groups(people.size() / group, group)} {
  for (std::size_t person = 0; person < people_.size(); ++person) open_stream(person);
  kinds_.resize(requests_at_once);
  for (std::size_t i = 0; i < requests_at_once; ++i) {
    connections_.emplace_back(loop_, stage_.server_port(), people_.token(0),
                              [this, i](const Answer& answer) { note_answer(i, answer); });
  }
  // Until all changes of coming online are out.
  loop_.run_until(Clock::now() + std::chrono::seconds{10 + people_.size() / 500});
}

void Crowd::open_stream(std::size_t person) {
  const auto& stream =
      streams_.emplace_back(loop_, stage_.notify_port(), people_.token(person),
                            [this](const StreamEvent& event) { note_event(event); });
  const auto caught_up = [&stream] { return stream.caught_up(); };
  if (!loop_.run_until(caught_up, std::chrono::seconds{10})) {
    throw std::runtime_error{"a stream did not open within 10 s"};
  }
}

void Crowd::note_event(const StreamEvent& event) {
  if (event.name == "TypingStatus") ++phase_.typing_events;
  if (event.name == "UserPresence") ++phase_.presence_events;
  if (event.name != "NewMessage") return;
  sightings_.push_back({json::parse(event.data).at("id").get<std::int64_t>(), event.arrived});
}

void Crowd::note_answer(std::size_t connection, const Answer& answer) {
  const bool is_message = kinds_[connection] == Kind::message;
  if (answer.status != (is_message ? 201 : 204)) {
    ++phase_.refused;
  } else if (is_message) {
    ++phase_.messages;
    sent_[json::parse(answer.body).at("id").get<std::int64_t>()] = answer.began;
  }
}

HttpRequest Crowd::request_of(Kind kind, std::size_t person) {
  const auto& token = people_.token(person);
  const auto chat = chats_[person / group];
  switch (kind) {
    case Kind::message:
      return {"POST", fmt::format("/api/chat/{}/messages", chat), R"({"content":"hello"})", token};
    case Kind::typing:
      return {"POST", fmt::format("/api/chat/{}/typing", chat), R"({"is_typing":true})", token};
    case Kind::said: break;
  }
  const auto* status = ++said_ % 2 == 0 ? "online" : "away";
  return {"POST", "/api/presence", fmt::format(R"({{"status":"{}"}})", status), token};
}

void Crowd::act(Kind kind) {
  const auto person =
      std::uniform_int_distribution<std::size_t>{0, chats_.size() * group - 1}(random_);
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    if (connections_[i].busy()) continue;
    kinds_[i] = kind;
    return connections_[i].send(request_of(kind, person));
  }
  ++phase_.skipped;
}

Phase Crowd::run(const Load& load, std::chrono::seconds time) {
  phase_ = {};
  sent_.clear();
  sightings_.clear();
  const auto server_before = processor_seconds(stage_.server_process());
  const auto notify_before = processor_seconds(stage_.notify_process());
  const auto begin = Clock::now();
  std::multimap<Clock::time_point, Kind> plan;
  const auto add = [&](Kind kind, double rate) {
    std::uniform_real_distribution<double> at{0, static_cast<double>(time.count())};
    const auto count = static_cast<std::size_t>(rate * static_cast<double>(time.count()));
    for (std::size_t i = 0; i < count; ++i) {
      const std::chrono::duration<double> offset{at(random_)};
      plan.emplace(begin + std::chrono::duration_cast<Clock::duration>(offset), kind);
    }
  };
  add(Kind::message, load.messages);
  add(Kind::typing, load.typing);
  add(Kind::said, load.said);
  for (const auto& [moment, kind] : plan) {
    loop_.run_until(moment);
    act(kind);
  }
  loop_.run_until(begin + time);
  auto phase = phase_;
  phase.seconds = std::chrono::duration<double>{Clock::now() - begin}.count();
  phase.server_cpu = (processor_seconds(stage_.server_process()) - server_before) / phase.seconds;
  phase.notify_cpu = (processor_seconds(stage_.notify_process()) - notify_before) / phase.seconds;
  finish(phase);
  return phase;
}

void Crowd::finish(Phase& phase) {
  loop_.run_until(Clock::now() + std::chrono::seconds{2});
  phase.messages = phase_.messages;
  phase.refused = phase_.refused;
  phase.expected = phase.messages * group;
  for (const auto& sighting : sightings_) {
    const auto sent = sent_.find(sighting.message);
    if (sent != sent_.end()) phase.seen.push_back(milliseconds(sighting.arrived - sent->second));
  }
}

struct Result {
  std::size_t online = 0;
  Load load = {};
  Phase alone = {};  // all rounds with messages only
  Phase with = {};
  std::vector<double> p99_ratios = {};  // of each round

  double p99_ratio() const { return median(p99_ratios); }
  double p50_ratio() const { return spread_of(with.seen).p50 / spread_of(alone.seen).p50; }
  bool good() const {
    return alone.refused + with.refused == 0 && alone.seen.size() == alone.expected &&
           with.seen.size() == with.expected && with.typing_events > 0 && with.presence_events > 0;
  }
};

Result measure(std::size_t online, const Options& options) {
  StageOptions with_presence;
  with_presence.notify = {{"FECHATTER_EVENTS__PRESENCE_CHANGES_MAX", "500"}};  // as by default
  Stage stage{0, with_presence};
  People people{stage.owner_url(), stage.private_key(), online};
  Crowd crowd{stage, people};
  const auto size = static_cast<double>(online);
  Result result{online, {options.messages, size * options.typing_share, size * options.said_share}};
  const std::chrono::seconds time{options.seconds};
  for (std::size_t round = 0; round < options.rounds; ++round) {
    const auto alone = crowd.run({options.messages}, time);
    const auto with = crowd.run(result.load, time);
    result.p99_ratios.push_back(spread_of(with.seen).p99 / spread_of(alone.seen).p99);
    result.alone.add(alone);
    result.with.add(with);
  }
  return result;
}

bool report(const std::vector<Result>& results) {
  std::vector<Row> rows{{"online", "typing POST/s", "TypingStatus/s", "presence POST/s",
                         "UserPresence/s", "CPU server", "CPU notify", "message p99 alone, ms",
                         "with, ms", "p50 ratio", "p99 ratio, median of the rounds"}};
  auto lines = nlohmann::ordered_json::array();
  bool good = true;
  for (const auto& result : results) {
    const auto& [online, load, alone, with, ratios] = result;
    const auto share = [](double before, double after) {
      return fmt::format("{:.0f} → {:.0f} %", before * 100, after * 100);
    };
    rows.push_back(
        {std::to_string(online), fmt::format("{:.0f}", load.typing),
         fmt::format("{:.0f}", with.rate(with.typing_events)), fmt::format("{:.0f}", load.said),
         fmt::format("{:.0f}", with.rate(with.presence_events)),
         share(alone.server_cpu, with.server_cpu), share(alone.notify_cpu, with.notify_cpu),
         fmt::format("{:.2f}", spread_of(alone.seen).p99),
         fmt::format("{:.2f}", spread_of(with.seen).p99), fmt::format("{:.2f}", result.p50_ratio()),
         fmt::format("{:.2f}", result.p99_ratio())});
    lines.push_back({{"online", online},
                     {"typing_requests_per_second", rounded(load.typing)},
                     {"typing_events_per_second", rounded(with.rate(with.typing_events))},
                     {"presence_requests_per_second", rounded(load.said)},
                     {"presence_events_per_second", rounded(with.rate(with.presence_events))},
                     {"skipped_requests", with.skipped},
                     {"refused_requests", alone.refused + with.refused},
                     {"missing_messages", alone.missing() + with.missing()},
                     {"server_cpu_alone", rounded(alone.server_cpu)},
                     {"server_cpu_with", rounded(with.server_cpu)},
                     {"notify_cpu_alone", rounded(alone.notify_cpu)},
                     {"notify_cpu_with", rounded(with.notify_cpu)},
                     {"message_p99_alone_ms", rounded(spread_of(alone.seen).p99)},
                     {"message_p99_with_ms", rounded(spread_of(with.seen).p99)},
                     {"message_p50_ratio", rounded(result.p50_ratio())},
                     {"message_p99_ratio", rounded(result.p99_ratio())},
                     {"message_p99_ratios", ratios}});
    good = good && result.good();
  }
  print_table(rows);
  fmt::print("\nExpected: messages arrive at most 1.2 times as late as without.\n\n");
  print_json("presence", {{"rows", lines}});
  if (!good) {
    fmt::print(stderr, "\nBROKEN PROMISE: a request was refused, or an event is missing\n");
  }
  return good;
}

int run(int argc, char** argv) {
  Options options;
  bool quick = false;
  CLI::App arguments{"Fechatter: typing and presence"};
  arguments.add_option("--online", options.online, "people with a stream; one row for each number")
      ->delimiter(',')
      ->check(CLI::Range(100, 19'000));
  arguments.add_option("--messages", options.messages, "messages a second")
      ->check(CLI::Range(1.0, 1000.0));
  arguments.add_option("--typing", options.typing_share, "share of the people, each second")
      ->check(CLI::Range(0.0, 1.0));
  arguments.add_option("--said", options.said_share, "likewise, of those that change their status")
      ->check(CLI::Range(0.0, 1.0));
  arguments.add_option("--seconds", options.seconds, "of each of a round's two phases")
      ->check(CLI::Range(2, 600));
  arguments.add_option("--rounds", options.rounds, "with messages only, then with all")
      ->check(CLI::Range(1, 100));
  arguments.add_flag("--quick", quick, "1,000 people, one round of 5 s");
  CLI11_PARSE(arguments, argc, argv);
  if (quick) {
    options.online = {1000};
    options.seconds = 5;
    options.rounds = 1;
  }
  warn_of_circumstances();
  std::vector<Result> results;
  for (const auto online : options.online) results.push_back(measure(online, options));
  return report(results) ? 0 : 1;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
