build/x86_64-debug/greeting.o: greeting.c greeting.h
greeting.h:
