#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/http_client.hpp"

// The description of the API in docs/openapi, and what differs from it in answers and events.
namespace fechatter::test {

// One of its operations.
struct DescribedOperation {
  std::string method;                // GET
  std::string path;                  // /api/chat/{id}
  std::vector<std::string> servers;  // fechatter_server, notify_server, or both
  const nlohmann::json* path_item;
  const nlohmann::json* operation;
};

// What was asked of a server.
struct Asked {
  std::string server;  // its name
  std::string method;
  std::string target;
  std::optional<nlohmann::json> body;
};

// Immutable; any thread.
class ApiDescription {
 public:
  // The file of this source tree, read once.
  static const ApiDescription& instance();
  explicit ApiDescription(nlohmann::json document);

  const nlohmann::json& document() const { return document_; }
  const std::vector<DescribedOperation>& operations() const { return operations_; }
  // The one that answers a request, if any does.
  const DescribedOperation* find(const std::string& server, const std::string& method,
                                 const std::string& target) const;
  const nlohmann::json& resolved(const nlohmann::json& node) const;

  // What is not as described: the answer, and the body sent if it was accepted. Refusals that no
  // endpoint is asked for (404 and 405 of the router, what is no HTTP) are described for all.
  std::vector<std::string> defects(const Asked& asked, const Reply& reply) const;
  // What is not as described of an event of notify_server.
  std::vector<std::string> defects(const SseEvent& event) const;

 private:
  const nlohmann::json* find_response(const DescribedOperation& operation,
                                      const Reply& reply) const;

  nlohmann::json document_;
  std::vector<DescribedOperation> operations_;
};

// `request`, whose answer must be as described: the running test fails when it is not. Where no
// test runs (the benchmarks) nothing is looked at.
Reply described_request(std::uint16_t port, const Asked& asked, const Headers& headers);
void expect_described(const SseEvent& event);

}  // namespace fechatter::test
