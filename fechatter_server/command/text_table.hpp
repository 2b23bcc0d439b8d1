#pragma once

#include <string>
#include <vector>

namespace fechatter::server {

// Rows of cells as lines, each column as wide as its widest cell, two spaces between them. The
// first row is the heading.
std::string text_table(const std::vector<std::vector<std::string>>& rows);

}  // namespace fechatter::server
