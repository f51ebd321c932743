build/x86_64/greeting_test.o: greeting_test.c greeting.h
greeting.h:
