/* The exports of greeting.dll. */
#ifndef GREETING_H
#define GREETING_H

#ifdef greeting_EXPORTS /* CMake and meson.build define it while the DLL is compiled. */
#define GREETING_API __declspec(dllexport)
#else
#define GREETING_API __declspec(dllimport)
#endif

#ifdef __cplusplus
extern "C" {
#endif
GREETING_API const char *greeting(void);
#ifdef __cplusplus
}
#endif

#endif
