#include "fechatter_server/search/turn_statements.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

namespace fechatter::server {
namespace {

// Nine tenths of a turn are as good as a whole one.
bool has_used_little(const SearchTurn& turn) {
  return turn.left() * 10 >= turn.time() * 9;
}

}  // namespace

TurnLimit::TurnLimit(postgres::Connection& connection, const SearchTurn& turn)
    : connection_{connection} {
  turn.require();
  if (has_used_little(turn)) return;
  connection_.run_script(fmt::format("SET statement_timeout = {}", turn.left().count()));
  limited_ = true;
}

TurnLimit::~TurnLimit() {
  if (!limited_) return;
  try {
    connection_.run_script("RESET statement_timeout");
  } catch (const std::exception& error) {
    spdlog::debug("search: the connection is made anew: {}", error.what());
    connection_.close();
  }
}

}  // namespace fechatter::server
