/* The parts that the command table is made of. For command_table*.c. */
#ifndef CHAT_COMMAND_TABLE_H
#define CHAT_COMMAND_TABLE_H

#include <stddef.h>

#include "chat/command.h"

/* The rows behind those of command_table.c; NULL after the last one. */
const struct command *command_table_people(size_t index);

#endif
