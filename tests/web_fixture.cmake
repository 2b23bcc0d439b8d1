# add_web_fixture(TARGET): a fechatter_server that carries the small client of tests/e2e/web_client
# in place of the real one, which TARGET starts (web_fixture_program of tests/support/places.hpp).
find_program(NODE_PROGRAM node REQUIRED)
enable_language(ASM)
function(add_web_fixture target)
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/e2e/web_client)
  set(script ${PROJECT_SOURCE_DIR}/fechatter_server/web/pack.mjs)
  set(pack ${CMAKE_CURRENT_BINARY_DIR}/fixture.pack)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${folder}/*)
  add_custom_command(
    OUTPUT ${pack}
    COMMAND ${NODE_PROGRAM} ${script} ${pack} ${folder}/dist ${folder}/previous
    DEPENDS ${files} ${script}
    COMMENT "Packing the client of the tests"
    VERBATIM)
  # The linker takes these symbols, and leaves those of the library aside.
  string(CONCAT assembly
    "  .section .rodata\n  .global web_pack_begin, web_pack_end\n"
    "web_pack_begin:\n  .incbin \"${pack}\"\nweb_pack_end:\n  .byte 0\n"
    "  .section .note.GNU-stack, \"\", %progbits\n")
  file(CONFIGURE OUTPUT fixture_pack.s CONTENT "${assembly}" @ONLY)
  set_source_files_properties(${CMAKE_CURRENT_BINARY_DIR}/fixture_pack.s PROPERTIES
    LANGUAGE ASM OBJECT_DEPENDS ${pack})
  add_executable(fixture_web_server
    ${PROJECT_SOURCE_DIR}/fechatter_server/main.cpp ${CMAKE_CURRENT_BINARY_DIR}/fixture_pack.s)
  target_link_libraries(fixture_web_server PRIVATE fechatter_command)
  add_dependencies(${target} fixture_web_server)
endfunction()
