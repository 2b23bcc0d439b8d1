#include "fechatter_core/nats/nats_connection.hpp"

#include <algorithm>
#include <fstream>

#include "fechatter_core/config.hpp"

namespace fechatter::nats {
namespace {

constexpr std::int64_t flush_timeout_ms = 1000;

using Options = std::unique_ptr<natsOptions, Destroyer<natsOptions, natsOptions_Destroy>>;

Options make_options(const Settings& settings) {
  natsOptions* raw = nullptr;
  check(natsOptions_Create(&raw), "options");
  Options options{raw};
  const auto servers = servers_of(settings.url);
  std::vector<const char*> urls;
  urls.reserve(servers.size());
  for (const auto& server : servers) urls.push_back(server.c_str());
  check(natsOptions_SetServers(raw, urls.data(), static_cast<int>(urls.size())), "url");
  check(natsOptions_SetName(raw, settings.name.c_str()), "name");
  check(natsOptions_SetCustomInboxPrefix(raw, settings.inbox.c_str()), "inbox");
  if (!settings.user.empty()) {
    check(natsOptions_SetUserInfo(raw, settings.user.c_str(), settings.password.c_str()), "user");
  }
  check(natsOptions_SetTimeout(raw, 2000), "timeout");
  check(natsOptions_SetAllowReconnect(raw, false), "reconnect");
  // A peer that vanished without closing is noticed after three pings.
  check(natsOptions_SetPingInterval(raw, 2000), "ping interval");
  check(natsOptions_SetMaxPingsOut(raw, 2), "pings");
  // By default nats.c buffers writes for a thread of its own, which costs 0.6 ms a message.
  check(natsOptions_SetSendAsap(raw, true), "send asap");
  check(natsOptions_SetMaxPendingMsgs(raw, 1'000'000), "pending messages");
  return options;
}

// The plain "Error" of nats.c has its reason beside it: the answer of JetStream.
const char* reason_of(natsStatus status) {
  const char* reason = status == NATS_ERR ? nats_GetLastError(nullptr) : nullptr;
  return reason != nullptr ? reason : natsStatus_GetText(status);
}

}  // namespace

std::vector<std::string> servers_of(const std::string& urls) {
  constexpr const char* blanks = " \t";
  std::vector<std::string> servers;
  for (std::size_t begin = 0; begin <= urls.size();) {
    const auto end = std::min(urls.find(',', begin), urls.size());
    const auto part = urls.substr(begin, end - begin);
    const auto first = part.find_first_not_of(blanks);
    if (first == std::string::npos) {
      throw std::invalid_argument{"must be URLs separated by commas, none of them empty"};
    }
    servers.push_back(part.substr(first, part.find_last_not_of(blanks) + 1 - first));
    begin = end + 1;
  }
  return servers;
}

void check_servers(const std::string& urls) {
  servers_of(urls);
}

Settings named(Settings program, std::string_view part) {
  program.name += ' ';
  program.name += part;
  return program;
}

void set_program(Settings& settings, const std::string& name, const std::string& password_file) {
  settings.name = name;
  settings.inbox = "_INBOX." + name;
  if (password_file.empty()) return;
  std::ifstream stream{password_file};
  if (!std::getline(stream, settings.password) || settings.password.empty()) {
    throw ConfigError{"nats.password_file: no password in " + password_file};
  }
}

Failure::Failure(std::string_view doing, natsStatus status)
    : std::runtime_error{"nats: " + std::string{doing} + ": " + reason_of(status)},
      status_{status} {}

void check(natsStatus status, std::string_view doing) {
  if (status != NATS_OK) throw Failure{doing, status};
}

std::string_view Message::data() const {
  return {natsMsg_GetData(raw_.get()), static_cast<std::size_t>(natsMsg_GetDataLength(raw_.get()))};
}

std::string_view Message::header(const char* name) const {
  const char* value = nullptr;
  if (natsMsgHeader_Get(raw_.get(), name, &value) != NATS_OK || value == nullptr) return {};
  return value;
}

std::optional<Message> Subscription::next(std::chrono::milliseconds timeout) {
  natsMsg* message = nullptr;
  const auto status = natsSubscription_NextMsg(&message, raw_.get(), timeout.count());
  if (status == NATS_TIMEOUT) return std::nullopt;
  check(status, "next message");
  return Message{message};
}

void Subscription::Ender::operator()(natsSubscription* subscription) const {
  natsSubscription_Unsubscribe(subscription);
  if (const auto open = connection.lock()) {
    if (natsConnection_FlushTimeout(open.get(), flush_timeout_ms) != NATS_OK) {
      natsConnection_Close(open.get());
    }
  }
  natsSubscription_Destroy(subscription);
}

Connection::Connection(const Settings& settings) : inbox_{settings.inbox} {
  const auto options = make_options(settings);
  natsConnection* raw = nullptr;
  check(natsConnection_Connect(&raw, options.get()), "connect");
  raw_ = {raw, natsConnection_Destroy};
}

bool Connection::alive() const {
  return natsConnection_Status(raw_.get()) == NATS_CONN_STATUS_CONNECTED;
}

void Connection::publish(const std::string& subject, std::string_view data) {
  check(natsConnection_Publish(raw_.get(), subject.c_str(), data.data(),
                               static_cast<int>(data.size())),
        "publish");
}

void Connection::publish(const std::string& subject, const std::string& reply,
                         const std::vector<std::pair<const char*, std::string>>& headers,
                         std::string_view data) {
  natsMsg* raw = nullptr;
  check(natsMsg_Create(&raw, subject.c_str(), reply.c_str(), data.data(),
                       static_cast<int>(data.size())),
        "message");
  const Message message{raw};
  for (const auto& [name, value] : headers) {
    check(natsMsgHeader_Set(raw, name, value.c_str()), "header");
  }
  check(natsConnection_PublishMsg(raw_.get(), raw), "publish");
}

Subscription Connection::subscribe(const std::string& subject) {
  natsSubscription* raw = nullptr;
  check(natsConnection_SubscribeSync(&raw, raw_.get(), subject.c_str()), "subscribe");
  return own(raw);
}

Subscription Connection::own(natsSubscription* raw) const {
  return {raw, raw_};
}

std::chrono::microseconds Connection::ping(std::chrono::milliseconds timeout) {
  const auto begin = std::chrono::steady_clock::now();
  check(natsConnection_FlushTimeout(raw_.get(), timeout.count()), "ping");
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() -
                                                               begin);
}

std::string Connection::new_inbox() const {
  natsInbox* raw = nullptr;
  check(natsInbox_Create(&raw), "inbox");
  const std::string unique{raw};  // _INBOX.<token>
  natsInbox_Destroy(raw);
  return inbox_ + unique.substr(unique.rfind('.'));
}

}  // namespace fechatter::nats
