#include <fmt/format.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <random>

#include "bench/http_streams.hpp"
#include "bench/report.hpp"
#include "bench/stage.hpp"

// The latency of a message from the first byte of its POST until its event arrives on the streams
// of the other members, with online people and a constant rate of messages.
namespace fechatter::bench {
namespace {

using nlohmann::json;

struct Options {
  std::size_t people = 200;
  std::size_t group = 5;
  double rate = 10;
  int seconds = 60;
  unsigned seed = 1;

  std::size_t messages() const { return static_cast<std::size_t>(std::lround(rate * seconds)); }
};

struct Message {
  std::size_t sender = 0;
  Clock::time_point began;
  Clock::time_point answered;
  std::map<std::size_t, int> seen;  // deliveries, by person
};

struct Sighting {
  std::int64_t message = 0;
  std::size_t person = 0;
  Clock::time_point arrived;
};

// The deliveries: each message is expected once on each member's stream, the sender's included.
struct Outcome {
  std::vector<double> answered;  // ms from POST to 201
  std::vector<double> seen;      // ms from POST to another member's stream
  std::size_t expected = 0;
  std::size_t delivered = 0;
  std::size_t doubled = 0;
  std::size_t strayed = 0;  // to a non-member, or of an unknown message
  std::size_t refused = 0;  // POSTs with another status than 201
  std::size_t closed = 0;   // closed streams

  std::size_t lost() const { return expected - delivered; }
  bool good() const {
    return !answered.empty() && lost() + doubled + strayed + refused + closed == 0;
  }
};

// People in groups, each with one open stream and one connection for posts. One thread.
class Conversation {
 public:
  Conversation(const Options& options, const Stage& stage);

  void run();
  Outcome outcome() const;

 private:
  void join(std::size_t person);
  void send();
  std::size_t pick_sender();
  void note_answer(std::size_t sender, const Answer& answer);
  void note_event(std::size_t person, const StreamEvent& event);
  bool all_has_come() const;
  bool same_group(std::size_t one, std::size_t other) const;
  void count(const Sighting& sighting, std::map<std::int64_t, Message>& messages,
             Outcome& outcome) const;

  const Options options_;
  const Stage& stage_;
  std::vector<std::int64_t> chats_;
  EventLoop loop_;
  std::deque<SseClient> streams_;
  std::deque<HttpConnection> posts_;
  std::mt19937 random_;
  std::size_t sent_ = 0;
  std::size_t refused_ = 0;
  std::map<std::int64_t, Message> messages_;  // acknowledged with 201, by id
  std::vector<Sighting> sightings_;
};

Conversation::Conversation(const Options& options, const Stage& stage)
    : options_{options}, stage_{stage}, random_{options.seed} {
  for (std::size_t first = 0; first < options_.people; first += options_.group) {
    chats_.push_back(stage_.make_group(first, options_.group));
  }
  sightings_.reserve(options_.messages() * options_.group);
  for (std::size_t person = 0; person < options_.people; ++person) join(person);
}

void Conversation::join(std::size_t person) {
  const auto token = stage_.people()[person].token();
  streams_.emplace_back(loop_, stage_.notify_port(), token,
                        [this, person](const StreamEvent& event) { note_event(person, event); });
  posts_.emplace_back(loop_, stage_.server_port(), token,
                      [this, person](const Answer& answer) { note_answer(person, answer); });
  const auto caught_up = [this] { return streams_.back().caught_up(); };
  if (!loop_.run_until(caught_up, std::chrono::seconds{10})) {
    throw std::runtime_error{"a stream did not open within 10 s"};
  }
}

// Sends one message per slot, at a random moment within the slot, so that the load does not
// resonate with timers of the servers.
void Conversation::run() {
  const auto begin = Clock::now();
  std::uniform_real_distribution<double> within_slot{0, 1};
  for (std::size_t i = 0; i < options_.messages(); ++i) {
    const auto offset = (static_cast<double>(i) + within_slot(random_)) / options_.rate;
    loop_.run_until(
        begin + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>{offset}));
    send();
  }
  loop_.run_until([this] { return all_has_come(); }, std::chrono::seconds{10});
  loop_.run_until(Clock::now() + std::chrono::seconds{1});  // for duplicates
}

// Skips people with a pending request, which keeps the rate constant.
std::size_t Conversation::pick_sender() {
  auto sender = std::uniform_int_distribution<std::size_t>{0, options_.people - 1}(random_);
  for (std::size_t i = 0; i < options_.people; ++i) {
    if (!posts_[sender].busy()) return sender;
    sender = (sender + 1) % options_.people;
  }
  throw std::runtime_error{"every person has a pending request: the rate is too high"};
}

void Conversation::send() {
  const auto sender = pick_sender();
  ++sent_;
  const json body{
      {"content", fmt::format("Message {} of this conversation, as long as most.", sent_)},
      {"idempotency_key", fmt::format("00000000-0000-4000-8000-{:012x}", sent_)}};
  const auto chat = chats_[sender / options_.group];
  posts_[sender].send({"POST", fmt::format("/api/chat/{}/messages", chat), body.dump()});
}

void Conversation::note_answer(std::size_t sender, const Answer& answer) {
  if (answer.status != 201) {
    ++refused_;
    fmt::print(stderr, "refused: {} {}\n", answer.status, answer.body);
    return;
  }
  const std::int64_t id = json::parse(answer.body).at("id");
  messages_[id] = {sender, answer.began, answer.arrived, {}};
}

void Conversation::note_event(std::size_t person, const StreamEvent& event) {
  if (event.name != "NewMessage") return;
  sightings_.push_back({json::parse(event.data).at("id"), person, event.arrived});
}

bool Conversation::all_has_come() const {
  return messages_.size() + refused_ == sent_ &&
         sightings_.size() >= messages_.size() * options_.group;
}

bool Conversation::same_group(std::size_t one, std::size_t other) const {
  return one / options_.group == other / options_.group;
}

void Conversation::count(const Sighting& sighting, std::map<std::int64_t, Message>& messages,
                         Outcome& outcome) const {
  const auto found = messages.find(sighting.message);
  if (found == messages.end() || !same_group(found->second.sender, sighting.person)) {
    ++outcome.strayed;
    return;
  }
  auto& message = found->second;
  if (++message.seen[sighting.person] > 1) {
    ++outcome.doubled;
    return;
  }
  ++outcome.delivered;
  if (message.sender == sighting.person) return;
  outcome.seen.push_back(milliseconds(sighting.arrived - message.began));
}

Outcome Conversation::outcome() const {
  Outcome outcome;
  outcome.refused = sent_ - messages_.size();
  outcome.expected = messages_.size() * options_.group;
  for (const auto& [id, message] : messages_) {
    outcome.answered.push_back(milliseconds(message.answered - message.began));
  }
  auto messages = messages_;
  for (const auto& sighting : sightings_) count(sighting, messages, outcome);
  for (const auto& stream : streams_) outcome.closed += stream.ended() ? 1 : 0;
  return outcome;
}

Row row_of(const std::string& name, const Spread& spread) {
  return {name, fmt::format("{:.2f}", spread.p50), fmt::format("{:.2f}", spread.p99),
          fmt::format("{:.2f}", spread.max), std::to_string(spread.samples)};
}

nlohmann::ordered_json json_of(const Spread& spread) {
  const auto rounded = [](double value) { return std::round(value * 1000) / 1000; };
  return {{"p50", rounded(spread.p50)},
          {"p99", rounded(spread.p99)},
          {"max", rounded(spread.max)},
          {"samples", spread.samples}};
}

void report(const Options& options, const Outcome& outcome, double generator_share) {
  const auto answered = spread_of(outcome.answered);
  const auto seen = spread_of(outcome.seen);
  print_table({{"latency, ms", "p50", "p99", "max", "samples"},
               row_of("POST -> 201", answered),
               row_of("POST -> seen", seen)});
  fmt::print("\n{} people online, {} messages in {} s; {} of {} deliveries\n\n", options.people,
             outcome.answered.size(), options.seconds, outcome.delivered, outcome.expected);
  print_json("latency", {{"people", options.people},
                         {"group", options.group},
                         {"rate", options.rate},
                         {"seconds", options.seconds},
                         {"seed", options.seed},
                         {"messages", outcome.answered.size()},
                         {"deliveries_expected", outcome.expected},
                         {"deliveries_seen", outcome.delivered},
                         {"lost", outcome.lost()},
                         {"doubled", outcome.doubled},
                         {"strayed", outcome.strayed},
                         {"refused", outcome.refused},
                         {"streams_closed", outcome.closed},
                         {"post_to_201_ms", json_of(answered)},
                         {"post_to_seen_ms", json_of(seen)},
                         {"generator_core_share", std::round(generator_share * 1000) / 1000}});
  if (outcome.good()) return;
  fmt::print(stderr,
             "\nBROKEN PROMISE: {} deliveries lost, {} doubled, {} strayed; {} posts refused; "
             "{} streams closed\n",
             outcome.lost(), outcome.doubled, outcome.strayed, outcome.refused, outcome.closed);
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: from POST to the other members' streams"};
  arguments.add_option("--people", options.people, "people online, with one stream each")
      ->check(CLI::Range(3, 5000));
  arguments.add_option("--group", options.group, "people in a chat")->check(CLI::Range(3, 200));
  arguments.add_option("--rate", options.rate, "messages a second")->check(CLI::Range(0.1, 1000.0));
  arguments.add_option("--seconds", options.seconds, "seconds of sending")
      ->check(CLI::Range(1, 900));
  arguments.add_option("--seed", options.seed, "seed for senders and moments");
  CLI11_PARSE(arguments, argc, argv);
  if (options.people % options.group != 0 || options.messages() == 0) {
    throw std::runtime_error{
        "--people must be a multiple of --group, and --rate times --seconds at least 1"};
  }
  warn_of_circumstances();
  const Stage stage{options.people};
  Conversation conversation{options, stage};
  const auto processor_before = processor_seconds(getpid());
  const auto began = Clock::now();
  conversation.run();
  const auto elapsed = std::chrono::duration<double>(Clock::now() - began).count();
  const auto outcome = conversation.outcome();
  report(options, outcome, (processor_seconds(getpid()) - processor_before) / elapsed);
  return outcome.good() ? 0 : 1;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
