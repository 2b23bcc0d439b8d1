#pragma once

#include <array>
#include <map>
#include <string>
#include <vector>

namespace fechatter::test {

inline constexpr std::array callers{"owner",     "admin",    "member",    "former",
                                    "colleague", "stranger", "suspended", "anonymous"};

// One line of matrix.txt: a route, its ids, and the expected status for each caller.
struct MatrixLine {
  std::string method;
  std::string path;                             // as in the route table, with its {ids}
  std::string position;                         // "own", "foreign id", "other message_id" …
  std::map<std::string, std::string> path_ids;  // {id} → the name of a target
  std::string query;                            // with '?', or empty; holds ${names}
  std::string body;                             // JSON with ${names}, or empty
  std::array<int, callers.size()> statuses{};
  int number = 0;  // of the line in the file

  std::string route() const { return method + " " + path; }
};

// Throws std::runtime_error that names the malformed line.
std::vector<MatrixLine> read_matrix(const std::string& file);
// The lines of matrix.txt, read once.
const std::vector<MatrixLine>& matrix();

struct MatrixRoute {
  std::string method;
  std::string path;
  bool of_notify = false;

  std::string text() const { return method + " " + path; }
};

// Those of both servers, with the aliases.
std::vector<MatrixRoute> all_routes();

// `text` with every ${name} replaced. Throws std::out_of_range for an unknown name.
std::string filled_in(const std::string& text, const std::map<std::string, std::string>& names);

}  // namespace fechatter::test
