#include "fechatter_server/search/index_maintenance.hpp"

#include <spdlog/spdlog.h>

#include "fechatter_server/search/index_rebuild.hpp"
#include "fechatter_server/search/search_lock.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;
using std::chrono::milliseconds;

constexpr milliseconds interval{5'000};
constexpr milliseconds slice_pause{20};  // requests go first

const Statement epoch_statement{"search_epoch", R"(
SELECT r.epoch, r.epoch > s.epoch AND s.epoch > 0 FROM relay_state r, search_state s)"};
const Statement epoch_done_statement{"note_search_epoch",
                                     "UPDATE search_state SET epoch = $1 WHERE epoch < $1"};

}  // namespace

IndexMaintenance::IndexMaintenance(std::string database_url,
                                   std::unique_ptr<SearchIndexMaintenance> index)
    : database_url_{std::move(database_url)}, index_{std::move(index)}, state_{database_url_} {
  thread_ = std::thread{[this] { run(); }};
}

IndexMaintenance::~IndexMaintenance() {
  stop_.stop();
  thread_.join();
}

void IndexMaintenance::run() {
  std::string last_failure;
  while (!stop_.stopped()) {
    try {
      if (try_lock_search(state_)) {
        maintain();
        unlock_search(state_);
      }
      last_failure.clear();
    } catch (const std::exception& error) {
      state_.close();  // and the lock with it
      if (last_failure != error.what()) spdlog::warn("search maintenance: {}", error.what());
      last_failure = error.what();
    }
    stop_.pause(interval);
  }
}

void IndexMaintenance::maintain() {
  IndexRebuild rebuild{database_url_, *index_,
                       [this](const IndexProgress&) { stop_.pause(slice_pause); },
                       [this] { return stop_.stopped(); }};
  // Read first: an epoch that is raised meanwhile is for the next time.
  const auto state = state_.run(epoch_statement);
  const auto epoch = state[0][0].as<std::int64_t>();
  if (!index_->is_up_to_date()) {
    spdlog::info("search maintenance: index rebuild started");
    if (!rebuild.build()) return;
    spdlog::info("search maintenance: index rebuild finished");
  }
  if (state[0][1].as<bool>()) {
    const auto found = rebuild.verify({}, true);
    if (stop_.stopped()) return;
    spdlog::info("search maintenance: epoch {}: index verified, {} messages repaired", epoch,
                 found.missing + found.stale + found.extra);
  }
  state_.run(epoch_done_statement, epoch);
}

}  // namespace fechatter::server
