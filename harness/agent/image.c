/* The program's own image; see image.h. */
#include "image.h"
#include "agent.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* No function that is traced has a longer name. */
enum { LONGEST_NAME = 32 };

struct image {
    SIZE_T size;
    BYTE *bytes;
};

/* The image's `size` bytes at that offset, or NULL where it has fewer. */
static const void *within(const struct image *image, ULONG_PTR offset, SIZE_T size)
{
    return offset <= image->size && size <= image->size - offset ? image->bytes + offset : NULL;
}

static BOOL read_part(const struct debuggee *debuggee, struct image *image, ULONG_PTR offset,
                      SIZE_T size)
{
    return offset <= debuggee->size &&
           debuggee_read(debuggee, debuggee->base + offset, image->bytes + offset,
                         min(size, debuggee->size - offset));
}

static const IMAGE_NT_HEADERS *headers(const struct image *image)
{
    const IMAGE_DOS_HEADER *dos = within(image, 0, sizeof *dos);
    return dos ? within(image, (ULONG_PTR)dos->e_lfanew, sizeof(IMAGE_NT_HEADERS)) : NULL;
}

/* Copies it: the headers, and each section by itself, since between two there may be nothing. A
 * section that cannot be read is left as zeros; what lies outside all of them nobody looks for. */
static BOOL read_image(const struct debuggee *debuggee, struct image *image)
{
    IMAGE_DOS_HEADER dos;
    IMAGE_NT_HEADERS nt;
    image->size = debuggee->size + LONGEST_NAME; /* A name may be the last thing in it. */
    image->bytes = allocate(image->size);
    if (!debuggee_read(debuggee, debuggee->base, &dos, sizeof dos) ||
        !debuggee_read(debuggee, debuggee->base + (ULONG_PTR)dos.e_lfanew, &nt, sizeof nt) ||
        !read_part(debuggee, image, 0, nt.OptionalHeader.SizeOfHeaders) || !headers(image))
        return FALSE;
    ULONG_PTR at = (ULONG_PTR)dos.e_lfanew + offsetof(IMAGE_NT_HEADERS, OptionalHeader) +
                   nt.FileHeader.SizeOfOptionalHeader;
    const IMAGE_SECTION_HEADER *section;
    for (WORD i = 0; i < nt.FileHeader.NumberOfSections; i++, at += sizeof *section)
        if ((section = within(image, at, sizeof *section)))
            read_part(debuggee, image, section->VirtualAddress, section->Misc.VirtualSize);
    return TRUE;
}

/* Visits the functions that come from one DLL. */
static void visit_dll(const struct debuggee *debuggee, const struct image *image,
                      const IMAGE_IMPORT_DESCRIPTOR *dll, import_visitor *visit, void *argument)
{
    const ULONG_PTR *entry, *function;
    ULONG_PTR names = dll->OriginalFirstThunk, slot = dll->FirstThunk;
    for (; names && (entry = within(image, names, sizeof *entry)) && *entry;
         names += sizeof *entry, slot += sizeof *entry) {
        /* A name follows a hint of two bytes; the highest bit means an ordinal. */
        const char *name =
            *entry >> (8 * sizeof *entry - 1) ? NULL : within(image, *entry + 2, LONGEST_NAME);
        function = within(image, slot, sizeof *function);
        if (name && function && memchr(name, 0, LONGEST_NAME))
            visit(name, debuggee->base + slot, *function, argument);
    }
}

BOOL image_imports(const struct debuggee *debuggee, import_visitor *visit, void *argument)
{
    struct image image;
    const IMAGE_IMPORT_DESCRIPTOR *dll;
    BOOL ok = read_image(debuggee, &image);
    ULONG_PTR at = ok ? headers(&image)
                            ->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT]
                            .VirtualAddress
                      : 0;
    /* An image that imports nothing has no such table, and one that cannot be read has zeros. */
    ok = ok && (!at || ((dll = within(&image, at, sizeof *dll)) && dll->FirstThunk));
    for (; ok && at && (dll = within(&image, at, sizeof *dll)) && dll->FirstThunk;
         at += sizeof *dll)
        visit_dll(debuggee, &image, dll, visit, argument);
    free(image.bytes);
    return ok;
}
