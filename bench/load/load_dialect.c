/* One pair of functions for each protocol. */
#include "load/load_dialect.h"

#include <stdio.h>

#include "base/attr.h"

static void plain_enter(struct buf *out, unsigned client, unsigned room)
{
    /* The pong comes when all else has been done. */
    buf_printf(out, "load%u\n/join #load%u\n/part #lobby\n/set joins off\n/ping\n", client, room);
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

static void irc_enter(struct buf *out, unsigned client, unsigned room)
{
    (void)room;
    buf_printf(out, "NICK load%u\r\nUSER load 0 * :load\r\n", client);
}

/* Not before the welcome: some servers take their time to register a client. */
static void irc_join(struct buf *out, unsigned room)
{
    buf_printf(out, "JOIN #load%u\r\n", room);
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
     .ready = "*** pong",
     .enter = plain_enter,
     .say = plain_say,
     .tell = plain_tell,
     .echoes_private = true,
     .leave = "/quit\n"},
    {.name = "irc",
     .help = "any IRC server",
     .ready = " 366 ",
     .ping = "PING",
     .pong = "PONG",
     .enter = irc_enter,
     .welcome = " 001 ",
     .join = irc_join,
     .say = irc_say,
     .tell = irc_tell,
     .leave = "QUIT\r\n"},
    {.name = "raw",
     .help = "bench/baseline.c: the first line is the room",
     .ready = "entered",
     .enter = raw_enter,
     .say = plain_say},
    {.name = "redis",
     .help = "Redis and Valkey, publish/subscribe",
     .ready = "subscribe",
     .hears_itself = true,
     .enter = redis_enter,
     .say = redis_say,
     .leave = "QUIT\r\n"},
    {.name = "nats",
     .help = "NATS",
     .ready = "PONG",
     .ping = "PING",
     .pong = "PONG",
     .enter = nats_enter,
     .say = nats_say},
    {.name = "mqtt",
     .help = "MQTT 3.1.1, QoS 0",
     .ready = "entered",
     .hears_itself = true,
     .enter = mqtt_enter,
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
