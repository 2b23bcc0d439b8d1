#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tests/support/http_client.hpp"

// The description of the API in docs/openapi, and what differs from it in answers and events.
namespace fechatter::test {

// One operation of the description.
struct DescribedOperation {
  std::string method;                // GET
  std::string path;                  // /api/chat/{id}
  std::vector<std::string> servers;  // fechatter_server, notify_server, or both
  const nlohmann::json* path_item;
  const nlohmann::json* operation;
};

// A request as the check needs it.
struct DescribedRequest {
  std::string server;  // fechatter_server or notify_server
  std::string method;
  std::string target;
  std::optional<nlohmann::json> body;
};

// Immutable; any thread.
class ApiDescription {
 public:
  // The description of this source tree, read once.
  static const ApiDescription& instance();
  explicit ApiDescription(nlohmann::json document);

  const nlohmann::json& document() const { return document_; }
  const std::vector<DescribedOperation>& operations() const { return operations_; }
  // The operation that answers a request, or null.
  const DescribedOperation* find(const std::string& server, const std::string& method,
                                 const std::string& target) const;
  const nlohmann::json& resolved(const nlohmann::json& node) const;

  // Deviations of the response, and of the request body if the request was accepted. Refusals that
  // no endpoint makes (404 and 405 of the router, malformed HTTP) are described for all paths.
  std::vector<std::string> defects(const DescribedRequest& sent, const Reply& reply) const;
  // Deviations of an event of notify_server.
  std::vector<std::string> defects(const SseEvent& event) const;

 private:
  const nlohmann::json* find_response(const DescribedOperation& operation,
                                      const Reply& reply) const;

  nlohmann::json document_;
  std::vector<DescribedOperation> operations_;
};

// Sends a request; the running test fails when the response deviates from the description. Outside
// a test (in the benchmarks) nothing is checked.
Reply described_request(std::uint16_t port, const DescribedRequest& sent, const Headers& headers);
// Likewise, for a request that was sent.
void expect_described(const DescribedRequest& sent, const Reply& reply);
void expect_described(const SseEvent& event);

}  // namespace fechatter::test
