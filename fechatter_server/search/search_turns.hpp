#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "fechatter_core/async.hpp"
#include "fechatter_core/model/ids.hpp"
#include "fechatter_core/service/search_turn.hpp"

namespace fechatter::server {

// One search of a user at a time on this instance: a newer one ends the older one, and begins when
// the older one has come to its end. One search waits at most; a search that is typed letter by
// letter costs no more than one connection. Any thread.
class SearchTurns {
 public:
  // The turn of a search, until it is destroyed.
  class Held;

  explicit SearchTurns(std::chrono::milliseconds time);
  ~SearchTurns();

  // Throws search_superseded when a newer search has come while this one waited.
  awaitable<std::unique_ptr<Held>> begin(UserId user);

 private:
  struct Lane {
    SearchTurn running;
    std::optional<SearchTurn> waiting;
    std::function<void()> resume;  // of the waiting search
  };
  struct Lanes;

  awaitable<> wait_behind(UserId user, SearchTurn turn);

  const std::chrono::milliseconds time_;
  const std::shared_ptr<Lanes> lanes_;  // a search that is dropped at the end outlives this object
};

class SearchTurns::Held {
 public:
  Held(std::shared_ptr<Lanes> lanes, UserId user, SearchTurn turn);
  ~Held();
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  const SearchTurn& turn() const { return turn_; }

 private:
  const std::shared_ptr<Lanes> lanes_;
  const UserId user_;
  const SearchTurn turn_;
};

}  // namespace fechatter::server
