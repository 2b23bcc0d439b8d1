#include <spdlog/spdlog.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/http/body_reader.hpp"
#include "fechatter_core/http/listener.hpp"
#include "fechatter_core/http/session.hpp"
#include "fechatter_core/http/syntax.hpp"
#include "tests/fuzz/fuzz.hpp"

// A whole connection: a real Session with a router, over a pair of sockets. The input is sent
// twice, at once and in pieces; both times the same requests must reach the handlers, and the
// responses must be the same.
namespace fechatter::fuzz {
namespace {

using http::Access;
using http::Method;
using http::Rate;
using http::Request;
using http::Response;

constexpr std::chrono::hours never{1000};
constexpr http::Limits limits{.header_bytes_max = 512,
                              .header_count_max = 12,
                              .body_bytes_max = 256,
                              .connections_max = 1,
                              .connections_per_address_max = 1,
                              .header_timeout = never,
                              .body_timeout = never,
                              .idle_timeout = never,
                              .write_timeout = never};

std::vector<std::string> handled;  // requests that a handler has received in this conversation

awaitable<Response> note(const Request& request) {
  require(request.body.size() <= limits.body_bytes_max, "a body is within its limit");
  require(request.headers.size() <= limits.header_count_max, "so are the headers");
  require(http::is_token(request.id) && request.id.size() <= 64, "every request has an id");
  std::string line{to_string(request.method)};
  line.append(" ").append(request.path).append("?").append(request.query);
  for (const auto& [name, value] : request.headers) line.append("\n" + name + ":" + value);
  handled.push_back(line + "\n\n" + request.body);
  co_return http::text_response(200,
                                "=" + request.body);  // never looks like the head of a response
}

awaitable<Response> note_chat(const Request& request) {
  const auto id = request.id_of<ChatId>("id");
  require(id.value > 0, "an id is positive");
  handled.push_back("chat " + std::to_string(id.value) + request.find_query("q").value_or("-"));
  co_return http::json_response(200, {{"id", id.value}});
}

awaitable<Response> note_json(const Request& request) {
  const auto body = request.json_body(true);
  handled.push_back(body.dump());
  co_return http::json_response(201, body);
}

awaitable<Response> note_stream(const Request& request) {
  std::string body;
  for (;;) {
    const auto piece = co_await request.body_reader().read();
    if (piece.empty()) break;
    body += piece;
    require(body.size() <= limits.body_bytes_max, "a streamed body is within its limit");
  }
  require(request.body_reader().at_end(), "a streamed body is read to its end");
  handled.push_back("stream " + body);
  co_return http::text_response(200, "=" + body);
}

awaitable<Response> ignore_stream(const Request&) {
  handled.emplace_back("stream");
  co_return http::text_response(200, "=");
}

// 300 bytes that look neither like the head of a response nor like that of a request.
class Source : public http::BodySource {
 public:
  std::optional<std::uint64_t> size() const override { return 300; }
  awaitable<std::size_t> read(std::uint64_t offset, char* to, std::size_t count) override {
    require(count > 0 && offset + count <= 300, "a source is read within its size");
    const auto size = std::min<std::size_t>(count, 7);
    std::fill_n(to, size, '=');
    co_return size;
  }
};

awaitable<Response> send_source(const Request& request) {
  handled.push_back("source " + request.query);
  Response response;
  response.source = std::make_unique<Source>();
  co_return response;
}

auth::Identity authenticated(std::string_view token, const auth::BeforeVerifying&) {
  if (token != "alice") throw Error{ErrorCode::unauthenticated, "unknown"};
  return {};
}

http::Router router() {
  return http::Router{
      {{Method::get, "/hello", Access::anyone, note},
       {Method::post, "/echo", Access::anyone, note},
       {Method::delete_, "/echo", Access::anyone, note, Rate::by_access, http::buffered_body()},
       {Method::put, "/echo", Access::anyone, note, Rate::by_access, http::no_body},
       {Method::post, "/stream", Access::anyone, note_stream, Rate::by_access,
        http::streamed_body(limits.body_bytes_max)},
       {Method::put, "/stream", Access::anyone, ignore_stream, Rate::by_access,
        http::streamed_body(limits.body_bytes_max)},
       {Method::post, "/me", Access::signed_in, note},
       {Method::get, "/source", Access::anyone, send_source},
       {Method::get, "/me", Access::signed_in, note},
       {Method::get, "/chat/{id}", Access::anyone, note_chat},
       {Method::post, "/json", Access::anyone, note_json}},
      authenticated};
}

// The client: writes, and runs the session until it waits before it writes again.
class Conversation {
 public:
  Conversation() : registry_{std::make_shared<http::SessionRegistry>(limits, router())} {
    std::array<int, 2> ends{};
    require(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends.data()) == 0, "a socket");
    client_ = ends[0];
    Socket server{asio::make_strand(io_)};
    server.assign(asio::ip::tcp::v4(), ends[1]);
    const auto session = std::make_shared<http::Session>(std::move(server), registry_);
    require(!registry_->enter(session).has_value(), "there is room for one");
    session->start();
  }
  ~Conversation() { close(client_); }
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  void send(std::string_view piece) {
    while (!piece.empty()) {
      const auto sent = ::send(client_, piece.data(), piece.size(), MSG_NOSIGNAL);
      if (sent < 0) require(errno == EPIPE || errno == EAGAIN, "sending works");
      if (sent < 0 && errno == EPIPE) return;
      if (sent > 0) piece.remove_prefix(static_cast<std::size_t>(sent));
      run();
    }
  }

  // Ends the sending direction; all responses of the conversation.
  std::string end() {
    shutdown(client_, SHUT_WR);
    run();
    require(closed_, "the server closes when the client does");
    require(registry_->count() == 0, "no session is left behind");
    return std::move(received_);
  }

 private:
  void run() {
    while (io_.poll() > 0 || receive()) {}
  }

  bool receive() {
    std::array<char, 4096> bytes;  // NOLINT(cppcoreguidelines-pro-type-member-init)
    const auto count = closed_ ? -1 : recv(client_, bytes.data(), bytes.size(), 0);
    if (count == 0) closed_ = true;
    if (count > 0) received_.append(bytes.data(), static_cast<std::size_t>(count));
    return count > 0;
  }

  asio::io_context io_{1};
  std::shared_ptr<http::SessionRegistry> registry_;
  int client_ = -1;
  bool closed_ = false;
  std::string received_;
};

struct Answers {
  std::vector<int> statuses;
  std::vector<std::string> bodies;
  bool ended = false;  // the last one has `Connection: close`
};

// The bytes behind a head show whether the response has a body: the one to HEAD has none, for any
// Content-Length.
void take_answer(std::string_view& rest, Answers& answers) {
  require(!answers.ended, "nothing follows the last answer");
  require(rest.starts_with("HTTP/1.1 ") && rest.size() > 12, "an answer begins as one");
  int status = 0;
  std::from_chars(rest.data() + 9, rest.data() + 12, status);
  const bool fault_of_client = (status >= 200 && status < 500) || status == 501;
  require(status == 100 || fault_of_client, "only the client is at fault");
  const auto end = rest.find("\r\n\r\n");
  require(end != rest.npos, "an answer's head is whole");
  auto head = rest.substr(0, end + 2);
  rest.remove_prefix(end + 4);
  if (status == 100) return;
  std::size_t length = 0;
  int lengths = 0;
  for (http::take_until(head, '\n'); !head.empty();) {
    auto line = http::take_until(head, '\n');
    require(line.ends_with('\r') && line.find('\r') == line.size() - 1, "lines end in CRLF");
    line.remove_suffix(1);
    const auto name = http::take_until(line, ':');
    require(http::is_token(name), "names are tokens");
    const auto value = http::trimmed(line);
    if (http::equals_ignoring_case(name, "connection")) answers.ended = value == "close";
    if (!http::equals_ignoring_case(name, "content-length")) continue;
    ++lengths;
    std::from_chars(value.data(), value.data() + value.size(), length);
  }
  require(lengths <= 1, "an answer has one length");
  const bool bodiless = rest.empty() || (rest.starts_with("HTTP/1.1 ") && length > 0);
  answers.statuses.push_back(status);
  answers.bodies.emplace_back(rest.substr(0, bodiless ? 0 : length));
  require(bodiless || rest.size() >= length, "an answer is whole");
  rest.remove_prefix(bodiless ? 0 : length);
}

Answers answers_in(std::string_view received) {
  Answers answers;
  while (!received.empty()) take_answer(received, answers);
  return answers;
}

// The bodies of problems differ: each has a request id of its own.
void check_same(const Answers& left, const Answers& right) {
  require(left.statuses == right.statuses, "the pieces it came in do not change the answers");
  require(left.ended == right.ended, "nor whether the connection ends");
  for (std::size_t i = 0; i < left.bodies.size(); ++i) {
    if (left.statuses[i] < 300) require(left.bodies[i] == right.bodies[i], "nor their bodies");
  }
}

Answers converse(std::string_view text, Choices* pieces) {
  handled.clear();
  Conversation conversation;
  while (!text.empty()) {
    conversation.send(pieces ? pieces->cut(text) : std::exchange(text, {}));
  }
  const auto answers = answers_in(conversation.end());
  require(answers.statuses.size() >= handled.size(), "every request is answered");
  return answers;
}

void check_connection(std::string_view text) {
  Choices pieces{text};
  const auto at_once = converse(text, nullptr);
  const auto served = handled;
  const auto in_pieces = converse(text, &pieces);
  require(served == handled, "the pieces it comes in do not change what is asked");
  check_same(at_once, in_pieces);
}

}  // namespace
}  // namespace fechatter::fuzz

extern "C" int LLVMFuzzerInitialize(int* /*count*/, char*** /*arguments*/) {
  spdlog::set_level(spdlog::level::off);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fechatter::fuzz::check_connection(fechatter::fuzz::text_of(data, size));
  return 0;
}
