#include "notify_server/notify_settings.hpp"

#include <gmock/gmock.h>

#include "tests/support/places.hpp"

namespace fechatter::notify {
namespace {

using testing::HasSubstr;

const std::string shipped = fechatter::test::source_path("config/notify_server.yml");

TEST(NotifySettings, TheShippedFileHasTheDefaults) {
  const auto defaults = load_settings({});
  const auto settings = load_settings({shipped, {}, {}});
  EXPECT_EQ(settings.port, defaults.port);
  EXPECT_EQ(settings.database_url, defaults.database_url);
  EXPECT_EQ(settings.shard.heartbeat, defaults.shard.heartbeat);
  EXPECT_EQ(settings.shard.ring.bytes, defaults.shard.ring.bytes);
  EXPECT_EQ(settings.shard.connection_events_max, defaults.shard.connection_events_max);
  EXPECT_EQ(settings.shard.connection_bytes_max, defaults.shard.connection_bytes_max);
  EXPECT_EQ(settings.drain, defaults.drain);
  EXPECT_FALSE(settings.query_token);
  EXPECT_FALSE(defaults.query_token);
  EXPECT_EQ(settings.presence.grace, defaults.presence.grace);
  EXPECT_EQ(settings.presence.digest, defaults.presence.digest);
  EXPECT_EQ(settings.presence.changes_max, defaults.presence.changes_max);
  EXPECT_EQ(settings.http.connections_max, defaults.http.connections_max);
}

TEST(NotifySettings, AFlagWinsOverTheEnvironment) {
  const ConfigSources sources{
      shipped, {{"FECHATTER_EVENTS__RETRY_MS", "100"}}, {"events.retry_ms=200"}};
  EXPECT_EQ(load_settings(sources).shard.retry, std::chrono::milliseconds{200});
}

TEST(NotifySettings, AnUnknownKeyIsNamed) {
  try {
    load_settings({shipped, {}, {"events.ring_evnts=1"}});
    FAIL() << "was accepted";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), HasSubstr("events.ring_evnts"));
  }
}

}  // namespace
}  // namespace fechatter::notify
