#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "fechatter_core/file/file_store.hpp"
#include "fechatter_core/http/body_reader.hpp"
#include "fechatter_core/http/body_source.hpp"

namespace fechatter::server {

struct FormLimits {
  std::size_t files = 10;        // of one request
  std::uint64_t file_bytes = 0;  // of each, as it is sent
};

// A file of a request that is whole in the store and has no place there yet: dropping it discards
// it.
struct ReceivedFile {
  std::string part;  // the name of the form's field
  std::string name;  // as the client has sent it; may be empty
  file::WrittenFile written;
  std::unique_ptr<file::FileWriter> writer;
};

// Reads the files of a multipart/form-data body into the store, one piece in memory at a time: the
// parts with a file name. Pictures lose their metadata (file::MetadataFilter). Other parts are
// ignored, and so is one with an empty file name and no content, which browsers send for a field
// that was left empty. Throws invalid_fields (422) that names the part when nothing of a file is to
// be stored, when there are too many, and when there is none; file_too_large; malformed_request;
// what BodyReader::read and the store throw. Nothing of the request stays then.
awaitable<std::vector<ReceivedFile>> receive_files(http::BodyReader& body, std::string boundary,
                                                   FormLimits limits, file::FileStore& store);

// The same of a source that is a whole file, of at least one byte. Throws what the source and the
// store throw.
awaitable<ReceivedFile> receive_source(http::BodySource& source, std::string name,
                                       file::FileStore& store);

}  // namespace fechatter::server
