#include "load/traffic.h"

#include <errno.h>
#include <stdlib.h>

enum { DRAIN_PATIENCE_S = 5 };

static const int64_t second_ns = 1000000000;

void traffic_wake(struct traffic *traffic, struct sender *sender)
{
    if (sender->is_idle)
        return;
    sender->is_idle = true;
    sender->next_idle = traffic->idle;
    traffic->idle = sender;
}

/* Whether `peer` counts for the messages of `sender`. */
static bool is_witness(const struct traffic *traffic, const struct peer *peer, const struct sender *sender)
{
    return peer->is_witness && (sender->peer != peer || traffic->load->options->dialect->hears_itself);
}

/* A witness has got the message, or certainly never will. */
static void arrive(struct traffic *traffic, struct sender *sender, uint32_t number)
{
    uint32_t *missing = &sender->missing[number % traffic->window];
    if (*missing && --*missing == 0) {
        sender->on_the_way--;
        traffic_wake(traffic, sender);
    }
}

void traffic_take(struct traffic *traffic, struct peer *peer, const struct mark *mark)
{
    unsigned senders = traffic->load->options->senders;
    uint32_t skipped;

    if (mark->sender >= traffic->sender_count || mark->sender / senders != peer->room)
        return;
    struct sender *sender = &traffic->senders[mark->sender];
    if ((int32_t)(mark->number - sender->next_number) >= 0 ||
        !stream_take(&peer->streams[mark->sender % senders], mark->number, &skipped)) {
        traffic->repeated++;
        return;
    }
    traffic->skipped += skipped;
    if (traffic->measure) {
        traffic->measure->delivered++;
        quantiles_add(&traffic->measure->latency, (uint64_t)traffic->load->now_ns - mark->sent_ns);
    }
    if (!traffic->window || !is_witness(traffic, peer, sender))
        return;
    for (uint32_t i = skipped < traffic->window ? skipped : traffic->window - 1; i > 0; i--)
        arrive(traffic, sender, mark->number - i);
    arrive(traffic, sender, mark->number);
}

struct bytes traffic_text(struct traffic *traffic, uint32_t sender, uint32_t number, int64_t at_ns)
{
    unsigned size = traffic->load->options->payload;
    mark_write((struct mark){.sender = sender, .number = number, .sent_ns = (uint64_t)at_ns}, traffic->text,
               size);
    return (struct bytes){traffic->text, size};
}

static uint32_t count_witnesses(const struct traffic *traffic, const struct sender *sender)
{
    const struct load *load = traffic->load;
    const struct peer *first = &load->peers[(size_t)sender->peer->room * load->options->members];
    uint32_t count = 0;

    for (unsigned i = 0; i < load->options->members; i++)
        count += is_witness(traffic, first + i, sender);
    return count;
}

void traffic_say(struct traffic *traffic, struct sender *sender, int64_t at_ns, struct buf *out)
{
    uint32_t number = sender->next_number++;
    struct bytes text = traffic_text(traffic, (uint32_t)(sender - traffic->senders), number, at_ns);

    traffic->load->options->dialect->say(out, traffic->load->options->first + sender->peer->room, text);
    if (traffic->window) {
        sender->missing[number % traffic->window] = sender->witness_count;
        sender->on_the_way++;
    }
    if (traffic->measure)
        traffic->measure->sent++;
}

/* Everyone who may fills the window, with one write each. */
static void fill_windows(struct traffic *traffic, struct buf *out)
{
    struct sender *sender = traffic->idle;

    traffic->idle = NULL;
    while (sender) {
        struct sender *next = sender->next_idle;
        sender->is_idle = false;
        buf_reset(out);
        while (sender->on_the_way < traffic->window)
            traffic_say(traffic, sender, load_now_ns(), out);
        peer_send(traffic->load, sender->peer, buf_bytes(out));
        sender = next;
    }
}

/* Says what is due; returns when the next is. */
static int64_t say_due(struct traffic *traffic, int64_t began_ns, int64_t until_ns, int64_t *count,
                       struct buf *out)
{
    double interval_ns = (double)second_ns / traffic->load->options->rate;
    int64_t due_ns = began_ns + (int64_t)((double)*count * interval_ns);

    while (due_ns <= load_now_ns() && due_ns < until_ns) {
        struct sender *sender = &traffic->senders[traffic->turn];
        traffic->turn = (traffic->turn + 1) % traffic->sender_count;
        buf_reset(out);
        traffic_say(traffic, sender, due_ns, out);
        if (sender->peer->fd >= 0)
            peer_send(traffic->load, sender->peer, buf_bytes(out));
        due_ns = began_ns + (int64_t)((double)++*count * interval_ns);
    }
    return due_ns;
}

void traffic_run(struct traffic *traffic, const char *label, int64_t until_ns)
{
    struct load *load = traffic->load;
    int64_t began_ns = load_now_ns(), count = 0, now_ns;
    struct buf out;

    buf_init(&out, (size_t)(traffic->window + 1) * (load->options->payload + 256));
    progress_begin(&load->progress, label);
    while ((now_ns = load_now_ns()) < until_ns && !load->failure) {
        int64_t next_ns = now_ns + second_ns / 10 < until_ns ? now_ns + second_ns / 10 : until_ns;
        if (traffic->window) {
            fill_windows(traffic, &out);
        } else {
            int64_t due_ns = say_due(traffic, began_ns, until_ns, &count, &out);
            next_ns = due_ns < next_ns ? due_ns : next_ns;
        }
        load_poll(load, next_ns);
        progress_show(&load->progress, (double)(now_ns - began_ns) / (double)(until_ns - began_ns), now_ns);
    }
    if (!traffic->window)
        say_due(traffic, began_ns, until_ns, &count, &out); /* what the last wait was too long for */
    buf_done(&out);
}

/* What witnesses have not got of all that was sent. */
static uint64_t missing(const struct traffic *traffic)
{
    const struct load *load = traffic->load;
    unsigned senders = load->options->senders;
    uint64_t sum = 0;

    for (size_t i = 0; i < load->peer_count; i++) {
        const struct peer *peer = &load->peers[i];
        for (unsigned k = 0; k < senders; k++) {
            const struct sender *sender = &traffic->senders[peer->room * senders + k];
            if (is_witness(traffic, peer, sender))
                sum += stream_missing(&peer->streams[k], sender->next_number);
        }
    }
    return sum;
}

uint64_t traffic_drain(struct traffic *traffic)
{
    struct load *load = traffic->load;
    uint64_t first = missing(traffic), left = first, before = first;
    int64_t came_ns = load_now_ns();

    progress_begin(&load->progress, "draining");
    while (left > 0 && load_now_ns() - came_ns < DRAIN_PATIENCE_S * second_ns && !load->failure) {
        load_poll(load, load_now_ns() + second_ns / 100);
        left = missing(traffic);
        if (left < before)
            came_ns = load_now_ns();
        before = left;
        progress_show(&load->progress, (double)(first - left) / (double)first, load_now_ns());
    }
    return left + traffic->skipped;
}

void traffic_enter(struct traffic *traffic, struct peer *peer)
{
    unsigned senders = traffic->load->options->senders;
    for (unsigned k = 0; k < senders; k++)
        stream_begin(&peer->streams[k], traffic->senders[peer->room * senders + k].next_number);
}

static int init_sender(struct traffic *traffic, struct sender *sender, struct peer *peer)
{
    sender->peer = peer;
    sender->witness_count = count_witnesses(traffic, sender);
    traffic_wake(traffic, sender);
    sender->missing = calloc(traffic->window + 1, sizeof(*sender->missing));
    return sender->missing ? 0 : -ENOMEM;
}

static void on_message(void *arg, struct peer *peer, const struct mark *mark)
{
    traffic_take(arg, peer, mark);
}

int traffic_init(struct traffic *traffic, struct load *load, unsigned window)
{
    const struct load_options *options = load->options;

    *traffic =
        (struct traffic){.load = load, .sender_count = options->rooms * options->senders, .window = window};
    traffic->senders = calloc(traffic->sender_count, sizeof(*traffic->senders));
    traffic->text = malloc(options->payload);
    if (!traffic->senders || !traffic->text)
        return -ENOMEM;
    for (unsigned i = 0; i < traffic->sender_count; i++) {
        size_t index = (size_t)(i / options->senders) * options->members + i % options->senders;
        if (init_sender(traffic, &traffic->senders[i], &load->peers[index]) < 0)
            return -ENOMEM;
    }
    for (size_t i = 0; i < load->peer_count; i++) {
        struct peer *peer = &load->peers[i];
        if (!peer->streams)
            peer->streams = calloc(options->senders, sizeof(*peer->streams));
        if (!peer->streams)
            return -ENOMEM;
        traffic_enter(traffic, peer);
    }
    load->listener = (struct load_listener){.on_message = on_message, .arg = traffic};
    return 0;
}

void traffic_done(struct traffic *traffic)
{
    traffic->load->listener = (struct load_listener){0};
    for (unsigned i = 0; traffic->senders && i < traffic->sender_count; i++)
        free(traffic->senders[i].missing);
    free(traffic->senders);
    free(traffic->text);
}
