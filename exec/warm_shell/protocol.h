#ifndef TORC_EXEC_WARM_SHELL_PROTOCOL_H
#define TORC_EXEC_WARM_SHELL_PROTOCOL_H

#include <stdint.h>

/* What the guardian and a warm shell say to each other, one message a packet. Both are built
 * together, so integers go in the host's order. */

/* A request is this, then strings that end in NUL: the file for stdout, the one for stderr, the
 * folder (each empty where there is none), then "bash", "-c", the command, and the environment. */
struct warm_request {
  int64_t tag;
  uint32_t stdout_and_stderr_are_one;
  uint32_t environment_size; /* how many strings */
};

enum warm_answer_kind {
  warm_ready = 1,   /* the shell waits for requests */
  warm_started = 2, /* the job's own process says so, right before it becomes `bash -c` */
  warm_failed = 3   /* no command was run and none will be; `error` says why */
};

struct warm_answer {
  uint32_t kind;
  int32_t error; /* an errno value */
  int64_t tag;
  int64_t pid;
  int64_t start_us; /* wall clock */
};

/* The socket's number in a warm shell, and the longest request that it takes. */
enum { warm_socket = 3, warm_longest_request = 96 * 1024 };

#endif
