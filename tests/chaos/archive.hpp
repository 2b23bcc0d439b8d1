#pragma once

#include <string>

#include "tests/chaos/report.hpp"

namespace fechatter::chaos {

// Writes the histories and the final state into a folder, one JSON object per line.
void archive(const Result& result, const std::string& folder);

}  // namespace fechatter::chaos
