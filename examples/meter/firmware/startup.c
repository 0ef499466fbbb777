/*
 * startup.c - what a Cortex-M4 needs before main: vector table, initialised memory, C library. Yours comes with your
 * board's package; this one suits QEMU's mps2-an386.
 */
#include <stdint.h>
#include <stdlib.h>

/* Defined by the linker script. */
extern uint32_t stack_top[];
extern uint32_t data_source[];
extern uint32_t data_start[];
extern uint32_t data_end[];
extern uint32_t bss_start[];
extern uint32_t bss_end[];

/* Of the C library's semihosting (rdimon). */
extern void initialise_monitor_handles(void);

int main(void);
void reset_handler(void);
void _init(void);
void _fini(void);

/* The C library calls these around main; there is nothing to do. */
void _init(void)
{
}

void _fini(void)
{
}

void reset_handler(void)
{
    const uint32_t *from = data_source;
    uint32_t *to;

    for (to = data_start; to < data_end; to++) {
        *to = *from++;
    }
    for (to = bss_start; to < bss_end; to++) {
        *to = 0;
    }
    initialise_monitor_handles();
    exit(main());
}

static void fault_handler(void)
{
    for (;;) {
    }
}

typedef void (*handler)(void);

struct vector_table {
    uint32_t *stack;
    handler handlers[15];
};

__attribute__((section(".vectors"), used)) static const struct vector_table vectors = {
    stack_top,
    {reset_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, 0, 0, 0, 0, fault_handler,
     fault_handler, 0, fault_handler, fault_handler},
};
