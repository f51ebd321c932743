build/i686/greeting_test.o: greeting_test.c greeting.h
greeting.h:
