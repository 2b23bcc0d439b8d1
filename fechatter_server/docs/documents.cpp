#include "fechatter_server/docs/documents.hpp"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <array>

#include "fechatter_core/auth/encoding.hpp"

// Made of the files themselves: see CMakeLists.txt.
extern "C" {
extern const char docs_openapi_json[], docs_openapi_json_end[];
extern const char docs_page_html[], docs_page_html_end[];
extern const char docs_page_css[], docs_page_css_end[];
extern const char docs_page_js[], docs_page_js_end[];
extern const char docs_bundle_js[], docs_bundle_js_end[];
extern const char docs_bundle_licenses[], docs_bundle_licenses_end[];
extern const char docs_swagger_css[], docs_swagger_css_end[];
extern const char docs_icon_png[], docs_icon_png_end[];
extern const char docs_license[], docs_license_end[];
extern const char docs_notice[], docs_notice_end[];
}

namespace fechatter::server {
namespace {

constexpr std::string_view html = "text/html; charset=utf-8";
constexpr std::string_view css = "text/css; charset=utf-8";
constexpr std::string_view script = "text/javascript; charset=utf-8";
constexpr std::string_view text = "text/plain; charset=utf-8";

Document document(std::string_view name, std::string_view type, const char* begin,
                  const char* end) {
  return make_document(name, type, {begin, static_cast<std::size_t>(end - begin)});
}

}  // namespace

Document make_document(std::string_view name, std::string_view type, std::string_view bytes) {
  const auto digest = auth::sha256(bytes);
  auto etag = fmt::format("\"{:02x}\"", fmt::join(digest.begin(), digest.begin() + 16, ""));
  return {name, type, bytes, std::move(etag)};
}

const Document& api_description() {
  static const Document description =
      document("openapi.json", "application/json", docs_openapi_json, docs_openapi_json_end);
  return description;
}

const Document& docs_page() {
  static const Document page = document("docs", html, docs_page_html, docs_page_html_end);
  return page;
}

const Document* find_docs_file(std::string_view name) {
  static const std::array files{
      document("page.css", css, docs_page_css, docs_page_css_end),
      document("page.js", script, docs_page_js, docs_page_js_end),
      document("swagger-ui.css", css, docs_swagger_css, docs_swagger_css_end),
      document("swagger-ui-bundle.js", script, docs_bundle_js, docs_bundle_js_end),
      document("swagger-ui-bundle.js.LICENSE.txt", text, docs_bundle_licenses,
               docs_bundle_licenses_end),
      document("favicon-32x32.png", "image/png", docs_icon_png, docs_icon_png_end),
      document("LICENSE", text, docs_license, docs_license_end),
      document("NOTICE", text, docs_notice, docs_notice_end),
  };
  const auto found = std::find_if(files.begin(), files.end(),
                                  [name](const Document& file) { return file.name == name; });
  return found == files.end() ? nullptr : &*found;
}

}  // namespace fechatter::server
