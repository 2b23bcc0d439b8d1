#pragma once

namespace fechatter::file {

// Throws Error{storage_full} when `error`, the errno of a failed `call`, says that the disk or its
// quota is used up, and Error{storage_unavailable} otherwise. The reason goes to the log, once a
// second at most, without a path: paths name content.
[[noreturn]] void throw_disk_error(const char* call, int error);

// Logs it as well, without throwing: for destructors.
void log_disk_error(const char* call, int error);

}  // namespace fechatter::file
