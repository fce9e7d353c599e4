/* The parts that the command table is made of. For command_table*.c. */
#ifndef CHAT_COMMAND_TABLE_H
#define CHAT_COMMAND_TABLE_H

#include <stddef.h>

#include "chat/command.h"

struct command_table {
    const struct command *rows;
    size_t count;
};

/* Behind the rows of command_table.c, in this order. */
extern const struct command_table command_table_room, command_table_server, command_table_people;

#endif
