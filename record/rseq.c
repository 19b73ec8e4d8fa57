/* Has the calling thread been off its processor? The kernel clears the rseq_cs pointer that a thread has set when it takes the
 * processor away; glibc has registered the thread's rseq area. Here is where the pointer lies, and what it is set to. */
#include "record/rseq.h"

#include <stddef.h>

const char *tm_rseq_fault = "there are no restartable sequences (rseq): they need Linux 4.18, and glibc 2.35 or later";

#if defined(__linux__) && (defined(__x86_64__) || defined(__aarch64__))

/* glibc 2.35 and later; absent elsewhere. */
extern const ptrdiff_t rseq_offset __asm__("__rseq_offset") __attribute__((weak));
extern const unsigned int rseq_size __asm__("__rseq_size") __attribute__((weak));

/* A critical section of one instruction that nothing runs. In front of where it would abort to stands the architecture's signature,
 * as an instruction that traps. */
#if defined(__x86_64__)
__asm__(".pushsection .text\n"
        ".byte 0x0f, 0xb9, 0x3d\n"
        ".long 0x53053053\n"
        ".globl tm_rseq_abort\n.hidden tm_rseq_abort\ntm_rseq_abort: ud2\n"
        ".globl tm_rseq_start\n.hidden tm_rseq_start\ntm_rseq_start: nop\n"
        ".popsection\n");
#else
__asm__(".pushsection .text\n"
        ".inst 0xd428bc00\n"
        ".globl tm_rseq_abort\n.hidden tm_rseq_abort\ntm_rseq_abort: brk #0\n"
        ".globl tm_rseq_start\n.hidden tm_rseq_start\ntm_rseq_start: nop\n"
        ".popsection\n");
#endif

extern const char tm_rseq_abort[], tm_rseq_start[];

static const struct {
    uint32_t version, flags;
    const void *start;
    uint64_t size;
    const void *abort;
} descriptor __attribute__((aligned(32))) = {0, 0, tm_rseq_start, 1, tm_rseq_abort};

struct area {
    uint32_t cpu_id_start;
    int32_t cpu_id; /* negative: not registered */
    uint64_t rseq_cs;
};

/* The thread's control block, from which glibc says how far away its rseq area is. */
static char *thread_pointer(void)
{
    char *pointer;
#if defined(__x86_64__)
    __asm__("mov %%fs:0, %0" : "=r"(pointer));
#else
    __asm__("mrs %0, tpidr_el0" : "=r"(pointer));
#endif
    return pointer;
}

/* NULL where there is nothing to mark: an older C library, another one, or a kernel that refused
 * to register the area. */
uint64_t *tm_rseq_pointer(void)
{
    if (!&rseq_size || !&rseq_offset || rseq_size == 0)
        return NULL;
    struct area *area = (struct area *)(void *)(thread_pointer() + rseq_offset);
    return __atomic_load_n(&area->cpu_id, __ATOMIC_RELAXED) >= 0 ? &area->rseq_cs : NULL;
}

uint64_t tm_rseq_descriptor(void)
{
    return (uintptr_t)&descriptor;
}

#else

uint64_t *tm_rseq_pointer(void)
{
    return NULL;
}

uint64_t tm_rseq_descriptor(void)
{
    return 0;
}

#endif
