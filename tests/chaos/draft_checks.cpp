#include <algorithm>
#include <map>

#include "tests/chaos/expected_audience.hpp"
#include "tests/chaos/findings.hpp"
#include "tests/chaos/promises.hpp"

namespace fechatter::chaos {
namespace {

constexpr const char* newest = "a draft is what its newest acknowledged change has made it";
constexpr const char* replaced = "a draft changes only from the version that the request names";

using Key = std::pair<std::int64_t, std::int64_t>;  // person, chat

// Short-lived.
class DraftChecks {
 public:
  DraftChecks(const Histories& histories, const FinalState& final_state)
      : histories_{histories}, final_{final_state} {
    for (const auto& event : final_.events) {
      if (event.type != own_draft) continue;
      for (const auto person : event.users) versions_[{person, event.chat}].push_back(event.id);
    }
    for (const auto& change : histories_.drafts) {
      auto& last = last_[{change.person, change.chat}];
      if (change.outcome != Outcome::ok) continue;
      if (!last || last->version <= change.version) last = &change;
    }
  }

  std::vector<Violation> run() {
    for (const auto& change : histories_.drafts) {
      if (change.outcome == Outcome::ok && change.version > 0) check_change(change);
    }
    std::map<Key, const StoredDraft*> stored;
    for (const auto& draft : final_.drafts) {
      stored[{draft.person, draft.chat}] = &draft;
      check_stored(draft);
    }
    for (const auto& [key, last] : last_) {
      if (last && !stored.contains(key)) {
        findings_.add(newest, "person {} has no draft in chat {}", key.first, key.second);
      }
    }
    return findings_.take();
  }

 private:
  // The versions of a draft are the ids of its events.
  void check_change(const DraftChange& change) {
    const auto& all = versions_[{change.person, change.chat}];
    const auto at = std::lower_bound(all.begin(), all.end(), change.version);
    if (at == all.end() || *at != change.version) {
      findings_.add(promise::has_event,
                    "version {} of the draft of person {} in chat {} has no event", change.version,
                    change.person, change.chat);
      return;
    }
    const auto before = at == all.begin() ? 0 : *(at - 1);
    if (before != change.known) {
      findings_.add(replaced, "person {} chat {}: version {} replaced {}, and not {}",
                    change.person, change.chat, change.version, before, change.known);
    }
  }

  void check_stored(const StoredDraft& draft) {
    const auto found = last_.find({draft.person, draft.chat});
    const auto* last = found == last_.end() ? nullptr : found->second;
    const auto version = last ? last->version : 0;
    const bool same = draft.version == version && draft.content == (last ? last->content : "");
    if (same || (draft.version > version && may_have_made(draft))) return;
    findings_.add(newest, "person {} chat {}: version {} \"{}\", acknowledged is {} \"{}\"",
                  draft.person, draft.chat, draft.version, draft.content, version,
                  last ? last->content : "");
  }

  bool may_have_made(const StoredDraft& draft) const {
    const auto& all = histories_.drafts;
    return std::any_of(all.begin(), all.end(), [&draft](const DraftChange& change) {
      return change.outcome == Outcome::unknown && change.person == draft.person &&
             change.chat == draft.chat && change.content == draft.content;
    });
  }

  const Histories& histories_;
  const FinalState& final_;
  std::map<Key, std::vector<std::int64_t>> versions_;
  std::map<Key, const DraftChange*> last_;
  Findings findings_;
};

}  // namespace

std::vector<Violation> check_drafts(const Histories& histories, const FinalState& final_state) {
  return DraftChecks{histories, final_state}.run();
}

}  // namespace fechatter::chaos
