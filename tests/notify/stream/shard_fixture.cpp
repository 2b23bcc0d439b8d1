#include "tests/notify/stream/shard_fixture.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "notify_server/stream/sse_frame.hpp"

namespace fechatter::notify::test {
namespace {

using namespace std::chrono_literals;

void require(bool condition, const char* what) {
  if (!condition) throw std::system_error{errno, std::generic_category(), what};
}

// "name: value" of one frame.
std::string field(const std::string& frame, const std::string& name) {
  const auto begin = frame.find(name + ": ");
  if (begin == std::string::npos) return {};
  const auto from = begin + name.size() + 2;
  return frame.substr(from, frame.find('\n', from) - from);
}

awaitable<> wait_until(std::function<bool()> is_so) {
  const asio::use_awaitable_t<Executor> use_awaitable;
  const auto executor = co_await asio::this_coro::executor;
  SteadyTimer<Executor> timer{executor};
  while (!is_so()) {
    timer.expires_after(1ms);
    auto waiting = timer.async_wait(use_awaitable);
    co_await std::move(waiting);
  }
}

void fail_if(int& failures) {
  if (failures == 0) return;
  --failures;
  throw Error{ErrorCode::database_unavailable, "down"};
}

}  // namespace

std::pair<SocketHandle, int> make_connection(int receive_buffer) {
  const int listener = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  require(::bind(listener, generic, size) == 0, "bind");
  require(::listen(listener, 1) == 0, "listen");
  require(::getsockname(listener, generic, &size) == 0, "getsockname");
  const int client = ::socket(AF_INET, SOCK_STREAM, 0);
  if (receive_buffer > 0) {
    ::setsockopt(client, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  require(::connect(client, generic, size) == 0, "connect");
  const int server = ::accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
  require(server >= 0, "accept");
  if (receive_buffer > 0) {
    ::setsockopt(server, SOL_SOCKET, SO_SNDBUF, &receive_buffer, sizeof receive_buffer);
  }
  ::close(listener);
  return {SocketHandle{server, false}, client};
}

Client::Client(Client&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)},
      head_{std::move(other.head_)},
      unread_{std::move(other.unread_)},
      frames_{std::move(other.frames_)},
      closed_{other.closed_} {}

Client::~Client() {
  disconnect();
}

void Client::disconnect() {
  if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Client::read() {
  std::array<char, 16384> buffer{};
  while (descriptor_ >= 0 && !closed_) {
    const auto count = ::recv(descriptor_, buffer.data(), buffer.size(), MSG_DONTWAIT);
    if (count < 0 && errno == EAGAIN) break;
    closed_ = count <= 0;
    if (count > 0) unread_.append(buffer.data(), static_cast<std::size_t>(count));
  }
  parse();
}

void Client::parse() {
  if (head_.empty()) {
    const auto end = unread_.find("\r\n\r\n");
    if (end == std::string::npos) return;
    head_ = unread_.substr(0, end);
    unread_.erase(0, end + 4);
  }
  for (auto end = unread_.find("\n\n"); end != std::string::npos; end = unread_.find("\n\n")) {
    const auto frame = unread_.substr(0, end + 1);
    unread_.erase(0, end + 2);
    const auto data = field(frame, "data");
    if (data.empty()) continue;  // retry
    frames_.push_back({field(frame, "id"), field(frame, "event"), nlohmann::json::parse(data)});
  }
}

std::vector<std::string> Client::names() const {
  std::vector<std::string> names;
  for (const auto& frame : frames_)
    names.push_back(frame.event.empty() ? "heartbeat" : frame.event);
  return names;
}

std::vector<std::string> Client::ids() const {
  std::vector<std::string> ids;
  for (const auto& frame : frames_) {
    ids.push_back(frame.id.empty() ? "" : to_string(parse_cursor(frame.id).position));
  }
  return ids;
}

bool Client::has(const std::string& name) const {
  const auto all = names();
  return std::find(all.begin(), all.end(), name) != all.end();
}

awaitable<std::vector<postgres::MemberRow>> FakeDatabase::read(std::vector<UserId> users) {
  reads.push_back(users);
  auto waiting = wait_until([this] { return !held; });
  co_await std::move(waiting);
  fail_if(failures);
  std::vector<postgres::MemberRow> found;
  for (const auto& row : rows) {
    const bool wanted = std::find(users.begin(), users.end(), row.user_id) != users.end();
    if (wanted) found.push_back(row);
  }
  co_return found;
}

awaitable<std::vector<postgres::MessageVersion>> FakeDatabase::read_versions(
    std::vector<MessageKey> messages) {
  version_reads.push_back(messages);
  auto waiting = wait_until([this] { return !held; });
  co_await std::move(waiting);
  fail_if(version_failures);
  std::vector<postgres::MessageVersion> found;
  for (const auto& message : messages) {
    const auto version = versions.find(message);
    if (version != versions.end()) found.push_back({message, version->second});
  }
  co_return found;
}

awaitable<std::vector<postgres::OpenSession>> FakeDatabase::read_sessions(
    std::vector<SessionId> sessions) {
  session_reads.push_back(sessions);
  fail_if(session_failures);
  std::vector<postgres::OpenSession> found;
  for (const auto& session : open_sessions) {
    const bool wanted = std::find(sessions.begin(), sessions.end(), session.id) != sessions.end();
    if (wanted) found.push_back(session);
  }
  co_return found;
}

awaitable<ReplaySlice> FakeStream::read(WorkspaceId workspace, FrameId after, std::uint64_t to) {
  reads.push_back(after.position);
  const auto number = reads.size();
  auto waiting = wait_until([this, number] { return !held && number <= hold_after; });
  co_await std::move(waiting);
  fail_if(failures);
  ReplaySlice found;
  found.through = std::min(to, after.position.stream_seq + slice);
  found.expired = after.position.stream_seq + 1 < first || reads.size() > reads_max;
  for (const auto& event : events) {
    const auto seq = event->position.stream_seq;
    const bool wanted = seq > after.position.stream_seq && seq <= found.through &&
                        event->position.epoch == after.position.epoch &&
                        event->workspace_id == workspace;
    if (wanted) found.events.push_back(event);
  }
  co_return found;
}

ShardTest::ShardTest() {
  settings.tick = 2ms;
  settings.cursor_wait = 20ms;
  settings.heartbeat = 1h;
  database.rows = {{alice, lunch, EventId{1}}, {bob, lunch, EventId{1}}};
  restart_shard();
}

void ShardTest::restart_shard() {
  shard = std::make_unique<Shard>(
      settings,
      CatchUpSources{[this](std::vector<UserId> users) { return database.read(std::move(users)); },
                     [this](WorkspaceId workspace, FrameId after, std::uint64_t to) {
                       return stream.read(workspace, after, to);
                     },
                     [this](std::vector<MessageKey> messages) {
                       return database.read_versions(std::move(messages));
                     },
                     [this](std::vector<SessionId> sessions) {
                       return database.read_sessions(std::move(sessions));
                     }},
      revoked);
}

void ShardTest::warm_up(Position position) {
  head = position;
  deliver(StreamUpdate::Kind::warmed_up, position);
}

StreamRequest ShardTest::request_of(UserId user, const std::string& cursor) const {
  const auto now =
      std::chrono::time_point_cast<std::chrono::seconds>(std::chrono::system_clock::now());
  return {user,
          acme,
          SessionId{next_session},
          now + token_life,
          parse_cursor(cursor),
          "HTTP/1.1 200 OK\r\n\r\n",
          lasts_as_session};
}

Client& ShardTest::connect(UserId user, const std::string& cursor, int receive_buffer) {
  auto [server, client] = make_connection(receive_buffer);
  shard->adopt(request_of(user, cursor), std::move(server));
  ++next_session;
  return clients.emplace_back(client);
}

Client& ShardTest::join(UserId user, const std::string& cursor) {
  auto& client = connect(user, cursor);
  until([&] { return client.has("CaughtUp"); });
  return client;
}

void ShardTest::publish(event::Envelope envelope) {
  ++head.stream_seq;
  auto update = update_at(std::move(envelope), head);
  update.republish_through = republish_through;
  stream.events.push_back(update.event);
  if (update.event->version > 0) {
    database.versions[update.event->message()] = update.event->version;
  }
  shard->deliver({std::move(update)});
  // Only this thread empties the inbox, and a full one blocks.
  if (head.stream_seq % 1000 == 0) shard->io().poll();
}

void ShardTest::deliver(StreamUpdate::Kind kind, Position position) {
  head = position;
  shard->deliver({{kind, position, nullptr}});
}

void ShardTest::until_received(Client& client, std::size_t frames) {
  until([&] { return client.frames().size() >= frames; });
}

void ShardTest::run_a_little() {
  shard->io().run_for(1ms);
  for (auto& client : clients) client.read();
}

}  // namespace fechatter::notify::test
