#pragma once

namespace fechatter::test {

// Mounts from here on are visible to the calling thread, to the threads that it starts and to their
// children only. False without root or the right to it. Once per process; later calls say what the
// first did.
bool has_own_mounts();

}  // namespace fechatter::test
