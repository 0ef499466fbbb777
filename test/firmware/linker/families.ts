/**
 * Linker scripts in the style of the usual families of boards, written for the tests: small, but with what makes each
 * family special.
 */

export interface Family {
  readonly name: string;
  readonly script: string;
  /** Further files, by name. */
  readonly files?: Readonly<Record<string, string>>;
  /** Sections of the application beyond the usual, as assembler lines. */
  readonly extra?: string;
  /** What the linker is given besides. */
  readonly options?: readonly string[];
  /** Regions that the model goes into, and what of it goes there. */
  readonly rooms: Readonly<Record<string, string>>;
}

const DISCARD = '/DISCARD/ : { *(.ARM.attributes) *(.comment) }';

export const FAMILIES: readonly Family[] = [
  {
    name: 'STM32CubeMX',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: '.section .ccmram.fast,"aw",%progbits\n.space 300',
    script: `
/* where the core starts */
ENTRY(Reset_Handler)
_estack = ORIGIN(RAM) + LENGTH(RAM); /* the stack grows down from here */
_Min_Heap_Size = 0x200; /* at least so much heap */
_Min_Stack_Size = 0x400; /* at least so much stack */
MEMORY
{
  CCMRAM    (xrw)    : ORIGIN = 0x10000000,   LENGTH = 64K
  RAM    (xrw)    : ORIGIN = 0x20000000,   LENGTH = 16K
  FLASH    (rx)    : ORIGIN = 0x8000000,   LENGTH = 32K
  QSPI    (xrw)    : ORIGIN = 0x90000000,   LENGTH = 16M
}
SECTIONS
{
  .isr_vector : { . = ALIGN(4); KEEP(*(.isr_vector)) . = ALIGN(4); } >FLASH
  .text : { . = ALIGN(4); *(.text) *(.text*) *(.glue_7) *(.eh_frame) KEEP (*(.init)) . = ALIGN(4); _etext = .; } >FLASH
  .rodata : { . = ALIGN(4); *(.rodata) *(.rodata*) . = ALIGN(4); } >FLASH
  .ARM.extab (READONLY) : { *(.ARM.extab* .gnu.linkonce.armextab.*) } >FLASH
  .ARM : { __exidx_start = .; *(.ARM.exidx*) __exidx_end = .; } >FLASH
  .init_array : { PROVIDE_HIDDEN (__init_array_start = .); KEEP (*(SORT(.init_array.*))) KEEP (*(.init_array*)) } >FLASH
  _sidata = LOADADDR(.data);
  .data : { . = ALIGN(4); _sdata = .; *(.data) *(.data*) *(.RamFunc) . = ALIGN(4); _edata = .; } >RAM AT> FLASH
  _siccmram = LOADADDR(.ccmram);
  .ccmram : { . = ALIGN(4); *(.ccmram) *(.ccmram*) . = ALIGN(4); } >CCMRAM AT> FLASH
  . = ALIGN(4);
  .bss : { _sbss = .; *(.bss) *(.bss*) *(COMMON) . = ALIGN(4); _ebss = .; } >RAM
  ._user_heap_stack : { . = ALIGN(8); PROVIDE ( end = . ); . = . + _Min_Heap_Size; . = . + _Min_Stack_Size; . = ALIGN(8); } >RAM
  /DISCARD/ : { *libc.a:( * ) *libm.a:( * ) }
  .ARM.attributes 0 : { *(.ARM.attributes) }
}`,
  },
  {
    name: 'Zephyr',
    rooms: { FLASH: 'constants,code', SRAM: 'variables' },
    extra: '.section .noinit.stack,"aw",%nobits\n.space 512',
    script: `
OUTPUT_FORMAT("elf32-littlearm", "elf32-bigarm", "elf32-littlearm")
_region_min_align = 32;
MEMORY
    {
    FLASH (rx) : ORIGIN = (0x0 + 0x10000), LENGTH = (64*1K - 0x10000 - 0x0 + (1 << ((((4 * 32) <= 4) ? 2 : (((4 * 32) <= 128) ? 16 : 32)))))
    SRAM (wx) : ORIGIN = 0x20000000, LENGTH = (16 * 1K)
    IDT_LIST (wx) : ORIGIN = 0xFFFFF7FF, LENGTH = 2K
    }
ENTRY("Reset_Handler")
SECTIONS
    {
 .rel.plt : { *(.rel.plt) PROVIDE_HIDDEN (__rel_iplt_start = .); *(.rel.iplt) }
 /DISCARD/ : { *(.plt) *(.iplt) }
 __rom_region_start = 0x10000;
 rom_start :
 {
. = 0x0;
. = ALIGN( 1 << LOG2CEIL(4 * 32) );
KEEP(*(.isr_vector))
 } > FLASH
 text : ALIGN_WITH_INPUT
 { __text_region_start = .; *(.text) *(".text.*") *(.glue_7t) . = ALIGN(4); } > FLASH
 __text_region_end = .;
 .ARM.exidx : { *(.ARM.exidx* gnu.linkonce.armexidx.*) } > FLASH
 initlevel : { __init_start = .; KEEP(*(SORT(.z_init_*))) __init_end = .; } > FLASH
 rodata : ALIGN_WITH_INPUT { *(.rodata) *(".rodata.*") . = ALIGN(4); } > FLASH
 __rodata_region_end = ALIGN(32);
 . = 0x20000000;
 _image_ram_start = .;
 datas : ALIGN_WITH_INPUT { __data_start = .; *(.data) *(".data.*") . = ALIGN(4); } > SRAM AT> FLASH
 bss (NOLOAD) : ALIGN_WITH_INPUT { . = ALIGN(4); __bss_start = .; *(.bss) *(".bss.*") *(COMMON) __bss_end = ALIGN(4); } > SRAM AT> SRAM
 noinit (NOLOAD) : { *(.noinit) *(".noinit.*") . = ALIGN(8); } > SRAM AT> SRAM
 _image_ram_end = .;
 _end = .;
 .last_section : { LONG(0xE015E015) } > FLASH
 _flash_used = LOADADDR(.last_section) + SIZEOF(.last_section) - __rom_region_start;
 ${DISCARD}
}`,
  },
  {
    name: 'nRF SDK',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: [
      '.section .heap,"aw",%nobits\n.space 2048',
      '.section .stack,"aw",%nobits\n.space 1024',
      '.section .fs_data.one,"a",%progbits\n.space 64',
    ].join('\n'),
    files: {
      'common.ld': `
SECTIONS
{
  .text : { KEEP(*(.isr_vector)) *(.text*) KEEP(*(.init)) *(.rodata*) . = ALIGN(4); } > FLASH
  .ARM.exidx : { *(.ARM.exidx* .gnu.linkonce.armexidx.*) } > FLASH
  __etext = .;
  .data : AT (__etext) { __data_start__ = .; *(vtable) *(.data*) . = ALIGN(4); __data_end__ = .; } > RAM AT > FLASH
  .bss : { . = ALIGN(4); __bss_start__ = .; *(.bss*) *(COMMON) . = ALIGN(4); __bss_end__ = .; } > RAM
  .heap (COPY) : { __HeapBase = .; __end__ = .; PROVIDE(end = .); KEEP(*(.heap*)) __HeapLimit = .; } > RAM
  .stack_dummy (COPY) : { KEEP(*(.stack*)) } > RAM
  __StackTop = ORIGIN(RAM) + LENGTH(RAM);
  __StackLimit = __StackTop - SIZEOF(.stack_dummy);
  PROVIDE(__stack = __StackTop);
  ASSERT(__StackLimit >= __HeapLimit, "heap and stack meet in RAM")
  ${DISCARD}
}`.replace('AT (__etext) ', ''),
    },
    script: `
SEARCH_DIR(.)
MEMORY
{
  FLASH (rx) : ORIGIN = 0x26000, LENGTH = 0xda00
  RAM (rwx) :  ORIGIN = 0x20002210, LENGTH = 0x4df0
}
SECTIONS
{
  . = ALIGN(4);
  .mem_section_dummy_ram : { }
  .fs_data : { PROVIDE(__start_fs_data = .); KEEP(*(.fs_data*)) PROVIDE(__stop_fs_data = .); } > RAM AT> FLASH
} INSERT AFTER .data;
INCLUDE "common.ld"
`,
  },
  {
    name: 'Pico',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: [
      '.section .boot2,"ax",%progbits\n.space 256',
      '.section .time_critical.isr,"ax",%progbits\n.space 120',
      '.section .stack,"aw",%nobits\n.space 2048',
      '.section .heap,"aw",%nobits\n.space 2048',
      '.section .uninitialized_data.log,"aw",%nobits\n.space 96',
    ].join('\n'),
    script: `
MEMORY
{
    FLASH(rx) : ORIGIN = 0x10000000, LENGTH = 64k
    RAM(rwx) : ORIGIN =  0x20000000, LENGTH = 16k
    SCRATCH_X(rwx) : ORIGIN = 0x20040000, LENGTH = 4k
    SCRATCH_Y(rwx) : ORIGIN = 0x20041000, LENGTH = 4k
}
ENTRY(Reset_Handler)
SECTIONS
{
    .flash_begin : { __flash_binary_start = .; } > FLASH
    .boot2 : { __boot2_start__ = .; KEEP (*(.boot2)) __boot2_end__ = .; } > FLASH
    ASSERT(__boot2_end__ - __boot2_start__ == 256, "the second stage is not 256 bytes")
    .text : {
        __logical_binary_start = .;
        KEEP (*(.isr_vector))
        *(.init)
        /* what the compiler's library has is placed with the variables: (*lib*) */
        *(EXCLUDE_FILE(*libgcc.a: *libc.a:*lib_a-mem*.o *libm.a:) .text*)
        *(.fini)
        . = ALIGN(4);
    } > FLASH
    .rodata : { *(EXCLUDE_FILE(*libgcc.a: *libc.a:*lib_a-mem*.o *libm.a:) .rodata*) . = ALIGN(4); *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.flashdata*))) } > FLASH
    .ARM.extab : { *(.ARM.extab* .gnu.linkonce.armextab.*) } > FLASH
    __exidx_start = .;
    .ARM.exidx : { *(.ARM.exidx* .gnu.linkonce.armexidx.*) } > FLASH
    __exidx_end = .;
    .ram_vector_table (NOLOAD): { *(.ram_vector_table) } > RAM
    .uninitialized_data (NOLOAD): { . = ALIGN(4); *(.uninitialized_data*) } > RAM
    .data : { __data_start__ = .; *(vtable) *(.time_critical*) . = ALIGN(4); *(.data*) . = ALIGN(4); __data_end__ = .; } > RAM AT> FLASH
    __etext = LOADADDR(.data);
    .tbss (NOLOAD) : { . = ALIGN(4); *(.tbss .tbss.* .gnu.linkonce.tb.*) } > RAM
    .bss (NOLOAD) : { . = ALIGN(4); __bss_start__ = .; *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.bss*))) *(COMMON) . = ALIGN(4); __bss_end__ = .; } > RAM
    .heap (NOLOAD): { __end__ = .; end = __end__; KEEP(*(.heap*)) } > RAM
    __HeapLimit = ORIGIN(RAM) + LENGTH(RAM);
    .stack1_dummy (NOLOAD): { *(.stack1*) } > SCRATCH_X
    .stack_dummy (NOLOAD): { KEEP(*(.stack*)) } > SCRATCH_Y
    .flash_end : { PROVIDE(__flash_binary_end = .); } > FLASH =0xaa
    __StackLimit = ORIGIN(RAM) + LENGTH(RAM);
    __StackTop = ORIGIN(SCRATCH_Y) + LENGTH(SCRATCH_Y);
    PROVIDE(__stack = __StackTop);
    ASSERT(__StackLimit >= __HeapLimit, "heap and stack meet")
    ${DISCARD}
}`,
  },
  {
    name: 'ESP',
    rooms: { drom_seg: 'constants', irom_seg: 'code', dram0_0_seg: 'variables' },
    extra: '.section .iram1.isr,"ax",%progbits\n.space 400',
    options: ['--defsym=CONFIG_RESERVED=0x400'],
    script: `
_static_end = DEFINED(CONFIG_RESERVED) ? 0x3fcdc710 - CONFIG_RESERVED : 0x3fcdc710;
MEMORY
{
  iram0_0_seg (RX) : org = 0x40380000, len = _static_end - 0x3fcd8000
  irom_seg (RX) : org = 0x42000020, len = 0x10000 - 0x20
  dram0_0_seg (RW) : org = 0x3fcd8000, len = _static_end - 0x3fcd8000
  drom_seg (R) : org = 0x3c000020, len = 0x8000-0x20
  rtc_slow_seg(RW) : org = 0x50000000, len = 0x2000 - 0x18
}
REGION_ALIAS("default_code_seg", irom_seg);
REGION_ALIAS("default_rodata_seg", drom_seg);
ENTRY(Reset_Handler)
SECTIONS
{
  .iram0.text : { _iram_start = ABSOLUTE(.); KEEP(*(.isr_vector)) *(.iram1 .iram1.*) . = ALIGN(4); } > iram0_0_seg
  .dram0.data : { *(.data .data.*) . = ALIGN(4); } > dram0_0_seg
  .noinit (NOLOAD): { . = ALIGN(4); *(.noinit .noinit.*) } > dram0_0_seg
  .dram0.bss (NOLOAD) : { . = ALIGN (8); _bss_start = ABSOLUTE(.); *(.bss .bss.* COMMON) . = ALIGN (8); _bss_end = ABSOLUTE(.); } > dram0_0_seg
  ASSERT(((_bss_end - ORIGIN(dram0_0_seg)) <= LENGTH(dram0_0_seg)), "variables reach beyond their region")
  .flash.rodata : ALIGN(0x10) { *libnothing.a:(.rodata .rodata.*) *(.rodata .rodata.*) . = ALIGN(4); } > default_rodata_seg
  .flash.text : { *(.text .text.* .literal .literal.*) . = ALIGN(4); } > default_code_seg
  .dram0.heap_start (NOLOAD) : { . = ALIGN (8); _heap_start = ABSOLUTE(.); } > dram0_0_seg
  ${DISCARD}
}`,
  },
  {
    name: 'Arduino',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: [
      '.section .heap,"aw",%nobits\n.space 1536',
      '.section .stack,"aw",%nobits\n.space 1024',
    ].join('\n'),
    script: `
/* a bootloader of 8 KiB in front */
MEMORY
{
  FLASH (rx) : ORIGIN = 0x00000000+0x2000, LENGTH = 0x00010000-0x2000 /* behind the bootloader */
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 0x00004000
}
ENTRY(Reset_Handler)
SECTIONS
{
	.text :
	{
		__text_start__ = .;
		KEEP(*(.sketch_boot))
		. = ALIGN(0x100);
		KEEP(*(.isr_vector))
		*(.text*)
		KEEP(*(.init))
		*crtbegin.o(.ctors)
		*crtbegin?.o(.ctors)
		*(EXCLUDE_FILE(*crtend?.o *crtend.o) .ctors)
		*(SORT(.ctors.*))
		*(.rodata*)
		KEEP(*(.eh_frame*))
	} > FLASH
	.ARM.exidx : { *(.ARM.exidx* .gnu.linkonce.armexidx.*) } > FLASH
	__etext = .;
	.data : { __data_start__ = .; *(vtable) *(.data*) . = ALIGN(4); KEEP(*(.jcr*)) . = ALIGN(16); __data_end__ = .; } > RAM AT> FLASH
	.bss (NOLOAD) : { . = ALIGN(4); *(.bss*) *(COMMON) . = ALIGN(4); } > RAM
	.heap (COPY): { __end__ = .; PROVIDE(end = .); *(.heap*) __HeapLimit = .; } > RAM
	.stack_dummy (COPY): { *(.stack*) } > RAM
	__StackTop = ORIGIN(RAM) + LENGTH(RAM);
	__StackLimit = __StackTop - SIZEOF(.stack_dummy);
	PROVIDE(__ram_end__ = ORIGIN(RAM) + LENGTH(RAM) -1 );
	ASSERT(__StackLimit >= __HeapLimit, "heap and stack meet in RAM")
	${DISCARD}
}`,
  },
  {
    name: 'Renesas',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    extra: [
      '.section .heap.x,"aw",%nobits\n.space 512',
      '.section .stack,"aw",%nobits\n.space 1024',
      '.section .option_setting_ofs0,"a",%progbits\n.space 4',
      '.section .qspi_flash.logo,"a",%progbits\n.space 5000',
    ].join('\n'),
    files: {
      'memory_regions.ld': `
RAM_START = 0x20000000;
RAM_LENGTH = 0x4000;
FLASH_START = 0x00000000;
FLASH_LENGTH = 0x10000;
DATA_FLASH_START = 0x08000000;
DATA_FLASH_LENGTH = 0x2000;
OPTION_SETTING_START = 0x0100A100;
OPTION_SETTING_LENGTH = 0x100;
QSPI_FLASH_START = 0x60000000;
QSPI_FLASH_LENGTH = 0x4000000;
`,
    },
    script: `
INCLUDE memory_regions.ld
/* defaults of what the project may set */
FLASH_IMAGE_START = DEFINED(FLASH_IMAGE_START) ? FLASH_IMAGE_START : FLASH_START;
FLASH_BOOTLOADER_LENGTH = DEFINED(FLASH_BOOTLOADER_LENGTH) ? FLASH_BOOTLOADER_LENGTH : 0;
FLASH_APPLICATION_LENGTH = DEFINED(FLASH_BL_LENGTH_UNKNOWN) ? FLASH_BL_LENGTH_UNKNOWN : FLASH_LENGTH - FLASH_BOOTLOADER_LENGTH;
XIP_SECONDARY = DEFINED(XIP_SECONDARY) ? XIP_SECONDARY : 0;
MEMORY
{
    FLASH (rx) : ORIGIN = XIP_SECONDARY == 1 ? 0x8000 : FLASH_IMAGE_START, LENGTH = XIP_SECONDARY == 1 ? NOWHERE : FLASH_APPLICATION_LENGTH
    RAM (rwx) : ORIGIN = RAM_START, LENGTH = RAM_LENGTH
    DATA_FLASH (rx) : ORIGIN = DATA_FLASH_START, LENGTH = DATA_FLASH_LENGTH
    QSPI_FLASH (rx) : ORIGIN = QSPI_FLASH_START, LENGTH = QSPI_FLASH_LENGTH
    OPTION_SETTING_OFS (r): ORIGIN = OPTION_SETTING_START, LENGTH = OPTION_SETTING_LENGTH == 0 ? 0 : 0x18
}
ENTRY(Reset_Handler)
SECTIONS
{
    .text :
    {
        __tz_FLASH_S = ABSOLUTE(FLASH_START);
        __Vectors = .;
        KEEP(*(.isr_vector))
        __Vectors_End = .;
        /* vectors lie around registers here */
        *(.text*)
        . = ALIGN(8);
        *(.rodata*)
        __usb_dev_descriptor_start_fs = .;
        KEEP(*(.usb_device_desc_fs*))
    } > FLASH = 0xFF
    __exidx_start = .;
    /DISCARD/ : { *(.ARM.exidx* .gnu.linkonce.armexidx.*) }
    __etext = .;
    .data : { __data_start__ = .; . = ALIGN(4); *(vtable) *(.data.*) *(.data) . = ALIGN(4); __data_end__ = .; } > RAM AT > FLASH
    .noinit (NOLOAD): { . = ALIGN(4); KEEP(*(.noinit*)) } > RAM
    .bss : { . = ALIGN(4); __bss_start__ = .; *(.bss*) *(COMMON) . = ALIGN(4); __bss_end__ = .; } > RAM
    .heap (NOLOAD): { . = ALIGN(8); __HeapBase = .; KEEP(*(.heap.*)) end = .; __HeapLimit = .; } > RAM
    .stack_dummy (NOLOAD): { . = ALIGN(8); __StackLimit = .; KEEP(*(.stack)) KEEP(*(.stack*)) __StackTop = .; } > RAM
    PROVIDE(__stack = __StackTop);
    .data_flash : { . = ORIGIN(DATA_FLASH); __Data_Flash_Start = .; KEEP(*(.data_flash*)) } > DATA_FLASH
    .qspi_flash : { . = ORIGIN(QSPI_FLASH); KEEP(*(.qspi_flash*)) } > QSPI_FLASH
    .option_setting_ofs : { __OPTION_SETTING_OFS_Start = .; KEEP(*(.option_setting_ofs0)) . = __OPTION_SETTING_OFS_Start + 0x10; } > OPTION_SETTING_OFS = 0xFF
    ${DISCARD}
}`,
  },
  {
    name: 'libopencm3',
    rooms: { rom: 'constants,code', ram: 'variables' },
    extra: '.section .noinit.log,"aw",%nobits\n.space 100',
    script: `
EXTERN (vector_table)
ENTRY(Reset_Handler)
MEMORY
{
	rom (rx) : ORIGIN = 0x08000000, LENGTH = 64K
	ram (rwx) : ORIGIN = 0x20000000, LENGTH = 20K
}
SECTIONS
{
	.text : {
		*(.isr_vector)	/* vectors first */
		*(.text*)
		. = ALIGN(4);
		*(.rodata*)	/* constants */
		. = ALIGN(4);
	} >rom
	.preinit_array : { . = ALIGN(4); __preinit_array_start = .; KEEP (*(.preinit_array)) } >rom
	.ARM.exidx : { __exidx_start = .; *(.ARM.exidx*) __exidx_end = .; } >rom
	. = ALIGN(4);
	_etext = .;
	.noinit (NOLOAD) : { *(.noinit*) } >ram
	. = ALIGN(4);
	.data : { _data = .; *(.data*) *(.ramtext*) . = ALIGN(4); _edata = .; } >ram AT >rom
	_data_loadaddr = LOADADDR(.data);
	.bss : { *(.bss*) *(COMMON) . = ALIGN(4); _ebss = .; } >ram
	/DISCARD/ : { *(.eh_frame) *(.ARM.attributes) }
	. = ALIGN(4);
	end = .;
}
PROVIDE(_stack = ORIGIN(ram) + LENGTH(ram));
`,
  },
  {
    name: 'Teensy with ITCM and DTCM',
    rooms: { FLASH: 'constants,code', ITCM: 'code', DTCM: 'constants,variables' },
    extra: [
      '.section .progmem.pictures,"a",%progbits\n.space 3000',
      '.section .dmabuffers,"aw",%nobits\n.space 2000',
    ].join('\n'),
    script: `
MEMORY
{
	ITCM (rwx):  ORIGIN = 0x00000000, LENGTH = 24K
	DTCM (rwx):  ORIGIN = 0x20000000, LENGTH = 24K
	RAM (rwx):   ORIGIN = 0x20200000, LENGTH = 16K
	FLASH (rwx): ORIGIN = 0x60000000, LENGTH = 64K
	ERAM (rwx):  ORIGIN = 0x70000000, LENGTH = 16384K
}
ENTRY(Reset_Handler)
SECTIONS
{
	.text.headers : { KEEP(*(.flashconfig)) FILL(0xFF) . = ORIGIN(FLASH) + 0x400; KEEP(*(.isr_vector)) } > FLASH
	.text.progmem : { __start_flash = .; *(.progmem*) . = ALIGN(4); } > FLASH
	.text.itcm : { . = . + 32; *(.fastrun) *(.text*) . = ALIGN(16); } > ITCM AT> FLASH
	.ARM.exidx : { *(.ARM.exidx* .ARM.extab.text* .gnu.linkonce.armexidx.*) } > ITCM AT> FLASH
	.data : { *(.endpoint_queue) *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.rodata*))) *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.data*))) . = ALIGN(4); } > DTCM AT> FLASH
	.bss ALIGN(4) : { *(SORT_BY_ALIGNMENT(SORT_BY_NAME(.bss*))) *(SORT_BY_ALIGNMENT(SORT_BY_NAME(COMMON))) . = ALIGN(32); . = . + 32; } > DTCM
	.bss.dma (NOLOAD) : { *(.hab_log) *(.dmabuffers) . = ALIGN(32); } > RAM
	.bss.extram (NOLOAD) : { *(.externalram) . = ALIGN(32); } > ERAM
	.text.csf : { FILL(0xFF) . = ALIGN(1024); __text_csf_end = .; } > FLASH
	_sdata = ADDR(.data);
	_heap_end = ORIGIN(RAM) + LENGTH(RAM);
	_itcm_block_count = (SIZEOF(.text.itcm) + SIZEOF(.ARM.exidx) + 0x7FFF) >> 15;
	_flexram_bank_config = 0xAAAAAAAA | ((1 << (_itcm_block_count * 2)) - 1);
	_estack = ORIGIN(DTCM) + ((16 - _itcm_block_count) << 15);
	${DISCARD}
}`,
  },
  {
    name: 'bootloader with two slots',
    rooms: { SLOT0: 'constants,code', RAM: 'variables' },
    extra: [
      '.section .image_header,"a",%progbits\n.space 32',
      '.section .image_trailer,"a",%progbits\n.space 16',
    ].join('\n'),
    script: `
__slot_size = 24K;
__header_size = 0x200;
MEMORY
{
  FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 128K
  BOOT (rx) : ORIGIN = 0x08000000, LENGTH = 16K
  SLOT0 (rx) : ORIGIN = ORIGIN(BOOT) + LENGTH(BOOT), LENGTH = __slot_size
  SLOT1 (rx) : ORIGIN = ORIGIN(SLOT0) + LENGTH(SLOT0), LENGTH = __slot_size
  FILES (rw) : ORIGIN = 0x0801C000, LENGTH = 16K
  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K
}
REGION_ALIAS("IMAGE", SLOT0);
ENTRY(Reset_Handler)
SECTIONS
{
  .header : { KEEP(*(.image_header)) . = __header_size; } > IMAGE
  .vectors : { . = ALIGN(256); KEEP(*(.isr_vector)) } > IMAGE
  .text : { *(.text*) *(.rodata*) . = ALIGN(4); } > IMAGE
  .ARM.exidx : { *(.ARM.exidx*) } > IMAGE
  .data : { *(.data*) . = ALIGN(4); } > RAM AT> IMAGE
  .bss : { *(.bss*) *(COMMON) . = ALIGN(4); } > RAM
  .trailer ORIGIN(IMAGE) + LENGTH(IMAGE) - 16 : { KEEP(*(.image_trailer)) } > IMAGE
  .stack ORIGIN(RAM) + LENGTH(RAM) - 2K (NOLOAD) : { . = 2K; } > RAM
  ${DISCARD}
}`,
  },
  {
    name: 'heap and stack to the end of RAM',
    rooms: { FLASH: 'constants,code', RAM: 'variables' },
    script: `
MEMORY { FLASH (rx) : ORIGIN = 0x08000000, LENGTH = 32K  RAM (rwx) : ORIGIN = 0x20000000, LENGTH = 16K }
ENTRY(Reset_Handler)
__stack_size = 2K;
SECTIONS
{
  .text : { KEEP(*(.isr_vector)) *(.text*) *(.rodata*) . = ALIGN(4); } > FLASH
  .ARM.exidx : { *(.ARM.exidx*) } > FLASH
  .data : { *(.data*) . = ALIGN(4); } > RAM AT > FLASH
  .bss : { *(.bss*) *(COMMON) . = ALIGN(8); } > RAM
  .heap (NOLOAD) : { __heap_start = .; . += ORIGIN(RAM) + LENGTH(RAM) - __heap_start - __stack_size; __heap_end = .; } > RAM
  .stack (NOLOAD) : { . = ORIGIN(RAM) + LENGTH(RAM); } > RAM
  ${DISCARD}
}`,
  },
  {
    name: 'external memories first',
    rooms: { ROM: 'constants,code', DTCM: 'variables' },
    extra: [
      '.section .extflash.font,"a",%progbits\n.space 40000',
      '.section .sdram.frame,"aw",%nobits\n.space 60000',
      '.section .eth_rx,"aw",%progbits\n.space 6000',
    ].join('\n'),
    script: `
MEMORY {
  SDRAM (xrw) : ORIGIN = 0xC0000000, LENGTH = 8M
  OSPI (xrw) : ORIGIN = 0x70000000, LENGTH = 64M
  DTCM (xrw) : ORIGIN = 0x20000000, LENGTH = 16K
  RAM_D2 (xrw) : ORIGIN = 0x30000000, LENGTH = 32K
  ROM (rx) : ORIGIN = 0x08000000, LENGTH = 48K
  LITTLEFS (r) : ORIGIN = 0x0800C000, LENGTH = 80K
}
ENTRY(Reset_Handler)
SECTIONS
{
  .extflash : { *(.extflash*) } > OSPI
  .text : { KEEP(*(.isr_vector)) *drivers/*(.text* .rodata*) *(.text*) *(.rodata*) . = ALIGN(4); } > ROM
  .ARM.exidx : { *(.ARM.exidx*) } > ROM
  .data : { *(.data*) . = ALIGN(4); } > DTCM AT > ROM
  .bss : { *(.bss*) *(COMMON) . = ALIGN(8); } > DTCM
  .eth_rx (NOLOAD) : { *(.eth_rx) } > RAM_D2 AT > ROM
  .sdram (NOLOAD) : { *(.sdram*) } > SDRAM
  ${DISCARD}
}`,
  },
];
