# What the instrumentation costs a job.
add_executable(timing_bench ${CMAKE_CURRENT_LIST_DIR}/timing_bench.cpp)
target_link_libraries(timing_bench PRIVATE torc_actors)
