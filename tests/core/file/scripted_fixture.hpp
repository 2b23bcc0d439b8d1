#pragma once

#include <gmock/gmock.h>

#include <atomic>
#include <memory>
#include <string>

#include "tests/core/file/store_fixture.hpp"
#include "tests/support/scripted_server.hpp"

namespace fechatter::file {

using test::response_of;
using test::ScriptedServer;

// A response with a body of XML.
inline std::string error_of(const std::string& status, const std::string& code,
                            const std::string& headers = "") {
  return response_of(status, "<Error><Code>" + code + "</Code></Error>", headers);
}

inline const std::string secret_key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

inline S3Settings settings_for(const std::string& url) {
  S3Settings settings;
  settings.endpoint = url;
  settings.path_style = true;
  settings.bucket = "files";
  settings.key = {"AKIAIOSFODNN7EXAMPLE", secret_key};
  settings.timeout = std::chrono::seconds{5};
  settings.threads = 2;
  return settings;
}

// A client of a server that answers so.
class S3ClientTest : public testing::Test {
 protected:
  void answer(ScriptedServer::Script script) {
    server = std::make_unique<ScriptedServer>(std::move(script));
    settings = settings_for(server->url());
    connect();
  }
  void connect() {
    address = std::make_unique<S3Address>(settings);
    client = std::make_unique<S3Client>(settings, *address, stopped);
    bucket = std::make_unique<S3Bucket>(settings, *address, stopped);
  }
  S3Deadline deadline() const { return std::chrono::steady_clock::now() + settings.timeout; }
  // The number of exchanges so far.
  std::size_t count() const { return server->exchanges().size(); }
  template <class F>
  static std::chrono::milliseconds duration_of(F call) {
    const auto begun = std::chrono::steady_clock::now();
    call();
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begun);
  }

  S3Settings settings;
  std::atomic<bool> stopped = false;
  std::unique_ptr<ScriptedServer> server;
  std::unique_ptr<S3Address> address;
  std::unique_ptr<S3Client> client;
  std::unique_ptr<S3Bucket> bucket;
};

}  // namespace fechatter::file
