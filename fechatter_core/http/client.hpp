#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace fechatter::http {

// A body that is read while it is sent.
struct ClientUpload {
  std::uint64_t size = 0;  // bytes
  // Copies `count` bytes at most from `offset` on to `to`, at least one before the end. May be
  // called for the same bytes again; may throw, which ends the exchange.
  std::function<std::size_t(std::uint64_t offset, char* to, std::size_t count)> read;
};

struct ClientRequest {
  std::string method;
  std::string url;                                    // http or https
  std::vector<std::string> headers;                   // "Name: value"
  std::string body;                                   // empty: none
  std::optional<ClientUpload> upload = std::nullopt;  // instead of `body`, for PUT
  // Instead of that of the limits.
  std::optional<std::chrono::milliseconds> response_timeout = std::nullopt;
  // An exchange with less than a KiB a second for so long has failed; 0: no such limit.
  std::chrono::seconds stall_timeout{0};
};

struct ClientResponse {
  long status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // names in lower case
  std::string body;

  // The first header of that name (lower case), or null.
  const std::string* find_header(std::string_view name) const;
};

struct ClientLimits {
  std::chrono::milliseconds connect_timeout{1000};
  std::chrono::milliseconds response_timeout{5000};  // of the whole exchange, connect included
  std::size_t header_bytes_max = 64 * 1024;          // of the response's head
  std::size_t body_bytes_max = 64 * 1024 * 1024;     // of the response's body
  std::string ca_file = {};  // certificates (PEM) to trust instead of those of the system
  const std::atomic<bool>* cancelled = nullptr;  // ends an exchange within a second, once it is set
};

// A blocking HTTP client (libcurl's easy handle, wrapped once) for requests to other servers. The
// connection stays open between two exchanges, and is opened again when the server has closed it. A
// redirect is returned as it is and never followed; proxies of the environment are not used;
// certificates are verified. Any one thread at a time; never an I/O thread.
class Client {
 public:
  // There is no response: the server does not listen, took too long, broke the connection, or sent
  // more than the limits allow.
  class Failure : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
  };

  explicit Client(const ClientLimits& limits = {});

  // Throws Failure, whose text has neither headers nor body, and what ClientUpload::read throws.
  ClientResponse send(const ClientRequest& request);

 private:
  struct Close {
    void operator()(void* handle) const;
  };

  void set_options(const ClientRequest& request);

  const ClientLimits limits_;
  std::unique_ptr<void, Close> handle_;
};

}  // namespace fechatter::http
