#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bench/http_streams.hpp"
#include "bench/people.hpp"
#include "bench/report.hpp"
#include "bench/stage.hpp"

// What open streams on which nothing happens cost notify_server in resident memory.
namespace fechatter::bench {
namespace {

// How many streams, of how many people.
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

// VmRSS, in KiB.
std::int64_t resident(pid_t process) {
  std::istringstream status{test::read_file(fmt::format("/proc/{}/status", process))};
  std::string word;
  std::int64_t size = 0;
  while (status >> word && word != "VmRSS:") {}
  if (!(status >> size)) throw std::runtime_error{"notify_server has ended"};
  return size;
}

// What one stream has heard.
struct Heard {
  bool heartbeat = false;
  int messages = 0;
};

// Streams of people who are all in one chat. One thread.
class Audience {
 public:
  Audience(const Case& wanted, const Stage& stage, const People& people)
      : case_{wanted}, stage_{stage}, people_{people} {}

  void open_streams();
  // Until each stream has heard a heartbeat: from there on it has done all that idle ones do.
  void wait_for_heartbeats();
  // The size once it has stayed the same for two seconds, 20 s at most. KiB.
  std::int64_t settled_size();
  // How many streams have heard a message that is posted now, once.
  std::size_t hear_a_message(std::int64_t chat);
  std::size_t closed() const;

 private:
  void open_one(std::size_t number);
  bool wait_for_all(bool (*is_so)(const Heard&), std::chrono::seconds time);

  const Case case_;
  const Stage& stage_;
  const People& people_;
  EventLoop loop_;
  std::deque<EventStream> streams_;
  std::deque<Heard> heard_;
};

void Audience::open_streams() {
  for (std::size_t i = 0; i < case_.streams; ++i) open_one(i);
}

void Audience::open_one(std::size_t number) {
  auto& heard = heard_.emplace_back();
  const auto& token = people_.token(number / case_.streams_per_person);
  const auto& stream =
      streams_.emplace_back(loop_, stage_.notify_port(), token, [&heard](const StreamEvent& event) {
        if (event.name.empty()) heard.heartbeat = true;
        if (event.name == "NewMessage") ++heard.messages;
      });
  const auto caught_up = [&stream] { return stream.caught_up(); };
  if (!loop_.run_until(caught_up, std::chrono::seconds{10})) {
    throw std::runtime_error{"a stream did not open within 10 s"};
  }
}

bool Audience::wait_for_all(bool (*is_so)(const Heard&), std::chrono::seconds time) {
  return loop_.run_until([&] { return std::all_of(heard_.begin(), heard_.end(), is_so); }, time);
}

void Audience::wait_for_heartbeats() {
  const auto had = [](const Heard& heard) { return heard.heartbeat; };
  if (!wait_for_all(had, std::chrono::seconds{60})) {
    throw std::runtime_error{"a stream has heard no heartbeat within 60 s"};
  }
}

std::int64_t Audience::settled_size() {
  const auto process = stage_.notify_process();
  const auto deadline = Clock::now() + std::chrono::seconds{20};
  auto size = resident(process);
  auto since = Clock::now();
  while (Clock::now() < std::min(deadline, since + std::chrono::seconds{2})) {
    loop_.run_until(Clock::now() + std::chrono::milliseconds{100});
    const auto now = resident(process);
    if (now != size) since = Clock::now();
    size = now;
  }
  return size;
}

std::size_t Audience::hear_a_message(std::int64_t chat) {
  stage_.post(people_.token(0), chat, "Is everybody there?");
  const auto once = [](const Heard& heard) { return heard.messages == 1; };
  wait_for_all(once, std::chrono::seconds{10});
  loop_.run_until(Clock::now() + std::chrono::seconds{1});  // for what comes twice
  return static_cast<std::size_t>(std::count_if(heard_.begin(), heard_.end(), once));
}

std::size_t Audience::closed() const {
  const auto ended = [](const EventStream& stream) { return stream.ended(); };
  return static_cast<std::size_t>(std::count_if(streams_.begin(), streams_.end(), ended));
}

struct Sizes {
  Case of;
  std::int64_t before = 0;
  std::int64_t idle = 0;
  std::int64_t after_message = 0;
  std::size_t heard = 0;
  std::size_t closed = 0;

  double bytes_per_stream() const {
    return static_cast<double>(idle - before) * 1024 / static_cast<double>(of.streams);
  }
  bool good() const { return heard == of.streams && closed == 0; }
};

// notify_server is a new one each time.
Sizes measure(const Case& wanted, Stage& stage, const People& people, std::int64_t chat) {
  stage.system().notify.stop();
  stage.system().notify.start();
  Audience audience{wanted, stage, people};
  Sizes sizes{wanted, audience.settled_size()};
  audience.open_streams();
  audience.wait_for_heartbeats();
  sizes.idle = audience.settled_size();
  sizes.heard = audience.hear_a_message(chat);
  sizes.after_message = audience.settled_size();
  sizes.closed = audience.closed();
  return sizes;
}

std::string mebibytes(std::int64_t kibibytes) {
  return fmt::format("{:.2f}", static_cast<double>(kibibytes) / 1024);
}

bool report(const std::vector<Sizes>& all) {
  std::vector<Row> rows{{"streams", "people", "none, MiB", "idle, MiB", "after a message",
                         "KiB per stream", "heard it once"}};
  auto lines = nlohmann::ordered_json::array();
  bool good = true;
  for (const auto& sizes : all) {
    rows.push_back({std::to_string(sizes.of.streams), std::to_string(sizes.of.people()),
                    mebibytes(sizes.before), mebibytes(sizes.idle), mebibytes(sizes.after_message),
                    fmt::format("{:.2f}", sizes.bytes_per_stream() / 1024),
                    std::to_string(sizes.heard)});
    lines.push_back({{"streams", sizes.of.streams},
                     {"people", sizes.of.people()},
                     {"bytes_per_stream", std::llround(sizes.bytes_per_stream())},
                     {"resident_before_kib", sizes.before},
                     {"resident_idle_kib", sizes.idle},
                     {"resident_after_message_kib", sizes.after_message},
                     {"heard_once", sizes.heard},
                     {"streams_closed", sizes.closed}});
    good = good && sizes.good();
  }
  print_table(rows);
  fmt::print("\nResident memory of notify_server. Expected: 1.5 KiB per stream at most.\n\n");
  print_json("idle_streams", {{"rows", lines}});
  if (!good) fmt::print(stderr, "\nBROKEN PROMISE: not every stream has heard the message once\n");
  return good;
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: the memory of idle streams"};
  arguments.add_option("--streams", options.streams, "open at the same time; each a row")
      ->delimiter(',')
      ->check(CLI::Range(60, 19'500));
  arguments
      .add_option("--streams-per-person", options.streams_per_person,
                  "each of them with each of these")
      ->delimiter(',')
      ->check(CLI::Range(1, 20));
  arguments.add_flag("--quick", options.quick, "only 1,000 streams");
  CLI11_PARSE(arguments, argc, argv);
  if (options.quick) options.streams = {1000};
  warn_of_circumstances();
  const auto most = *std::max_element(options.streams.begin(), options.streams.end());
  Stage stage{0};
  People people{stage.owner_url(), stage.private_key(), most};
  const auto chat = people.make_channel("everybody", most);
  std::vector<Sizes> all;
  for (const auto each : options.streams_per_person) {
    for (const auto streams : options.streams) {
      all.push_back(measure({streams, each}, stage, people, chat));
    }
  }
  return report(all) ? 0 : 1;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
