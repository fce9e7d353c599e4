/* A terminal for tests, as far as the editor uses one: what is on it, and where the cursor stands. What it
 * does not know, and writing into the last column, fail the test. */
#ifndef SUPPORT_SCREEN_H
#define SUPPORT_SCREEN_H

#include <stdbool.h>

#include "base/bytes.h"

#define SCREEN_WIDTH_MAX 81
#define SCREEN_HEIGHT_MAX 24
#define SCREEN_CELL_BYTES 16
#define SCREEN_TEXT_BYTES (SCREEN_HEIGHT_MAX * (SCREEN_WIDTH_MAX * SCREEN_CELL_BYTES + 2) + 1)

struct screen {
    unsigned width, height;
    unsigned row, column;
    bool marks_pastes;
    char cells[SCREEN_HEIGHT_MAX][SCREEN_WIDTH_MAX][SCREEN_CELL_BYTES]; /* "" empty or half of a wide one */
    char text[SCREEN_TEXT_BYTES];
};

void screen_init(struct screen *screen, unsigned width, unsigned height);
void screen_feed(struct screen *screen, struct bytes out);

/* The rows without blanks at their ends, each ended by '\n'; without empty rows at the bottom. The cursor
 * is shown as '_' before the cell it stands on. */
const char *screen_text(struct screen *screen);

#endif
