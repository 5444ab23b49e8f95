# Simulated runners against a real server.
add_executable(server_bench ${CMAKE_CURRENT_LIST_DIR}/server_bench.cpp
  ${CMAKE_CURRENT_LIST_DIR}/server_process.cpp)
target_link_libraries(server_bench PRIVATE torc_cli)
add_dependencies(server_bench generate torc_server)
