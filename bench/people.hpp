#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "fechatter_core/postgres/connection.hpp"

namespace fechatter::bench {

// Thousands of users of one workspace, written directly into the database as its owner, with one
// session each, and with access tokens signed here.
class People {
 public:
  // REQUIRES: a migrated database. `private_key` is the PEM file of the servers.
  People(const std::string& owner_url, const std::string& private_key, std::size_t count);

  std::size_t size() const { return tokens_.size(); }
  std::int64_t workspace() const { return workspace_; }
  std::int64_t id(std::size_t person) const {
    return first_id_ + static_cast<std::int64_t>(person);
  }
  const std::string& token(std::size_t person) const { return tokens_[person]; }

  // Creates a public channel of the first `members` people; returns its id.
  std::int64_t make_channel(const std::string& name, std::size_t members);
  // Creates groups of the people [0, size), [size, 2 size) …; returns their ids.
  std::vector<std::int64_t> make_groups(std::size_t count, std::size_t size);

 private:
  void write_people(std::size_t count);
  void analyze();
  void sign_tokens(const std::string& private_key, std::size_t count);

  postgres::Connection connection_;
  std::int64_t workspace_ = 0;
  std::int64_t first_id_ = 0;
  std::int64_t first_session_ = 0;
  std::vector<std::string> tokens_;
};

}  // namespace fechatter::bench
