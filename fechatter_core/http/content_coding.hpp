#pragma once

#include <string_view>

#include "fechatter_core/http/request.hpp"

namespace fechatter::http {

enum class Coding { identity, gzip, br };

// Its name in Content-Encoding; empty for identity.
std::string_view to_string(Coding coding);

// Which codings a representation is there in, besides identity.
struct Codings {
  bool gzip = false;
  bool br = false;
};

// The coding to answer with, by `Accept-Encoding` (RFC 9110 §12.5.3): of those that are there the
// one of the highest quality, br before gzip before identity where two are equal. Without the
// header, and where nothing that is there is accepted, identity. A member that is malformed is
// ignored. Pure; any thread.
Coding choose_coding(const Request& request, const Codings& there);

}  // namespace fechatter::http
