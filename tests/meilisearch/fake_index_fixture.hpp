#pragma once

#include <gmock/gmock.h>

#include <vector>

#include "fechatter_server/search/meilisearch_index.hpp"
#include "tests/meilisearch/meilisearch_fake.hpp"
#include "tests/meilisearch/messages.hpp"
#include "tests/support/await.hpp"

namespace fechatter::test {

// An index in the fake Meilisearch.
class FakeMeilisearch : public testing::Test {
 protected:
  server::MeilisearchSettings settings() const {
    server::MeilisearchSettings settings;
    settings.url = fake.url();
    settings.task_timeout = std::chrono::milliseconds{5000};
    return settings;
  }

  std::vector<IndexMatch> find(IndexQuery query) { return await(io, index.find(std::move(query))); }

  // Waits for check(); throws as it does.
  bool check() {
    const auto checked = [this]() -> awaitable<bool> {
      co_await index.check();
      co_return true;
    };
    return await(io, checked());
  }

  // The document in the server; null if there is none.
  nlohmann::json document(std::int64_t id, const std::string& uid = "messages") {
    return fake.with_model([&](MeilisearchModel& model) {
      const auto& documents = model.indexes[uid].documents;
      const auto found = documents.find(id);
      return found == documents.end() ? nlohmann::json{} : found->second;
    });
  }

  bool has_index(const std::string& uid) {
    return fake.with_model([&](MeilisearchModel& model) { return model.indexes.contains(uid); });
  }

  asio::io_context io;
  MeilisearchFake fake;
  server::MeilisearchIndex index{settings()};
};

}  // namespace fechatter::test
