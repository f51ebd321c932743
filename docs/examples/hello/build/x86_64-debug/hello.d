build/x86_64-debug/hello.o: hello.c greeting.h
greeting.h:
