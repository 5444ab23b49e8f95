# One folder of the tree is one library target: torc_<folder>, every .cpp below it.
# Includes are written from the top: "core/job.hpp".

add_library(torc_flags INTERFACE)
target_include_directories(torc_flags INTERFACE ${CMAKE_SOURCE_DIR})
target_compile_options(torc_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror)
if(TORC_SANITIZE STREQUAL "address")
  # CAF binds null references in its own headers, so UBSan's null check stays off.
  target_compile_options(torc_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize=null -fno-sanitize-recover=undefined
    -fno-omit-frame-pointer)
  target_link_options(torc_flags INTERFACE -fsanitize=address,undefined)
elseif(TORC_SANITIZE STREQUAL "thread")
  target_compile_options(torc_flags INTERFACE -fsanitize=thread -fno-omit-frame-pointer)
  target_link_options(torc_flags INTERFACE -fsanitize=thread)
endif()

function(torc_folder name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_library(torc_${name} STATIC ${sources})
  target_link_libraries(torc_${name} PUBLIC torc_flags ${ARGN})
endfunction()

# A Boost.Test program: one folder of tests, one executable, one ctest entry.
function(torc_test name)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  add_executable(test_${name} ${sources})
  target_link_libraries(test_${name} PRIVATE ${ARGN} Boost::unit_test_framework)
  target_compile_definitions(test_${name} PRIVATE BOOST_TEST_DYN_LINK
    TORC_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
  add_test(NAME ${name} COMMAND test_${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT 60)
endfunction()
