build/i686/greeting.o: greeting.c greeting.h
greeting.h:
