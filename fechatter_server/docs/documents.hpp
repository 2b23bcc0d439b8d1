#pragma once

#include <string>
#include <string_view>

namespace fechatter::server {

// A file that is sent from memory. Lives as long as the process and never changes: any thread.
struct Document {
  std::string_view name;
  std::string_view content_type;
  std::string_view bytes;
  std::string etag;  // with its quotes; changes whenever the bytes do
};

// `name`, `type` and `bytes` outlive the document.
Document make_document(std::string_view name, std::string_view type, std::string_view bytes);

const Document& api_description();  // docs/openapi, bundled, as JSON
const Document& docs_page();
// What the page refers to, by its exact name; null when there is no such file.
const Document* find_docs_file(std::string_view name);

}  // namespace fechatter::server
