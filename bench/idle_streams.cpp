#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <deque>
#include <nlohmann/json.hpp>
#include <sstream>

#include "bench/http_streams.hpp"
#include "bench/report.hpp"
#include "bench/stage.hpp"

// What open streams on which nothing happens cost notify_server in resident memory.
namespace fechatter::bench {
namespace {

struct Options {
  std::size_t streams = 1000;
  std::size_t streams_per_person = 20;

  std::size_t people() const { return (streams + streams_per_person - 1) / streams_per_person; }
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
  Audience(const Options& options, const Stage& stage) : options_{options}, stage_{stage} {}

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

  const Options options_;
  const Stage& stage_;
  EventLoop loop_;
  std::deque<EventStream> streams_;
  std::deque<Heard> heard_;
};

void Audience::open_streams() {
  for (std::size_t i = 0; i < options_.streams; ++i) open_one(i);
}

void Audience::open_one(std::size_t number) {
  auto& heard = heard_.emplace_back();
  const auto& person = stage_.people()[number / options_.streams_per_person];
  const auto& stream = streams_.emplace_back(loop_, stage_.notify_port(), person.token(),
                                             [&heard](const StreamEvent& event) {
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
  stage_.people().front().posts(chat, "Is everybody there?");
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
  std::int64_t before = 0;
  std::int64_t idle = 0;
  std::int64_t after_message = 0;
};

std::string mebibytes(std::int64_t kibibytes) {
  return fmt::format("{:.2f}", static_cast<double>(kibibytes) / 1024);
}

void report(const Options& options, const Sizes& sizes, std::size_t heard, std::size_t closed) {
  const auto per_stream =
      static_cast<double>(sizes.idle - sizes.before) * 1024 / static_cast<double>(options.streams);
  print_table({{"notify_server, resident", "MiB"},
               {"no stream", mebibytes(sizes.before)},
               {fmt::format("{} idle streams", options.streams), mebibytes(sizes.idle)},
               {"after a message to all", mebibytes(sizes.after_message)}});
  fmt::print("\n{:.2f} KiB per idle stream; {} of {} heard the message once\n\n", per_stream / 1024,
             heard, options.streams);
  print_json("idle_streams", {{"streams", options.streams},
                              {"people", options.people()},
                              {"bytes_per_stream", std::llround(per_stream)},
                              {"resident_before_kib", sizes.before},
                              {"resident_idle_kib", sizes.idle},
                              {"resident_after_message_kib", sizes.after_message},
                              {"heard_once", heard},
                              {"streams_closed", closed}});
  if (heard == options.streams && closed == 0) return;
  fmt::print(stderr, "\nBROKEN PROMISE: {} streams did not hear the message once; {} were closed\n",
             options.streams - heard, closed);
}

int run(int argc, char** argv) {
  Options options;
  CLI::App arguments{"Fechatter: the memory of idle streams"};
  arguments.add_option("--streams", options.streams, "open at the same time")
      ->check(CLI::Range(60, 10000));
  arguments.add_option("--streams-per-person", options.streams_per_person)
      ->check(CLI::Range(1, 20));
  CLI11_PARSE(arguments, argc, argv);
  warn_of_circumstances();
  const Stage stage{options.people()};
  const auto chat = stage.make_group(0, options.people());
  Audience audience{options, stage};
  Sizes sizes;
  sizes.before = audience.settled_size();
  audience.open_streams();
  audience.wait_for_heartbeats();
  sizes.idle = audience.settled_size();
  const auto heard = audience.hear_a_message(chat);
  sizes.after_message = audience.settled_size();
  report(options, sizes, heard, audience.closed());
  return heard == options.streams && audience.closed() == 0 ? 0 : 1;
}

}  // namespace
}  // namespace fechatter::bench

int main(int argc, char** argv) {
  return fechatter::bench::guarded(fechatter::bench::run, argc, argv);
}
