#pragma once

#include <nlohmann/json.hpp>
#include <optional>

#include "tests/chaos/traffic.hpp"

namespace fechatter::chaos {

// The one device of a member that changes the member's draft in a chat. Each change names the
// version that it replaces, and sometimes one that never was. The clients' thread only.
class Drafter {
 public:
  Drafter(Traffic& traffic, const Chat& chat, std::int64_t person);

  awaitable<> run();

 private:
  DraftChange next();
  std::string request_of(const DraftChange& change) const;
  awaitable<> change();
  static void note_repetition(DraftChange& done, const nlohmann::json& newer);
  void note(const DraftChange& done, const Answer& answer);

  Traffic& traffic_;
  const Chat& chat_;
  const Person& person_;
  std::int64_t version_ = 0;  // the newest one that is known
  bool has_text_ = false;
  std::optional<DraftChange> unanswered_;
};

}  // namespace fechatter::chaos
