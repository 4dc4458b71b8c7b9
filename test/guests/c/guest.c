// What a program written in C sees of its system, over wasi-libc. Exports follow the canonical ABI by hand: a string
// comes as address and length, and goes as the address of such a pair.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define EXPORT(name) __attribute__((export_name("test:c/api#" name)))

struct text {
  char *at;
  size_t length;
};

static struct text result;
static char buffer[262144];
static int opened = -1;

__attribute__((export_name("cabi_realloc"))) void *cabi_realloc(void *old, size_t old_size, size_t align, size_t size) {
  (void)old_size;
  (void)align;
  return realloc(old, size == 0 ? 1 : size);
}

static char *string(const char *at, size_t length) {
  char *copy = malloc(length + 1);
  memcpy(copy, at, length);
  copy[length] = 0;
  return copy;
}

static struct text *give(size_t length) {
  result.at = buffer;
  result.length = length;
  return &result;
}

static int failed(int outcome) { return outcome < 0 ? errno : 0; }

static int put(const char *path, int flags, const char *text, size_t length) {
  int file = open(path, O_WRONLY | O_CREAT | flags, 0644);
  if (file < 0) return errno;
  int error = failed((int)write(file, text, length));
  close(file);
  return error;
}

#define PATH char *path = string(path_at, path_length)
#define BOTH PATH; char *other = string(other_at, other_length)

EXPORT("write") int32_t c_write(char *path_at, size_t path_length, char *text, size_t length) {
  PATH;
  return put(path, O_TRUNC, text, length);
}

EXPORT("append") int32_t c_append(char *path_at, size_t path_length, char *text, size_t length) {
  PATH;
  return put(path, O_APPEND, text, length);
}

EXPORT("read") struct text *c_read(char *path_at, size_t path_length) {
  PATH;
  int file = open(path, O_RDONLY);
  if (file < 0) return give((size_t)snprintf(buffer, sizeof buffer, "%s", strerror(errno)));
  size_t length = 0;
  ssize_t count;
  while ((count = read(file, buffer + length, sizeof buffer - length)) > 0) length += (size_t)count;
  close(file);
  return give(length);
}

EXPORT("truncate") int32_t c_truncate(char *path_at, size_t path_length, uint32_t size) {
  PATH;
  return failed(truncate(path, size));
}

EXPORT("make-directory") int32_t c_mkdir(char *path_at, size_t path_length) {
  PATH;
  return failed(mkdir(path, 0755));
}

EXPORT("remove") int32_t c_unlink(char *path_at, size_t path_length) {
  PATH;
  return failed(unlink(path));
}

EXPORT("remove-directory") int32_t c_rmdir(char *path_at, size_t path_length) {
  PATH;
  return failed(rmdir(path));
}

EXPORT("rename") int32_t c_rename(char *path_at, size_t path_length, char *other_at, size_t other_length) {
  BOTH;
  return failed(rename(path, other));
}

EXPORT("link") int32_t c_link(char *path_at, size_t path_length, char *other_at, size_t other_length) {
  BOTH;
  return failed(link(path, other));
}

EXPORT("symlink") int32_t c_symlink(char *path_at, size_t path_length, char *other_at, size_t other_length) {
  BOTH;
  return failed(symlink(path, other));
}

EXPORT("readlink") struct text *c_readlink(char *path_at, size_t path_length) {
  PATH;
  ssize_t length = readlink(path, buffer, sizeof buffer);
  if (length < 0) return give((size_t)snprintf(buffer, sizeof buffer, "%s", strerror(errno)));
  return give((size_t)length);
}

EXPORT("list") struct text *c_list(char *path_at, size_t path_length) {
  PATH;
  DIR *directory = opendir(path);
  if (directory == NULL) return give((size_t)snprintf(buffer, sizeof buffer, "%s", strerror(errno)));
  size_t length = 0;
  struct dirent *entry;
  while ((entry = readdir(directory)) != NULL) {
    if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
    length += (size_t)snprintf(buffer + length, sizeof buffer - length, "%s\n", entry->d_name);
  }
  closedir(directory);
  return give(length);
}

EXPORT("stat") struct text *c_stat(char *path_at, size_t path_length) {
  PATH;
  struct stat found;
  if (lstat(path, &found) < 0) return give((size_t)snprintf(buffer, sizeof buffer, "%s", strerror(errno)));
  const char *kind = S_ISDIR(found.st_mode) ? "directory" : S_ISLNK(found.st_mode) ? "link" : "file";
  return give((size_t)snprintf(buffer, sizeof buffer, "%s %lld %llu %lld.%09ld", kind, (long long)found.st_size,
                               (unsigned long long)found.st_nlink, (long long)found.st_mtim.tv_sec,
                               found.st_mtim.tv_nsec));
}

EXPORT("open") int32_t c_open(char *path_at, size_t path_length) {
  PATH;
  opened = open(path, O_RDONLY);
  return failed(opened);
}

EXPORT("next") struct text *c_next(uint32_t count) {
  ssize_t length = read(opened, buffer, count);
  return give(length < 0 ? 0 : (size_t)length);
}

EXPORT("print") void c_print(char *text, size_t length) {
  fwrite(text, 1, length, stdout);
  fflush(stdout);
}

EXPORT("variable") struct text *c_getenv(char *path_at, size_t path_length) {
  PATH;
  const char *value = getenv(path);
  return give((size_t)snprintf(buffer, sizeof buffer, "%s", value == NULL ? "" : value));
}

EXPORT("now") uint64_t c_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

EXPORT("random") uint64_t c_random(void) {
  uint64_t value;
  getentropy(&value, sizeof value);
  return value;
}

// How long it took.
EXPORT("sleep") uint64_t c_sleep(uint32_t ms) {
  struct timespec begin, end, pause = {ms / 1000, (long)(ms % 1000) * 1000000};
  clock_gettime(CLOCK_MONOTONIC, &begin);
  nanosleep(&pause, NULL);
  clock_gettime(CLOCK_MONOTONIC, &end);
  return (uint64_t)(end.tv_sec - begin.tv_sec) * 1000000000u + (uint64_t)(end.tv_nsec - begin.tv_nsec);
}

EXPORT("quit") void c_quit(int32_t code) { exit(code); }
