#include "tests/power/names.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace fechatter::power {
namespace {

// Of the changes: all that wait are brought then.
constexpr double committed = 0.01;

bool is_within(const NameChange& change, const Node& folder) {
  return std::any_of(change.namings.begin(), change.namings.end(),
                     [&folder](const auto& naming) { return naming.folder.get() == &folder; });
}

bool removes(const NameChange& change) {
  return change.namings.size() == 1 && !change.namings[0].node;
}

void apply(const NameChange& change) {
  for (const auto& naming : change.namings) {
    if (naming.node) {
      naming.folder->on_disk[naming.name] = naming.node;
    } else {
      naming.folder->on_disk.erase(naming.name);
    }
  }
}

// What must be on the disk before a change that is brought.
class Needs {
 public:
  void add(const NameChange& change) {
    for (const auto& naming : change.namings) {
      names_.emplace(naming.folder.get(), naming.name);
      folders_.insert(naming.folder.get());
    }
    if (removes(change)) emptied_.insert(change.subject.get());
  }

  bool include(const NameChange& earlier) const {
    if (folders_.contains(earlier.subject.get())) return true;
    return std::any_of(earlier.namings.begin(), earlier.namings.end(), [this](const auto& naming) {
      return names_.contains({naming.folder.get(), naming.name}) ||
             emptied_.contains(naming.folder.get());
    });
  }

 private:
  std::set<std::pair<Node*, std::string>> names_;
  std::set<Node*> folders_;  // that have these names
  std::set<Node*> emptied_;  // folders that are removed
};

}  // namespace

void Names::add(NameChange change, chaos::Dice& dice) {
  waiting_.push_back(std::move(change));
  if (dice.chance(committed)) sync_all();
}

void Names::sync_own(const Node& node) {
  bring([&node](const NameChange& change) { return change.subject.get() == &node; });
}

void Names::sync_folder(const Node& folder) {
  bring([&folder](const NameChange& change) {
    return is_within(change, folder) || change.subject.get() == &folder;
  });
}

void Names::sync_all() {
  for (const auto& change : waiting_) apply(change);
  waiting_.clear();
}

void Names::bring(const std::function<bool(const NameChange&)>& wanted) {
  Needs needs;
  std::vector<bool> brought(waiting_.size());
  for (auto i = waiting_.size(); i-- > 0;) {
    if (!wanted(waiting_[i]) && !needs.include(waiting_[i])) continue;
    needs.add(waiting_[i]);
    brought[i] = true;
  }
  std::vector<NameChange> left;
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    if (brought[i]) {
      apply(waiting_[i]);
    } else {
      left.push_back(std::move(waiting_[i]));
    }
  }
  waiting_ = std::move(left);
}

void Names::cut(chaos::Dice* dice) {
  std::size_t kept = 0;
  if (dice) {
    // None and all are as likely as a part.
    const std::size_t choices[] = {0, waiting_.size(), dice->below(waiting_.size() + 1)};
    kept = choices[dice->below(3)];
  }
  for (std::size_t i = 0; i < kept; ++i) apply(waiting_[i]);
  waiting_.clear();
}

}  // namespace fechatter::power
