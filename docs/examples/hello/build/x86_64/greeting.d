build/x86_64/greeting.o: greeting.c greeting.h
greeting.h:
