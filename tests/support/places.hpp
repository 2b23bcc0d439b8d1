#pragma once

#include <string>
#include <string_view>

// Absolute paths of this clone and of its build. One source file knows them, so that a clone in
// another folder finds all others of the tests in the compiler's cache. Any thread, also before
// main().
namespace fechatter::test {

// A file or folder of the repository, named from its root: source_path("docs/events.md").
std::string source_path(std::string_view path);

// The programs of the build.
std::string server_program();
std::string notify_program();
std::string thumbnailer_program();
// The server with the small client of tests/e2e/web_client in place of the real one.
std::string web_fixture_program();

// What the services of a test run have left for its tests: where PostgreSQL is (scratch_postgres),
// and the URL of the S3-compatible store (scratch_moto).
std::string scratch_file();
std::string moto_file();

}  // namespace fechatter::test
