/** Maps of armlink and IAR; written for the tests in the documented forms. */
export const ARMLINK = `Component: Arm Compiler for Embedded 6.19 Tool: armlink [5e73cb00]

==============================================================================

Memory Map of the image

  Image Entry point : 0x08000131

  Load Region LR_IROM1 (Base: 0x08000000, Size: 0x00004970, Max: 0x00010000, ABSOLUTE, COMPRESSED[0x000048bc])

    Execution Region ER_IROM1 (Exec base: 0x08000000, Load base: 0x08000000, Size: 0x000047ac, Max: 0x00010000, ABSOLUTE)

    Exec Addr    Load Addr    Size         Type   Attr      Idx    E Section Name        Object

    0x08000000   0x08000000   0x00000188   Data   RO            3    RESET               startup.o
    0x08000188   0x08000188   0x00000008   Code   RO          131  * !!!main             c_w.l(__main.o)
    0x08000190   0x08000190   0x00000200   Code   RO         3628    .text.meter_run     meter_run.o
    0x08000390   0x08000390   0x00000400   Data   RO         3630    .rodata.meter_weights_blob  meter_weights.o
    0x08000790   0x08000790   0x00000002   PAD

    Execution Region RW_IRAM1 (Exec base: 0x20000000, Load base: 0x080047ac, Size: 0x00000c00, Max: 0x00004000, ABSOLUTE)

    Exec Addr    Load Addr    Size         Type   Attr      Idx    E Section Name        Object

    0x20000000   COMPRESSED   0x000001c4   Data   RW          452    .data               main.o
    0x200001c4        -       0x00000240   Zero   RW         3715    .bss.meter_arena    meter_model.o
    0x20000404        -       0x00000400   Zero   RW            1    STACK               startup.o

==============================================================================

Image component sizes
`;

export const IAR = `###############################################################################
#
# IAR ELF Linker V9.30.1 for ARM
#
###############################################################################

*******************************************************************************
*** PLACEMENT SUMMARY
***

"A0":  place at address 0x800'0000 { ro section .intvec };
"P1":  place in [from 0x800'0000 to 0x800'ffff] { ro };
define block CSTACK with size = 1K, alignment = 8 { };
"P2":  place in [from 0x2000'0000 to 0x2000'3fff] { rw, block CSTACK };
"P3":  place in [from 0x9000'0000 to 0x90ff'ffff] {
          section ExtFlashSection };

  Section              Kind         Address    Size  Object
  -------              ----         -------    ----  ------
"A0":                                         0x150
  .intvec              ro code   0x800'0000   0x150  startup.o [1]
                               - 0x800'0150   0x150

"P1":                                        0x1000
  .text                ro code   0x800'0150   0x800  meter_run.o [1]
  .rodata.a_very_long_name_indeed
                       const     0x800'0950   0x400  meter_weights.o [1]
  .text                ro code   0x800'0d50   0x400  main.o [1]
                               - 0x800'1150  0x1000

"P2", part 1 of 2:                            0x44
  P2-1                        0x2000'0000    0x44  <Init block>
    .data              inited  0x2000'0000    0x44  main.o [1]

"P2", part 2 of 2:                            0x800
  .bss                 zero   0x2000'0044   0x240  meter_model.o [1]
  CSTACK                      0x2000'0440   0x400  <Block>
    CSTACK             uninit 0x2000'0440   0x400  <Block tail>

*******************************************************************************
*** MODULE SUMMARY
***
`;
