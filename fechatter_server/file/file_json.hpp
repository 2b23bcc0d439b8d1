#pragma once

#include <nlohmann/json.hpp>

#include "fechatter_core/model/file.hpp"
#include "fechatter_server/file/file_access.hpp"

namespace fechatter::server {

// The API's File.
nlohmann::json to_json(const Upload& upload);
nlohmann::json to_json(const SignedFileUrl& url);

}  // namespace fechatter::server
