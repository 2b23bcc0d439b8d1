#pragma once

#include <string>

#include "fechatter_server/docs/documents.hpp"

namespace fechatter::server {

// The part of the documentation that depends on the settings: the description names the origin of
// notify_server, and the page may send requests to it. Immutable; any thread.
class DocsSite {
 public:
  // `events_origin`: notify_server as browsers reach it; empty: the origin of the page.
  explicit DocsSite(const std::string& events_origin);
  DocsSite(const DocsSite&) = delete;
  DocsSite& operator=(const DocsSite&) = delete;

  const Document& description() const { return description_; }
  const std::string& content_security_policy() const { return policy_; }

 private:
  const std::string text_;  // empty where the description is the one in the binary
  const Document description_;
  const std::string policy_;
};

}  // namespace fechatter::server
