# The list of common passwords that fechatter_server refuses, carried inside the binary, so that
# nothing must be found at run time: the bytes of the file between two symbols.
find_file(FECHATTER_COMMON_PASSWORDS password.lst PATHS /usr/share/john NO_DEFAULT_PATH)
if(NOT FECHATTER_COMMON_PASSWORDS)
  message(FATAL_ERROR "password.lst is missing: install john-data (README.md), or set "
                      "FECHATTER_COMMON_PASSWORDS to a list of passwords, one a line")
endif()
set(common_passwords_source ${CMAKE_CURRENT_BINARY_DIR}/common_passwords.s)
file(CONFIGURE OUTPUT ${common_passwords_source} @ONLY CONTENT
  "  .section .rodata
  .global fechatter_common_passwords, fechatter_common_passwords_end
fechatter_common_passwords:
  .incbin \"@FECHATTER_COMMON_PASSWORDS@\"
fechatter_common_passwords_end:
  .byte 0
  .section .note.GNU-stack, \"\", %progbits
")
enable_language(ASM)
set_source_files_properties(${common_passwords_source} PROPERTIES
  LANGUAGE ASM OBJECT_DEPENDS ${FECHATTER_COMMON_PASSWORDS})
