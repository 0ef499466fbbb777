/*
 * platform_cortex_m4.c - the harness on QEMU's mps2-an386 board: vector table, start-up, semihosting, SysTick.
 *
 * With -icount shift=0 one instruction takes one nanosecond of simulated time, and SysTick runs at the board's 25 MHz:
 * one tick is 40 instructions, the same on every run and every machine.
 */
#include "platform.h"

#include <string.h>

#define INSTRUCTIONS_PER_TICK 40U

#define SYSTICK_CONTROL (*(volatile uint32_t *)0xE000E010U)
#define SYSTICK_RELOAD (*(volatile uint32_t *)0xE000E014U)
#define SYSTICK_VALUE (*(volatile uint32_t *)0xE000E018U)
#define SYSTICK_PERIOD 0x1000000U /* 24 bits */

#define SYS_OPEN 0x01
#define SYS_WRITE0 0x04
#define SYS_READ 0x06
#define SYS_EXIT_EXTENDED 0x20
#define ADP_STOPPED_APPLICATION_EXIT 0x20026U
#define ADP_STOPPED_RUN_TIME_ERROR 0x20023U

/* Defined by the linker script. */
extern uint32_t stack_top[];
extern uint32_t data_source[];
extern uint32_t data_start[];
extern uint32_t data_end[];
extern uint32_t bss_start[];
extern uint32_t bss_end[];

int main(void);
void reset_handler(void);

static int32_t file;
static volatile uint32_t systick_wraps;

static int32_t semihosting(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
    return (int32_t)r0;
}

static void leave(uint32_t reason, uint32_t code)
{
    uint32_t arguments[2];
    arguments[0] = reason;
    arguments[1] = code;
    for (;;) {
        semihosting(SYS_EXIT_EXTENDED, arguments);
    }
}

static size_t bytes_between(const uint32_t *start, const uint32_t *end)
{
    return (size_t)((const char *)end - (const char *)start);
}

void reset_handler(void)
{
    memcpy(data_start, data_source, bytes_between(data_start, data_end));
    memset(bss_start, 0, bytes_between(bss_start, bss_end));
    SYSTICK_RELOAD = SYSTICK_PERIOD - 1U;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = 7; /* processor clock, interrupt, on */
    leave(ADP_STOPPED_APPLICATION_EXIT, (uint32_t)main());
}

static void fault_handler(void)
{
    platform_print("fault\n");
    leave(ADP_STOPPED_RUN_TIME_ERROR, 1);
}

static void systick_handler(void)
{
    systick_wraps++;
}

/* Between reset and SysTick there are only faults and what this program never asks for. */
__attribute__((section(".vectors"), used)) static const struct {
    uint32_t *stack;
    void (*reset)(void);
    void (*others[13])(void);
    void (*systick)(void);
} vectors = {
    stack_top,
    reset_handler,
    {fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler,
     fault_handler, fault_handler, fault_handler, fault_handler, fault_handler, fault_handler},
    systick_handler,
};

void platform_print(const char *text)
{
    semihosting(SYS_WRITE0, text);
}

static uint32_t length(const char *text)
{
    uint32_t n = 0;
    while (text[n] != '\0') {
        n++;
    }
    return n;
}

int platform_open(const char *path)
{
    uintptr_t arguments[3];
    arguments[0] = (uintptr_t)path;
    arguments[1] = 1; /* "rb" */
    arguments[2] = length(path);
    file = semihosting(SYS_OPEN, arguments);
    return file >= 0;
}

int platform_read(void *buffer, size_t bytes)
{
    uintptr_t arguments[3];
    arguments[0] = (uintptr_t)file;
    arguments[1] = (uintptr_t)buffer;
    arguments[2] = bytes;
    return semihosting(SYS_READ, arguments) == 0;
}

uint64_t platform_instructions(void)
{
    uint32_t wraps;
    uint32_t value;
    do {
        wraps = systick_wraps;
        value = SYSTICK_VALUE;
    } while (wraps != systick_wraps);
    return ((uint64_t)wraps * SYSTICK_PERIOD + (SYSTICK_PERIOD - 1U - value)) * INSTRUCTIONS_PER_TICK;
}
