/* A few functions for each protocol. */
#include "load/load_dialect.h"

#include <stdio.h>
#include <string.h>

#include "base/attr.h"

/* A text of 400 bytes fits into the 512 of a line with the longest names of clients and rooms that we make,
 * and a host of 63 bytes. */
enum { IRC_PAYLOAD_MAX = 400 };

static bool has(struct bytes line, struct bytes text)
{
    return memmem(line.ptr, line.len, text.ptr, text.len);
}

static void plain_enter(struct buf *out, unsigned client, unsigned room)
{
    /* The pong comes when all else has been done. */
    buf_printf(out, "load%u\n/join #load%u\n/part #lobby\n/set joins off\n/ping\n", client, room);
}

static bool plain_entering(struct bytes line, unsigned room, struct buf *answer)
{
    (void)room, (void)answer;
    return has(line, BYTES("*** pong"));
}

static void plain_say(struct buf *out, unsigned room, struct bytes text)
{
    (void)room;
    buf_put(out, text);
    buf_put_char(out, '\n');
}

static void plain_tell(struct buf *out, unsigned client, struct bytes text)
{
    buf_printf(out, "/msg load%u %.*s\n", client, BYTES_ARG(text));
}

static void raw_enter(struct buf *out, unsigned client, unsigned room)
{
    (void)client;
    buf_printf(out, "load%u\n", room);
}

static bool raw_entering(struct bytes line, unsigned room, struct buf *answer)
{
    (void)room, (void)answer;
    return has(line, BYTES("entered"));
}

static void irc_enter(struct buf *out, unsigned client, unsigned room)
{
    (void)room;
    buf_printf(out, "NICK load%u\r\nUSER load 0 * :load\r\n", client);
}

/* The command of ":source COMMAND parameters"; the parameters are left. The source may be missing. */
static struct bytes irc_command(struct bytes *line)
{
    if (line->len && line->ptr[line->len - 1] == '\r')
        line->len--;
    if (bytes_starts_with(*line, BYTES(":")))
        bytes_cut(line, ' ');
    return bytes_cut(line, ' ');
}

/* No JOIN before the welcome: some servers take their time to register a client. Who is in is told by 366,
 * the end of the names. That of another room is of one that the server lets everybody join; it is left, so
 * that nobody is told who else comes there. */
static bool irc_entering(struct bytes line, unsigned room, struct buf *answer)
{
    struct bytes command = irc_command(&line);
    char own[32];

    if (bytes_eq(command, BYTES("001")))
        buf_printf(answer, "JOIN #load%u\r\n", room);
    if (!bytes_eq(command, BYTES("366")))
        return false;
    bytes_cut(&line, ' '); /* our own name */
    struct bytes joined = bytes_cut(&line, ' ');
    snprintf(own, sizeof(own), "#load%u", room);
    if (bytes_eq(joined, bytes_of(own)))
        return true;
    buf_printf(answer, "PART %.*s\r\n", BYTES_ARG(joined));
    return false;
}

/* A source may have a '~' as marks do. */
static struct bytes irc_text(struct bytes line)
{
    if (!bytes_eq(irc_command(&line), BYTES("PRIVMSG")))
        return (struct bytes){NULL, 0};
    bytes_cut(&line, ' ');
    return bytes_starts_with(line, BYTES(":")) ? bytes_slice(line, 1, line.len) : line;
}

static void irc_say(struct buf *out, unsigned room, struct bytes text)
{
    buf_printf(out, "PRIVMSG #load%u :%.*s\r\n", room, BYTES_ARG(text));
}

static void irc_tell(struct buf *out, unsigned client, struct bytes text)
{
    buf_printf(out, "PRIVMSG load%u :%.*s\r\n", client, BYTES_ARG(text));
}

static void redis_enter(struct buf *out, unsigned client, unsigned room)
{
    (void)client;
    /* With protocol 3 a subscriber may publish, too. */
    buf_printf(out, "HELLO 3\r\nSUBSCRIBE load%u\r\n", room);
}

static bool redis_entering(struct bytes line, unsigned room, struct buf *answer)
{
    (void)room, (void)answer;
    return has(line, BYTES("subscribe"));
}

static void redis_say(struct buf *out, unsigned room, struct bytes text)
{
    int digits = snprintf(NULL, 0, "load%u", room);
    buf_printf(out, "*3\r\n$7\r\nPUBLISH\r\n$%d\r\nload%u\r\n$%zu\r\n%.*s\r\n", digits, room, text.len,
               BYTES_ARG(text));
}

static void nats_enter(struct buf *out, unsigned client, unsigned room)
{
    (void)client;
    buf_printf(out,
               "CONNECT {\"verbose\":false,\"pedantic\":false,\"echo\":false}\r\nSUB load%u 1\r\nPING\r\n",
               room);
}

static bool nats_entering(struct bytes line, unsigned room, struct buf *answer)
{
    (void)room, (void)answer;
    return has(line, BYTES("PONG"));
}

static void nats_say(struct buf *out, unsigned room, struct bytes text)
{
    buf_printf(out, "PUB load%u %zu\r\n%.*s\r\n", room, text.len, BYTES_ARG(text));
}

/* MQTT 3.1.1, quality of service 0. A packet is a type, the length of the rest, and the rest. */
static void mqtt_packet(struct buf *out, unsigned char type, struct bytes head, struct bytes body)
{
    size_t left = head.len + body.len;
    buf_put_char(out, (char)type);
    do {
        unsigned char digit = left % 128;
        left /= 128;
        buf_put_char(out, (char)(left ? digit | 0x80 : digit));
    } while (left);
    buf_put(out, head);
    buf_put(out, body);
}

static void mqtt_text(struct buf *out, const char *text)
{
    size_t len = bytes_of(text).len;
    buf_put_char(out, (char)(len >> 8));
    buf_put_char(out, (char)len);
    buf_put_text(out, text);
}

static void mqtt_publish(struct buf *out, const char *topic, struct bytes text)
{
    struct buf head;
    buf_init(&head, 256);
    mqtt_text(&head, topic);
    mqtt_packet(out, 0x30, buf_bytes(&head), text);
    buf_done(&head);
}

static void mqtt_enter(struct buf *out, unsigned client, unsigned room)
{
    char topic[32], own[32];
    struct buf packet;

    snprintf(topic, sizeof(topic), "load%u", room);
    snprintf(own, sizeof(own), "own%u", client);
    buf_init(&packet, 256);
    mqtt_text(&packet, "MQTT");
    buf_put(&packet, BYTES("\x04\x02\x00\x00")); /* version, clean session, no keep-alive */
    mqtt_text(&packet, own);
    mqtt_packet(out, 0x10, buf_bytes(&packet), (struct bytes){NULL, 0});
    buf_reset(&packet);
    buf_put(&packet, BYTES("\x00\x01"));
    mqtt_text(&packet, topic);
    buf_put_char(&packet, '\0');
    mqtt_text(&packet, own);
    buf_put_char(&packet, '\0');
    mqtt_packet(out, 0x82, buf_bytes(&packet), (struct bytes){NULL, 0});
    buf_done(&packet);
    mqtt_publish(out, own, BYTES("entered\n"));
}

static void mqtt_say(struct buf *out, unsigned room, struct bytes text)
{
    char topic[32], line[4200];

    snprintf(topic, sizeof(topic), "load%u", room);
    int len = snprintf(line, sizeof(line), "%.*s\n", BYTES_ARG(text));
    mqtt_publish(out, topic, (struct bytes){line, (size_t)len});
}

static const struct load_dialect dialects[] = {
    {.name = "plain",
     .help = "mingled, as nc speaks to it",
     .echoes_private = true,
     .leave = "/quit\n",
     .enter = plain_enter,
     .entering = plain_entering,
     .say = plain_say,
     .tell = plain_tell},
    {.name = "irc",
     .help = "mingled and other IRC servers",
     .payload_max = IRC_PAYLOAD_MAX,
     .ping = "PING",
     .pong = "PONG",
     .leave = "QUIT\r\n",
     .enter = irc_enter,
     .entering = irc_entering,
     .say = irc_say,
     .tell = irc_tell,
     .text = irc_text},
    {.name = "raw",
     .help = "bench/baseline.c: the first line is the room",
     .enter = raw_enter,
     .entering = raw_entering,
     .say = plain_say},
    {.name = "redis",
     .help = "Redis and Valkey, publish/subscribe",
     .hears_itself = true,
     .leave = "QUIT\r\n",
     .enter = redis_enter,
     .entering = redis_entering,
     .say = redis_say},
    {.name = "nats",
     .help = "NATS",
     .ping = "PING",
     .pong = "PONG",
     .enter = nats_enter,
     .entering = nats_entering,
     .say = nats_say},
    {.name = "mqtt",
     .help = "MQTT 3.1.1, QoS 0",
     .hears_itself = true,
     .enter = mqtt_enter,
     .entering = raw_entering, /* the text that it has sent to itself */
     .say = mqtt_say},
};

const struct load_dialect *load_dialect_at(unsigned index)
{
    return index < ARRAY_LEN(dialects) ? &dialects[index] : NULL;
}

const struct load_dialect *load_dialect_find(struct bytes name)
{
    for (unsigned i = 0; i < ARRAY_LEN(dialects); i++)
        if (bytes_eq(name, bytes_of(dialects[i].name)))
            return &dialects[i];
    return NULL;
}
