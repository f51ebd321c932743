build/i686/hello.o: hello.c greeting.h
greeting.h:
