/* Shows a process the AMX tiles that a virtual machine hides: it has the units, and leaf 0x1D of
   cpuid is empty, by which oneDNN (before its fix of August 2026) wants to know their shapes.

   For measuring only, loaded by LD_PRELOAD. The process traps its own cpuid (arch_prctl,
   ARCH_SET_CPUID). What the processor says is passed on, but for that leaf and the next one, which
   get what all processors with AMX have in common: one palette of 8 tiles of 16 rows of 64 bytes. */
#define _GNU_SOURCE
#include <cpuid.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#define ARCH_SET_CPUID 0x1012
#define TILES 0x1D
#define PRODUCTS 0x1E

typedef int (*Setter)(int, const struct sigaction *, struct sigaction *);

static Setter set; /* the C library's sigaction */
static struct sigaction others;

static void let_cpuid_be(int is_left) { syscall(SYS_arch_prctl, ARCH_SET_CPUID, (long)is_left); }

static void ask(uint32_t leaf, uint32_t subleaf, uint32_t *r) {
    __cpuid_count(leaf, subleaf, r[0], r[1], r[2], r[3]);
    int is_empty = !(r[0] | r[1] | r[2] | r[3]);
    if (leaf == 0 && r[0] < PRODUCTS) r[0] = PRODUCTS;
    if (leaf == TILES && subleaf == 0 && is_empty) r[0] = 1;
    if (leaf == TILES && subleaf == 1 && is_empty)
        r[0] = 1024 << 16 | 8192, r[1] = 8 << 16 | 64, r[2] = 16;
    if (leaf == PRODUCTS && subleaf == 0 && is_empty) r[1] = 64 << 8 | 16;
}

static void on_fault(int number, siginfo_t *info, void *context) {
    greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
    const unsigned char *code = (const unsigned char *)g[REG_RIP];
    if (info->si_code == SI_KERNEL && code[0] == 0x0F && code[1] == 0xA2) {
        uint32_t r[4];
        let_cpuid_be(1);
        ask((uint32_t)g[REG_RAX], (uint32_t)g[REG_RCX], r);
        let_cpuid_be(0);
        g[REG_RAX] = r[0], g[REG_RBX] = r[1], g[REG_RCX] = r[2], g[REG_RDX] = r[3];
        g[REG_RIP] += 2;
        return;
    }
    set(number, &others, NULL); /* it happens again, and comes to whom it belongs */
}

/* Who asks for faults (Python's faulthandler does) gets those that are not of cpuid. */
int sigaction(int number, const struct sigaction *new, struct sigaction *old) {
    if (!set) set = (Setter)dlsym(RTLD_NEXT, "sigaction");
    if (number != SIGSEGV) return set(number, new, old);
    if (old) *old = others;
    if (new) others = *new;
    return 0;
}

__attribute__((constructor)) static void begin(void) {
    struct sigaction own;
    memset(&own, 0, sizeof own);
    own.sa_sigaction = on_fault;
    own.sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK;
    set = (Setter)dlsym(RTLD_NEXT, "sigaction");
    set(SIGSEGV, &own, &others);
    let_cpuid_be(0);
}
