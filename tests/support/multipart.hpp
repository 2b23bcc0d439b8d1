#pragma once

#include <string>
#include <vector>

#include "tests/support/system.hpp"

// Uploads of tests: bodies of multipart/form-data, well-formed and otherwise.
namespace fechatter::test {

struct FormPart {
  std::string file_name;  // empty: a field of the form, not a file
  std::string content;
  std::string field = "file";
  std::string content_type = "application/octet-stream";
};

inline constexpr const char* form_boundary = "----a-boundary-of-tests";

std::string form_body(const std::vector<FormPart>& parts,
                      const std::string& boundary = form_boundary);

// POSTs the body as a form. The running test fails when the response is not as docs/openapi says.
Reply post_form(const System& system, const std::string& target, const std::string& body,
                const Headers& headers, const std::string& boundary = form_boundary);
Reply upload_as(const Person& person, const System& system, const std::vector<FormPart>& parts,
                const std::string& target = "/api/upload");
// Uploads one file, which must be accepted, and returns its path.
std::string uploaded(const Person& person, const System& system, const std::string& name,
                     const std::string& content);

}  // namespace fechatter::test
