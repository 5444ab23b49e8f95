add_executable(shell_bench ${CMAKE_CURRENT_LIST_DIR}/shell_bench.cpp)
target_link_libraries(shell_bench PRIVATE torc_exec)
