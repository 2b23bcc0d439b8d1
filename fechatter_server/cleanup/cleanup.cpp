#include "fechatter_server/cleanup/cleanup.hpp"

#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

namespace fechatter::server {
namespace {

using namespace std::chrono_literals;

constexpr int reported_failures = 3;

const ChoreKind kinds[] = {
    {"member counts", {"cleanup_member_counts", "SELECT cleanup_member_counts($1)"}, true},
    {"reaction counts",
     {"cleanup_reaction_counts", "SELECT cleanup_reaction_counts($1)"},
     true,
     250ms},
    {"read events", {"emit_due_read_events", "SELECT emit_due_read_events($1)"}, true, 250ms},
    {"suspended owners", {"cleanup_suspended_owners", "SELECT cleanup_suspended_owners($1)"}, true},
    {"deleted messages", {"cleanup_deleted_messages", "SELECT cleanup_deleted_messages($1)"}},
    {"deleted members", {"cleanup_deleted_members", "SELECT cleanup_deleted_members($1)"}},
    {"deleted chats", {"cleanup_deleted_chats", "SELECT cleanup_deleted_chats($1)"}},
    {"event tickets", {"cleanup_event_tickets", "SELECT cleanup_event_tickets($1)"}},
    {"sessions", {"cleanup_sessions", "SELECT cleanup_sessions($1)"}},
    {"receipts", {"cleanup_receipts", "SELECT cleanup_receipts($1)"}},
    {"erasures", {"cleanup_erasures", "SELECT cleanup_erasures($1)"}},
    {"stale words", {"cleanup_stale_words", "SELECT cleanup_stale_words($1)"}},
};

}  // namespace

Cleanup::Cleanup(EventfulDatabase& database, const CleanupSettings& settings) {
  for (const auto& kind : kinds) {
    auto& chore = *chores_.emplace_back(std::make_unique<Chore>(kind, database, settings));
    report(kind.name, [&chore] { return chore.failures(); });
  }
}

void Cleanup::report(const char* name, std::function<int()> failures) {
  reported_.push_back({name, std::move(failures)});
}

void Cleanup::start(asio::io_context& io) {
  for (const auto& chore : chores_) {
    const Executor strand{io.get_executor()};
    asio::co_spawn(strand, chore->run(), asio::detached);
  }
}

awaitable<> Cleanup::check() const {
  std::string failing;
  for (const auto& [name, failures_of] : reported_) {
    const int failures = failures_of();
    if (failures < reported_failures) continue;
    if (!failing.empty()) failing += ", ";
    failing += fmt::format("{}: {} failures in a row", name, failures);
  }
  if (!failing.empty()) throw Error{ErrorCode::internal, failing};
  co_return;
}

}  // namespace fechatter::server
