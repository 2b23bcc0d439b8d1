#include "tests/isolation/matrix.hpp"

#include <fstream>
#include <sstream>
#include <stdexcept>

#include "fechatter_server/aliases.hpp"
#include "fechatter_server/routes.hpp"
#include "notify_server/notify_routes.hpp"
#include "tests/support/places.hpp"

namespace fechatter::test {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns;
  std::istringstream rest{line};
  for (std::string column; std::getline(rest, column, '|');) columns.push_back(trimmed(column));
  return columns;
}

// "id=chat member_id=hank ?after=… {…}": the ids, then a query or a body.
void read_arguments(const std::string& text, MatrixLine& line) {
  std::size_t next = 0;
  while (next < text.size()) {
    if (text[next] == '{' || text[next] == '[') {
      line.body = text.substr(next);
      return;
    }
    const auto end = std::min(text.find(' ', next), text.size());
    const auto word = text.substr(next, end - next);
    if (word.starts_with('?')) {
      line.query = word;
    } else if (const auto equals = word.find('='); equals != std::string::npos) {
      line.path_ids[word.substr(0, equals)] = word.substr(equals + 1);
    } else if (word != "-") {
      throw std::runtime_error{word};
    }
    next = end + 1;
  }
}

MatrixLine read_line(const std::string& text, int number) {
  const auto columns = columns_of(text);
  if (columns.size() != 4) throw std::runtime_error{"four columns are needed"};
  MatrixLine line;
  line.number = number;
  std::istringstream route{columns[0]};
  route >> line.method >> line.path;
  line.position = columns[1];
  read_arguments(columns[2], line);
  std::istringstream statuses{columns[3]};
  for (auto& status : line.statuses) {
    if (!(statuses >> status)) throw std::runtime_error{"a status for every caller is needed"};
  }
  return line;
}

}  // namespace

std::vector<MatrixLine> read_matrix(const std::string& file) {
  std::vector<MatrixLine> lines;
  std::ifstream input{file};
  int number = 0;
  for (std::string text; std::getline(input, text);) {
    ++number;
    if (text.empty() || text.starts_with('#')) continue;
    try {
      lines.push_back(read_line(text, number));
    } catch (const std::exception& error) {
      throw std::runtime_error{file + ":" + std::to_string(number) + ": " + error.what()};
    }
  }
  return lines;
}

const std::vector<MatrixLine>& matrix() {
  static const auto lines = read_matrix(source_path("tests/isolation/matrix.txt"));
  return lines;
}

std::vector<MatrixRoute> all_routes() {
  std::vector<MatrixRoute> routes;
  const auto add = [&routes](const auto& rows, bool of_notify) {
    for (const auto& row : rows) {
      routes.push_back({std::string{http::to_string(row.method)}, row.path, of_notify});
    }
  };
  add(server::route_table(), false);
  add(server::alias_table(), false);
  add(notify::route_table(), true);
  return routes;
}

std::string filled_in(const std::string& text, const std::map<std::string, std::string>& names) {
  std::string result;
  std::size_t next = 0;
  while (true) {
    const auto begin = text.find("${", next);
    result.append(text, next, begin - next);
    if (begin == std::string::npos) return result;
    const auto end = text.find('}', begin);
    result += names.at(text.substr(begin + 2, end - begin - 2));
    next = end + 1;
  }
}

}  // namespace fechatter::test
