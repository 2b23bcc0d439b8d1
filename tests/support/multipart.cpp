#include "tests/support/multipart.hpp"

#include <fmt/format.h>

#include <stdexcept>

namespace fechatter::test {

std::string form_body(const std::vector<FormPart>& parts, const std::string& boundary) {
  std::string body;
  for (const auto& part : parts) {
    body +=
        fmt::format("--{}\r\nContent-Disposition: form-data; name=\"{}\"", boundary, part.field);
    if (!part.file_name.empty()) {
      body +=
          fmt::format("; filename=\"{}\"\r\nContent-Type: {}", part.file_name, part.content_type);
    }
    body += "\r\n\r\n" + part.content + "\r\n";
  }
  return body + fmt::format("--{}--\r\n", boundary);
}

Reply post_form(const System& system, const std::string& target, const std::string& body,
                const Headers& headers, const std::string& boundary) {
  return system.send_bytes("POST", target, "multipart/form-data; boundary=" + boundary, body,
                           headers);
}

Reply upload_as(const Person& person, const System& system, const std::vector<FormPart>& parts,
                const std::string& target) {
  return post_form(system, target, form_body(parts), person.bearer());
}

std::string uploaded(const Person& person, const System& system, const std::string& name,
                     const std::string& content) {
  const auto reply = upload_as(person, system, {{name, content}});
  if (reply.status != 200) throw std::runtime_error{"upload: " + reply.body};
  return reply.json().at(0);
}

}  // namespace fechatter::test
