#include "fechatter_server/search/search_tender.hpp"

#include <spdlog/spdlog.h>

#include "fechatter_server/search/index_keeper.hpp"
#include "fechatter_server/search/search_lock.hpp"

namespace fechatter::server {
namespace {

using postgres::Statement;
using std::chrono::milliseconds;

constexpr milliseconds interval{5'000};
constexpr milliseconds breath{20};  // between slices: requests go first

const Statement epoch_statement{"search_epoch", R"(
SELECT r.epoch, r.epoch > s.epoch AND s.epoch > 0 FROM relay_state r, search_state s)"};
const Statement note_statement{"note_search_epoch",
                               "UPDATE search_state SET epoch = $1 WHERE epoch < $1"};

}  // namespace

SearchTender::SearchTender(std::string database_url, std::unique_ptr<SearchIndexUpkeep> index)
    : database_url_{std::move(database_url)}, index_{std::move(index)}, state_{database_url_} {
  thread_ = std::thread{[this] { run(); }};
}

SearchTender::~SearchTender() {
  stop_.stop();
  thread_.join();
}

void SearchTender::run() {
  std::string last_trouble;
  while (!stop_.stopped()) {
    try {
      if (try_lock_search(state_)) {
        tend();
        unlock_search(state_);
      }
      last_trouble.clear();
    } catch (const std::exception& error) {
      state_.close();  // and the lock with it
      if (last_trouble != error.what()) spdlog::warn("search tender: {}", error.what());
      last_trouble = error.what();
    }
    stop_.pause(interval);
  }
}

void SearchTender::tend() {
  IndexKeeper keeper{database_url_, *index_, [this](const IndexProgress&) { stop_.pause(breath); },
                     [this] { return stop_.stopped(); }};
  // Looked at first: what is lost meanwhile is for the next time.
  const auto state = state_.run(epoch_statement);
  const auto epoch = state[0][0].as<std::int64_t>();
  if (!index_->is_up_to_date()) {
    spdlog::info("search: the index is built anew");
    if (!keeper.build()) return;
    spdlog::info("search: the index is built");
  }
  if (state[0][1].as<bool>()) {
    const auto found = keeper.verify({}, true);
    if (stop_.stopped()) return;
    spdlog::info("search: after a loss of the stream {} messages were put in order",
                 found.missing + found.stale + found.extra);
  }
  state_.run(note_statement, epoch);
}

}  // namespace fechatter::server
