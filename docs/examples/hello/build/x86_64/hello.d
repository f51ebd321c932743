build/x86_64/hello.o: hello.c greeting.h
greeting.h:
