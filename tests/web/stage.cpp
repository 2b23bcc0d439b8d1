// web_stage: PostgreSQL, NATS, fechatter_server and notify_server on free ports, for tests that are
// no C++: tests/web. Reads commands from stdin, a JSON object a line, and answers each with a line;
// the first line, without a command, says where everything is. Ends with its stdin.
//
//   {"do": "stop"|"kill"|"start", "of": "server"|"notify"}
//   {"do": "freeze"|"thaw", "of": …}            SIGSTOP, SIGCONT
//   {"do": "fault", "of": …, "kind": "none"|"silent"|"no_answers"}   of the link in front of it
//   {"do": "delay", "of": …, "ms": 400}         of its link, in each direction
//   {"do": "cut"|"deaden", "of": …}             those of its link: reset, or dead and open
//   {"do": "upgrade"}                           fechatter_server starts again with another client
//   {"do": "query", "sql": "…"}                 as the owner; the rows as lists of texts
//   {"do": "log", "of": …}
//
// The database is a copy of the one that ctest has started (scratch_file of places.hpp).
#include <fmt/format.h>

#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>

#include "tests/chaos/fault_proxy.hpp"
#include "tests/support/places.hpp"
#include "tests/support/system.hpp"

namespace fechatter::test {
namespace {

using chaos::FaultProxy;
using chaos::LinkFault;
using nlohmann::json;

std::string url_of(std::uint16_t port) {
  return fmt::format("http://127.0.0.1:{}", port);
}

// Both servers behind a link each, and the browser before them: it knows the ports of the links
// alone.
class Stage {
 public:
  explicit Stage(const json& options) : options_(options) {
    make_keys(folder_.path());
    server_link_ = proxy_.add_link(server_.port());
    notify_link_ = proxy_.add_link(notify_.port());
    server_ = make_server(server_program());
    notify_ = make_notify();
    server_.start();
    notify_.start();
  }

  json greeting() const {
    return {{"server", url_of(proxy_.port(server_link_))},
            {"notify", url_of(proxy_.port(notify_link_))},
            {"password", password_of("alice")}};
  }

  json obey(const json& command) {
    const std::string what = command.at("do");
    if (what == "query") return query(command.at("sql"));
    if (what == "upgrade") return upgrade();
    const bool is_server = command.at("of") == "server";
    auto& of = is_server ? server_ : notify_;
    const auto link = is_server ? server_link_ : notify_link_;
    if (what == "stop") return {{"code", of.stop()}};
    if (what == "log") return {{"log", of.log()}};
    if (what == "kill") of.kill();
    if (what == "start") of.start();
    if (what == "freeze") of.signal(SIGSTOP);
    if (what == "thaw") of.signal(SIGCONT);
    if (what == "cut") proxy_.cut(link);
    if (what == "deaden") proxy_.deaden(link);
    if (what == "fault") proxy_.set(link, fault_of(command.at("kind")));
    if (what == "delay") {
      proxy_.delay(link, std::chrono::milliseconds{command.at("ms").get<int>()});
    }
    return json::object();
  }

 private:
  static LinkFault fault_of(const std::string& kind) {
    if (kind == "silent") return LinkFault::silent;
    return kind == "no_answers" ? LinkFault::no_answers : LinkFault::none;
  }

  Environment more_of(const char* of) const { return options_.value(of, Environment{}); }

  // The ports that `server_` and `notify_` have stay the same, whatever is started on them.
  Server make_server(const std::string& binary) {
    auto more = more_of("server");
    more.emplace("FECHATTER_EVENTS__ORIGIN", url_of(proxy_.port(notify_link_)));
    // So that a picture has its size in its message, however busy the machine is.
    more.emplace("FECHATTER_FILES__THUMBNAIL_WAIT_MS", "30000");
    Server made{binary, folder_.path("server.log"),
                server_environment({database_.url(), nats_.server_url(), folder_.path()}, more)};
    made.take_port_of(server_);
    return made;
  }
  Server make_notify() {
    auto more = more_of("notify");
    more.emplace("FECHATTER_HTTP__CORS_ORIGINS", url_of(proxy_.port(server_link_)));
    more.emplace("FECHATTER_EVENTS__PRESENCE_CHANGES_MAX", "500");
    more.emplace("FECHATTER_EVENTS__PRESENCE_GRACE_MS", "1000");
    Server made{
        notify_program(), folder_.path("notify.log"),
        notify_environment({database_.notify_url(), nats_.notify_url(), folder_.path()}, more)};
    made.take_port_of(notify_);
    return made;
  }

  json upgrade() {
    server_.stop();
    server_ = make_server(web_fixture_program());
    server_.start();
    return json::object();
  }

  json query(const std::string& sql) {
    json rows = json::array();
    for (const auto& row : database_.query(sql)) {
      json texts = json::array();
      for (const auto& field : row) texts.push_back(field.is_null() ? json{} : json(field.c_str()));
      rows.push_back(texts);
    }
    return {{"rows", rows}};
  }

  const json options_;
  ScratchFolder folder_;
  TestDatabase database_;
  NatsServer nats_;
  FaultProxy proxy_;
  Server server_{server_program(), "", {}};
  Server notify_{notify_program(), "", {}};
  std::size_t server_link_ = 0;
  std::size_t notify_link_ = 0;
};

// A line of JSON for each command, with `error` where it could not be obeyed.
int play(const json& options) {
  Stage stage{options};
  std::cout << stage.greeting().dump() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    json answer;
    try {
      answer = stage.obey(json::parse(line));
    } catch (const std::exception& error) {
      answer = {{"error", error.what()}};
    }
    std::cout << answer.dump(-1, ' ', false, json::error_handler_t::replace) << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace fechatter::test

// web_stage [OPTIONS]: a JSON object with the settings of both servers, as the environment names
// them: {"server": {"FECHATTER_AUTH__SIGN_UP": "invitation"}, "notify": {}}.
int main(int argc, char** argv) {
  try {
    const auto options = argc > 1 ? nlohmann::json::parse(argv[1]) : nlohmann::json::object();
    return fechatter::test::play(options);
  } catch (const std::exception& error) {
    std::cerr << "web_stage: " << error.what() << '\n';
    return 1;
  }
}
