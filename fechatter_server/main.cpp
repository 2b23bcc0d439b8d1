#include "fechatter_server/command/command_line.hpp"

int main(int argc, char** argv) {
  return fechatter::server::run_command_line(argc, argv);
}
