// Loaded before the C library: one call of the system fails, as FAIRPOST_FAIL says.
//
// FAIRPOST_FAIL=N:ERRNO fails the N-th call that is counted here (from 0); ERRNO -1 makes a read or
// write short instead. FAIRPOST_CALLS=FILE gets a line "NAME" for each call, written at the exit.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static atomic_long calls;
static long failing = -1;
static int number;
static const char *names[1 << 16];

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

__attribute__((constructor)) static void begin(void) {
  const char *text = getenv("FAIRPOST_FAIL");
  if (text && sscanf(text, "%ld:%d", &failing, &number) != 2) failing = -1;
}

__attribute__((destructor)) static void end(void) {
  const char *path = getenv("FAIRPOST_CALLS");
  if (!path) return;
  int file = REAL(open)(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
  if (file < 0) return;
  long count = calls;
  for (long i = 0; i < count && i < 1 << 16; i++) dprintf(file, "%s\n", names[i] ? names[i] : "?");
  close(file);
}

// 1 where this call is to fail (errno is set), -1 where it is to be short.
static int turn(const char *name) {
  long mine = calls++;
  if (mine < 1 << 16) names[mine] = name;
  if (mine != failing) return 0;
  if (number < 0) return -1;
  errno = number;
  return 1;
}

int open(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  if (turn("open") > 0) return -1;
  return REAL(open)(path, flags, mode);
}
int open64(const char *path, int flags, ...) {
  va_list rest;
  va_start(rest, flags);
  mode_t mode = va_arg(rest, mode_t);
  va_end(rest);
  if (turn("open") > 0) return -1;
  return REAL(open64)(path, flags, mode);
}
ssize_t read(int file, void *bytes, size_t count) {
  int how = turn("read");
  if (how > 0) return -1;
  return REAL(read)(file, bytes, how < 0 && count > 1 ? 1 + count / 3 : count);
}
ssize_t write(int file, const void *bytes, size_t count) {
  int how = turn(file == 2 ? "words" : "write");
  if (how > 0) return -1;
  return REAL(write)(file, bytes, how < 0 && count > 1 ? count / 2 : count);
}
int fsync(int file) { return turn("fsync") > 0 ? -1 : REAL(fsync)(file); }
int rename(const char *from, const char *to) {
  return turn("rename") > 0 ? -1 : REAL(rename)(from, to);
}
int unlink(const char *path) { return turn("unlink") > 0 ? -1 : REAL(unlink)(path); }
int mkdir(const char *path, mode_t mode) { return turn("mkdir") > 0 ? -1 : REAL(mkdir)(path, mode); }
int chmod(const char *path, mode_t mode) { return turn("chmod") > 0 ? -1 : REAL(chmod)(path, mode); }
off_t lseek(int file, off_t to, int from) {
  return turn("lseek") > 0 ? -1 : REAL(lseek)(file, to, from);
}
off64_t lseek64(int file, off64_t to, int from) {
  return turn("lseek") > 0 ? -1 : REAL(lseek64)(file, to, from);
}
int fstat(int file, struct stat *status) {
  return turn("fstat") > 0 ? -1 : REAL(fstat)(file, status);
}
int stat(const char *path, struct stat *status) {
  return turn("stat") > 0 ? -1 : REAL(stat)(path, status);
}
int poll(struct pollfd *files, nfds_t count, int wait) {
  return turn("poll") > 0 ? -1 : REAL(poll)(files, count, wait);
}
