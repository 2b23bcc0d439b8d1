#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>

#include "bench/http_streams.hpp"
#include "bench/people.hpp"
#include "bench/report.hpp"
#include "bench/stage.hpp"

// Resident memory of notify_server per idle stream.
namespace fechatter::bench {
namespace {

// A number of streams, and streams per person.
struct Case {
  std::size_t streams = 0;
  std::size_t streams_per_person = 1;

  std::size_t people() const { return (streams + streams_per_person - 1) / streams_per_person; }
};

struct Options {
  std::vector<std::size_t> streams{1000, 19'000};
  std::vector<std::size_t> streams_per_person{20, 1};
  bool quick = false;
};

// The events that one stream has received.
struct Received {
  bool heartbeat = false;
  int messages = 0;
};

// Streams of people in one common chat. One thread.
class IdleStreams {
 public:
  IdleStreams(const Case& wanted, const Stage& stage, const People& people)
      : case_{wanted}, stage_{stage}, people_{people} {}

  void open_streams();
  // Waits until each stream has received a heartbeat, the last one-time cost of an idle stream.
  void wait_for_heartbeats();
  // The resident size in KiB once it has been constant for two seconds, after 20 s at the latest.
  std::int64_t settled_size();
  // Posts a message; returns the number of streams that received it exactly once.
  std::size_t count_deliveries_of_a_message(std::int64_t chat);
  std::size_t closed() const;

 private:
  void open_one(std::size_t number);
  bool wait_for_all(bool (*is_so)(const Received&), std::chrono::seconds time);

  const Case case_;
  const Stage& stage_;
  const People& people_;
  EventLoop loop_;
  std::deque<SseClient> streams_;
  std::deque<Received> received_;
};

void IdleStreams::open_streams() {
  for (std::size_t i = 0; i < case_.streams; ++i) open_one(i);
}

void IdleStreams::open_one(std::size_t number) {
  auto& received = received_.emplace_back();
  const auto& token = people_.token(number / case_.streams_per_person);
  const auto& stream = streams_.emplace_back(loop_, stage_.notify_port(), token,
                                             [&received](const StreamEvent& event) {
                                               if (event.name.empty()) received.heartbeat = true;
                                               if (event.name == "NewMessage") ++received.messages;
                                             });
  const auto caught_up = [&stream] { return stream.caught_up(); };
  if (!loop_.run_until(caught_up, std::chrono::seconds{10})) {
    throw std::runtime_error{"a stream did not open within 10 s"};
  }
}

bool IdleStreams::wait_for_all(bool (*is_so)(const Received&), std::chrono::seconds time) {
  return loop_.run_until([&] { return std::all_of(received_.begin(), received_.end(), is_so); },
                         time);
}

void IdleStreams::wait_for_heartbeats() {
  const auto has_heartbeat = [](const Received& received) { return received.heartbeat; };
  if (!wait_for_all(has_heartbeat, std::chrono::seconds{60})) {
    throw std::runtime_error{"a stream received no heartbeat within 60 s"};
  }
}

std::int64_t IdleStreams::settled_size() {
  const auto process = stage_.notify_process();
  const auto deadline = Clock::now() + std::chrono::seconds{20};
  auto size = resident_kib(process);
  auto since = Clock::now();
  while (Clock::now() < std::min(deadline, since + std::chrono::seconds{2})) {
    loop_.run_until(Clock::now() + std::chrono::milliseconds{100});
    const auto now = resident_kib(process);
    if (now != size) since = Clock::now();
    size = now;
  }
  return size;
}

std::size_t IdleStreams::count_deliveries_of_a_message(std::int64_t chat) {
  stage_.post(people_.token(0), chat, "A message to every stream.");
  const auto once = [](const Received& received) { return received.messages == 1; };
  wait_for_all(once, std::chrono::seconds{10});
  loop_.run_until(Clock::now() + std::chrono::seconds{1});  // for duplicates
  return static_cast<std::size_t>(std::count_if(received_.begin(), received_.end(), once));
}

std::size_t IdleStreams::closed() const {
  const auto ended = [](const SseClient& stream) { return stream.ended(); };
  return static_cast<std::size_t>(std::count_if(streams_.begin(), streams_.end(), ended));
}

struct Sizes {
  Case of;
  std::int64_t before = 0;
  std::int64_t idle = 0;
  std::int64_t after_message = 0;
  std::size_t received = 0;
  std::size_t closed = 0;

  double bytes_per_stream() const {
    return static_cast<double>(idle - before) * 1024 / static_cast<double>(of.streams);
  }
  bool good() const { return received == of.streams && closed == 0; }
};

// Restarts notify_server for each case.
Sizes measure(const Case& wanted, Stage& stage, const People& people, std::int64_t chat) {
  stage.system().notify.stop();
  stage.system().notify.start();
  IdleStreams idle{wanted, stage, people};
  Sizes sizes{wanted, idle.settled_size()};
  idle.open_streams();
  idle.wait_for_heartbeats();
  sizes.idle = idle.settled_size();
  sizes.received = idle.count_deliveries_of_a_message(chat);
  sizes.after_message = idle.settled_size();
  sizes.closed = idle.closed();
  return sizes;
}

std::string mebibytes(std::int64_t kibibytes) {
  return fmt::format("{:.2f}", static_cast<double>(kibibytes) / 1024);
}

// Of fechatter_server after a restart and three seconds without a request.
std::int64_t idle_server_kib(Stage& stage) {
  stage.system().server.stop();
  stage.system().server.start();
  EventLoop loop;
  loop.run_until(Clock::now() + std::chrono::seconds{3});
  return resident_kib(stage.server_process());
}

bool report(const std::vector<Sizes>& all, std::int64_t server_kib) {
  std::vector<Row> rows{{"streams", "people", "none, MiB", "idle, MiB", "after a message",
                         "KiB per stream", "received it once"}};
  auto lines = nlohmann::ordered_json::array();
  bool good = true;
  for (const auto& sizes : all) {
    rows.push_back({std::to_string(sizes.of.streams), std::to_string(sizes.of.people()),
                    mebibytes(sizes.before), mebibytes(sizes.idle), mebibytes(sizes.after_message),
                    fmt::format("{:.2f}", sizes.bytes_per_stream() / 1024),
                    std::to_string(sizes.received)});
    lines.push_back({{"streams", sizes.of.streams},
                     {"people", sizes.of.people()},
                     {"bytes_per_stream", std::llround(sizes.bytes_per_stream())},
                     {"resident_before_kib", sizes.before},
                     {"resident_idle_kib", sizes.idle},
                     {"resident_after_message_kib", sizes.after_message},
                     {"received_once", sizes.received},
                     {"streams_closed", sizes.closed}});
    good = good && sizes.good();
  }
  print_table(rows);
  fmt::print(
      "\nResident memory of notify_server. Expected: 1.5 KiB per stream at most, 40 MiB with none."
      "\nfechatter_server, idle: {} MiB. Expected: 60 MiB at most.\n\n",
      mebibytes(server_kib));
  print_json("idle_streams", {{"rows", lines}, {"server_idle_kib", server_kib}});
  if (!good)
    fmt::print(stderr, "\nBROKEN PROMISE: not every stream received the message exactly once\n");
  return good;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: the memory of idle streams"};
  arguments.add_option("--streams", options.streams, "open streams; one row for each number")
      ->delimiter(',')
      ->check(CLI::Range(60, 19'500));
  arguments
      .add_option("--streams-per-person", options.streams_per_person,
                  "streams per person; combined with each number of streams")
      ->delimiter(',')
      ->check(CLI::Range(1, 20));
  arguments.add_flag("--quick", options.quick, "only 1,000 streams");
  CLI11_PARSE(arguments, argc, argv);
  if (options.quick) options.streams = {1000};
  warn_of_circumstances();
  const auto most = *std::max_element(options.streams.begin(), options.streams.end());
  Stage stage{0};
  People people{stage.owner_url(), stage.private_key(), most};
  const auto chat = people.make_channel("all people", most);
  std::vector<Sizes> all;
  for (const auto each : options.streams_per_person) {
    for (const auto streams : options.streams) {
      all.push_back(measure({streams, each}, stage, people, chat));
    }
  }
  return report(all, idle_server_kib(stage)) ? 0 : 1;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
