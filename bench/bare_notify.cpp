#include <fmt/format.h>

#include <charconv>

#include "bench/bare_chain.hpp"
#include "bench/bare_streams.hpp"
#include "fechatter_core/nats/nats_connection.hpp"

namespace fechatter::bench {
namespace {

constexpr const char* stream_name = "BARE";
constexpr std::chrono::milliseconds idle{20};

std::int64_t chat_of(std::string_view data) {
  constexpr std::string_view name = "\"chat_id\"";
  const auto at = data.find(name);
  std::int64_t chat = 0;
  if (at == std::string_view::npos) return chat;
  const auto digits = data.find_first_not_of(" :", at + name.size());
  std::from_chars(data.data() + digits, data.data() + data.size(), chat);
  return chat;
}

using Context = std::unique_ptr<jsCtx, nats::Destroyer<jsCtx, jsCtx_Destroy>>;

// Creates a separate stream and reads it from the beginning.
nats::Subscription follow_bare_stream(const nats::Connection& connection, const Context& context) {
  jsStreamConfig config;
  nats::check(jsStreamConfig_Init(&config), "config");
  const char* subjects[] = {"bare.>"};
  config.Name = stream_name;
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  nats::check(js_AddStream(nullptr, context.get(), &config, nullptr, nullptr), "stream");
  jsSubOptions options;
  nats::check(jsSubOptions_Init(&options), "options");
  options.Stream = stream_name;
  options.Config.AckPolicy = js_AckNone;
  options.Config.MaxDeliver = 1;
  options.Config.FlowControl = true;
  options.Config.Heartbeat = 1'000'000'000;
  natsSubscription* raw = nullptr;
  nats::check(js_SubscribeSync(&raw, context.get(), "bare.>", nullptr, &options, nullptr),
              "consumer");
  return connection.own(raw);
}

}  // namespace

void run_bare_notify(const BareChain& chain) {
  BareStreams streams{chain.stream_port, chain.group};
  nats::Connection connection{{chain.nats_url, "bare notify"}};
  jsCtx* raw = nullptr;
  nats::check(natsConnection_JetStream(&raw, connection.raw(), nullptr), "jetstream");
  const Context context{raw};
  auto messages = follow_bare_stream(connection, context);
  std::uint64_t sequence = 0;
  while (true) {
    const auto message = messages.next(idle);
    if (message) {
      const auto data = message->data();
      streams.deliver(static_cast<std::size_t>(chat_of(data) - chain.first_chat),
                      fmt::format("id: 1-{}\nevent: NewMessage\ndata: {}\n\n", ++sequence, data));
    }
    // New connections may wait for an idle moment; open ones need serve() only after a full socket.
    if (!message) streams.serve(-1, 0);
  }
}

}  // namespace fechatter::bench
