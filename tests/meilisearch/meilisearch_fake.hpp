#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "tests/meilisearch/meilisearch_model.hpp"

namespace fechatter::test {

// A server with Meilisearch's protocol on a port of 127.0.0.1, which injects faults.
class MeilisearchFake {
 public:
  struct Asked {
    std::string method;
    std::string target;
    std::string authorization;
    nlohmann::json body;
    int connection = 0;  // numbered from 1
  };

  // The fault of the next requests, instead of the model's answer.
  struct Fault {
    enum class Kind { answer, slow, cut_before, cut_within };
    Kind kind = Kind::answer;
    ModelAnswer answer;  // of kind answer; a string is sent as it is
    int times = 1;
    std::string target;  // of requests whose target begins with it
  };

  MeilisearchFake();
  ~MeilisearchFake();
  MeilisearchFake(const MeilisearchFake&) = delete;
  MeilisearchFake& operator=(const MeilisearchFake&) = delete;

  std::string url() const;
  // Closes all connections and stops listening; the port stays reserved.
  void stop();
  void start();

  void ask_for_key(const std::string& key);
  void misbehave(Fault fault);
  // Reads or changes the model of the server.
  template <class F>
  auto with_model(F look) {
    const std::lock_guard lock{mutex_};
    return look(model_);
  }
  std::vector<Asked> asked() const;
  std::vector<Asked> asked(const std::string& method, const std::string& target) const;

 private:
  class Listener;

  ModelAnswer answer(const Asked& asked);
  std::optional<Fault> next_fault(const std::string& target);

  std::uint16_t port_;
  mutable std::mutex mutex_;
  MeilisearchModel model_;
  std::string key_;
  std::vector<Fault> faults_;
  std::vector<Asked> asked_;
  int connections_ = 0;
  std::unique_ptr<Listener> listener_;
};

}  // namespace fechatter::test
