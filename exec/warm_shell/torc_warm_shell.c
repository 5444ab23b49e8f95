/* A loadable builtin that makes a running bash a fork server. Each request becomes a process of its
 * own, a child of the guardian, which enters bash's main() again by the door that bash has for
 * scripts without an interpreter line: it forgets all variables, functions and options, reads
 * the arguments `bash -c COMMAND` and the environment as at its first start, and goes on from there.
 * Nothing of `bash -c` is imitated here. */

#include <config.h>

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <shell.h>

#include <builtins.h>
#include <builtins/common.h>
#include <execute_cmd.h>
#include <unwind_prot.h>
#include <version.h>

#include "exec/warm_shell/protocol.h"

/* Bash exports these and declares them in no header that it installs. */
extern procenv_t subshell_top_level;
extern int subshell_argc;
extern char **subshell_argv;
extern char **subshell_envp;
extern char *the_current_working_directory;
extern void *stream_list;
extern int executing_list;
extern int return_catch_flag;
extern char **environ;

struct request {
  const char *out;
  const char *err;
  const char *folder;
  char *arguments[4];
  char **environment;
  char *end; /* behind the last string */
};

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25
#endif

enum { large_page = 2 * 1024 * 1024 };
/* Code of less than this costs a fault or two. */
enum { much_code = 256 * 1024 };

static char *packet; /* on the heap: the kernel shows no other memory as a command line */
static struct prctl_mm_map layout;
static int *thread_id_place;
static int altered_signals[NSIG];
static int altered_count;

static int answer(const struct warm_answer *what) {
  return send(warm_socket, what, sizeof *what, MSG_NOSIGNAL) == (ssize_t)sizeof *what;
}

static void refuse(int64_t tag, int error) {
  const struct warm_answer no = {warm_failed, error, tag, 0, 0};
  answer(&no);
}

/* Takes a string off the packet, or gives NULL where it is not whole. */
static char *take(char **at, const char *end) {
  char *start = *at;
  char *nul = memchr(start, '\0', (size_t)(end - start));
  if (!nul)
    return NULL;
  *at = nul + 1;
  return start;
}

static int understand(char *at, const char *end, uint32_t variables, struct request *into) {
  into->out = take(&at, end);
  into->err = into->out ? take(&at, end) : NULL;
  into->folder = into->err ? take(&at, end) : NULL;
  if (!into->folder)
    return 0;
  for (int i = 0; i < 3; ++i)
    if (!(into->arguments[i] = take(&at, end)))
      return 0;
  into->arguments[3] = NULL;
  into->environment = calloc((size_t)variables + 1, sizeof(char *));
  if (!into->environment)
    return 0;
  for (uint32_t i = 0; i < variables; ++i)
    if (!(into->environment[i] = take(&at, end)))
      return 0;
  into->end = at;
  return 1;
}

static int write_to(int fd, const char *path) {
  const int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0)
    return errno;
  if (file != fd && dup2(file, fd) < 0)
    return errno;
  if (file != fd)
    close(file);
  return 0;
}

/* The same steps in the same order as for a job that is started with posix_spawn. */
static int settle_files(const struct request *job, int one_file) {
  int failed = write_to(STDOUT_FILENO, *job->out ? job->out : "/dev/null");
  if (!failed && one_file)
    failed = dup2(STDOUT_FILENO, STDERR_FILENO) < 0 ? errno : 0;
  else if (!failed)
    failed = write_to(STDERR_FILENO, job->err);
  if (!failed && *job->folder && chdir(job->folder) != 0)
    failed = errno;
  return failed;
}

/* So that ps and /proc show `bash -c COMMAND` and the environment that it was started with. */
static int show_as(const struct request *job) {
  char *first_variable = job->environment[0] ? job->environment[0] : job->end;
  layout.brk = (unsigned long)sbrk(0);
  layout.arg_start = (unsigned long)job->arguments[0];
  layout.arg_end = layout.env_start = (unsigned long)first_variable;
  layout.env_end = (unsigned long)job->end;
  return prctl(PR_SET_MM, PR_SET_MM_MAP, &layout, sizeof layout, 0) == 0 ? 0 : errno;
}

/* Bash frees these, should the command be a script without an interpreter line itself. */
static char **arguments_to_free(char *const *from) {
  char **copy = malloc(4 * sizeof(char *));
  if (!copy)
    _exit(EX_NOEXEC);
  copy[0] = from[0];
  copy[1] = strdup(from[1]);
  copy[2] = strdup(from[2]);
  copy[3] = NULL;
  if (!copy[1] || !copy[2])
    _exit(EX_NOEXEC);
  return copy;
}

static void become_the_shell(struct request *job) {
  for (int i = 0; i < altered_count; ++i)
    signal(altered_signals[i], SIG_DFL);
  close_range(3, ~0U, 0);
  environ = job->environment;
  subshell_argc = 3;
  subshell_argv = arguments_to_free(job->arguments);
  subshell_envp = job->environment;
  siglongjmp(subshell_top_level, 1);
}

/* What the new process does until it is a shell. It tells of itself, so that there is never a job
 * of which nobody knows: where the guardian has given this warm shell up, nothing is run. */
static void be_the_job(size_t size) {
  struct warm_request head;
  memcpy(&head, packet, sizeof head);
  struct request job;
  int failed = setpgid(0, 0) == 0 ? 0 : errno;
  if (!failed && !understand(packet + sizeof head, packet + size, head.environment_size, &job))
    failed = EBADMSG;
  if (!failed)
    failed = settle_files(&job, head.stdout_and_stderr_are_one != 0);
  if (!failed)
    failed = show_as(&job);
  if (failed) {
    refuse(head.tag, failed);
    _exit(EX_NOEXEC);
  }
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  const struct warm_answer started = {warm_started, 0, head.tag, getpid(),
                                      now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000};
  if (!answer(&started))
    _exit(EX_NOEXEC);
  become_the_shell(&job);
}

/* A fork whose child has our parent for its own: the guardian, as under posix_spawn. */
static pid_t fork_a_sibling(void) {
  return (pid_t)syscall(SYS_clone,
                        CLONE_PARENT | CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | SIGCHLD, NULL,
                        NULL, thread_id_place, NULL);
}

/* What main() does not set anew, since a script without an interpreter line has a fork before it. */
static void forget_this_builtin(void) {
  clear_unwind_protect_list(0);
  reset_parser();
  stream_list = NULL;
  parse_and_execute_level = variable_context = return_catch_flag = 0;
  funcnest = evalnest = sourcenest = sourcelevel = 0;
  executing_list = executing_builtin = indirection_level = 0;
  this_shell_builtin = last_shell_builtin = NULL;
  free(the_current_working_directory);
  the_current_working_directory = NULL;
}

/* Fields 26 to 51 of /proc/self/stat say how this process lies in memory. */
static int read_layout(void) {
  char text[2048];
  const int fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
  if (fd >= 0)
    close(fd);
  if (size <= 0)
    return 0;
  text[size] = '\0';
  char *at = strrchr(text, ')');
  unsigned long field[52] = {0};
  for (int number = 3; at && number < 52; ++number) {
    at = strchr(at + 1, ' ');
    if (at)
      field[number] = strtoul(at + 1, NULL, 10);
  }
  if (!at)
    return 0;
  layout.start_code = field[26];
  layout.end_code = field[27];
  layout.start_stack = field[28];
  layout.start_data = field[45];
  layout.end_data = field[46];
  layout.start_brk = field[47];
  layout.exe_fd = ~0U;
  return 1;
}

/* Adjacent mappings of files with the same protection. An archive of all locales is left alone. */
struct run {
  char *start;
  size_t size;
  int protection;
  int mappings;
};

static size_t find_runs(struct run *runs, size_t most) {
  size_t count = 0;
  char line[1024];
  FILE *maps = fopen("/proc/self/maps", "re");
  while (maps && fgets(line, sizeof line, maps)) {
    unsigned long start, end;
    char flags[5];
    if (sscanf(line, "%lx-%lx %4s", &start, &end, flags) != 3 || !strchr(line, '/') ||
        flags[0] != 'r' || flags[1] != '-' || flags[3] != 'p' || end - start > large_page)
      continue;
    const int protection = PROT_READ | (flags[2] == 'x' ? PROT_EXEC : 0);
    struct run *last = count > 0 ? &runs[count - 1] : NULL;
    if (last && last->start + last->size == (char *)start && last->protection == protection) {
      last->size += end - start;
      ++last->mappings;
    } else if (count < most) {
      runs[count++] = (struct run){(char *)start, end - start, protection, 1};
    }
  }
  if (maps)
    fclose(maps);
  return count;
}

static int pays(const struct run *what) {
  return what->mappings > 1 || ((what->protection & PROT_EXEC) && what->size >= much_code);
}

/* Each process that uses pages of a file maps them in small groups, with a fault for each group,
 * and a fork and an exit cost something for each mapping. Of memory that no file stands behind, a
 * fork takes the page tables over. So what jobs use most is copied, in large pages, and put in its
 * own place. Where any of that is refused, jobs are a little slower. */
static void gather_files(void) {
  struct run runs[32];
  const size_t count = find_runs(runs, sizeof runs / sizeof *runs);
  size_t whole = 0;
  for (size_t i = 0; i < count; ++i)
    whole += pays(&runs[i]) ? runs[i].size : 0;
  whole = (whole + large_page - 1) / large_page * large_page;
  char *room = mmap(NULL, whole + large_page, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED)
    return;
  char *const copies = room + (large_page - (uintptr_t)room % large_page) % large_page;
  char *at = copies;
  for (size_t i = 0; i < count; ++i)
    if (pays(&runs[i]))
      at = (char *)mempcpy(at, runs[i].start, runs[i].size);
  /* In small pages the copies would cost more than they save. */
  const int large = madvise(copies, whole, MADV_COLLAPSE) == 0;
  at = copies;
  for (size_t i = 0; large && i < count; ++i) {
    if (!pays(&runs[i]))
      continue;
    if (mprotect(at, runs[i].size, runs[i].protection) == 0)
      mremap(at, runs[i].size, runs[i].size, MREMAP_MAYMOVE | MREMAP_FIXED, runs[i].start);
    at += runs[i].size;
  }
  munmap(room, whole + large_page);
}

static void find_altered_signals(void) {
  for (int number = 1; number < NSIG; ++number) {
    struct sigaction now;
    if (sigaction(number, NULL, &now) == 0 && now.sa_handler != SIG_DFL)
      altered_signals[altered_count++] = number;
  }
}

static int can_serve(void) {
  /* "... version 5.2.15(1) release GNU" there, "5.2.15(1)-release" here. */
  const char *built_for = strstr(SCCSVERSION, "version ") + strlen("version ");
  if (strncmp(shell_version_string(), built_for, strcspn(built_for, " ")) != 0)
    return 0;
  packet = malloc(warm_longest_request);
  if (!packet || !read_layout())
    return 0;
  /* A request that changes nothing: may this process be shown as another command at all? */
  char *nothing[2] = {packet, NULL};
  packet[0] = packet[1] = '\0';
  const struct request probe = {"", "", "", {packet, NULL}, nothing, packet + 2};
  return prctl(PR_GET_TID_ADDRESS, &thread_id_place, 0, 0, 0) == 0 && show_as(&probe) == 0;
}

/* Bash calls this while it loads the builtin. It does not return. */
int torc_warm_shell_builtin_load(char *name) {
  (void)name;
  if (!can_serve())
    _exit(EX_NOEXEC);
  fcntl(warm_socket, F_SETFD, FD_CLOEXEC);
  find_altered_signals();
  forget_this_builtin();
  gather_files();
  const struct warm_answer ready = {warm_ready, 0, 0, getpid(), 0};
  if (!answer(&ready))
    _exit(EX_NOEXEC);
  for (;;) {
    const ssize_t size = recv(warm_socket, packet, warm_longest_request, 0);
    if (size < 0 && errno == EINTR)
      continue;
    if (size < (ssize_t)sizeof(struct warm_request))
      _exit(0); /* the guardian has gone, or given this shell up */
    const pid_t pid = fork_a_sibling();
    if (pid == 0)
      be_the_job((size_t)size);
    if (pid < 0) {
      const int why = errno;
      int64_t tag;
      memcpy(&tag, packet, sizeof tag);
      refuse(tag, why);
    }
  }
}

/* Bash looks for this before it calls the function above. */
struct builtin torc_warm_shell_struct = {"torc_warm_shell", NULL, 0, NULL, "torc_warm_shell", NULL};
