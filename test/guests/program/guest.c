/* A program as any other, built for WASI preview 1. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

int main(int argc, char **argv) {
  printf("%s %s\n", getenv("GREETING"), argc > 1 ? argv[1] : "nobody");
  FILE *file = fopen("/notes", "w");
  if (file == NULL) return 1;
  fputs("written", file);
  fclose(file);
  char text[16] = {0};
  file = fopen("/notes", "r");
  if (file == NULL || fread(text, 1, sizeof text - 1, file) == 0) return 2;
  fclose(file);
  printf("read: %s\n", text);
  puts(time(NULL) > 1000000000 ? "time passes" : "time stands");
  return 0;
}
